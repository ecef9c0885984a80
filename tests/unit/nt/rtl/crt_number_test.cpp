// Numbers, formats, memory, paths and random numbers of the C library by their names in the kernel.
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "nt/abi/types.h"
#include "support/kernel_export.h"

namespace ndiskit::nt {
namespace {

using test::KernelExport;
constexpr int einval = 22, erange = 34;
constexpr SIZE_T as_much_as_fits = ~SIZE_T{0};  // _TRUNCATE

const KernelExport<int(const char*)> nt_atoi{"atoi"}, nt_atol{"atol"};
const KernelExport<int(const WCHAR*)> nt__wtoi{"_wtoi"}, nt__wtol{"_wtol"};

TEST(CrtParse, StopsAtTheFirstOtherCharacterAndSaturates) {
    for (const auto& [text, value] : {std::pair{"42", 42},
                                      {" \t-7x", -7},
                                      {"+3", 3},
                                      {"x", 0},
                                      {"", 0},
                                      {"0x10", 0},
                                      {"2147483647", INT32_MAX},
                                      {"2147483648", INT32_MAX},
                                      {"-2147483648", INT32_MIN},
                                      {"-99999999999999999999", INT32_MIN}}) {
        EXPECT_EQ(nt_atoi(text), value) << text;
        EXPECT_EQ(nt_atol(text), value) << text;
        const std::u16string wide(text, text + std::strlen(text));
        EXPECT_EQ(nt__wtoi(wide.c_str()), value) << text;
        EXPECT_EQ(nt__wtol(wide.c_str()), value) << text;
    }
}

const KernelExport<ULONG(const WCHAR*, WCHAR**, int)> nt_wcstoul{"wcstoul"};
const KernelExport<ULONGLONG(const char*, char**, int)> nt__strtoui64{"_strtoui64"};

TEST(CrtParse, KnowsBasesAndTellsWhereTheNumberEnds) {
    WCHAR* end = nullptr;
    const WCHAR* const text = u" 0x1fG";
    EXPECT_EQ(nt_wcstoul(text, &end, 0), 0x1Fu);
    EXPECT_EQ(end, text + 5);
    EXPECT_EQ(nt_wcstoul(u"017", nullptr, 0), 15u);
    EXPECT_EQ(nt_wcstoul(u"zz", nullptr, 36), 35u * 36 + 35);
    EXPECT_EQ(nt_wcstoul(u"-1", nullptr, 10), 0xFFFFFFFFu);
    EXPECT_EQ(nt_wcstoul(u"4294967296", nullptr, 10), 0xFFFFFFFFu);  // ULONG_MAX
    EXPECT_EQ(nt_wcstoul(u"x", &end, 10), 0u);
    EXPECT_EQ(*end, u'x');
    EXPECT_EQ(nt_wcstoul(u"11", &end, 1), 0u);  // no such base
    EXPECT_EQ(nt_wcstoul(u"11", &end, 37), 0u);
    EXPECT_EQ(end[0], u'1');
    char* narrow_end = nullptr;
    EXPECT_EQ(nt__strtoui64("18446744073709551615,", &narrow_end, 10), UINT64_MAX);
    EXPECT_EQ(*narrow_end, ',');
    EXPECT_EQ(nt__strtoui64("18446744073709551616", nullptr, 10), UINT64_MAX);
    EXPECT_EQ(nt__strtoui64("-1", nullptr, 10), UINT64_MAX);
}

const KernelExport<char*(int, char*, int)> nt__itoa{"_itoa"};
const KernelExport<WCHAR*(int, WCHAR*, int)> nt__itow{"_itow"};
const KernelExport<int(int, char*, SIZE_T, int)> nt__itoa_s{"_itoa_s"}, nt__ltoa_s{"_ltoa_s"};
const KernelExport<int(int, WCHAR*, SIZE_T, int)> nt__itow_s{"_itow_s"}, nt__ltow_s{"_ltow_s"};
const KernelExport<int(ULONG, char*, SIZE_T, int)> nt__ultoa_s{"_ultoa_s"};
const KernelExport<int(ULONG, WCHAR*, SIZE_T, int)> nt__ultow_s{"_ultow_s"};
const KernelExport<int(LONGLONG, char*, SIZE_T, int)> nt__i64toa_s{"_i64toa_s"};
const KernelExport<int(LONGLONG, WCHAR*, SIZE_T, int)> nt__i64tow_s{"_i64tow_s"};
const KernelExport<int(ULONGLONG, char*, SIZE_T, int)> nt__ui64toa_s{"_ui64toa_s"};
const KernelExport<int(ULONGLONG, WCHAR*, SIZE_T, int)> nt__ui64tow_s{"_ui64tow_s"};

template <class C, class Write, class Value>
void expect_written(const Write& write, Value value, int radix, std::string text) {
    C buffer[70];
    EXPECT_EQ(write(value, buffer, text.size() + 1, radix), 0) << text;
    EXPECT_EQ(std::string(buffer, buffer + text.size()), text);
    EXPECT_EQ(buffer[text.size()], 0);
    EXPECT_EQ(write(value, buffer, text.size(), radix), text.empty() ? einval : erange) << text;
    EXPECT_EQ(buffer[0], 0);
    EXPECT_EQ(write(value, buffer, 70, 1), einval);
    EXPECT_EQ(write(value, buffer, 70, 37), einval);
    EXPECT_EQ(write(value, nullptr, 70, radix), einval);
    EXPECT_EQ(write(value, buffer, 0, radix), einval);
}

TEST(CrtWrite, NumbersOfEachSizeInEachRadix) {
    expect_written<char>(nt__itoa_s, -42, 10, "-42");
    expect_written<char>(nt__ltoa_s, -1, 16, "ffffffff");
    expect_written<WCHAR>(nt__itow_s, INT32_MIN, 10, "-2147483648");
    expect_written<WCHAR>(nt__ltow_s, 35, 36, "z");
    expect_written<char>(nt__ultoa_s, 0xFFFFFFFFu, 10, "4294967295");
    expect_written<WCHAR>(nt__ultow_s, 0u, 2, "0");
    expect_written<char>(nt__i64toa_s, INT64_MIN, 10, "-9223372036854775808");
    expect_written<WCHAR>(nt__i64tow_s, -1ll, 8, "1777777777777777777777");
    expect_written<char>(nt__ui64toa_s, UINT64_MAX, 10, "18446744073709551615");
    expect_written<WCHAR>(nt__ui64tow_s, UINT64_MAX, 2, std::string(64, '1'));
    char text[34];
    EXPECT_EQ(nt__itoa(-5, text, 2), text);
    EXPECT_EQ(std::string(text), std::string(29, '1') + "011");
    WCHAR wide[34];
    EXPECT_EQ(std::u16string(nt__itow(-5, wide, 10)), u"-5");
}

const KernelExport<int(char*, const char*, ...)> nt_sprintf{"sprintf"};
const KernelExport<int(WCHAR*, const WCHAR*, ...)> nt_swprintf{"swprintf"}, nt__swprintf{"_swprintf"};
const KernelExport<int(char*, SIZE_T, const char*, ...)> nt__snprintf{"_snprintf"}, nt_sprintf_s{"sprintf_s"};
const KernelExport<int(WCHAR*, SIZE_T, const WCHAR*, ...)> nt__snwprintf{"_snwprintf"},
    nt_swprintf_s{"swprintf_s"};
const KernelExport<int(char*, SIZE_T, SIZE_T, const char*, ...)> nt__snprintf_s{"_snprintf_s"};
const KernelExport<int(WCHAR*, SIZE_T, SIZE_T, const WCHAR*, ...)> nt__snwprintf_s{"_snwprintf_s"};

TEST(CrtFormat, OldFunctionsLeaveNoTerminatorWhenTheTextIsCut) {
    char text[8];
    EXPECT_EQ(nt_sprintf(text, "%d-%s", 7, "ab"), 4);
    EXPECT_STREQ(text, "7-ab");
    EXPECT_EQ(nt__snprintf(text, 4, "%s", "abc"), 3);
    EXPECT_STREQ(text, "abc");
    std::memset(text, '#', sizeof text);
    EXPECT_EQ(nt__snprintf(text, 3, "%s", "abc"), 3);  // fits without its terminator
    EXPECT_EQ(text[3], '#');
    EXPECT_EQ(nt__snprintf(text, 3, "%s", "xyzw"), -1);
    EXPECT_EQ(std::string(text, 4), "xyz#");
    EXPECT_EQ(nt__snprintf(nullptr, 0, "%s", "xyzw"), 4);  // how long it would be
    WCHAR wide[8];
    EXPECT_EQ(nt_swprintf(wide, u"%s", u"ab"), 2);
    EXPECT_EQ(nt__swprintf(wide, u"%s%d", u"ab", 5), 3);
    EXPECT_EQ(std::u16string(wide), u"ab5");
    EXPECT_EQ(nt__snwprintf(wide, 2, u"%s", u"xyz"), -1);
    EXPECT_EQ(std::u16string(wide, 3), u"xy5");
}

TEST(CrtFormat, CheckedFunctionsEmptyTheTargetOrCutWhenAskedTo) {
    char text[4] = "###";
    EXPECT_EQ(nt_sprintf_s(text, 4, "%s", "abc"), 3);
    EXPECT_EQ(nt_sprintf_s(text, 4, "%s", "abcd"), -1);
    EXPECT_EQ(text[0], 0);
    EXPECT_EQ(nt_sprintf_s(nullptr, 4, "x"), -1);
    EXPECT_EQ(nt_sprintf_s(text, 4, nullptr), -1);
    EXPECT_EQ(nt__snprintf_s(text, 4, 2, "%s", "abcd"), -1);
    EXPECT_STREQ(text, "ab");  // the count cuts
    EXPECT_EQ(nt__snprintf_s(text, 4, 5, "%s", "abcd"), -1);
    EXPECT_EQ(text[0], 0);  // the size does not
    EXPECT_EQ(nt__snprintf_s(text, 4, as_much_as_fits, "%s", "abcd"), -1);
    EXPECT_STREQ(text, "abc");
    WCHAR wide[4];
    EXPECT_EQ(nt_swprintf_s(wide, 4, u"%d", 123), 3);
    EXPECT_EQ(nt_swprintf_s(wide, 4, u"%d", 1234), -1);
    EXPECT_EQ(wide[0], 0);
    EXPECT_EQ(nt__snwprintf_s(wide, 4, 2, u"%s", u"abcd"), -1);
    EXPECT_EQ(std::u16string(wide), u"ab");
}

using Arguments = __builtin_ms_va_list;
const KernelExport<int(char*, const char*, Arguments)> nt_vsprintf{"vsprintf"};
const KernelExport<int(WCHAR*, const WCHAR*, Arguments)> nt__vswprintf{"_vswprintf"};
const KernelExport<int(char*, SIZE_T, const char*, Arguments)> nt__vsnprintf{"_vsnprintf"},
    nt_vsprintf_s{"vsprintf_s"};
const KernelExport<int(WCHAR*, SIZE_T, const WCHAR*, Arguments)> nt__vsnwprintf{"_vsnwprintf"},
    nt_vswprintf_s{"vswprintf_s"};
const KernelExport<int(char*, SIZE_T, SIZE_T, const char*, Arguments)> nt__vsnprintf_s{"_vsnprintf_s"};
const KernelExport<int(WCHAR*, SIZE_T, SIZE_T, const WCHAR*, Arguments)> nt__vsnwprintf_s{"_vsnwprintf_s"};

// A list of arguments as a driver's own variadic function has it.
template <class Use>
struct WithArguments {
    static int NTAPI call(const Use* use, ...) {
        Arguments arguments;
        __builtin_ms_va_start(arguments, use);
        const int result = (*use)(arguments);
        __builtin_ms_va_end(arguments);
        return result;
    }
};
template <class Use, class... Values>
int with_arguments(const Use& use, Values... values) {
    return WithArguments<Use>::call(&use, values...);
}

TEST(CrtFormat, ListsOfArgumentsAreReadAsDriversPassThem) {
    char text[16];
    WCHAR wide[16];
    EXPECT_EQ(with_arguments([&](Arguments a) { return nt_vsprintf(text, "%d %s", a); }, 1, "a"), 3);
    EXPECT_STREQ(text, "1 a");
    EXPECT_EQ(with_arguments([&](Arguments a) { return nt__vsnprintf(text, 2, "%s", a); }, "abc"), -1);
    EXPECT_EQ(with_arguments([&](Arguments a) { return nt_vsprintf_s(text, 3, "%s", a); }, "abc"), -1);
    EXPECT_EQ(text[0], 0);
    EXPECT_EQ(with_arguments([&](Arguments a) { return nt__vsnprintf_s(text, 3, 9, "%s", a); }, "abc"), -1);
    EXPECT_EQ(text[0], 0);
    EXPECT_EQ(with_arguments([&](Arguments a) { return nt__vsnprintf_s(text, 9, 2, "%I64d", a); }, 77ll), 2);
    EXPECT_EQ(with_arguments([&](Arguments a) { return nt__vswprintf(wide, u"%s%d", a); }, u"ab", 5), 3);
    EXPECT_EQ(std::u16string(wide), u"ab5");
    EXPECT_EQ(with_arguments([&](Arguments a) { return nt__vsnwprintf(wide, 2, u"%s", a); }, u"xyz"), -1);
    EXPECT_EQ(std::u16string(wide), u"xy5");
    EXPECT_EQ(with_arguments([&](Arguments a) { return nt_vswprintf_s(wide, 3, u"%s", a); }, u"xyz"), -1);
    EXPECT_EQ(wide[0], 0);
    EXPECT_EQ(with_arguments([&](Arguments a) { return nt__vsnwprintf_s(wide, 4, 2, u"%s", a); }, u"xyz"),
              -1);
    EXPECT_EQ(std::u16string(wide), u"xy");
}

const KernelExport<int(const char*, const char*, ...)> nt_sscanf_s{"sscanf_s"};
const KernelExport<int(const WCHAR*, const WCHAR*, ...)> nt_swscanf_s{"swscanf_s"};
const KernelExport<int(const char*, SIZE_T, const char*, ...)> nt__snscanf_s{"_snscanf_s"};
const KernelExport<int(const WCHAR*, SIZE_T, const WCHAR*, ...)> nt__snwscanf_s{"_snwscanf_s"};

TEST(CrtScan, ReadsWithTheSizeOfEachTextTarget) {
    int a = 0, b = 0;
    char name[4];
    EXPECT_EQ(nt_sscanf_s("eth 3/0x10", "%s %d/%i", name, 4u, &a, &b), 3);
    EXPECT_STREQ(name, "eth");
    EXPECT_EQ(a, 3);
    EXPECT_EQ(b, 16);
    EXPECT_EQ(nt_sscanf_s("ethernet 3", "%s %d", name, 4u, &a), 0);  // does not fit: emptied, and the end
    EXPECT_EQ(name[0], 0);
    EXPECT_EQ(nt_sscanf_s("", "%d", &a), -1);
    EXPECT_EQ(nt__snscanf_s("12345", 2, "%d", &a), 1);
    EXPECT_EQ(a, 12);
    WCHAR wide[8];
    EXPECT_EQ(nt_swscanf_s(u"lan=7", u"%[a-z]=%d", wide, 8u, &a), 2);
    EXPECT_EQ(std::u16string(wide), u"lan");
    EXPECT_EQ(a, 7);
    EXPECT_EQ(nt__snwscanf_s(u"987654", 3, u"%d", &a), 1);
    EXPECT_EQ(a, 987);
}

const KernelExport<int(char*, SIZE_T, const char*, const char*, const char*, const char*)> nt__makepath_s{
    "_makepath_s"};
const KernelExport<int(WCHAR*, SIZE_T, const WCHAR*, const WCHAR*, const WCHAR*, const WCHAR*)>
    nt__wmakepath_s{"_wmakepath_s"};
const KernelExport<int(const char*, char*, SIZE_T, char*, SIZE_T, char*, SIZE_T, char*, SIZE_T)>
    nt__splitpath_s{"_splitpath_s"};
const KernelExport<int(const WCHAR*, WCHAR*, SIZE_T, WCHAR*, SIZE_T, WCHAR*, SIZE_T, WCHAR*, SIZE_T)>
    nt__wsplitpath_s{"_wsplitpath_s"};

TEST(CrtPaths, AreMadeAndSplit) {
    char path[20], drive[3], folder[12], name[8], extension[5];
    EXPECT_EQ(nt__makepath_s(path, 20, "c", "\\dir/sub", "f", "sys"), 0);
    EXPECT_STREQ(path, "c:\\dir/sub\\f.sys");
    EXPECT_EQ(nt__makepath_s(path, 20, nullptr, "", "f", ".sys"), 0);
    EXPECT_STREQ(path, "f.sys");
    EXPECT_EQ(nt__makepath_s(path, 5, nullptr, nullptr, "f", "sys"), erange);
    EXPECT_EQ(path[0], 0);
    EXPECT_EQ(nt__makepath_s(nullptr, 5, nullptr, nullptr, "f", nullptr), einval);
    EXPECT_EQ(nt__splitpath_s("c:\\a\\b.c\\name.ext", drive, 3, folder, 12, name, 8, extension, 5), 0);
    EXPECT_STREQ(drive, "c:");
    EXPECT_STREQ(folder, "\\a\\b.c\\");
    EXPECT_STREQ(name, "name");
    EXPECT_STREQ(extension, ".ext");
    EXPECT_EQ(nt__splitpath_s("c:verylongname", drive, 3, folder, 12, name, 8, extension, 5), erange);
    EXPECT_EQ(drive[0] | folder[0] | name[0] | extension[0], 0);
    EXPECT_EQ(nt__splitpath_s(nullptr, drive, 3, folder, 12, name, 8, extension, 5), einval);
    EXPECT_EQ(nt__splitpath_s("a", drive, 0, folder, 12, name, 8, extension, 5), einval);
    WCHAR wide[20], wide_name[8];
    EXPECT_EQ(nt__wmakepath_s(wide, 20, u"d", u"x\\", u"f", u"inf"), 0);
    EXPECT_EQ(std::u16string(wide), u"d:x\\f.inf");
    EXPECT_EQ(nt__wsplitpath_s(wide, nullptr, 0, nullptr, 0, wide_name, 8, nullptr, 0), 0);
    EXPECT_EQ(std::u16string(wide_name), u"f");
}

const KernelExport<int(void*, SIZE_T, const void*, SIZE_T)> nt_memmove_s{"memmove_s"},
    nt_memcpy_s{"memcpy_s"};
const KernelExport<void*(const void*, int, SIZE_T)> nt_memchr{"memchr"};

TEST(CrtMemory, CheckedMovesTellErrorsAndMemchrFindsUnsignedBytes) {
    char text[] = "abcdef";
    EXPECT_EQ(nt_memmove_s(text + 1, 6, text, 5), 0);
    EXPECT_STREQ(text, "aabcde");
    EXPECT_EQ(nt_memmove_s(text, 2, "xyz", 3), erange);
    EXPECT_STREQ(text, "aabcde");  // left as it was
    EXPECT_EQ(nt_memmove_s(nullptr, 2, "x", 1), einval);
    EXPECT_EQ(nt_memmove_s(text, 2, nullptr, 1), einval);
    EXPECT_EQ(nt_memmove_s(nullptr, 0, nullptr, 0), 0);
    EXPECT_EQ(nt_memcpy_s(text, 6, nullptr, 1), einval);
    EXPECT_EQ(std::string(text, 6), std::string(6, '\0'));  // cleared
    const char bytes[] = "a\xE9z";
    EXPECT_EQ(nt_memchr(bytes, 0xE9, 3), bytes + 1);
    EXPECT_EQ(nt_memchr(bytes, 0x1E9, 3), bytes + 1);  // as a byte
    EXPECT_EQ(nt_memchr(bytes, 'z', 2), nullptr);
}

const KernelExport<int()> nt_rand{"rand"};
const KernelExport<void(unsigned)> nt_srand{"srand"};

TEST(CrtRandom, OneSeedGivesOneSequence) {
    nt_srand(7);
    const int first = nt_rand(), second = nt_rand();
    nt_srand(8);
    EXPECT_NE(nt_rand(), first);
    nt_srand(7);
    EXPECT_EQ(nt_rand(), first);
    EXPECT_EQ(nt_rand(), second);
    for (int i = 0; i < 1000; ++i) {
        const int value = nt_rand();
        ASSERT_GE(value, 0);
        ASSERT_LE(value, 0x7FFF);
    }
}

}  // namespace
}  // namespace ndiskit::nt
