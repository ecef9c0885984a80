// What drivers write to the system's event log: a line of the kit's log each, with the driver's name, the
// code and the values. The two high bits of a code are its severity, as in every message identifier of NT.

#include <fmt/format.h>

#include <string>

#include "base/log.h"
#include "ndis/nbl/abi.h"
#include "ndis/nbl/report.h"

using namespace ndiskit;

namespace {

constexpr ULONG most_values = 64;

void write(ULONG code, const std::string& driver, const std::string& text) {
    switch (code >> 30) {
        case 3:
            return log_error("event log", "{}: event {:#010x}{}", driver, code, text);
        case 2:
            return log_warning("event log", "{}: event {:#010x}{}", driver, code, text);
        default:
            return log_info("event log", "{}: event {:#010x}{}", driver, code, text);
    }
}

// Strings are printed as far as they are ASCII.
std::string narrow(const WCHAR* text) {
    std::string result;
    for (; text && *text; text++) result += *text >= ' ' && *text <= '~' ? static_cast<char>(*text) : '?';
    return result;
}

// The strings with their ends, as the record holds them.
size_t bytes_of(const WCHAR* const* strings, USHORT count) {
    size_t bytes = 0;
    for (USHORT i = 0; strings && i < count; i++)
        bytes += (std::char_traits<WCHAR>::length(strings[i]) + 1) * sizeof(WCHAR);
    return bytes;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiswriteerrorlogentry
void NDIS_VARARGS NdisWriteErrorLogEntry(NDIS_HANDLE NdisAdapterHandle, ULONG ErrorCode,
                                         ULONG NumberOfErrorValues, ...) {
    std::string text;
    __builtin_ms_va_list values;
    __builtin_ms_va_start(values, NumberOfErrorValues);
    for (ULONG i = 0; i < NumberOfErrorValues && i < most_values; i++)
        text += fmt::format(" {:#x}", __builtin_va_arg(values, ULONG));
    __builtin_ms_va_end(values);
    write(ErrorCode, ndis::owner_name(NdisAdapterHandle, __builtin_return_address(0)), text);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiswriteeventlogentry
NDIS_STATUS NTAPI NdisWriteEventLogEntry(PVOID LogHandle, NDIS_STATUS EventCode, ULONG UniqueEventValue,
                                         USHORT NumStrings, PVOID StringsList, ULONG DataSize, PVOID Data) {
    auto* strings = static_cast<const WCHAR* const*>(StringsList);
    if (DataSize + bytes_of(strings, NumStrings) > NDIS_MAX_EVENT_LOG_DATA_SIZE) return NDIS_STATUS_BUFFER_TOO_SHORT;
    std::string text = fmt::format(" ({:#x})", UniqueEventValue);
    for (USHORT i = 0; strings && i < NumStrings; i++) text += fmt::format(" \"{}\"", narrow(strings[i]));
    auto* bytes = static_cast<const UCHAR*>(Data);
    for (ULONG i = 0; bytes && i < DataSize; i++)
        text += fmt::format("{}{:02x}", i ? "" : " data ", bytes[i]);
    write(static_cast<ULONG>(EventCode), ndis::owner_name(nullptr, __builtin_return_address(0)), text);
    return NDIS_STATUS_SUCCESS;
}

}  // extern "C"
