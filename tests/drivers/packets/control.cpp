// The driver's start and end, and its control device.
#include "packets.h"

extern "C" DRIVER_INITIALIZE DriverEntry;

namespace packets {

Driver driver;

namespace {

WCHAR device_text[] = L"\\Device\\KitPackets", link_text[] = L"\\DosDevices\\KitPackets";
UNICODE_STRING device_name = RTL_CONSTANT_STRING(device_text);
UNICODE_STRING link_name = RTL_CONSTANT_STRING(link_text);

Binding* binding_of(PIO_STACK_LOCATION stack) { return static_cast<Binding*>(stack->FileObject->FsContext); }

NTSTATUS attach(PFILE_OBJECT file, PVOID text, ULONG size) {
    if (file->FsContext) return STATUS_DEVICE_BUSY;
    if (size > 0xFFFE || size % sizeof(WCHAR)) return STATUS_INVALID_PARAMETER;
    UNICODE_STRING name;
    name.Buffer = static_cast<PWCH>(text);
    name.Length = name.MaximumLength = static_cast<USHORT>(size);
    Binding* binding = find_binding(name);
    if (!binding) return STATUS_OBJECT_NAME_NOT_FOUND;
    if (InterlockedCompareExchangePointer(reinterpret_cast<PVOID*>(&binding->attached), file, nullptr)) {
        release(*binding);
        return STATUS_DEVICE_BUSY;
    }
    const NDIS_STATUS status = set_packet_filter(
        *binding, NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_MULTICAST | NDIS_PACKET_TYPE_BROADCAST);
    if (status != NDIS_STATUS_SUCCESS) {
        InterlockedExchangePointer(reinterpret_cast<PVOID*>(&binding->attached), nullptr);
        release(*binding);
        return status;
    }
    file->FsContext = binding;
    return STATUS_SUCCESS;
}

NTSTATUS describe_binding(PVOID buffer, ULONG in, ULONG out, ULONG_PTR& answered) {
    if (in < sizeof(ULONG) || out < sizeof(BindingQuery)) return STATUS_BUFFER_TOO_SMALL;
    auto& query = *static_cast<BindingQuery*>(buffer);
    Binding* binding = binding_at(query.index);
    if (!binding) return STATUS_NO_MORE_ENTRIES;
    NTSTATUS status = STATUS_BUFFER_OVERFLOW;
    if (out >= sizeof query + binding->name.Length) {
        query.name_offset = query.description_offset = sizeof query;
        query.name_length = query.description_length = binding->name.Length;
        RtlCopyMemory(&query + 1, binding->name.Buffer, binding->name.Length);
        answered = sizeof query + binding->name.Length;
        status = STATUS_SUCCESS;
    }
    release(*binding);
    return status;
}

NTSTATUS ask_oid(Binding* binding, PVOID buffer, ULONG in, ULONG out, ULONG_PTR& answered) {
    if (!binding) return STATUS_DEVICE_NOT_CONNECTED;
    if (in < sizeof(OidQuery) || out < sizeof(OidQuery)) return STATUS_BUFFER_TOO_SMALL;
    auto& query = *static_cast<OidQuery*>(buffer);
    ULONG written = 0;
    const NDIS_STATUS status = query_oid(*binding, query.oid, &query + 1, out - sizeof query, written);
    if (status == NDIS_STATUS_SUCCESS) answered = sizeof query + written;
    return status;
}

NTSTATUS wait_for_bindings() {
    LARGE_INTEGER time;
    time.QuadPart = -5 * 10000000ll;
    return KeWaitForSingleObject(&driver.bindings_complete, Executive, KernelMode, FALSE, &time);
}

void undo_device() {
    IoDeleteSymbolicLink(&link_name);
    IoDeleteDevice(driver.device);
}

void NTAPI unload(PDRIVER_OBJECT) {
    NdisDeregisterProtocolDriver(driver.protocol);
    undo_device();
}

}  // namespace

NTSTATUS NTAPI dispatch_create(PDEVICE_OBJECT, PIRP irp) {
    IoGetCurrentIrpStackLocation(irp)->FileObject->FsContext = nullptr;
    return complete(irp, STATUS_SUCCESS);
}

NTSTATUS NTAPI dispatch_cleanup(PDEVICE_OBJECT, PIRP irp) {
    if (Binding* binding = binding_of(IoGetCurrentIrpStackLocation(irp))) {
        set_packet_filter(*binding, 0);
        InterlockedExchangePointer(reinterpret_cast<PVOID*>(&binding->attached), nullptr);
        cancel_reads(*binding, STATUS_CANCELLED);
        forget_frames(*binding);
    }
    return complete(irp, STATUS_SUCCESS);
}

NTSTATUS NTAPI dispatch_close(PDEVICE_OBJECT, PIRP irp) {
    if (Binding* binding = binding_of(IoGetCurrentIrpStackLocation(irp))) release(*binding);
    return complete(irp, STATUS_SUCCESS);
}

NTSTATUS NTAPI dispatch_read(PDEVICE_OBJECT, PIRP irp) {
    Binding* const binding = binding_of(IoGetCurrentIrpStackLocation(irp));
    if (!binding) return complete(irp, STATUS_INVALID_HANDLE);
    if (!irp->MdlAddress) return complete(irp, STATUS_INVALID_PARAMETER);
    IoCsqInsertIrp(&binding->reads, irp, nullptr);
    // An unbind that looked before the read was in the queue.
    if (binding->closing)
        cancel_reads(*binding, STATUS_DEVICE_NOT_CONNECTED);
    else
        serve_reads(*binding);
    return STATUS_PENDING;
}

NTSTATUS NTAPI dispatch_write(PDEVICE_OBJECT, PIRP irp) {
    Binding* const binding = binding_of(IoGetCurrentIrpStackLocation(irp));
    if (!binding) return complete(irp, STATUS_INVALID_HANDLE);
    const UCHAR* const frame =
        irp->MdlAddress
            ? static_cast<UCHAR*>(MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority))
            : nullptr;
    if (!frame || MmGetMdlByteCount(irp->MdlAddress) < 14) return complete(irp, STATUS_INVALID_PARAMETER);
    if (frame[12] != ether_type >> 8 || frame[13] != (ether_type & 0xFF))
        return complete(irp, STATUS_INVALID_PARAMETER);
    return send(*binding, irp);
}

NTSTATUS NTAPI dispatch_control(PDEVICE_OBJECT, PIRP irp) {
    PIO_STACK_LOCATION const stack = IoGetCurrentIrpStackLocation(irp);
    const auto& parameters = stack->Parameters.DeviceIoControl;
    PVOID const buffer = irp->AssociatedIrp.SystemBuffer;
    const ULONG in = parameters.InputBufferLength, out = parameters.OutputBufferLength;
    ULONG_PTR answered = 0;
    NTSTATUS status = STATUS_INVALID_DEVICE_REQUEST;
    switch (parameters.IoControlCode) {
        case ioctl_bind_wait:
            status = wait_for_bindings();
            break;
        case ioctl_query_binding:
            status = describe_binding(buffer, in, out, answered);
            break;
        case ioctl_open:
            status = attach(stack->FileObject, buffer, in);
            break;
        case ioctl_query_oid:
            status = ask_oid(binding_of(stack), buffer, in, out, answered);
            break;
    }
    return complete(irp, status, answered);
}

}  // namespace packets

using namespace packets;

NTSTATUS DriverEntry(PDRIVER_OBJECT object, PUNICODE_STRING) {
    driver.object = object;
    KeInitializeSpinLock(&driver.lock);
    InitializeListHead(&driver.bindings);
    KeInitializeEvent(&driver.bindings_complete, NotificationEvent, FALSE);
    NTSTATUS status = IoCreateDevice(object, 0, &device_name, FILE_DEVICE_NETWORK, FILE_DEVICE_SECURE_OPEN,
                                     FALSE, &driver.device);
    if (!NT_SUCCESS(status)) return status;
    driver.device->Flags |= DO_DIRECT_IO;
    status = IoCreateSymbolicLink(&link_name, &device_name);
    if (!NT_SUCCESS(status)) {
        IoDeleteDevice(driver.device);
        return status;
    }
    object->MajorFunction[IRP_MJ_CREATE] = dispatch_create;
    object->MajorFunction[IRP_MJ_CLEANUP] = dispatch_cleanup;
    object->MajorFunction[IRP_MJ_CLOSE] = dispatch_close;
    object->MajorFunction[IRP_MJ_READ] = dispatch_read;
    object->MajorFunction[IRP_MJ_WRITE] = dispatch_write;
    object->MajorFunction[IRP_MJ_DEVICE_CONTROL] = dispatch_control;
    object->DriverUnload = unload;
    status = register_protocol();
    if (status != NDIS_STATUS_SUCCESS) undo_device();
    return status;
}
