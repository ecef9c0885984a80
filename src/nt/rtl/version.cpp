// Which Windows this is: the release that the machine plays (machine.h).
#include <algorithm>

#include "nt/abi.h"
#include "nt/machine.h"

using namespace ndiskit::nt;

namespace {

constexpr UCHAR workstation = 1, server = 3;
constexpr USHORT single_user_suite = 0x100;  // VER_SUITE_SINGLEUSERTS

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
        more->wSuiteMask = single_user_suite;
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

// Each part has three bits of the mask, at the place of its own bit.
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-versetconditionmask
ULONGLONG NTAPI VerSetConditionMask(ULONGLONG mask, ULONG parts, UCHAR condition) {
    for (unsigned bit = 0; bit < 8; ++bit)
        if (parts >> bit & 1) mask |= static_cast<ULONGLONG>(condition & 7) << (3 * bit);
    return mask;
}

BOOLEAN NTAPI RtlGetNtProductType(PNT_PRODUCT_TYPE type) {
    *type = static_cast<NT_PRODUCT_TYPE>(product_type());
    return TRUE;
}

// Professional, or Standard Server.
BOOLEAN NTAPI RtlGetProductInfo(ULONG major, ULONG, ULONG, ULONG, PULONG product) {
    constexpr ULONG professional = 0x30, standard_server = 0x07, undefined = 0;
    if (!product) return FALSE;
    *product = major < 6 ? undefined : product_type() == server ? standard_server : professional;
    return major >= 6;
}

ULONG NTAPI RtlGetSuiteMask() { return single_user_suite; }

// No release of this machine lets several users work at once.
BOOLEAN NTAPI RtlIsMultiSessionSku() { return FALSE; }

// All state is in its classic places.
BOOLEAN NTAPI RtlIsStateSeparationEnabled() { return FALSE; }

// The one session of the machine.
ULONG NTAPI RtlGetActiveConsoleId() { return 0; }

PCWSTR NTAPI RtlGetNtSystemRoot() { return u"C:\\Windows"; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlgetenabledextendedfeatures
ULONG64 NTAPI RtlGetEnabledExtendedFeatures(ULONG64 mask) {
    unsigned a = 1, b = 0, c = 0, d = 0;
    constexpr unsigned os_uses_xsave = 1u << 27;
    asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    if (!(c & os_uses_xsave)) return 0;
    unsigned low, high;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return mask & (ULONG64{high} << 32 | low);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioiswdmversionavailable
BOOLEAN NTAPI IoIsWdmVersionAvailable(UCHAR major, UCHAR minor) {
    return major < 6 || (major == 6 && minor == 0);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmisthisanntassystem
BOOLEAN NTAPI MmIsThisAnNtAsSystem() { return machine_options().release->server; }

}  // extern "C"
