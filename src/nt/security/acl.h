// Access control lists: a header and its entries one behind the other. Nothing here trusts the sizes in
// them: Entries walks what lies inside only.
#pragma once

#include <vector>

#include "nt/security/sid.h"

namespace ndiskit::nt::security {

using Bytes = std::vector<uint8_t>;

// Entries whose SID lies behind the mask: allowed, denied, audit, alarm, mandatory label.
constexpr bool has_plain_sid(UCHAR type) {
    return type <= SYSTEM_ALARM_ACE_TYPE || type == SYSTEM_MANDATORY_LABEL_ACE_TYPE;
}
inline ACCESS_MASK& mask_of(const ACE_HEADER& ace) {
    return reinterpret_cast<PACCESS_ALLOWED_ACE>(const_cast<PACE_HEADER>(&ace))->Mask;
}
inline const void* sid_of(const ACE_HEADER& ace) {
    return &reinterpret_cast<const ACCESS_ALLOWED_ACE&>(ace).SidStart;
}

// Entry `index`, null when there is none; with index == AceCount the free place behind the last one, null
// when the entries do not fit into the list.
ACE_HEADER* entry(const ACL& acl, ULONG index);
// Revision, sizes, entries and their SIDs.
bool valid_acl(const ACL& acl);
// The bytes in use, which may be less than AclSize.
size_t used_size(const ACL& acl);

// A list that grows.
class AclBuilder {
  public:
    void add(UCHAR type, UCHAR flags, ACCESS_MASK mask, const void* sid);
    void copy(const ACE_HEADER& ace);
    Bytes take();

  private:
    Bytes entries_;
    USHORT count_ = 0;
    UCHAR revision_ = ACL_REVISION;
};

}  // namespace ndiskit::nt::security
