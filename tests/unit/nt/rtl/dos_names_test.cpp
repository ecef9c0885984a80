// Short names, code pages of a driver's own, where lasting state is, and what debug printing lets through.
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "base/log.h"
#include "nt/abi.h"
#include "nt/files/file_system.h"
#include "nt/rtl/dos_names.h"
#include "nt/rtl/unicode.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

extern "C" NTSTATUS NTAPI RtlRaiseCustomSystemEventTrigger(PVOID);

namespace ndiskit::nt {
namespace {

struct ShortName {
    GENERATE_NAME_CONTEXT context = {};
    std::u16string next(std::u16string_view name, bool extended = false) {
        char16_t buffer[12];
        UNICODE_STRING made = {0, sizeof buffer, buffer};
        const UNICODE_STRING from = unicode_string(name);
        EXPECT_EQ(RtlGenerate8dot3Name(&from, extended, &context, &made), STATUS_SUCCESS);
        return std::u16string(view_of(made));
    }
};

TEST(ShortNames, AreMadeOfCapitalsWithoutWhatIsInvalid) {
    EXPECT_EQ(ShortName().next(u"Long file name.document"), u"LONGFI~1.DOC");
    EXPECT_EQ(ShortName().next(u"..profile.local.txt"), u"PROFIL~1.TXT");
    EXPECT_EQ(ShortName().next(u"a+b,c;[d].x=y"), u"A_B_C_~1.X_Y");
    EXPECT_EQ(ShortName().next(u"no extension."), u"NOEXTE~1");
    EXPECT_EQ(ShortName().next(u"größen.txt", true), u"GRÖßEN~1.TXT");
    for (const char16_t c : ShortName().next(u"größen.txt", false)) EXPECT_LT(c, 0x80);
}

TEST(ShortNames, DifferWhenTheyAreAskedForAgain) {
    ShortName one;
    std::vector<std::u16string> names;
    for (int i = 0; i < 20; ++i) names.push_back(one.next(u"some long name.text"));
    EXPECT_EQ(names[1], u"SOMELO~2.TEX");
    for (size_t i = 0; i < names.size(); ++i) {
        EXPECT_LE(names[i].find(u'.'), 8u);
        for (size_t k = 0; k < i; ++k) EXPECT_NE(names[i], names[k]);
        const UNICODE_STRING name = unicode_string(names[i]);
        EXPECT_TRUE(RtlIsNameLegalDOS8Dot3(&name, nullptr, nullptr));
    }
    one.context.LastIndexValue = 1'000'000;
    char16_t buffer[12];
    UNICODE_STRING made = {0, sizeof buffer, buffer};
    const UNICODE_STRING from = unicode_string(u"some long name.text");
    EXPECT_EQ(RtlGenerate8dot3Name(&from, FALSE, &one.context, &made), STATUS_FILE_SYSTEM_LIMITATION);
}

bool legal(std::u16string_view text, BOOLEAN* spaces = nullptr) {
    const UNICODE_STRING name = unicode_string(text);
    return RtlIsNameLegalDOS8Dot3(&name, nullptr, spaces);
}

TEST(ShortNames, AreToldFromOthers) {
    for (const auto* name : {u"A", u"READ.ME", u"12345678.123", u".", u"..", u"lower.txt", u"A B.C"})
        EXPECT_TRUE(legal(name)) << to_utf8(name);
    for (const auto* name : {u"", u"123456789", u"A.1234", u"A.B.C", u".A", u"A.", u"A*", u"A:B", u"A\\B",
                             u" A", u"A .B", u"A.B ", u"A+B", u"A\x01"})
        EXPECT_FALSE(legal(name)) << to_utf8(name);
    BOOLEAN spaces = FALSE;
    EXPECT_TRUE(legal(u"A B.C", &spaces));
    EXPECT_TRUE(spaces);
    EXPECT_TRUE(legal(u"AB.C", &spaces));
    EXPECT_FALSE(spaces);
    char buffer[12];
    STRING oem = {0, sizeof buffer, buffer};
    const UNICODE_STRING name = unicode_string(u"read.me");
    EXPECT_TRUE(RtlIsNameLegalDOS8Dot3(&name, &oem, nullptr));
    EXPECT_EQ(std::string(oem.Buffer, oem.Length), "READ.ME");
}

constexpr USHORT header_words = 13;

// A page of one byte a character in which 0x80 is the Greek letter alpha, and 0x81 its capital.
std::vector<USHORT> greek() {
    std::vector<USHORT> table = {header_words, 4711, 1, '?', '?', '?', '?', 0, 0, 0, 0, 0, 0};
    table.push_back(256 + 2);  // words up to the table of units
    for (USHORT i = 0; i < 256; ++i)
        table.push_back(i < 0x80 ? i : i == 0x80 ? 0x3B1 : i == 0x81 ? 0x391 : '?');
    table.push_back(0);  // no glyphs
    table.push_back(0);  // no lead bytes
    std::vector<UCHAR> units(65536, '?');
    for (int i = 0; i < 0x80; ++i) units[static_cast<size_t>(i)] = static_cast<UCHAR>(i);
    units[0x3B1] = 0x80;
    units[0x391] = 0x81;
    const size_t start = table.size();
    table.resize(start + units.size() / 2);
    std::memcpy(&table[start], units.data(), units.size());
    return table;
}

// A page in which 0x81 leads: 0x81 0x40 is a wide space.
std::vector<USHORT> japanese() {
    std::vector<USHORT> table = {header_words, 932, 2, '?', '?', '?', '?', 0x8181, 0, 0, 0, 0, 0};
    table.push_back(256 + 1 + 1 + 256 + 256);
    for (USHORT i = 0; i < 256; ++i) table.push_back(i < 0x80 ? i : 0);
    table.push_back(0);  // no glyphs
    table.push_back(1);  // one range of lead bytes
    std::vector<USHORT> offsets(512, 0);
    offsets[0x81] = 256;
    offsets[256 + 0x40] = 0x3000;
    table.insert(table.end(), offsets.begin(), offsets.end());
    std::vector<USHORT> units(65536, '?');
    for (USHORT i = 0; i < 0x80; ++i) units[i] = i;
    units[0x3000] = 0x8140;
    table.insert(table.end(), units.begin(), units.end());
    return table;
}

TEST(CustomCodePage, OfSingleBytesConvertsBothWays) {
    std::vector<USHORT> table = greek();
    CPTABLEINFO page;
    RtlInitCodePageTable(table.data(), &page);
    EXPECT_EQ(page.CodePage, 4711);
    EXPECT_EQ(page.DBCSCodePage, 0);
    char16_t wide[4] = {};
    char text[] = "a\x80z", back[4] = {};
    ULONG bytes = 0;
    EXPECT_EQ(RtlCustomCPToUnicodeN(&page, wide, sizeof wide, &bytes, text, 3), STATUS_SUCCESS);
    EXPECT_EQ(bytes, 6u);
    EXPECT_EQ(std::u16string_view(wide), u"aαz");
    EXPECT_EQ(RtlUnicodeToCustomCPN(&page, back, sizeof back, &bytes, wide, 6), STATUS_SUCCESS);
    EXPECT_EQ(bytes, 3u);
    EXPECT_STREQ(back, "a\x80z");
    EXPECT_EQ(RtlUpcaseUnicodeToCustomCPN(&page, back, sizeof back, &bytes, wide, 6), STATUS_SUCCESS);
    EXPECT_STREQ(back, "A\x81Z");
    EXPECT_EQ(RtlUnicodeToCustomCPN(&page, back, 2, &bytes, wide, 6), STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(bytes, 2u);
}

TEST(CustomCodePage, OfLeadBytesNeverCutsACharacter) {
    std::vector<USHORT> table = japanese();
    CPTABLEINFO page;
    RtlInitCodePageTable(table.data(), &page);
    EXPECT_NE(page.DBCSCodePage, 0);
    EXPECT_EQ(page.LeadByte[0], 0x81);
    char16_t wide[4] = {};
    char text[] = "a\x81\x40", back[4] = {};
    ULONG bytes = 0;
    EXPECT_EQ(RtlCustomCPToUnicodeN(&page, wide, sizeof wide, &bytes, text, 3), STATUS_SUCCESS);
    EXPECT_EQ(bytes, 4u);
    EXPECT_EQ(wide[1], 0x3000);
    EXPECT_EQ(RtlUnicodeToCustomCPN(&page, back, sizeof back, &bytes, wide, 4), STATUS_SUCCESS);
    EXPECT_STREQ(back, text);
    EXPECT_EQ(RtlUnicodeToCustomCPN(&page, back, 2, &bytes, wide, 4), STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(bytes, 1u);
}

TEST(PersistedState, IsWhereItIsByDefault) {
    char16_t path[20];
    ULONG bytes = 0;
    EXPECT_EQ(
        RtlGetPersistedStateLocation(u"Mux", nullptr, u"\\Data", LocationTypeFileSystem, path, 4, &bytes),
        STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(bytes, 12u);
    EXPECT_EQ(RtlGetPersistedStateLocation(u"Mux", nullptr, u"\\Data", LocationTypeRegistry, path,
                                           sizeof path, nullptr),
              STATUS_SUCCESS);
    EXPECT_EQ(std::u16string_view(path), u"\\Data");
    EXPECT_EQ(RtlGetPersistedStateLocation(u"Mux", nullptr, nullptr, LocationTypeRegistry, path, sizeof path,
                                           nullptr),
              STATUS_OBJECT_NAME_NOT_FOUND);
    struct {
        ULONG size;
        PCWSTR id;
    } trigger = {16, u"{4d36e972-e325-11ce-bfc1-08002be10318}"};
    EXPECT_EQ(RtlRaiseCustomSystemEventTrigger(&trigger), STATUS_INSTANCE_NOT_AVAILABLE);
}

const test::KernelExport<LONG(PVOID, PUNICODE_STRING)> nt_RtlVolumeDeviceToDosName{
    "RtlVolumeDeviceToDosName"};

TEST(VolumeFolder, IsMadeOnce) {
    char name[] = "/tmp/ndiskit-volume-XXXXXX";
    const std::filesystem::path root = ::mkdtemp(name);
    test::on_sim([&] {
        ASSERT_TRUE(files::mount(root));
        const UNICODE_STRING drive = unicode_string(u"\\??\\C:\\");
        EXPECT_EQ(RtlCreateSystemVolumeInformationFolder(&drive), STATUS_SUCCESS);
        EXPECT_TRUE(std::filesystem::is_directory(root / "System Volume Information"));
        EXPECT_EQ(RtlCreateSystemVolumeInformationFolder(&drive), STATUS_SUCCESS);
        const UNICODE_STRING none = unicode_string(u"\\??\\Q:");
        EXPECT_FALSE(NT_SUCCESS(RtlCreateSystemVolumeInformationFolder(&none)));
        PFILE_OBJECT file = nullptr;
        PDEVICE_OBJECT device = nullptr;
        UNICODE_STRING volume = unicode_string(u"\\Device\\HarddiskVolume1");
        ASSERT_EQ(IoGetDeviceObjectPointer(&volume, FILE_READ_DATA, &file, &device), STATUS_SUCCESS);
        UNICODE_STRING letter = {};
        EXPECT_EQ(nt_RtlVolumeDeviceToDosName(device, &letter), STATUS_SUCCESS);
        EXPECT_EQ(view_of(letter), u"C:");
        ExFreePool(letter.Buffer);
        ObfDereferenceObject(file);
        ASSERT_TRUE(files::unmount());
    });
    std::filesystem::remove_all(root);
}

constexpr ULONG network = 79, error = 0, info = 3;  // DPFLTR_IHVNETWORK_ID and levels

ULONG NTAPI print(ULONG level, PCCH format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const ULONG status = vDbgPrintEx(network, level, format, arguments);
    __builtin_ms_va_end(arguments);
    return status;
}

ULONG NTAPI print_with_prefix(ULONG level, PCCH format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const ULONG status = vDbgPrintExWithPrefix("mux: ", network, level, format, arguments);
    __builtin_ms_va_end(arguments);
    return status;
}

TEST(DebugPrintList, GoesOutWithItsPrefix) {
    test::on_sim([] {
        Log::set_level(LogLevel::debug);
        testing::internal::CaptureStderr();
        EXPECT_EQ(print(error, "port %u of %s\n", 7u, "mux0"), ULONG{STATUS_SUCCESS});
        EXPECT_EQ(print_with_prefix(info, "%d frames", 3), ULONG{STATUS_SUCCESS});
        EXPECT_EQ(print(error, "%s", std::string(600, 'x').c_str()), ULONG{STATUS_SUCCESS});
        const std::string out = testing::internal::GetCapturedStderr();
        EXPECT_NE(out.find("port 7 of mux0"), out.npos);
        EXPECT_NE(out.find("mux: 3 frames"), out.npos);
        EXPECT_NE(out.find(std::string(512, 'x')), out.npos);  // a call transmits no more than that
        EXPECT_EQ(out.find(std::string(513, 'x')), out.npos);
        Log::set_level(LogLevel::error);
        testing::internal::CaptureStderr();
        EXPECT_EQ(print(info, "quiet"), ULONG{STATUS_SUCCESS});
        EXPECT_EQ(testing::internal::GetCapturedStderr().find("quiet"), std::string::npos);
    });
}

TEST(DebugPrintListDeathTest, AFailedAssertionIsNamedAndBreaks) {
    EXPECT_EXIT(test::on_sim([] {
                    char text[] = "Open > 0", file[] = "mux.c", message[] = "at unbind";
                    RtlAssert(text, file, 42, message);
                }),
                testing::ExitedWithCode(3), "assertion failed: at unbind: Open > 0, mux.c line 42");
}

}  // namespace
}  // namespace ndiskit::nt
