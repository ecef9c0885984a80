#include "nt/security/acl.h"

#include <cstring>
#include <utility>

#include "nt/abi.h"

namespace ndiskit::nt::security {

namespace {

constexpr size_t sid_at = 8;  // behind the header and the mask

bool valid_revision(UCHAR revision) { return revision >= ACL_REVISION && revision <= ACL_REVISION4; }

bool valid_entry(const ACE_HEADER& ace) {
    if (ace.AceSize < sizeof(ACE_HEADER) || ace.AceSize % 4) return false;
    return !has_plain_sid(ace.AceType) ||
           (ace.AceSize > sid_at && valid_sid_in(sid_of(ace), ace.AceSize - sid_at));
}

}  // namespace

ACE_HEADER* entry(const ACL& acl, ULONG index) {
    if (index > acl.AceCount) return nullptr;
    const auto* at = reinterpret_cast<const uint8_t*>(&acl + 1);
    const auto* const end = reinterpret_cast<const uint8_t*>(&acl) + acl.AclSize;
    for (ULONG i = 0; i < index; ++i) {
        if (at + sizeof(ACE_HEADER) > end) return nullptr;
        const auto size = reinterpret_cast<const ACE_HEADER*>(at)->AceSize;
        if (size < sizeof(ACE_HEADER) || size > end - at) return nullptr;
        at += size;
    }
    if (index < acl.AceCount &&
        (at + sizeof(ACE_HEADER) > end || reinterpret_cast<const ACE_HEADER*>(at)->AceSize > end - at))
        return nullptr;
    return reinterpret_cast<ACE_HEADER*>(const_cast<uint8_t*>(at));
}

bool valid_acl(const ACL& acl) {
    if (!valid_revision(acl.AclRevision) || acl.AclSize < sizeof(ACL) || acl.AclSize % 4) return false;
    for (ULONG i = 0; i < acl.AceCount; ++i) {
        const ACE_HEADER* const ace = entry(acl, i);
        if (!ace || !valid_entry(*ace)) return false;
    }
    return true;
}

size_t used_size(const ACL& acl) {
    const ACE_HEADER* const free = entry(acl, acl.AceCount);
    return free ? static_cast<size_t>(reinterpret_cast<const char*>(free) -
                                      reinterpret_cast<const char*>(&acl))
                : 0;
}

void AclBuilder::add(UCHAR type, UCHAR flags, ACCESS_MASK mask, const void* sid) {
    Bytes ace(sid_at + size_of_sid(sid));
    const ACE_HEADER header = {type, flags, static_cast<USHORT>(ace.size())};
    std::memcpy(ace.data(), &header, sizeof header);
    std::memcpy(ace.data() + sizeof header, &mask, sizeof mask);
    std::memcpy(ace.data() + sid_at, sid, size_of_sid(sid));
    copy(*reinterpret_cast<const ACE_HEADER*>(ace.data()));
}

void AclBuilder::copy(const ACE_HEADER& ace) {
    const auto* const bytes = reinterpret_cast<const uint8_t*>(&ace);
    entries_.insert(entries_.end(), bytes, bytes + ace.AceSize);
    if (ace.AceType > ACCESS_ALLOWED_COMPOUND_ACE_TYPE && !has_plain_sid(ace.AceType))
        revision_ = ACL_REVISION_DS;
    ++count_;
}

Bytes AclBuilder::take() {
    const ACL header = {revision_, 0, static_cast<USHORT>(sizeof(ACL) + entries_.size()), count_, 0};
    const auto* const bytes = reinterpret_cast<const uint8_t*>(&header);
    entries_.insert(entries_.begin(), bytes, bytes + sizeof header);
    return std::exchange(entries_, {});
}

static NTSTATUS add_entry(PACL acl, ULONG revision, UCHAR type, ULONG flags, ACCESS_MASK mask, PSID sid) {
    if (!valid_sid(sid)) return STATUS_INVALID_SID;
    if (!valid_revision(acl->AclRevision)) return STATUS_INVALID_ACL;
    if (revision > ACL_REVISION4 || revision < ACL_REVISION) return STATUS_REVISION_MISMATCH;
    if (flags & ~static_cast<ULONG>(VALID_INHERIT_FLAGS)) return STATUS_INVALID_PARAMETER;
    ACE_HEADER* const place = entry(*acl, acl->AceCount);
    if (!place) return STATUS_INVALID_ACL;
    const size_t size = sid_at + size_of_sid(sid);
    if (used_size(*acl) + size > acl->AclSize) return STATUS_ALLOTTED_SPACE_EXCEEDED;
    *place = {type, static_cast<UCHAR>(flags), static_cast<USHORT>(size)};
    mask_of(*place) = mask;
    std::memcpy(const_cast<void*>(sid_of(*place)), sid, size - sid_at);
    if (revision > acl->AclRevision) acl->AclRevision = static_cast<UCHAR>(revision);
    ++acl->AceCount;
    return STATUS_SUCCESS;
}

}  // namespace ndiskit::nt::security

using namespace ndiskit::nt::security;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlcreateacl
NTSTATUS NTAPI RtlCreateAcl(PACL acl, ULONG size, ULONG revision) {
    if (size < sizeof(ACL)) return STATUS_BUFFER_TOO_SMALL;
    if (revision < ACL_REVISION || revision > ACL_REVISION4 || size > 0xFFFF) return STATUS_INVALID_PARAMETER;
    *acl = {static_cast<UCHAR>(revision), 0, static_cast<USHORT>(size & ~3u), 0, 0};
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtladdaccessallowedace
NTSTATUS NTAPI RtlAddAccessAllowedAce(PACL acl, ULONG revision, ACCESS_MASK mask, PSID sid) {
    return add_entry(acl, revision, ACCESS_ALLOWED_ACE_TYPE, 0, mask, sid);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtladdaccessallowedaceex
NTSTATUS NTAPI RtlAddAccessAllowedAceEx(PACL acl, ULONG revision, ULONG flags, ACCESS_MASK mask, PSID sid) {
    return add_entry(acl, revision, ACCESS_ALLOWED_ACE_TYPE, flags, mask, sid);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtladdace
NTSTATUS NTAPI RtlAddAce(PACL acl, ULONG revision, ULONG at, PVOID list, ULONG size) {
    ACE_HEADER* const end = entry(*acl, acl->AceCount);
    if (!end || !valid_acl(*acl) || revision < ACL_REVISION || revision > ACL_REVISION4)
        return STATUS_INVALID_PARAMETER;
    // What comes in is read as the entries of a list of its own.
    USHORT count = 0;
    for (ULONG used = 0; used < size; ++count) {
        const auto* const ace = reinterpret_cast<const ACE_HEADER*>(static_cast<char*>(list) + used);
        if (size - used < sizeof(ACE_HEADER) || ace->AceSize < sizeof(ACE_HEADER) ||
            ace->AceSize > size - used ||
            (ace->AceType > ACCESS_ALLOWED_COMPOUND_ACE_TYPE && !has_plain_sid(ace->AceType) &&
             revision < ACL_REVISION_DS))
            return STATUS_INVALID_PARAMETER;
        used += ace->AceSize;
    }
    const size_t used = used_size(*acl);
    if (used + size > acl->AclSize) return STATUS_BUFFER_TOO_SMALL;
    ACE_HEADER* const place = at < acl->AceCount ? entry(*acl, at) : end;
    auto* const to = reinterpret_cast<char*>(place);
    std::memmove(to + size, to, static_cast<size_t>(reinterpret_cast<char*>(end) - to));
    std::memcpy(to, list, size);
    acl->AceCount = static_cast<USHORT>(acl->AceCount + count);
    if (revision > acl->AclRevision) acl->AclRevision = static_cast<UCHAR>(revision);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtldeleteace
NTSTATUS NTAPI RtlDeleteAce(PACL acl, ULONG index) {
    if (!valid_acl(*acl) || index >= acl->AceCount) return STATUS_INVALID_PARAMETER;
    auto* const gone = reinterpret_cast<char*>(entry(*acl, index));
    auto* const next = reinterpret_cast<char*>(entry(*acl, index + 1));
    const auto* const end = reinterpret_cast<char*>(entry(*acl, acl->AceCount));
    const auto left = static_cast<size_t>(end - next);
    std::memmove(gone, next, left);
    std::memset(gone + left, 0, static_cast<size_t>(next - gone));
    --acl->AceCount;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlgetace
NTSTATUS NTAPI RtlGetAce(PACL acl, ULONG index, PVOID* ace) {
    if (index >= acl->AceCount) return STATUS_INVALID_PARAMETER;
    *ace = entry(*acl, index);
    return *ace ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

}  // extern "C"
