#include "nt/io/device.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "nt/io/device_security.h"
#include "nt/io/device_timer.h"
#include "nt/io/idle_detection.h"
#include "nt/io/irp.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"
#include "nt/security/descriptor.h"

namespace ndiskit::nt {

namespace {

constexpr uint32_t device_tag = 0x69766544;  // 'Devi' in memory order

// The extension of the driver lies behind the device object; ours behind that.
constexpr size_t rounded(size_t size) { return (size + 15) & ~size_t{15}; }

void destroy_device(void* body) {
    security::drop(static_cast<PDEVICE_OBJECT>(body)->SecurityDescriptor);
    pool_free(body, device_tag);
}

struct Shutdown {
    std::vector<DEVICE_OBJECT*> normal, last_chance;
};
Guarded<Shutdown, LockRank::nt_leaf> shutdown;

DEVICE_OBJECT* attach(DEVICE_OBJECT& source, DEVICE_OBJECT& target, PDEVICE_OBJECT* attached_to) {
    return io::device_links().with([&](auto&) -> DEVICE_OBJECT* {
        DEVICE_OBJECT* top = &target;
        while (top->AttachedDevice) top = top->AttachedDevice;
        if (top->Flags & DO_DEVICE_INITIALIZING && top != &target) return nullptr;
        if (attached_to) *attached_to = top;
        source.StackSize = static_cast<CCHAR>(top->StackSize + 1);
        source.AlignmentRequirement = top->AlignmentRequirement;
        source.SectorSize = top->SectorSize;
        source.DeviceObjectExtension->AttachedTo = top;
        top->AttachedDevice = &source;
        return top;
    });
}

// From the driver's list; the links' lock is held.
void unlink(DEVICE_OBJECT& device) {
    PDEVICE_OBJECT* link = &device.DriverObject->DeviceObject;
    while (*link && *link != &device) link = &(*link)->NextDevice;
    if (*link) *link = device.NextDevice;
    device.NextDevice = nullptr;
}

}  // namespace

_OBJECT_TYPE object::device_type = {"Device", destroy_device, nullptr};

namespace io {

void file_gone(DEVICE_OBJECT& device) {
    const bool last = device_links().with([&](auto&) {
        const bool deleted = device.DeviceObjectExtension->ExtensionFlags & delete_pending;
        if (__atomic_sub_fetch(&device.ReferenceCount, 1, __ATOMIC_ACQ_REL) != 0 || !deleted) return false;
        unlink(device);
        return true;
    });
    if (last) object::dereference(device.DriverObject);
}

Guarded<DeviceLinks, LockRank::nt_device>& device_links() {
    static auto* const it = new Guarded<DeviceLinks, LockRank::nt_device>();
    return *it;
}

static DEVICE_OBJECT* top(DEVICE_OBJECT* device) {
    while (device->AttachedDevice) device = device->AttachedDevice;
    return device;
}

DEVICE_OBJECT* top_of_stack(DEVICE_OBJECT& device) {
    DEVICE_OBJECT* const found = device_links().with([&](auto&) { return top(&device); });
    object::reference(found);
    return found;
}

std::vector<DEVICE_OBJECT*> devices_of(const DRIVER_OBJECT& driver) {
    return device_links().with([&](auto&) {
        std::vector<DEVICE_OBJECT*> devices;
        for (DEVICE_OBJECT* device = driver.DeviceObject; device; device = device->NextDevice)
            devices.push_back(device);
        return devices;
    });
}

void send_shutdown() {
    for (auto list : {&Shutdown::normal, &Shutdown::last_chance}) {
        const auto devices = shutdown.with([&](Shutdown& s) { return std::exchange(s.*list, {}); });
        for (auto device = devices.rbegin(); device != devices.rend(); ++device) {
            DEVICE_OBJECT* const target = top_of_stack(**device);
            if (IRP* irp = make_irp(target->StackSize)) {
                IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_SHUTDOWN;
                send_and_wait(*target, *irp);
            }
            object::dereference(target);
        }
    }
}

}  // namespace io

}  // namespace ndiskit::nt

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocreatedevice
NTSTATUS NTAPI IoCreateDevice(PDRIVER_OBJECT driver, ULONG extension_size, PUNICODE_STRING name, ULONG type,
                              ULONG characteristics, BOOLEAN exclusive, PDEVICE_OBJECT* result) {
    *result = nullptr;
    const size_t extension_at = rounded(sizeof(DEVICE_OBJECT));
    const size_t own_at = extension_at + rounded(extension_size);
    auto* device = static_cast<PDEVICE_OBJECT>(pool_allocate_zeroed(
        PoolKind::nonpaged, own_at + sizeof(DEVOBJ_EXTENSION), device_tag, __builtin_return_address(0)));
    if (!device) return STATUS_INSUFFICIENT_RESOURCES;
    if (!io::protect_by_default(*device, __builtin_return_address(0))) {
        pool_free(device, device_tag);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    device->Type = IO_TYPE_DEVICE;
    device->Size = static_cast<USHORT>(sizeof(DEVICE_OBJECT) + extension_size);
    device->DriverObject = driver;
    device->Flags =
        DO_DEVICE_INITIALIZING | (exclusive ? DO_EXCLUSIVE : 0u) | (name ? DO_DEVICE_HAS_NAME : 0u);
    device->Characteristics = characteristics;
    device->DeviceType = type;
    device->StackSize = 1;
    device->DeviceExtension = extension_size ? reinterpret_cast<char*>(device) + extension_at : nullptr;
    device->DeviceObjectExtension =
        reinterpret_cast<PDEVOBJ_EXTENSION>(reinterpret_cast<char*>(device) + own_at);
    *device->DeviceObjectExtension = {};
    device->DeviceObjectExtension->Type = IO_TYPE_DEVICE_OBJECT_EXTENSION;
    device->DeviceObjectExtension->DeviceObject = device;
    KeInitializeEvent(&device->DeviceLock, SynchronizationEvent, TRUE);
    device->DeviceQueue.Type = IO_TYPE_DEVICE_QUEUE;
    device->DeviceQueue.Size = sizeof(KDEVICE_QUEUE);
    InitializeListHead(&device->DeviceQueue.DeviceListHead);
    InitializeListHead(&device->Queue.ListEntry);
    object::adopt(device, object::device_type);
    NTSTATUS named = STATUS_SUCCESS;
    if (name && name->Length > 0)
        named = object::insert(std::u16string(view_of(name)), device);
    else if (!name && (characteristics & FILE_AUTOGENERATED_DEVICE_NAME))
        // The first number from the count of names on that is free: older devices may be gone.
        for (size_t number = object::list(u"\\Device").size() + 1;; ++number) {
            named = object::insert(u"\\Device\\" + to_utf16(fmt::format("{:08x}", number)), device);
            if (named != STATUS_OBJECT_NAME_COLLISION) break;
        }
    if (!NT_SUCCESS(named)) {
        object::dereference(device);
        return named;
    }
    io::device_links().with([&](auto&) {
        device->NextDevice = driver->DeviceObject;
        driver->DeviceObject = device;
    });
    object::reference(driver);
    *result = device;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdmsec/nf-wdmsec-wdmlibiocreatedevicesecure
NTSTATUS NTAPI WdmlibIoCreateDeviceSecure(PDRIVER_OBJECT driver, ULONG extension_size, PUNICODE_STRING name,
                                          ULONG type, ULONG characteristics, BOOLEAN exclusive,
                                          PCUNICODE_STRING sddl, LPCGUID device_class,
                                          PDEVICE_OBJECT* result) {
    *result = nullptr;
    if (!name && !(characteristics & FILE_AUTOGENERATED_DEVICE_NAME)) return STATUS_INVALID_PARAMETER;
    const auto chosen = io::class_properties(device_class, {type, characteristics, exclusive});
    PDEVICE_OBJECT device = nullptr;
    NTSTATUS status = IoCreateDevice(driver, extension_size, name, chosen.type, chosen.characteristics,
                                     chosen.exclusive, &device);
    if (!NT_SUCCESS(status)) return status;
    status = io::protect(*device, view_of(sddl), device_class, __builtin_return_address(0));
    if (NT_SUCCESS(status))
        *result = device;
    else
        IoDeleteDevice(device);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iodeletedevice
void NTAPI IoDeleteDevice(PDEVICE_OBJECT device) {
    PDRIVER_OBJECT const driver = device->DriverObject;
    IoUnregisterShutdownNotification(device);
    io::delete_timer(*device);
    io::end_idle_detection(*device);
    // While files are open the device stays its driver's: requests still come, and the driver stays loaded.
    const bool open = io::device_links().with([&](auto&) {
        device->DeviceObjectExtension->ExtensionFlags |= io::delete_pending;
        if (device->ReferenceCount == 0) unlink(*device);
        return device->ReferenceCount != 0;
    });
    object::remove_name(device);
    object::dereference(device);
    if (!open) object::dereference(driver);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocreatesymboliclink
NTSTATUS NTAPI IoCreateSymbolicLink(PUNICODE_STRING link, PUNICODE_STRING target) {
    return object::create_link(view_of(link), view_of(target));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocreateunprotectedsymboliclink
NTSTATUS NTAPI IoCreateUnprotectedSymbolicLink(PUNICODE_STRING link, PUNICODE_STRING target) {
    return object::create_link(view_of(link), view_of(target));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iodeletesymboliclink
NTSTATUS NTAPI IoDeleteSymbolicLink(PUNICODE_STRING link) { return object::delete_link(view_of(link)); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioattachdevicetodevicestack
PDEVICE_OBJECT NTAPI IoAttachDeviceToDeviceStack(PDEVICE_OBJECT source, PDEVICE_OBJECT target) {
    return attach(*source, *target, nullptr);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ioattachdevicetodevicestacksafe
NTSTATUS NTAPI IoAttachDeviceToDeviceStackSafe(PDEVICE_OBJECT source, PDEVICE_OBJECT target,
                                               PDEVICE_OBJECT* attached_to) {
    return attach(*source, *target, attached_to) ? STATUS_SUCCESS : STATUS_NO_SUCH_DEVICE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioattachdevice
NTSTATUS NTAPI IoAttachDevice(PDEVICE_OBJECT source, PUNICODE_STRING name, PDEVICE_OBJECT* attached_to) {
    const object::Found found = object::lookup(view_of(name));
    if (!NT_SUCCESS(found.status)) return found.status;
    const bool fits = object::type_of(found.body) == &object::device_type;
    PDEVICE_OBJECT const below =
        fits ? attach(*source, *static_cast<PDEVICE_OBJECT>(found.body), attached_to) : nullptr;
    object::dereference(found.body);
    return below ? STATUS_SUCCESS : fits ? STATUS_NO_SUCH_DEVICE : STATUS_OBJECT_TYPE_MISMATCH;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iodetachdevice
void NTAPI IoDetachDevice(PDEVICE_OBJECT target) {
    io::device_links().with([&](auto&) {
        if (target->AttachedDevice) target->AttachedDevice->DeviceObjectExtension->AttachedTo = nullptr;
        target->AttachedDevice = nullptr;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iogetattacheddevice
PDEVICE_OBJECT NTAPI IoGetAttachedDevice(PDEVICE_OBJECT device) {
    return io::device_links().with([&](auto&) { return io::top(device); });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetattacheddevicereference
PDEVICE_OBJECT NTAPI IoGetAttachedDeviceReference(PDEVICE_OBJECT device) { return io::top_of_stack(*device); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iogetlowerdeviceobject
PDEVICE_OBJECT NTAPI IoGetLowerDeviceObject(PDEVICE_OBJECT device) {
    PDEVICE_OBJECT const lower =
        io::device_links().with([&](auto&) { return device->DeviceObjectExtension->AttachedTo; });
    if (lower) object::reference(lower);
    return lower;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iogetdeviceattachmentbaseref
PDEVICE_OBJECT NTAPI IoGetDeviceAttachmentBaseRef(PDEVICE_OBJECT device) {
    PDEVICE_OBJECT const lowest = io::device_links().with([&](auto&) {
        PDEVICE_OBJECT at = device;
        while (at->DeviceObjectExtension->AttachedTo) at = at->DeviceObjectExtension->AttachedTo;
        return at;
    });
    object::reference(lowest);
    return lowest;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioregistershutdownnotification
NTSTATUS NTAPI IoRegisterShutdownNotification(PDEVICE_OBJECT device) {
    shutdown.with([&](Shutdown& s) { s.normal.push_back(device); });
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioregisterlastchanceshutdownnotification
NTSTATUS NTAPI IoRegisterLastChanceShutdownNotification(PDEVICE_OBJECT device) {
    shutdown.with([&](Shutdown& s) { s.last_chance.push_back(device); });
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iounregistershutdownnotification
void NTAPI IoUnregisterShutdownNotification(PDEVICE_OBJECT device) {
    shutdown.with([&](Shutdown& s) {
        std::erase(s.normal, device);
        std::erase(s.last_chance, device);
    });
}

}  // extern "C"
