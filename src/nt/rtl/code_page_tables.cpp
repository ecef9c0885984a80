// Code pages that a driver brings along, as tables of the form of Windows' NLS files: a header of words, the
// units of all bytes, those of the second bytes behind each lead byte, and the bytes of all units.
#include <algorithm>
#include <cstring>

#include "nt/abi.h"
#include "nt/rtl/dos_names.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit::nt;

namespace {

constexpr ULONG bytes_of_page = 256;

// The bytes of a unit: two when the first of them is not 0.
USHORT bytes_of(const CPTABLEINFO& page, char16_t unit) {
    if (page.DBCSCodePage) return static_cast<const USHORT*>(page.WideCharTable)[unit];
    return static_cast<const UCHAR*>(page.WideCharTable)[unit];
}

NTSTATUS to_page(const CPTABLEINFO& page, char* to, ULONG room, ULONG* written, const char16_t* from,
                 ULONG units, bool capitals) {
    ULONG done = 0, i = 0;
    for (; i < units; ++i) {
        const USHORT bytes = bytes_of(page, capitals ? upcase(from[i]) : from[i]);
        const ULONG size = bytes > 0xFF ? 2 : 1;
        if (done + size > room) break;
        if (size == 2) to[done++] = static_cast<char>(bytes >> 8);
        to[done++] = static_cast<char>(bytes);
    }
    if (written) *written = done;
    return i < units ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlinitcodepagetable
void NTAPI RtlInitCodePageTable(PUSHORT table, PCPTABLEINFO page) {
    const USHORT header = table[0];
    *page = {};
    page->CodePage = table[1];
    page->MaximumCharacterSize = table[2];
    page->DefaultChar = table[3];
    page->UniDefaultChar = table[4];
    page->TransDefaultChar = table[5];
    page->TransUniDefaultChar = table[6];
    std::memcpy(page->LeadByte, table + 7, sizeof page->LeadByte);
    table += header;
    page->WideCharTable = table + table[0] + 1;
    page->MultiByteTable = ++table;
    table += bytes_of_page;
    if (*table++) table += bytes_of_page;  // glyphs
    page->DBCSRanges = table;
    if (*table == 0) return;
    page->DBCSCodePage = 1;
    page->DBCSOffsets = table + 1;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlcustomcptounicoden
NTSTATUS NTAPI RtlCustomCPToUnicodeN(PCPTABLEINFO page, PWCH to, ULONG to_bytes, PULONG written, PCHAR from,
                                     ULONG from_bytes) {
    const auto* bytes = reinterpret_cast<const UCHAR*>(from);
    const auto* const end = bytes + from_bytes;
    const ULONG room = to_bytes / sizeof(WCHAR);
    ULONG done = 0;
    for (; bytes < end && done < room; ++bytes) {
        const USHORT seconds = page->DBCSCodePage ? page->DBCSOffsets[*bytes] : 0;
        if (!seconds) {
            to[done++] = page->MultiByteTable[*bytes];
        } else if (bytes + 1 == end) {
            to[done++] = 0;  // half of a character
        } else {
            to[done++] = page->DBCSOffsets[seconds + *++bytes];
        }
    }
    if (written) *written = done * sizeof(WCHAR);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlunicodetocustomcpn
NTSTATUS NTAPI RtlUnicodeToCustomCPN(PCPTABLEINFO page, PCHAR to, ULONG to_bytes, PULONG written, PWCH from,
                                     ULONG from_bytes) {
    return to_page(*page, to, to_bytes, written, from, from_bytes / sizeof(WCHAR), false);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlupcaseunicodetocustomcpn
NTSTATUS NTAPI RtlUpcaseUnicodeToCustomCPN(PCPTABLEINFO page, PCHAR to, ULONG to_bytes, PULONG written,
                                           PWCH from, ULONG from_bytes) {
    return to_page(*page, to, to_bytes, written, from, from_bytes / sizeof(WCHAR), true);
}

}  // extern "C"
