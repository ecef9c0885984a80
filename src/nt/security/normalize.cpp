// RtlNormalizeSecurityDescriptor: one form for descriptors that mean the same, and the smallest, for who
// keeps each only once.
#include <algorithm>
#include <cstring>

#include "nt/abi.h"
#include "nt/pool/pool.h"
#include "nt/security/descriptor.h"
#include "nt/security/inheritance.h"

using namespace ndiskit::nt;
using namespace ndiskit::nt::security;

namespace {

constexpr uint32_t descriptor_tag = 0x64536553;  // 'SeSd' in memory order

bool allows(UCHAR type) {
    constexpr UCHAR object = 5, callback = 9, callback_object = 11;
    return type == ACCESS_ALLOWED_ACE_TYPE || type == object || type == callback || type == callback_object;
}

bool same_entry(const ACE_HEADER& a, const ACE_HEADER& b) {
    return a.AceSize == b.AceSize && std::memcmp(&a, &b, a.AceSize) == 0;
}

// Whether an entry before that one allows the same already.
bool repeats(const ACL& acl, ULONG index) {
    const ACE_HEADER& ace = *entry(acl, index);
    if (!allows(ace.AceType)) return false;
    for (ULONG i = 0; i < index; ++i)
        if (same_entry(*entry(acl, i), ace)) return true;
    return false;
}

// The list without repetitions; in `room` when there are any.
const ACL* without_repetitions(const ACL* acl, Bytes& room) {
    AclBuilder once;
    ULONG left = 0;
    for (ULONG i = 0; acl && i < acl->AceCount; ++i)
        if (!repeats(*acl, i)) once.copy(*entry(*acl, i)), ++left;
    if (!acl || left == acl->AceCount) return acl;
    room = once.take();
    reinterpret_cast<ACL*>(room.data())->AclRevision = acl->AclRevision;
    return reinterpret_cast<const ACL*>(room.data());
}

Bytes normalized(const void* descriptor) {
    Parts parts = parts_of(descriptor);
    Bytes sacl, dacl;
    if (parts.sacl && !parts.sacl->AceCount) {
        parts.sacl = nullptr;
        parts.control &= static_cast<USHORT>(~SE_SACL_PRESENT);
    }
    parts.sacl = without_repetitions(parts.sacl, sacl);
    parts.dacl = without_repetitions(parts.dacl, dacl);
    Bytes bytes = self_relative(parts);
    bytes[1] = static_cast<const uint8_t*>(descriptor)[1];  // the resource manager's byte
    return bytes;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlnormalizesecuritydescriptor
BOOLEAN NTAPI RtlNormalizeSecurityDescriptor(PSECURITY_DESCRIPTOR* SecurityDescriptor,
                                             ULONG SecurityDescriptorLength,
                                             PSECURITY_DESCRIPTOR* NewSecurityDescriptor,
                                             PULONG NewSecurityDescriptorLength, BOOLEAN CheckOnly) {
    const ULONG size = SecurityDescriptorLength;
    if (!valid_relative(*SecurityDescriptor, size)) return FALSE;
    const Bytes bytes = normalized(*SecurityDescriptor);
    if (bytes.size() == size && std::memcmp(bytes.data(), *SecurityDescriptor, size) == 0) return FALSE;
    // Parts that lie over one another take more room when they are laid out.
    const bool into_callers = NewSecurityDescriptor && *NewSecurityDescriptor;
    if (into_callers && bytes.size() > size) return FALSE;
    if (CheckOnly) return TRUE;
    void* to = into_callers ? *NewSecurityDescriptor
                            : pool_allocate(PoolKind::paged, bytes.size(), descriptor_tag,
                                            __builtin_return_address(0));
    if (!to) return FALSE;
    std::ranges::copy(bytes, static_cast<uint8_t*>(to));
    if (!NewSecurityDescriptor) pool_free(*SecurityDescriptor);
    (NewSecurityDescriptor ? *NewSecurityDescriptor : *SecurityDescriptor) = to;
    if (NewSecurityDescriptorLength) *NewSecurityDescriptorLength = static_cast<ULONG>(bytes.size());
    return TRUE;
}

}  // extern "C"
