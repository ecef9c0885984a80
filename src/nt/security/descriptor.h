// Security descriptors: who owns an object and who may do what with it. Drivers build them with pointers
// (absolute) or get them as one block of offsets (self-relative); Parts reads both, and all that is kept is
// self-relative. What comes from outside is checked with valid_descriptor or valid_relative before it is
// read.
#pragma once

#include <optional>
#include <string_view>

#include "nt/security/acl.h"

namespace ndiskit::nt::security {

struct Parts {
    USHORT control = 0;
    const void* owner = nullptr;
    const void* group = nullptr;
    const ACL* sacl = nullptr;
    const ACL* dacl = nullptr;  // null with SE_DACL_PRESENT: everything is allowed
};
Parts parts_of(const void* descriptor);

// A status that says what is wrong: STATUS_UNKNOWN_REVISION, STATUS_INVALID_SID, STATUS_INVALID_ACL.
NTSTATUS check_descriptor(const void* descriptor);
inline bool valid_descriptor(const void* descriptor) { return NT_SUCCESS(check_descriptor(descriptor)); }
// Self-relative, with all its parts in the first `size` bytes.
bool valid_relative(const void* descriptor, size_t size, SECURITY_INFORMATION required = 0);

size_t relative_size(const Parts& parts);
Bytes self_relative(const Parts& parts);
// Only those parts that are named.
Parts chosen(const Parts& parts, SECURITY_INFORMATION information);
// `from` in those parts that are named, `base` in the others.
Parts merged(const Parts& base, const Parts& from, SECURITY_INFORMATION information);

// The security descriptor definition language, "D:P(A;;GA;;;SY)(A;;GR;;;WD)"; nothing when the text is wrong.
std::optional<Bytes> parse_sddl(std::u16string_view text);

// A pool block with a self-relative descriptor, as DEVICE_OBJECT::SecurityDescriptor is; null when there is
// no memory. What was there is freed.
bool keep(PSECURITY_DESCRIPTOR& slot, const Bytes& descriptor, const void* caller);
void drop(PSECURITY_DESCRIPTOR& slot);

}  // namespace ndiskit::nt::security
