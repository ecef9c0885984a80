// Idle detection: each watched device has a counter of the seconds since it was last busy. Drivers set it
// back, by PoSetDeviceBusyEx or straight (the macro PoSetDeviceBusy); a timer counts it up and, when it
// reaches the device's limit, asks the device's stack to go to the state that the driver named. The timer
// runs while somebody is watched.
#include "nt/io/idle_detection.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "base/guarded.h"
#include "nt/ke/irql.h"
#include "nt/object/object.h"

namespace ndiskit::nt::io {
namespace {

constexpr LONG second_ms = 1000;
constexpr ULONG of_the_class = 0xFFFFFFFF;
constexpr ULONG standard_seconds = 20 * 60;

struct Watched {
    ULONG counter = 0;  // first: what the driver has the address of
    ULONG limit = 0;    // on mains power, as this machine is: the one for performance; 0: never
    DEVICE_OBJECT* device = nullptr;
    DEVICE_POWER_STATE state = PowerDeviceD3;
    std::atomic<LONG> busy = 0;
};
struct Watches {
    std::vector<std::unique_ptr<Watched>> devices;
    bool ticking = false;
};
// Devices are referenced under it.
Guarded<Watches, LockRank::nt_image> watches;

KTIMER timer;
KDPC tick_dpc;

Watched& watched(PULONG counter) { return *reinterpret_cast<Watched*>(counter); }

void NTAPI tick(PKDPC, PVOID, PVOID, PVOID) {
    struct Due {
        DEVICE_OBJECT* device;
        POWER_STATE state;
    };
    std::vector<Due> due;
    watches.with([&](Watches& all) {
        for (const auto& it : all.devices) {
            if (it->busy.load() != 0) continue;
            const ULONG seconds = __atomic_add_fetch(&it->counter, 1, __ATOMIC_RELAXED);
            if (it->limit == 0 || seconds != it->limit || !object::try_reference(it->device)) continue;
            due.push_back({it->device, {.DeviceState = it->state}});
        }
    });
    for (const Due& it : due) {
        PoRequestPowerIrp(it.device, IRP_MN_SET_POWER, it.state, nullptr, nullptr, nullptr);
        object::dereference(it.device);
    }
}

void start_ticking() {
    KeInitializeTimer(&timer);
    KeInitializeDpc(&tick_dpc, tick, nullptr);
    LARGE_INTEGER first = {.QuadPart = -10'000LL * second_ms};
    KeSetTimerEx(&timer, first, second_ms, &tick_dpc);
}

bool is_disk(const DEVICE_OBJECT& device) {
    constexpr ULONG disk = 0x07, mass_storage = 0x2d;
    return device.DeviceType == disk || device.DeviceType == mass_storage;
}

}  // namespace

void end_idle_detection(DEVICE_OBJECT& device) {
    std::unique_ptr<Watched> gone;
    const bool last = watches.with([&](Watches& all) {
        const auto found =
            std::ranges::find_if(all.devices, [&](const auto& it) { return it->device == &device; });
        if (found == all.devices.end()) return false;
        gone = std::move(*found);
        all.devices.erase(found);
        return all.devices.empty() && std::exchange(all.ticking, false);
    });
    if (last) KeCancelTimer(&timer);
}

}  // namespace ndiskit::nt::io

using namespace ndiskit::nt;
using namespace ndiskit::nt::io;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-poregisterdeviceforidledetection
PULONG NTAPI PoRegisterDeviceForIdleDetection(PDEVICE_OBJECT DeviceObject, ULONG ConservationIdleTime,
                                              ULONG PerformanceIdleTime, DEVICE_POWER_STATE State) {
    if (ConservationIdleTime == 0 && PerformanceIdleTime == 0) {
        end_idle_detection(*DeviceObject);
        return nullptr;
    }
    if ((ConservationIdleTime == of_the_class || PerformanceIdleTime == of_the_class) &&
        !is_disk(*DeviceObject))
        return nullptr;
    const ULONG limit = PerformanceIdleTime == of_the_class ? standard_seconds : PerformanceIdleTime;
    bool start = false;
    const PULONG counter = watches.with([&](Watches& all) {
        auto found =
            std::ranges::find_if(all.devices, [&](const auto& it) { return it->device == DeviceObject; });
        if (found == all.devices.end()) found = all.devices.insert(found, std::make_unique<Watched>());
        Watched& it = **found;
        it.device = DeviceObject;
        it.limit = limit;
        it.state = State;
        __atomic_store_n(&it.counter, 0, __ATOMIC_RELAXED);
        start = !std::exchange(all.ticking, true);
        return &it.counter;
    });
    if (start) start_ticking();
    return counter;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-posetdevicebusyex
void NTAPI PoSetDeviceBusyEx(PULONG IdlePointer) { __atomic_store_n(IdlePointer, 0, __ATOMIC_RELAXED); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-postartdevicebusy
void NTAPI PoStartDeviceBusy(PULONG IdlePointer) { watched(IdlePointer).busy.fetch_add(1); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-poenddevicebusy
void NTAPI PoEndDeviceBusy(PULONG IdlePointer) {
    PoSetDeviceBusyEx(IdlePointer);
    watched(IdlePointer).busy.fetch_sub(1);
}

}  // extern "C"
