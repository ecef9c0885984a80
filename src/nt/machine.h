// What kind of Windows machine this process is: the release that it plays, its processors. Set once, before
// the kernel starts; read by everything that depends on the release (RtlGetVersion, NDIS versions, the
// registry).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ndiskit::nt {

struct WindowsRelease {
    std::string_view name;  // what the user writes: "11-24h2", "server-2022"
    std::string_view title;
    uint32_t major, minor, build;
    uint32_t service_pack;
    uint8_t ndis_major, ndis_minor;
    bool server;
    std::string_view display_version;  // "24H2"; empty where Windows has none
};

// From the oldest to the newest.
const std::vector<WindowsRelease>& windows_releases();
// In any case of letters. An error names the releases that there are.
Result<const WindowsRelease*> find_windows_release(std::string_view name);

struct MachineOptions {
    const WindowsRelease* release = &windows_releases().back();
    uint32_t processors = 2;
    std::string computer_name = "NDISKIT";
    // Fills pool memory with a pattern when it is allocated without zeroing and when it is freed.
    bool poison_pool = false;
    // Longest time of a DPC before it is reported, in milliseconds; 0: no limit.
    uint32_t dpc_watchdog_ms = 0;
};

// To be changed before the machine starts only.
MachineOptions& machine_options();

}  // namespace ndiskit::nt
