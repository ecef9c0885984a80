// Counted strings: copies, comparison, case, and conversion between the code pages, UTF-8 and Unicode, by the
// functions that drivers import.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "nt/abi.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"
#include "support/kernel_export.h"

extern "C" NTSTATUS NTAPI RtlUpcaseUnicodeStringToAnsiString(PANSI_STRING, PCUNICODE_STRING, BOOLEAN);

namespace ndiskit::nt {
namespace {

using test::KernelExport;

STRING bytes_of(std::string_view text) {
    const auto length = static_cast<USHORT>(text.size());
    return {length, length, const_cast<char*>(text.data())};
}
std::string_view view_of_bytes(const STRING& string) { return {string.Buffer, string.Length}; }

TEST(StringCalls, AreInitializedAndCopiedWithoutATerminator) {
    STRING from;
    RtlInitString(&from, "abc");
    EXPECT_EQ(from.Length, 3);
    EXPECT_EQ(from.MaximumLength, 4);
    RtlInitString(&from, nullptr);
    EXPECT_EQ(from.Length | from.MaximumLength, 0);
    RtlInitString(&from, "abc");
    char buffer[3] = {'#', '#', '#'};
    STRING to = {0, 2, buffer};
    RtlCopyString(&to, &from);
    EXPECT_EQ(view_of_bytes(to), "ab");
    EXPECT_EQ(buffer[2], '#');
    EXPECT_EQ(to.MaximumLength, 2);
    RtlCopyString(&to, nullptr);
    EXPECT_EQ(to.Length, 0);
    EXPECT_EQ(to.Buffer, buffer);
}

TEST(StringCalls, AreAppendedWhollyOrNotAtAll) {
    char buffer[4];
    STRING to = {0, sizeof buffer, buffer}, three = bytes_of("abc"), two = bytes_of("de");
    EXPECT_EQ(RtlAppendStringToString(&to, &three), STATUS_SUCCESS);
    EXPECT_EQ(RtlAppendStringToString(&to, &two), STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(view_of_bytes(to), "abc");
    WCHAR wide[4];
    UNICODE_STRING wide_to = {0, sizeof wide, wide}, wide_three = unicode_string(u"abc");
    EXPECT_EQ(RtlAppendUnicodeStringToString(&wide_to, &wide_three), STATUS_SUCCESS);
    EXPECT_EQ(wide[3], 0);  // a terminator where there is room for one
    EXPECT_EQ(RtlAppendUnicodeStringToString(&wide_to, &wide_three), STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(view_of(wide_to), u"abc");
}

TEST(StringCalls, CompareBytesAndUnits) {
    const STRING a = bytes_of("Mux"), b = bytes_of("mUX"), c = bytes_of("mu");
    EXPECT_TRUE(RtlEqualString(&a, &b, TRUE));
    EXPECT_FALSE(RtlEqualString(&a, &b, FALSE));
    EXPECT_FALSE(RtlEqualString(&a, &c, TRUE));
    EXPECT_EQ(RtlCompareString(&a, &b, TRUE), 0);
    EXPECT_LT(RtlCompareString(&a, &b, FALSE), 0);
    EXPECT_GT(RtlCompareString(&a, &c, TRUE), 0);
    EXPECT_EQ(RtlCompareUnicodeStrings(u"AB", 2, u"ab", 2, TRUE), 0);
    EXPECT_LT(RtlCompareUnicodeStrings(u"AB", 2, u"ab", 2, FALSE), 0);
    EXPECT_LT(RtlCompareUnicodeStrings(u"AB", 1, u"AB", 2, FALSE), 0);  // the lengths are in units
}

TEST(StringCalls, ChangeCase) {
    EXPECT_EQ(RtlUpperChar('z'), 'Z');
    EXPECT_EQ(RtlUpperChar('\xE9'), '\xC9');
    EXPECT_EQ(RtlUpperChar('1'), '1');
    EXPECT_EQ(RtlUpcaseUnicodeChar(u'\u0436'), u'\u0416');
    EXPECT_EQ(RtlDowncaseUnicodeChar(u'\u0416'), u'\u0436');
    EXPECT_EQ(RtlDowncaseUnicodeChar(u'a'), u'a');
    char buffer[2];
    STRING to = {0, sizeof buffer, buffer};
    const STRING from = bytes_of("mux");
    RtlUpperString(&to, &from);
    EXPECT_EQ(view_of_bytes(to), "MU");
    WCHAR wide[3];
    const UNICODE_STRING source = unicode_string(u"GR\u00DCN");
    UNICODE_STRING lower = {0, sizeof wide, wide};
    EXPECT_EQ(RtlDowncaseUnicodeString(&lower, &source, FALSE), STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(lower.Length, 0);
    ASSERT_EQ(RtlDowncaseUnicodeString(&lower, &source, TRUE), STATUS_SUCCESS);
    EXPECT_EQ(view_of(lower), u"gr\u00FCn");
    RtlFreeUnicodeString(&lower);
    EXPECT_EQ(lower.Buffer, nullptr);
}

TEST(StringCalls, CreatedOnesAreFreed) {
    UNICODE_STRING made;
    ASSERT_TRUE(RtlCreateUnicodeString(&made, u"mux"));
    EXPECT_EQ(view_of(made), u"mux");
    EXPECT_EQ(made.MaximumLength, 8);
    EXPECT_EQ(made.Buffer[3], 0);
    RtlFreeUnicodeString(&made);
    EXPECT_FALSE(RtlCreateUnicodeString(&made, std::u16string(40000, u'x').c_str()));
    const UNICODE_STRING source = unicode_string(u"caf\u00E9");
    ANSI_STRING ansi;
    ASSERT_EQ(RtlUpcaseUnicodeStringToAnsiString(&ansi, &source, TRUE), STATUS_SUCCESS);
    EXPECT_EQ(view_of_bytes(ansi), "CAF\xC9");
    RtlFreeAnsiString(&ansi);
    EXPECT_EQ(ansi.Buffer, nullptr);
    EXPECT_TRUE(pool_report().empty());
}

TEST(StringCalls, HashIsThatOfX65599) {
    UNICODE_STRING ab = unicode_string(u"ab"), capitals = unicode_string(u"AB");
    ULONG hash = 0, other = 0;
    EXPECT_EQ(RtlHashUnicodeString(&ab, FALSE, 1, &hash), STATUS_SUCCESS);
    EXPECT_EQ(hash, u'a' * 65599u + u'b');
    EXPECT_EQ(RtlHashUnicodeString(&ab, FALSE, 0, &other), STATUS_SUCCESS);  // the default one
    EXPECT_EQ(other, hash);
    EXPECT_EQ(RtlHashUnicodeString(&ab, TRUE, 1, &hash), STATUS_SUCCESS);
    EXPECT_EQ(RtlHashUnicodeString(&capitals, TRUE, 1, &other), STATUS_SUCCESS);
    EXPECT_EQ(other, hash);
    EXPECT_EQ(RtlHashUnicodeString(nullptr, TRUE, 1, &hash), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(RtlHashUnicodeString(&ab, TRUE, 1, nullptr), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(RtlHashUnicodeString(&ab, TRUE, 2, &hash), STATUS_INVALID_PARAMETER);
}

const KernelExport<ULONG(const STRING*)> nt_RtlAnsiStringToUnicodeSize{"RtlAnsiStringToUnicodeSize"},
    nt_RtlOemStringToUnicodeSize{"RtlOemStringToUnicodeSize"};
const KernelExport<ULONG(const UNICODE_STRING*)> nt_RtlUnicodeStringToAnsiSize{"RtlUnicodeStringToAnsiSize"},
    nt_RtlUnicodeStringToOemSize{"RtlUnicodeStringToOemSize"};

TEST(StringCalls, SizesHaveRoomForATerminator) {
    const STRING narrow = bytes_of("abc");
    const UNICODE_STRING wide = unicode_string(u"abcd");
    EXPECT_EQ(nt_RtlAnsiStringToUnicodeSize(&narrow), 8u);
    EXPECT_EQ(RtlxAnsiStringToUnicodeSize(&narrow), 8u);
    EXPECT_EQ(nt_RtlOemStringToUnicodeSize(&narrow), 8u);
    EXPECT_EQ(nt_RtlUnicodeStringToAnsiSize(&wide), 5u);
    EXPECT_EQ(RtlxUnicodeStringToAnsiSize(&wide), 5u);
    EXPECT_EQ(nt_RtlUnicodeStringToOemSize(&wide), 5u);
    EXPECT_EQ(RtlxUnicodeStringToOemSize(&wide), 5u);
    ULONG bytes = 0;  // this one has none
    EXPECT_EQ(RtlMultiByteToUnicodeSize(&bytes, "abc", 3), STATUS_SUCCESS);
    EXPECT_EQ(bytes, 6u);
}

TEST(StringCalls, CountedBytesToUnicodeAndBack) {
    WCHAR wide[4];
    ULONG written = 0;
    EXPECT_EQ(RtlMultiByteToUnicodeN(wide, sizeof wide, &written, "a\x80", 2), STATUS_SUCCESS);
    EXPECT_EQ(std::u16string(wide, written / 2), u"a\u20AC");
    EXPECT_EQ(RtlMultiByteToUnicodeN(wide, 5, &written, "abc", 3), STATUS_SUCCESS);  // cut without an error
    EXPECT_EQ(written, 4u);
    EXPECT_EQ(RtlOemToUnicodeN(wide, 5, &written, "abc", 3), STATUS_BUFFER_OVERFLOW);  // this one says so
    EXPECT_EQ(written, 4u);
    EXPECT_EQ(RtlOemToUnicodeN(wide, sizeof wide, nullptr, "xyz", 3), STATUS_SUCCESS);
    EXPECT_EQ(std::u16string(wide, 3), u"xyz");
    char narrow[4];
    EXPECT_EQ(RtlUnicodeToMultiByteN(narrow, 4, &written, u"a\u0416", 4), STATUS_SUCCESS);
    EXPECT_EQ(std::string(narrow, written), "a?");
    EXPECT_EQ(RtlUnicodeToMultiByteN(narrow, 1, &written, u"ab", 4), STATUS_SUCCESS);
    EXPECT_EQ(written, 1u);
    EXPECT_EQ(RtlUnicodeToOemN(narrow, 4, &written, u"ab", 4), STATUS_SUCCESS);
    EXPECT_EQ(RtlUnicodeToOemN(narrow, 1, &written, u"xb", 4), STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(std::string(narrow, written), "x");
    EXPECT_EQ(RtlUpcaseUnicodeToOemN(narrow, 4, &written, u"a\u00E9", 4), STATUS_SUCCESS);
    EXPECT_EQ(std::string(narrow, written), "A\xC9");
    EXPECT_EQ(RtlUpcaseUnicodeToOemN(narrow, 1, nullptr, u"ab", 4), STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(narrow[0], 'A');
}

TEST(StringCalls, OemStringsHaveCountedForms) {
    const STRING oem = bytes_of("ab");
    UNICODE_STRING wide;
    ASSERT_EQ(RtlOemStringToUnicodeString(&wide, &oem, TRUE), STATUS_SUCCESS);
    EXPECT_EQ(wide.MaximumLength, 6);
    EXPECT_EQ(wide.Buffer[2], 0);
    RtlFreeUnicodeString(&wide);
    WCHAR small[2];
    wide = {0, sizeof small, small};
    EXPECT_EQ(RtlOemStringToUnicodeString(&wide, &oem, FALSE), STATUS_BUFFER_OVERFLOW);
    const UNICODE_STRING source = unicode_string(u"ab"), cyrillic = unicode_string(u"\u0436");
    OEM_STRING counted;
    ASSERT_EQ(RtlUnicodeStringToCountedOemString(&counted, &source, TRUE), STATUS_SUCCESS);
    EXPECT_EQ(view_of_bytes(counted), "ab");
    EXPECT_EQ(counted.MaximumLength, 2);
    RtlFreeOemString(&counted);
    ASSERT_EQ(RtlUpcaseUnicodeStringToCountedOemString(&counted, &source, TRUE), STATUS_SUCCESS);
    EXPECT_EQ(view_of_bytes(counted), "AB");
    RtlFreeOemString(&counted);
    EXPECT_EQ(RtlUnicodeStringToCountedOemString(&counted, &cyrillic, TRUE), STATUS_UNMAPPABLE_CHARACTER);
    EXPECT_EQ(RtlUpcaseUnicodeStringToCountedOemString(&counted, &cyrillic, TRUE),
              STATUS_UNMAPPABLE_CHARACTER);
    EXPECT_TRUE(pool_report().empty());  // no storage was allocated
}

TEST(Utf8Calls, WriteWholeCharactersAndTellWhatIsInvalid) {
    char utf8[8];
    ULONG written = 0;
    const WCHAR text[] = u"a\u20AC";
    EXPECT_EQ(RtlUnicodeToUTF8N(nullptr, 0, &written, text, 4), STATUS_SUCCESS);
    EXPECT_EQ(written, 4u);
    EXPECT_EQ(RtlUnicodeToUTF8N(utf8, 8, &written, text, 6), STATUS_SUCCESS);
    EXPECT_STREQ(utf8, "a\xE2\x82\xAC");  // with the terminator of the source
    EXPECT_EQ(written, 5u);
    EXPECT_EQ(RtlUnicodeToUTF8N(utf8, 3, &written, text, 4), STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(written, 1u);
    const WCHAR lone[] = {0xD800, u'x'};
    EXPECT_EQ(RtlUnicodeToUTF8N(utf8, 8, &written, lone, 4), STATUS_SOME_NOT_MAPPED);
    EXPECT_EQ(std::string(utf8, written), "\xEF\xBF\xBDx");
    EXPECT_EQ(RtlUnicodeToUTF8N(nullptr, 0, nullptr, text, 4), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(RtlUnicodeToUTF8N(utf8, 8, &written, nullptr, 4), STATUS_INVALID_PARAMETER_4);
    EXPECT_EQ(RtlUnicodeToUTF8N(utf8, 8, &written, text, 3), STATUS_INVALID_PARAMETER_5);

    WCHAR wide[4];
    EXPECT_EQ(RtlUTF8ToUnicodeN(nullptr, 0, &written, "\xF0\x9F\x98\x80", 4), STATUS_SUCCESS);
    EXPECT_EQ(written, 4u);
    EXPECT_EQ(RtlUTF8ToUnicodeN(wide, sizeof wide, &written, "a\xF0\x9F\x98\x80", 5), STATUS_SUCCESS);
    EXPECT_EQ(std::u16string(wide, written / 2), u"a\U0001F600");
    EXPECT_EQ(RtlUTF8ToUnicodeN(wide, 4, &written, "a\xF0\x9F\x98\x80", 5), STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(written, 2u);  // no half of a pair
    EXPECT_EQ(RtlUTF8ToUnicodeN(wide, sizeof wide, &written, "\xFFz", 2), STATUS_SOME_NOT_MAPPED);
    EXPECT_EQ(std::u16string(wide, written / 2), u"\uFFFDz");
    EXPECT_EQ(RtlUTF8ToUnicodeN(nullptr, 0, nullptr, "a", 1), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(RtlUTF8ToUnicodeN(wide, 8, &written, nullptr, 1), STATUS_INVALID_PARAMETER_4);
}

}  // namespace
}  // namespace ndiskit::nt
