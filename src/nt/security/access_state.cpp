#include "nt/security/access_state.h"

#include <algorithm>

#include "nt/abi.h"
#include "nt/pool/pool.h"
#include "nt/security/access.h"

namespace ndiskit::nt::security {

namespace {

constexpr uint32_t privilege_tag = 0x72506553;  // 'SePr' in memory order

void release_privileges(ACCESS_STATE& state) {
    if (!state.PrivilegesAllocated) return;
    pool_free(static_cast<AccessExtension*>(state.AuxData)->privileges, privilege_tag);
    state.PrivilegesAllocated = FALSE;
}

}  // namespace

AccessState::AccessState(ACCESS_MASK desired, ACCESS_MASK granted, const GENERIC_MAPPING& mapping) {
    extension_ = {&state_.Privileges.PrivilegeSet, mapping};
    state_.AuxData = &extension_;
    state_.OriginalDesiredAccess = desired;
    state_.RemainingDesiredAccess = map_generic(desired, mapping) & ~granted;
    state_.PreviouslyGrantedAccess = granted;
    SeCaptureSubjectContext(&state_.SubjectSecurityContext);
}

AccessState::~AccessState() {
    release_privileges(state_);
    SeReleaseSubjectContext(&state_.SubjectSecurityContext);
}

}  // namespace ndiskit::nt::security

using namespace ndiskit::nt;
using namespace ndiskit::nt::security;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-seappendprivileges
NTSTATUS NTAPI SeAppendPrivileges(PACCESS_STATE state, PPRIVILEGE_SET privileges) {
    auto& extension = *static_cast<AccessExtension*>(state->AuxData);
    const PRIVILEGE_SET& old = *extension.privileges;
    const ULONG count = old.PrivilegeCount + privileges->PrivilegeCount;
    if (count > initial_privileges) {
        auto* const larger = static_cast<PPRIVILEGE_SET>(
            pool_allocate_zeroed(PoolKind::paged, sizeof(PRIVILEGE_SET) + count * sizeof(LUID_AND_ATTRIBUTES),
                                 privilege_tag, __builtin_return_address(0)));
        if (!larger) return STATUS_INSUFFICIENT_RESOURCES;
        larger->PrivilegeCount = old.PrivilegeCount;
        larger->Control = old.Control;
        std::copy_n(old.Privilege, old.PrivilegeCount, larger->Privilege);
        release_privileges(*state);
        extension.privileges = larger;
        state->PrivilegesAllocated = TRUE;
    }
    PRIVILEGE_SET& set = *extension.privileges;
    for (ULONG i = 0; i < privileges->PrivilegeCount; ++i)
        set.Privilege[set.PrivilegeCount++] = privileges->Privilege[i];
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-sesetaccessstategenericmapping
void NTAPI SeSetAccessStateGenericMapping(PACCESS_STATE state, PGENERIC_MAPPING mapping) {
    static_cast<AccessExtension*>(state->AuxData)->mapping = *mapping;
}

}  // extern "C"
