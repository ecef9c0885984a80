// Security: SIDs, lists, descriptors, tokens, access checks.
#include "nt/exports.h"
#include "nt/abi.h"
#include "nt/abi/token.h"
#include "nt/security/client.h"
#include "nt/security/inheritance.h"

extern "C" {

// What the headers of drivers have inline or not at all.
extern PSE_EXPORTS nt_SeExports;
extern POBJECT_TYPE nt_SeTokenObjectType;
BOOLEAN NTAPI RtlEqualLuid(PLUID, PLUID);
NTSTATUS NTAPI RtlSetSaclSecurityDescriptor(PSECURITY_DESCRIPTOR, BOOLEAN, PACL, BOOLEAN);
NTSTATUS NTAPI SeCaptureSecurityDescriptor(PSECURITY_DESCRIPTOR, KPROCESSOR_MODE, POOL_TYPE, BOOLEAN,
                                           PSECURITY_DESCRIPTOR*);
NTSTATUS NTAPI SeReleaseSecurityDescriptor(PSECURITY_DESCRIPTOR, KPROCESSOR_MODE, BOOLEAN);
void NTAPI SeSetAccessStateGenericMapping(PACCESS_STATE, PGENERIC_MAPPING);
SECURITY_IMPERSONATION_LEVEL NTAPI SeTokenImpersonationLevel(PACCESS_TOKEN);
NTSTATUS NTAPI ZwQueryInformationToken(HANDLE, TOKEN_INFORMATION_CLASS, PVOID, ULONG, PULONG);
NTSTATUS NTAPI ZwOpenProcessTokenEx(HANDLE, ACCESS_MASK, ULONG, PHANDLE);
NTSTATUS NTAPI NtOpenProcessToken(HANDLE, ACCESS_MASK, PHANDLE);
NTSTATUS NTAPI ZwOpenThreadTokenEx(HANDLE, ACCESS_MASK, BOOLEAN, ULONG, PHANDLE);
NTSTATUS NTAPI NtOpenThreadToken(HANDLE, ACCESS_MASK, BOOLEAN, PHANDLE);
NTSTATUS NTAPI ZwQuerySecurityObject(HANDLE, SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, ULONG, PULONG);
NTSTATUS NTAPI ZwSetSecurityObject(HANDLE, SECURITY_INFORMATION, PSECURITY_DESCRIPTOR);

PSID_IDENTIFIER_AUTHORITY NTAPI RtlIdentifierAuthoritySid(PSID);
BOOLEAN NTAPI RtlEqualPrefixSid(PSID, PSID);
NTSTATUS NTAPI RtlInitializeSidEx(PSID, PSID_IDENTIFIER_AUTHORITY, ULONG, ...);
NTSTATUS NTAPI RtlAllocateAndInitializeSid(PSID_IDENTIFIER_AUTHORITY, UCHAR, ULONG, ULONG, ULONG, ULONG,
                                           ULONG, ULONG, ULONG, ULONG, PSID*);
PVOID NTAPI RtlFreeSid(PSID);

}  // extern "C"

namespace ndiskit::nt {

static const Export rows[] = {
    // clang-format off
    {"RtlLengthRequiredSid", reinterpret_cast<const void*>(RtlLengthRequiredSid), MaxIrql::any},
    {"RtlLengthSid", reinterpret_cast<const void*>(RtlLengthSid), MaxIrql::any},
    {"RtlValidSid", reinterpret_cast<const void*>(RtlValidSid), MaxIrql::any},
    {"RtlInitializeSid", reinterpret_cast<const void*>(RtlInitializeSid), MaxIrql::any},
    {"RtlCopySid", reinterpret_cast<const void*>(RtlCopySid), MaxIrql::any},
    {"RtlEqualSid", reinterpret_cast<const void*>(RtlEqualSid), MaxIrql::any},
    {"RtlSubAuthorityCountSid", reinterpret_cast<const void*>(RtlSubAuthorityCountSid), MaxIrql::any},
    {"RtlSubAuthoritySid", reinterpret_cast<const void*>(RtlSubAuthoritySid), MaxIrql::any},
    {"RtlConvertSidToUnicodeString", reinterpret_cast<const void*>(RtlConvertSidToUnicodeString), MaxIrql::passive},
    {"RtlCopyLuid", reinterpret_cast<const void*>(RtlCopyLuid), MaxIrql::any},
    {"RtlEqualLuid", reinterpret_cast<const void*>(RtlEqualLuid), MaxIrql::any},
    {"RtlCreateAcl", reinterpret_cast<const void*>(RtlCreateAcl), MaxIrql::apc},
    {"RtlAddAccessAllowedAce", reinterpret_cast<const void*>(RtlAddAccessAllowedAce), MaxIrql::apc},
    {"RtlAddAccessAllowedAceEx", reinterpret_cast<const void*>(RtlAddAccessAllowedAceEx), MaxIrql::apc},
    {"RtlAddAce", reinterpret_cast<const void*>(RtlAddAce), MaxIrql::apc},
    {"RtlDeleteAce", reinterpret_cast<const void*>(RtlDeleteAce), MaxIrql::apc},
    {"RtlGetAce", reinterpret_cast<const void*>(RtlGetAce), MaxIrql::apc},
    {"RtlCreateSecurityDescriptor", reinterpret_cast<const void*>(RtlCreateSecurityDescriptor), MaxIrql::passive},
    {"RtlSetDaclSecurityDescriptor", reinterpret_cast<const void*>(RtlSetDaclSecurityDescriptor), MaxIrql::passive},
    {"RtlSetSaclSecurityDescriptor", reinterpret_cast<const void*>(RtlSetSaclSecurityDescriptor), MaxIrql::apc},
    {"RtlSetOwnerSecurityDescriptor", reinterpret_cast<const void*>(RtlSetOwnerSecurityDescriptor), MaxIrql::apc},
    {"RtlSetGroupSecurityDescriptor", reinterpret_cast<const void*>(RtlSetGroupSecurityDescriptor), MaxIrql::apc},
    {"RtlGetDaclSecurityDescriptor", reinterpret_cast<const void*>(RtlGetDaclSecurityDescriptor), MaxIrql::apc},
    {"RtlGetSaclSecurityDescriptor", reinterpret_cast<const void*>(RtlGetSaclSecurityDescriptor), MaxIrql::apc},
    {"RtlGetOwnerSecurityDescriptor", reinterpret_cast<const void*>(RtlGetOwnerSecurityDescriptor), MaxIrql::apc},
    {"RtlGetGroupSecurityDescriptor", reinterpret_cast<const void*>(RtlGetGroupSecurityDescriptor), MaxIrql::apc},
    {"RtlLengthSecurityDescriptor", reinterpret_cast<const void*>(RtlLengthSecurityDescriptor), MaxIrql::passive},
    {"RtlValidSecurityDescriptor", reinterpret_cast<const void*>(RtlValidSecurityDescriptor), MaxIrql::passive},
    {"RtlValidRelativeSecurityDescriptor", reinterpret_cast<const void*>(RtlValidRelativeSecurityDescriptor), MaxIrql::passive},
    {"SeValidSecurityDescriptor", reinterpret_cast<const void*>(SeValidSecurityDescriptor), MaxIrql::passive},
    {"RtlAbsoluteToSelfRelativeSD", reinterpret_cast<const void*>(RtlAbsoluteToSelfRelativeSD), MaxIrql::apc},
    {"RtlSelfRelativeToAbsoluteSD", reinterpret_cast<const void*>(RtlSelfRelativeToAbsoluteSD), MaxIrql::apc},
    {"SeCaptureSecurityDescriptor", reinterpret_cast<const void*>(SeCaptureSecurityDescriptor), MaxIrql::passive},
    {"SeReleaseSecurityDescriptor", reinterpret_cast<const void*>(SeReleaseSecurityDescriptor), MaxIrql::passive},
    {"SeCaptureSubjectContext", reinterpret_cast<const void*>(SeCaptureSubjectContext), MaxIrql::passive},
    {"SeLockSubjectContext", reinterpret_cast<const void*>(SeLockSubjectContext), MaxIrql::passive},
    {"SeUnlockSubjectContext", reinterpret_cast<const void*>(SeUnlockSubjectContext), MaxIrql::passive},
    {"SeReleaseSubjectContext", reinterpret_cast<const void*>(SeReleaseSubjectContext), MaxIrql::passive},
    {"SeAccessCheck", reinterpret_cast<const void*>(SeAccessCheck), MaxIrql::passive},
    {"SeFreePrivileges", reinterpret_cast<const void*>(SeFreePrivileges), MaxIrql::passive},
    {"SeAppendPrivileges", reinterpret_cast<const void*>(SeAppendPrivileges), MaxIrql::passive},
    {"SePrivilegeCheck", reinterpret_cast<const void*>(SePrivilegeCheck), MaxIrql::passive},
    {"SeSinglePrivilegeCheck", reinterpret_cast<const void*>(SeSinglePrivilegeCheck), MaxIrql::passive},
    {"RtlMapGenericMask", reinterpret_cast<const void*>(RtlMapGenericMask), MaxIrql::any},
    {"SeSetAccessStateGenericMapping", reinterpret_cast<const void*>(SeSetAccessStateGenericMapping), MaxIrql::passive},
    {"SeTokenIsAdmin", reinterpret_cast<const void*>(SeTokenIsAdmin), MaxIrql::passive},
    {"SeTokenIsRestricted", reinterpret_cast<const void*>(SeTokenIsRestricted), MaxIrql::passive},
    {"SeTokenType", reinterpret_cast<const void*>(SeTokenType), MaxIrql::passive},
    {"SeTokenImpersonationLevel", reinterpret_cast<const void*>(SeTokenImpersonationLevel), MaxIrql::passive},
    {"SeQueryAuthenticationIdToken", reinterpret_cast<const void*>(SeQueryAuthenticationIdToken), MaxIrql::passive},
    {"SeQuerySessionIdToken", reinterpret_cast<const void*>(SeQuerySessionIdToken), MaxIrql::passive},
    {"SeQueryInformationToken", reinterpret_cast<const void*>(SeQueryInformationToken), MaxIrql::passive},
    {"ZwQueryInformationToken", reinterpret_cast<const void*>(ZwQueryInformationToken), MaxIrql::passive},
    {"NtQueryInformationToken", reinterpret_cast<const void*>(ZwQueryInformationToken), MaxIrql::passive},
    {"ZwOpenProcessTokenEx", reinterpret_cast<const void*>(ZwOpenProcessTokenEx), MaxIrql::passive},
    {"NtOpenProcessTokenEx", reinterpret_cast<const void*>(ZwOpenProcessTokenEx), MaxIrql::passive},
    {"NtOpenProcessToken", reinterpret_cast<const void*>(NtOpenProcessToken), MaxIrql::passive},
    {"ZwOpenProcessToken", reinterpret_cast<const void*>(NtOpenProcessToken), MaxIrql::passive},
    {"ZwOpenThreadTokenEx", reinterpret_cast<const void*>(ZwOpenThreadTokenEx), MaxIrql::passive},
    {"NtOpenThreadTokenEx", reinterpret_cast<const void*>(ZwOpenThreadTokenEx), MaxIrql::passive},
    {"NtOpenThreadToken", reinterpret_cast<const void*>(NtOpenThreadToken), MaxIrql::passive},
    {"ZwOpenThreadToken", reinterpret_cast<const void*>(NtOpenThreadToken), MaxIrql::passive},
    {"PsReferencePrimaryToken", reinterpret_cast<const void*>(PsReferencePrimaryToken), MaxIrql::passive},
    {"PsDereferencePrimaryToken", reinterpret_cast<const void*>(PsDereferencePrimaryToken), MaxIrql::passive},
    {"PsReferenceImpersonationToken", reinterpret_cast<const void*>(PsReferenceImpersonationToken), MaxIrql::passive},
    {"PsDereferenceImpersonationToken", reinterpret_cast<const void*>(PsDereferenceImpersonationToken), MaxIrql::passive},
    {"SeAssignSecurity", reinterpret_cast<const void*>(SeAssignSecurity), MaxIrql::passive},
    {"SeAssignSecurityEx", reinterpret_cast<const void*>(SeAssignSecurityEx), MaxIrql::passive, Support::partial, "entries for types of objects are not inherited"},
    {"SeSetSecurityDescriptorInfoEx", reinterpret_cast<const void*>(SeSetSecurityDescriptorInfoEx), MaxIrql::passive},
    {"SeAccessCheckFromState", reinterpret_cast<const void*>(SeAccessCheckFromState), MaxIrql::dispatch},
    {"ZwSetInformationToken", reinterpret_cast<const void*>(ZwSetInformationToken), MaxIrql::passive},
    {"NtSetInformationToken", reinterpret_cast<const void*>(ZwSetInformationToken), MaxIrql::passive},
    {"SeTokenSetNoChildProcessRestricted", reinterpret_cast<const void*>(SeTokenSetNoChildProcessRestricted), MaxIrql::passive},
    {"SeTokenGetNoChildProcessRestricted", reinterpret_cast<const void*>(SeTokenGetNoChildProcessRestricted), MaxIrql::passive},
    {"SeTokenIsNoChildProcessRestrictionEnforced", reinterpret_cast<const void*>(SeTokenIsNoChildProcessRestrictionEnforced), MaxIrql::passive},
    {"SeRegisterLogonSessionTerminatedRoutine", reinterpret_cast<const void*>(SeRegisterLogonSessionTerminatedRoutine), MaxIrql::passive},
    {"SeUnregisterLogonSessionTerminatedRoutine", reinterpret_cast<const void*>(SeUnregisterLogonSessionTerminatedRoutine), MaxIrql::passive},
    {"SeMarkLogonSessionForTerminationNotification", reinterpret_cast<const void*>(SeMarkLogonSessionForTerminationNotification), MaxIrql::passive},
    {"RtlCreateSecurityDescriptorRelative", reinterpret_cast<const void*>(RtlCreateSecurityDescriptorRelative), MaxIrql::passive},
    {"RtlNormalizeSecurityDescriptor", reinterpret_cast<const void*>(RtlNormalizeSecurityDescriptor), MaxIrql::apc},
    {"SeDeassignSecurity", reinterpret_cast<const void*>(SeDeassignSecurity), MaxIrql::passive},
    {"SeQuerySecurityDescriptorInfo", reinterpret_cast<const void*>(SeQuerySecurityDescriptorInfo), MaxIrql::passive},
    {"SeSetSecurityDescriptorInfo", reinterpret_cast<const void*>(SeSetSecurityDescriptorInfo), MaxIrql::passive},
    {"ObGetObjectSecurity", reinterpret_cast<const void*>(ObGetObjectSecurity), MaxIrql::apc},
    {"ObReleaseObjectSecurity", reinterpret_cast<const void*>(ObReleaseObjectSecurity), MaxIrql::apc},
    {"ZwQuerySecurityObject", reinterpret_cast<const void*>(ZwQuerySecurityObject), MaxIrql::passive},
    {"NtQuerySecurityObject", reinterpret_cast<const void*>(ZwQuerySecurityObject), MaxIrql::passive},
    {"ZwSetSecurityObject", reinterpret_cast<const void*>(ZwSetSecurityObject), MaxIrql::passive},
    {"NtSetSecurityObject", reinterpret_cast<const void*>(ZwSetSecurityObject), MaxIrql::passive},
    {"RtlIdentifierAuthoritySid", reinterpret_cast<const void*>(RtlIdentifierAuthoritySid), MaxIrql::any},
    {"RtlEqualPrefixSid", reinterpret_cast<const void*>(RtlEqualPrefixSid), MaxIrql::apc},
    {"RtlInitializeSidEx", reinterpret_cast<const void*>(RtlInitializeSidEx), MaxIrql::apc},
    {"RtlAllocateAndInitializeSid", reinterpret_cast<const void*>(RtlAllocateAndInitializeSid), MaxIrql::apc},
    {"RtlFreeSid", reinterpret_cast<const void*>(RtlFreeSid), MaxIrql::apc},
    {.name = "SeExports", .address = &nt_SeExports, .is_data = true},
    {.name = "SeTokenObjectType", .address = &nt_SeTokenObjectType, .is_data = true},
    {"SeCreateClientSecurity", reinterpret_cast<const void*>(SeCreateClientSecurity), MaxIrql::passive},
    {"SeCreateClientSecurityFromSubjectContext", reinterpret_cast<const void*>(SeCreateClientSecurityFromSubjectContext), MaxIrql::passive},
    {"SeImpersonateClientEx", reinterpret_cast<const void*>(SeImpersonateClientEx), MaxIrql::passive},
    {"SeImpersonateClient", reinterpret_cast<const void*>(SeImpersonateClient), MaxIrql::passive},
    {"PsImpersonateClient", reinterpret_cast<const void*>(PsImpersonateClient), MaxIrql::passive},
    {"PsRevertToSelf", reinterpret_cast<const void*>(PsRevertToSelf), MaxIrql::passive},
    {"SeFilterToken", reinterpret_cast<const void*>(SeFilterToken), MaxIrql::passive},
    {"ZwDuplicateToken", reinterpret_cast<const void*>(ZwDuplicateToken), MaxIrql::passive},
    {"NtDuplicateToken", reinterpret_cast<const void*>(ZwDuplicateToken), MaxIrql::passive},
    {"NtPrivilegeCheck", reinterpret_cast<const void*>(NtPrivilegeCheck), MaxIrql::passive},
    {"ZwAllocateLocallyUniqueId", reinterpret_cast<const void*>(ZwAllocateLocallyUniqueId), MaxIrql::passive},
    {"SeLocateProcessImageName", reinterpret_cast<const void*>(SeLocateProcessImageName), MaxIrql::passive},
    {"SeCaptureSubjectContextEx", reinterpret_cast<const void*>(SeCaptureSubjectContextEx), MaxIrql::passive},
    {"SeAuditingFileEvents", reinterpret_cast<const void*>(SeAuditingFileEvents), MaxIrql::passive},
    {"SeAuditingFileOrGlobalEvents", reinterpret_cast<const void*>(SeAuditingFileOrGlobalEvents), MaxIrql::passive},
    {"SeAuditingHardLinkEvents", reinterpret_cast<const void*>(SeAuditingHardLinkEvents), MaxIrql::passive},
    {"SeOpenObjectAuditAlarm", reinterpret_cast<const void*>(SeOpenObjectAuditAlarm), MaxIrql::passive},
    {"SeOpenObjectForDeleteAuditAlarm", reinterpret_cast<const void*>(SeOpenObjectForDeleteAuditAlarm), MaxIrql::passive},
    {"SeDeleteObjectAuditAlarm", reinterpret_cast<const void*>(SeDeleteObjectAuditAlarm), MaxIrql::passive},
    // clang-format on
};

std::span<const Export> security_exports() { return rows; }

}  // namespace ndiskit::nt
