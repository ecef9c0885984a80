// Subjects, privileges and access checks as drivers ask for them.
#include "nt/abi.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/security/access.h"
#include "nt/security/inheritance.h"

using namespace ndiskit::nt;
using namespace ndiskit::nt::security;

namespace {

constexpr uint32_t privilege_tag = 0x72506553;  // 'SePr' in memory order

const Token& token_of(const SECURITY_SUBJECT_CONTEXT& subject) {
    return *static_cast<const Token*>(subject.ClientToken ? subject.ClientToken : subject.PrimaryToken);
}

PPRIVILEGE_SET privilege_set(const std::vector<ULONG>& numbers, const void* caller) {
    if (numbers.empty()) return nullptr;
    auto* const set = static_cast<PPRIVILEGE_SET>(pool_allocate_zeroed(
        PoolKind::paged, sizeof(PRIVILEGE_SET) + numbers.size() * sizeof(LUID_AND_ATTRIBUTES), privilege_tag,
        caller));
    if (!set) return nullptr;
    set->Control = PRIVILEGE_SET_ALL_NECESSARY;
    for (const ULONG number : numbers)
        set->Privilege[set->PrivilegeCount++] = {{number, 0}, SE_PRIVILEGE_USED_FOR_ACCESS};
    return set;
}

// The token that the information was taken of, as far as an access check needs it.
Token token_of(const TOKEN_ACCESS_INFORMATION& information) {
    const SID_AND_ATTRIBUTES_HASH& sids = *information.SidHash;
    Token token = user_token();
    token.user = Sid(sids.SidAttr[0].Sid);
    token.groups.clear();
    token.privileges.clear();
    for (ULONG i = 1; i < sids.SidCount; ++i)
        token.groups.push_back({Sid(sids.SidAttr[i].Sid), sids.SidAttr[i].Attributes});
    const SID_AND_ATTRIBUTES_HASH* const restricted = information.RestrictedSidHash;
    for (ULONG i = 0; restricted && i < restricted->SidCount; ++i)
        token.restricting.emplace_back(restricted->SidAttr[i].Sid);
    const TOKEN_PRIVILEGES* const privileges = information.Privileges;
    for (ULONG i = 0; privileges && i < privileges->PrivilegeCount; ++i)
        token.privileges.push_back(
            {privileges->Privileges[i].Luid.LowPart, privileges->Privileges[i].Attributes});
    return token;
}

}  // namespace

extern "C" {

void NTAPI SeCaptureSubjectContextEx(PETHREAD, PEPROCESS, PSECURITY_SUBJECT_CONTEXT);

// A variable that drivers import: it holds the address of the type.
POBJECT_TYPE nt_SeTokenObjectType = &token_type;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-secapturesubjectcontext
void NTAPI SeCaptureSubjectContext(PSECURITY_SUBJECT_CONTEXT subject) {
    SeCaptureSubjectContextEx(nullptr, nullptr, subject);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-secapturesubjectcontextex
void NTAPI SeCaptureSubjectContextEx(PETHREAD thread, PEPROCESS, PSECURITY_SUBJECT_CONTEXT subject) {
    const Acting acting = acting_of(thread ? PsGetThreadId(thread) : PsGetCurrentThreadId());
    *subject = {acting.token, acting.level, &system_token(), nullptr};
    if (acting.token) object::reference(acting.token);
    object::reference(subject->PrimaryToken);
}

// What an access check reads of tokens never changes, so that a lock has nothing to keep out.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-selocksubjectcontext
void NTAPI SeLockSubjectContext(PSECURITY_SUBJECT_CONTEXT) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-seunlocksubjectcontext
void NTAPI SeUnlockSubjectContext(PSECURITY_SUBJECT_CONTEXT) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-sereleasesubjectcontext
void NTAPI SeReleaseSubjectContext(PSECURITY_SUBJECT_CONTEXT subject) {
    if (subject->ClientToken) object::dereference(subject->ClientToken);
    if (subject->PrimaryToken) object::dereference(subject->PrimaryToken);
    *subject = {};
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-seaccesscheck
BOOLEAN NTAPI SeAccessCheck(PSECURITY_DESCRIPTOR descriptor, PSECURITY_SUBJECT_CONTEXT subject, BOOLEAN,
                            ACCESS_MASK desired, ACCESS_MASK granted_before, PPRIVILEGE_SET* privileges,
                            PGENERIC_MAPPING mapping, KPROCESSOR_MODE mode, PACCESS_MASK granted,
                            PNTSTATUS status) {
    if (privileges) *privileges = nullptr;
    *granted = 0;
    if (mode == KernelMode) {
        *granted = granted_before |
                   (desired & MAXIMUM_ALLOWED ? mapping->GenericAll | (desired & ~MAXIMUM_ALLOWED) : desired);
        *status = STATUS_SUCCESS;
        return TRUE;
    }
    if (!descriptor) {
        *status = STATUS_ACCESS_DENIED;
        return FALSE;
    }
    if (subject->ClientToken && subject->ImpersonationLevel < SecurityImpersonation) {
        *status = STATUS_BAD_IMPERSONATION_LEVEL;
        return FALSE;
    }
    const Access access = access_check(descriptor, token_of(*subject), desired, *mapping, granted_before);
    *status = access.status;
    *granted = access.granted;
    if (NT_SUCCESS(access.status) && privileges)
        *privileges = privilege_set(access.privileges, __builtin_return_address(0));
    return NT_SUCCESS(access.status);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-seaccesscheckfromstate
BOOLEAN NTAPI SeAccessCheckFromState(PSECURITY_DESCRIPTOR descriptor, PTOKEN_ACCESS_INFORMATION primary,
                                     PTOKEN_ACCESS_INFORMATION client, ACCESS_MASK desired,
                                     ACCESS_MASK granted_before, PPRIVILEGE_SET* privileges,
                                     PGENERIC_MAPPING mapping, KPROCESSOR_MODE mode, PACCESS_MASK granted,
                                     PNTSTATUS status) {
    Token primary_token = token_of(*primary);
    Token client_token = client ? token_of(*client) : primary_token;
    SECURITY_SUBJECT_CONTEXT subject = {client ? &client_token : nullptr,
                                        client ? client->ImpersonationLevel : SecurityAnonymous,
                                        &primary_token, nullptr};
    return SeAccessCheck(descriptor, &subject, FALSE, desired, granted_before, privileges, mapping, mode,
                         granted, status);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-sefreeprivileges
void NTAPI SeFreePrivileges(PPRIVILEGE_SET privileges) {
    if (privileges) pool_free(privileges, privilege_tag);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-seprivilegecheck
BOOLEAN NTAPI SePrivilegeCheck(PPRIVILEGE_SET required, PSECURITY_SUBJECT_CONTEXT subject,
                               KPROCESSOR_MODE mode) {
    if (mode == KernelMode) return TRUE;
    ULONG held = 0;
    for (ULONG i = 0; i < required->PrivilegeCount; ++i) {
        LUID_AND_ATTRIBUTES& privilege = required->Privilege[i];
        if (privilege.Luid.HighPart || !token_of(*subject).has_privilege(privilege.Luid.LowPart)) continue;
        privilege.Attributes |= SE_PRIVILEGE_USED_FOR_ACCESS;
        ++held;
    }
    return required->Control & PRIVILEGE_SET_ALL_NECESSARY ? held == required->PrivilegeCount : held != 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-sesingleprivilegecheck
BOOLEAN NTAPI SeSinglePrivilegeCheck(LUID privilege, KPROCESSOR_MODE mode) {
    return mode == KernelMode || (!privilege.HighPart && current_token().has_privilege(privilege.LowPart));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlmapgenericmask
void NTAPI RtlMapGenericMask(PACCESS_MASK mask, PGENERIC_MAPPING mapping) {
    *mask = map_generic(*mask, *mapping);
}

}  // extern "C"
