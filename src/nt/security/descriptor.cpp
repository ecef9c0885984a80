#include "nt/security/descriptor.h"

#include <cstring>
#include <initializer_list>
#include <utility>

#include "nt/abi.h"
#include "nt/pool/pool.h"

namespace ndiskit::nt::security {

namespace {

constexpr uint32_t descriptor_tag = 0x64536553;  // 'SeSd' in memory order

using Relative = SECURITY_DESCRIPTOR_RELATIVE;

const uint8_t* bytes_of(const void* descriptor) { return static_cast<const uint8_t*>(descriptor); }
size_t aligned(size_t size) { return (size + 3) & ~size_t{3}; }

struct Range {
    const uint8_t* start;
    size_t size;
    // The part at an offset, when there is room for at least `least` bytes; 0 is no part.
    bool holds(ULONG offset, size_t least) const {
        return offset >= sizeof(Relative) && offset % 4 == 0 && offset < size && size - offset >= least;
    }
};

bool valid_sid_at(const Range& range, ULONG offset) {
    return !offset ||
           (range.holds(offset, sid_size(0)) && valid_sid_in(range.start + offset, range.size - offset));
}

bool valid_acl_at(const Range& range, ULONG offset) {
    if (!offset) return true;
    if (!range.holds(offset, sizeof(ACL))) return false;
    const auto& acl = *reinterpret_cast<const ACL*>(range.start + offset);
    return acl.AclSize <= range.size - offset && valid_acl(acl);
}

}  // namespace

Parts parts_of(const void* descriptor) {
    const auto& absolute = *static_cast<const SECURITY_DESCRIPTOR*>(descriptor);
    Parts parts{.control = absolute.Control};
    const bool dacl = absolute.Control & SE_DACL_PRESENT, sacl = absolute.Control & SE_SACL_PRESENT;
    if (!(absolute.Control & SE_SELF_RELATIVE)) {
        parts.owner = absolute.Owner;
        parts.group = absolute.Group;
        if (dacl) parts.dacl = absolute.Dacl;
        if (sacl) parts.sacl = absolute.Sacl;
        return parts;
    }
    const auto& relative = *static_cast<const Relative*>(descriptor);
    const uint8_t* const start = bytes_of(descriptor);
    if (relative.Owner) parts.owner = start + relative.Owner;
    if (relative.Group) parts.group = start + relative.Group;
    if (dacl && relative.Dacl) parts.dacl = reinterpret_cast<const ACL*>(start + relative.Dacl);
    if (sacl && relative.Sacl) parts.sacl = reinterpret_cast<const ACL*>(start + relative.Sacl);
    return parts;
}

NTSTATUS check_descriptor(const void* descriptor) {
    if (static_cast<const SECURITY_DESCRIPTOR*>(descriptor)->Revision != SECURITY_DESCRIPTOR_REVISION)
        return STATUS_UNKNOWN_REVISION;
    const Parts parts = parts_of(descriptor);
    if ((parts.owner && !valid_sid(parts.owner)) || (parts.group && !valid_sid(parts.group)))
        return STATUS_INVALID_SID;
    if ((parts.dacl && !valid_acl(*parts.dacl)) || (parts.sacl && !valid_acl(*parts.sacl)))
        return STATUS_INVALID_ACL;
    return STATUS_SUCCESS;
}

bool valid_relative(const void* descriptor, size_t size, SECURITY_INFORMATION required) {
    if (!descriptor || size < sizeof(Relative)) return false;
    const auto& relative = *static_cast<const Relative*>(descriptor);
    if (relative.Revision != SECURITY_DESCRIPTOR_REVISION || !(relative.Control & SE_SELF_RELATIVE))
        return false;
    const Range range{bytes_of(descriptor), size};
    const bool has_dacl = relative.Control & SE_DACL_PRESENT, has_sacl = relative.Control & SE_SACL_PRESENT;
    if (!valid_sid_at(range, relative.Owner) || !valid_sid_at(range, relative.Group) ||
        (has_dacl && !valid_acl_at(range, relative.Dacl)) ||
        (has_sacl && !valid_acl_at(range, relative.Sacl)))
        return false;
    return !((required & OWNER_SECURITY_INFORMATION && !relative.Owner) ||
             (required & GROUP_SECURITY_INFORMATION && !relative.Group) ||
             (required & DACL_SECURITY_INFORMATION && !has_dacl) ||
             (required & SACL_SECURITY_INFORMATION && !has_sacl));
}

size_t relative_size(const Parts& parts) {
    size_t size = sizeof(Relative);
    for (const void* sid : {parts.owner, parts.group})
        if (sid) size += size_of_sid(sid);
    for (const ACL* acl : {parts.sacl, parts.dacl})
        if (acl) size += aligned(acl->AclSize);
    return size;
}

Bytes self_relative(const Parts& parts) {
    Bytes bytes(sizeof(Relative));
    Relative header = {};
    auto append = [&](const void* part, size_t size) {
        const auto at = static_cast<ULONG>(bytes.size());
        bytes.insert(bytes.end(), bytes_of(part), bytes_of(part) + size);
        bytes.resize(aligned(bytes.size()));
        return at;
    };
    header.Revision = SECURITY_DESCRIPTOR_REVISION;
    header.Control = static_cast<USHORT>(parts.control | SE_SELF_RELATIVE);
    if (parts.sacl) header.Sacl = append(parts.sacl, parts.sacl->AclSize);
    if (parts.dacl) header.Dacl = append(parts.dacl, parts.dacl->AclSize);
    if (parts.owner) header.Owner = append(parts.owner, size_of_sid(parts.owner));
    if (parts.group) header.Group = append(parts.group, size_of_sid(parts.group));
    std::memcpy(bytes.data(), &header, sizeof header);
    return bytes;
}

namespace {
constexpr USHORT owner_bits = SE_OWNER_DEFAULTED, group_bits = SE_GROUP_DEFAULTED,
                 dacl_bits = SE_DACL_PRESENT | SE_DACL_DEFAULTED | SE_DACL_AUTO_INHERIT_REQ |
                             SE_DACL_AUTO_INHERITED | SE_DACL_PROTECTED,
                 sacl_bits = SE_SACL_PRESENT | SE_SACL_DEFAULTED | SE_SACL_AUTO_INHERIT_REQ |
                             SE_SACL_AUTO_INHERITED | SE_SACL_PROTECTED;
}  // namespace

Parts merged(const Parts& base, const Parts& from, SECURITY_INFORMATION information) {
    Parts parts = base;
    USHORT bits = 0;
    if (information & OWNER_SECURITY_INFORMATION) parts.owner = from.owner, bits |= owner_bits;
    if (information & GROUP_SECURITY_INFORMATION) parts.group = from.group, bits |= group_bits;
    if (information & DACL_SECURITY_INFORMATION) parts.dacl = from.dacl, bits |= dacl_bits;
    if (information & SACL_SECURITY_INFORMATION) parts.sacl = from.sacl, bits |= sacl_bits;
    parts.control = static_cast<USHORT>((base.control & ~bits) | (from.control & bits));
    return parts;
}

Parts chosen(const Parts& parts, SECURITY_INFORMATION information) { return merged({}, parts, information); }

bool keep(PSECURITY_DESCRIPTOR& slot, const Bytes& descriptor, const void* caller) {
    void* const block = pool_allocate(PoolKind::paged, descriptor.size(), descriptor_tag, caller);
    if (!block) return false;
    std::memcpy(block, descriptor.data(), descriptor.size());
    if (PSECURITY_DESCRIPTOR old = std::exchange(slot, block)) pool_free(old);
    return true;
}

void drop(PSECURITY_DESCRIPTOR& slot) {
    if (PSECURITY_DESCRIPTOR old = std::exchange(slot, nullptr)) pool_free(old);
}

}  // namespace ndiskit::nt::security
