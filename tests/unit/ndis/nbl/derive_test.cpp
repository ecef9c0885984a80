// Clones, fragments and reassembled NBLs, after "Derived NET_BUFFER_LIST Structures" and the pages below it.
#include "ndis/nbl/derive.h"

#include <gtest/gtest.h>

#include "ndis/nbl/report.h"
#include "packets.h"
#include "support/nt_machine.h"

namespace ndiskit::ndis {
namespace {

using namespace ndiskit::test;

// A parent with one NB a chain, as an overlying driver sends it.
class Parent {
  public:
    Parent()
        : pool_(make_nbl_pool(false)), nbs_(make_nb_pool()), nbl_(NdisAllocateNetBufferList(pool_, 0, 0)) {}
    ~Parent() {
        for (NET_BUFFER* nb = nbl_->FirstNetBuffer; nb;) {
            NET_BUFFER* next = nb->Next;
            NdisFreeNetBuffer(nb);
            nb = next;
        }
        NdisFreeNetBufferList(nbl_);
        NdisFreeNetBufferPool(nbs_);
        NdisFreeNetBufferListPool(pool_);
    }
    NET_BUFFER* add(const std::vector<uint32_t>& sizes, uint32_t offset, uint32_t length, uint8_t first) {
        chains_.push_back(std::make_unique<MdlChain>(sizes));
        chains_.back()->fill(first);
        NET_BUFFER* nb = NdisAllocateNetBuffer(nbs_, chains_.back()->first(), offset, length);
        if (last_)
            last_->Next = nb;
        else
            nbl_->FirstNetBuffer = nb;
        return last_ = nb;
    }
    operator NET_BUFFER_LIST*() { return nbl_; }
    NET_BUFFER_LIST* operator->() { return nbl_; }

  private:
    const NDIS_HANDLE pool_, nbs_;
    NET_BUFFER_LIST* const nbl_;
    NET_BUFFER* last_ = nullptr;
    std::vector<std::unique_ptr<MdlChain>> chains_;
};

std::vector<std::vector<uint8_t>> data_of(NET_BUFFER_LIST* nbl) {
    std::vector<std::vector<uint8_t>> all;
    for (NET_BUFFER* nb = nbl->FirstNetBuffer; nb; nb = nb->Next) all.push_back(used_data(nb));
    return all;
}

void expect_no_stores_outstanding() {
    EXPECT_EQ(part_store().counts().outstanding(), 0u);
    EXPECT_EQ(header_store().counts().outstanding(), 0u);
    EXPECT_EQ(default_net_buffer_pool().slab().counts().outstanding(), 0u);
    EXPECT_EQ(default_nbl_pool().slab().counts().outstanding(), 0u);
}

TEST(Clone, DescribesTheSameDataWithMdlsOfItsOwn) {
    on_sim([] {
        Parent parent;
        parent.add({30, 70}, 10, 80, 1);
        parent.add({50}, 0, 50, 100);
        const NDIS_HANDLE pool = make_nbl_pool(true, 0, 32);
        NET_BUFFER_LIST* clone = NdisAllocateCloneNetBufferList(parent, pool, nullptr, 0);
        ASSERT_NE(clone, nullptr);
        EXPECT_EQ(data_of(clone), data_of(parent));
        EXPECT_EQ(clone->Context, nullptr) << "a clone has no initial context, whatever its pool has";
        EXPECT_EQ(clone->ParentNetBufferList, nullptr) << "the caller keeps the relationship";
        EXPECT_EQ(parent->ChildRefCount, 0);
        EXPECT_EQ(NdisGetPoolFromNetBufferList(clone), pool);
        NET_BUFFER* nb = clone->FirstNetBuffer;
        EXPECT_EQ(nb->DataOffset, 0u) << "only the used data space is cloned";
        EXPECT_NE(nb->MdlChain, parent->FirstNetBuffer->MdlChain);
        // Not copied: the same bytes.
        EXPECT_EQ(NdisGetDataBuffer(nb, 20, nullptr, 1, 0),
                  NdisGetDataBuffer(parent->FirstNetBuffer, 20, nullptr, 1, 0));
        NdisFreeCloneNetBufferList(clone, 0);
        NdisFreeNetBufferListPool(pool);
        expect_no_stores_outstanding();
    });
}

TEST(Clone, WithTheOriginalMdls) {
    on_sim([] {
        Parent parent;
        NET_BUFFER* source = parent.add({30, 70}, 40, 60, 1);
        NET_BUFFER_LIST* clone =
            NdisAllocateCloneNetBufferList(parent, nullptr, nullptr, NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS);
        NET_BUFFER* nb = clone->FirstNetBuffer;
        EXPECT_NE(nb, source);
        EXPECT_EQ(nb->MdlChain, source->MdlChain);
        EXPECT_EQ(nb->CurrentMdl, source->CurrentMdl);
        EXPECT_EQ(nb->DataOffset, 40u);
        EXPECT_EQ(data_of(clone), data_of(parent));
        NdisFreeCloneNetBufferList(clone, NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS);
        expect_no_stores_outstanding();
    });
}

TEST(Clone, NetBuffersComeFromThePoolThatIsNamed) {
    on_sim([] {
        Parent parent;
        parent.add({30}, 0, 30, 1);
        parent.add({30}, 0, 30, 1);
        const NDIS_HANDLE nbls = make_nbl_pool(true), nbs = make_nb_pool();
        NET_BUFFER_LIST* clone = NdisAllocateCloneNetBufferList(parent, nbls, nbs, 0);
        for (NET_BUFFER* nb = clone->FirstNetBuffer; nb; nb = nb->Next)
            EXPECT_EQ(NdisGetPoolFromNetBuffer(nb), nbs);
        NdisFreeCloneNetBufferList(clone, 0);
        NdisFreeNetBufferPool(nbs);
        NdisFreeNetBufferListPool(nbls);
    });
}

TEST(Clone, ARetreatOnTheCloneDoesNotTouchTheParent) {
    on_sim([] {
        Parent parent;
        NET_BUFFER* source = parent.add({100}, 20, 80, 1);
        NET_BUFFER_LIST* clone = NdisAllocateCloneNetBufferList(parent, nullptr, nullptr, 0);
        EXPECT_EQ(NdisRetreatNetBufferListDataStart(clone, 4, 0, nullptr, nullptr), NDIS_STATUS_SUCCESS);
        memset(NdisGetDataBuffer(clone->FirstNetBuffer, 4, nullptr, 1, 0), 0xff, 4);
        EXPECT_EQ(used_data(source), counting(80, 21));
        NdisAdvanceNetBufferListDataStart(clone, 4, TRUE, nullptr);
        NdisFreeCloneNetBufferList(clone, 0);
        expect_no_stores_outstanding();
    });
}

TEST(Clone, OfAFrameLargerThanTheRoomInAnEntry) {
    on_sim([] {
        Parent parent;
        parent.add({300'000}, 0, 300'000, 1);
        MDL* whole = parent->FirstNetBuffer->MdlChain;
        whole->ByteCount = 60'000;  // its frames beyond are not filled in by the test
        parent->FirstNetBuffer->DataLength = 60'000;
        NET_BUFFER_LIST* clone = NdisAllocateCloneNetBufferList(parent, nullptr, nullptr, 0);
        EXPECT_EQ(data_of(clone), data_of(parent));
        EXPECT_EQ(MmGetMdlPfnArray(clone->FirstNetBuffer->MdlChain)[3], MmGetMdlPfnArray(whole)[3]);
        NdisFreeCloneNetBufferList(clone, 0);
    });
}

TEST(Clone, ASteadyStateTakesNoMemory) {
    on_sim([] {
        Parent parent;
        parent.add({20, 20, 60}, 0, 100, 1);
        parent.add({100}, 0, 100, 1);
        const NDIS_HANDLE pool = make_nbl_pool(true);
        uint64_t chunks = 0;
        std::vector<NET_BUFFER_LIST*> clones(256);
        for (int round = 0; round < 50; round++) {
            for (auto& clone : clones) clone = NdisAllocateCloneNetBufferList(parent, pool, nullptr, 0);
            for (auto* clone : clones) NdisFreeCloneNetBufferList(clone, 0);
            if (round == 0) chunks = chunks_mapped();
        }
        EXPECT_EQ(chunks_mapped(), chunks);
        NdisFreeNetBufferListPool(pool);
    });
}

TEST(Fragment, CutsEachNetBufferBySizeAndNeverAcrossTwo) {
    on_sim([] {
        Parent parent;
        parent.add({40, 80}, 10, 100, 10);
        parent.add({30}, 0, 30, 200);
        NET_BUFFER_LIST* fragments =
            NdisAllocateFragmentNetBufferList(parent, nullptr, nullptr, 5, 40, 8, 2, 0);
        ASSERT_NE(fragments, nullptr);
        std::vector<uint32_t> lengths;
        for (NET_BUFFER* nb = fragments->FirstNetBuffer; nb; nb = nb->Next) lengths.push_back(nb->DataLength);
        // 95 bytes from the first, 25 from the second; 8 of retreat each.
        EXPECT_EQ(lengths, (std::vector<uint32_t>{48, 48, 23, 33}));
        EXPECT_EQ(fragments->Context, nullptr);
        NET_BUFFER* nb = fragments->FirstNetBuffer;
        EXPECT_EQ(nb->DataOffset, 2u) << "the back fill";
        NdisAdvanceNetBufferListDataStart(fragments, 8, FALSE, nullptr);
        EXPECT_EQ(data_of(fragments),
                  (std::vector<std::vector<uint8_t>>{counting(40, 25), counting(40, 65), counting(15, 105),
                                                     counting(25, 205)}));
        EXPECT_EQ(NdisRetreatNetBufferListDataStart(fragments, 8, 0, nullptr, nullptr), NDIS_STATUS_SUCCESS);
        NdisFreeFragmentNetBufferList(fragments, 8, 0);
        expect_no_stores_outstanding();
    });
}

TEST(Reassemble, ConcatenatesWhatIsBehindTheStartOffset) {
    on_sim([] {
        Parent parent;
        parent.add({30}, 0, 30, 0);
        parent.add({10, 30}, 5, 30, 50);
        const NDIS_HANDLE pool = make_nbl_pool(true);
        NET_BUFFER_LIST* whole = NdisAllocateReassembledNetBufferList(parent, pool, 10, 14, 6, 0);
        ASSERT_NE(whole, nullptr);
        NET_BUFFER* nb = whole->FirstNetBuffer;
        EXPECT_EQ(nb->Next, nullptr);
        EXPECT_EQ(nb->DataLength, 14u + 20 + 20);
        NdisAdvanceNetBufferDataStart(nb, 14, FALSE, nullptr);
        std::vector<uint8_t> expected = counting(20, 10);
        for (uint8_t byte : counting(20, 65)) expected.push_back(byte);
        EXPECT_EQ(used_data(nb), expected);
        EXPECT_EQ(NdisRetreatNetBufferDataStart(nb, 14, 0, nullptr), NDIS_STATUS_SUCCESS);
        NdisFreeReassembledNetBufferList(whole, 14, 0);
        NdisFreeNetBufferListPool(pool);
        expect_no_stores_outstanding();
    });
}

TEST(Reassemble, NeedsAPoolWithNetBuffersAndWithoutData) {
    on_sim([] {
        Parent parent;
        parent.add({30}, 0, 30, 0);
        const NDIS_HANDLE bare = make_nbl_pool(false), data = make_nbl_pool(true, 100);
        EXPECT_EQ(NdisAllocateReassembledNetBufferList(parent, bare, 0, 0, 0, 0), nullptr);
        EXPECT_EQ(NdisAllocateReassembledNetBufferList(parent, data, 0, 0, 0, 0), nullptr);
        NdisFreeNetBufferListPool(bare);
        NdisFreeNetBufferListPool(data);
    });
}

// A clone of a clone, fragments of it, and those reassembled: always the parent's bytes.
TEST(Derive, RandomChainsComeBackWhole) {
    on_sim([] {
        Random random(3);
        for (int round = 0; round < 200; round++) {
            Parent parent;
            std::vector<uint32_t> sizes(1 + random.below(6));
            uint32_t total = 0;
            for (uint32_t& size : sizes) total += size = static_cast<uint32_t>(1 + random.below(600));
            const auto offset = static_cast<uint32_t>(random.below(total));
            const auto length = static_cast<uint32_t>(1 + random.below(total - offset));
            NET_BUFFER* source = parent.add(sizes, offset, length, static_cast<uint8_t>(round));
            NET_BUFFER_LIST* clone = NdisAllocateCloneNetBufferList(parent, nullptr, nullptr, 0);
            NET_BUFFER_LIST* second = NdisAllocateCloneNetBufferList(clone, nullptr, nullptr, 0);
            NET_BUFFER_LIST* fragments = NdisAllocateFragmentNetBufferList(
                second, nullptr, nullptr, 0, static_cast<uint32_t>(1 + random.below(200)), 0, 0, 0);
            NET_BUFFER_LIST* whole = NdisAllocateReassembledNetBufferList(fragments, nullptr, 0, 0, 0, 0);
            EXPECT_EQ(used_data(whole->FirstNetBuffer), used_data(source));
            NdisFreeReassembledNetBufferList(whole, 0, 0);
            NdisFreeFragmentNetBufferList(fragments, 0, 0);
            NdisFreeCloneNetBufferList(second, 0);
            NdisFreeCloneNetBufferList(clone, 0);
        }
        expect_no_stores_outstanding();
    });
}

void free_clone_as_nbl() {
    Parent parent;
    parent.add({30}, 0, 30, 0);
    NdisFreeNetBufferList(NdisAllocateCloneNetBufferList(parent, nullptr, nullptr, 0));
}

void free_clone_with_other_flags() {
    Parent parent;
    parent.add({30}, 0, 30, 0);
    NdisFreeCloneNetBufferList(
        NdisAllocateCloneNetBufferList(parent, nullptr, nullptr, NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS), 0);
}

TEST(DeriveDeathTest, TheWrongFreeIsABugCheck) {
    EXPECT_EXIT(on_sim(free_clone_as_nbl), testing::ExitedWithCode(3),
                "freed with NdisFreeCloneNetBufferList");
    EXPECT_EXIT(on_sim(free_clone_with_other_flags), testing::ExitedWithCode(3), "other flags");
}

}  // namespace
}  // namespace ndiskit::ndis
