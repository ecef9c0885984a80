// SeExports: the well-known privileges and SIDs, as a variable that drivers import.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/ns-ntifs-_se_exports
#include <deque>

#include "nt/security/sid.h"

using namespace ndiskit::nt::security;

namespace {

LUID luid(ULONG privilege) { return {privilege, 0}; }

// They are kept for ever: drivers hold the pointers.
PSID kept(uint64_t authority, std::initializer_list<uint32_t> sub_authorities) {
    static auto& all = *new std::deque<Sid>;
    return all.emplace_back(authority, sub_authorities).psid();
}

SE_EXPORTS make() {
    SE_EXPORTS e = {};
    e.SeCreateTokenPrivilege = luid(SE_CREATE_TOKEN_PRIVILEGE);
    e.SeAssignPrimaryTokenPrivilege = luid(SE_ASSIGNPRIMARYTOKEN_PRIVILEGE);
    e.SeLockMemoryPrivilege = luid(SE_LOCK_MEMORY_PRIVILEGE);
    e.SeIncreaseQuotaPrivilege = luid(SE_INCREASE_QUOTA_PRIVILEGE);
    e.SeUnsolicitedInputPrivilege = luid(SE_UNSOLICITED_INPUT_PRIVILEGE);
    e.SeTcbPrivilege = luid(SE_TCB_PRIVILEGE);
    e.SeSecurityPrivilege = luid(SE_SECURITY_PRIVILEGE);
    e.SeTakeOwnershipPrivilege = luid(SE_TAKE_OWNERSHIP_PRIVILEGE);
    e.SeLoadDriverPrivilege = luid(SE_LOAD_DRIVER_PRIVILEGE);
    e.SeCreatePagefilePrivilege = luid(SE_CREATE_PAGEFILE_PRIVILEGE);
    e.SeIncreaseBasePriorityPrivilege = luid(SE_INC_BASE_PRIORITY_PRIVILEGE);
    e.SeSystemProfilePrivilege = luid(SE_SYSTEM_PROFILE_PRIVILEGE);
    e.SeSystemtimePrivilege = luid(SE_SYSTEMTIME_PRIVILEGE);
    e.SeProfileSingleProcessPrivilege = luid(SE_PROF_SINGLE_PROCESS_PRIVILEGE);
    e.SeCreatePermanentPrivilege = luid(SE_CREATE_PERMANENT_PRIVILEGE);
    e.SeBackupPrivilege = luid(SE_BACKUP_PRIVILEGE);
    e.SeRestorePrivilege = luid(SE_RESTORE_PRIVILEGE);
    e.SeShutdownPrivilege = luid(SE_SHUTDOWN_PRIVILEGE);
    e.SeDebugPrivilege = luid(SE_DEBUG_PRIVILEGE);
    e.SeAuditPrivilege = luid(SE_AUDIT_PRIVILEGE);
    e.SeSystemEnvironmentPrivilege = luid(SE_SYSTEM_ENVIRONMENT_PRIVILEGE);
    e.SeChangeNotifyPrivilege = luid(SE_CHANGE_NOTIFY_PRIVILEGE);
    e.SeRemoteShutdownPrivilege = luid(SE_REMOTE_SHUTDOWN_PRIVILEGE);
    e.SeUndockPrivilege = luid(SE_UNDOCK_PRIVILEGE);
    e.SeSyncAgentPrivilege = luid(SE_SYNC_AGENT_PRIVILEGE);
    e.SeEnableDelegationPrivilege = luid(SE_ENABLE_DELEGATION_PRIVILEGE);
    e.SeManageVolumePrivilege = luid(SE_MANAGE_VOLUME_PRIVILEGE);
    e.SeImpersonatePrivilege = luid(SE_IMPERSONATE_PRIVILEGE);
    e.SeCreateGlobalPrivilege = luid(SE_CREATE_GLOBAL_PRIVILEGE);
    e.SeTrustedCredManAccessPrivilege = luid(SE_TRUSTED_CREDMAN_ACCESS_PRIVILEGE);
    e.SeRelabelPrivilege = luid(SE_RELABEL_PRIVILEGE);
    e.SeIncreaseWorkingSetPrivilege = luid(SE_INC_WORKING_SET_PRIVILEGE);
    e.SeTimeZonePrivilege = luid(SE_TIME_ZONE_PRIVILEGE);
    e.SeCreateSymbolicLinkPrivilege = luid(SE_CREATE_SYMBOLIC_LINK_PRIVILEGE);
    e.SeNullSid = kept(0, {0});
    e.SeWorldSid = kept(1, {0});
    e.SeLocalSid = kept(2, {0});
    e.SeCreatorOwnerSid = kept(3, {0});
    e.SeCreatorGroupSid = kept(3, {1});
    e.SeNtAuthoritySid = kept(5, {});
    e.SeDialupSid = kept(5, {1});
    e.SeNetworkSid = kept(5, {2});
    e.SeBatchSid = kept(5, {3});
    e.SeInteractiveSid = kept(5, {4});
    e.SeLocalSystemSid = kept(5, {18});
    e.SeAliasAdminsSid = kept(5, {32, 544});
    e.SeAliasUsersSid = kept(5, {32, 545});
    e.SeAliasGuestsSid = kept(5, {32, 546});
    e.SeAliasPowerUsersSid = kept(5, {32, 547});
    e.SeAliasAccountOpsSid = kept(5, {32, 548});
    e.SeAliasSystemOpsSid = kept(5, {32, 549});
    e.SeAliasPrintOpsSid = kept(5, {32, 550});
    e.SeAliasBackupOpsSid = kept(5, {32, 551});
    e.SeAuthenticatedUsersSid = kept(5, {11});
    e.SeRestrictedSid = kept(5, {12});
    e.SeAnonymousLogonSid = kept(5, {7});
    e.SeLocalServiceSid = kept(5, {19});
    e.SeNetworkServiceSid = kept(5, {20});
    e.SeIUserSid = kept(5, {17});
    e.SeUntrustedMandatorySid = kept(16, {0});
    e.SeLowMandatorySid = kept(16, {0x1000});
    e.SeMediumMandatorySid = kept(16, {0x2000});
    e.SeHighMandatorySid = kept(16, {0x3000});
    e.SeSystemMandatorySid = kept(16, {0x4000});
    e.SeOwnerRightsSid = kept(3, {4});
    return e;
}

SE_EXPORTS se_exports = make();

}  // namespace

extern "C" PSE_EXPORTS nt_SeExports = &se_exports;
