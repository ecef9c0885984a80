// Reading and copying data and out-of-band information, after the pages of the functions.
#include "ndis/nbl/copy.h"

#include <gtest/gtest.h>

#include <set>

#include "ndis/nbl/chain.h"
#include "packets.h"
#include "support/nt_machine.h"

namespace ndiskit::ndis {
namespace {

using namespace ndiskit::test;

struct TwoNetBuffers {
    NDIS_HANDLE pool = make_nb_pool();
    NET_BUFFER* from;
    NET_BUFFER* to;
    TwoNetBuffers(MdlChain& source, uint32_t offset, uint32_t length, MdlChain& target, uint32_t to_offset)
        : from(NdisAllocateNetBuffer(pool, source.first(), offset, length)),
          to(NdisAllocateNetBuffer(pool, target.first(), to_offset, 0)) {}
    ~TwoNetBuffers() {
        NdisFreeNetBuffer(from);
        NdisFreeNetBuffer(to);
        NdisFreeNetBufferPool(pool);
    }
};

TEST(CopyData, OffsetsCountFromTheDataStart) {
    on_sim([] {
        MdlChain source({20, 20, 60}), target({7, 50, 43});
        source.fill(0);
        TwoNetBuffers nbs(source, 15, 85, target, 5);
        ULONG copied = 0;
        EXPECT_EQ(NdisCopyFromNetBufferToNetBuffer(nbs.to, 1, 60, nbs.from, 10, &copied),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(copied, 60u);
        const std::vector<uint8_t> all = chain_bytes(target.first());
        EXPECT_EQ(std::vector<uint8_t>(all.begin() + 6, all.begin() + 66), counting(60, 25));
        EXPECT_EQ(nbs.to->DataLength, 0u) << "the destination's fields are the caller's to update";
        EXPECT_EQ(nbs.to->DataOffset, 5u);
    });
}

TEST(CopyData, StopsWhereTheSourceHasNoDataOrTheDestinationNoRoom) {
    on_sim([] {
        MdlChain source({100}), target({30});
        TwoNetBuffers nbs(source, 0, 40, target, 0);
        ULONG copied = 0;
        EXPECT_EQ(NdisCopyFromNetBufferToNetBuffer(nbs.to, 0, 1000, nbs.from, 20, &copied),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(copied, 20u) << "the source's used data space ends";
        EXPECT_EQ(NdisCopyFromNetBufferToNetBuffer(nbs.to, 10, 1000, nbs.from, 0, &copied),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(copied, 20u) << "the destination's MDLs end";
        EXPECT_EQ(NdisCopyFromNetBufferToNetBuffer(nbs.to, 0, 1, nbs.from, 40, &copied), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(copied, 0u);
        EXPECT_EQ(NdisCopyFromNetBufferToNetBuffer(nbs.to, 31, 1, nbs.from, 0, &copied), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(copied, 0u);
    });
}

TEST(GetDataBuffer, InPlaceWhereItCan) {
    on_sim([] {
        MdlChain source({20, 80}), none({8});
        source.fill(0);
        TwoNetBuffers nbs(source, 6, 94, none, 0);
        uint8_t storage[100] = {};
        EXPECT_EQ(NdisGetDataBuffer(nbs.from, 14, storage, 1, 0),
                  static_cast<uint8_t*>(source.first()->MappedSystemVa) + 6);
        EXPECT_EQ(NdisGetDataBuffer(nbs.from, 20, nullptr, 1, 0), nullptr);
        EXPECT_EQ(NdisGetDataBuffer(nbs.from, 20, storage, 1, 0), storage);
        EXPECT_EQ(std::vector<uint8_t>(storage, storage + 20), counting(20, 6));
        EXPECT_EQ(NdisGetDataBuffer(nbs.from, 95, storage, 1, 0), nullptr) << "more than DataLength";
    });
}

TEST(GetDataBuffer, AlignmentIsAMultiplePlusAnOffset) {
    on_sim([] {
        MdlChain source({64}), none({8});
        TwoNetBuffers nbs(source, 0, 64, none, 0);
        const auto address = reinterpret_cast<uintptr_t>(source.first()->MappedSystemVa);
        uint8_t storage[16];
        EXPECT_EQ(NdisGetDataBuffer(nbs.from, 16, storage, 8, address % 8), source.first()->MappedSystemVa);
        EXPECT_EQ(NdisGetDataBuffer(nbs.from, 16, storage, 8, (address + 1) % 8), storage);
        EXPECT_EQ(NdisGetDataBuffer(nbs.from, 16, nullptr, 8, (address + 1) % 8), nullptr);
    });
}

TEST(PhysicalCount, CountsThePagesOfTheUsedDataSpace) {
    on_sim([] {
        const NDIS_HANDLE pool = make_nb_pool();
        alignas(4096) static std::byte memory[4 * PAGE_SIZE];
        struct {
            MDL mdl;
            PFN_NUMBER frames[5];
        } m;
        describe(&m.mdl, memory + 100, 3 * PAGE_SIZE);
        NET_BUFFER* nb = NdisAllocateNetBuffer(pool, &m.mdl, 0, 3 * PAGE_SIZE);
        EXPECT_EQ(NdisQueryNetBufferPhysicalCount(nb), 4u);
        NdisAdvanceNetBufferDataStart(nb, PAGE_SIZE - 100, FALSE, nullptr);
        EXPECT_EQ(NdisQueryNetBufferPhysicalCount(nb), 3u);
        NdisFreeNetBuffer(nb);
        NdisFreeNetBufferPool(pool);
    });
}

// Which slots a copy takes over, of 27 that are all set.
std::set<int> copied_slots(void(NTAPI* copy)(PNET_BUFFER_LIST, PNET_BUFFER_LIST)) {
    const NDIS_HANDLE pool = make_nbl_pool(false);
    NET_BUFFER_LIST* from = NdisAllocateNetBufferList(pool, 0, 0);
    NET_BUFFER_LIST* to = NdisAllocateNetBufferList(pool, 0, 0);
    for (int i = 0; i < MaxNetBufferListInfo; i++) from->NetBufferListInfo[i] = from;
    copy(to, from);
    std::set<int> slots;
    for (int i = 0; i < MaxNetBufferListInfo; i++)
        if (to->NetBufferListInfo[i] == from) slots.insert(i);
    NdisFreeNetBufferList(from);
    NdisFreeNetBufferList(to);
    NdisFreeNetBufferListPool(pool);
    return slots;
}

TEST(CopyInfo, SendCopiesWhatItsPageLists) {
    on_sim([] {
        EXPECT_EQ(copied_slots(NdisCopySendNetBufferListInfo),
                  (std::set<int>{TcpIpChecksumNetBufferListInfo, IPsecOffloadV1NetBufferListInfo,
                                 TcpLargeSendNetBufferListInfo, Ieee8021QNetBufferListInfo,
                                 NetBufferListCancelId, MediaSpecificInformation, NetBufferListProtocolId,
                                 IPsecOffloadV2TunnelNetBufferListInfo, IPsecOffloadV2HeaderNetBufferListInfo,
                                 VirtualSubnetInfo, NetBufferListFilteringInfo}));
    });
}

TEST(CopyInfo, ReceiveCopiesWhatItsPageLists) {
    on_sim([] {
        EXPECT_EQ(copied_slots(NdisCopyReceiveNetBufferListInfo),
                  (std::set<int>{TcpIpChecksumNetBufferListInfo, IPsecOffloadV1NetBufferListInfo,
                                 TcpReceiveNoPush, Ieee8021QNetBufferListInfo, MediaSpecificInformation,
                                 NetBufferListFrameType, NetBufferListHashValue, NetBufferListHashInfo,
                                 IPsecOffloadV2TunnelNetBufferListInfo, IPsecOffloadV2HeaderNetBufferListInfo,
                                 VirtualSubnetInfo, NetBufferListFilteringInfo}));
    });
}

TEST(Chain, SplitsBySourceInRuns) {
    NET_BUFFER_LIST nbls[6] = {};
    NblChain chain;
    int a, b;
    NDIS_HANDLE sources[] = {&a, &a, &b, &a, &a, &a};
    for (int i = 0; i < 6; i++) {
        chain.append(&nbls[i]);
        nbls[i].SourceHandle = sources[i];
    }
    EXPECT_EQ(count_nbls(chain.first()), 6u);
    std::vector<std::pair<NDIS_HANDLE, size_t>> runs;
    for_each_source(chain.release(), [&](NDIS_HANDLE source, const NblRun& run) {
        EXPECT_EQ(count_nbls(run.first), run.count);
        EXPECT_EQ(last_nbl(run.first), run.last);
        runs.emplace_back(source, run.count);
    });
    EXPECT_EQ(runs, (std::vector<std::pair<NDIS_HANDLE, size_t>>{{&a, 2}, {&b, 1}, {&a, 3}}));
}

TEST(Chain, AppendsPopsAndPicks) {
    NET_BUFFER_LIST nbls[4] = {};
    NblChain odd, chain;
    for (auto& nbl : nbls) chain.append(&nbl);
    NET_BUFFER_LIST* rest =
        take_matching(chain.release(), odd, [&](NET_BUFFER_LIST* nbl) { return (nbl - nbls) % 2; });
    EXPECT_TRUE(chain.empty());
    EXPECT_EQ(count_nbls(rest), 2u);
    EXPECT_EQ(odd.count(), 2u);
    NblChain all(rest);
    all.append(odd);
    EXPECT_TRUE(odd.empty());
    EXPECT_EQ(all.pop(), &nbls[0]);
    EXPECT_EQ(all.pop(), &nbls[2]);
    EXPECT_EQ(all.pop(), &nbls[1]);
    EXPECT_EQ(all.pop(), &nbls[3]);
    EXPECT_EQ(all.pop(), nullptr);
    all.append(&nbls[0]);
    EXPECT_EQ(all.first(), all.last());
}

}  // namespace
}  // namespace ndiskit::ndis
