// fuzz: nt
// The security descriptor definition language on any text: a descriptor that is valid and that an access
// check can read, or nothing. The same bytes are then taken for a descriptor themselves.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "nt/security/descriptor.h"

using namespace ndiskit::nt::security;

namespace {

void require(bool promise) {
    if (!promise) abort();
}

void read_all(const void* descriptor) {
    const Parts parts = parts_of(descriptor);
    for (const ACL* acl : {parts.dacl, parts.sacl})
        for (ULONG i = 0; acl && i < acl->AceCount; ++i)
            if (const ACE_HEADER* const ace = entry(*acl, i); has_plain_sid(ace->AceType))
                sid_text(sid_of(*ace));
    require(valid_relative(self_relative(parts).data(), relative_size(parts)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::u16string text(data, data + size);
    if (const auto descriptor = parse_sddl(text)) {
        require(valid_relative(descriptor->data(), descriptor->size()));
        read_all(descriptor->data());
    }
    Bytes bytes(data, data + size);
    bytes.shrink_to_fit();
    if (valid_relative(bytes.data(), bytes.size())) read_all(bytes.data());
    return 0;
}
