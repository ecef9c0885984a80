// Device objects. Each adapter has a physical device object, which stands for its bus, and on it the functional one,
// named \Device\{GUID}. Control devices come from NdisRegisterDeviceEx with a dispatch table of their own. Both
// belong to the driver's DRIVER_OBJECT, whose dispatch table is NDIS' here: it looks up whose device a request is for.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisregisterdeviceex
#include "ndis/device.h"

#include <algorithm>
#include <array>
#include <memory>

#include "ndis/adapter.h"
#include "ndis/driver.h"
#include "ndis/filter.h"
#include "ndis/hardware/hardware.h"
#include "ndis/hardware/log.h"
#include "ndis/library_state.h"
#include "ndis/wmi.h"
#include "nt/hal/bus.h"

// A function of the library that drivers link, which the kernel's I/O manager has for NDIS too.
extern "C" NTSTATUS NTAPI WdmlibIoCreateDeviceSecure(PDRIVER_OBJECT driver, ULONG extension_size, PUNICODE_STRING name,
                                                     ULONG type, ULONG characteristics, BOOLEAN exclusive,
                                                     PCUNICODE_STRING sddl, LPCGUID device_class,
                                                     PDEVICE_OBJECT* device);

namespace ndiskit::ndis {

namespace {

struct ControlDevice : Handle {
    static constexpr HandleKind handle_kind = HandleKind::control_device;
    ControlDevice() : Handle(handle_kind) {}

    ~ControlDevice() {
        if (object != nullptr)
            ObfDereferenceObject(object);
    }
    // Nothing can reach it any more. `closing` files are about to let it go.
    bool over(LONG closing) const { return mark == retired && object->ReferenceCount <= closing; }

    std::string owner;
    PDEVICE_OBJECT object = nullptr;  // referenced, so that no other device takes its place
    std::u16string link;
    std::array<PDRIVER_DISPATCH, IRP_MJ_MAXIMUM_FUNCTION + 1> dispatch{};
};

Guarded<std::vector<std::unique_ptr<ControlDevice>>, LockRank::ndis_leaf>& control_devices() {
    static Guarded<std::vector<std::unique_ptr<ControlDevice>>, LockRank::ndis_leaf> list;
    return list;
}

NTSTATUS finish(PIRP irp, NTSTATUS status) {
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = 0;
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

// What any program may ask of an adapter's device: a query OID, and the miniport's log.
// https://learn.microsoft.com/windows-hardware/drivers/network/querying-a-miniport-driver-directly-from-user-mode
NTSTATUS control_adapter(Adapter& adapter, PIRP irp) {
    const auto& asked = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl;
    void* out = irp->MdlAddress != nullptr ? MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority) : nullptr;
    const ULONG room = out != nullptr ? asked.OutputBufferLength : 0;
    uint32_t written = 0;
    NTSTATUS status = STATUS_INVALID_DEVICE_REQUEST;
    if (asked.IoControlCode == IOCTL_NDIS_QUERY_GLOBAL_STATS) {
        if (asked.InputBufferLength < sizeof(NDIS_OID))
            return finish(irp, STATUS_INVALID_PARAMETER);
        const NDIS_OID oid = *static_cast<const NDIS_OID*>(irp->AssociatedIrp.SystemBuffer);
        PnpHold hold(adapter.pnp);
        status = adapter.mark == Handle::live && adapter.initialized()
                     ? nt_status(request_oid(adapter, NdisRequestQueryStatistics, oid, out, room, &written))
                     : STATUS_DEVICE_NOT_READY;
    } else if (asked.IoControlCode == IOCTL_NDIS_GET_LOG_DATA && adapter.hardware != nullptr) {
        // A log that is closed meanwhile stays whole for a while (library_state.h).
        MiniportLog* log = adapter.hardware->claims.with([](Hardware::Claims& claims) { return claims.log.get(); });
        status = log != nullptr ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
        if (log != nullptr)
            written = static_cast<uint32_t>(log->read(out, room));
    }
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = NT_SUCCESS(status) ? written : 0;
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

// A device that was deregistered while programs had it open lives on until the last of them has closed it, and so
// does its dispatch table.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iodeletedevice
void forget_closed_devices(LONG closing = 0) {
    std::vector<std::unique_ptr<ControlDevice>> over;
    control_devices().with([&](auto& list) {
        for (auto& device : list)
            if (device->over(closing))
                over.push_back(std::move(device));
        std::erase(list, nullptr);
    });
    for (auto& device : over)
        library().bury(std::move(device));
}

NTSTATUS call_handler(PDRIVER_DISPATCH handler, PDEVICE_OBJECT object, PIRP irp, UCHAR major) {
    if (major != IRP_MJ_CLOSE)
        return handler(object, irp);
    const NTSTATUS status = handler(object, irp);
    // The file whose close this was is still counted.
    forget_closed_devices(1);
    return status;
}

// Requests to any device of an NDIS driver.
NTSTATUS NTAPI dispatch(PDEVICE_OBJECT object, PIRP irp) {
    const UCHAR major = IoGetCurrentIrpStackLocation(irp)->MajorFunction;
    const PDRIVER_DISPATCH handler = control_devices().with([&](const auto& list) -> PDRIVER_DISPATCH {
        for (const auto& device : list)
            if (device->object == object)
                return device->dispatch[major];
        return nullptr;
    });
    if (handler != nullptr)
        return call_handler(handler, object, irp, major);
    if (major == IRP_MJ_DEVICE_CONTROL)
        for (Adapter* adapter : library().adapters())
            if (adapter->fdo == object)
                return control_adapter(*adapter, irp);
    if (major == IRP_MJ_SYSTEM_CONTROL)
        for (Adapter* adapter : library().adapters())
            if (adapter->fdo == object)
                return wmi_system_control(*adapter, irp);
    const bool opens = major == IRP_MJ_CREATE || major == IRP_MJ_CLOSE || major == IRP_MJ_CLEANUP;
    return finish(irp, opens ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_REQUEST);
}

UNICODE_STRING counted(const std::u16string& text) {
    UNICODE_STRING string{};
    string.Buffer = const_cast<WCHAR*>(text.data());
    string.Length = string.MaximumLength = static_cast<USHORT>(text.size() * sizeof(WCHAR));
    return string;
}

struct Owner {
    PDRIVER_OBJECT object;
    std::string name;
};
// Windows takes an adapter's handle for its driver's, and virtual miniports in wide use pass it.
Owner owner_of(NDIS_HANDLE handle) {
    if (is_handle_of<Adapter>(handle)) {
        const auto& driver = resolve<Adapter>(handle, "NdisRegisterDeviceEx").driver;
        return {driver.object, driver.name};
    }
    if (is_handle_of<MiniportDriver>(handle)) {
        const auto& driver = resolve<MiniportDriver>(handle, "NdisRegisterDeviceEx");
        return {driver.object, driver.name};
    }
    const auto& filter = resolve<FilterDriver>(handle, "NdisRegisterDeviceEx");
    return {filter.object, filter.name};
}

bool has_devices(PDRIVER_OBJECT driver) {
    return control_devices().with([&](const auto& list) {
        return std::ranges::any_of(list, [&](const auto& device) { return device->object->DriverObject == driver; });
    });
}

NTSTATUS create_object(PDRIVER_OBJECT driver, const NDIS_DEVICE_OBJECT_ATTRIBUTES& attributes, PDEVICE_OBJECT& object) {
    if (attributes.DefaultSDDLString != nullptr)
        return WdmlibIoCreateDeviceSecure(driver, attributes.ExtensionSize, attributes.DeviceName, FILE_DEVICE_NETWORK,
                                          FILE_DEVICE_SECURE_OPEN, false, attributes.DefaultSDDLString, nullptr,
                                          &object);
    return IoCreateDevice(driver, attributes.ExtensionSize, attributes.DeviceName, FILE_DEVICE_NETWORK,
                          FILE_DEVICE_SECURE_OPEN, false, &object);
}

NDIS_STATUS register_device(NDIS_HANDLE owner_handle, const NDIS_DEVICE_OBJECT_ATTRIBUTES& attributes,
                            PDEVICE_OBJECT& object, NDIS_HANDLE& handle) {
    if (attributes.Header.Size < NDIS_SIZEOF_DEVICE_OBJECT_ATTRIBUTES_REVISION_1 || attributes.DeviceName == nullptr ||
        attributes.MajorFunctions == nullptr)
        return NDIS_STATUS_INVALID_PARAMETER;
    const Owner owner = owner_of(owner_handle);
    auto device = std::make_unique<ControlDevice>();
    device->owner = owner.name;
    std::copy_n(attributes.MajorFunctions, device->dispatch.size(), device->dispatch.begin());
    NTSTATUS status = create_object(owner.object, attributes, device->object);
    if (!NT_SUCCESS(status))
        return status;
    if (attributes.SymbolicName != nullptr && attributes.SymbolicName->Length != 0) {
        status = IoCreateSymbolicLink(attributes.SymbolicName, attributes.DeviceName);
        if (!NT_SUCCESS(status)) {
            IoDeleteDevice(device->object);
            return status;
        }
        device->link.assign(attributes.SymbolicName->Buffer, attributes.SymbolicName->Length / sizeof(WCHAR));
    }
    // A filter driver's table is its own until it has a device of this kind; a miniport driver's was taken before.
    if (is_handle_of<FilterDriver>(owner_handle) && !has_devices(owner.object))
        take_dispatch(owner.object);
    device->object->Flags &= ~DO_DEVICE_INITIALIZING;
    object = device->object;
    handle = device.get();
    ObfReferenceObject(object);
    control_devices().with([&](auto& list) { list.push_back(std::move(device)); });
    return NDIS_STATUS_SUCCESS;
}

void deregister_device(ControlDevice& device) {
    if (!device.link.empty()) {
        UNICODE_STRING link = counted(device.link);
        IoDeleteSymbolicLink(&link);
    }
    IoDeleteDevice(device.object);
    device.retire();
    forget_closed_devices();
}

}  // namespace

NTSTATUS nt_status(NDIS_STATUS status) {
    switch (status) {
    case NDIS_STATUS_BUFFER_TOO_SHORT:
    case NDIS_STATUS_INVALID_LENGTH: return STATUS_BUFFER_TOO_SMALL;
    case NDIS_STATUS_INVALID_OID: return STATUS_NOT_SUPPORTED;
    default: return (static_cast<uint32_t>(status) & 0x1fff0000) == 0x00010000 ? STATUS_UNSUCCESSFUL : status;
    }
}

void take_dispatch(PDRIVER_OBJECT driver) {
    for (auto& entry : driver->MajorFunction)
        entry = dispatch;
}

NTSTATUS create_device(Adapter& adapter) {
    PDRIVER_OBJECT driver = adapter.driver.object;
    NTSTATUS status = IoCreateDevice(driver, 0, nullptr, FILE_DEVICE_BUS_EXTENDER, FILE_AUTOGENERATED_DEVICE_NAME, false,
                                     &adapter.pdo);
    if (!NT_SUCCESS(status))
        return status;
    UNICODE_STRING name = counted(adapter.device_name);
    status = IoCreateDevice(driver, 0, &name, FILE_DEVICE_PHYSICAL_NETCARD, FILE_DEVICE_SECURE_OPEN, false, &adapter.fdo);
    if (!NT_SUCCESS(status)) {
        release_device(adapter);
        return status;
    }
    IoAttachDeviceToDeviceStack(adapter.fdo, adapter.pdo);
    nt::hal::bind_device(adapter.pdo, nt::hal::find_device(narrow(adapter.config.device_instance)));
    adapter.pdo->Flags &= ~DO_DEVICE_INITIALIZING;
    adapter.fdo->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

void release_device(Adapter& adapter) {
    deregister_wmi(adapter);
    if (adapter.fdo != nullptr) {
        IoDetachDevice(adapter.pdo);
        IoDeleteDevice(adapter.fdo);
    }
    if (adapter.pdo != nullptr) {
        nt::hal::forget_device(adapter.pdo);
        IoDeleteDevice(adapter.pdo);
    }
    adapter.fdo = nullptr;
    adapter.pdo = nullptr;
}

std::vector<std::string> device_leaks() {
    return control_devices().with([](const auto& list) {
        std::vector<std::string> lines;
        for (const auto& device : list)
            if (device->mark == Handle::live)
                lines.push_back("driver " + device->owner + ": a control device is still registered (NdisDeregisterDeviceEx)");
        return lines;
    });
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

extern "C" NDIS_STATUS NTAPI NdisRegisterDeviceEx(NDIS_HANDLE NdisHandle,
                                                  PNDIS_DEVICE_OBJECT_ATTRIBUTES DeviceObjectAttributes,
                                                  PDEVICE_OBJECT* pDeviceObject, PNDIS_HANDLE NdisDeviceHandle) {
    return register_device(NdisHandle, *DeviceObjectAttributes, *pDeviceObject, *NdisDeviceHandle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisderegisterdeviceex
extern "C" void NTAPI NdisDeregisterDeviceEx(NDIS_HANDLE NdisDeviceHandle) {
    deregister_device(resolve<ControlDevice>(NdisDeviceHandle, "NdisDeregisterDeviceEx"));
}
