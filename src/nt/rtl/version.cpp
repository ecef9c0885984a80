// Which Windows this is: the release that the machine plays (machine.h).
#include <algorithm>

#include "nt/abi.h"
#include "nt/machine.h"

using namespace ndiskit::nt;

namespace {

constexpr UCHAR workstation = 1, server = 3;

UCHAR product_type() { return machine_options().release->server ? server : workstation; }

// The condition of one part in a mask of VerSetConditionMask: 3 bits each.
enum Condition : ULONG { equal = 1, greater = 2, greater_equal = 3, less = 4, less_equal = 5 };

bool holds(ULONG condition, uint64_t have, uint64_t want) {
    switch (condition) {
        case equal:
            return have == want;
        case greater:
            return have > want;
        case greater_equal:
            return have >= want;
        case less:
            return have < want;
        case less_equal:
            return have <= want;
        default:
            return false;
    }
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlgetversion
NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW version) {
    const WindowsRelease& release = *machine_options().release;
    version->dwMajorVersion = release.major;
    version->dwMinorVersion = release.minor;
    version->dwBuildNumber = release.build;
    version->dwPlatformId = 2;  // VER_PLATFORM_WIN32_NT
    constexpr std::u16string_view service_pack_1 = u"Service Pack 1";
    std::fill(std::begin(version->szCSDVersion), std::end(version->szCSDVersion), 0);
    if (release.service_pack == 1) std::ranges::copy(service_pack_1, version->szCSDVersion);
    if (version->dwOSVersionInfoSize == sizeof(RTL_OSVERSIONINFOEXW)) {
        auto* more = reinterpret_cast<PRTL_OSVERSIONINFOEXW>(version);
        more->wServicePackMajor = static_cast<USHORT>(release.service_pack);
        more->wServicePackMinor = 0;
        more->wSuiteMask = 0x100;  // VER_SUITE_SINGLEUSERTS
        more->wProductType = product_type();
    }
    return STATUS_SUCCESS;
}

// Major, minor and service pack are compared together, from the most significant asked for down.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlverifyversioninfo
NTSTATUS NTAPI RtlVerifyVersionInfo(PRTL_OSVERSIONINFOEXW want, ULONG parts, ULONGLONG conditions) {
    constexpr ULONG minor = 1, major = 2, build = 4, pack_minor = 0x10, pack_major = 0x20, product = 0x80;
    if (parts == 0) return STATUS_INVALID_PARAMETER;
    const WindowsRelease& release = *machine_options().release;
    auto condition = [&](int bit) { return static_cast<ULONG>(conditions >> (3 * bit) & 7); };
    if ((parts & build) && !holds(condition(2), release.build, want->dwBuildNumber))
        return STATUS_REVISION_MISMATCH;
    if ((parts & product) && !holds(condition(7), product_type(), want->wProductType))
        return STATUS_REVISION_MISMATCH;
    uint64_t have = 0, wanted = 0;
    ULONG how = 0;
    auto add = [&](ULONG part, int bit, uint64_t ours, uint64_t theirs) {
        if (!(parts & part)) return;
        if (!how) how = condition(bit);
        have = have << 16 | ours;
        wanted = wanted << 16 | theirs;
    };
    add(major, 1, release.major, want->dwMajorVersion);
    add(minor, 0, release.minor, want->dwMinorVersion);
    add(pack_major, 5, release.service_pack, want->wServicePackMajor);
    add(pack_minor, 4, 0, want->wServicePackMinor);
    return !how || holds(how, have, wanted) ? STATUS_SUCCESS : STATUS_REVISION_MISMATCH;
}

// A version as 0xMMmmSS00: 0x0A000000 is Windows 10.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlisntddiversionavailable
BOOLEAN NTAPI RtlIsNtDdiVersionAvailable(ULONG version) {
    const WindowsRelease& release = *machine_options().release;
    if (version & 0xFF && release.major < 10) return FALSE;
    return (release.major << 24 | release.minor << 16) >= (version & 0xFFFF0000);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlisservicepackversioninstalled
BOOLEAN NTAPI RtlIsServicePackVersionInstalled(ULONG version) {
    const WindowsRelease& release = *machine_options().release;
    return (release.major << 24 | release.minor << 16) == (version & 0xFFFF0000) &&
           release.service_pack >= (version >> 8 & 0xFF);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioiswdmversionavailable
BOOLEAN NTAPI IoIsWdmVersionAvailable(UCHAR major, UCHAR minor) {
    return major < 6 || (major == 6 && minor == 0);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmisthisanntassystem
BOOLEAN NTAPI MmIsThisAnNtAsSystem() { return machine_options().release->server; }

}  // extern "C"
