// Memory, interlocked lists, strings, processors, files and the export table, after their pages.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

#include "ndis/nbl/abi.h"
#include "ndis/nbl/exports.h"
#include "ndis/services/exports.h"
#include "ndis/services/file.h"
#include "nt/export_table.h"
#include "nt/ke/irql.h"
#include "support/nt_machine.h"

namespace ndiskit::ndis {
namespace {

using namespace ndiskit::test;

TEST(Memory, AllocatesAndFreesByTagOrWithout) {
    on_sim([] {
        void* memory = NdisAllocateMemoryWithTagPriority(nullptr, 100, 'tseT', NormalPoolPriority);
        ASSERT_NE(memory, nullptr);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % MEMORY_ALLOCATION_ALIGNMENT, 0u);
        NdisFreeMemory(memory, 0, 0);
        memory = NdisAllocateMemoryWithTagPriority(nullptr, 100, 'tseT', NormalPoolPriority);
        NdisFreeMemoryWithTagPriority(nullptr, memory, 'tseT');
        EXPECT_EQ(NdisAllocateMemoryWithTag(&memory, 100, 'tseT'), NDIS_STATUS_SUCCESS);
        NdisFreeMemoryWithTag(memory, 'tseT');
    });
}

TEST(Memory, AnMdlDescribesTheBuffer) {
    on_sim([] {
        char buffer[10'000];
        MDL* mdl = NdisAllocateMdl(nullptr, buffer, sizeof buffer);
        EXPECT_EQ(MmGetMdlVirtualAddress(mdl), buffer);
        EXPECT_EQ(MmGetMdlByteCount(mdl), sizeof buffer);
        EXPECT_EQ(mdl->MappedSystemVa, buffer);
        EXPECT_EQ(mdl->Next, nullptr);
        NdisFreeMdl(mdl);
    });
}

TEST(InterlockedList, IsAQueueAndGivesTheNeighbour) {
    on_sim([] {
        NDIS_SPIN_LOCK lock;
        NdisAllocateSpinLock(&lock);
        LIST_ENTRY head{.Flink = &head, .Blink = &head}, a, b, c;
        EXPECT_EQ(NdisInterlockedInsertTailList(&head, &a, &lock), nullptr);
        EXPECT_EQ(NdisInterlockedInsertTailList(&head, &b, &lock), &a);
        EXPECT_EQ(NdisInterlockedInsertHeadList(&head, &c, &lock), &a);
        EXPECT_EQ(NdisInterlockedRemoveHeadList(&head, &lock), &c);
        EXPECT_EQ(NdisInterlockedRemoveHeadList(&head, &lock), &a);
        EXPECT_EQ(NdisInterlockedRemoveHeadList(&head, &lock), &b);
        EXPECT_EQ(NdisInterlockedRemoveHeadList(&head, &lock), nullptr);
        EXPECT_EQ(nt::current_irql(), PASSIVE_LEVEL);
        ULONG number = 5;
        EXPECT_EQ(NdisInterlockedAddUlong(&number, 3, &lock), 5u);
        EXPECT_EQ(number, 8u);
        NdisAcquireSpinLock(&lock);
        EXPECT_EQ(nt::current_irql(), DISPATCH_LEVEL);
        NdisReleaseSpinLock(&lock);
        EXPECT_EQ(nt::current_irql(), PASSIVE_LEVEL);
        NdisFreeSpinLock(&lock);
    });
}

TEST(String, AreMadeComparedAndFreed) {
    on_sim([] {
        UCHAR text[] = "Ethernet";
        NDIS_STRING string, other;
        NdisInitializeString(&string, text);
        EXPECT_EQ(string.Length, 16);
        EXPECT_EQ(string.MaximumLength, 18);
        NdisInitUnicodeString(&other, u"ETHERNET");
        EXPECT_FALSE(NdisEqualString(&string, &other, FALSE));
        EXPECT_TRUE(NdisEqualString(&string, &other, TRUE));
        EXPECT_EQ(NdisUpcaseUnicodeString(&string, &string), NDIS_STATUS_SUCCESS);
        EXPECT_TRUE(NdisEqualString(&string, &other, FALSE));
        NdisFreeString(string);
    });
}

TEST(Processors, AreOneGroup) {
    on_sim(
        [] {
            EXPECT_EQ(NdisSystemProcessorCount(), 3);
            KAFFINITY mask = 0;
            EXPECT_EQ(NdisSystemActiveProcessorCount(&mask), 3u);
            EXPECT_EQ(mask, 7u);
            EXPECT_EQ(NdisGroupActiveProcessorCount(0), 3u);
            EXPECT_EQ(NdisGroupActiveProcessorCount(1), 0u);
            EXPECT_EQ(NdisGroupActiveProcessorMask(0), 7u);
            PROCESSOR_NUMBER number;
            EXPECT_EQ(NdisProcessorIndexToNumber(2, &number), STATUS_SUCCESS);
            EXPECT_EQ(NdisProcessorNumberToIndex(number), 2u);
            EXPECT_NE(NdisProcessorIndexToNumber(3, &number), STATUS_SUCCESS);
            SIZE_T size = 0;
            EXPECT_EQ(NdisGetRssProcessorInformation(nullptr, nullptr, &size), NDIS_STATUS_BUFFER_TOO_SHORT);
            std::vector<std::byte> buffer(size);
            auto* rss = reinterpret_cast<NDIS_RSS_PROCESSOR_INFO*>(buffer.data());
            EXPECT_EQ(NdisGetRssProcessorInformation(nullptr, rss, &size), NDIS_STATUS_SUCCESS);
            EXPECT_EQ(rss->RssProcessorCount, 3u);
            EXPECT_EQ(size, rss->RssProcessorArrayOffset + 3 * rss->RssProcessorEntrySize);
        },
        1, 3);
}

TEST(File, IsOpenedByNameAndMappedOnce) {
    const auto folder = std::filesystem::temp_directory_path() / "ndiskit_file_test";
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "Firmware.bin") << "0123456789";
    set_driver_files_folder(folder);
    on_sim([] {
        NDIS_STRING name, bad;
        NdisInitUnicodeString(&name, u"FIRMWARE.BIN");
        NdisInitUnicodeString(&bad, u"..\\firmware.bin");
        NDIS_STATUS status;
        NDIS_HANDLE file;
        UINT length;
        NdisOpenFile(&status, &file, &length, &bad, {});
        EXPECT_EQ(status, NDIS_STATUS_FILE_NOT_FOUND);
        NdisOpenFile(&status, &file, &length, &name, {});
        ASSERT_EQ(status, NDIS_STATUS_SUCCESS);
        EXPECT_EQ(length, 10u);
        void *buffer, *second;
        NdisMapFile(&status, &buffer, file);
        EXPECT_EQ(status, NDIS_STATUS_SUCCESS);
        EXPECT_EQ(std::string(static_cast<char*>(buffer), length), "0123456789");
        NdisMapFile(&status, &second, file);
        EXPECT_EQ(status, NDIS_STATUS_ALREADY_MAPPED);
        NdisUnmapFile(file);
        NdisMapFile(&status, &second, file);
        EXPECT_EQ(status, NDIS_STATUS_SUCCESS);
        NdisCloseFile(file);
    });
    std::filesystem::remove_all(folder);
}

// Every row is a name that ndis.sys really exports, and appears once.
TEST(Exports, AreThoseOfNdisSys) {
    add_nbl_exports();
    add_service_exports();
    std::ifstream facts(NDISKIT_SOURCE_DIR "/tests/facts/abi/exports.tsv");
    std::vector<std::string> names;
    for (std::string line; std::getline(facts, line);)
        if (line.starts_with("ndis.sys\t")) names.push_back(line.substr(9));
    ASSERT_FALSE(names.empty());
    static const std::vector<std::string>* known = &names;
    nt::for_each_export(
        [](std::string_view module, const nt::Export& row, void*) {
            if (module != "ndis.sys") return;
            EXPECT_NE(std::ranges::find(*known, row.name), known->end()) << row.name;
            EXPECT_NE(row.address, nullptr);
        },
        nullptr);
    NDIS_STRING name;
    NdisInitUnicodeString(&name, u"NdisAllocateNetBufferList");
    EXPECT_EQ(NdisGetRoutineAddress(&name), reinterpret_cast<void*>(&NdisAllocateNetBufferList));
    NdisInitUnicodeString(&name, u"NdisNoSuchFunction");
    EXPECT_EQ(NdisGetRoutineAddress(&name), nullptr);
}

// Severity and values of an event reach the log; the varargs are those of the driver's calling convention.
TEST(EventLog, WritesTheCodeAndTheValues) {
    on_sim([] {
        testing::internal::CaptureStderr();
        NdisWriteErrorLogEntry(nullptr, NDIS_ERROR_CODE_HARDWARE_FAILURE, 2, 0x1234, 0xabcd);
        const std::string line = testing::internal::GetCapturedStderr();
        EXPECT_NE(line.find("0xc000138a 0x1234 0xabcd"), std::string::npos) << line;
    });
}

}  // namespace
}  // namespace ndiskit::ndis
