#include <gtest/gtest.h>

#include <cstring>

#include "nt/abi.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"

namespace {

using namespace ndiskit::nt;

UNICODE_STRING of(std::u16string_view text) { return unicode_string(text); }

TEST(Unicode, CaseMapsOneUnitToOne) {
    EXPECT_EQ(upcase(u'a'), u'A');
    EXPECT_EQ(upcase(u'é'), u'É');
    EXPECT_EQ(upcase(u'я'), u'Я');
    EXPECT_EQ(upcase(u'ā'), u'Ā');
    EXPECT_EQ(upcase(u'ÿ'), u'Ÿ');
    EXPECT_EQ(upcase(u'ß'), u'ß');
    EXPECT_EQ(downcase(u'Ω'), u'ω');
    EXPECT_EQ(downcase(u'1'), u'1');
    // A unit that is the capital of another is its own capital.
    for (unsigned c = 0; c < 0x10000; ++c)
        ASSERT_EQ(upcase(upcase(static_cast<char16_t>(c))), upcase(static_cast<char16_t>(c))) << c;
}

TEST(Unicode, Utf8GoesThereAndBack) {
    const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
    EXPECT_EQ(to_utf16(text), u"aé€😀");
    EXPECT_EQ(to_utf8(u"aé€😀"), text);
    EXPECT_EQ(to_utf16("\xFF\xC0\x80"), u"\xFFFD\xFFFD\xFFFD");
    const char16_t lone[] = {0xD800, u'x'};
    EXPECT_EQ(to_utf8({lone, 2}), "\xEF\xBF\xBDx");
}

TEST(RtlStrings, InitMeasuresInBytes) {
    UNICODE_STRING string;
    RtlInitUnicodeString(&string, u"abc");
    EXPECT_EQ(string.Length, 6);
    EXPECT_EQ(string.MaximumLength, 8);
    RtlInitUnicodeString(&string, nullptr);
    EXPECT_EQ(string.Length, 0);
    EXPECT_EQ(string.MaximumLength, 0);
    const std::u16string huge(40000, u'x');
    EXPECT_EQ(RtlInitUnicodeStringEx(&string, huge.c_str()), STATUS_NAME_TOO_LONG);
}

TEST(RtlStrings, CopyCutsAndAppendRefuses) {
    WCHAR buffer[4];
    UNICODE_STRING to = {0, sizeof buffer, buffer};
    UNICODE_STRING from = of(u"abcdef");
    RtlCopyUnicodeString(&to, &from);
    EXPECT_EQ(view_of(to), u"abcd");
    EXPECT_EQ(RtlAppendUnicodeToString(&to, u"x"), STATUS_BUFFER_TOO_SMALL);
    to.Length = 2;
    EXPECT_EQ(RtlAppendUnicodeToString(&to, u"xy"), STATUS_SUCCESS);
    EXPECT_EQ(view_of(to), u"axy");
    EXPECT_EQ(buffer[3], 0);
    RtlCopyUnicodeString(&to, nullptr);
    EXPECT_EQ(to.Length, 0);
}

TEST(RtlStrings, CompareFollowsUnitsAndCase) {
    UNICODE_STRING a = of(u"\\Device\\Mux"), b = of(u"\\DEVICE\\MUX"), c = of(u"\\device");
    EXPECT_TRUE(RtlEqualUnicodeString(&a, &b, TRUE));
    EXPECT_FALSE(RtlEqualUnicodeString(&a, &b, FALSE));
    EXPECT_GT(RtlCompareUnicodeString(&a, &c, TRUE), 0);
    EXPECT_TRUE(RtlPrefixUnicodeString(&c, &b, TRUE));
    EXPECT_FALSE(RtlPrefixUnicodeString(&b, &c, TRUE));
}

TEST(RtlStrings, UpcaseAllocatesOnRequest) {
    UNICODE_STRING from = of(u"grün"), to = {};
    ASSERT_EQ(RtlUpcaseUnicodeString(&to, &from, TRUE), STATUS_SUCCESS);
    EXPECT_EQ(view_of(to), u"GRÜN");
    EXPECT_EQ(pool_report().size(), 1u);
    RtlFreeUnicodeString(&to);
    EXPECT_TRUE(pool_report().empty());
}

TEST(RtlStrings, AnsiGoesThereAndBack) {
    ANSI_STRING ansi;
    RtlInitAnsiString(&ansi, "caf\xE9 \x80");
    UNICODE_STRING wide = {};
    ASSERT_EQ(RtlAnsiStringToUnicodeString(&wide, &ansi, TRUE), STATUS_SUCCESS);
    EXPECT_EQ(view_of(wide), u"café €");
    char buffer[4];
    ANSI_STRING back = {0, sizeof buffer, buffer};
    EXPECT_EQ(RtlUnicodeStringToAnsiString(&back, &wide, FALSE), STATUS_BUFFER_OVERFLOW);
    EXPECT_STREQ(buffer, "caf");
    RtlFreeUnicodeString(&wide);
}

TEST(RtlStrings, Numbers) {
    UNICODE_STRING text = of(u"  0x1Fg");
    ULONG value = 0;
    EXPECT_EQ(RtlUnicodeStringToInteger(&text, 0, &value), STATUS_SUCCESS);
    EXPECT_EQ(value, 0x1Fu);
    EXPECT_EQ(RtlUnicodeStringToInteger(&text, 7, &value), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(RtlCharToInteger("-12", 10, &value), STATUS_SUCCESS);
    EXPECT_EQ(static_cast<LONG>(value), -12);
    WCHAR buffer[4];
    UNICODE_STRING to = {0, sizeof buffer, buffer};
    EXPECT_EQ(RtlIntegerToUnicodeString(255, 16, &to), STATUS_SUCCESS);
    EXPECT_EQ(view_of(to), u"FF");
    EXPECT_EQ(RtlIntegerToUnicodeString(12345, 10, &to), STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(RtlIntegerToUnicodeString(1234, 10, &to), STATUS_BUFFER_OVERFLOW)
        << "no room for its terminator";
    EXPECT_EQ(RtlIntegerToUnicodeString(123, 10, &to), STATUS_SUCCESS);
    EXPECT_EQ(buffer[3], u'\0');
}

TEST(RtlStrings, CaseIsOfOneUnitAndBothWays) {
    for (uint32_t c = 0; c < 0x10000; ++c) {
        const auto unit = static_cast<WCHAR>(c);
        if (const WCHAR up = RtlUpcaseUnicodeChar(unit); up != unit)
            EXPECT_EQ(RtlDowncaseUnicodeChar(up), unit) << std::hex << c;
        if (const WCHAR down = RtlDowncaseUnicodeChar(unit); down != unit)
            EXPECT_EQ(RtlUpcaseUnicodeChar(down), unit) << std::hex << c;
    }
    EXPECT_EQ(RtlUpcaseUnicodeChar(u'\u00FF'), u'\u0178');
    EXPECT_EQ(RtlUpcaseUnicodeChar(u'\u00B5'),
              u'\u00B5');  // micro sign: the capital mu's small letter is another
    EXPECT_EQ(RtlUpcaseUnicodeChar(u'\u0131'), u'\u0131');  // i without a dot
    EXPECT_EQ(RtlUpcaseUnicodeChar(u'\u03C2'), u'\u03C2');  // final sigma
    EXPECT_EQ(RtlUpcaseUnicodeChar(u'\u1F80'), u'\u1F88');
    EXPECT_EQ(RtlDowncaseUnicodeChar(u'\u01C5'), u'\u01C5');  // half a capital
}

TEST(RtlStrings, AppendingNothingWritesNothing) {
    WCHAR buffer[4] = {u'a', u'b', u'c', u'd'};
    UNICODE_STRING to = {2, sizeof buffer, buffer}, nothing = {};
    EXPECT_EQ(RtlAppendUnicodeStringToString(&to, &nothing), STATUS_SUCCESS);
    EXPECT_EQ(to.Length, 2);
    EXPECT_EQ(buffer[1], u'b');
}

TEST(RtlStrings, Guids) {
    UNICODE_STRING text = of(u"{4D36E972-E325-11CE-BFC1-08002BE10318}");
    GUID guid;
    ASSERT_EQ(RtlGUIDFromString(&text, &guid), STATUS_SUCCESS);
    EXPECT_EQ(guid.Data1, 0x4D36E972u);
    EXPECT_EQ(guid.Data4[7], 0x18);
    UNICODE_STRING back;
    ASSERT_EQ(RtlStringFromGUID(&guid, &back), STATUS_SUCCESS);
    EXPECT_EQ(view_of(back), view_of(text));
    RtlFreeUnicodeString(&back);
    text = of(u"{4D36E972-E325-11CE-BFC1-08002BE1031}");
    EXPECT_EQ(RtlGUIDFromString(&text, &guid), STATUS_INVALID_PARAMETER);
}

}  // namespace
