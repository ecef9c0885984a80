// What descriptors new objects get, and what a change makes of one.
#pragma once

#include <expected>

#include "nt/security/descriptor.h"
#include "nt/security/token.h"

namespace ndiskit::nt::security {

// What the new object's descriptor is made of.
struct Assignment {
    const void* parent;  // may be null, as may be what its creator gives
    const void* given;
    bool is_directory;
    ULONG flags;  // SEF_DACL_AUTO_INHERIT ...
    const Token& token;
    const GENERIC_MAPPING& mapping;
};
// STATUS_INVALID_OWNER, STATUS_PRIVILEGE_NOT_HELD.
std::expected<Bytes, NTSTATUS> assigned(const Assignment& wanted);

// The named parts from the modification, with generic rights mapped, the others as they are.
Bytes changed_descriptor(const void* now, const void* modification, SECURITY_INFORMATION information,
                         const GENERIC_MAPPING& mapping);

}  // namespace ndiskit::nt::security
