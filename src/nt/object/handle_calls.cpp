// Handles and objects as drivers call them: what goes beyond references and events.
#include <cstring>

#include "nt/ke/process.h"
#include "nt/object/api.h"
#include "nt/object/handle_filters.h"
#include "nt/object/name_space.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit::nt;

namespace {

NTSTATUS give(const void* data, ULONG size, PVOID buffer, ULONG room, PULONG returned) {
    if (returned) *returned = size;
    if (room < size) return STATUS_INFO_LENGTH_MISMATCH;
    std::memcpy(buffer, data, size);
    return STATUS_SUCCESS;
}

NTSTATUS tell_basic(void* body, HANDLE handle, ACCESS_MASK access, PVOID buffer, ULONG room,
                    PULONG returned) {
    PUBLIC_OBJECT_BASIC_INFORMATION information = {};
    information.Attributes = ObIsKernelHandle(handle) ? OBJ_KERNEL_HANDLE : 0;
    information.GrantedAccess = access;
    information.HandleCount = static_cast<ULONG>(object::handle_count(body));
    information.PointerCount =
        static_cast<ULONG>(object::reference_count(body) - 1);  // without this call's own
    return give(&information, sizeof information, buffer, room, returned);
}

NTSTATUS tell_type(const void* body, PVOID buffer, ULONG room, PULONG returned) {
    const std::u16string name = to_utf16(object::type_of(body)->name);
    const auto bytes = static_cast<ULONG>((name.size() + 1) * sizeof(WCHAR));
    const ULONG size = static_cast<ULONG>(sizeof(PUBLIC_OBJECT_TYPE_INFORMATION)) + bytes;
    if (returned) *returned = size;
    if (room < size) return STATUS_INFO_LENGTH_MISMATCH;
    auto* const information = static_cast<PPUBLIC_OBJECT_TYPE_INFORMATION>(buffer);
    *information = {};
    auto* const text = reinterpret_cast<PWCH>(information + 1);
    std::memcpy(text, name.c_str(), bytes);
    information->TypeName = {static_cast<USHORT>(bytes - sizeof(WCHAR)), static_cast<USHORT>(bytes), text};
    return STATUS_SUCCESS;
}

NTSTATUS check_process(HANDLE process) {
    void* body = nullptr;
    const NTSTATUS status = object::reference_by_handle(process, 0, &object::process_type, false, &body);
    if (NT_SUCCESS(status)) object::dereference(body);
    return status;
}

}  // namespace

extern "C" {

POBJECT_TYPE nt_PsProcessType = &object::process_type;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwqueryobject
NTSTATUS NTAPI ZwQueryObject(HANDLE Handle, ULONG ObjectInformationClass, PVOID ObjectInformation,
                             ULONG ObjectInformationLength, PULONG ReturnLength) {
    constexpr ULONG basic = 0, name = 1, type = 2;
    void* body = nullptr;
    OBJECT_HANDLE_INFORMATION handle = {};
    NTSTATUS status = object::reference_by_handle(Handle, 0, nullptr, false, &body, &handle);
    if (!NT_SUCCESS(status)) return status;
    ULONG needed = 0;
    if (ObjectInformationClass == basic)
        status = tell_basic(body, Handle, handle.GrantedAccess, ObjectInformation, ObjectInformationLength,
                            &needed);
    else if (ObjectInformationClass == name)
        status = ObQueryNameString(body, static_cast<POBJECT_NAME_INFORMATION>(ObjectInformation),
                                   ObjectInformationLength, &needed);
    else if (ObjectInformationClass == type)
        status = tell_type(body, ObjectInformation, ObjectInformationLength, &needed);
    else
        status = STATUS_INVALID_INFO_CLASS;
    if (ReturnLength) *ReturnLength = needed;
    object::dereference(body);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwduplicateobject
NTSTATUS NTAPI ZwDuplicateObject(HANDLE SourceProcessHandle, HANDLE SourceHandle, HANDLE TargetProcessHandle,
                                 PHANDLE TargetHandle, ACCESS_MASK DesiredAccess, ULONG HandleAttributes,
                                 ULONG Options) {
    NTSTATUS status = check_process(SourceProcessHandle);
    if (!NT_SUCCESS(status)) return status;
    if (TargetHandle) *TargetHandle = nullptr;
    void* body = nullptr;
    OBJECT_HANDLE_INFORMATION source = {};
    status = object::reference_by_handle(SourceHandle, 0, nullptr, false, &body, &source);
    if (!NT_SUCCESS(status)) return status;
    if (TargetHandle) status = check_process(TargetProcessHandle);
    if (TargetHandle && NT_SUCCESS(status)) {
        const bool kernel = Options & DUPLICATE_SAME_ATTRIBUTES ? ObIsKernelHandle(SourceHandle)
                                                                : HandleAttributes & OBJ_KERNEL_HANDLE;
        *TargetHandle = object::open_filtered(
            body, Options & DUPLICATE_SAME_ACCESS ? source.GrantedAccess : DesiredAccess, kernel, true);
    }
    if (Options & DUPLICATE_CLOSE_SOURCE) object::close_handle(SourceHandle);
    object::dereference(body);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwopendirectoryobject
NTSTATUS NTAPI ZwOpenDirectoryObject(PHANDLE DirectoryHandle, ACCESS_MASK DesiredAccess,
                                     POBJECT_ATTRIBUTES Attributes) {
    std::u16string path;
    if (const NTSTATUS status = object::path_of(*Attributes, path); !NT_SUCCESS(status)) return status;
    const object::Found found = object::lookup_directory(path);
    if (!NT_SUCCESS(found.status)) return found.status;
    *DirectoryHandle =
        object::open_handle(found.body, DesiredAccess, Attributes->Attributes & OBJ_KERNEL_HANDLE);
    object::dereference(found.body);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-zwopenprocess
NTSTATUS NTAPI ZwOpenProcess(PHANDLE ProcessHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES Attributes,
                             PCLIENT_ID ClientId) {
    if (Attributes->ObjectName || !ClientId) return STATUS_INVALID_PARAMETER_MIX;
    if (ClientId->UniqueProcess != reinterpret_cast<HANDLE>(ke::system_process_id)) return STATUS_INVALID_CID;
    *ProcessHandle = object::open_filtered(ke::system_process(), DesiredAccess,
                                           Attributes->Attributes & OBJ_KERNEL_HANDLE);
    return STATUS_SUCCESS;
}

// Nobody may end the system process, and there is no other.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-zwterminateprocess
NTSTATUS NTAPI ZwTerminateProcess(HANDLE ProcessHandle, NTSTATUS) {
    const NTSTATUS status = check_process(ProcessHandle);
    return NT_SUCCESS(status) ? STATUS_ACCESS_DENIED : status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obreferenceobjectsafe
BOOLEAN NTAPI ObReferenceObjectSafe(PVOID Object) { return object::try_reference(Object); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-obreferenceobjectsafewithtag
BOOLEAN NTAPI ObReferenceObjectSafeWithTag(PVOID Object, ULONG) { return object::try_reference(Object); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obreferenceobjectbypointerwithtag
NTSTATUS NTAPI ObReferenceObjectByPointerWithTag(PVOID Object, ACCESS_MASK DesiredAccess,
                                                 POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, ULONG) {
    return ObReferenceObjectByPointer(Object, DesiredAccess, ObjectType, AccessMode);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obdereferenceobjectdeferdeletewithtag
void NTAPI ObDereferenceObjectDeferDeleteWithTag(PVOID Object, ULONG) { object::dereference(Object); }

// Closing a handle is not audited.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-obqueryobjectauditingbyhandle
NTSTATUS NTAPI ObQueryObjectAuditingByHandle(HANDLE Handle, PBOOLEAN GenerateOnClose) {
    void* body = nullptr;
    const NTSTATUS status = object::reference_by_handle(Handle, 0, nullptr, false, &body);
    if (!NT_SUCCESS(status)) return status;
    object::dereference(body);
    *GenerateOnClose = FALSE;
    return STATUS_SUCCESS;
}

}  // extern "C"
