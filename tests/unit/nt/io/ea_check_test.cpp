// Lists of extended attributes from programs.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "nt/abi.h"

namespace ndiskit::nt {
namespace {

using Bytes = std::vector<uint8_t>;

// One entry; `next` as it is given.
Bytes entry(ULONG next, const std::string& name, const std::string& value, bool pad = true) {
    Bytes bytes(FIELD_OFFSET(FILE_FULL_EA_INFORMATION, EaName));
    std::memcpy(bytes.data(), &next, sizeof next);
    bytes[5] = static_cast<uint8_t>(name.size());
    bytes[6] = static_cast<uint8_t>(value.size());
    bytes.insert(bytes.end(), name.begin(), name.end());
    bytes.push_back(0);
    bytes.insert(bytes.end(), value.begin(), value.end());
    while (pad && bytes.size() % 4 != 0) bytes.push_back(0);
    return bytes;
}

NTSTATUS check(Bytes bytes, ULONG* offset = nullptr, ULONG length = 0) {
    ULONG own = 0;
    return IoCheckEaBufferValidity(reinterpret_cast<PFILE_FULL_EA_INFORMATION>(bytes.data()),
                                   length != 0 ? length : static_cast<ULONG>(bytes.size()), offset ? offset : &own);
}

Bytes two(ULONG next) {
    Bytes all = entry(next, "FIRST", "abc");
    const Bytes second = entry(0, "SECOND", "", false);
    all.insert(all.end(), second.begin(), second.end());
    return all;
}

TEST(IoCheckEaBufferValidity, TakesWholeListsWithAndWithoutPadding) {
    EXPECT_EQ(check(entry(0, "NAME", "value")), STATUS_SUCCESS);
    EXPECT_EQ(check(entry(0, "NAME", "value", false)), STATUS_SUCCESS);
    EXPECT_EQ(check(two(20)), STATUS_SUCCESS);
}

TEST(IoCheckEaBufferValidity, TellsWhereTheBadEntryIs) {
    ULONG offset = 99;
    Bytes list = two(20);
    list.back() = 'X';  // the name does not end
    EXPECT_EQ(check(list, &offset), STATUS_EA_LIST_INCONSISTENT);
    EXPECT_EQ(offset, 20u);
    list = two(20);
    list[8] = 0;  // the name ends too soon
    EXPECT_EQ(check(list, &offset), STATUS_EA_LIST_INCONSISTENT);
    EXPECT_EQ(offset, 0u);
}

TEST(IoCheckEaBufferValidity, RefusesOffsetsThatLieOutsideOrOffABoundary) {
    EXPECT_EQ(check(two(18)), STATUS_EA_LIST_INCONSISTENT);
    EXPECT_EQ(check(two(16)), STATUS_EA_LIST_INCONSISTENT);   // inside of the entry
    EXPECT_EQ(check(two(400)), STATUS_EA_LIST_INCONSISTENT);
    EXPECT_EQ(check(two(0)), STATUS_EA_LIST_INCONSISTENT);    // more than the one entry
    EXPECT_EQ(check(two(0x80000000)), STATUS_EA_LIST_INCONSISTENT);
}

TEST(IoCheckEaBufferValidity, RefusesABufferThatIsShorterThanItsEntry) {
    const Bytes list = entry(0, "NAME", "value", false);
    for (ULONG length = 1; length < list.size(); ++length)
        EXPECT_EQ(check(list, nullptr, length), STATUS_EA_LIST_INCONSISTENT) << length;
    ULONG offset = 0;
    EXPECT_EQ(IoCheckEaBufferValidity(nullptr, 0, &offset), STATUS_EA_LIST_INCONSISTENT);
}

}  // namespace
}  // namespace ndiskit::nt
