// Drivers that watch handles to processes and threads.
#include "nt/object/handle_filters.h"

#include <gtest/gtest.h>

#include <string>

#include "nt/ke/api.h"
#include "nt/object/api.h"
#include "nt/rtl/unicode.h"
#include "support/nt_machine.h"

extern "C" {
extern POBJECT_TYPE nt_PsProcessType, nt_PsThreadType, nt_ExEventObjectType;
}

namespace ndiskit::nt {
namespace {

using test::on_sim;

std::string calls;
constexpr ACCESS_MASK terminate = 1;

OB_PREOP_CALLBACK_STATUS NTAPI before(PVOID context, POB_PRE_OPERATION_INFORMATION information) {
    calls += static_cast<const char*>(context) + std::string(information->KernelHandle ? "k " : "u ");
    information->CallContext = context;
    information->Parameters->CreateHandleInformation.DesiredAccess &= ~terminate;
    return OB_PREOP_SUCCESS;
}

void NTAPI after(PVOID context, POB_POST_OPERATION_INFORMATION information) {
    EXPECT_EQ(information->CallContext, context);
    EXPECT_EQ(information->ReturnStatus, STATUS_SUCCESS);
    calls += static_cast<const char*>(context) + std::string("- ");
}

struct Registration {
    OB_OPERATION_REGISTRATION operation;
    OB_CALLBACK_REGISTRATION all;
    PVOID handle = nullptr;
    NTSTATUS status;

    Registration(const char* name, std::u16string_view altitude, POBJECT_TYPE* type = &nt_PsProcessType,
                 OB_OPERATION operations = OB_OPERATION_HANDLE_CREATE)
        : operation{type, operations, before, after},
          all{ObGetFilterVersion(), 1, unicode_string(altitude), const_cast<char*>(name), &operation},
          status(ObRegisterCallbacks(&all, &handle)) {}
};

HANDLE open_process(ACCESS_MASK access, ULONG flags) {
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, nullptr, flags, nullptr, nullptr);
    CLIENT_ID id = {.UniqueProcess = PsGetCurrentProcessId(), .UniqueThread = nullptr};
    HANDLE handle = nullptr;
    EXPECT_EQ(ZwOpenProcess(&handle, access, &attributes, &id), STATUS_SUCCESS);
    return handle;
}

ACCESS_MASK access_of(HANDLE handle) {
    PUBLIC_OBJECT_BASIC_INFORMATION information = {};
    EXPECT_EQ(ZwQueryObject(handle, 0, &information, sizeof information, nullptr), STATUS_SUCCESS);
    return information.GrantedAccess;
}

TEST(HandleFilters, AreAskedByAltitudeAndMayTakeAccessAway) {
    on_sim([] {
        calls.clear();
        Registration low("low", u"380000"), high("high", u"380000.5"), long_one("long", u"1000000");
        ASSERT_EQ(low.status, STATUS_SUCCESS);
        ASSERT_EQ(high.status, STATUS_SUCCESS);
        ASSERT_EQ(long_one.status, STATUS_SUCCESS);
        HANDLE handle = open_process(terminate | 0x400, 0);
        EXPECT_EQ(calls, "longu highu lowu low- high- long- ");
        EXPECT_EQ(access_of(handle), 0x400u);
        ZwClose(handle);
        // A handle of the kernel's keeps what it asked for.
        handle = open_process(terminate, OBJ_KERNEL_HANDLE);
        EXPECT_EQ(access_of(handle), terminate);
        ZwClose(handle);
        ObUnRegisterCallbacks(low.handle);
        ObUnRegisterCallbacks(high.handle);
        ObUnRegisterCallbacks(long_one.handle);
        calls.clear();
        ZwClose(open_process(0, 0));
        EXPECT_EQ(calls, "");
    });
}

TEST(HandleFilters, SeeThreadsAndDuplicatesIfTheyWant) {
    on_sim([] {
        calls.clear();
        Registration threads("thread", u"1", &nt_PsThreadType, OB_OPERATION_HANDLE_DUPLICATE);
        ASSERT_EQ(threads.status, STATUS_SUCCESS);
        HANDLE thread = nullptr, duplicate = nullptr;
        ASSERT_EQ(
            ObOpenObjectByPointer(PsGetCurrentThread(), 0, nullptr, 0, nt_PsThreadType, KernelMode, &thread),
            STATUS_SUCCESS);
        EXPECT_EQ(calls, "");
        const HANDLE process = reinterpret_cast<HANDLE>(-1);
        ASSERT_EQ(ZwDuplicateObject(process, thread, process, &duplicate, terminate, 0, 0), STATUS_SUCCESS);
        EXPECT_EQ(calls, "threadu thread- ");
        EXPECT_EQ(access_of(duplicate), 0u);
        ZwClose(thread);
        ZwClose(duplicate);
        ObUnRegisterCallbacks(threads.handle);
    });
}

TEST(HandleFilters, BadRegistrationsAreRefused) {
    on_sim([] {
        Registration first("first", u"5");
        ASSERT_EQ(first.status, STATUS_SUCCESS);
        EXPECT_EQ(Registration("again", u"5").status, STATUS_FLT_INSTANCE_ALTITUDE_COLLISION);
        EXPECT_EQ(Registration("event", u"6", &nt_ExEventObjectType).status, STATUS_INVALID_PARAMETER);
        EXPECT_EQ(Registration("none", u"").status, STATUS_INVALID_PARAMETER);
        EXPECT_EQ(Registration("operations", u"7", &nt_PsProcessType, 4).status, STATUS_INVALID_PARAMETER);
        ObUnRegisterCallbacks(first.handle);
    });
}

}  // namespace
}  // namespace ndiskit::nt
