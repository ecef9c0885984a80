// Numbers, bits, times, memory and random numbers of the run-time library.
#include <gtest/gtest.h>

#include <cstring>

#include "nt/abi.h"
#include "nt/machine.h"
#include "nt/rtl/unicode.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::KernelExport;

const KernelExport<LONG(ULONGLONG, ULONG, UNICODE_STRING*)> nt_RtlInt64ToUnicodeString{
    "RtlInt64ToUnicodeString"};

TEST(NumberCalls, SixtyFourBitsInEachBase) {
    WCHAR buffer[64];
    UNICODE_STRING to = {0, sizeof buffer, buffer};
    EXPECT_EQ(nt_RtlInt64ToUnicodeString(UINT64_MAX, 16, &to), STATUS_SUCCESS);
    EXPECT_EQ(view_of(to), u"FFFFFFFFFFFFFFFF");
    EXPECT_EQ(buffer[16], 0);
    EXPECT_EQ(nt_RtlInt64ToUnicodeString(UINT64_MAX, 0, &to), STATUS_SUCCESS);
    EXPECT_EQ(view_of(to), u"18446744073709551615");
    EXPECT_EQ(nt_RtlInt64ToUnicodeString(8, 8, &to), STATUS_SUCCESS);
    EXPECT_EQ(view_of(to), u"10");
    EXPECT_EQ(nt_RtlInt64ToUnicodeString(UINT64_MAX, 2, &to), STATUS_BUFFER_OVERFLOW) << "no terminator";
    EXPECT_EQ(nt_RtlInt64ToUnicodeString(UINT64_MAX / 2, 2, &to), STATUS_SUCCESS);
    EXPECT_EQ(to.Length, sizeof buffer - sizeof(WCHAR));
    EXPECT_EQ(nt_RtlInt64ToUnicodeString(5, 7, &to), STATUS_INVALID_PARAMETER);
    to.MaximumLength = 4;
    EXPECT_EQ(nt_RtlInt64ToUnicodeString(123, 10, &to), STATUS_BUFFER_OVERFLOW);
}

const KernelExport<CCHAR(ULONGLONG)> nt_RtlFindLeastSignificantBit{"RtlFindLeastSignificantBit"},
    nt_RtlFindMostSignificantBit{"RtlFindMostSignificantBit"};
const KernelExport<ULONG(ULONG_PTR)> nt_RtlNumberOfSetBitsUlongPtr{"RtlNumberOfSetBitsUlongPtr"};

TEST(NumberCalls, BitsOfAWord) {
    EXPECT_EQ(nt_RtlFindLeastSignificantBit(0), -1);
    EXPECT_EQ(nt_RtlFindMostSignificantBit(0), -1);
    for (int bit = 0; bit < 64; ++bit) {
        EXPECT_EQ(nt_RtlFindLeastSignificantBit(~0ull << bit), bit);
        EXPECT_EQ(nt_RtlFindMostSignificantBit(~0ull >> (63 - bit)), bit);
        EXPECT_EQ(nt_RtlNumberOfSetBitsUlongPtr(~0ull << bit), 64u - static_cast<ULONG>(bit));
    }
}

TEST(BitmapCalls, SetAndClearWithinTheMap) {
    ULONG words[2] = {0, 0};
    RTL_BITMAP map;
    RtlInitializeBitMap(&map, words, 40);
    RtlSetAllBits(&map);
    EXPECT_EQ(RtlNumberOfSetBits(&map), 40u);
    EXPECT_EQ(RtlNumberOfClearBits(&map), 0u);
    ULONG start = 99;
    EXPECT_EQ(RtlFindFirstRunClear(&map, &start), 0u);
    RtlClearBit(&map, 33);
    RtlClearBits(&map, 3, 2);
    EXPECT_FALSE(RtlTestBit(&map, 33));
    EXPECT_TRUE(RtlTestBit(&map, 34));
    EXPECT_EQ(RtlNumberOfClearBits(&map), 3u);
    EXPECT_EQ(RtlFindFirstRunClear(&map, &start), 2u);
    EXPECT_EQ(start, 3u);
    EXPECT_EQ(RtlFindNextForwardRunClear(&map, 4, &start), 1u);  // from the middle of a run on
    EXPECT_EQ(start, 4u);
    EXPECT_EQ(RtlFindNextForwardRunClear(&map, 5, &start), 1u);
    EXPECT_EQ(start, 33u);
    EXPECT_EQ(RtlFindNextForwardRunClear(&map, 34, &start), 0u);
    EXPECT_EQ(RtlFindNextForwardRunClear(&map, 40, &start), 0u);
}

TEST(BitmapCalls, FindSetRunsAndClearThem) {
    ULONG words[2] = {0x000000F0, 0x0000000F};
    RTL_BITMAP map;
    RtlInitializeBitMap(&map, words, 40);
    EXPECT_EQ(RtlFindSetBits(&map, 4, 0), 4u);
    EXPECT_EQ(RtlFindSetBits(&map, 4, 8), 32u);
    EXPECT_EQ(RtlFindSetBits(&map, 4, 36), 4u);  // on from the start
    EXPECT_EQ(RtlFindSetBits(&map, 5, 0), 0xFFFFFFFFu);
    EXPECT_EQ(RtlFindSetBits(&map, 41, 0), 0xFFFFFFFFu);
    EXPECT_EQ(RtlFindSetBitsAndClear(&map, 3, 0), 4u);
    EXPECT_EQ(words[0], 0x80u);
    EXPECT_EQ(RtlFindSetBitsAndClear(&map, 5, 0), 0xFFFFFFFFu);
    EXPECT_EQ(words[1], 0xFu);  // untouched
}

const KernelExport<void(ULONG, LARGE_INTEGER*)> nt_RtlSecondsSince1970ToTime{"RtlSecondsSince1970ToTime"},
    nt_RtlSecondsSince1980ToTime{"RtlSecondsSince1980ToTime"};

TEST(TimeCalls, SecondsSince1970And1980) {
    LARGE_INTEGER time;
    TIME_FIELDS fields;
    nt_RtlSecondsSince1970ToTime(1, &time);
    RtlTimeToTimeFields(&time, &fields);
    EXPECT_EQ(fields.Year, 1970);
    EXPECT_EQ(fields.Second, 1);
    nt_RtlSecondsSince1970ToTime(0xFFFFFFFF, &time);
    RtlTimeToTimeFields(&time, &fields);
    EXPECT_EQ(fields.Year, 2106);
    nt_RtlSecondsSince1980ToTime(0, &time);
    RtlTimeToTimeFields(&time, &fields);
    EXPECT_EQ(fields.Year * 10000 + fields.Month * 100 + fields.Day, 19800101);
    ULONG seconds = 5;
    EXPECT_TRUE(RtlTimeToSecondsSince1980(&time, &seconds));
    EXPECT_EQ(seconds, 0u);
    time.QuadPart -= 10'000'000;
    EXPECT_FALSE(RtlTimeToSecondsSince1980(&time, &seconds));  // before 1980
    nt_RtlSecondsSince1980ToTime(0xFFFFFFFF, &time);
    EXPECT_TRUE(RtlTimeToSecondsSince1980(&time, &seconds));
    EXPECT_EQ(seconds, 0xFFFFFFFFu);
    time.QuadPart += 10'000'000;
    EXPECT_FALSE(RtlTimeToSecondsSince1980(&time, &seconds));
}

const KernelExport<SIZE_T(const void*, const void*, SIZE_T)> nt_RtlCompareMemory{"RtlCompareMemory"};
const KernelExport<SIZE_T(void*, SIZE_T, ULONG)> nt_RtlCompareMemoryUlong{"RtlCompareMemoryUlong"};
const KernelExport<void(void*, const void*, SIZE_T)> nt_RtlMoveMemory{"RtlMoveMemory"},
    nt_RtlCopyMemoryNonTemporal{"RtlCopyMemoryNonTemporal"};
const KernelExport<void(void*, SIZE_T, UCHAR)> nt_RtlFillMemory{"RtlFillMemory"};
const KernelExport<void(const void*, SIZE_T)> nt_RtlPrefetchMemoryNonTemporal{"RtlPrefetchMemoryNonTemporal"};

TEST(MemoryCalls, CompareCountsWhatIsEqual) {
    EXPECT_EQ(nt_RtlCompareMemory("abcd", "abxd", 4), 2u);
    EXPECT_EQ(nt_RtlCompareMemory("abcd", "abcd", 4), 4u);
    EXPECT_EQ(nt_RtlCompareMemory("a", "b", 0), 0u);
    alignas(4) ULONG words[] = {7, 7, 8};
    EXPECT_EQ(nt_RtlCompareMemoryUlong(words, 12, 7), 8u);
    EXPECT_EQ(nt_RtlCompareMemoryUlong(words, 8, 7), 8u);
    EXPECT_EQ(nt_RtlCompareMemoryUlong(words, 7, 7), 0u);  // no multiple of four
    EXPECT_EQ(nt_RtlCompareMemoryUlong(reinterpret_cast<char*>(words) + 1, 8, 7), 0u);
}

TEST(MemoryCalls, MoveFillAndPrefetch) {
    char text[] = "abcdef";
    nt_RtlMoveMemory(text + 1, text, 5);
    EXPECT_STREQ(text, "aabcde");
    nt_RtlFillMemory(text + 1, 3, '.');  // the length comes before the value
    EXPECT_STREQ(text, "a...de");
    char copy[7];
    nt_RtlCopyMemoryNonTemporal(copy, text, sizeof text);
    EXPECT_STREQ(copy, text);
    nt_RtlPrefetchMemoryNonTemporal(text, sizeof text);  // changes nothing
    EXPECT_STREQ(text, "a...de");
}

TEST(RandomCalls, StayBelowTheLargestLong) {
    test::on_sim([] {
        ULONG seed = 1, previous = 0;
        int repeated = 0;
        for (int i = 0; i < 500; ++i) {
            const ULONG a = RtlRandom(&seed), b = RtlRandomEx(&seed);
            ASSERT_LT(a, 0x7FFFFFFFu);
            ASSERT_LT(b, 0x7FFFFFFFu);
            repeated += a == previous;
            previous = a;
        }
        EXPECT_LT(repeated, 3);
    });
}

TEST(LuidCalls, AreCopiedAndCompared) {
    LUID a = {5, 1}, b = {};
    RtlCopyLuid(&b, &a);
    EXPECT_EQ(b.LowPart, 5u);
    EXPECT_EQ(b.HighPart, 1);
    const KernelExport<BOOLEAN(LUID*, LUID*)> nt_RtlEqualLuid{"RtlEqualLuid"};
    EXPECT_TRUE(nt_RtlEqualLuid(&a, &b));
    b.HighPart = 2;
    EXPECT_FALSE(nt_RtlEqualLuid(&a, &b));
}

TEST(VersionCalls, ServicePacksAreThoseOfTheRelease) {
    const KernelExport<BOOLEAN(ULONG)> nt_RtlIsServicePackVersionInstalled{
        "RtlIsServicePackVersionInstalled"};
    machine_options().release = *find_windows_release("7");  // with service pack 1
    EXPECT_TRUE(nt_RtlIsServicePackVersionInstalled(0x06010000));
    EXPECT_TRUE(nt_RtlIsServicePackVersionInstalled(0x06010100));
    EXPECT_FALSE(nt_RtlIsServicePackVersionInstalled(0x06010200));
    EXPECT_FALSE(nt_RtlIsServicePackVersionInstalled(0x06000100));  // of another release
}

}  // namespace
}  // namespace ndiskit::nt
