// Security descriptors and lists as drivers build them for their devices. Nothing here is enforced: programs
// that reach this machine's devices are the user's own.
#include <cstring>
#include <initializer_list>

#include "nt/abi.h"

namespace {
SECURITY_DESCRIPTOR& of(PSECURITY_DESCRIPTOR descriptor) {
    return *static_cast<PISECURITY_DESCRIPTOR>(descriptor);
}
}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlcreatesecuritydescriptor
NTSTATUS NTAPI RtlCreateSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, ULONG revision) {
    if (revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    of(descriptor) = {};
    of(descriptor).Revision = SECURITY_DESCRIPTOR_REVISION;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlsetdaclsecuritydescriptor
NTSTATUS NTAPI RtlSetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, BOOLEAN present, PACL dacl,
                                            BOOLEAN defaulted) {
    if (of(descriptor).Revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    of(descriptor).Control &= static_cast<USHORT>(~(SE_DACL_PRESENT | 8));
    if (present) of(descriptor).Control |= static_cast<USHORT>(SE_DACL_PRESENT | (defaulted ? 8 : 0));
    of(descriptor).Dacl = present ? dacl : nullptr;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtllengthsecuritydescriptor
ULONG NTAPI RtlLengthSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor) {
    const SECURITY_DESCRIPTOR& d = of(descriptor);
    auto length = static_cast<ULONG>(sizeof(SECURITY_DESCRIPTOR));
    for (PSID sid : {d.Owner, d.Group})
        if (sid) length += 8u + 4u * static_cast<PISID>(sid)->SubAuthorityCount;
    if (d.Dacl) length += d.Dacl->AclSize;
    if (d.Sacl) length += d.Sacl->AclSize;
    return length;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlvalidsecuritydescriptor
BOOLEAN NTAPI RtlValidSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor) {
    return of(descriptor).Revision == SECURITY_DESCRIPTOR_REVISION;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtllengthrequiredsid
ULONG NTAPI RtlLengthRequiredSid(ULONG sub_authorities) { return 8 + 4 * sub_authorities; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtllengthsid
ULONG NTAPI RtlLengthSid(PSID sid) { return 8u + 4u * static_cast<PISID>(sid)->SubAuthorityCount; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlcreateacl
NTSTATUS NTAPI RtlCreateAcl(PACL acl, ULONG size, ULONG revision) {
    if (size < sizeof(ACL)) return STATUS_BUFFER_TOO_SMALL;
    if (revision < 2 || revision > 4 || size > 0xFFFF) return STATUS_INVALID_PARAMETER;
    *acl = {static_cast<UCHAR>(revision), 0, static_cast<USHORT>(size & ~3u), 0, 0};
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtladdaccessallowedace
NTSTATUS NTAPI RtlAddAccessAllowedAce(PACL acl, ULONG, ACCESS_MASK mask, PSID sid) {
    auto* at = reinterpret_cast<char*>(acl + 1);
    for (USHORT i = 0; i < acl->AceCount; ++i) at += reinterpret_cast<PACE_HEADER>(at)->AceSize;
    const ULONG size = 8 + RtlLengthSid(sid);
    if (at + size > reinterpret_cast<char*>(acl) + acl->AclSize) return STATUS_ALLOTTED_SPACE_EXCEEDED;
    *reinterpret_cast<PACE_HEADER>(at) = {0, 0, static_cast<USHORT>(size)};
    std::memcpy(at + 4, &mask, sizeof mask);
    std::memcpy(at + 8, sid, size - 8);
    ++acl->AceCount;
    return STATUS_SUCCESS;
}

// Kernel-mode callers have every privilege, and so do this machine's programs.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-sesingleprivilegecheck
BOOLEAN NTAPI SeSinglePrivilegeCheck(LUID, KPROCESSOR_MODE) { return TRUE; }

}  // extern "C"
