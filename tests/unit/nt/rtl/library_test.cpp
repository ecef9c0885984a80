// Versions, times, bitmaps.
#include <gtest/gtest.h>

#include "nt/abi.h"
#include "nt/machine.h"

extern "C" BOOLEAN NTAPI RtlTimeToSecondsSince1970(PLARGE_INTEGER, PULONG);

namespace ndiskit::nt {
namespace {

TEST(RtlVersion, FollowsTheReleaseOfTheMachine) {
    machine_options().release = *find_windows_release("7");
    RTL_OSVERSIONINFOEXW version = {};
    version.dwOSVersionInfoSize = sizeof version;
    EXPECT_EQ(RtlGetVersion(reinterpret_cast<PRTL_OSVERSIONINFOW>(&version)), STATUS_SUCCESS);
    EXPECT_EQ(version.dwMajorVersion, 6u);
    EXPECT_EQ(version.dwMinorVersion, 1u);
    EXPECT_EQ(version.dwBuildNumber, 7601u);
    EXPECT_EQ(version.wServicePackMajor, 1);
    EXPECT_TRUE(RtlIsNtDdiVersionAvailable(0x06010000));
    EXPECT_FALSE(RtlIsNtDdiVersionAvailable(0x06020000));
    version.dwMajorVersion = 6, version.dwMinorVersion = 0;
    // Major and minor at least 6.0: 3 bits a part, 3 is "greater or equal".
    EXPECT_EQ(RtlVerifyVersionInfo(&version, 3, 3 | 3 << 3), STATUS_SUCCESS);
    version.dwMajorVersion = 10;
    EXPECT_EQ(RtlVerifyVersionInfo(&version, 3, 3 | 3 << 3), STATUS_REVISION_MISMATCH);
    const auto unknown = find_windows_release("95");
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().text().find("11-24h2"), std::string::npos);
}

TEST(RtlTime, FieldsGoThereAndBack) {
    TIME_FIELDS fields;
    LARGE_INTEGER time = {.QuadPart = 0};
    RtlTimeToTimeFields(&time, &fields);
    EXPECT_EQ(fields.Year, 1601);
    EXPECT_EQ(fields.Month, 1);
    EXPECT_EQ(fields.Weekday, 1);  // a Monday
    fields = {2024, 2, 29, 12, 34, 56, 789, 0};
    ASSERT_TRUE(RtlTimeFieldsToTime(&fields, &time));
    TIME_FIELDS back;
    RtlTimeToTimeFields(&time, &back);
    EXPECT_EQ(back.Year, 2024);
    EXPECT_EQ(back.Month, 2);
    EXPECT_EQ(back.Day, 29);
    EXPECT_EQ(back.Milliseconds, 789);
    EXPECT_EQ(back.Weekday, 4);  // a Thursday
    ULONG seconds = 0;
    ASSERT_TRUE(RtlTimeToSecondsSince1970(&time, &seconds));
    EXPECT_EQ(seconds, 1709210096u);
    fields.Year = 2023;
    EXPECT_FALSE(RtlTimeFieldsToTime(&fields, &time));
}

TEST(RtlBitmap, FindsRuns) {
    ULONG words[3];
    RTL_BITMAP map;
    RtlInitializeBitMap(&map, words, 90);
    RtlClearAllBits(&map);
    RtlSetBits(&map, 0, 10);
    RtlSetBit(&map, 40);
    EXPECT_EQ(RtlNumberOfSetBits(&map), 11u);
    EXPECT_TRUE(RtlAreBitsSet(&map, 0, 10));
    EXPECT_FALSE(RtlAreBitsClear(&map, 39, 2));
    EXPECT_EQ(RtlFindClearBits(&map, 30, 0), 10u);
    EXPECT_EQ(RtlFindClearBits(&map, 31, 0), 41u);
    EXPECT_EQ(RtlFindClearBits(&map, 30, 60), 60u);
    EXPECT_EQ(RtlFindClearBits(&map, 31, 60), 41u);  // from the start when there is none behind the hint
    EXPECT_EQ(RtlFindClearBits(&map, 60, 0), 0xFFFFFFFFu);
    EXPECT_EQ(RtlFindClearBitsAndSet(&map, 5, 0), 10u);
    EXPECT_TRUE(RtlTestBit(&map, 14));
    ULONG start = 0;
    EXPECT_EQ(RtlFindLongestRunClear(&map, &start), 49u);
    EXPECT_EQ(start, 41u);
}

}  // namespace
}  // namespace ndiskit::nt
