// References by other names, names and security of objects, tokens, the types that drivers ask for.
#include <gtest/gtest.h>

#include "nt/abi.h"
#include "nt/ke/irql.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::KernelExport;
using test::on_sim;

constexpr ULONG tag = 0x74736554;

template <class T>
T variable(const char* name) {
    return *static_cast<const T*>(test::kernel_export(name));
}

const auto nt_PsInitialSystemProcess = [] { return variable<PEPROCESS>("PsInitialSystemProcess"); };
const auto nt_SeTokenObjectType = [] { return variable<POBJECT_TYPE>("SeTokenObjectType"); };
const auto nt_ExSemaphoreObjectType = [] { return variable<POBJECT_TYPE>("ExSemaphoreObjectType"); };
const auto nt_CmKeyObjectType = [] { return variable<POBJECT_TYPE>("CmKeyObjectType"); };
const KernelExport<void(PACCESS_TOKEN)> nt_PsDereferenceImpersonationToken{"PsDereferenceImpersonationToken"};

TEST(ObjectReference, IsCountedUnderEachName) {
    on_sim([] {
        static int destroyed;
        destroyed = 0;
        _OBJECT_TYPE type = {"Test", [](void* body) { ++destroyed, object::free_body(body); }, nullptr};
        void* const body = object::create(type, 64);
        const KernelExport<LONG_PTR(PVOID)> nt_ObReferenceObject{"ObReferenceObject"};
        const KernelExport<LONG_PTR(PVOID)> nt_ObDereferenceObject{"ObDereferenceObject"};
        const KernelExport<LONG_PTR(PVOID, ULONG)> nt_ObfReferenceObjectWithTag{"ObfReferenceObjectWithTag"};
        const KernelExport<LONG_PTR(PVOID, ULONG)> nt_ObfDereferenceObjectWithTag{
            "ObfDereferenceObjectWithTag"};
        const KIRQL old = raise_irql(DISPATCH_LEVEL);
        EXPECT_EQ(nt_ObReferenceObject(body), 2);
        EXPECT_EQ(nt_ObfReferenceObjectWithTag(body, tag), 3);
        EXPECT_EQ(nt_ObfDereferenceObjectWithTag(body, tag), 2);
        EXPECT_EQ(nt_ObDereferenceObject(body), 1);
        lower_irql(old);
        const HANDLE handle = object::open_handle(body, 1, true);
        void* same = nullptr;
        EXPECT_EQ(ObReferenceObjectByHandleWithTag(handle, 1, &type, KernelMode, tag, &same, nullptr),
                  STATUS_SUCCESS);
        EXPECT_EQ(same, body);
        EXPECT_EQ(
            ObReferenceObjectByHandleWithTag(handle, 1, &object::event_type, KernelMode, tag, &same, nullptr),
            STATUS_OBJECT_TYPE_MISMATCH);
        EXPECT_EQ(ObReferenceObjectByHandleWithTag(nullptr, 1, &type, KernelMode, tag, &same, nullptr),
                  STATUS_INVALID_HANDLE);
        ObDereferenceObjectDeferDelete(body);
        EXPECT_EQ(ZwClose(handle), STATUS_SUCCESS);
        EXPECT_EQ(destroyed, 0);
        ObDereferenceObjectDeferDelete(body);
        LARGE_INTEGER moment{.QuadPart = -10'000};
        while (!destroyed) KeDelayExecutionThread(KernelMode, FALSE, &moment);
        EXPECT_EQ(destroyed, 1) << "later, but it goes";
    });
}

TEST(ObjectReference, NamesFillWhatFits) {
    on_sim([] {
        void* const body = object::create(object::event_type, sizeof(KEVENT));
        alignas(8) char buffer[128];
        auto& information = *reinterpret_cast<OBJECT_NAME_INFORMATION*>(buffer);
        ULONG needed = 0;
        EXPECT_EQ(ObQueryNameString(body, &information, sizeof buffer, &needed), STATUS_SUCCESS);
        EXPECT_EQ(information.Name.Length, 0) << "it has none";
        EXPECT_EQ(information.Name.Buffer, nullptr);
        ASSERT_EQ(object::insert(u"\\BaseNamedObjects\\Ready", body), STATUS_SUCCESS);
        EXPECT_EQ(ObQueryNameString(body, &information, sizeof information, &needed),
                  STATUS_INFO_LENGTH_MISMATCH);
        ASSERT_LE(needed, sizeof buffer);
        EXPECT_EQ(ObQueryNameString(body, &information, needed, &needed), STATUS_SUCCESS);
        EXPECT_EQ(view_of(information.Name), u"\\BaseNamedObjects\\Ready");
        EXPECT_EQ(information.Name.Buffer[information.Name.Length / 2], u'\0');
        PSECURITY_DESCRIPTOR descriptor = &needed;
        BOOLEAN allocated = TRUE;
        EXPECT_EQ(ObGetObjectSecurity(body, &descriptor, &allocated), STATUS_SUCCESS);
        EXPECT_EQ(descriptor, nullptr) << "an event has none";
        EXPECT_FALSE(allocated);
        ObReleaseObjectSecurity(descriptor, allocated);
        object::dereference(body);
    });
}

TEST(ObjectReference, TokensOfTheSystem) {
    on_sim([] {
        const KernelExport<PACCESS_TOKEN(PEPROCESS)> nt_PsReferencePrimaryToken{"PsReferencePrimaryToken"};
        const KernelExport<void(PACCESS_TOKEN)> nt_PsDereferencePrimaryToken{"PsDereferencePrimaryToken"};
        const auto process = nt_PsInitialSystemProcess();
        EXPECT_EQ(process, IoGetCurrentProcess());
        const PACCESS_TOKEN token = nt_PsReferencePrimaryToken(process);
        ASSERT_TRUE(token);
        EXPECT_EQ(object::type_of(token), nt_SeTokenObjectType());
        const int64_t references = object::reference_count(token);
        EXPECT_EQ(nt_PsReferencePrimaryToken(process), token);
        EXPECT_EQ(object::reference_count(token), references + 1);
        nt_PsDereferencePrimaryToken(token);
        EXPECT_EQ(object::reference_count(token), references);
        const KernelExport<PACCESS_TOKEN(PETHREAD, PBOOLEAN, PBOOLEAN, SECURITY_IMPERSONATION_LEVEL*)>
            nt_PsReferenceImpersonationToken{"PsReferenceImpersonationToken"};
        BOOLEAN copy, effective;
        SECURITY_IMPERSONATION_LEVEL level;
        EXPECT_EQ(nt_PsReferenceImpersonationToken(KernelExport<PETHREAD()>{"PsGetCurrentThread"}(), &copy,
                                                   &effective, &level),
                  nullptr)
            << "it impersonates nobody";
        object::reference(token);
        nt_PsDereferenceImpersonationToken(token);
        nt_PsDereferencePrimaryToken(token);
    });
}

TEST(ObjectReference, TypesTellObjectsApart) {
    on_sim([] {
        void* const semaphore = object::create(object::semaphore_type, sizeof(KSEMAPHORE));
        const auto type = nt_ExSemaphoreObjectType();
        EXPECT_EQ(ObReferenceObjectByPointer(semaphore, 0, type, KernelMode), STATUS_SUCCESS);
        EXPECT_EQ(ObReferenceObjectByPointer(semaphore, 0, nt_CmKeyObjectType(), KernelMode),
                  STATUS_OBJECT_TYPE_MISMATCH);
        object::dereference(semaphore);
        object::dereference(semaphore);
    });
}

}  // namespace
}  // namespace ndiskit::nt
