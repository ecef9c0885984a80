// The object manager as drivers call it.
#include <cstring>

#include "nt/object/handle_filters.h"
#include "nt/object/name_space.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit::nt;

namespace {

bool can_be_waited_for(const _OBJECT_TYPE* type) {
    for (const _OBJECT_TYPE* const one : {&object::event_type, &object::semaphore_type, &object::timer_type,
                                          &object::thread_type, &object::process_type, &object::file_type})
        if (type == one) return true;
    return false;
}

}  // namespace

NTSTATUS object::answer_name(std::u16string_view name, POBJECT_NAME_INFORMATION information, ULONG size,
                             PULONG needed) {
    const auto bytes = static_cast<ULONG>(name.size() * sizeof(WCHAR));
    *needed = static_cast<ULONG>(sizeof(OBJECT_NAME_INFORMATION)) + (bytes ? bytes + 2 : 0);
    if (size < *needed) return STATUS_INFO_LENGTH_MISMATCH;
    information->Name = {};
    if (!bytes) return STATUS_SUCCESS;
    auto* text = reinterpret_cast<PWCH>(information + 1);
    std::memcpy(text, name.data(), bytes);
    text[name.size()] = 0;
    information->Name = {static_cast<USHORT>(bytes), static_cast<USHORT>(bytes + 2), text};
    return STATUS_SUCCESS;
}

extern "C" {

// Variables that drivers import: each holds the address of a type.
POBJECT_TYPE nt_ExEventObjectType = &object::event_type;
POBJECT_TYPE nt_PsThreadType = &object::thread_type;
POBJECT_TYPE nt_ExSemaphoreObjectType = &object::semaphore_type;
POBJECT_TYPE nt_IoFileObjectType = &object::file_type;
POBJECT_TYPE nt_IoDeviceObjectType = &object::device_type;
POBJECT_TYPE nt_IoDriverObjectType = &object::driver_type;
POBJECT_TYPE nt_CmKeyObjectType = &object::key_type;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obfreferenceobject
LONG_PTR NTAPI ObfReferenceObject(PVOID body) {
    object::reference(body);
    return object::reference_count(body);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obreferenceobjectwithtag
LONG_PTR NTAPI ObfReferenceObjectWithTag(PVOID body, ULONG) { return ObfReferenceObject(body); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obdereferenceobject
LONG_PTR NTAPI ObfDereferenceObject(PVOID body) {
    const LONG_PTR left = object::reference_count(body) - 1;
    object::dereference(body);
    return left;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obdereferenceobjectwithtag
LONG_PTR NTAPI ObfDereferenceObjectWithTag(PVOID body, ULONG) { return ObfDereferenceObject(body); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obdereferenceobjectdeferdelete
void NTAPI ObDereferenceObjectDeferDelete(PVOID body) { object::dereference(body); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obreferenceobjectbyhandle
NTSTATUS NTAPI ObReferenceObjectByHandle(HANDLE handle, ACCESS_MASK access, POBJECT_TYPE type,
                                         KPROCESSOR_MODE mode, PVOID* body,
                                         POBJECT_HANDLE_INFORMATION information) {
    *body = nullptr;
    return object::reference_by_handle(handle, access, type, mode != KernelMode, body, information);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obreferenceobjectbyhandlewithtag
NTSTATUS NTAPI ObReferenceObjectByHandleWithTag(HANDLE handle, ACCESS_MASK access, POBJECT_TYPE type,
                                                KPROCESSOR_MODE mode, ULONG, PVOID* body,
                                                POBJECT_HANDLE_INFORMATION information) {
    return ObReferenceObjectByHandle(handle, access, type, mode, body, information);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obreferenceobjectbypointer
NTSTATUS NTAPI ObReferenceObjectByPointer(PVOID body, ACCESS_MASK, POBJECT_TYPE type, KPROCESSOR_MODE mode) {
    if ((type || mode != KernelMode) && object::type_of(body) && object::type_of(body) != type)
        return STATUS_OBJECT_TYPE_MISMATCH;
    object::reference(body);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-obopenobjectbypointer
NTSTATUS NTAPI ObOpenObjectByPointer(PVOID body, ULONG attributes, PACCESS_STATE, ACCESS_MASK access,
                                     POBJECT_TYPE type, KPROCESSOR_MODE, PHANDLE handle) {
    if (type && object::type_of(body) && object::type_of(body) != type) return STATUS_OBJECT_TYPE_MISMATCH;
    *handle = object::open_filtered(body, access, attributes & OBJ_KERNEL_HANDLE);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-obquerynamestring
NTSTATUS NTAPI ObQueryNameString(PVOID body, POBJECT_NAME_INFORMATION information, ULONG size,
                                 PULONG needed) {
    if (const auto* const type = object::type_of(body); type && type->query_name)
        return type->query_name(body, information, size, needed);
    return object::answer_name(object::name_of(body), information, size, needed);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-obiskernelhandle
BOOLEAN NTAPI ObIsKernelHandle(HANDLE handle) { return reinterpret_cast<int64_t>(handle) < 0; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-obmaketemporaryobject
void NTAPI ObMakeTemporaryObject(PVOID body) { object::make_temporary(body); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obclosehandle
NTSTATUS NTAPI ObCloseHandle(HANDLE handle, KPROCESSOR_MODE mode) {
    return object::close_handle(handle, mode != KernelMode);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntclose
NTSTATUS NTAPI ZwClose(HANDLE handle) { return object::close_handle(handle); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwmaketemporaryobject
NTSTATUS NTAPI ZwMakeTemporaryObject(HANDLE handle) {
    void* body = nullptr;
    const NTSTATUS status = object::reference_by_handle(handle, 0, nullptr, false, &body);
    if (!NT_SUCCESS(status)) return status;
    object::make_temporary(body);
    object::dereference(body);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwcreatedirectoryobject
NTSTATUS NTAPI ZwCreateDirectoryObject(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes) {
    std::u16string path;
    if (const NTSTATUS status = object::path_of(*attributes, path); !NT_SUCCESS(status)) return status;
    void* body = object::create(object::directory_type, 16);
    if (!body) return STATUS_INSUFFICIENT_RESOURCES;
    NTSTATUS status = object::insert(path, body);
    if (status == STATUS_OBJECT_NAME_COLLISION && (attributes->Attributes & OBJ_OPENIF)) {
        object::dereference(body);
        const object::Found found = object::lookup(path);
        if (!NT_SUCCESS(found.status)) return found.status;
        body = found.body;
        status = STATUS_OBJECT_NAME_EXISTS;
    }
    if (NT_SUCCESS(status))
        *handle = object::open_handle(body, access, attributes->Attributes & OBJ_KERNEL_HANDLE);
    if (status == STATUS_SUCCESS && attributes->Attributes & OBJ_PERMANENT)
        object::make_permanent(body);
    else
        object::dereference(body);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwopensymboliclinkobject
NTSTATUS NTAPI ZwOpenSymbolicLinkObject(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes) {
    return object::open_named(*attributes, object::link_type, access, *handle, false);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwquerysymboliclinkobject
NTSTATUS NTAPI ZwQuerySymbolicLinkObject(HANDLE handle, PUNICODE_STRING target, PULONG needed) {
    void* body = nullptr;
    const NTSTATUS status = object::reference_by_handle(handle, 0, &object::link_type, false, &body);
    if (!NT_SUCCESS(status)) return status;
    const std::u16string text = object::link_target(body);
    object::dereference(body);
    const auto bytes = static_cast<ULONG>(text.size() * sizeof(WCHAR));
    if (needed) *needed = bytes + static_cast<ULONG>(sizeof(WCHAR));
    if (target->MaximumLength < bytes) return STATUS_BUFFER_TOO_SMALL;
    UNICODE_STRING source = unicode_string(text);
    RtlCopyUnicodeString(target, &source);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwopenevent
NTSTATUS NTAPI ZwOpenEvent(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes) {
    return object::open_named(*attributes, object::event_type, access, *handle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwcreateevent
NTSTATUS NTAPI ZwCreateEvent(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes,
                             EVENT_TYPE type, BOOLEAN state) {
    auto* event = static_cast<PKEVENT>(object::create(object::event_type, sizeof(KEVENT)));
    if (!event) return STATUS_INSUFFICIENT_RESOURCES;
    KeInitializeEvent(event, type, state);
    return object::publish(event, attributes, access, *handle);
}

static PKEVENT named_event(PUNICODE_STRING name, PHANDLE handle, EVENT_TYPE type) {
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, name, OBJ_OPENIF | OBJ_KERNEL_HANDLE, nullptr, nullptr);
    void* event = nullptr;
    if (!NT_SUCCESS(ZwCreateEvent(handle, EVENT_ALL_ACCESS, &attributes, type, TRUE)) ||
        !NT_SUCCESS(object::reference_by_handle(*handle, 0, nullptr, false, &event)))
        return nullptr;
    object::dereference(event);  // the handle keeps it
    return static_cast<PKEVENT>(event);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocreatenotificationevent
PKEVENT NTAPI IoCreateNotificationEvent(PUNICODE_STRING name, PHANDLE handle) {
    return named_event(name, handle, NotificationEvent);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocreatesynchronizationevent
PKEVENT NTAPI IoCreateSynchronizationEvent(PUNICODE_STRING name, PHANDLE handle) {
    return named_event(name, handle, SynchronizationEvent);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwsetevent
NTSTATUS NTAPI ZwSetEvent(HANDLE handle, PLONG previous) {
    void* event = nullptr;
    const NTSTATUS status = object::reference_by_handle(handle, 0, &object::event_type, false, &event);
    if (!NT_SUCCESS(status)) return status;
    const LONG before = KeSetEvent(static_cast<PKEVENT>(event), 0, FALSE);
    if (previous) *previous = before;
    object::dereference(event);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwwaitforsingleobject
NTSTATUS NTAPI ZwWaitForSingleObject(HANDLE handle, BOOLEAN alertable, PLARGE_INTEGER timeout) {
    void* body = nullptr;
    NTSTATUS status = object::reference_by_handle(handle, 0, nullptr, false, &body);
    if (!NT_SUCCESS(status)) return status;
    const _OBJECT_TYPE* const type = object::type_of(body);
    // A file is waited for through the event in it.
    void* const waitable = type == &object::file_type ? &static_cast<PFILE_OBJECT>(body)->Event : body;
    status = can_be_waited_for(type)
                 ? KeWaitForSingleObject(waitable, UserRequest, KernelMode, alertable, timeout)
                 : STATUS_OBJECT_TYPE_MISMATCH;
    object::dereference(body);
    return status;
}

}  // extern "C"
