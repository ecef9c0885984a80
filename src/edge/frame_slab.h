// Frame buffers of an edge: NBLs that each come with a NET_BUFFER, an MDL and a buffer, formatted once. An
// edge that owns the buffers (a ring of the kernel) gives them; otherwise the slab allocates them. NICs
// indicate out of such a slab, transports send out of one.
//
// The free list is a stack under a spin lock that is taken per chain, not per frame. A frame may be stamped
// with the time when it came in; who takes it back learns how long it was out.
#pragma once

#include <ndis.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "engine/engine.h"

namespace ndiskit::edge {

// Which words of an NBL are the edge's own while others have the NBL: a miniport driver's are
// MiniportReserved, a protocol driver's ProtocolReserved.
enum class Side : uint8_t { miniport, protocol };

class FrameSlab {
  public:
    explicit FrameSlab(Side side)
        : words_(side == Side::miniport ? offsetof(NET_BUFFER_LIST, MiniportReserved)
                                        : offsetof(NET_BUFFER_LIST, ProtocolReserved)) {}
    FrameSlab(const FrameSlab&) = delete;
    FrameSlab& operator=(const FrameSlab&) = delete;
    ~FrameSlab() { destroy(); }

    // `count` buffers of `size` bytes; over `memory` one after the other, or, when that is empty, over memory
    // of the slab's own. False when there is no memory. All must be back when the slab is destroyed.
    bool create(NDIS_HANDLE owner, uint32_t count, uint32_t size, std::span<uint8_t> memory = {});
    void destroy();

    // A free buffer, or null.
    NET_BUFFER_LIST* take();
    // Gives back a chain.
    void give_back(NET_BUFFER_LIST* chain);
    // The NBL of buffer number `index`, for NICs that own the buffers and do not use the free list.
    NET_BUFFER_LIST* at(uint32_t index) { return nbls_[index]; }
    uint32_t index_of(const NET_BUFFER_LIST* nbl) const {
        return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(words(nbl)[0]));
    }
    uint8_t* buffer_of(const NET_BUFFER_LIST* nbl) const { return static_cast<uint8_t*>(words(nbl)[1]); }
    uint32_t buffer_size() const { return size_; }

    // Remembers the time for a frame that goes out.
    void stamp(const NET_BUFFER_LIST* nbl, engine::Time now) { stamps_[index_of(nbl)] = now; }
    // The time remembered, once; 0 when there is none.
    engine::Time take_stamp(const NET_BUFFER_LIST* nbl) { return std::exchange(stamps_[index_of(nbl)], 0); }

    // Points the NBL at `length` bytes from `offset` in its buffer, with no out-of-band information.
    static void set_data(NET_BUFFER_LIST* nbl, uint32_t offset, uint32_t length);

  private:
    PVOID* words(const NET_BUFFER_LIST* nbl) const {
        return reinterpret_cast<PVOID*>(reinterpret_cast<uintptr_t>(nbl) + words_);
    }

    size_t words_;  // offset of the two words in an NBL: the index and the address of its buffer
    std::unique_ptr<uint8_t[]> own_memory_;  // not touched before it is used
    std::vector<NET_BUFFER_LIST*> nbls_;
    std::vector<engine::Time> stamps_;
    Guarded<std::vector<NET_BUFFER_LIST*>, LockRank::nic> free_;
    NDIS_HANDLE pool_ = nullptr;
    uint32_t size_ = 0;
};

}  // namespace ndiskit::edge
