// What an access in progress carries along: who asks, what is asked, what was granted, the privileges that it
// took. A driver sees it as the ACCESS_STATE of IRP_MJ_CREATE; AuxData is the kit's own.
#pragma once

#include "nt/abi/se.h"

namespace ndiskit::nt::security {

constexpr ULONG initial_privileges = 3;  // what INITIAL_PRIVILEGE_SET has room for

// Behind ACCESS_STATE::AuxData.
struct AccessExtension {
    PPRIVILEGE_SET privileges;  // in the ACCESS_STATE, or from pool when PrivilegesAllocated
    GENERIC_MAPPING mapping;
};

// The access state of the calling thread's subject; a driver may use it while this lives.
class AccessState {
  public:
    AccessState(ACCESS_MASK desired, ACCESS_MASK granted, const GENERIC_MAPPING& mapping);
    ~AccessState();
    AccessState(const AccessState&) = delete;
    AccessState& operator=(const AccessState&) = delete;

    ACCESS_STATE& get() { return state_; }

  private:
    ACCESS_STATE state_ = {};
    AccessExtension extension_ = {};
};

}  // namespace ndiskit::nt::security
