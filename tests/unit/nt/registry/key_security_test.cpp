// The descriptors of keys: given, inherited, changed; opens that are checked against them; who is told.
#include <gtest/gtest.h>

#include "nt/abi.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "nt/security/descriptor.h"
#include "nt/security/token.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_sim;

const test::KernelExport<LONG(HANDLE, SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, ULONG, PULONG)>
    nt_ZwQuerySecurityObject{"ZwQuerySecurityObject"};
const test::KernelExport<LONG(HANDLE, SECURITY_INFORMATION, PSECURITY_DESCRIPTOR)> nt_ZwSetSecurityObject{
    "ZwSetSecurityObject"};

constexpr std::u16string_view top = u"\\Registry\\Machine\\Software\\Guarded";

NTSTATUS create(std::u16string_view path, HANDLE* handle, PSECURITY_DESCRIPTOR descriptor = nullptr) {
    UNICODE_STRING name = unicode_string(path);
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, descriptor);
    return ZwCreateKey(handle, KEY_ALL_ACCESS, &attributes, 0, nullptr, 0, nullptr);
}

security::Bytes all_of(HANDLE key) {
    security::Bytes bytes(512);
    ULONG needed = 0;
    EXPECT_EQ(nt_ZwQuerySecurityObject(
                  key, OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                  bytes.data(), static_cast<ULONG>(bytes.size()), &needed),
              STATUS_SUCCESS);
    bytes.resize(needed);
    return bytes;
}

// Whether somebody may open the key so.
NTSTATUS opens(security::Token& token, std::u16string_view path, ACCESS_MASK access, ULONG check) {
    UNICODE_STRING name = unicode_string(path);
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE | check, nullptr, nullptr);
    const security::Impersonation as(token);
    HANDLE key = nullptr;
    const NTSTATUS status = ZwOpenKey(&key, access, &attributes);
    if (NT_SUCCESS(status)) ZwClose(key);
    return status;
}

TEST(KeySecurity, ADescriptorIsGivenAndInherited) {
    on_sim([] {
        auto given = security::parse_sddl(u"O:SYG:SYD:P(A;CI;GA;;;SY)(A;;GR;;;WD)");
        ASSERT_TRUE(given);
        HANDLE key = nullptr, below = nullptr;
        ASSERT_EQ(create(top, &key, given->data()), STATUS_SUCCESS);
        const security::Bytes own = all_of(key);
        const auto* dacl = security::parts_of(own.data()).dacl;
        ASSERT_TRUE(dacl);
        EXPECT_EQ(dacl->AceCount, 2);
        EXPECT_TRUE(security::parts_of(own.data()).control & SE_DACL_PROTECTED);
        const auto* ace = reinterpret_cast<const ACCESS_ALLOWED_ACE*>(dacl + 1);
        EXPECT_EQ(ace->Mask, ACCESS_MASK{KEY_ALL_ACCESS}) << "generic rights mean those of keys";
        ASSERT_EQ(create(std::u16string(top) + u"\\Sub", &below), STATUS_SUCCESS);
        const security::Bytes inherited = all_of(below);
        dacl = security::parts_of(inherited.data()).dacl;
        ASSERT_TRUE(dacl);
        EXPECT_EQ(dacl->AceCount, 1) << "the entry for containers alone";
        ace = reinterpret_cast<const ACCESS_ALLOWED_ACE*>(dacl + 1);
        EXPECT_TRUE(ace->Header.AceFlags & INHERITED_ACE);
        char bad[sizeof(SECURITY_DESCRIPTOR)] = {9};
        HANDLE none = nullptr;
        EXPECT_EQ(create(u"\\Registry\\Machine\\Software\\Bad", &none, bad), STATUS_UNKNOWN_REVISION);
        EXPECT_FALSE(registry::key_exists("HKLM\\Software\\Bad"));
        ZwClose(below);
        ZwClose(key);
    });
}

TEST(KeySecurity, AChangeIsOfThatKeyAlone) {
    on_sim([] {
        registry::create_key("HKLM\\Software\\Guarded\\Old");
        HANDLE key = nullptr, below = nullptr;
        ASSERT_EQ(create(top, &key), STATUS_SUCCESS);
        auto closed = security::parse_sddl(u"D:P(A;CI;GA;;;SY)");
        EXPECT_EQ(nt_ZwSetSecurityObject(key, DACL_SECURITY_INFORMATION, closed->data()), STATUS_SUCCESS);
        ASSERT_EQ(create(std::u16string(top) + u"\\Old", &below), STATUS_SUCCESS);
        const security::Bytes bytes = all_of(below), own = all_of(key);
        EXPECT_GT(security::parts_of(bytes.data()).dacl->AceCount, 1) << "what it had from above before";
        EXPECT_EQ(security::parts_of(own.data()).dacl->AceCount, 1);
        EXPECT_TRUE(security::parts_of(own.data()).owner) << "what is not named stays";
        ZwClose(below);
        ZwClose(key);
        // The kernel may open it anyhow; whoever is to be checked may not.
        EXPECT_EQ(opens(security::user_token(), top, KEY_READ, 0), STATUS_SUCCESS);
        EXPECT_EQ(opens(security::user_token(), top, KEY_READ, OBJ_FORCE_ACCESS_CHECK), STATUS_ACCESS_DENIED);
        EXPECT_EQ(opens(security::system_token(), top, KEY_READ, OBJ_FORCE_ACCESS_CHECK), STATUS_SUCCESS);
        const auto old = std::u16string(top) + u"\\Old";
        EXPECT_EQ(opens(security::user_token(), old, KEY_READ, OBJ_FORCE_ACCESS_CHECK), STATUS_SUCCESS);
        EXPECT_EQ(opens(security::user_token(), old, KEY_WRITE, OBJ_FORCE_ACCESS_CHECK),
                  STATUS_ACCESS_DENIED);
        EXPECT_EQ(opens(security::administrator_token(), old, KEY_WRITE, OBJ_FORCE_ACCESS_CHECK),
                  STATUS_SUCCESS);
        {
            const security::Impersonation as(security::user_token());
            const std::u16string fresh = old + u"\\New";
            UNICODE_STRING name = unicode_string(fresh);
            OBJECT_ATTRIBUTES attributes;
            InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE | OBJ_FORCE_ACCESS_CHECK,
                                       nullptr, nullptr);
            EXPECT_EQ(ZwCreateKey(&key, KEY_READ, &attributes, 0, nullptr, 0, nullptr), STATUS_ACCESS_DENIED);
        }
        EXPECT_FALSE(registry::key_exists("HKLM\\Software\\Guarded\\Old\\New"));
    });
}

TEST(KeySecurity, AWatcherOfSecurityIsToldOfNothingElse) {
    on_sim([] {
        HANDLE key = nullptr, event = nullptr;
        ASSERT_EQ(create(top, &key), STATUS_SUCCESS);
        ZwCreateEvent(&event, EVENT_ALL_ACCESS, nullptr, SynchronizationEvent, FALSE);
        IO_STATUS_BLOCK block;
        EXPECT_EQ(ZwNotifyChangeKey(key, event, nullptr, nullptr, &block, REG_NOTIFY_CHANGE_SECURITY, FALSE,
                                    nullptr, 0, TRUE),
                  STATUS_PENDING);
        LARGE_INTEGER now = {.QuadPart = 0};
        registry::set_dword("HKLM\\Software\\Guarded", "x", 1);
        EXPECT_EQ(ZwWaitForSingleObject(event, FALSE, &now), STATUS_TIMEOUT);
        auto open = security::parse_sddl(u"D:(A;;GA;;;WD)");
        EXPECT_EQ(nt_ZwSetSecurityObject(key, DACL_SECURITY_INFORMATION, open->data()), STATUS_SUCCESS);
        EXPECT_EQ(ZwWaitForSingleObject(event, FALSE, &now), STATUS_SUCCESS);
        ZwClose(event);
        ZwClose(key);
    });
}

TEST(KeySecurity, TheObjectManagerHasIt) {
    on_sim([] {
        HANDLE key = nullptr;
        ASSERT_EQ(create(top, &key), STATUS_SUCCESS);
        PVOID object = nullptr;
        ASSERT_EQ(ObReferenceObjectByHandle(key, 0, nullptr, KernelMode, &object, nullptr), STATUS_SUCCESS);
        PSECURITY_DESCRIPTOR descriptor = nullptr;
        BOOLEAN allocated = FALSE;
        EXPECT_EQ(ObGetObjectSecurity(object, &descriptor, &allocated), STATUS_SUCCESS);
        ASSERT_TRUE(descriptor);
        EXPECT_TRUE(security::parts_of(descriptor).owner);
        EXPECT_TRUE(security::parts_of(descriptor).dacl);
        ObReleaseObjectSecurity(descriptor, allocated);
        ObfDereferenceObject(object);
        ZwClose(key);
    });
}

}  // namespace
}  // namespace ndiskit::nt
