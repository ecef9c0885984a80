// The text functions of the C library by their names in the kernel, narrow and wide, with what the _s
// functions do when something does not fit. In the kernel there is no handler of invalid parameters: the
// error comes back.
#include <gtest/gtest.h>

#include <string>

#include "nt/abi/types.h"
#include "support/kernel_export.h"

namespace ndiskit::nt {
namespace {

using test::KernelExport;
constexpr int einval = 22, erange = 34, struncate = 80;
constexpr SIZE_T as_much_as_fits = ~SIZE_T{0};  // _TRUNCATE

const KernelExport<SIZE_T(const char*)> nt_strlen{"strlen"};
const KernelExport<SIZE_T(const WCHAR*)> nt_wcslen{"wcslen"};
const KernelExport<SIZE_T(const char*, SIZE_T)> nt_strnlen{"strnlen"};
const KernelExport<SIZE_T(const WCHAR*, SIZE_T)> nt_wcsnlen{"wcsnlen"};

TEST(CrtLength, CountsUnitsUpToTheTerminatorOrTheLimit) {
    EXPECT_EQ(nt_strlen(""), 0u);
    EXPECT_EQ(nt_strlen("mux"), 3u);
    EXPECT_EQ(nt_wcslen(u""), 0u);
    EXPECT_EQ(nt_wcslen(u"a\u20AC"), 2u);
    const char open[3] = {'a', 'b', 'c'};
    EXPECT_EQ(nt_strnlen(open, 3), 3u);  // reads no further
    EXPECT_EQ(nt_strnlen("ab", 9), 2u);
    EXPECT_EQ(nt_strnlen("ab", 0), 0u);
    EXPECT_EQ(nt_wcsnlen(u"abc", 2), 2u);
    EXPECT_EQ(nt_wcsnlen(u"abc", 9), 3u);
}

const KernelExport<char*(char*, const char*)> nt_strcpy{"strcpy"}, nt_strcat{"strcat"};
const KernelExport<WCHAR*(WCHAR*, const WCHAR*)> nt_wcscpy{"wcscpy"}, nt_wcscat{"wcscat"};
const KernelExport<char*(char*, const char*, SIZE_T)> nt_strncpy{"strncpy"}, nt_strncat{"strncat"};
const KernelExport<WCHAR*(WCHAR*, const WCHAR*, SIZE_T)> nt_wcsncpy{"wcsncpy"}, nt_wcsncat{"wcsncat"};

TEST(CrtCopy, GivesTheTargetAndFillsOrCutsByTheCount) {
    char text[10];
    EXPECT_EQ(nt_strcpy(text, "ndis"), text);
    EXPECT_EQ(nt_strcat(text, "kit"), text);
    EXPECT_STREQ(text, "ndiskit");
    EXPECT_EQ(nt_strncpy(text, "ab", 5), text);
    EXPECT_EQ(std::string(text, 8), std::string("ab\0\0\0it\0", 8));  // filled with zeros to the count
    EXPECT_EQ(nt_strncpy(text, "0123", 2)[2], 0);
    EXPECT_EQ(text[1], '1');
    nt_strcpy(text, "xyz");
    nt_strncpy(text, "abc", 2);
    EXPECT_STREQ(text, "abz");  // no terminator when the count is reached
    EXPECT_EQ(nt_strncat(text, "1234", 2), text);
    EXPECT_STREQ(text, "abz12");  // always terminated

    WCHAR wide[10];
    EXPECT_EQ(nt_wcscpy(wide, u"ndis"), wide);
    EXPECT_EQ(nt_wcscat(wide, u"kit"), wide);
    EXPECT_EQ(std::u16string(wide), u"ndiskit");
    nt_wcsncpy(wide, u"ab", 5);
    EXPECT_EQ(std::u16string(wide, 8), std::u16string(u"ab\0\0\0it\0", 8));
    nt_wcsncat(wide, u"1234", 2);
    EXPECT_EQ(std::u16string(wide), u"ab12");
}

const KernelExport<int(const char*, const char*)> nt_strcmp{"strcmp"}, nt__stricmp{"_stricmp"};
const KernelExport<int(const WCHAR*, const WCHAR*)> nt_wcscmp{"wcscmp"}, nt__wcsicmp{"_wcsicmp"};
const KernelExport<int(const char*, const char*, SIZE_T)> nt_strncmp{"strncmp"}, nt__strnicmp{"_strnicmp"};
const KernelExport<int(const WCHAR*, const WCHAR*, SIZE_T)> nt_wcsncmp{"wcsncmp"}, nt__wcsnicmp{"_wcsnicmp"};

TEST(CrtCompare, OrdersByTheValueOfUnsignedUnits) {
    EXPECT_EQ(nt_strcmp("abc", "abc"), 0);
    EXPECT_LT(nt_strcmp("ab", "abc"), 0);
    EXPECT_GT(nt_strcmp("b", "abc"), 0);
    EXPECT_GT(nt_strcmp("\xE9", "e"), 0);
    EXPECT_EQ(nt_strncmp("abcX", "abcY", 3), 0);
    EXPECT_LT(nt_strncmp("abcX", "abcY", 4), 0);
    EXPECT_EQ(nt_strncmp("a", "b", 0), 0);
    EXPECT_EQ(nt_strncmp("a\0x", "a\0y", 3), 0);  // ends at the terminator
    EXPECT_EQ(nt_wcscmp(u"abc", u"abc"), 0);
    EXPECT_GT(nt_wcscmp(u"\uFF00", u"a"), 0);
    EXPECT_EQ(nt_wcsncmp(u"abX", u"abY", 2), 0);
    EXPECT_GT(nt_wcsncmp(u"abY", u"abX", 3), 0);
}

TEST(CrtCompare, WithoutCaseComparesSmallLetters) {
    EXPECT_EQ(nt__stricmp("Mux0", "mUX0"), 0);
    EXPECT_LT(nt__stricmp("_", "A"), 0);  // as small letters: '_' is before 'a' and behind 'A'
    EXPECT_EQ(nt__strnicmp("MUXa", "muxb", 3), 0);
    EXPECT_NE(nt__strnicmp("MUXa", "muxb", 4), 0);
    EXPECT_EQ(nt__wcsicmp(u"GR\u00DCN", u"gr\u00FCn"), 0);
    EXPECT_LT(nt__wcsicmp(u"_", u"A"), 0);
    EXPECT_EQ(nt__wcsnicmp(u"ABx", u"aby", 2), 0);
    EXPECT_GT(nt__wcsnicmp(u"ABy", u"abx", 3), 0);
}

const KernelExport<char*(const char*, int)> nt_strchr{"strchr"}, nt_strrchr{"strrchr"};
const KernelExport<WCHAR*(const WCHAR*, int)> nt_wcschr{"wcschr"}, nt_wcsrchr{"wcsrchr"};
const KernelExport<char*(const char*, const char*)> nt_strstr{"strstr"};
const KernelExport<WCHAR*(const WCHAR*, const WCHAR*)> nt_wcsstr{"wcsstr"};
const KernelExport<SIZE_T(const char*, const char*)> nt_strspn{"strspn"};
const KernelExport<SIZE_T(const WCHAR*, const WCHAR*)> nt_wcsspn{"wcsspn"}, nt_wcscspn{"wcscspn"};

TEST(CrtSearch, FindsUnitsPartsAndSets) {
    const char* const text = "a-b-c";
    EXPECT_EQ(nt_strchr(text, '-'), text + 1);
    EXPECT_EQ(nt_strrchr(text, '-'), text + 3);
    EXPECT_EQ(nt_strchr(text, 0), text + 5);  // the terminator belongs to the text
    EXPECT_EQ(nt_strrchr(text, 0), text + 5);
    EXPECT_EQ(nt_strchr(text, 'x'), nullptr);
    EXPECT_EQ(nt_strrchr(text, 'x'), nullptr);
    EXPECT_EQ(nt_strstr(text, "b-"), text + 2);
    EXPECT_EQ(nt_strstr(text, ""), text);
    EXPECT_EQ(nt_strstr(text, "c-"), nullptr);
    EXPECT_EQ(nt_strspn("aab1", "ba"), 3u);
    EXPECT_EQ(nt_strspn("aab1", ""), 0u);
    const WCHAR* const wide = u"a-b-c";
    EXPECT_EQ(nt_wcschr(wide, u'-'), wide + 1);
    EXPECT_EQ(nt_wcsrchr(wide, u'-'), wide + 3);
    EXPECT_EQ(nt_wcschr(wide, 0), wide + 5);
    EXPECT_EQ(nt_wcsrchr(wide, u'x'), nullptr);
    EXPECT_EQ(nt_wcsstr(wide, u"-c"), wide + 3);
    EXPECT_EQ(nt_wcsstr(wide, u"--"), nullptr);
    EXPECT_EQ(nt_wcsspn(u"123x", u"321"), 3u);
    EXPECT_EQ(nt_wcscspn(u"key=1", u"=:"), 3u);
    EXPECT_EQ(nt_wcscspn(u"key", u"=:"), 3u);
}

const KernelExport<char*(char*)> nt__strlwr{"_strlwr"}, nt_strlwr{"strlwr"}, nt__strupr{"_strupr"},
    nt__strrev{"_strrev"};
const KernelExport<WCHAR*(WCHAR*)> nt__wcslwr{"_wcslwr"}, nt_wcslwr{"wcslwr"}, nt__wcsupr{"_wcsupr"},
    nt__wcsrev{"_wcsrev"};
const KernelExport<char*(char*, int)> nt__strset{"_strset"};
const KernelExport<char*(char*, int, SIZE_T)> nt__strnset{"_strnset"};
const KernelExport<WCHAR*(WCHAR*, int, SIZE_T)> nt__wcsnset{"_wcsnset"};

TEST(CrtChange, WorksInPlaceAndGivesTheText) {
    char text[] = "MuX-1";
    EXPECT_EQ(nt__strlwr(text), text);
    EXPECT_STREQ(text, "mux-1");
    EXPECT_STREQ(nt__strupr(text), "MUX-1");
    EXPECT_STREQ(nt_strlwr(text), "mux-1");
    EXPECT_STREQ(nt__strrev(text), "1-xum");
    EXPECT_STREQ(nt__strnset(text, '*', 2), "**xum");
    EXPECT_STREQ(nt__strnset(text, '+', 99), "+++++");  // never behind the terminator
    EXPECT_STREQ(nt__strset(text, '.'), ".....");
    char empty[] = "";
    EXPECT_STREQ(nt__strrev(empty), "");
    WCHAR wide[] = u"M\u00FCX";
    EXPECT_EQ(std::u16string(nt__wcsupr(wide)), u"M\u00DCX");
    EXPECT_EQ(std::u16string(nt__wcslwr(wide)), u"m\u00FCx");
    nt__wcsupr(wide);
    EXPECT_EQ(std::u16string(nt_wcslwr(wide)), u"m\u00FCx");
    EXPECT_EQ(std::u16string(nt__wcsrev(wide)), u"x\u00FCm");
    EXPECT_EQ(std::u16string(nt__wcsnset(wide, u'-', 2)), u"--m");
}

const KernelExport<int(char*, SIZE_T, const char*)> nt_strcpy_s{"strcpy_s"}, nt_strcat_s{"strcat_s"};
const KernelExport<int(WCHAR*, SIZE_T, const WCHAR*)> nt_wcscpy_s{"wcscpy_s"}, nt_wcscat_s{"wcscat_s"};
const KernelExport<int(char*, SIZE_T, const char*, SIZE_T)> nt_strncpy_s{"strncpy_s"},
    nt_strncat_s{"strncat_s"};
const KernelExport<int(WCHAR*, SIZE_T, const WCHAR*, SIZE_T)> nt_wcsncpy_s{"wcsncpy_s"},
    nt_wcsncat_s{"wcsncat_s"};

// The same for both widths; `to` has four characters.
template <class C, class Copy, class Append>
void expect_checked_copies(C* to, const C* two, const C* four, const Copy& copy, const Append& append) {
    EXPECT_EQ(copy(to, 4, two), 0);
    EXPECT_EQ(append(to, 4, four + 3), 0);
    EXPECT_EQ(to[2], four[3]);
    EXPECT_EQ(to[3], 0);
    EXPECT_EQ(append(to, 4, two), erange);
    EXPECT_EQ(to[0], 0);
    EXPECT_EQ(copy(to, 4, four), erange);
    EXPECT_EQ(to[0], 0);
    to[0] = 'x';
    EXPECT_EQ(copy(to, 4, nullptr), einval);
    EXPECT_EQ(to[0], 0);
    EXPECT_EQ(copy(nullptr, 4, two), einval);
    EXPECT_EQ(copy(to, 0, two), einval);
    to[0] = to[1] = to[2] = to[3] = 'x';
    EXPECT_EQ(append(to, 4, two), einval);  // no terminator within the size
    EXPECT_EQ(to[0], 0);
}

TEST(CrtChecked, CopiesAndAppendsEmptyTheTargetWhenItIsTooSmall) {
    char text[4];
    expect_checked_copies(text, "ab", "0123", nt_strcpy_s, nt_strcat_s);
    WCHAR wide[4];
    expect_checked_copies(wide, u"ab", u"0123", nt_wcscpy_s, nt_wcscat_s);
}

template <class C, class Copy, class Append>
void expect_counted_copies(C* to, const C* text, const Copy& copy, const Append& append) {
    EXPECT_EQ(copy(to, 4, text, 2), 0);  // a terminator is put behind the count
    EXPECT_EQ(to[2], 0);
    EXPECT_EQ(append(to, 4, text, 1), 0);
    EXPECT_EQ(to[2], text[0]);
    EXPECT_EQ(append(to, 4, text, 1), erange);
    EXPECT_EQ(to[0], 0);
    EXPECT_EQ(copy(to, 4, text, 4), erange);
    EXPECT_EQ(to[0], 0);
    EXPECT_EQ(copy(to, 4, text, as_much_as_fits), struncate);
    EXPECT_EQ(to[2], text[2]);
    EXPECT_EQ(to[3], 0);
    to[1] = 0;
    EXPECT_EQ(append(to, 4, text, as_much_as_fits), struncate);
    EXPECT_EQ(to[1], text[0]);
    EXPECT_EQ(to[3], 0);
    EXPECT_EQ(copy(to, 4, text, 0), 0);
    EXPECT_EQ(to[0], 0);
    EXPECT_EQ(copy(nullptr, 0, text, 1), einval);
    EXPECT_EQ(append(to, 0, text, 1), einval);
}

TEST(CrtChecked, CountedCopiesCutOnlyWhenAskedTo) {
    char text[4];
    expect_counted_copies(text, "0123456", nt_strncpy_s, nt_strncat_s);
    WCHAR wide[4];
    expect_counted_copies(wide, u"0123456", nt_wcsncpy_s, nt_wcsncat_s);
}

const KernelExport<int(char*, SIZE_T, int)> nt__strset_s{"_strset_s"};
const KernelExport<int(WCHAR*, SIZE_T, WCHAR)> nt__wcsset_s{"_wcsset_s"};
const KernelExport<int(char*, SIZE_T, int, SIZE_T)> nt__strnset_s{"_strnset_s"};
const KernelExport<int(WCHAR*, SIZE_T, WCHAR, SIZE_T)> nt__wcsnset_s{"_wcsnset_s"};

TEST(CrtChecked, SettingNeedsATerminatorWithinTheSize) {
    char text[] = "abcd";
    EXPECT_EQ(nt__strset_s(text, sizeof text, 'x'), 0);
    EXPECT_STREQ(text, "xxxx");
    EXPECT_EQ(nt__strnset_s(text, sizeof text, 'y', 2), 0);
    EXPECT_STREQ(text, "yyxx");
    EXPECT_EQ(nt__strset_s(text, 3, 'z'), einval);
    EXPECT_EQ(text[0], 0);
    EXPECT_EQ(nt__strnset_s(nullptr, 4, 'z', 1), einval);
    WCHAR wide[] = u"abcd";
    EXPECT_EQ(nt__wcsset_s(wide, 5, u'x'), 0);
    EXPECT_EQ(std::u16string(wide), u"xxxx");
    EXPECT_EQ(nt__wcsnset_s(wide, 5, u'y', 1), 0);
    EXPECT_EQ(std::u16string(wide), u"yxxx");
    EXPECT_EQ(nt__wcsnset_s(wide, 4, u'z', 1), einval);
    EXPECT_EQ(wide[0], 0);
}

const KernelExport<char*(char*, const char*, char**)> nt_strtok_s{"strtok_s"};

TEST(CrtChecked, TokensKeepTheirPlaceInTheContext) {
    char text[] = " a  b", other[] = "1;2";
    char *context = nullptr, *second = nullptr;
    EXPECT_STREQ(nt_strtok_s(text, " ", &context), "a");
    EXPECT_STREQ(nt_strtok_s(other, ";", &second), "1");  // two texts at once
    EXPECT_STREQ(nt_strtok_s(nullptr, " ", &context), "b");
    EXPECT_STREQ(nt_strtok_s(nullptr, ";", &second), "2");
    EXPECT_EQ(nt_strtok_s(nullptr, " ", &context), nullptr);
    EXPECT_EQ(nt_strtok_s(nullptr, " ", &context), nullptr);
    EXPECT_EQ(nt_strtok_s(text, " ", nullptr), nullptr);
    EXPECT_EQ(nt_strtok_s(text, nullptr, &context), nullptr);
    context = nullptr;
    EXPECT_EQ(nt_strtok_s(nullptr, " ", &context), nullptr);
}

const KernelExport<int(int)> nt_isdigit{"isdigit"}, nt_islower{"islower"}, nt_isprint{"isprint"},
    nt_isspace{"isspace"}, nt_isupper{"isupper"}, nt_isxdigit{"isxdigit"}, nt_tolower{"tolower"},
    nt_toupper{"toupper"};
const KernelExport<WCHAR(WCHAR)> nt_towlower{"towlower"}, nt_towupper{"towupper"};

TEST(CrtCharacters, AreThoseOfTheCLocale) {
    for (int c = -1; c < 256; ++c) {
        const bool digit = c >= '0' && c <= '9', lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z';
        EXPECT_EQ(nt_isdigit(c) != 0, digit) << c;
        EXPECT_EQ(nt_islower(c) != 0, lower) << c;
        EXPECT_EQ(nt_isupper(c) != 0, upper) << c;
        EXPECT_EQ(nt_isspace(c) != 0, c == ' ' || (c >= 9 && c <= 13)) << c;
        EXPECT_EQ(nt_isprint(c) != 0, c >= 32 && c < 127) << c;
        EXPECT_EQ(nt_isxdigit(c) != 0, digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')) << c;
        EXPECT_EQ(nt_tolower(c), upper ? c + 32 : c);
        EXPECT_EQ(nt_toupper(c), lower ? c - 32 : c);
    }
    EXPECT_EQ(nt_towlower(u'\u0416'), u'\u0436');
    EXPECT_EQ(nt_towupper(u'\u0436'), u'\u0416');
    EXPECT_EQ(nt_towupper(u'1'), u'1');
}

const KernelExport<SIZE_T(WCHAR*, const char*, SIZE_T)> nt_mbstowcs{"mbstowcs"};
const KernelExport<SIZE_T(char*, const WCHAR*, SIZE_T)> nt_wcstombs{"wcstombs"};
const KernelExport<int(WCHAR*, const char*, SIZE_T)> nt_mbtowc{"mbtowc"};
const KernelExport<int(char*, WCHAR)> nt_wctomb{"wctomb"};

TEST(CrtConversion, IsThatOfTheAnsiCodePage) {
    WCHAR wide[8] = u"#######";
    EXPECT_EQ(nt_mbstowcs(nullptr, "abc", 0), 3u);
    EXPECT_EQ(nt_mbstowcs(wide, "a\x80", 8), 2u);
    EXPECT_EQ(std::u16string(wide), u"a\u20AC");
    EXPECT_EQ(nt_mbstowcs(wide, "xyz", 2), 2u);
    EXPECT_EQ(wide[2], 0);  // was there before: nothing is put behind the count
    char text[8] = "#######";
    EXPECT_EQ(nt_wcstombs(nullptr, u"abc", 0), 3u);
    EXPECT_EQ(nt_wcstombs(text, u"a\u20AC", 8), 2u);
    EXPECT_STREQ(text, "a\x80");
    EXPECT_EQ(nt_wcstombs(text, u"xyz", 2), 2u);
    EXPECT_EQ(nt_wcstombs(text, u"\u0416", 8), ~SIZE_T{0});  // the code page does not have it
    EXPECT_EQ(nt_wcstombs(nullptr, u"\u0416", 0), ~SIZE_T{0});
    WCHAR c = 0;
    EXPECT_EQ(nt_mbtowc(&c, "\x80", 1), 1);
    EXPECT_EQ(c, u'\u20AC');
    EXPECT_EQ(nt_mbtowc(&c, "", 1), 0);
    EXPECT_EQ(c, 0);
    EXPECT_EQ(nt_mbtowc(&c, nullptr, 1), 0);
    EXPECT_EQ(nt_wctomb(text, u'\u20AC'), 1);
    EXPECT_EQ(text[0], '\x80');
    EXPECT_EQ(nt_wctomb(text, u'\u0416'), -1);
    EXPECT_EQ(nt_wctomb(nullptr, u'a'), 0);
}

}  // namespace
}  // namespace ndiskit::nt
