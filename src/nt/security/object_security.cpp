// The descriptors of objects that there are, by object and through handles. Devices, and what is open on
// them, have theirs in the device object; a type may keep its objects' descriptors itself, as that of keys
// does.
#include <cstring>

#include "nt/abi.h"
#include "nt/object/object.h"
#include "nt/security/access.h"
#include "nt/security/assign.h"

using namespace ndiskit::nt;
using namespace ndiskit::nt::security;

namespace {

// The object of a handle that was given those rights.
NTSTATUS require(HANDLE handle, ACCESS_MASK needed, void** body) {
    OBJECT_HANDLE_INFORMATION information = {};
    const NTSTATUS status = object::reference_by_handle(handle, 0, nullptr, false, body, &information);
    if (!NT_SUCCESS(status)) return status;
    const ACCESS_MASK granted = map_generic(information.GrantedAccess, file_mapping);
    if ((granted & needed) == needed) return STATUS_SUCCESS;
    object::dereference(*body);
    return STATUS_ACCESS_DENIED;
}

ACCESS_MASK rights_to_read(SECURITY_INFORMATION information) {
    constexpr auto plain =
        OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    return (information & plain ? static_cast<ACCESS_MASK>(READ_CONTROL) : 0u) |
           (information & SACL_SECURITY_INFORMATION ? ACCESS_SYSTEM_SECURITY : 0u);
}
ACCESS_MASK rights_to_write(SECURITY_INFORMATION information) {
    constexpr auto owning = OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION;
    return (information & owning ? static_cast<ACCESS_MASK>(WRITE_OWNER) : 0u) |
           (information & DACL_SECURITY_INFORMATION ? static_cast<ACCESS_MASK>(WRITE_DAC) : 0u) |
           (information & SACL_SECURITY_INFORMATION ? ACCESS_SYSTEM_SECURITY : 0u);
}

PSECURITY_DESCRIPTOR* slot_of(void* body) {
    const auto* const type = object::type_of(body);
    if (type == &object::device_type) return &static_cast<PDEVICE_OBJECT>(body)->SecurityDescriptor;
    if (type == &object::file_type) return &static_cast<PFILE_OBJECT>(body)->DeviceObject->SecurityDescriptor;
    return nullptr;
}

NTSTATUS query(void* body, SECURITY_INFORMATION information, PSECURITY_DESCRIPTOR buffer, PULONG size) {
    if (const auto* const type = object::type_of(body); type && type->query_security)
        return type->query_security(body, information, buffer, size);
    PSECURITY_DESCRIPTOR* const slot = slot_of(body);
    return slot ? SeQuerySecurityDescriptorInfo(&information, buffer, size, slot)
                : STATUS_OBJECT_TYPE_MISMATCH;
}

NTSTATUS set(void* body, SECURITY_INFORMATION information, PSECURITY_DESCRIPTOR descriptor,
             const void* caller) {
    if (const auto* const type = object::type_of(body); type && type->set_security)
        return type->set_security(body, information, descriptor);
    PSECURITY_DESCRIPTOR* const slot = slot_of(body);
    if (!slot) return STATUS_OBJECT_TYPE_MISMATCH;
    return keep(*slot, changed_descriptor(*slot, descriptor, information, file_mapping), caller)
               ? STATUS_SUCCESS
               : STATUS_INSUFFICIENT_RESOURCES;
}

// All of the descriptor of an object whose type keeps it.
NTSTATUS whole_descriptor(void* body, Bytes& descriptor) {
    constexpr SECURITY_INFORMATION all = OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION |
                                         DACL_SECURITY_INFORMATION | SACL_SECURITY_INFORMATION;
    NTSTATUS status = STATUS_BUFFER_TOO_SMALL;
    for (ULONG size = 256; status == STATUS_BUFFER_TOO_SMALL;) {
        descriptor.resize(size);
        status = query(body, all, descriptor.data(), &size);
    }
    return status;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obgetobjectsecurity
NTSTATUS NTAPI ObGetObjectSecurity(PVOID body, PSECURITY_DESCRIPTOR* descriptor, PBOOLEAN allocated) {
    *descriptor = nullptr;
    *allocated = FALSE;
    Bytes bytes;
    if (const auto* const type = object::type_of(body); type && type->query_security) {
        if (const NTSTATUS status = whole_descriptor(body, bytes); !NT_SUCCESS(status)) return status;
        bytes = self_relative(parts_of(bytes.data()));
    } else if (PSECURITY_DESCRIPTOR* const slot = slot_of(body); slot && *slot) {
        bytes = self_relative(parts_of(*slot));
    } else {
        return STATUS_SUCCESS;
    }
    if (!keep(*descriptor, bytes, __builtin_return_address(0))) return STATUS_INSUFFICIENT_RESOURCES;
    *allocated = TRUE;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obreleaseobjectsecurity
void NTAPI ObReleaseObjectSecurity(PSECURITY_DESCRIPTOR descriptor, BOOLEAN allocated) {
    if (descriptor && allocated) drop(descriptor);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwquerysecurityobject
NTSTATUS NTAPI ZwQuerySecurityObject(HANDLE handle, SECURITY_INFORMATION information,
                                     PSECURITY_DESCRIPTOR buffer, ULONG size, PULONG needed) {
    void* body = nullptr;
    NTSTATUS status = require(handle, rights_to_read(information), &body);
    if (!NT_SUCCESS(status)) return status;
    *needed = size;
    status = query(body, information, buffer, needed);
    object::dereference(body);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwsetsecurityobject
NTSTATUS NTAPI ZwSetSecurityObject(HANDLE handle, SECURITY_INFORMATION information,
                                   PSECURITY_DESCRIPTOR descriptor) {
    if (!descriptor) return STATUS_ACCESS_VIOLATION;
    void* body = nullptr;
    NTSTATUS status = require(handle, rights_to_write(information), &body);
    if (!NT_SUCCESS(status)) return status;
    status = check_descriptor(descriptor);
    if (NT_SUCCESS(status)) status = set(body, information, descriptor, __builtin_return_address(0));
    object::dereference(body);
    return status;
}

}  // extern "C"
