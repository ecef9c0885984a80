// Security descriptors as drivers build, read and convert them.
#include <cstring>

#include "nt/abi.h"
#include "nt/pool/pool.h"
#include "nt/security/descriptor.h"

using namespace ndiskit::nt;
using namespace ndiskit::nt::security;

namespace {

constexpr uint32_t capture_tag = 0x63536553;  // 'SeSc' in memory order

SECURITY_DESCRIPTOR& absolute(PSECURITY_DESCRIPTOR descriptor) {
    return *static_cast<PISECURITY_DESCRIPTOR>(descriptor);
}

// Only absolute descriptors can be changed.
NTSTATUS changeable(PSECURITY_DESCRIPTOR descriptor) {
    if (absolute(descriptor).Revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    return absolute(descriptor).Control & SE_SELF_RELATIVE ? STATUS_INVALID_SECURITY_DESCR : STATUS_SUCCESS;
}

void set_bits(PSECURITY_DESCRIPTOR descriptor, USHORT mask, USHORT bits) {
    absolute(descriptor).Control = static_cast<USHORT>((absolute(descriptor).Control & ~mask) | bits);
}

bool known(PSECURITY_DESCRIPTOR descriptor) {
    return absolute(descriptor).Revision == SECURITY_DESCRIPTOR_REVISION;
}

void put(void* to, const void* part, size_t size) {
    if (part) std::memcpy(to, part, size);
}

// Whether the part fits; gives the size that it needs when it does not.
bool fits(size_t needed, PULONG size) {
    if (*size >= needed) return true;
    *size = static_cast<ULONG>(needed);
    return false;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlcreatesecuritydescriptor
NTSTATUS NTAPI RtlCreateSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, ULONG revision) {
    if (revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    absolute(descriptor) = {};
    absolute(descriptor).Revision = SECURITY_DESCRIPTOR_REVISION;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlsetdaclsecuritydescriptor
NTSTATUS NTAPI RtlSetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, BOOLEAN present, PACL dacl,
                                            BOOLEAN defaulted) {
    if (const NTSTATUS status = changeable(descriptor); !NT_SUCCESS(status)) return status;
    set_bits(descriptor, SE_DACL_PRESENT | SE_DACL_DEFAULTED,
             present ? SE_DACL_PRESENT | (defaulted ? SE_DACL_DEFAULTED : 0) : 0);
    absolute(descriptor).Dacl = present ? dacl : nullptr;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlsetdaclsecuritydescriptor
NTSTATUS NTAPI RtlSetSaclSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, BOOLEAN present, PACL sacl,
                                            BOOLEAN defaulted) {
    if (const NTSTATUS status = changeable(descriptor); !NT_SUCCESS(status)) return status;
    set_bits(descriptor, SE_SACL_PRESENT | SE_SACL_DEFAULTED,
             present ? SE_SACL_PRESENT | (defaulted ? SE_SACL_DEFAULTED : 0) : 0);
    absolute(descriptor).Sacl = present ? sacl : nullptr;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlsetownersecuritydescriptor
NTSTATUS NTAPI RtlSetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, PSID owner, BOOLEAN defaulted) {
    if (const NTSTATUS status = changeable(descriptor); !NT_SUCCESS(status)) return status;
    set_bits(descriptor, SE_OWNER_DEFAULTED, defaulted ? SE_OWNER_DEFAULTED : 0);
    absolute(descriptor).Owner = owner;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlsetgroupsecuritydescriptor
NTSTATUS NTAPI RtlSetGroupSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, PSID group, BOOLEAN defaulted) {
    if (const NTSTATUS status = changeable(descriptor); !NT_SUCCESS(status)) return status;
    set_bits(descriptor, SE_GROUP_DEFAULTED, defaulted ? SE_GROUP_DEFAULTED : 0);
    absolute(descriptor).Group = group;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlgetdaclsecuritydescriptor
NTSTATUS NTAPI RtlGetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, PBOOLEAN present, PACL* dacl,
                                            PBOOLEAN defaulted) {
    if (!known(descriptor)) return STATUS_UNKNOWN_REVISION;
    const Parts parts = parts_of(descriptor);
    *present = (parts.control & SE_DACL_PRESENT) != 0;
    if (!*present) return STATUS_SUCCESS;
    *dacl = const_cast<PACL>(parts.dacl);
    *defaulted = (parts.control & SE_DACL_DEFAULTED) != 0;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlgetsaclsecuritydescriptor
NTSTATUS NTAPI RtlGetSaclSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, PBOOLEAN present, PACL* sacl,
                                            PBOOLEAN defaulted) {
    if (!known(descriptor)) return STATUS_UNKNOWN_REVISION;
    const Parts parts = parts_of(descriptor);
    *present = (parts.control & SE_SACL_PRESENT) != 0;
    if (!*present) return STATUS_SUCCESS;
    *sacl = const_cast<PACL>(parts.sacl);
    *defaulted = (parts.control & SE_SACL_DEFAULTED) != 0;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlgetownersecuritydescriptor
NTSTATUS NTAPI RtlGetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, PSID* owner,
                                             PBOOLEAN defaulted) {
    if (!known(descriptor)) return STATUS_UNKNOWN_REVISION;
    const Parts parts = parts_of(descriptor);
    *owner = const_cast<PSID>(parts.owner);
    *defaulted = (parts.control & SE_OWNER_DEFAULTED) != 0;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlgetgroupsecuritydescriptor
NTSTATUS NTAPI RtlGetGroupSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, PSID* group,
                                             PBOOLEAN defaulted) {
    if (!known(descriptor)) return STATUS_UNKNOWN_REVISION;
    const Parts parts = parts_of(descriptor);
    *group = const_cast<PSID>(parts.group);
    *defaulted = (parts.control & SE_GROUP_DEFAULTED) != 0;
    return STATUS_SUCCESS;
}

// Of the header in the descriptor's own format, and of the parts.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtllengthsecuritydescriptor
ULONG NTAPI RtlLengthSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor) {
    const Parts parts = parts_of(descriptor);
    const size_t header =
        parts.control & SE_SELF_RELATIVE ? sizeof(SECURITY_DESCRIPTOR_RELATIVE) : sizeof(SECURITY_DESCRIPTOR);
    return static_cast<ULONG>(relative_size(parts) - sizeof(SECURITY_DESCRIPTOR_RELATIVE) + header);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlvalidsecuritydescriptor
BOOLEAN NTAPI RtlValidSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor) {
    return valid_descriptor(descriptor);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlvalidrelativesecuritydescriptor
BOOLEAN NTAPI RtlValidRelativeSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, ULONG size,
                                                 SECURITY_INFORMATION required) {
    return valid_relative(descriptor, size, required);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-sevalidsecuritydescriptor
BOOLEAN NTAPI SeValidSecurityDescriptor(ULONG size, PSECURITY_DESCRIPTOR descriptor) {
    return valid_relative(descriptor, size, OWNER_SECURITY_INFORMATION);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlabsolutetoselfrelativesd
NTSTATUS NTAPI RtlAbsoluteToSelfRelativeSD(PSECURITY_DESCRIPTOR from, PSECURITY_DESCRIPTOR to, PULONG size) {
    if (absolute(from).Control & SE_SELF_RELATIVE) return STATUS_BAD_DESCRIPTOR_FORMAT;
    const Bytes bytes = self_relative(parts_of(from));
    if (!fits(bytes.size(), size)) return STATUS_BUFFER_TOO_SMALL;
    std::memcpy(to, bytes.data(), bytes.size());
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlselfrelativetoabsolutesd
NTSTATUS NTAPI RtlSelfRelativeToAbsoluteSD(PSECURITY_DESCRIPTOR from, PSECURITY_DESCRIPTOR to, PULONG size,
                                           PACL dacl, PULONG dacl_size, PACL sacl, PULONG sacl_size,
                                           PSID owner, PULONG owner_size, PSID group, PULONG group_size) {
    const Parts parts = parts_of(from);
    if (!(parts.control & SE_SELF_RELATIVE)) return STATUS_BAD_DESCRIPTOR_FORMAT;
    const size_t dacl_bytes = parts.dacl ? parts.dacl->AclSize : 0,
                 sacl_bytes = parts.sacl ? parts.sacl->AclSize : 0,
                 owner_bytes = parts.owner ? size_of_sid(parts.owner) : 0,
                 group_bytes = parts.group ? size_of_sid(parts.group) : 0;
    bool all = fits(sizeof(SECURITY_DESCRIPTOR), size);
    all = fits(dacl_bytes, dacl_size) && all;
    all = fits(sacl_bytes, sacl_size) && all;
    all = fits(owner_bytes, owner_size) && all;
    all = fits(group_bytes, group_size) && all;
    if (!all) return STATUS_BUFFER_TOO_SMALL;
    put(dacl, parts.dacl, dacl_bytes);
    put(sacl, parts.sacl, sacl_bytes);
    put(owner, parts.owner, owner_bytes);
    put(group, parts.group, group_bytes);
    absolute(to) = {SECURITY_DESCRIPTOR_REVISION,
                    0,
                    static_cast<USHORT>(parts.control & ~SE_SELF_RELATIVE),
                    parts.owner ? owner : nullptr,
                    parts.group ? group : nullptr,
                    parts.sacl ? sacl : nullptr,
                    parts.dacl ? dacl : nullptr};
    return STATUS_SUCCESS;
}

// A copy that no program can change behind the caller's back, checked; no page, ntifs.h declares it.
NTSTATUS NTAPI SeCaptureSecurityDescriptor(PSECURITY_DESCRIPTOR from, KPROCESSOR_MODE mode, POOL_TYPE,
                                           BOOLEAN force, PSECURITY_DESCRIPTOR* captured) {
    *captured = nullptr;
    if (!from) return STATUS_SUCCESS;
    if (mode == KernelMode && !force) {
        *captured = from;  // the kernel's own is trusted as it is
        return STATUS_SUCCESS;
    }
    if (const NTSTATUS status = check_descriptor(from); !NT_SUCCESS(status)) return status;
    const Bytes bytes = self_relative(parts_of(from));
    void* const block =
        pool_allocate(PoolKind::paged, bytes.size(), capture_tag, __builtin_return_address(0));
    if (!block) return STATUS_INSUFFICIENT_RESOURCES;
    std::memcpy(block, bytes.data(), bytes.size());
    *captured = block;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI SeReleaseSecurityDescriptor(PSECURITY_DESCRIPTOR captured, KPROCESSOR_MODE mode,
                                           BOOLEAN forced) {
    if (captured && (mode != KernelMode || forced)) pool_free(captured, capture_tag);
    return STATUS_SUCCESS;
}

}  // extern "C"
