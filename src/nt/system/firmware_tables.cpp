// Tables of the machine's firmware. There is a small SMBIOS table, which names the machine; the ranges of the
// raw firmware are there as on every PC and hold nothing; the machine has no ACPI tables.
#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "nt/abi.h"
#include "nt/abi/firmware.h"

namespace {

using Bytes = std::vector<UCHAR>;

constexpr ULONG acpi = 0x41435049, firm = 0x4649524D, rsmb = 0x52534D42;  // 'ACPI', 'FIRM', 'RSMB'
constexpr ULONG smbios_table = 0, low_range = 0xC0000, high_range = 0xE0000;
constexpr size_t range_size = 0x20000;
constexpr UCHAR smbios_major = 2, smbios_minor = 8;
constexpr UCHAR bios_information = 0, system_information = 1, end_of_table = 127;
constexpr UCHAR bios_information_size = 0x18, system_information_size = 0x1B, header_size = 4;

// A structure of a table: its type, its length, its handle, its fields, its strings.
void add_structure(Bytes& table, UCHAR type, Bytes fields, std::initializer_list<std::string_view> strings) {
    table.insert(table.end(), {type, static_cast<UCHAR>(header_size + fields.size()), type, 0});
    table.insert(table.end(), fields.begin(), fields.end());
    for (const std::string_view text : strings) {
        table.insert(table.end(), text.begin(), text.end());
        table.push_back(0);
    }
    if (strings.size() == 0) table.push_back(0);
    table.push_back(0);
}

Bytes smbios() {
    Bytes table;
    Bytes bios(bios_information_size - header_size);
    bios[0] = 1, bios[1] = 2, bios[4] = 3;  // numbers of the strings: vendor, version, release date
    bios[6] = 1 << 3;                       // no characteristics are told
    add_structure(table, bios_information, bios, {"ndiskit", "1.0", "01/01/2024"});
    Bytes machine(system_information_size - header_size);
    machine[0] = 1, machine[1] = 2, machine[2] = 3;
    machine[20] = 6;  // woken by its power switch
    add_structure(table, system_information, machine, {"ndiskit", "Windows machine in a process", "1.0"});
    add_structure(table, end_of_table, {}, {});
    // What RawSMBIOSData has before the table.
    Bytes raw = {0, smbios_major, smbios_minor, 0};
    const auto length = static_cast<ULONG>(table.size());
    raw.resize(raw.size() + sizeof length);
    memcpy(raw.data() + header_size, &length, sizeof length);
    raw.insert(raw.end(), table.begin(), table.end());
    return raw;
}

NTSTATUS give(const void* data, size_t size, PVOID buffer, ULONG length, PULONG returned) {
    if (returned) *returned = static_cast<ULONG>(size);
    if (length < size || (!buffer && size != 0)) return STATUS_BUFFER_TOO_SMALL;
    if (size != 0) memcpy(buffer, data, size);
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/aux_klib/nf-aux_klib-auxklibenumeratesystemfirmwaretables
NTSTATUS NTAPI ExEnumerateSystemFirmwareTables(ULONG provider, PVOID buffer, ULONG length, PULONG returned) {
    constexpr ULONG ranges[] = {low_range, high_range};
    switch (provider) {
        case rsmb:
            return give(&smbios_table, sizeof smbios_table, buffer, length, returned);
        case firm:
            return give(ranges, sizeof ranges, buffer, length, returned);
        case acpi:
            return give(nullptr, 0, buffer, length, returned);
        default:
            return STATUS_INVALID_PARAMETER;
    }
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/aux_klib/nf-aux_klib-auxklibgetsystemfirmwaretable
NTSTATUS NTAPI ExGetSystemFirmwareTable(ULONG provider, ULONG id, PVOID buffer, ULONG length,
                                        PULONG returned) {
    Bytes table;
    if (provider == rsmb && id == smbios_table) table = smbios();
    if (provider == firm && (id == low_range || id == high_range)) table.resize(range_size);
    if (table.empty()) return STATUS_INVALID_PARAMETER;
    return give(table.data(), table.size(), buffer, length, returned);
}

}  // extern "C"
