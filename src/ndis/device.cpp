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

namespace ndiskit::ndis {

namespace {

struct ControlDevice : Handle {
    static constexpr HandleKind handle_kind = HandleKind::control_device;
    ControlDevice() : Handle(handle_kind) {}

    std::string owner;
    PDEVICE_OBJECT object = nullptr;
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
        return handler(object, irp);
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

void take_dispatch(PDRIVER_OBJECT driver) {
    for (auto& entry : driver->MajorFunction)
        entry = dispatch;
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
Owner owner_of(NDIS_HANDLE handle) {
    if (is_handle_of<MiniportDriver>(handle)) {
        const auto& driver = resolve<MiniportDriver>(handle, "NdisRegisterDeviceEx");
        return {driver.object, driver.name};
    }
    const auto& filter = resolve<FilterDriver>(handle, "NdisRegisterDeviceEx");
    return {filter.object, filter.name};
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
    NTSTATUS status = IoCreateDevice(owner.object, attributes.ExtensionSize, attributes.DeviceName, FILE_DEVICE_NETWORK,
                                     FILE_DEVICE_SECURE_OPEN, false, &device->object);
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
    take_dispatch(owner.object);
    device->object->Flags &= ~DO_DEVICE_INITIALIZING;
    object = device->object;
    handle = device.get();
    control_devices().with([&](auto& list) { list.push_back(std::move(device)); });
    return NDIS_STATUS_SUCCESS;
}

void deregister_device(ControlDevice& device) {
    auto taken = control_devices().with([&](auto& list) {
        const auto it = std::ranges::find_if(list, [&](const auto& d) { return d.get() == &device; });
        std::unique_ptr<ControlDevice> found = std::move(*it);
        list.erase(it);
        return found;
    });
    if (!taken->link.empty()) {
        UNICODE_STRING link = counted(taken->link);
        IoDeleteSymbolicLink(&link);
    }
    IoDeleteDevice(taken->object);
    library().bury(std::move(taken));
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
    take_dispatch(driver);
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
