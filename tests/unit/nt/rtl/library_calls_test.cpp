// Resource descriptors, correlation vectors, error codes, what the release says of itself, code pages, hash
// tables.
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "nt/abi.h"
#include "nt/machine.h"
#include "nt/registry/registry.h"
#include "nt/rtl/correlation_vector.h"
#include "nt/rtl/library_calls.h"
#include "nt/rtl/unicode.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

TEST(MemoryResources, KeepLongLengthsInTheSmallestForm) {
    const struct {
        ULONGLONG length;
        UCHAR type;
        USHORT flags;
        ULONG kept;
    } cases[] = {{0x1000, CmResourceTypeMemory, 0, 0x1000},
                 {0xFFFFFFFF, CmResourceTypeMemory, 0, 0xFFFFFFFF},
                 {0x100000000, CmResourceTypeMemoryLarge, CM_RESOURCE_MEMORY_LARGE_40, 0x1000000},
                 {0xFFFFFFFF0000, CmResourceTypeMemoryLarge, CM_RESOURCE_MEMORY_LARGE_48, 0xFFFFFFFF},
                 {0x4000000000000, CmResourceTypeMemoryLarge, CM_RESOURCE_MEMORY_LARGE_64, 0x40000}};
    for (const auto& one : cases) {
        CM_PARTIAL_RESOURCE_DESCRIPTOR cm = {};
        EXPECT_EQ(RtlCmEncodeMemIoResource(&cm, CmResourceTypeMemory, one.length, 0x123456789),
                  STATUS_SUCCESS);
        EXPECT_EQ(cm.Type, one.type);
        EXPECT_EQ(cm.Flags, one.flags);
        EXPECT_EQ(cm.u.Memory.Length, one.kept);
        ULONGLONG start = 0;
        EXPECT_EQ(RtlCmDecodeMemIoResource(&cm, &start), one.length);
        EXPECT_EQ(start, 0x123456789u);
    }
    CM_PARTIAL_RESOURCE_DESCRIPTOR cm = {};
    EXPECT_EQ(RtlCmEncodeMemIoResource(&cm, CmResourceTypeMemory, 0x100000001, 0), STATUS_UNSUCCESSFUL);
    EXPECT_EQ(RtlCmEncodeMemIoResource(&cm, CmResourceTypePort, 0x100000000, 0), STATUS_UNSUCCESSFUL);
    EXPECT_EQ(RtlCmEncodeMemIoResource(&cm, CmResourceTypeInterrupt, 1, 0), STATUS_INVALID_PARAMETER);
    ULONGLONG length = 0;
    EXPECT_EQ(RtlFindClosestEncodableLength(0x100000001, &length), STATUS_SUCCESS);
    EXPECT_EQ(length, 0x100000100u);
    EXPECT_EQ(RtlFindClosestEncodableLength(77, &length), STATUS_SUCCESS);
    EXPECT_EQ(length, 77u);
    EXPECT_EQ(RtlFindClosestEncodableLength(~0ull, &length), STATUS_UNSUCCESSFUL);
}

TEST(MemoryResources, RequirementsHaveOneFormForLengthAndAlignment) {
    IO_RESOURCE_DESCRIPTOR io = {};
    EXPECT_EQ(RtlIoEncodeMemIoResource(&io, CmResourceTypePort, 8, 4, 0x300, 0x3FF), STATUS_SUCCESS);
    EXPECT_EQ(io.Type, CmResourceTypePort);
    ULONGLONG alignment = 0, lowest = 0, highest = 0;
    EXPECT_EQ(RtlIoDecodeMemIoResource(&io, &alignment, &lowest, &highest), 8u);
    EXPECT_EQ(alignment, 4u);
    EXPECT_EQ(lowest, 0x300u);
    EXPECT_EQ(highest, 0x3FFu);
    EXPECT_EQ(RtlIoEncodeMemIoResource(&io, CmResourceTypeMemory, 0x200000000, 0x1000, 0, ~0ull),
              STATUS_SUCCESS);
    EXPECT_EQ(io.Type, CmResourceTypeMemoryLarge);
    EXPECT_EQ(RtlIoDecodeMemIoResource(&io, &alignment, nullptr, nullptr), 0x200000000u);
    EXPECT_EQ(alignment, 0x1000u);
    EXPECT_EQ(RtlIoEncodeMemIoResource(&io, CmResourceTypeMemory, 0x200000000, 1, 0, ~0ull),
              STATUS_UNSUCCESSFUL);
    EXPECT_EQ(RtlIoEncodeMemIoResource(&io, CmResourceTypeMemory, 1, 1, 5, 4), STATUS_INVALID_PARAMETER);
}

TEST(CorrelationVector, IsABaseAndNumbers) {
    const GUID guid = {0x04030201, 0x0605, 0x0807, {9, 10, 11, 12, 13, 14, 15, 16}};
    CORRELATION_VECTOR vector;
    EXPECT_EQ(RtlInitializeCorrelationVector(&vector, 2, nullptr),
              static_cast<ULONG>(STATUS_INVALID_PARAMETER));
    ASSERT_EQ(RtlInitializeCorrelationVector(&vector, 2, &guid), 0u);
    EXPECT_STREQ(vector.Vector, "AQIDBAUGBwgJCgsMDQ4PEA.0");  // the GUID's bytes as base64
    EXPECT_EQ(RtlValidateCorrelationVector(&vector), 0u);
    EXPECT_EQ(RtlIncrementCorrelationVector(&vector), 0u);
    EXPECT_EQ(RtlExtendCorrelationVector(&vector), 0u);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(RtlIncrementCorrelationVector(&vector), 0u);
    EXPECT_STREQ(vector.Vector + 22, ".1.10");
    while (std::strlen(vector.Vector) < 126) ASSERT_EQ(RtlExtendCorrelationVector(&vector), 0u);
    EXPECT_EQ(RtlExtendCorrelationVector(&vector), static_cast<ULONG>(STATUS_INVALID_PARAMETER));
    for (const char* bad : {".", "..1", ".1.", ".x", ""}) {
        std::strcpy(vector.Vector + 22, bad);
        EXPECT_EQ(RtlValidateCorrelationVector(&vector), static_cast<ULONG>(STATUS_INVALID_PARAMETER)) << bad;
    }
    ASSERT_EQ(RtlInitializeCorrelationVector(&vector, 1, &guid), 0u);
    EXPECT_STREQ(vector.Vector, "AQIDBAUGBwgJCgsM.0");
    EXPECT_EQ(RtlValidateCorrelationVector(&vector), 0u);
    std::strcpy(vector.Vector + 16, ".2147483647");
    EXPECT_EQ(RtlIncrementCorrelationVector(&vector), static_cast<ULONG>(STATUS_BUFFER_OVERFLOW));
}

TEST(ErrorCodes, AreThoseOfPrograms) {
    for (const auto& [status, error] : {std::pair{STATUS_SUCCESS, 0u},
                                        {STATUS_ACCESS_DENIED, 5u},
                                        {STATUS_OBJECT_NAME_NOT_FOUND, 2u},
                                        {STATUS_OBJECT_PATH_NOT_FOUND, 3u},
                                        {STATUS_INVALID_HANDLE, 6u},
                                        {STATUS_NO_MEMORY, 8u},
                                        {STATUS_INVALID_PARAMETER, 87u},
                                        {STATUS_BUFFER_TOO_SMALL, 122u},
                                        {STATUS_BUFFER_OVERFLOW, 234u},
                                        {STATUS_NO_MORE_ENTRIES, 259u},
                                        {STATUS_PENDING, 997u},
                                        {STATUS_CANCELLED, 995u},
                                        {STATUS_NOT_SUPPORTED, 50u},
                                        {STATUS_INSUFFICIENT_RESOURCES, 1450u},
                                        {STATUS_DEVICE_NOT_CONNECTED, 1167u},
                                        {static_cast<NTSTATUS>(0xC0070005), 5u},  // an error code in a status
                                        {static_cast<NTSTATUS>(0xE0001234), 0xE0001234u},  // a driver's own
                                        {static_cast<NTSTATUS>(0xC0FF0001), 317u}}) {
        EXPECT_EQ(RtlNtStatusToDosError(status), error) << std::hex << status;
        EXPECT_EQ(RtlNtStatusToDosErrorNoTeb(status), error) << std::hex << status;
    }
}

TEST(StatusErrors, AreThoseOfTheFacts) {
    std::ifstream file(NDISKIT_SOURCE_DIR "/tests/facts/status-errors.tsv");
    std::map<uint32_t, uint32_t> facts;
    for (std::string line; std::getline(file, line);)
        if (!line.starts_with('#'))
            facts[static_cast<uint32_t>(std::stoul(line, nullptr, 16))] =
                static_cast<uint32_t>(std::stoul(line.substr(line.find('\t'))));
    ASSERT_GT(facts.size(), 1400u);
    for (const auto& [status, error] : facts)
        EXPECT_EQ(RtlNtStatusToDosErrorNoTeb(static_cast<NTSTATUS>(status)), error) << std::hex << status;
    size_t wrong = 0;
    for (uint32_t severity = 0; severity < 4; ++severity)
        for (uint32_t facility = 0; facility < 0x60; ++facility)
            for (uint32_t code = 0; code < 0x1000; ++code) {
                const uint32_t kind = severity << 14 | facility, status = kind << 16 | code;
                const bool holds_error = kind == 0x8007 || kind == 0xC001 || kind == 0xC007;
                const uint32_t without = holds_error ? code : status ? 317 : 0;
                if (!facts.contains(status))
                    wrong += RtlNtStatusToDosError(static_cast<NTSTATUS>(status)) != without;
            }
    EXPECT_EQ(wrong, 0u);
    // As an HRESULT, and a code of a driver's own.
    EXPECT_EQ(RtlNtStatusToDosErrorNoTeb(static_cast<NTSTATUS>(0xD0000022)), 5u);
    EXPECT_EQ(RtlNtStatusToDosErrorNoTeb(static_cast<NTSTATUS>(0x90000005)), 317u);
    EXPECT_EQ(RtlNtStatusToDosErrorNoTeb(static_cast<NTSTATUS>(0x60000000)), 0x60000000u);
}

TEST(Release, TellsKindSuiteAndPlace) {
    machine_options().release = *find_windows_release("10-1809");
    NT_PRODUCT_TYPE type = {};
    EXPECT_TRUE(RtlGetNtProductType(&type));
    EXPECT_EQ(type, machine_options().release->server ? NtProductServer : NtProductWinNt);
    ULONG product = 0;
    EXPECT_TRUE(RtlGetProductInfo(10, 0, 0, 0, &product));
    EXPECT_NE(product, 0u);
    EXPECT_FALSE(RtlGetProductInfo(5, 1, 0, 0, &product));
    EXPECT_EQ(product, 0u);
    RTL_OSVERSIONINFOEXW version = {};
    version.dwOSVersionInfoSize = sizeof version;
    RtlGetVersion(reinterpret_cast<PRTL_OSVERSIONINFOW>(&version));
    EXPECT_EQ(RtlGetSuiteMask(), version.wSuiteMask);
    EXPECT_FALSE(RtlIsMultiSessionSku());
    EXPECT_FALSE(RtlIsStateSeparationEnabled());
    EXPECT_EQ(RtlGetActiveConsoleId(), 0u);
    EXPECT_EQ(std::u16string(RtlGetNtSystemRoot()), u"C:\\Windows");
    // "Major and minor at least": what RtlVerifyVersionInfo reads.
    const ULONGLONG mask = VerSetConditionMask(VerSetConditionMask(0, 2, 3), 1, 3);
    EXPECT_EQ(mask, 3u | 3u << 3);
    version.dwMajorVersion = 6;
    EXPECT_EQ(RtlVerifyVersionInfo(&version, 3, mask), STATUS_SUCCESS);
    const ULONG64 features = RtlGetEnabledExtendedFeatures(~ULONG64{0});
    EXPECT_EQ(RtlGetEnabledExtendedFeatures(3), features & 3);
    EXPECT_EQ(RtlGetEnabledExtendedFeatures(0), 0u);
}

TEST(CodePage, HasOneByteACharacter) {
    EXPECT_EQ(test::kernel_export("NlsMbCodePageTag"), &nt_NlsMbCodePageTag);
    EXPECT_EQ(test::kernel_export("NlsMbOemCodePageTag"), &nt_NlsMbOemCodePageTag);
    EXPECT_FALSE(nt_NlsMbCodePageTag);
    EXPECT_FALSE(nt_NlsMbOemCodePageTag);
    WCHAR c = u'\u00E9';
    EXPECT_TRUE(RtlIsValidOemCharacter(&c));
    EXPECT_EQ(c, u'\u00C9');
    c = u'\u0436';
    EXPECT_FALSE(RtlIsValidOemCharacter(&c));
}

TEST(HashTable, BeginsWithAsManyBucketsAsAskedFor) {
    PRTL_DYNAMIC_HASH_TABLE table = nullptr;
    EXPECT_FALSE(RtlCreateHashTableEx(&table, 1000, 0, 0));  // no power of two
    ASSERT_TRUE(RtlCreateHashTableEx(&table, 1024, 0, 0));
    EXPECT_EQ(table->TableSize, 1024u);
    std::vector<RTL_DYNAMIC_HASH_TABLE_ENTRY> entries(500);
    for (ULONG_PTR i = 0; i < 500; ++i) RtlInsertEntryHashTable(table, &entries[i], i * 77 + 1, nullptr);
    RTL_DYNAMIC_HASH_TABLE_ENUMERATOR enumerator;
    ASSERT_TRUE(RtlInitStrongEnumerationHashTable(table, &enumerator));
    EXPECT_FALSE(RtlContractHashTable(table));
    size_t seen = 0;
    while (auto* entry = RtlStronglyEnumerateEntryHashTable(table, &enumerator)) {
        ++seen;
        RtlRemoveEntryHashTable(table, entry, nullptr);
    }
    EXPECT_EQ(seen, 500u);
    RtlEndStrongEnumerationHashTable(table, &enumerator);
    EXPECT_TRUE(RtlContractHashTable(table));
    RtlDeleteHashTable(table);
}

RTL_GENERIC_COMPARE_RESULTS NTAPI compare(RTL_AVL_TABLE*, PVOID a, PVOID b) {
    const int x = *static_cast<int*>(a), y = *static_cast<int*>(b);
    return x < y ? GenericLessThan : x > y ? GenericGreaterThan : GenericEqual;
}
PVOID NTAPI allocate(RTL_AVL_TABLE*, CLONG size) { return new char[static_cast<size_t>(size)]; }
void NTAPI release(RTL_AVL_TABLE*, PVOID memory) { delete[] static_cast<char*>(memory); }

TEST(AvlTable, DeletesTheNodeThatALookupFound) {
    RTL_AVL_TABLE table;
    RtlInitializeGenericTableAvl(&table, compare, allocate, release, nullptr);
    for (int key = 0; key < 10; ++key) RtlInsertElementGenericTableAvl(&table, &key, sizeof key, nullptr);
    for (int key = 9; key >= 0; --key) {
        PVOID node = nullptr;
        TABLE_SEARCH_RESULT result;
        ASSERT_NE(RtlLookupElementGenericTableFullAvl(&table, &key, &node, &result), nullptr);
        RtlDeleteElementGenericTableAvlEx(&table, node);
        EXPECT_EQ(RtlLookupElementGenericTableAvl(&table, &key), nullptr);
        EXPECT_EQ(RtlNumberGenericTableElementsAvl(&table), static_cast<ULONG>(key));
    }
}

TEST(RegistryFallback, TheFirstKeyThatHasTheValueAnswers) {
    test::on_sim([] {
        registry::set_dword("HKLM\\Software\\First", "A", 1);
        registry::set_dword("HKLM\\Software\\Second", "A", 2);
        registry::set_dword("HKLM\\Software\\Second", "B", 3);
        HANDLE keys[2];
        for (int i = 0; i < 2; ++i) {
            UNICODE_STRING path = unicode_string(i ? u"\\Registry\\Machine\\Software\\Second"
                                                   : u"\\Registry\\Machine\\Software\\First");
            OBJECT_ATTRIBUTES attributes;
            InitializeObjectAttributes(&attributes, &path, OBJ_KERNEL_HANDLE, nullptr, nullptr);
            ASSERT_EQ(ZwOpenKey(&keys[i], KEY_READ, &attributes), STATUS_SUCCESS);
        }
        UNICODE_STRING a = unicode_string(u"A"), b = unicode_string(u"B"), c = unicode_string(u"C");
        ULONG type = 0, value = 0, size = 0;
        EXPECT_EQ(RtlQueryRegistryValueWithFallback(keys[0], keys[1], &a, 4, &type, &value, &size),
                  STATUS_SUCCESS);
        EXPECT_EQ(value, 1u);
        EXPECT_EQ(RtlQueryRegistryValueWithFallback(keys[0], keys[1], &b, 4, &type, &value, &size),
                  STATUS_SUCCESS);
        EXPECT_EQ(value, 3u);
        EXPECT_EQ(type, static_cast<ULONG>(REG_DWORD));
        EXPECT_EQ(RtlQueryRegistryValueWithFallback(keys[0], keys[1], &b, 2, &type, &value, &size),
                  STATUS_BUFFER_OVERFLOW);
        EXPECT_EQ(size, 4u);
        EXPECT_EQ(RtlQueryRegistryValueWithFallback(keys[0], keys[1], &c, 4, &type, &value, &size),
                  STATUS_OBJECT_NAME_NOT_FOUND);
        for (const HANDLE key : keys) ZwClose(key);
    });
}

}  // namespace
}  // namespace ndiskit::nt
