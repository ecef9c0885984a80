// Power settings: drivers register for a setting by GUID and hear its value at once and on each change. The
// source of power changes with set_power_source, the display is always on; other settings have no value here, so
// that their registrations hear nothing.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-poregisterpowersettingcallback
#include "nt/io/power_setting.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <vector>

#include "base/guarded.h"
#include "nt/abi.h"
#include "nt/image/call_gate.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit;
using namespace ndiskit::nt;

namespace {

constexpr GUID source_of_power = {
    0x5d3e9a59, 0xe9d5, 0x4b00, {0xa6, 0xbd, 0xff, 0x34, 0xff, 0x51, 0x65, 0x48}};
constexpr GUID display_state = {0x6fe69556, 0x704a, 0x47a0, {0x8f, 0x24, 0xc2, 0x8d, 0x93, 0x6f, 0xda, 0x47}};
constexpr ULONG display_on = 1;
std::atomic<nt::io::PowerSource> source = nt::io::PowerSource::mains;

struct Registration {
    GUID setting;
    PPOWER_SETTING_CALLBACK callback;
    PVOID context;
    EX_RUNDOWN_REF running;
};
Guarded<std::vector<std::shared_ptr<Registration>>, LockRank::nt_leaf>& registrations() {
    static auto* const it = new Guarded<std::vector<std::shared_ptr<Registration>>, LockRank::nt_leaf>();
    return *it;
}

void tell(Registration& registration, ULONG value) {
    if (!ExAcquireRundownProtection(&registration.running)) return;
    call_driver(registration.callback, &registration.setting, &value, sizeof value, registration.context);
    ExReleaseRundownProtection(&registration.running);
}

}  // namespace

nt::io::PowerSource nt::io::power_source() { return source; }

void nt::io::set_power_source(PowerSource now) {
    if (source.exchange(now) == now) return;
    const auto all = registrations().with([](const auto& list) { return list; });
    for (const auto& registration : all)
        if (registration->setting == source_of_power) tell(*registration, static_cast<ULONG>(now));
}

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-poregisterpowersettingcallback
NTSTATUS NTAPI PoRegisterPowerSettingCallback(PDEVICE_OBJECT, LPCGUID setting,
                                              PPOWER_SETTING_CALLBACK callback, PVOID context,
                                              PVOID* handle) {
    if (!setting || !callback || !handle) return STATUS_INVALID_PARAMETER;
    auto registration = std::make_shared<Registration>(*setting, callback, context, EX_RUNDOWN_REF{});
    ExInitializeRundownProtection(&registration->running);
    *handle = registration.get();
    registrations().with([&](auto& all) { all.push_back(registration); });
    if (*setting == display_state)
        tell(*registration, display_on);
    else if (*setting == source_of_power)
        tell(*registration, static_cast<ULONG>(source.load()));
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pounregisterpowersettingcallback
NTSTATUS NTAPI PoUnregisterPowerSettingCallback(PVOID handle) {
    const auto registration = registrations().with([&](auto& all) -> std::shared_ptr<Registration> {
        const auto found =
            std::ranges::find(all, handle, [](const auto& r) { return static_cast<void*>(r.get()); });
        if (found == all.end()) return nullptr;
        auto taken = std::move(*found);
        all.erase(found);
        return taken;
    });
    if (!registration) return STATUS_INVALID_PARAMETER;
    ExWaitForRundownProtectionRelease(&registration->running);
    return STATUS_SUCCESS;
}

}  // extern "C"
