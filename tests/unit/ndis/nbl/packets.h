// What the tests of packet structures share: pools as a driver makes them, MDL chains over real memory, and
// the data of a NET_BUFFER as bytes, read by a walk of its own.
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <vector>

#include "base/random.h"
#include "ndis/nbl/abi.h"

namespace ndiskit::test {

inline NDIS_HANDLE make_nbl_pool(bool net_buffers, uint32_t data_size = 0, uint16_t context_size = 0,
                                 uint8_t protocol = NDIS_PROTOCOL_ID_DEFAULT) {
    NET_BUFFER_LIST_POOL_PARAMETERS p{};
    p.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    p.Header.Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    p.Header.Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    p.ProtocolId = protocol;
    p.fAllocateNetBuffer = net_buffers;
    p.ContextSize = context_size;
    p.PoolTag = 'tseT';
    p.DataSize = data_size;
    return NdisAllocateNetBufferListPool(nullptr, &p);
}

inline NDIS_HANDLE make_nb_pool(uint32_t data_size = 0) {
    NET_BUFFER_POOL_PARAMETERS p{};
    p.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    p.Header.Revision = NET_BUFFER_POOL_PARAMETERS_REVISION_1;
    p.Header.Size = NDIS_SIZEOF_NET_BUFFER_POOL_PARAMETERS_REVISION_1;
    p.PoolTag = 'tseT';
    p.DataSize = data_size;
    return NdisAllocateNetBufferPool(nullptr, &p);
}

// MDLs over one buffer each, as a driver that owns its memory has them.
class MdlChain {
  public:
    explicit MdlChain(const std::vector<uint32_t>& sizes) {
        for (uint32_t size : sizes) add(size);
    }
    void add(uint32_t size) {
        auto piece = std::make_unique<Piece>();
        piece->memory.resize(size + 64);
        std::byte* address = piece->memory.data() + next_shift_;
        next_shift_ = (next_shift_ + 7) % 64;
        MmInitializeMdl(&piece->mdl, address, size);
        piece->mdl.MdlFlags = MDL_SOURCE_IS_NONPAGED_POOL;
        piece->mdl.MappedSystemVa = address;
        for (unsigned i = 0; i < std::size(piece->frames); i++)
            piece->frames[i] = (reinterpret_cast<uintptr_t>(address) >> PAGE_SHIFT) + i;
        if (!pieces_.empty()) pieces_.back()->mdl.Next = &piece->mdl;
        pieces_.push_back(std::move(piece));
    }
    MDL* first() { return pieces_.empty() ? nullptr : &pieces_.front()->mdl; }
    MDL* at(size_t i) { return &pieces_[i]->mdl; }
    // The whole memory in order, as bytes that can be written.
    std::vector<std::byte*> bytes() {
        std::vector<std::byte*> all;
        for (auto& piece : pieces_)
            for (uint32_t i = 0; i < piece->mdl.ByteCount; i++)
                all.push_back(static_cast<std::byte*>(piece->mdl.MappedSystemVa) + i);
        return all;
    }
    void fill(uint8_t first) {
        for (std::byte* byte : bytes()) *byte = static_cast<std::byte>(first++);
    }

  private:
    struct Piece {
        MDL mdl;
        PFN_NUMBER frames[20];
        std::vector<std::byte> memory;
    };
    std::vector<std::unique_ptr<Piece>> pieces_;
    uint32_t next_shift_ = 0;
};

// Every byte of the MDL chain from its beginning.
inline std::vector<uint8_t> chain_bytes(MDL* mdl) {
    std::vector<uint8_t> bytes;
    for (; mdl; mdl = mdl->Next) {
        auto* data = static_cast<uint8_t*>(mdl->MappedSystemVa);
        bytes.insert(bytes.end(), data, data + mdl->ByteCount);
    }
    return bytes;
}

// The used data space, found through DataOffset; checks on the way that CurrentMdl and CurrentMdlOffset
// agree.
inline std::vector<uint8_t> used_data(NET_BUFFER* nb) {
    std::vector<uint8_t> all = chain_bytes(nb->MdlChain);
    EXPECT_LE(uint64_t{nb->DataOffset} + nb->DataLength, all.size());
    uint64_t before = 0;
    MDL* mdl = nb->MdlChain;
    for (; mdl && mdl != nb->CurrentMdl; mdl = mdl->Next) before += mdl->ByteCount;
    EXPECT_EQ(mdl, nb->CurrentMdl) << "CurrentMdl is not in the chain";
    EXPECT_EQ(before + nb->CurrentMdlOffset, nb->DataOffset);
    if (mdl && nb->DataLength > 0) {
        EXPECT_LT(nb->CurrentMdlOffset, mdl->ByteCount) << "the data starts behind CurrentMdl";
    }
    return {all.begin() + nb->DataOffset, all.begin() + nb->DataOffset + nb->DataLength};
}

inline std::vector<uint8_t> counting(size_t length, uint8_t first) {
    std::vector<uint8_t> bytes(length);
    for (auto& byte : bytes) byte = first++;
    return bytes;
}

}  // namespace ndiskit::test
