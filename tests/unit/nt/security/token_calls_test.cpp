// Tokens and descriptors by handle and by pointer, and what an access in progress carries along.
#include <gtest/gtest.h>

#include <vector>

#include "nt/abi.h"
#include "nt/abi/token.h"
#include "nt/rtl/unicode.h"
#include "nt/security/access.h"
#include "nt/security/access_state.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

extern "C" {
extern PSE_EXPORTS nt_SeExports;
extern POBJECT_TYPE nt_SeTokenObjectType;
NTSTATUS NTAPI RtlSetSaclSecurityDescriptor(PSECURITY_DESCRIPTOR, BOOLEAN, PACL, BOOLEAN);
void NTAPI SeSetAccessStateGenericMapping(PACCESS_STATE, PGENERIC_MAPPING);
SECURITY_IMPERSONATION_LEVEL NTAPI SeTokenImpersonationLevel(PACCESS_TOKEN);
}

namespace ndiskit::nt::security {
namespace {

using test::KernelExport;
using test::on_sim;
const HANDLE this_process = reinterpret_cast<HANDLE>(int64_t{-1}),
             this_thread = reinterpret_cast<HANDLE>(int64_t{-2});

TEST(TokenCalls, TellKindLogonSessionAndRestriction) {
    on_sim([] {
        EXPECT_EQ(SeTokenType(&system_token()), TokenPrimary);
        EXPECT_EQ(SeTokenType(&user_token()), TokenImpersonation);
        EXPECT_EQ(SeTokenImpersonationLevel(&user_token()), SecurityImpersonation);
        EXPECT_FALSE(SeTokenIsRestricted(&user_token()));
        LUID logon = {};
        EXPECT_EQ(SeQueryAuthenticationIdToken(&system_token(), &logon), STATUS_SUCCESS);
        EXPECT_EQ(logon.LowPart, 0x3E7u);  // the local system's session
        ULONG session = 9;
        EXPECT_EQ(SeQuerySessionIdToken(&system_token(), &session), STATUS_SUCCESS);
        EXPECT_EQ(session, 0u);
    });
}

template <class... Parameters>
using Call = KernelExport<LONG(Parameters...)>;
const Call<HANDLE, ACCESS_MASK, HANDLE*> nt_NtOpenProcessToken{"NtOpenProcessToken"},
    nt_ZwOpenProcessToken{"ZwOpenProcessToken"};
const Call<HANDLE, ACCESS_MASK, ULONG, HANDLE*> nt_NtOpenProcessTokenEx{"NtOpenProcessTokenEx"};
const Call<HANDLE, ACCESS_MASK, BOOLEAN, HANDLE*> nt_NtOpenThreadToken{"NtOpenThreadToken"},
    nt_ZwOpenThreadToken{"ZwOpenThreadToken"};
const Call<HANDLE, ACCESS_MASK, BOOLEAN, ULONG, HANDLE*> nt_NtOpenThreadTokenEx{"NtOpenThreadTokenEx"};
const Call<HANDLE, int, PVOID, ULONG, ULONG*> nt_NtQueryInformationToken{"NtQueryInformationToken"};

ULONG logon_of(HANDLE token) {
    TOKEN_STATISTICS statistics = {};
    ULONG size = 0;
    EXPECT_EQ(nt_NtQueryInformationToken(token, TokenStatistics, &statistics, sizeof statistics, &size),
              STATUS_SUCCESS);
    PVOID body = nullptr;
    EXPECT_EQ(ObReferenceObjectByHandle(token, TOKEN_QUERY, nt_SeTokenObjectType, KernelMode, &body, nullptr),
              STATUS_SUCCESS);
    ObfDereferenceObject(body);
    EXPECT_EQ(ZwClose(token), STATUS_SUCCESS);
    return statistics.AuthenticationId.LowPart;
}

TEST(TokenCalls, OpenTheProcessesTokenAndTheClients) {
    on_sim([] {
        HANDLE token = nullptr;
        ASSERT_EQ(nt_NtOpenProcessToken(this_process, TOKEN_QUERY, &token), STATUS_SUCCESS);
        EXPECT_EQ(logon_of(token), 0x3E7u);
        ASSERT_EQ(nt_ZwOpenProcessToken(this_process, TOKEN_QUERY, &token), STATUS_SUCCESS);
        EXPECT_EQ(logon_of(token), 0x3E7u);
        ASSERT_EQ(nt_NtOpenProcessTokenEx(this_process, TOKEN_QUERY, OBJ_KERNEL_HANDLE, &token),
                  STATUS_SUCCESS);
        EXPECT_LT(reinterpret_cast<intptr_t>(token), 0);  // a kernel handle
        EXPECT_EQ(logon_of(token), 0x3E7u);
        EXPECT_EQ(nt_NtOpenProcessTokenEx(this_thread, TOKEN_QUERY, 0, &token), STATUS_OBJECT_TYPE_MISMATCH);
        EXPECT_EQ(nt_NtOpenThreadToken(this_thread, TOKEN_QUERY, TRUE, &token), STATUS_NO_TOKEN);
        EXPECT_EQ(nt_ZwOpenThreadToken(this_thread, TOKEN_QUERY, TRUE, &token), STATUS_NO_TOKEN);
        const Impersonation as_user(user_token());
        const ULONG user_logon = user_token().logon;
        ASSERT_EQ(nt_NtOpenThreadToken(this_thread, TOKEN_QUERY, TRUE, &token), STATUS_SUCCESS);
        EXPECT_EQ(logon_of(token), user_logon);
        ASSERT_EQ(nt_ZwOpenThreadToken(this_thread, TOKEN_QUERY, TRUE, &token), STATUS_SUCCESS);
        EXPECT_EQ(logon_of(token), user_logon);
        ASSERT_EQ(nt_NtOpenThreadTokenEx(this_thread, TOKEN_QUERY, FALSE, OBJ_KERNEL_HANDLE, &token),
                  STATUS_SUCCESS);
        EXPECT_EQ(logon_of(token), user_logon);
        EXPECT_EQ(nt_NtQueryInformationToken(token, TokenUser, nullptr, 0, nullptr), STATUS_INVALID_HANDLE);
    });
}

TEST(TokenCalls, GenericRightsBecomeTheObjectsOwn) {
    GENERIC_MAPPING mapping = {1, 2, 4, 0xFF};
    ACCESS_MASK mask = GENERIC_READ | GENERIC_EXECUTE | 0x100;
    RtlMapGenericMask(&mask, &mapping);
    EXPECT_EQ(mask, 0x105u);
    mask = GENERIC_ALL;
    RtlMapGenericMask(&mask, &mapping);
    EXPECT_EQ(mask, 0xFFu);
}

TEST(SaclCalls, PutAListIntoADescriptor) {
    SECURITY_DESCRIPTOR descriptor;
    ASSERT_EQ(RtlCreateSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION), STATUS_SUCCESS);
    alignas(4) char memory[64];
    auto* const sacl = reinterpret_cast<PACL>(memory);
    ASSERT_EQ(RtlCreateAcl(sacl, sizeof memory, ACL_REVISION), STATUS_SUCCESS);
    EXPECT_EQ(RtlSetSaclSecurityDescriptor(&descriptor, TRUE, sacl, TRUE), STATUS_SUCCESS);
    BOOLEAN present = FALSE, defaulted = FALSE;
    PACL found = nullptr;
    EXPECT_EQ(RtlGetSaclSecurityDescriptor(&descriptor, &present, &found, &defaulted), STATUS_SUCCESS);
    EXPECT_TRUE(present);
    EXPECT_TRUE(defaulted);
    EXPECT_EQ(found, sacl);
    EXPECT_EQ(RtlSetSaclSecurityDescriptor(&descriptor, FALSE, nullptr, FALSE), STATUS_SUCCESS);
    EXPECT_EQ(RtlGetSaclSecurityDescriptor(&descriptor, &present, &found, &defaulted), STATUS_SUCCESS);
    EXPECT_FALSE(present);
    descriptor.Revision = 9;
    EXPECT_EQ(RtlSetSaclSecurityDescriptor(&descriptor, TRUE, sacl, FALSE), STATUS_UNKNOWN_REVISION);
    Bytes relative = *parse_sddl(u"O:BAG:BAD:P");
    EXPECT_EQ(RtlSetSaclSecurityDescriptor(relative.data(), TRUE, sacl, FALSE),
              STATUS_INVALID_SECURITY_DESCR);
}

PPRIVILEGE_SET fill(std::vector<char>& memory, std::vector<ULONG> numbers) {
    memory.resize(sizeof(PRIVILEGE_SET) + numbers.size() * sizeof(LUID_AND_ATTRIBUTES));
    auto* const set = reinterpret_cast<PPRIVILEGE_SET>(memory.data());
    *set = {0, 0, {}};
    for (const ULONG number : numbers) set->Privilege[set->PrivilegeCount++] = {{number, 0}, 0};
    return set;
}

TEST(AccessStateCalls, GrowWithThePrivilegesThatWereUsed) {
    on_sim([] {
        const Impersonation as_user(user_token());
        AccessState access(GENERIC_READ, FILE_READ_DATA, file_mapping);
        ACCESS_STATE& state = access.get();
        EXPECT_EQ(state.SubjectSecurityContext.ClientToken, &user_token());
        EXPECT_EQ(state.OriginalDesiredAccess, static_cast<ACCESS_MASK>(GENERIC_READ));
        EXPECT_EQ(state.RemainingDesiredAccess & FILE_READ_DATA, 0u);
        auto& extension = *static_cast<AccessExtension*>(state.AuxData);
        std::vector<char> memory;
        EXPECT_EQ(SeAppendPrivileges(&state, fill(memory, {8, 9})), STATUS_SUCCESS);
        EXPECT_FALSE(state.PrivilegesAllocated);
        EXPECT_EQ(state.Privileges.PrivilegeSet.PrivilegeCount, 2u);
        EXPECT_EQ(state.Privileges.InitialPrivilegeSet.Privilege[1].Luid.LowPart, 9u);
        // A fourth one needs memory.
        EXPECT_EQ(SeAppendPrivileges(&state, fill(memory, {10, 11})), STATUS_SUCCESS);
        EXPECT_TRUE(state.PrivilegesAllocated);
        EXPECT_EQ(SeAppendPrivileges(&state, fill(memory, {12})), STATUS_SUCCESS);
        ASSERT_EQ(extension.privileges->PrivilegeCount, 5u);
        for (ULONG i = 0; i < 5; ++i) EXPECT_EQ(extension.privileges->Privilege[i].Luid.LowPart, 8 + i);
        GENERIC_MAPPING mapping = {1, 2, 3, 4};
        SeSetAccessStateGenericMapping(&state, &mapping);
        EXPECT_EQ(extension.mapping.GenericExecute, 3u);
        EXPECT_EQ(extension.privileges->PrivilegeCount, 5u);  // untouched
    });
}

}  // namespace
}  // namespace ndiskit::nt::security
