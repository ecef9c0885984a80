// UTF-8 strings, heaps, parts of bitmaps, SIDs made at once.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "nt/abi.h"
#include "nt/rtl/text_calls.h"
#include "nt/rtl/unicode.h"
#include "nt/security/sid.h"
#include "support/nt_machine.h"

extern "C" {
PSID_IDENTIFIER_AUTHORITY NTAPI RtlIdentifierAuthoritySid(PSID);
BOOLEAN NTAPI RtlEqualPrefixSid(PSID, PSID);
NTSTATUS NTAPI RtlInitializeSidEx(PSID, PSID_IDENTIFIER_AUTHORITY, ULONG, ...);
NTSTATUS NTAPI RtlAllocateAndInitializeSid(PSID_IDENTIFIER_AUTHORITY, UCHAR, ULONG, ULONG, ULONG, ULONG, ULONG,
                                           ULONG, ULONG, ULONG, PSID*);
PVOID NTAPI RtlFreeSid(PSID);
}

namespace ndiskit::nt {
namespace {

TEST(Utf8Strings, ConvertBothWays) {
    STRING utf8;
    EXPECT_EQ(RtlInitUTF8StringEx(&utf8, "Gr\xC3\xBC\xC3\x9F"), STATUS_SUCCESS);
    EXPECT_EQ(utf8.Length, 6);
    UNICODE_STRING wide;
    ASSERT_EQ(RtlUTF8StringToUnicodeString(&wide, &utf8, TRUE), STATUS_SUCCESS);
    EXPECT_EQ(view_of(wide), u"Grüß");
    STRING back;
    ASSERT_EQ(RtlUnicodeStringToUTF8String(&back, &wide, TRUE), STATUS_SUCCESS);
    EXPECT_EQ(std::string(back.Buffer), "Gr\xC3\xBC\xC3\x9F");
    RtlFreeUTF8String(&back);
    RtlFreeUnicodeString(&wide);
    char small[3] = {};
    back = {0, sizeof small, small};
    const UNICODE_STRING source = unicode_string(u"abc");
    EXPECT_EQ(RtlUnicodeStringToUTF8String(&back, &source, FALSE), STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(small[0], 0);
    RtlInitUTF8String(&back, nullptr);
    EXPECT_EQ(back.Buffer, nullptr);
}

TEST(Strings, EndAndCount) {
    const UNICODE_STRING text = unicode_string(u"driver.SYS"), end = unicode_string(u".sys");
    EXPECT_TRUE(RtlSuffixUnicodeString(&end, &text, TRUE));
    EXPECT_FALSE(RtlSuffixUnicodeString(&end, &text, FALSE));
    EXPECT_FALSE(RtlSuffixUnicodeString(&text, &end, TRUE));
    const UNICODE_STRING number = unicode_string(u" -0x1Fg");
    LONG64 value = 0;
    PWSTR stop = nullptr;
    EXPECT_EQ(RtlUnicodeStringToInt64(&number, 0, &value, &stop), STATUS_SUCCESS);
    EXPECT_EQ(value, -31);
    EXPECT_EQ(stop, number.Buffer + 6);
    EXPECT_EQ(RtlUnicodeStringToInt64(&number, 7, &value, nullptr), STATUS_INVALID_PARAMETER);
    EXPECT_TRUE(RtlIsZeroMemory("\0\0\0", 4));
    EXPECT_FALSE(RtlIsZeroMemory("\0\0x", 4));
}

TEST(Heap, FreesWhatIsLeft) {
    test::on_sim([] {
        const PVOID heap = RtlCreateHeap(2, nullptr, 0, 0, nullptr, nullptr);
        ASSERT_NE(heap, nullptr);
        PVOID first = RtlAllocateHeap(heap, 8, 100), second = RtlAllocateHeap(heap, 0, 5000);
        EXPECT_TRUE(RtlIsZeroMemory(first, 100));
        EXPECT_EQ(RtlSizeHeap(heap, 0, second), 5000u);
        std::memset(second, 1, 5000);
        EXPECT_TRUE(RtlFreeHeap(heap, 0, first));
        EXPECT_TRUE(RtlFreeHeap(heap, 0, nullptr));
        EXPECT_EQ(RtlAllocateHeap(heap, 0, SIZE_MAX), nullptr);
        EXPECT_EQ(RtlDestroyHeap(heap), nullptr);
    });
}

TEST(BitMap, PartsAreCopiedAndCounted) {
    ULONG few = 0b1011, many[2] = {}, out = 0;
    RTL_BITMAP small, large, result;
    RtlInitializeBitMap(&small, &few, 4);
    RtlInitializeBitMap(&large, many, 40);
    RtlInitializeBitMap(&result, &out, 3);
    RtlCopyBitMap(&small, &large, 30);
    EXPECT_EQ(many[0], 0xC0000000u);
    EXPECT_EQ(many[1], 0b10u);
    RtlCopyBitMap(&small, &large, 38);  // only what there is room for
    EXPECT_EQ(many[1], 0b11000010u);
    RtlExtractBitMap(&large, &result, 31, 3);
    EXPECT_EQ(out, 0b101u);
    EXPECT_EQ(RtlNumberOfSetBitsInRange(&large, 30, 8), 3u);
    EXPECT_EQ(RtlNumberOfClearBitsInRange(&large, 30, 8), 5u);
    EXPECT_EQ(RtlNumberOfClearBitsInRange(&large, 39, 8), 0u);
}

TEST(Sid, IsMadeAtOnce) {
    SID_IDENTIFIER_AUTHORITY authority = SECURITY_NT_AUTHORITY;
    PSID sid = nullptr;
    EXPECT_EQ(RtlAllocateAndInitializeSid(&authority, 9, 0, 0, 0, 0, 0, 0, 0, 0, &sid), STATUS_INVALID_SID);
    ASSERT_EQ(RtlAllocateAndInitializeSid(&authority, 2, 32, 544, 0, 0, 0, 0, 0, 0, &sid), STATUS_SUCCESS);
    EXPECT_EQ(security::sid_text(sid), u"S-1-5-32-544");
    EXPECT_EQ(RtlIdentifierAuthoritySid(sid)->Value[5], 5);
    alignas(4) UCHAR other[16];
    EXPECT_EQ(RtlInitializeSidEx(other, &authority, 2, 32u, 545u), STATUS_SUCCESS);
    EXPECT_FALSE(RtlEqualSid(sid, other));
    EXPECT_TRUE(RtlEqualPrefixSid(sid, other));
    EXPECT_EQ(RtlFreeSid(sid), nullptr);
}

}  // namespace
}  // namespace ndiskit::nt
