// Power settings: drivers register for a setting by GUID and hear its value at once and on each change. This
// machine is on mains power with its display on, and that does not change; other settings have no value here,
// so that their registrations hear nothing.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-poregisterpowersettingcallback
#include <algorithm>
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
constexpr ULONG mains_power = 0, display_on = 1;

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

}  // namespace

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
    const bool has_value = *setting == source_of_power || *setting == display_state;
    ULONG value = *setting == display_state ? display_on : mains_power;
    if (has_value && ExAcquireRundownProtection(&registration->running)) {
        call_driver(callback, setting, &value, sizeof value, context);
        ExReleaseRundownProtection(&registration->running);
    }
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
