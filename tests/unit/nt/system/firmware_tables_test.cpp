// Tables of the firmware; lists for triage dumps.
#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "nt/abi.h"
#include "nt/abi/firmware.h"
#include "nt/abi/triage.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

constexpr ULONG acpi = 0x41435049, firm = 0x4649524D, rsmb = 0x52534D42;

TEST(FirmwareTables, AreListedByProvider) {
    test::on_sim([] {
        ULONG ids[2] = {7, 7}, size = 0;
        EXPECT_EQ(ExEnumerateSystemFirmwareTables(rsmb, nullptr, 0, &size), STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(size, 4u);
        EXPECT_EQ(ExEnumerateSystemFirmwareTables(rsmb, ids, sizeof ids, &size), STATUS_SUCCESS);
        EXPECT_EQ(ids[0], 0u);
        EXPECT_EQ(ExEnumerateSystemFirmwareTables(firm, ids, sizeof ids, &size), STATUS_SUCCESS);
        EXPECT_EQ(ids[0], 0xC0000u);
        EXPECT_EQ(ids[1], 0xE0000u);
        EXPECT_EQ(ExEnumerateSystemFirmwareTables(acpi, nullptr, 0, &size), STATUS_SUCCESS);
        EXPECT_EQ(size, 0u);
        EXPECT_EQ(ExEnumerateSystemFirmwareTables(1, ids, sizeof ids, &size), STATUS_INVALID_PARAMETER);
    });
}

// Walks the structures as the SMBIOS specification says: the formatted part, then strings up to two zeros.
std::vector<UCHAR> types_of(const std::vector<UCHAR>& raw) {
    std::vector<UCHAR> types;
    for (size_t at = 8; at + 4 <= raw.size();) {
        types.push_back(raw[at]);
        at += raw[at + 1];
        while (at + 1 < raw.size() && (raw[at] != 0 || raw[at + 1] != 0)) ++at;
        at += 2;
    }
    return types;
}

TEST(FirmwareTables, TheSmbiosTableNamesTheMachine) {
    test::on_sim([] {
        ULONG size = 0;
        EXPECT_EQ(ExGetSystemFirmwareTable(rsmb, 0, nullptr, 0, &size), STATUS_BUFFER_TOO_SMALL);
        std::vector<UCHAR> raw(size);
        EXPECT_EQ(ExGetSystemFirmwareTable(rsmb, 0, raw.data(), size - 1, &size), STATUS_BUFFER_TOO_SMALL);
        ASSERT_EQ(ExGetSystemFirmwareTable(rsmb, 0, raw.data(), size, &size), STATUS_SUCCESS);
        EXPECT_EQ(raw[1], 2) << "the version of the specification";
        EXPECT_EQ(*reinterpret_cast<ULONG*>(&raw[4]), size - 8);
        EXPECT_EQ(types_of(raw), (std::vector<UCHAR>{0, 1, 127}));
        const std::string_view text(reinterpret_cast<char*>(raw.data()), raw.size());
        EXPECT_NE(text.find("ndiskit"), text.npos);
        EXPECT_EQ(ExGetSystemFirmwareTable(rsmb, 1, raw.data(), size, &size), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(ExGetSystemFirmwareTable(firm, 0xE0000, nullptr, 0, &size), STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(size, 0x20000u);
    });
}

TEST(TriageDump, BlocksAreAddedWhileThereIsRoom) {
    test::on_sim([] {
        KTRIAGE_DUMP_DATA_ARRAY list{};
        list.NumBlocksTotal = 1;
        list.MaxDataSize = 100;
        char data[101];
        EXPECT_FALSE(NT_SUCCESS(KeAddTriageDumpDataBlock(&list, data, sizeof data)));
        EXPECT_FALSE(NT_SUCCESS(KeAddTriageDumpDataBlock(&list, nullptr, 1)));
        EXPECT_EQ(KeAddTriageDumpDataBlock(&list, data, 60), STATUS_SUCCESS);
        EXPECT_EQ(list.NumBlocksUsed, 1u);
        EXPECT_EQ(list.DataSize, 60u);
        EXPECT_EQ(list.Blocks[0].Address, data);
        EXPECT_EQ(list.Blocks[0].Size, 60u);
        EXPECT_FALSE(NT_SUCCESS(KeAddTriageDumpDataBlock(&list, data, 1))) << "no block is left";
    });
}

}  // namespace
}  // namespace ndiskit::nt
