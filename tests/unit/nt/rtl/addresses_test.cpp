// Network addresses, strings in the OEM code page, checksums, runs of bits.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "nt/abi.h"
#include "nt/rtl/net_addresses.h"
#include "nt/rtl/text_calls.h"
#include "nt/rtl/unicode.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using Narrow = NetAddress<char>;
using Wide = NetAddress<WCHAR>;

std::string ipv6_round_trip(const char* text) {
    Ipv6 address;
    const char* end = nullptr;
    if (!NT_SUCCESS(Narrow::ipv6_of(text, &end, &address))) return "bad";
    char out[46];
    char* const out_end = Narrow::ipv6_text(&address, out);
    return std::string(out, out_end) + (*end ? std::string("|") + end : "");
}

// What Windows was seen to make of such texts: how far it reads, and what it finds; an empty result is
// STATUS_INVALID_PARAMETER.
TEST(Addresses, Ipv4OfOddTextsIsWindowsOwn) {  // RtlIpv4StringToAddressA
    const struct {
        const char* text;
        int loose_end;
        const char* loose;
        int strict_end;
        const char* strict;
    } cases[] = {{"255.255.255.255:123", 15, "255.255.255.255", 15, "255.255.255.255"},
                 {"255.255.255.256", 15, "", 15, ""},
                 {"255.255.255.4294967296", 21, "", 21, ""},
                 {"1.1.1.0xaA", 10, "1.1.1.170", 8, ""},
                 {"1.1.1.0x", 8, "", 8, ""},
                 {"1.1.1.010", 9, "1.1.1.8", 7, ""},
                 {"1.1.1.00", 8, "1.1.1.0", 7, ""},
                 {"1.1.1.08", 7, "", 7, ""},
                 {"1.1.1.008", 8, "1.1.1.0", 7, ""},
                 {"1.1.1.0a", 7, "1.1.1.0", 7, "1.1.1.0"},
                 {"1.1.1.-2", 6, "", 6, ""},
                 {"1.223756", 8, "1.3.106.12", 8, ""},
                 {"1000.2000", 9, "", 9, ""},
                 {"1..2", 3, "", 3, ""},
                 {"3.4.756.1", 9, "", 9, ""},
                 {"3.4.5.6.7", 7, "", 7, ""},
                 {"3.4.5.6 ", 7, "3.4.5.6", 7, "3.4.5.6"},
                 {"0.1.2.3.", 7, "", 7, ""},
                 {".1", 1, "", 1, ""},
                 {"::1", 0, "", 0, ""},
                 {"1234BEEF", 4, "0.0.4.210", 4, ""}};
    for (const auto& c : cases)
        for (const bool strict : {false, true}) {
            Ipv4 address;
            const char* end = nullptr;
            const NTSTATUS status = Narrow::ipv4_of(c.text, strict, &end, &address);
            char text[16] = "";
            if (NT_SUCCESS(status)) Narrow::ipv4_text(&address, text);
            EXPECT_STREQ(text, strict ? c.strict : c.loose) << c.text << (strict ? " strictly" : "");
            EXPECT_EQ(end - c.text, strict ? c.strict_end : c.loose_end) << c.text;
        }
    Ipv4 address;
    USHORT port = 0;
    EXPECT_EQ(Narrow::ipv4_of_ex("1.2.3.4:011064", TRUE, &address, &port), STATUS_SUCCESS) << "octal";
    EXPECT_EQ(port, 0x3412);
    for (const char* bad : {"1.1.1.1:", "1.1.1.1+", "0.0.0.0:0", "1.2.3.4:65536", "1.2.3.4:08", "1.1.1.0a"})
        EXPECT_EQ(Narrow::ipv4_of_ex(bad, FALSE, &address, &port), STATUS_INVALID_PARAMETER) << bad;
}

TEST(Addresses, Ipv6OfOddTextsIsWindowsOwn) {  // RtlIpv6StringToAddressA
    const struct {
        const char* text;
        int end;
        const char* found;
    } cases[] = {{"0:0:0:0:0:0:0::", 15, "::"},
                 {"1:2:3:4:5:6::7:8", 14, "1:2:3:4:5:6:0:7"},  // "::" is one group at least
                 {"1:2:3:4:5:6:7::8", 15, "1:2:3:4:5:6:7:0"},
                 {"1:2:3:4:5:6::1.2.3.4", 14, "1:2:3:4:5:6:0:1"},
                 {"1:2:3:4:5:6:7:8:9", 15, "1:2:3:4:5:6:7:8"},
                 {"1:2:::", 5, "1:2::"},
                 {"1::2::3", 4, "1::2"},
                 {"1::3:4:5:6:7::", 12, "1::3:4:5:6:7"},
                 {"::%16", 2, "::"},
                 {"2001:0::b.0", 9, "2001::b"},
                 {"1::1a.2.3.4", 5, "1::1a"},
                 {"1::001.2.3.4", 12, "1::102:304"},
                 {"1::0001.2.3.4", -1, ""},
                 {"1::1.2.3.4::1", 10, "1::102:304"},
                 {"1::1.2.3", 8, ""},
                 {"1::1.", 5, ""},
                 {"1::1.2::1", 6, ""},
                 {"1.2.3.4", 7, ""},
                 {"1::5:", 5, ""},
                 {"1:2:", 4, ""},
                 {"1:2:3", 5, ""},
                 {"::01234", 7, ""},
                 {"-1", 0, ""}};
    for (const auto& c : cases) {
        Ipv6 address;
        const char* end = nullptr;
        const NTSTATUS status = Narrow::ipv6_of(c.text, &end, &address);
        char text[46] = "";
        if (NT_SUCCESS(status)) Narrow::ipv6_text(&address, text);
        EXPECT_STREQ(text, c.found) << c.text;
        if (c.end >= 0) EXPECT_EQ(end - c.text, c.end) << c.text;
    }
}

TEST(Addresses, Ipv4IsReadStrictlyOrNot) {  // RtlIpv4StringToAddressA, RtlIpv4StringToAddressW
    Ipv4 a;
    const char* end;
    EXPECT_EQ(Narrow::ipv4_of("192.168.0.17/24", TRUE, &end, &a), STATUS_SUCCESS);
    EXPECT_STREQ(end, "/24");
    EXPECT_EQ(a.bytes[0], 192);
    EXPECT_EQ(a.bytes[3], 17);
    for (const char* bad : {"", "1.2.3", "1.2.3.256", "1.2.3.", "01.2.3.4", "0x1.2.3.4", "a.b.c.d", "1..2.3"})
        EXPECT_EQ(Narrow::ipv4_of(bad, TRUE, &end, &a), STATUS_INVALID_PARAMETER) << bad;
    EXPECT_EQ(Narrow::ipv4_of("0x7f.1", FALSE, &end, &a), STATUS_SUCCESS);
    char text[16];
    Narrow::ipv4_text(&a, text);
    EXPECT_STREQ(text, "127.0.0.1");
    EXPECT_EQ(Narrow::ipv4_of("017.2.258", FALSE, &end, &a), STATUS_SUCCESS);
    Narrow::ipv4_text(&a, text);
    EXPECT_STREQ(text, "15.2.1.2");
    EXPECT_EQ(Narrow::ipv4_of("4294967295", FALSE, &end, &a), STATUS_SUCCESS);
    EXPECT_EQ(Narrow::ipv4_of("256.1", FALSE, &end, &a), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(Narrow::ipv4_of("1.2.65536", FALSE, &end, &a), STATUS_INVALID_PARAMETER);
    const WCHAR* wide_end;
    EXPECT_EQ(Wide::ipv4_of(u"10.0.0.1", TRUE, &wide_end, &a), STATUS_SUCCESS);
    WCHAR wide_text[16];
    EXPECT_EQ(Wide::ipv4_text(&a, wide_text), wide_text + 8);
}

TEST(Addresses, PortsComeBehindInTheNetworksOrder) {  // RtlIpv4AddressToStringExW, RtlIpv6StringToAddressExW
    Ipv4 a;
    USHORT port = 1;
    EXPECT_EQ(Narrow::ipv4_of_ex("10.0.0.1:80", TRUE, &a, &port), STATUS_SUCCESS);
    EXPECT_EQ(port, __builtin_bswap16(80));
    for (const char* bad : {"10.0.0.1:", "10.0.0.1:65536", "10.0.0.1 ", "10.0.0.1:80x"})
        EXPECT_EQ(Narrow::ipv4_of_ex(bad, TRUE, &a, &port), STATUS_INVALID_PARAMETER) << bad;
    char text[64];
    ULONG size = 11;
    EXPECT_EQ(Narrow::ipv4_text_ex(&a, port, text, &size), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(size, 12u);
    EXPECT_EQ(Narrow::ipv4_text_ex(&a, port, text, &size), STATUS_SUCCESS);
    EXPECT_STREQ(text, "10.0.0.1:80");
    Ipv6 b;
    ULONG scope;
    EXPECT_EQ(Narrow::ipv6_of_ex("[fe80::1%12]:443", &b, &scope, &port), STATUS_SUCCESS);
    EXPECT_EQ(scope, 12u);
    EXPECT_EQ(port, __builtin_bswap16(443));
    size = sizeof text;
    EXPECT_EQ(Narrow::ipv6_text_ex(&b, scope, port, text, &size), STATUS_SUCCESS);
    EXPECT_STREQ(text, "[fe80::1%12]:443");
    for (const char* bad : {"[::1", "::1]", "::1:80x", "[::1]:", "[::1]80", "::1%", "fe80::1%eth0"})
        EXPECT_EQ(Narrow::ipv6_of_ex(bad, &b, &scope, &port), STATUS_INVALID_PARAMETER) << bad;
}

TEST(Addresses, Ipv6IsShortened) {  // RtlIpv6AddressToStringW, RtlIpv6StringToAddressW
    EXPECT_EQ(ipv6_round_trip("::"), "::");
    EXPECT_EQ(ipv6_round_trip("::1"), "::1");
    EXPECT_EQ(ipv6_round_trip("1::"), "1::");
    EXPECT_EQ(ipv6_round_trip("2001:DB8:0:0:8:800:200C:417A"), "2001:db8::8:800:200c:417a");
    EXPECT_EQ(ipv6_round_trip("1:0:0:2:0:0:0:3"), "1:0:0:2::3");
    EXPECT_EQ(ipv6_round_trip("1:0:2:3:4:5:6:7"), "1:0:2:3:4:5:6:7");
    EXPECT_EQ(ipv6_round_trip("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0");
    EXPECT_EQ(ipv6_round_trip("::ffff:192.0.2.1"), "::ffff:192.0.2.1");
    EXPECT_EQ(ipv6_round_trip("::192.0.2.1"), "::192.0.2.1");
    EXPECT_EQ(ipv6_round_trip("fe80::5efe:10.1.2.3"), "fe80::5efe:10.1.2.3");
    EXPECT_EQ(ipv6_round_trip("64:ff9b::10.1.2.3"), "64:ff9b::a01:203");
    EXPECT_EQ(ipv6_round_trip("fe80::1%3"), "fe80::1|%3");
    EXPECT_EQ(ipv6_round_trip("::1/64"), "::1|/64");
    EXPECT_EQ(ipv6_round_trip("1:2:3:4:5:6:7:8::"), "1:2:3:4:5:6:7:8|::");
    for (const char* bad : {"", ":", ":1", "1", "1:2:3:4:5:6:7", "12345::", "1:2:3:4:5:6:1.2.3"})
        EXPECT_EQ(ipv6_round_trip(bad), "bad") << bad;
    const char hex[] = "0123456789abcdef:.%]";
    uint32_t random = 7;
    for (int i = 0; i < 20000; ++i) {  // whatever comes, the end stays within the text
        char text[24];
        const size_t length = (random >> 8) % 23;
        for (size_t j = 0; j < length; ++j) {
            random = random * 1664525 + 1013904223;
            text[j] = hex[(random >> 16) % 20];
        }
        text[length] = 0;
        Ipv6 address;
        const char* end = nullptr;
        Narrow::ipv6_of(text, &end, &address);
        ASSERT_GE(end, text);
        ASSERT_LE(end, text + length);
    }
}

TEST(Addresses, EthernetHasSixPairs) {  // RtlEthernetStringToAddressW, RtlEthernetAddressToStringA
    Ethernet a;
    const WCHAR* end;
    EXPECT_EQ(Wide::ethernet_of(u"00-1A-2b-3C-4d-5E!", &end, &a), STATUS_SUCCESS);
    EXPECT_EQ(*end, u'!');
    char text[18];
    Narrow::ethernet_text(&a, text);
    EXPECT_STREQ(text, "00-1A-2B-3C-4D-5E");
    for (const auto* bad :
         {u"", u"00-1A-2B-3C-4D", u"0-1A-2B-3C-4D-5E", u"00-1A-2B-3C-4D-5G", u"001A2B3C4D5E"})
        EXPECT_EQ(Wide::ethernet_of(bad, &end, &a), STATUS_INVALID_PARAMETER);
}

TEST(OemStrings, ConvertWithAndWithoutTerminator) {
    const UNICODE_STRING source = unicode_string(u"Mux é");
    OEM_STRING oem;
    ASSERT_EQ(RtlUpcaseUnicodeStringToOemString(&oem, &source, TRUE), STATUS_SUCCESS);
    EXPECT_EQ(std::string(oem.Buffer, oem.Length), "MUX \xC9");
    EXPECT_EQ(oem.Buffer[oem.Length], 0);
    EXPECT_EQ(RtlxOemStringToUnicodeSize(&oem), 12u);
    UNICODE_STRING back;
    ASSERT_EQ(RtlOemStringToCountedUnicodeString(&back, &oem, TRUE), STATUS_SUCCESS);
    EXPECT_EQ(view_of(back), u"MUX É");
    EXPECT_EQ(back.MaximumLength, back.Length);
    RtlFreeUnicodeString(&back);
    RtlFreeOemString(&oem);
    EXPECT_EQ(oem.Buffer, nullptr);
    char small[3];
    oem = {0, sizeof small, small};
    EXPECT_EQ(RtlUnicodeStringToOemString(&oem, &source, FALSE), STATUS_BUFFER_OVERFLOW);
    ULONG written = 0;
    EXPECT_EQ(RtlUpcaseUnicodeToMultiByteN(small, 3, &written, source.Buffer, source.Length), STATUS_SUCCESS);
    EXPECT_EQ(std::string(small, written), "MUX");
    EXPECT_EQ(RtlUnicodeToMultiByteSize(&written, source.Buffer, source.Length), STATUS_SUCCESS);
    EXPECT_EQ(written, 5u);
    UCHAR bytes[] = {0xE9, 'x'};
    PUCHAR at = bytes;
    EXPECT_EQ(RtlAnsiCharToUnicodeChar(&at), u'é');
    EXPECT_EQ(at, bytes + 1);
}

TEST(Strings, AreAppendedComparedAndDuplicated) {
    char buffer[6] = "ab";
    STRING to = {2, sizeof buffer, buffer};
    EXPECT_EQ(RtlAppendAsciizToString(&to, "cd"), STATUS_SUCCESS);
    EXPECT_EQ(RtlAppendAsciizToString(&to, "efg"), STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(std::string(to.Buffer, to.Length), "abcd");
    STRING prefix;
    RtlInitAnsiStringEx(&prefix, "AB");
    EXPECT_FALSE(RtlPrefixString(&prefix, &to, FALSE));
    EXPECT_TRUE(RtlPrefixString(&prefix, &to, TRUE));
    const UNICODE_STRING source = unicode_string(u"x");
    UNICODE_STRING copy;
    EXPECT_EQ(RtlDuplicateUnicodeString(2, &source, &copy), STATUS_INVALID_PARAMETER);
    ASSERT_EQ(RtlDuplicateUnicodeString(1, &source, &copy), STATUS_SUCCESS);
    EXPECT_EQ(copy.MaximumLength, 4);
    EXPECT_EQ(RtlValidateUnicodeString(0, &copy), STATUS_SUCCESS);
    copy.Length = 3;
    EXPECT_EQ(RtlValidateUnicodeString(0, &copy), STATUS_INVALID_PARAMETER);
    RtlFreeUnicodeString(&copy);
}

TEST(Checksums, AreThoseOfTheirStandards) {
    EXPECT_EQ(RtlComputeCrc32(0, "123456789", 9), 0xCBF43926u);
    EXPECT_EQ(RtlCrc32("123456789", 9, 0), 0xCBF43926u);
    EXPECT_EQ(RtlCrc32("6789", 4, RtlCrc32("12345", 5, 0)), 0xCBF43926u);
    EXPECT_EQ(RtlCrc64("123456789", 9, 0), 0xAE8B14860A799888u);
}

TEST(BitMap, FindsRunsFromTheStartOrTheLongest) {
    ULONG words[2] = {0xFFFFFFFF, 0xFFFFFFFF};
    RTL_BITMAP map;
    RtlInitializeBitMap(&map, words, 50);
    RtlClearBits(&map, 2, 3);
    RtlClearBits(&map, 10, 8);
    RtlClearBits(&map, 30, 5);
    RTL_BITMAP_RUN runs[2];
    ASSERT_EQ(RtlFindClearRuns(&map, runs, 2, FALSE), 2u);
    EXPECT_EQ(runs[0].StartingIndex, 2u);
    EXPECT_EQ(runs[1].StartingIndex, 10u);
    ASSERT_EQ(RtlFindClearRuns(&map, runs, 2, TRUE), 2u);
    EXPECT_EQ(runs[0].StartingIndex, 10u);
    EXPECT_EQ(runs[0].NumberOfBits, 8u);
    EXPECT_EQ(runs[1].StartingIndex, 30u);
    ULONG start = 0;
    EXPECT_EQ(RtlFindLastBackwardRunClear(&map, 29, &start), 8u);
    EXPECT_EQ(start, 10u);
    EXPECT_EQ(RtlFindLastBackwardRunClear(&map, 12, &start), 3u);
    EXPECT_EQ(RtlFindLastBackwardRunClear(&map, 1, &start), 0u);
}

}  // namespace
}  // namespace ndiskit::nt
