// Processors as drivers see them: numbers, groups, topology, and how much of their time is used.
#include <gtest/gtest.h>

#include <vector>

#include "engine/busy_time.h"
#include "ndis/nbl/abi.h"
#include "ndis/services/exports.h"
#include "nt/ke/irql.h"
#include "support/nt_machine.h"

namespace ndiskit::ndis {
namespace {

using namespace ndiskit::test;

TEST(NdisProcessor, CountsAreOfTheOneGroup) {
    on_sim(
        [] {
            EXPECT_EQ(NdisActiveGroupCount(), 1);
            EXPECT_EQ(NdisMaxGroupCount(), 1);
            EXPECT_EQ(NdisGroupMaxProcessorCount(0), 3u);
            EXPECT_EQ(NdisGroupMaxProcessorCount(1), 0u);
            EXPECT_EQ(NdisGroupMaxProcessorCount(0xffff), 3u);
        },
        1, 3);
}

TEST(NdisProcessor, TheCurrentOneStaysWhileAtDispatch) {
    on_seeds(10, [] {
        const KIRQL old = KfRaiseIrql(DISPATCH_LEVEL);
        const ULONG index = NdisCurrentProcessorIndex();
        EXPECT_LT(index, NdisSystemActiveProcessorCount(nullptr));
        const PROCESSOR_NUMBER number = NdisCurrentGroupAndProcessor();
        EXPECT_EQ(number.Group, 0);
        EXPECT_EQ(number.Number, index);
        EXPECT_EQ(NdisProcessorNumberToIndex(number), index);
        KeLowerIrql(old);
    });
}

TEST(NdisProcessor, TopologyGoesIntoTheCallersStructures) {
    on_sim([] {
        NDIS_SYSTEM_PROCESSOR_INFO info{};
        info.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
        info.Header.Revision = NDIS_SYSTEM_PROCESSOR_INFO_REVISION_1;
        info.Header.Size = NDIS_SIZEOF_SYSTEM_PROCESSOR_INFO_REVISION_1 - 1;
        EXPECT_EQ(NdisGetProcessorInformation(&info), NDIS_STATUS_BUFFER_TOO_SHORT);
        info.Header.Size = NDIS_SIZEOF_SYSTEM_PROCESSOR_INFO_REVISION_1;
        ASSERT_EQ(NdisGetProcessorInformation(&info), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(info.RssProcessors, nullptr);  // not asked for
        EXPECT_EQ(info.NumCores, 2u);
        EXPECT_EQ(info.RssCpuCount, 2u);
        EXPECT_EQ(info.CpuInfo[1].CpuNumber, 1u);
        std::vector<UCHAR> processors(NDIS_MAX_PROCESSOR_COUNT, 0xee);
        info.RssProcessors = processors.data();
        ASSERT_EQ(NdisGetProcessorInformation(&info), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(info.RssProcessors, processors.data());
        EXPECT_EQ(processors[0], 0);
        EXPECT_EQ(processors[1], 1);
        EXPECT_EQ(processors[2], 0xee);
    });
}

TEST(NdisProcessor, ExtendedTopologyTellsTheSizeThatItTakes) {
    on_sim([] {
        SIZE_T size = 0;
        EXPECT_EQ(NdisGetProcessorInformationEx(nullptr, nullptr, &size), NDIS_STATUS_BUFFER_TOO_SHORT);
        std::vector<std::byte> buffer(size);
        auto* info = reinterpret_cast<NDIS_SYSTEM_PROCESSOR_INFO_EX*>(buffer.data());
        SIZE_T short_size = size - 1;
        EXPECT_EQ(NdisGetProcessorInformationEx(nullptr, info, &short_size), NDIS_STATUS_BUFFER_TOO_SHORT);
        EXPECT_EQ(short_size, size);
        ASSERT_EQ(NdisGetProcessorInformationEx(nullptr, info, &size), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(info->NumberOfProcessors, 2u);
        EXPECT_EQ(size, info->ProcessorInfoOffset + 2 * info->ProcessorInfoEntrySize);
        const auto* second = reinterpret_cast<const NDIS_PROCESSOR_INFO_EX*>(
            buffer.data() + info->ProcessorInfoOffset + info->ProcessorInfoEntrySize);
        EXPECT_EQ(second->ProcNum.Number, 1);
        EXPECT_EQ(second->CoreId, 1u);
    });
}

TEST(NdisProcessor, NoHypervisorIsPresent) {
    on_sim([] {
        NDIS_HYPERVISOR_INFO info{};
        info.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
        info.Header.Revision = NDIS_HYPERVISOR_INFO_REVISION_1;
        info.Header.Size = NDIS_SIZEOF_HYPERVISOR_INFO_REVISION_1 - 1;
        EXPECT_EQ(NdisGetHypervisorInfo(&info), NDIS_STATUS_BUFFER_TOO_SHORT);
        info.Header.Size = NDIS_SIZEOF_HYPERVISOR_INFO_REVISION_1;
        info.Flags = ~0u;
        EXPECT_EQ(NdisGetHypervisorInfo(&info), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(info.Flags & NDIS_HYPERVISOR_INFO_FLAG_HYPERVISOR_PRESENT, 0u);
        EXPECT_EQ(info.PartitionType, NdisHypervisorPartitionTypeUnknown);
    });
}

struct Counts {
    ULONG idle = 0, all = 0, index = 0;
};
Counts counts() {
    Counts c;
    NdisGetCurrentProcessorCounts(&c.idle, &c.all, &c.index);
    EXPECT_LT(c.index, 2u);
    EXPECT_LE(c.idle, c.all);
    return c;
}
// The page's own formula.
ULONG usage(const Counts& before, const Counts& after) {
    return 100 - 100 * (after.idle - before.idle) / (after.all - before.all);
}

TEST(NdisProcessor, ASleepingMachineIsIdleAndAWorkingOneIsNot) {
    on_sim(
        [] {
            const Counts start = counts();
            LARGE_INTEGER time;
            time.QuadPart = -10'000'000;
            KeDelayExecutionThread(KernelMode, FALSE, &time);
            const Counts slept = counts();
            EXPECT_LE(usage(start, slept), 2u);
            const engine::Time until = engine::the().now() + engine::second;
            while (engine::the().now() < until) {
            }
            EXPECT_GE(usage(slept, counts()), 98u);
            ULONG average = 0;
            NdisGetCurrentProcessorCpuUsage(&average);
            EXPECT_GE(average, 40u);
            EXPECT_LE(average, 60u);
        },
        1, 1);
}

TEST(NdisProcessor, OnLiveWorkIsTimeThatTheProcessUsed) {
    on_live([] {
        const engine::Time before = engine::busy_time();
        while (engine::busy_time() < before + 40 * engine::millisecond) {
        }
        const Counts c = counts();
        EXPECT_GE(c.all, 1u);
        ULONG average = 0;
        NdisGetCurrentProcessorCpuUsage(&average);
        EXPECT_GT(average, 0u);
        EXPECT_LE(average, 100u);
    });
}

}  // namespace
}  // namespace ndiskit::ndis
