// The access check: what a token may do with what a descriptor protects.
#pragma once

#include <vector>

#include "nt/security/descriptor.h"
#include "nt/security/token.h"

namespace ndiskit::nt::security {

extern const GENERIC_MAPPING file_mapping, key_mapping, event_mapping;

// Generic rights become what they mean for that kind of object.
ACCESS_MASK map_generic(ACCESS_MASK mask, const GENERIC_MAPPING& mapping);

struct Access {
    NTSTATUS status;                // STATUS_ACCESS_DENIED, STATUS_PRIVILEGE_NOT_HELD
    ACCESS_MASK granted;            // 0 when it is denied
    std::vector<ULONG> privileges;  // that it needed
};
// A null descriptor protects nothing. MAXIMUM_ALLOWED asks for all that there is.
Access access_check(const void* descriptor, const Token& token, ACCESS_MASK desired,
                    const GENERIC_MAPPING& mapping, ACCESS_MASK granted_before = 0);

}  // namespace ndiskit::nt::security
