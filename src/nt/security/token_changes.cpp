// What changes of tokens: whom new objects belong to, who may use them, whether new processes are allowed.
// And the logon sessions of tokens, which last as long as the machine.
#include <algorithm>
#include <cstring>

#include "base/guarded.h"
#include "nt/object/object.h"
#include "nt/security/access.h"
#include "nt/security/inheritance.h"

using namespace ndiskit;
using namespace ndiskit::nt;
using namespace ndiskit::nt::security;

namespace {

constexpr ACCESS_MASK token_adjust_default = 0x0080;

Token& token_of(PACCESS_TOKEN token) { return *static_cast<Token*>(token); }

NTSTATUS set_owner(Token& token, const void* sid) {
    if (!valid_sid(sid)) return STATUS_INVALID_SID;
    const bool may =
        same_sid(token.user.data(), sid) || std::ranges::any_of(token.groups, [&](const Group& group) {
            return group.attributes & SE_GROUP_OWNER && same_sid(group.sid.data(), sid);
        });
    if (!may) return STATUS_INVALID_OWNER;
    change_token(token, [&](TokenChanges& changes) { changes.owner = Sid(sid); });
    return STATUS_SUCCESS;
}

NTSTATUS set_primary_group(Token& token, const void* sid) {
    if (!valid_sid(sid)) return STATUS_INVALID_SID;
    const bool has = std::ranges::any_of(token.groups,
                                         [&](const Group& group) { return same_sid(group.sid.data(), sid); });
    if (!has) return STATUS_INVALID_PRIMARY_GROUP;
    change_token(token, [&](TokenChanges& changes) { changes.primary_group = Sid(sid); });
    return STATUS_SUCCESS;
}

NTSTATUS set_default_dacl(Token& token, const ACL* acl) {
    Bytes bytes;
    const auto* const start = reinterpret_cast<const uint8_t*>(acl);
    if (acl) bytes.assign(start, start + acl->AclSize);
    change_token(token, [&](TokenChanges& changes) { changes.default_dacl = bytes; });
    return STATUS_SUCCESS;
}

// Each of the three classes is a structure of one pointer.
NTSTATUS set_token(Token& token, TOKEN_INFORMATION_CLASS kind, const void* pointer) {
    if (kind == TokenOwner) return set_owner(token, pointer);
    if (kind == TokenPrimaryGroup) return set_primary_group(token, pointer);
    return set_default_dacl(token, static_cast<const ACL*>(pointer));
}

using Routines = std::vector<PSE_LOGON_SESSION_TERMINATED_ROUTINE>;
Guarded<Routines, LockRank::nt_leaf> routines;

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwsetinformationtoken
NTSTATUS NTAPI ZwSetInformationToken(HANDLE handle, TOKEN_INFORMATION_CLASS kind, PVOID information,
                                     ULONG size) {
    if (kind != TokenOwner && kind != TokenPrimaryGroup && kind != TokenDefaultDacl)
        return STATUS_INVALID_INFO_CLASS;
    if (size < sizeof(PVOID)) return STATUS_INFO_LENGTH_MISMATCH;
    void* body = nullptr;
    OBJECT_HANDLE_INFORMATION granted = {};
    NTSTATUS status = object::reference_by_handle(handle, 0, &token_type, false, &body, &granted);
    if (!NT_SUCCESS(status)) return status;
    const void* pointer = nullptr;
    std::memcpy(&pointer, information, sizeof pointer);
    status = granted.GrantedAccess & (token_adjust_default | GENERIC_WRITE | GENERIC_ALL)
                 ? set_token(token_of(body), kind, pointer)
                 : STATUS_ACCESS_DENIED;
    object::dereference(body);
    return status;
}

// From audit-only to enforced, never back.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-setokensetnochildprocessrestricted
void NTAPI SeTokenSetNoChildProcessRestricted(PACCESS_TOKEN token, BOOLEAN unless_secure,
                                              BOOLEAN audit_only) {
    change_token(token_of(token), [&](TokenChanges& changes) {
        if (changes.children == Children::forbidden || changes.children == Children::only_secure) return;
        changes.children = audit_only      ? Children::audited
                           : unless_secure ? Children::only_secure
                                           : Children::forbidden;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-setokengetnochildprocessrestricted
void NTAPI SeTokenGetNoChildProcessRestricted(PACCESS_TOKEN token, PBOOLEAN enforced, PBOOLEAN unless_secure,
                                              PBOOLEAN audit_only) {
    const Children children = changes_of(token_of(token)).children;
    *enforced = children == Children::forbidden || children == Children::only_secure;
    *unless_secure = children == Children::only_secure;
    *audit_only = children == Children::audited;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-setokenisnochildprocessrestrictionenforced
BOOLEAN NTAPI SeTokenIsNoChildProcessRestrictionEnforced(PACCESS_TOKEN token, PBOOLEAN unless_secure) {
    BOOLEAN enforced = FALSE, secure = FALSE, audit = FALSE;
    SeTokenGetNoChildProcessRestricted(token, &enforced, &secure, &audit);
    if (unless_secure) *unless_secure = secure;
    return enforced;
}

// The tokens of all sessions belong to the machine and are never deleted while it runs: no session ends
// before it does, and no routine is called.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-seregisterlogonsessionterminatedroutine
NTSTATUS NTAPI SeRegisterLogonSessionTerminatedRoutine(PSE_LOGON_SESSION_TERMINATED_ROUTINE routine) {
    if (!routine) return STATUS_INVALID_PARAMETER;
    routines.with([&](Routines& all) { all.push_back(routine); });
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-seunregisterlogonsessionterminatedroutine
NTSTATUS NTAPI SeUnregisterLogonSessionTerminatedRoutine(PSE_LOGON_SESSION_TERMINATED_ROUTINE routine) {
    if (!routine) return STATUS_INVALID_PARAMETER;
    return routines.with([&](Routines& all) {
        const auto found = std::ranges::find(all, routine);
        if (found == all.end()) return STATUS_INSUFFICIENT_RESOURCES;
        all.erase(found);
        return STATUS_SUCCESS;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-semarklogonsessionforterminationnotification
NTSTATUS NTAPI SeMarkLogonSessionForTerminationNotification(PLUID logon) {
    const auto is_of = [&](const Token& token) { return token.logon == logon->LowPart; };
    const bool known = is_of(system_token()) || is_of(administrator_token()) || is_of(user_token());
    return known && !logon->HighPart ? STATUS_SUCCESS : STATUS_NOT_FOUND;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlcreatesecuritydescriptorrelative
NTSTATUS NTAPI RtlCreateSecurityDescriptorRelative(PVOID descriptor, ULONG revision) {
    if (revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    constexpr size_t size_of_relative = 20;
    std::memset(descriptor, 0, size_of_relative);
    *static_cast<UCHAR*>(descriptor) = SECURITY_DESCRIPTOR_REVISION;
    return STATUS_SUCCESS;
}

}  // extern "C"
