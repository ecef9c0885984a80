#include "nt/rtl/crt.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "nt/rtl/unicode.h"

namespace {

using namespace ndiskit::nt;

template <class... Arguments>
std::string narrow(const char* format, Arguments... arguments) {
    char buffer[256];
    nt_snprintf(buffer, sizeof buffer, format, arguments...);
    return buffer;
}
template <class... Arguments>
std::u16string wide(const char16_t* format, Arguments... arguments) {
    char16_t buffer[256];
    nt_snwprintf(buffer, 256, format, arguments...);
    return buffer;
}

TEST(Printf, IntegersHaveMicrosoftsWidths) {
    EXPECT_EQ(narrow("%d %u %x %X", -1, 0xFFFFFFFFu, 255, 255), "-1 4294967295 ff FF");
    EXPECT_EQ(narrow("%ld", 0x1FFFFFFFFll), "-1");
    EXPECT_EQ(narrow("%I64d %lld %I64x", -5ll, -6ll, 0x123456789ABCull), "-5 -6 123456789abc");
    EXPECT_EQ(narrow("%Iu %I32u %hu %hhx", 1ull << 40, 7u, 0x12345, 0x1FF), "1099511627776 7 9029 ff");
    EXPECT_EQ(narrow("[%5d|%-5d|%05d|%+d|% d|%.3d]", 42, 42, 42, 42, 42, 7),
              "[   42|42   |00042|+42| 42|007]");
    EXPECT_EQ(narrow("%#x %#o %*d", 255, 8, 4, 1), "0xff 010    1");
    EXPECT_EQ(narrow("%p", reinterpret_cast<void*>(0xABCDEF)), "0000000000ABCDEF");
}

TEST(Printf, TextIsOfTheWidthThatTheFormatNames) {
    UNICODE_STRING counted = unicode_string(u"mux");
    ANSI_STRING bytes = {3, 3, const_cast<char*>("abcd")};
    EXPECT_EQ(narrow("%s %S %ws %hs %wZ %Z", "a", u"b", u"c", "d", &counted, &bytes), "a b c d mux abc");
    EXPECT_EQ(wide(u"%s %S %hs %ls %wZ %c%C", u"a", "b", "c", u"d", &counted, u'e', 'f'), u"a b c d mux ef");
    EXPECT_EQ(narrow("[%.2s|%6s|%-6s|%s]", "abc", "abc", "abc", nullptr), "[ab|   abc|abc   |(null)]");
    EXPECT_EQ(narrow("100%% %c", 'x'), "100% x");
}

TEST(Printf, CountsAsTheOldFunctionsDo) {
    char buffer[5] = "####";
    EXPECT_EQ(nt_snprintf(buffer, 4, "%s", "abcd"), 4);
    EXPECT_EQ(std::string(buffer, 4), "abcd");
    EXPECT_EQ(buffer[4], 0);
    EXPECT_EQ(nt_snprintf(buffer, 4, "%s", "abcde"), -1);
    EXPECT_EQ(nt_sprintf_s(buffer, 4, "%s", "abcde"), -1);
    EXPECT_EQ(buffer[0], 0);
    EXPECT_EQ(nt_snprintf_s(buffer, 5, ~SIZE_T{0}, "%s", "abcdefg"), -1);
    EXPECT_STREQ(buffer, "abcd");
}

TEST(CrtMemory, MovesEveryLengthAndOverlap) {
    for (size_t length = 0; length < 1400; length += length < 140 ? 1 : 97) {
        for (int shift : {-70, -33, -5, -1, 0, 1, 5, 33, 70}) {
            std::vector<unsigned char> ours(1600), theirs;
            for (size_t i = 0; i < ours.size(); ++i) ours[i] = static_cast<unsigned char>(i * 7 + i / 256);
            theirs = ours;
            nt_memmove(ours.data() + 80 + shift, ours.data() + 80, length);
            std::memmove(theirs.data() + 80 + shift, theirs.data() + 80, length);
            ASSERT_EQ(ours, theirs) << length << " " << shift;
        }
    }
}

TEST(CrtMemory, SetsAndCompares) {
    for (size_t length :
         {size_t{0}, size_t{1}, size_t{15}, size_t{16}, size_t{17}, size_t{100}, size_t{3000}}) {
        std::vector<char> memory(length + 2, 'x');
        nt_memset(memory.data() + 1, 'y', length);
        EXPECT_EQ(memory.front(), 'x');
        EXPECT_EQ(memory.back(), 'x');
        EXPECT_EQ(std::string(memory.data() + 1, length), std::string(length, 'y'));
    }
    EXPECT_EQ(nt_memcmp("abcdefghij", "abcdefghij", 10), 0);
    EXPECT_LT(nt_memcmp("abcdefgh\x01j", "abcdefgh\xFFj", 10), 0);
    EXPECT_GT(nt_memcmp("b2345678", "a9345678", 8), 0);
    char buffer[4] = "abc";
    EXPECT_EQ(nt_memcpy_s(buffer, 4, "12345", 5), 34);
    EXPECT_EQ(buffer[0], 0);
}

TEST(CrtMemory, SortsAndFinds) {
    std::vector<int> items = {5, 3, 9, 1, 7, 3, 0, -2, 8};
    auto order = [](const void* a, const void* b)
                     NTAPI -> INT { return *static_cast<const int*>(a) - *static_cast<const int*>(b); };
    nt_qsort(items.data(), items.size(), sizeof(int), order);
    EXPECT_TRUE(std::is_sorted(items.begin(), items.end()));
    int key = 7, missing = 4;
    EXPECT_EQ(*static_cast<int*>(nt_bsearch(&key, items.data(), items.size(), sizeof(int), order)), 7);
    EXPECT_EQ(nt_bsearch(&missing, items.data(), items.size(), sizeof(int), order), nullptr);
}

TEST(CrtText, NarrowAndWide) {
    EXPECT_EQ(nt_wcslen(u"abc"), 3u);
    EXPECT_EQ(nt_wcsicmp(u"Étage", u"éTAGE"), 0);
    EXPECT_LT(nt_strcmp("abc", "abd"), 0);
    EXPECT_EQ(nt_strnicmp("ABCx", "abcy", 3), 0);
    EXPECT_STREQ(nt_strstr("network", "work"), "work");
    EXPECT_EQ(nt_wcsstr(u"network", u"x"), nullptr);
    EXPECT_STREQ(nt_strrchr("a/b/c", '/'), "/c");
    EXPECT_EQ(nt_wcscspn(u"key=value", u"=:"), 3u);
    char buffer[8] = "ab";
    EXPECT_EQ(nt_strcat_s(buffer, sizeof buffer, "cdef"), 0);
    EXPECT_STREQ(buffer, "abcdef");
    EXPECT_EQ(nt_strcat_s(buffer, sizeof buffer, "gh"), 34);
    EXPECT_EQ(buffer[0], 0);
    EXPECT_EQ(nt_strncpy_s(buffer, sizeof buffer, "0123456789", ~SIZE_T{0}), 80);
    EXPECT_STREQ(buffer, "0123456");
    EXPECT_EQ(nt_atoi(" -42x"), -42);
    WCHAR* end = nullptr;
    EXPECT_EQ(nt_wcstoul(u"0x1Fz", &end, 0), 0x1Fu);
    EXPECT_EQ(*end, u'z');
    EXPECT_EQ(nt_wcstoul(u"99999999999", nullptr, 10), 0xFFFFFFFFu);
}

}  // namespace
