#include "ndis/nbl/pool.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ndis/nbl/report.h"
#include "nt/ke/thread.h"
#include "packets.h"
#include "support/nt_machine.h"

namespace ndiskit::ndis {
namespace {

using namespace ndiskit::test;

bool all_zero(const void* data, size_t size) {
    auto* bytes = static_cast<const uint8_t*>(data);
    return std::all_of(bytes, bytes + size, [](uint8_t byte) { return byte == 0; });
}

TEST(NblPool, AnNblComesInitialised) {
    on_sim([] {
        const NDIS_HANDLE pool = make_nbl_pool(false, 0, 0, NDIS_PROTOCOL_ID_TCP_IP);
        NET_BUFFER_LIST* nbl = NdisAllocateNetBufferList(pool, 0, 0);
        ASSERT_NE(nbl, nullptr);
        EXPECT_EQ(nbl->Next, nullptr);
        EXPECT_EQ(nbl->FirstNetBuffer, nullptr);
        EXPECT_EQ(nbl->Context, nullptr);
        EXPECT_EQ(nbl->ParentNetBufferList, nullptr);
        EXPECT_EQ(nbl->ChildRefCount, 0);
        EXPECT_EQ(nbl->NblFlags, 0u);
        EXPECT_EQ(NdisGetPoolFromNetBufferList(nbl), pool);
        EXPECT_EQ(NdisGetNetBufferListProtocolId(nbl), NDIS_PROTOCOL_ID_TCP_IP);
        NdisFreeNetBufferList(nbl);
        NdisFreeNetBufferListPool(pool);
    });
}

TEST(NblPool, AFreedNblComesBackAsIfNew) {
    on_sim([] {
        const NDIS_HANDLE pool = make_nbl_pool(true);
        NET_BUFFER_LIST* nbl = NdisAllocateNetBufferList(pool, 0, 0);
        NET_BUFFER* nb = nbl->FirstNetBuffer;
        memset(nb->ProtocolReserved, 0xee, sizeof nb->ProtocolReserved);
        nb->DataLength = 17;
        nbl->NetBufferListInfo[TcpIpChecksumNetBufferListInfo] = nbl;
        nbl->SourceHandle = nbl;
        nbl->Status = NDIS_STATUS_FAILURE;
        nbl->Next = nbl;
        NdisFreeNetBufferList(nbl);
        NET_BUFFER_LIST* again = NdisAllocateNetBufferList(pool, 0, 0);
        EXPECT_EQ(again, nbl);
        EXPECT_EQ(again->FirstNetBuffer, nb);
        EXPECT_EQ(again->Next, nullptr);
        EXPECT_TRUE(all_zero(&again->SourceHandle, sizeof again->SourceHandle));
        EXPECT_TRUE(all_zero(again->NetBufferListInfo, sizeof again->NetBufferListInfo));
        EXPECT_TRUE(all_zero(nb->ProtocolReserved, sizeof nb->ProtocolReserved));
        EXPECT_EQ(nb->DataLength, 0u);
        EXPECT_EQ(nb->MdlChain, nullptr);
        NdisFreeNetBufferList(again);
        NdisFreeNetBufferListPool(pool);
    });
}

TEST(NblPool, DataIsAllUnusedDataSpaceAtFirst) {
    on_sim([] {
        const NDIS_HANDLE pool = make_nbl_pool(true, 2048);
        for (int round = 0; round < 3; round++) {
            NET_BUFFER_LIST* nbl = NdisAllocateNetBufferList(pool, 0, 0);
            NET_BUFFER* nb = nbl->FirstNetBuffer;
            MDL* const mdl = nb->MdlChain;
            ASSERT_NE(mdl, nullptr);
            EXPECT_EQ(mdl->ByteCount, 2048u);
            EXPECT_EQ(nb->DataOffset, 2048u);
            EXPECT_EQ(nb->DataLength, 0u);
            EXPECT_EQ(NdisRetreatNetBufferDataStart(nb, 1514, 0, nullptr), NDIS_STATUS_SUCCESS);
            EXPECT_EQ(nb->MdlChain, mdl) << "a retreat into the pool's data allocated";
            void* data = NdisGetDataBuffer(nb, 1514, nullptr, 1, 0);
            ASSERT_NE(data, nullptr);
            memset(data, 0x55, 1514);
            // As NdisAdjustMdlLength does; the next owner must not see it.
            mdl->ByteCount = 100;
            NdisFreeNetBufferList(nbl);
        }
        NdisFreeNetBufferListPool(pool);
    });
}

TEST(NblPool, ParametersThatMakeNoSenseAreRefused) {
    on_sim([] {
        EXPECT_EQ(make_nbl_pool(false, 100), nullptr);
        NET_BUFFER_LIST_POOL_PARAMETERS p{};
        EXPECT_EQ(NdisAllocateNetBufferListPool(nullptr, &p), nullptr);
        NET_BUFFER_POOL_PARAMETERS q{};
        EXPECT_EQ(NdisAllocateNetBufferPool(nullptr, &q), nullptr);
    });
}

TEST(NblPool, NetBufferAndNetBufferListNeedsAPoolWithNetBuffersAndWithoutData) {
    on_sim([] {
        MdlChain chain({100, 100});
        const NDIS_HANDLE bare = make_nbl_pool(false);
        const NDIS_HANDLE with_data = make_nbl_pool(true, 256);
        const NDIS_HANDLE pool = make_nbl_pool(true);
        EXPECT_EQ(NdisAllocateNetBufferAndNetBufferList(bare, 0, 0, chain.first(), 0, 100), nullptr);
        EXPECT_EQ(NdisAllocateNetBufferAndNetBufferList(with_data, 0, 0, chain.first(), 0, 100), nullptr);
        // Without an MDL chain offset and length must be 0.
        EXPECT_EQ(NdisAllocateNetBufferAndNetBufferList(pool, 0, 0, nullptr, 0, 1), nullptr);
        NET_BUFFER_LIST* nbl = NdisAllocateNetBufferAndNetBufferList(pool, 0, 0, chain.first(), 120, 80);
        ASSERT_NE(nbl, nullptr);
        NET_BUFFER* nb = nbl->FirstNetBuffer;
        EXPECT_EQ(nb->MdlChain, chain.first());
        EXPECT_EQ(nb->CurrentMdl, chain.at(1));
        EXPECT_EQ(nb->CurrentMdlOffset, 20u);
        EXPECT_EQ(nb->DataOffset, 120u);
        EXPECT_EQ(nb->DataLength, 80u);
        NdisFreeNetBufferList(nbl);
        for (NDIS_HANDLE handle : {bare, with_data, pool}) NdisFreeNetBufferListPool(handle);
    });
}

TEST(NetBufferPool, WithAndWithoutData) {
    on_sim([] {
        MdlChain chain({64});
        const NDIS_HANDLE plain = make_nb_pool();
        const NDIS_HANDLE with_data = make_nb_pool(512);
        EXPECT_EQ(NdisAllocateNetBufferMdlAndData(plain), nullptr);
        EXPECT_EQ(NdisAllocateNetBuffer(with_data, nullptr, 0, 0), nullptr);
        NET_BUFFER* nb = NdisAllocateNetBuffer(plain, chain.first(), 4, 60);
        EXPECT_EQ(NdisGetPoolFromNetBuffer(nb), plain);
        EXPECT_EQ(nb->CurrentMdlOffset, 4u);
        NET_BUFFER* full = NdisAllocateNetBufferMdlAndData(with_data);
        EXPECT_EQ(full->MdlChain->ByteCount, 512u);
        EXPECT_EQ(NdisRetreatNetBufferDataStart(full, 512, 0, nullptr), NDIS_STATUS_SUCCESS);
        memset(NdisGetDataBuffer(full, 512, nullptr, 1, 0), 1, 512);
        NdisFreeNetBuffer(nb);
        NdisFreeNetBuffer(full);
        NdisFreeNetBufferPool(plain);
        NdisFreeNetBufferPool(with_data);
    });
}

TEST(NblPool, ASteadyStateTakesNoMemory) {
    on_sim([] {
        const NDIS_HANDLE pool = make_nbl_pool(true, 2048, 64);
        std::vector<NET_BUFFER_LIST*> chain;
        uint64_t chunks = 0;
        for (int round = 0; round < 100; round++) {
            for (int i = 0; i < 256; i++) chain.push_back(NdisAllocateNetBufferList(pool, 32, 16));
            for (NET_BUFFER_LIST* nbl : chain) NdisFreeNetBufferList(nbl);
            chain.clear();
            if (round == 0) chunks = chunks_mapped();
        }
        EXPECT_EQ(chunks_mapped(), chunks);
        NdisFreeNetBufferListPool(pool);
    });
}

TEST(NblPool, TheReportNamesWhatIsOutstanding) {
    on_sim([] {
        const NDIS_HANDLE pool = make_nbl_pool(true, 128, 32);
        NET_BUFFER_LIST* nbl = NdisAllocateNetBufferList(pool, 0, 0);
        const std::vector<PoolReport> all = nbl_report();
        const auto report = std::ranges::find(all, "Test", &PoolReport::tag);
        ASSERT_NE(report, all.end());
        EXPECT_EQ(report->kind, "NET_BUFFER_LIST");
        EXPECT_EQ(report->outstanding, 1u);
        EXPECT_EQ(report->data_size, 128u);
        EXPECT_EQ(report->context_size, 32u);
        EXPECT_EQ(nbl_leaks().size(), 1u);
        NdisFreeNetBufferList(nbl);
        EXPECT_TRUE(nbl_leaks().empty());
        NdisFreeNetBufferListPool(pool);
    });
}

TEST(NblPool, ThreadsOnManyProcessors) {
    on_live([] {
        const NDIS_HANDLE pool = make_nbl_pool(true, 256);
        std::vector<nt::Thread> threads;
        for (int t = 0; t < 4; t++)
            threads.push_back(nt::Thread::start("packets", [pool] {
                std::vector<NET_BUFFER_LIST*> held;
                for (int i = 0; i < 20'000; i++) {
                    held.push_back(NdisAllocateNetBufferList(pool, 0, 0));
                    if (held.size() == 100) {
                        for (NET_BUFFER_LIST* nbl : held) NdisFreeNetBufferList(nbl);
                        held.clear();
                    }
                }
                for (NET_BUFFER_LIST* nbl : held) NdisFreeNetBufferList(nbl);
            }));
        for (nt::Thread& thread : threads) thread.join();
        EXPECT_TRUE(nbl_leaks().empty());
        NdisFreeNetBufferListPool(pool);
    });
}

void free_nbl_twice() {
    const NDIS_HANDLE pool = make_nbl_pool(false);
    NET_BUFFER_LIST* nbl = NdisAllocateNetBufferList(pool, 0, 0);
    NdisFreeNetBufferList(nbl);
    NdisFreeNetBufferList(nbl);
}

void free_own_net_buffer() {
    const NDIS_HANDLE pool = make_nbl_pool(true);
    NdisFreeNetBuffer(NdisAllocateNetBufferList(pool, 0, 0)->FirstNetBuffer);
}

void free_pool_too_early() {
    const NDIS_HANDLE pool = make_nbl_pool(true);
    NdisAllocateNetBufferList(pool, 0, 0);
    NdisFreeNetBufferListPool(pool);
}

void mix_up_pools() { NdisAllocateNetBufferList(make_nb_pool(), 0, 0); }

TEST(NblPoolDeathTest, FaultsOfDriversAreBugChecks) {
    EXPECT_EXIT(on_sim(free_nbl_twice), testing::ExitedWithCode(3), "0x000000c2");
    EXPECT_EXIT(on_sim(free_own_net_buffer), testing::ExitedWithCode(3),
                "allocated with its NET_BUFFER_LIST");
    EXPECT_EXIT(on_sim(free_pool_too_early), testing::ExitedWithCode(3), "0x0000007c");
    EXPECT_EXIT(on_sim(mix_up_pools), testing::ExitedWithCode(3), "not the handle of a NET_BUFFER_LIST pool");
}

}  // namespace
}  // namespace ndiskit::ndis
