// Acting as a client, duplicates of tokens and tokens with less, and what no audit policy asks for.
#include <gtest/gtest.h>

#include "nt/ke/thread.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"
#include "nt/security/access.h"
#include "nt/security/client.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

extern "C" {
extern PSE_EXPORTS nt_SeExports;
SECURITY_IMPERSONATION_LEVEL NTAPI SeTokenImpersonationLevel(PACCESS_TOKEN);
}

namespace ndiskit::nt::security {
namespace {

using test::on_sim;

PETHREAD this_thread() { return reinterpret_cast<PETHREAD>(ke::kthread(ke::current_thread())); }
Token& token_of(PACCESS_TOKEN token) { return *static_cast<Token*>(token); }

TEST(Impersonation, LastsUntilTheThreadReverts) {
    on_sim([] {
        EXPECT_EQ(PsImpersonateClient(this_thread(), &user_token(), TRUE, FALSE, SecurityIdentification),
                  STATUS_SUCCESS);
        EXPECT_EQ(&current_token(), &user_token());
        BOOLEAN copy = FALSE, effective = TRUE;
        SECURITY_IMPERSONATION_LEVEL level = SecurityAnonymous;
        PACCESS_TOKEN token = PsReferenceImpersonationToken(this_thread(), &copy, &effective, &level);
        EXPECT_EQ(token, &user_token());
        EXPECT_TRUE(copy);
        EXPECT_FALSE(effective);
        EXPECT_EQ(level, SecurityIdentification);
        PsDereferenceImpersonationToken(token);
        SECURITY_SUBJECT_CONTEXT subject;
        SeCaptureSubjectContextEx(this_thread(), nullptr, &subject);
        EXPECT_EQ(subject.ClientToken, &user_token());
        EXPECT_EQ(subject.ImpersonationLevel, SecurityIdentification);
        SeReleaseSubjectContext(&subject);
        PsRevertToSelf();
        EXPECT_EQ(&current_token(), &system_token());
        PsRevertToSelf();  // again is nothing
        EXPECT_EQ(PsImpersonateClient(this_thread(), &user_token(), TRUE, FALSE, SecurityImpersonation),
                  STATUS_SUCCESS);
        EXPECT_EQ(PsImpersonateClient(this_thread(), nullptr, FALSE, FALSE, SecurityAnonymous),
                  STATUS_SUCCESS);
        EXPECT_EQ(impersonated_token(), nullptr);
    });
}

TEST(ClientSecurity, KeepsWhatAServerNeedsToActAsItsClient) {
    on_sim([] {
        SECURITY_QUALITY_OF_SERVICE qos = {sizeof qos, SecurityImpersonation, FALSE, FALSE};
        SECURITY_CLIENT_CONTEXT client;
        {
            const Impersonation as_user(user_token());
            ASSERT_EQ(SeCreateClientSecurity(this_thread(), &qos, FALSE, &client), STATUS_SUCCESS);
        }
        EXPECT_NE(client.ClientToken, &user_token());  // a copy, as the tracking is static
        EXPECT_FALSE(client.DirectlyAccessClientToken);
        EXPECT_EQ(SeTokenType(client.ClientToken), TokenImpersonation);
        EXPECT_EQ(SeImpersonateClientEx(&client, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(current_token().logon, user_token().logon);
        PsRevertToSelf();
        SeImpersonateClient(&client, this_thread());
        EXPECT_EQ(&current_token(), client.ClientToken);
        PsRevertToSelf();
        ObfDereferenceObject(client.ClientToken);
        qos.ContextTrackingMode = TRUE;
        SECURITY_SUBJECT_CONTEXT subject = {&user_token(), SecurityImpersonation, &system_token(), nullptr};
        ASSERT_EQ(SeCreateClientSecurityFromSubjectContext(&subject, &qos, FALSE, &client), STATUS_SUCCESS);
        EXPECT_EQ(client.ClientToken, &user_token());
        EXPECT_TRUE(client.DirectlyAccessClientToken);
        ObfDereferenceObject(client.ClientToken);
        // What was not delegated does not go to other machines; what only identifies not to other servers.
        EXPECT_EQ(SeCreateClientSecurityFromSubjectContext(&subject, &qos, TRUE, &client),
                  STATUS_BAD_IMPERSONATION_LEVEL);
        subject.ImpersonationLevel = SecurityIdentification;
        EXPECT_EQ(SeCreateClientSecurityFromSubjectContext(&subject, &qos, FALSE, &client),
                  STATUS_BAD_IMPERSONATION_LEVEL);
    });
}

TEST(TokenCopies, AreDuplicatedWithTheLevelAskedFor) {
    const test::KernelExport<LONG(HANDLE, ACCESS_MASK, OBJECT_ATTRIBUTES*, BOOLEAN, TOKEN_TYPE, HANDLE*)>
        nt_NtDuplicateToken{"NtDuplicateToken"};
    on_sim([&] {
        const HANDLE source = object::open_handle(&administrator_token(), TOKEN_ALL_ACCESS);
        SECURITY_QUALITY_OF_SERVICE qos = {sizeof qos, SecurityIdentification, FALSE, FALSE};
        OBJECT_ATTRIBUTES attributes;
        InitializeObjectAttributes(&attributes, nullptr, OBJ_KERNEL_HANDLE, nullptr, nullptr);
        attributes.SecurityQualityOfService = &qos;
        HANDLE copy = nullptr, primary = nullptr;
        ASSERT_EQ(ZwDuplicateToken(source, TOKEN_QUERY, &attributes, FALSE, TokenImpersonation, &copy),
                  STATUS_SUCCESS);
        PVOID body = nullptr;
        ASSERT_EQ(ObReferenceObjectByHandle(copy, 0, nullptr, KernelMode, &body, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(SeTokenImpersonationLevel(body), SecurityIdentification);
        EXPECT_EQ(token_of(body).logon, administrator_token().logon);
        EXPECT_NE(token_of(body).id, administrator_token().id);
        ObfDereferenceObject(body);
        qos.ImpersonationLevel = SecurityImpersonation;  // more than the copy has
        EXPECT_EQ(ZwDuplicateToken(copy, TOKEN_QUERY, &attributes, FALSE, TokenImpersonation, &primary),
                  STATUS_BAD_IMPERSONATION_LEVEL);
        EXPECT_EQ(nt_NtDuplicateToken(copy, TOKEN_QUERY, &attributes, FALSE, TokenPrimary, &primary),
                  STATUS_BAD_IMPERSONATION_LEVEL);
        ASSERT_EQ(nt_NtDuplicateToken(source, TOKEN_QUERY, &attributes, TRUE, TokenPrimary, &primary),
                  STATUS_SUCCESS);
        EXPECT_EQ(nt_NtDuplicateToken(nullptr, TOKEN_QUERY, &attributes, TRUE, TokenPrimary, &copy),
                  STATUS_INVALID_HANDLE);
        PRIVILEGE_SET set = {1, 1, {{{SE_LOAD_DRIVER_PRIVILEGE, 0}, 0}}};
        BOOLEAN held = FALSE;
        EXPECT_EQ(NtPrivilegeCheck(primary, &set, &held), STATUS_SUCCESS);
        EXPECT_TRUE(held);
        set.Privilege[0].Luid.LowPart = SE_TCB_PRIVILEGE;
        EXPECT_EQ(NtPrivilegeCheck(primary, &set, &held), STATUS_SUCCESS);
        EXPECT_FALSE(held);
        for (const HANDLE handle : {source, copy, primary}) ZwClose(handle);
    });
}

TEST(TokenCopies, FilteredOnesMayLess) {
    on_sim([] {
        TOKEN_GROUPS admins = {1, {{nt_SeExports->SeAliasAdminsSid, 0}}},
                     users = {1, {{nt_SeExports->SeAliasUsersSid, 0}}};
        TOKEN_PRIVILEGES load = {1, {{{SE_LOAD_DRIVER_PRIVILEGE, 0}, 0}}};
        PACCESS_TOKEN less = nullptr, restricted = nullptr;
        ASSERT_EQ(SeFilterToken(&administrator_token(), 0, &admins, &load, nullptr, &less), STATUS_SUCCESS);
        EXPECT_FALSE(SeTokenIsAdmin(less));
        EXPECT_TRUE(token_of(less).has_sid(nt_SeExports->SeAliasAdminsSid, true));  // to deny only
        EXPECT_FALSE(token_of(less).has_privilege(SE_LOAD_DRIVER_PRIVILEGE));
        EXPECT_TRUE(token_of(less).has_privilege(SE_DEBUG_PRIVILEGE));
        ObfDereferenceObject(less);
        ASSERT_EQ(SeFilterToken(&administrator_token(), 1, nullptr, nullptr, &users, &restricted),
                  STATUS_SUCCESS);
        EXPECT_EQ(token_of(restricted).privileges.size(), 1u);  // to pass directories
        EXPECT_TRUE(SeTokenIsRestricted(restricted));
        // Both the token and its restricting SIDs must have the access.
        const Bytes for_admins = *parse_sddl(u"O:SYD:(A;;GA;;;BA)"),
                    for_users = *parse_sddl(u"O:SYD:(A;;GR;;;BU)");
        EXPECT_EQ(access_check(for_admins.data(), token_of(restricted), FILE_READ_DATA, file_mapping).status,
                  STATUS_ACCESS_DENIED);
        EXPECT_EQ(access_check(for_users.data(), token_of(restricted), FILE_READ_DATA, file_mapping).status,
                  STATUS_SUCCESS);
        ObfDereferenceObject(restricted);
        users.Groups[0].Attributes = 4;
        EXPECT_EQ(SeFilterToken(&administrator_token(), 0, nullptr, nullptr, &users, &restricted),
                  STATUS_INVALID_PARAMETER);
        EXPECT_EQ(SeFilterToken(&administrator_token(), 8, nullptr, nullptr, nullptr, &restricted),
                  STATUS_INVALID_PARAMETER);
    });
}

TEST(Audit, NobodyAsksForIt) {
    on_sim([] {
        Bytes descriptor = *parse_sddl(u"O:SYD:(A;;GA;;;BA)");
        EXPECT_FALSE(SeAuditingFileEvents(TRUE, descriptor.data()));
        EXPECT_FALSE(SeAuditingFileOrGlobalEvents(TRUE, descriptor.data(), nullptr));
        EXPECT_FALSE(SeAuditingHardLinkEvents(FALSE, descriptor.data()));
        UNICODE_STRING type = unicode_string(u"File");
        BOOLEAN on_close = TRUE;
        SeOpenObjectAuditAlarm(&type, nullptr, nullptr, descriptor.data(), nullptr, FALSE, TRUE, KernelMode,
                               &on_close);
        EXPECT_FALSE(on_close);
        on_close = TRUE;
        SeOpenObjectForDeleteAuditAlarm(&type, nullptr, nullptr, descriptor.data(), nullptr, FALSE, TRUE,
                                        KernelMode, &on_close);
        EXPECT_FALSE(on_close);
        SeDeleteObjectAuditAlarm(nullptr, nullptr);
    });
}

TEST(Identities, AreUniqueAndTheSystemsImageIsTheKernel) {
    on_sim([] {
        LUID first = {}, second = {};
        EXPECT_EQ(ZwAllocateLocallyUniqueId(&first), STATUS_SUCCESS);
        EXPECT_EQ(ZwAllocateLocallyUniqueId(&second), STATUS_SUCCESS);
        EXPECT_NE(first.LowPart, second.LowPart);
        PUNICODE_STRING name = nullptr;
        ASSERT_EQ(SeLocateProcessImageName(nullptr, &name), STATUS_SUCCESS);
        EXPECT_EQ(view_of(*name), u"\\SystemRoot\\System32\\ntoskrnl.exe");
        ExFreePool(name);
    });
}

}  // namespace
}  // namespace ndiskit::nt::security
