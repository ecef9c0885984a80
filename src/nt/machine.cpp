#include "nt/machine.h"

namespace ndiskit::nt {

// https://learn.microsoft.com/windows-hardware/drivers/network/overview-of-ndis-versions
const std::vector<WindowsRelease>& windows_releases() {
    static const std::vector<WindowsRelease> releases = {
        {"7", "Windows 7", 6, 1, 7601, 1, 6, 20, false, ""},
        {"server-2008-r2", "Windows Server 2008 R2", 6, 1, 7601, 1, 6, 20, true, ""},
        {"8", "Windows 8", 6, 2, 9200, 0, 6, 30, false, ""},
        {"server-2012", "Windows Server 2012", 6, 2, 9200, 0, 6, 30, true, ""},
        {"8.1", "Windows 8.1", 6, 3, 9600, 0, 6, 40, false, ""},
        {"server-2012-r2", "Windows Server 2012 R2", 6, 3, 9600, 0, 6, 40, true, ""},
        {"10-1507", "Windows 10, version 1507", 10, 0, 10240, 0, 6, 50, false, "1507"},
        {"10-1511", "Windows 10, version 1511", 10, 0, 10586, 0, 6, 51, false, "1511"},
        {"10-1607", "Windows 10, version 1607", 10, 0, 14393, 0, 6, 60, false, "1607"},
        {"server-2016", "Windows Server 2016", 10, 0, 14393, 0, 6, 60, true, "1607"},
        {"10-1703", "Windows 10, version 1703", 10, 0, 15063, 0, 6, 70, false, "1703"},
        {"10-1709", "Windows 10, version 1709", 10, 0, 16299, 0, 6, 80, false, "1709"},
        {"10-1803", "Windows 10, version 1803", 10, 0, 17134, 0, 6, 81, false, "1803"},
        {"10-1809", "Windows 10, version 1809", 10, 0, 17763, 0, 6, 82, false, "1809"},
        {"server-2019", "Windows Server 2019", 10, 0, 17763, 0, 6, 82, true, "1809"},
        {"10-1903", "Windows 10, version 1903", 10, 0, 18362, 0, 6, 83, false, "1903"},
        {"10-2004", "Windows 10, version 2004", 10, 0, 19041, 0, 6, 84, false, "2004"},
        {"10-21h2", "Windows 10, version 21H2", 10, 0, 19044, 0, 6, 85, false, "21H2"},
        {"10-22h2", "Windows 10, version 22H2", 10, 0, 19045, 0, 6, 85, false, "22H2"},
        {"server-2022", "Windows Server 2022", 10, 0, 20348, 0, 6, 85, true, "21H2"},
        {"11-21h2", "Windows 11, version 21H2", 10, 0, 22000, 0, 6, 86, false, "21H2"},
        {"11-22h2", "Windows 11, version 22H2", 10, 0, 22621, 0, 6, 87, false, "22H2"},
        {"11-23h2", "Windows 11, version 23H2", 10, 0, 22631, 0, 6, 87, false, "23H2"},
        {"server-23h2", "Windows Server, version 23H2", 10, 0, 25398, 0, 6, 88, true, "23H2"},
        {"server-2025", "Windows Server 2025", 10, 0, 26100, 0, 6, 89, true, "24H2"},
        {"11-24h2", "Windows 11, version 24H2", 10, 0, 26100, 0, 6, 89, false, "24H2"},
    };
    return releases;
}

Result<const WindowsRelease*> find_windows_release(std::string_view name) {
    std::string known;
    std::string lower(name);
    for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    for (const WindowsRelease& release : windows_releases()) {
        if (release.name == lower) return &release;
        known += known.empty() ? "" : ", ";
        known += release.name;
    }
    return fail("no Windows release is called '" + std::string(name) + "'", {}, "there are: " + known);
}

MachineOptions& machine_options() {
    static MachineOptions options;
    return options;
}

}  // namespace ndiskit::nt
