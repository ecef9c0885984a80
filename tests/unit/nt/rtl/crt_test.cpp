#include "nt/rtl/crt.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "nt/rtl/unicode.h"

namespace {

using namespace ndiskit::nt;
using namespace ndiskit::nt::crt;

template <class... Arguments>
std::string narrow(const char* format, Arguments... arguments) {
    char buffer[256];
    Print<char>::to_buffer(buffer, sizeof buffer, format, arguments...);
    return buffer;
}
template <class... Arguments>
std::u16string wide(const char16_t* format, Arguments... arguments) {
    char16_t buffer[256];
    Print<WCHAR>::to_buffer(buffer, 256, format, arguments...);
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
    EXPECT_EQ(Print<char>::to_buffer(buffer, 4, "%s", "abcd"), 4);
    EXPECT_EQ(std::string(buffer, 4), "abcd");
    EXPECT_EQ(buffer[4], 0);
    EXPECT_EQ(Print<char>::to_buffer(buffer, 4, "%s", "abcde"), -1);
    EXPECT_EQ(Print<char>::checked(buffer, 4, "%s", "abcde"), -1);
    EXPECT_EQ(buffer[0], 0);
    EXPECT_EQ(Print<char>::counted(buffer, 5, ~SIZE_T{0}, "%s", "abcdefg"), -1);
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
    EXPECT_EQ(Text<WCHAR>::length(u"abc"), 3u);
    EXPECT_EQ(Text<WCHAR>::compare_ignoring_case(u"Étage", u"éTAGE"), 0);
    EXPECT_LT(Text<char>::compare("abc", "abd"), 0);
    EXPECT_EQ(Text<char>::compare_n_ignoring_case("ABCx", "abcy", 3), 0);
    EXPECT_STREQ(Text<char>::find_text("network", "work"), "work");
    EXPECT_EQ(Text<WCHAR>::find_text(u"network", u"x"), nullptr);
    EXPECT_STREQ(Text<char>::find_last("a/b/c", '/'), "/c");
    EXPECT_EQ(Text<WCHAR>::span_without(u"key=value", u"=:"), 3u);
    char buffer[8] = "ab";
    EXPECT_EQ(Text<char>::append_s(buffer, sizeof buffer, "cdef"), 0);
    EXPECT_STREQ(buffer, "abcdef");
    EXPECT_EQ(Text<char>::append_s(buffer, sizeof buffer, "gh"), 34);
    EXPECT_EQ(buffer[0], 0);
    EXPECT_EQ(Text<char>::copy_n_s(buffer, sizeof buffer, "0123456789", ~SIZE_T{0}), 80);
    EXPECT_STREQ(buffer, "0123456");
    EXPECT_EQ(Number<char>::to_int(" -42x"), -42);
    WCHAR* end = nullptr;
    EXPECT_EQ(Number<WCHAR>::to_ulong(u"0x1Fz", &end, 0), 0x1Fu);
    EXPECT_EQ(*end, u'z');
    EXPECT_EQ(Number<WCHAR>::to_ulong(u"99999999999", nullptr, 10), 0xFFFFFFFFu);
}

TEST(CrtText, SetsAndReverses) {
    char text[8] = "abc";
    EXPECT_STREQ(Text<char>::reverse(text), "cba");
    EXPECT_STREQ(Text<char>::set_n(text, 'x', 2), "xxa");
    EXPECT_STREQ(Text<char>::set(text, 'y'), "yyy");
    WCHAR wide_text[4] = u"abc";
    EXPECT_EQ(Text<WCHAR>::set_s(wide_text, 4, u'z'), 0);
    EXPECT_EQ(std::u16string(wide_text), u"zzz");
    EXPECT_EQ(Text<WCHAR>::set_n_s(wide_text, 3, u'z', 1), 22);  // no terminator within the size
    EXPECT_EQ(Text<char>::lower('Q'), 'q');
    EXPECT_EQ(Text<WCHAR>::upper(u'é'), u'É');
}

TEST(CrtText, CutsTokens) {
    char text[] = ",,one,two;;three";
    char* context = nullptr;
    EXPECT_STREQ(Text<char>::token_s(text, ",;", &context), "one");
    EXPECT_STREQ(Text<char>::token_s(nullptr, ",;", &context), "two");
    EXPECT_STREQ(Text<char>::token_s(nullptr, ",;", &context), "three");
    EXPECT_EQ(Text<char>::token_s(nullptr, ",;", &context), nullptr);
}

TEST(CrtNumber, IsWrittenInEveryRadix) {  // _itoa_s, _ultow_s, _ui64toa_s ...
    char text[70];
    EXPECT_EQ(Number<char>::from_int_s(-42, text, sizeof text, 10), 0);
    EXPECT_STREQ(text, "-42");
    EXPECT_EQ(Number<char>::from_int_s(-1, text, sizeof text, 16), 0);
    EXPECT_STREQ(text, "ffffffff");  // only decimal numbers have a sign
    EXPECT_EQ(Number<char>::from_int64_s(INT64_MIN, text, sizeof text, 10), 0);
    EXPECT_STREQ(text, "-9223372036854775808");
    EXPECT_EQ(Number<char>::from_uint64_s(UINT64_MAX, text, sizeof text, 2), 0);
    EXPECT_EQ(std::string(text), std::string(64, '1'));
    EXPECT_EQ(Number<char>::from_ulong_s(35, text, sizeof text, 36), 0);
    EXPECT_STREQ(text, "z");
    EXPECT_EQ(Number<char>::from_ulong_s(100, text, 3, 10), 34);
    EXPECT_EQ(text[0], 0);
    EXPECT_EQ(Number<char>::from_ulong_s(100, text, 9, 37), 22);
    WCHAR wide_text[12];
    EXPECT_EQ(std::u16string(Number<WCHAR>::from_int(1234, wide_text, 10)), u"1234");
    char* end = nullptr;
    EXPECT_EQ(Number<char>::to_uint64("0xFFFFFFFFFFFFFFFF!", &end, 16), UINT64_MAX);
    EXPECT_EQ(*end, '!');
    EXPECT_EQ(Number<char>::to_ulong("0x", &end, 0), 0u);
    EXPECT_EQ(*end, 'x');
}

TEST(Scan, ReadsNumbersOfEachSize) {  // sscanf_s
    int a = 0, b = 0;
    unsigned c = 0;
    long long d = 0;
    short e = 0;
    signed char f = 0;
    EXPECT_EQ(
        Scan<char>::all("12 -7 ff -99999999999 300 300", "%d %i %x %I64d %hd %hhd", &a, &b, &c, &d, &e, &f),
        6);
    EXPECT_EQ(a, 12);
    EXPECT_EQ(b, -7);
    EXPECT_EQ(c, 0xFFu);
    EXPECT_EQ(d, -99999999999);
    EXPECT_EQ(e, 300);
    EXPECT_EQ(f, 44);
    EXPECT_EQ(Scan<char>::all("0x1F 017", "%i%i", &a, &b), 2);
    EXPECT_EQ(a, 31);
    EXPECT_EQ(b, 15);
    EXPECT_EQ(Scan<char>::all("1234", "%2d%d", &a, &b), 2);
    EXPECT_EQ(a * 100 + b, 1234);
    EXPECT_EQ(Scan<char>::all("7,8", "%*d,%d", &a), 1);
    EXPECT_EQ(a, 8);
    EXPECT_EQ(Scan<char>::all("x", "%d", &a), 0);
    EXPECT_EQ(Scan<char>::all("", "%d", &a), -1);
    EXPECT_EQ(Scan<char>::all("5 100%", "%d %d%%%n", &a, &b, &c), 2);
    EXPECT_EQ(c, 6u);
    EXPECT_EQ(Scan<char>::counted("123456", 3, "%d", &a), 1);
    EXPECT_EQ(a, 123);
}

TEST(Scan, TextTargetsHaveASize) {  // swscanf_s
    char word[8], small[3] = "zz", letters[4];
    WCHAR wide_word[8];
    EXPECT_EQ(Scan<char>::all("  eth0:up", "%[a-z0-9]:%s", word, 8u, small, 3u), 0);
    EXPECT_EQ(Scan<char>::all("eth0:up", "%[a-z0-9]:%s", word, 8u, small, 3u), 2);
    EXPECT_STREQ(word, "eth0");
    EXPECT_STREQ(small, "up");
    EXPECT_EQ(Scan<char>::all("down", "%s", small, 3u), 0);
    EXPECT_EQ(small[0], 0);
    EXPECT_EQ(Scan<char>::all("abcd", "%3c%S", letters, 4u, wide_word, 8u), 2);
    EXPECT_EQ(std::string(letters, 3), "abc");
    EXPECT_EQ(std::u16string(wide_word), u"d");
    EXPECT_EQ(Scan<WCHAR>::all(u"key=value", u"%[^=]=%hs", wide_word, 8u, word, 8u), 2);
    EXPECT_EQ(std::u16string(wide_word), u"key");
    EXPECT_STREQ(word, "value");
}

TEST(CrtPath, IsCutAndPutTogether) {  // _splitpath_s, _wmakepath_s
    char drive[3], folder[32], name[16], extension[8];
    EXPECT_EQ(Path<char>::split("C:\\dir.d\\file.tar.gz", drive, 3, folder, 32, name, 16, extension, 8), 0);
    EXPECT_STREQ(drive, "C:");
    EXPECT_STREQ(folder, "\\dir.d\\");
    EXPECT_STREQ(name, "file.tar");
    EXPECT_STREQ(extension, ".gz");
    EXPECT_EQ(Path<char>::split("long.txt", nullptr, 0, nullptr, 0, name, 3, nullptr, 0), 34);
    EXPECT_EQ(Path<char>::split("x", nullptr, 5, nullptr, 0, nullptr, 0, nullptr, 0), 22);
    WCHAR path[20];
    EXPECT_EQ(Path<WCHAR>::make(path, 20, u"c", u"dir", u"file", u"txt"), 0);
    EXPECT_EQ(std::u16string(path), u"c:dir\\file.txt");
    EXPECT_EQ(Path<WCHAR>::make(path, 5, u"c", u"dir", u"file", u"txt"), 34);
}

}  // namespace
