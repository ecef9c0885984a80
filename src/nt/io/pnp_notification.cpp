// Who wants to hear that device interfaces come and go, or that something happens to a device that they have
// open. Callbacks run at PASSIVE_LEVEL, one after the other, in the thread that made the change; a
// registration that ends waits for its callback.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/using-pnp-notification
#include <algorithm>
#include <memory>
#include <vector>

#include "base/guarded.h"
#include "nt/image/call_gate.h"
#include "nt/io/device_interface.h"
#include "nt/ke/work_queue.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::pnp {

namespace {

constexpr GUID interface_arrival = {
    0xcb3a4004, 0x46f0, 0x11d0, {0xb0, 0x8f, 0x00, 0x60, 0x97, 0x13, 0x05, 0x3f}};
constexpr GUID interface_removal = {
    0xcb3a4005, 0x46f0, 0x11d0, {0xb0, 0x8f, 0x00, 0x60, 0x97, 0x13, 0x05, 0x3f}};

struct Registration {
    IO_NOTIFICATION_EVENT_CATEGORY category{};
    GUID device_class{};          // of interfaces
    PFILE_OBJECT file = nullptr;  // of a target device, referenced
    PDRIVER_OBJECT driver = nullptr;
    PDRIVER_NOTIFICATION_CALLBACK_ROUTINE routine = nullptr;
    PVOID context = nullptr;
    EX_RUNDOWN_REF running{};

    Registration() = default;
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
    ~Registration() {
        if (file) object::dereference(file);
        if (driver) object::dereference(driver);
    }
};
using Registrations = std::vector<std::shared_ptr<Registration>>;

Guarded<Registrations, LockRank::nt_leaf>& table() {
    static auto* const it = new Guarded<Registrations, LockRank::nt_leaf>();
    return *it;
}

NTSTATUS tell(Registration& registration, void* notification) {
    if (!ExAcquireRundownProtection(&registration.running)) return STATUS_SUCCESS;
    const NTSTATUS status = call_driver(registration.routine, notification, registration.context);
    ExReleaseRundownProtection(&registration.running);
    return status;
}

DEVICE_INTERFACE_CHANGE_NOTIFICATION interface_change(const Interface& item, UNICODE_STRING& link,
                                                      bool arrived) {
    link = unicode_string(item.link);
    return {1, sizeof(DEVICE_INTERFACE_CHANGE_NOTIFICATION), arrived ? interface_arrival : interface_removal,
            item.device_class, &link};
}

template <class Wanted>
Registrations those(Wanted&& wanted) {
    return table().with([&](Registrations& all) {
        Registrations found;
        std::ranges::copy_if(all, std::back_inserter(found), wanted);
        return found;
    });
}

std::shared_ptr<Registration> take_out(const void* entry) {
    return table().with([&](Registrations& all) -> std::shared_ptr<Registration> {
        const auto found =
            std::ranges::find(all, entry, [](const auto& r) { return static_cast<const void*>(r.get()); });
        if (found == all.end()) return nullptr;
        auto taken = std::move(*found);
        all.erase(found);
        return taken;
    });
}

// The events that PnP itself reports of a target device; drivers report others.
bool is_system_event(const GUID& event) {
    constexpr GUID query_remove = {
        0xcb3a4006, 0x46f0, 0x11d0, {0xb0, 0x8f, 0x00, 0x60, 0x97, 0x13, 0x05, 0x3f}};
    for (const ULONG first : {0xcb3a4006u, 0xcb3a4007u, 0xcb3a4008u}) {
        GUID system = query_remove;
        system.Data1 = first;
        if (event == system) return true;
    }
    return false;
}

std::vector<uint8_t> copy_of(const TARGET_DEVICE_CUSTOM_NOTIFICATION& change) {
    const auto* const bytes = reinterpret_cast<const uint8_t*>(&change);
    std::vector<uint8_t> copy(bytes, bytes + change.Size);
    copy.resize(std::max(copy.size(), sizeof change));
    return copy;
}

// To whoever registered for a file that is open somewhere in the device's stack.
void tell_target_change(PDEVICE_OBJECT physical, std::vector<uint8_t> change) {
    for (const auto& registration :
         those([](const auto& r) { return r->category == EventCategoryTargetDeviceChange; })) {
        PDEVICE_OBJECT const lowest = IoGetDeviceAttachmentBaseRef(registration->file->DeviceObject);
        const bool concerned = lowest == physical;
        object::dereference(lowest);
        if (!concerned) continue;
        reinterpret_cast<PTARGET_DEVICE_CUSTOM_NOTIFICATION>(change.data())->FileObject = registration->file;
        tell(*registration, change.data());
    }
}

}  // namespace

void tell_interface_change(const Interface& item, bool arrived) {
    UNICODE_STRING link;
    auto notification = interface_change(item, link, arrived);
    for (const auto& registration : those([&](const auto& r) {
             return r->category == EventCategoryDeviceInterfaceChange && r->device_class == item.device_class;
         }))
        tell(*registration, &notification);
}

}  // namespace ndiskit::nt::pnp

using namespace ndiskit::nt;

extern "C" {

// Hardware profiles do not change on this machine: who registers for that hears nothing.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioregisterplugplaynotification
NTSTATUS NTAPI IoRegisterPlugPlayNotification(IO_NOTIFICATION_EVENT_CATEGORY category, ULONG flags,
                                              PVOID data, PDRIVER_OBJECT driver,
                                              PDRIVER_NOTIFICATION_CALLBACK_ROUTINE routine, PVOID context,
                                              PVOID* entry) {
    *entry = nullptr;
    auto registration = std::make_shared<pnp::Registration>();
    registration->category = category;
    registration->routine = routine;
    registration->context = context;
    ExInitializeRundownProtection(&registration->running);
    switch (category) {
        case EventCategoryHardwareProfileChange:
            break;
        case EventCategoryDeviceInterfaceChange:
            if (!data) return STATUS_INVALID_PARAMETER;
            registration->device_class = *static_cast<const GUID*>(data);
            break;
        case EventCategoryTargetDeviceChange:
            if (!data) return STATUS_INVALID_PARAMETER;
            registration->file = static_cast<PFILE_OBJECT>(data);
            object::reference(registration->file);
            break;
        default:
            return STATUS_INVALID_PARAMETER;
    }
    object::reference(driver);
    registration->driver = driver;
    *entry = registration.get();
    pnp::table().with([&](auto& all) { all.push_back(registration); });
    if (category == EventCategoryDeviceInterfaceChange &&
        (flags & PNPNOTIFY_DEVICE_INTERFACE_INCLUDE_EXISTING_INTERFACES))
        for (const pnp::Interface& item : pnp::interfaces(&registration->device_class, true)) {
            UNICODE_STRING link;
            auto notification = pnp::interface_change(item, link, true);
            pnp::tell(*registration, &notification);
        }
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iounregisterplugplaynotificationex
NTSTATUS NTAPI IoUnregisterPlugPlayNotificationEx(PVOID entry) {
    const auto registration = pnp::take_out(entry);
    if (!registration) return STATUS_INVALID_PARAMETER;
    ExWaitForRundownProtectionRelease(&registration->running);
    return STATUS_SUCCESS;
}

// Does not wait for a callback that runs, so that the callback may call it.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iounregisterplugplaynotification
NTSTATUS NTAPI IoUnregisterPlugPlayNotification(PVOID entry) {
    return pnp::take_out(entry) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioreporttargetdevicechange
NTSTATUS NTAPI IoReportTargetDeviceChange(PDEVICE_OBJECT physical, PVOID notification) {
    if (!notification) return STATUS_INVALID_PARAMETER;
    const auto& change = *static_cast<PTARGET_DEVICE_CUSTOM_NOTIFICATION>(notification);
    if (pnp::is_system_event(change.Event)) return STATUS_INVALID_DEVICE_REQUEST;
    pnp::tell_target_change(physical, pnp::copy_of(change));
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioreporttargetdevicechangeasynchronous
NTSTATUS NTAPI IoReportTargetDeviceChangeAsynchronous(PDEVICE_OBJECT physical, PVOID notification,
                                                      PDEVICE_CHANGE_COMPLETE_CALLBACK callback,
                                                      PVOID context) {
    if (!notification) return STATUS_INVALID_PARAMETER;
    const auto& change = *static_cast<PTARGET_DEVICE_CUSTOM_NOTIFICATION>(notification);
    if (pnp::is_system_event(change.Event)) return STATUS_INVALID_DEVICE_REQUEST;
    object::reference(physical);
    ke::run_later([=, copy = pnp::copy_of(change)] {
        pnp::tell_target_change(physical, copy);
        if (callback) call_driver(callback, context);
        object::dereference(physical);
    });
    return STATUS_PENDING;
}

}  // extern "C"
