// Lists of extended attributes, as a driver gets them from a program: checked before anybody walks along them.
#include <cstring>

#include "nt/abi.h"

namespace {

constexpr ULONG name_at = FIELD_OFFSET(FILE_FULL_EA_INFORMATION, EaName);

// The entry at the head of `left` bytes; 0 when it is none, else its size without the padding behind it.
ULONG size_of_entry(const uint8_t* at, ULONG left) {
    if (left < name_at) return 0;
    FILE_FULL_EA_INFORMATION entry;
    std::memcpy(&entry, at, name_at);
    const ULONG size = name_at + entry.EaNameLength + 1u + entry.EaValueLength;
    if (size > left) return 0;
    const char* const name = reinterpret_cast<const char*>(at) + name_at;
    return strnlen(name, entry.EaNameLength + 1u) == entry.EaNameLength ? size : 0;
}

ULONG next_of(const uint8_t* at) {
    ULONG next;
    std::memcpy(&next, at, sizeof next);
    return next;
}

}  // namespace

extern "C" {

// Behind the last entry there is at most the padding to a ULONG.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iocheckeabuffervalidity
NTSTATUS NTAPI IoCheckEaBufferValidity(PFILE_FULL_EA_INFORMATION buffer, ULONG length, PULONG error_offset) {
    const auto* const first = reinterpret_cast<const uint8_t*>(buffer);
    ULONG at = 0;
    for (;;) {
        const ULONG left = length - at, size = size_of_entry(first + at, left);
        if (size == 0) break;
        const ULONG next = next_of(first + at);
        if (next == 0) {
            if (left - size >= sizeof(ULONG)) break;
            return STATUS_SUCCESS;
        }
        if (next % sizeof(ULONG) != 0 || next < size || next > left) break;
        at += next;
    }
    *error_offset = at;
    return STATUS_EA_LIST_INCONSISTENT;
}

}  // extern "C"
