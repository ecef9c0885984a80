// Calls of security that nt/abi.h lacks: flags of automatic inheritance, tokens that change, logon sessions.
#pragma once

#include "nt/abi.h"
#include "nt/abi/token.h"

constexpr ULONG SEF_DACL_AUTO_INHERIT = 0x01;
constexpr ULONG SEF_SACL_AUTO_INHERIT = 0x02;
constexpr ULONG SEF_DEFAULT_DESCRIPTOR_FOR_OBJECT = 0x04;
constexpr ULONG SEF_AVOID_PRIVILEGE_CHECK = 0x08;
constexpr ULONG SEF_AVOID_OWNER_CHECK = 0x10;
constexpr ULONG SEF_DEFAULT_OWNER_FROM_PARENT = 0x20;
constexpr ULONG SEF_DEFAULT_GROUP_FROM_PARENT = 0x40;

typedef struct _SID_AND_ATTRIBUTES_HASH {
    ULONG SidCount;
    PSID_AND_ATTRIBUTES SidAttr;
    ULONG_PTR Hash[32];
} SID_AND_ATTRIBUTES_HASH, *PSID_AND_ATTRIBUTES_HASH;

typedef struct _TOKEN_ACCESS_INFORMATION {
    PSID_AND_ATTRIBUTES_HASH SidHash;
    PSID_AND_ATTRIBUTES_HASH RestrictedSidHash;
    PTOKEN_PRIVILEGES Privileges;
    LUID AuthenticationId;
    TOKEN_TYPE TokenType;
    SECURITY_IMPERSONATION_LEVEL ImpersonationLevel;
    ULONG MandatoryPolicy;
    ULONG Flags;
    ULONG AppContainerNumber;
    PSID PackageSid;
    PSID_AND_ATTRIBUTES_HASH CapabilitiesHash;
    PSID TrustLevelSid;
    PVOID SecurityAttributes;
} TOKEN_ACCESS_INFORMATION, *PTOKEN_ACCESS_INFORMATION;

extern "C" {

BOOLEAN NTAPI SeAccessCheckFromState(PSECURITY_DESCRIPTOR SecurityDescriptor,
                                     PTOKEN_ACCESS_INFORMATION PrimaryTokenInformation,
                                     PTOKEN_ACCESS_INFORMATION ClientTokenInformation,
                                     ACCESS_MASK DesiredAccess, ACCESS_MASK PreviouslyGrantedAccess,
                                     PPRIVILEGE_SET* Privileges, PGENERIC_MAPPING GenericMapping,
                                     KPROCESSOR_MODE AccessMode, PACCESS_MASK GrantedAccess,
                                     PNTSTATUS AccessStatus);
NTSTATUS NTAPI ZwSetInformationToken(HANDLE TokenHandle, TOKEN_INFORMATION_CLASS TokenInformationClass,
                                     PVOID TokenInformation, ULONG TokenInformationLength);
void NTAPI SeTokenSetNoChildProcessRestricted(PACCESS_TOKEN Token, BOOLEAN UnlessSecure, BOOLEAN AuditOnly);
void NTAPI SeTokenGetNoChildProcessRestricted(PACCESS_TOKEN Token, PBOOLEAN Enforced, PBOOLEAN UnlessSecure,
                                              PBOOLEAN AuditOnly);
BOOLEAN NTAPI SeTokenIsNoChildProcessRestrictionEnforced(PACCESS_TOKEN Token, PBOOLEAN UnlessSecure);
NTSTATUS NTAPI SeUnregisterLogonSessionTerminatedRoutine(PSE_LOGON_SESSION_TERMINATED_ROUTINE Routine);
NTSTATUS NTAPI SeMarkLogonSessionForTerminationNotification(PLUID LogonId);
NTSTATUS NTAPI RtlCreateSecurityDescriptorRelative(PVOID SecurityDescriptor, ULONG Revision);
BOOLEAN NTAPI RtlNormalizeSecurityDescriptor(PSECURITY_DESCRIPTOR* SecurityDescriptor,
                                             ULONG SecurityDescriptorLength,
                                             PSECURITY_DESCRIPTOR* NewSecurityDescriptor,
                                             PULONG NewSecurityDescriptorLength, BOOLEAN CheckOnly);

}  // extern "C"
