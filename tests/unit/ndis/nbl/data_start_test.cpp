// Retreat and advance, after the pages "Retreat Operations" and "Advance Operations".
#include <gtest/gtest.h>

#include "ndis/nbl/mdl.h"
#include "packets.h"
#include "support/nt_machine.h"

namespace ndiskit::ndis {
namespace {

using namespace ndiskit::test;

// One NB over a chain, freed with its pool at the end of the scope.
class OneNetBuffer {
  public:
    OneNetBuffer(MDL* chain, uint32_t offset, uint32_t length)
        : pool_(make_nb_pool()), nb_(NdisAllocateNetBuffer(pool_, chain, offset, length)) {}
    ~OneNetBuffer() {
        NdisFreeNetBuffer(nb_);
        NdisFreeNetBufferPool(pool_);
    }
    NET_BUFFER* operator->() { return nb_; }
    operator NET_BUFFER*() { return nb_; }

  private:
    const NDIS_HANDLE pool_;
    NET_BUFFER* const nb_;
};

TEST(DataStart, ARetreatUsesTheUnusedDataSpaceFirst) {
    on_sim([] {
        MdlChain chain({100});
        chain.fill(0);
        OneNetBuffer nb(chain.first(), 20, 50);
        EXPECT_EQ(NdisRetreatNetBufferDataStart(nb, 14, 10, nullptr), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(nb->DataOffset, 6u);
        EXPECT_EQ(nb->DataLength, 64u);
        EXPECT_EQ(nb->MdlChain, chain.first());
        EXPECT_EQ(used_data(nb), counting(64, 6));
        EXPECT_EQ(NdisRetreatNetBufferDataStart(nb, 6, 10, nullptr), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(nb->DataOffset, 0u);
        EXPECT_EQ(nb->MdlChain, chain.first());
    });
}

TEST(DataStart, ARetreatBeyondItAllocatesAndAnAdvanceFrees) {
    on_sim([] {
        MdlChain chain({100});
        chain.fill(0);
        OneNetBuffer nb(chain.first(), 4, 50);
        EXPECT_EQ(NdisRetreatNetBufferDataStart(nb, 14, 16, nullptr), NDIS_STATUS_SUCCESS);
        EXPECT_NE(nb->MdlChain, chain.first());
        EXPECT_EQ(nb->MdlChain->Next, chain.first());
        EXPECT_EQ(nb->MdlChain->ByteCount, 30u) << "DataOffsetDelta + DataBackFill";
        EXPECT_EQ(nb->DataLength, 64u);
        EXPECT_EQ(used_data(nb).size(), 64u);
        EXPECT_EQ(header_store().counts().outstanding(), 1u);
        // The back fill serves the next one.
        MDL* const added = nb->MdlChain;
        EXPECT_EQ(NdisRetreatNetBufferDataStart(nb, 8, 0, nullptr), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(nb->MdlChain, added);
        NdisAdvanceNetBufferDataStart(nb, 8, TRUE, nullptr);
        EXPECT_EQ(nb->MdlChain, added);
        NdisAdvanceNetBufferDataStart(nb, 14, TRUE, nullptr);
        EXPECT_EQ(nb->MdlChain, chain.first());
        EXPECT_EQ(nb->DataOffset, 4u);
        EXPECT_EQ(used_data(nb), counting(50, 4));
        EXPECT_EQ(header_store().counts().outstanding(), 0u);
    });
}

TEST(DataStart, AnAdvanceKeepsMdlsWithoutFreeMdl) {
    on_sim([] {
        OneNetBuffer nb(nullptr, 0, 0);
        EXPECT_EQ(NdisRetreatNetBufferDataStart(nb, 40, 0, nullptr), NDIS_STATUS_SUCCESS);
        MDL* const added = nb->MdlChain;
        NdisAdvanceNetBufferDataStart(nb, 40, FALSE, nullptr);
        EXPECT_EQ(nb->MdlChain, added);
        EXPECT_EQ(nb->DataOffset, 40u);
        // A later retreat finds it again.
        EXPECT_EQ(NdisRetreatNetBufferDataStart(nb, 40, 0, nullptr), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(nb->MdlChain, added);
        NdisAdvanceNetBufferDataStart(nb, 40, TRUE, nullptr);
        EXPECT_EQ(nb->MdlChain, nullptr);
        EXPECT_EQ(nb->CurrentMdl, nullptr);
        EXPECT_EQ(nb->DataOffset, 0u);
    });
}

// Receives: the MDLs of lower layers are not the caller's, whatever FreeMdl says.
TEST(DataStart, AnAdvanceNeverFreesMdlsThatNoRetreatAllocated) {
    on_sim([] {
        MdlChain chain({14, 20, 100});
        chain.fill(0);
        OneNetBuffer nb(chain.first(), 0, 134);
        NdisAdvanceNetBufferDataStart(nb, 14, TRUE, nullptr);
        EXPECT_EQ(nb->MdlChain, chain.first());
        EXPECT_EQ(nb->CurrentMdl, chain.at(1)) << "data that starts at the end of an MDL starts in the next";
        EXPECT_EQ(nb->CurrentMdlOffset, 0u);
        NdisAdvanceNetBufferDataStart(nb, 20, FALSE, nullptr);
        EXPECT_EQ(nb->CurrentMdl, chain.at(2));
        EXPECT_EQ(NdisRetreatNetBufferDataStart(nb, 34, 0, nullptr), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(used_data(nb), counting(134, 0));
    });
}

struct Handlers {
    static inline uint32_t asked = 0;
    static inline int freed = 0;
    static inline bool refuse = false;
    static MDL* NTAPI allocate(ULONG* size) {
        asked = *size;
        if (refuse) return nullptr;
        auto* mdl = static_cast<MDL*>(calloc(1, sizeof(MDL) + 4 * sizeof(PFN_NUMBER) + *size));
        describe(mdl, reinterpret_cast<char*>(mdl + 1) + 4 * sizeof(PFN_NUMBER), *size);
        return mdl;
    }
    static void NTAPI free_mdl(MDL* mdl) {
        freed++;
        free(mdl);
    }
};

TEST(DataStart, HandlersOfTheDriverAllocateAndFree) {
    on_sim([] {
        MdlChain chain({100});
        OneNetBuffer nb(chain.first(), 0, 100);
        EXPECT_EQ(NdisRetreatNetBufferDataStart(nb, 18, 2, Handlers::allocate), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(Handlers::asked, 20u);
        NdisAdvanceNetBufferDataStart(nb, 18, TRUE, Handlers::free_mdl);
        EXPECT_EQ(Handlers::freed, 1);
        Handlers::refuse = true;
        EXPECT_EQ(NdisRetreatNetBufferDataStart(nb, 18, 2, Handlers::allocate), NDIS_STATUS_RESOURCES);
        EXPECT_EQ(nb->DataLength, 100u);
        EXPECT_EQ(nb->MdlChain, chain.first());
        Handlers::refuse = false;
    });
}

TEST(DataStart, AListIsRetreatedWhollyOrNotAtAll) {
    on_sim([] {
        const NDIS_HANDLE pool = make_nbl_pool(false);
        const NDIS_HANDLE nbs = make_nb_pool();
        MdlChain with_room({100}), without({100});
        NET_BUFFER_LIST* nbl = NdisAllocateNetBufferList(pool, 0, 0);
        NET_BUFFER* first = NdisAllocateNetBuffer(nbs, with_room.first(), 50, 50);
        NET_BUFFER* second = NdisAllocateNetBuffer(nbs, without.first(), 0, 100);
        nbl->FirstNetBuffer = first;
        first->Next = second;
        Handlers::refuse = true;
        EXPECT_EQ(NdisRetreatNetBufferListDataStart(nbl, 14, 0, Handlers::allocate, Handlers::free_mdl),
                  NDIS_STATUS_RESOURCES);
        EXPECT_EQ(first->DataOffset, 50u);
        EXPECT_EQ(second->DataLength, 100u);
        Handlers::refuse = false;
        EXPECT_EQ(NdisRetreatNetBufferListDataStart(nbl, 14, 0, nullptr, nullptr), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(first->DataOffset, 36u);
        EXPECT_EQ(second->DataLength, 114u);
        NdisAdvanceNetBufferListDataStart(nbl, 14, TRUE, nullptr);
        EXPECT_EQ(first->DataOffset, 50u);
        EXPECT_EQ(second->MdlChain, without.first());
        NdisFreeNetBuffer(first);
        NdisFreeNetBuffer(second);
        NdisFreeNetBufferList(nbl);
        NdisFreeNetBufferPool(nbs);
        NdisFreeNetBufferListPool(pool);
    });
}

TEST(DataStart, AdjustComputesTheCurrentMdlFromTheOffset) {
    on_sim([] {
        MdlChain chain({10, 20, 30});
        OneNetBuffer nb(chain.first(), 0, 60);
        nb->DataOffset = 30;
        nb->DataLength = 30;
        NdisAdjustNetBufferCurrentMdl(nb);
        EXPECT_EQ(nb->CurrentMdl, chain.at(2));
        EXPECT_EQ(nb->CurrentMdlOffset, 0u);
    });
}

// Random retreats and advances over random chains: the data is what a flat model says, and all is freed at
// the end.
TEST(DataStart, RandomRetreatsAndAdvances) {
    on_sim([] {
        Random random(7);
        for (int round = 0; round < 200; round++) {
            std::vector<uint32_t> sizes(1 + random.below(4));
            uint32_t total = 0;
            for (uint32_t& size : sizes) total += size = static_cast<uint32_t>(1 + random.below(40));
            MdlChain chain(sizes);
            chain.fill(static_cast<uint8_t>(round));
            const auto offset = static_cast<uint32_t>(random.below(total));
            OneNetBuffer nb(chain.first(), offset, total - offset);
            std::vector<uint8_t> original = used_data(nb);
            std::vector<uint32_t> retreats;
            for (int step = 0; step < 20; step++) {
                if (retreats.empty() || random.below(2) == 0) {
                    const auto delta = static_cast<uint32_t>(1 + random.below(300));
                    ASSERT_EQ(NdisRetreatNetBufferDataStart(nb, delta,
                                                            static_cast<uint32_t>(random.below(50)), nullptr),
                              NDIS_STATUS_SUCCESS);
                    retreats.push_back(delta);
                } else {
                    NdisAdvanceNetBufferDataStart(nb, retreats.back(), TRUE, nullptr);
                    retreats.pop_back();
                }
                const std::vector<uint8_t> now = used_data(nb);
                ASSERT_GE(now.size(), original.size());
                ASSERT_TRUE(std::equal(original.rbegin(), original.rend(), now.rbegin()));
            }
            for (; !retreats.empty(); retreats.pop_back())
                NdisAdvanceNetBufferDataStart(nb, retreats.back(), TRUE, nullptr);
            EXPECT_EQ(used_data(nb), original);
            EXPECT_EQ(nb->MdlChain, chain.first());
        }
        EXPECT_EQ(header_store().counts().outstanding(), 0u);
    });
}

TEST(DataStartDeathTest, AdvancingBeyondTheDataIsABugCheck) {
    EXPECT_EXIT(on_sim([] {
                    MdlChain chain({100});
                    OneNetBuffer nb(chain.first(), 0, 50);
                    NdisAdvanceNetBufferDataStart(nb, 51, FALSE, nullptr);
                }),
                testing::ExitedWithCode(3), "has only 50");
}

}  // namespace
}  // namespace ndiskit::ndis
