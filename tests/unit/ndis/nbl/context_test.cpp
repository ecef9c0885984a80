// NET_BUFFER_LIST_CONTEXT space, after the pages of the structure and of the functions that allocate it.
#include "ndis/nbl/context.h"

#include <gtest/gtest.h>

#include "packets.h"
#include "support/nt_machine.h"

namespace ndiskit::ndis {
namespace {

using namespace ndiskit::test;

uint64_t stored_blocks() {
    uint64_t blocks = 0;
    for (unsigned i = 0; i < context_store_count; i++) blocks += context_store(i).counts().outstanding();
    return blocks;
}

TEST(Context, ThePoolsSpaceServesFirst) {
    on_sim([] {
        const NDIS_HANDLE pool = make_nbl_pool(false, 0, 64);
        NET_BUFFER_LIST* nbl = NdisAllocateNetBufferList(pool, 16, 16);
        ASSERT_NE(nbl->Context, nullptr);
        EXPECT_EQ(nbl->Context->Next, nullptr);
        EXPECT_EQ(nbl->Context->Size - nbl->Context->Offset, 16);
        auto* start = nbl->Context->ContextData + nbl->Context->Offset;
        EXPECT_EQ(NET_BUFFER_LIST_CONTEXT_DATA_START(nbl), start);
        EXPECT_EQ(NET_BUFFER_LIST_CONTEXT_DATA_SIZE(nbl), 64) << "the whole space, used and unused";
        EXPECT_EQ(reinterpret_cast<uintptr_t>(start) % MEMORY_ALLOCATION_ALIGNMENT, 0u);
        EXPECT_EQ(NdisAllocateNetBufferListContext(nbl, 48, 0, 'txeT'), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(stored_blocks(), 0u) << "unused space was there";
        EXPECT_EQ(NET_BUFFER_LIST_CONTEXT_DATA_START(nbl), start - 48);
        NdisFreeNetBufferListContext(nbl, 48);
        EXPECT_EQ(NET_BUFFER_LIST_CONTEXT_DATA_START(nbl), start);
        NdisFreeNetBufferList(nbl);
        NdisFreeNetBufferListPool(pool);
    });
}

TEST(Context, MoreSpaceIsAllocatedAndFreed) {
    on_sim([] {
        const NDIS_HANDLE pool = make_nbl_pool(false, 0, 16);
        NET_BUFFER_LIST* nbl = NdisAllocateNetBufferList(pool, 16, 0);
        NET_BUFFER_LIST_CONTEXT* const initial = nbl->Context;
        EXPECT_EQ(NdisAllocateNetBufferListContext(nbl, 32, 32, 'txeT'), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(nbl->Context->Next, initial);
        EXPECT_EQ(stored_blocks(), 1u);
        memset(NET_BUFFER_LIST_CONTEXT_DATA_START(nbl), 0x11, 32);
        // The next driver's request fits the back fill.
        EXPECT_EQ(NdisAllocateNetBufferListContext(nbl, 32, 0, 'txeT'), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(stored_blocks(), 1u);
        NdisFreeNetBufferListContext(nbl, 32);
        EXPECT_EQ(*static_cast<uint8_t*>(static_cast<void*>(NET_BUFFER_LIST_CONTEXT_DATA_START(nbl))), 0x11);
        NdisFreeNetBufferListContext(nbl, 32);
        EXPECT_EQ(nbl->Context, initial);
        EXPECT_EQ(stored_blocks(), 0u);
        NdisFreeNetBufferList(nbl);
        NdisFreeNetBufferListPool(pool);
    });
}

TEST(Context, AnNblMayBeginWithMoreThanItsPoolHas) {
    on_sim([] {
        const NDIS_HANDLE pool = make_nbl_pool(true);
        for (uint16_t size : {16, 256, 512, 2048, 60000}) {
            NET_BUFFER_LIST* nbl = NdisAllocateNetBufferList(pool, size, 64);
            ASSERT_NE(nbl, nullptr);
            EXPECT_EQ(nbl->Context->Size - nbl->Context->Offset, size);
            memset(NET_BUFFER_LIST_CONTEXT_DATA_START(nbl), 0, size);
            NdisFreeNetBufferList(nbl);
        }
        EXPECT_EQ(stored_blocks(), 0u);
        EXPECT_EQ(NdisAllocateNetBufferList(pool, 65520, 64), nullptr) << "does not fit a context";
        NdisFreeNetBufferListPool(pool);
    });
}

TEST(Context, AClonesContextUsesTheEntrysOwnSpace) {
    on_sim([] {
        const NDIS_HANDLE pool = make_nbl_pool(true, 0, 64);
        NET_BUFFER_LIST* original = NdisAllocateNetBufferList(pool, 0, 0);
        NET_BUFFER_LIST* clone = NdisAllocateCloneNetBufferList(original, pool, nullptr, 0);
        EXPECT_EQ(NdisAllocateNetBufferListContext(clone, 32, 0, 'txeT'), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(NdisAllocateNetBufferListContext(clone, 64, 0, 'txeT'), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(stored_blocks(), 1u);
        NdisFreeNetBufferListContext(clone, 64);
        NdisFreeNetBufferListContext(clone, 32);
        EXPECT_EQ(clone->Context, nullptr);
        NdisFreeCloneNetBufferList(clone, 0);
        NdisFreeNetBufferList(original);
        NdisFreeNetBufferListPool(pool);
    });
}

TEST(ContextDeathTest, FreeingMoreThanThereIsABugCheck) {
    EXPECT_EXIT(on_sim([] {
                    const NDIS_HANDLE pool = make_nbl_pool(true, 0, 64);
                    NET_BUFFER_LIST* nbl = NdisAllocateNetBufferList(pool, 16, 0);
                    NdisFreeNetBufferListContext(nbl, 32);
                }),
                testing::ExitedWithCode(3), "whose newest context has 16");
}

}  // namespace
}  // namespace ndiskit::ndis
