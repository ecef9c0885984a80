// Pool of extended parameters, zones, lists whose blocks are asked for by call.
#include <gtest/gtest.h>

#include <cstring>

#include "nt/abi.h"
#include "nt/pool/pool.h"
#include "support/nt_machine.h"

extern "C" {
PVOID NTAPI ExAllocatePool3(ULONG64 flags, SIZE_T size, ULONG tag, const POOL_EXTENDED_PARAMETER*,
                            ULONG count);
VOID NTAPI ExFreePool2(PVOID memory, ULONG tag, const POOL_EXTENDED_PARAMETER*, ULONG count);
PVOID NTAPI ExAllocateFromPagedLookasideList(PPAGED_LOOKASIDE_LIST list);
void NTAPI ExFreeToPagedLookasideList(PPAGED_LOOKASIDE_LIST list, PVOID entry);
}

namespace ndiskit::nt {
namespace {

using test::on_sim;

constexpr ULONG tag = 0x3158754D;

POOL_EXTENDED_PARAMETER parameter(ULONG64 type, bool optional, ULONG64 value = 0) {
    POOL_EXTENDED_PARAMETER one = {};
    one.Type = type;
    one.Optional = optional;
    one.Reserved2 = value;
    return one;
}

PVOID allocate(const POOL_EXTENDED_PARAMETER& one) {
    return ExAllocatePool3(POOL_FLAG_NON_PAGED, 100, tag, &one, 1);
}

TEST(Pool3, TakesThePriorityAndTheNodeAndRefusesTheRest) {
    on_sim([] {
        const POOL_EXTENDED_PARAMETER good[] = {
            parameter(PoolExtendedParameterPriority, false, HighPoolPriority),
            parameter(PoolExtendedParameterNumaNode, false, 0),
            parameter(PoolExtendedParameterNumaNode, true, 7),
            parameter(PoolExtendedParameterSecurePool, true)};
        for (const auto& one : good) {
            PVOID const memory = allocate(one);
            EXPECT_TRUE(memory) << one.Type;
            ExFreePool2(memory, tag, nullptr, 0);
        }
        EXPECT_FALSE(allocate(parameter(PoolExtendedParameterNumaNode, false, 7)));
        EXPECT_FALSE(allocate(parameter(PoolExtendedParameterSecurePool, false)));
        EXPECT_FALSE(allocate(parameter(PoolExtendedParameterInvalidType, true)));
        EXPECT_FALSE(ExAllocatePool3(POOL_FLAG_NON_PAGED, 100, tag, nullptr, 1));
    });
}

TEST(Pool3, TellsTheSizeOfABlock) {
    on_sim([] {
        PVOID const memory = ExAllocatePool3(POOL_FLAG_PAGED, 100, tag, nullptr, 0);
        BOOLEAN charged = TRUE;
        EXPECT_EQ(ExQueryPoolBlockSize(memory, &charged), 100u);
        EXPECT_FALSE(charged);
        ExFreePool2(memory, tag, nullptr, 0);
    });
}

size_t blocks_of(const ZONE_HEADER& zone) {
    size_t count = 0;
    for (const SINGLE_LIST_ENTRY* entry = zone.FreeList.Next; entry; entry = entry->Next) ++count;
    return count;
}

TEST(Zone, CutsItsSegmentsIntoBlocks) {
    on_sim([] {
        alignas(16) char first[16 + 4 * 32], second[16 + 2 * 32 + 8];
        ZONE_HEADER zone;
        EXPECT_EQ(ExInitializeZone(&zone, 30, first, sizeof first), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(ExInitializeZone(&zone, 32, first + 1, sizeof first - 1), STATUS_INVALID_PARAMETER);
        ASSERT_EQ(ExInitializeZone(&zone, 32, first, sizeof first), STATUS_SUCCESS);
        EXPECT_EQ(blocks_of(zone), 4u);
        EXPECT_EQ(ExExtendZone(&zone, second, 20), STATUS_UNSUCCESSFUL);
        KSPIN_LOCK lock = 0;
        EXPECT_EQ(ExInterlockedExtendZone(&zone, second, sizeof second, &lock), STATUS_SUCCESS);
        EXPECT_EQ(blocks_of(zone), 6u);
        EXPECT_EQ(zone.TotalSegmentSize, sizeof first + sizeof second);
    });
}

TEST(PagedLookaside, AFreedBlockIsTheNextOne) {
    on_sim([] {
        PAGED_LOOKASIDE_LIST list;
        ExInitializePagedLookasideList(&list, nullptr, nullptr, 0, 64, tag, 0);
        PVOID const first = ExAllocateFromPagedLookasideList(&list);
        ASSERT_TRUE(first);
        ExFreeToPagedLookasideList(&list, first);
        EXPECT_EQ(ExAllocateFromPagedLookasideList(&list), first);
        ExFreeToPagedLookasideList(&list, first);
        ExDeletePagedLookasideList(&list);
        EXPECT_EQ(pool_block_of(first).memory, nullptr);
    });
}

}  // namespace
}  // namespace ndiskit::nt
