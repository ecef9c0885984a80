// NET_BUFFER_LIST_CONTEXTs: blocks of space that each driver of a stack may hang on an NBL.
//
// The used space of a block is its end, from Offset on; what is before is back fill for the next request. The
// first block of a chain is the newest. An NBL's entry may have a block of its own (the pool's ContextSize);
// what does not fit there comes from slabs of four sizes, and beyond those from nonpaged pool.
#pragma once

#include "ndis/nbl/pool.h"

namespace ndiskit::ndis {

constexpr unsigned context_store_count = 4;
SlabPool& context_store(unsigned index);

// The context with which an NBL is handed out: `size` bytes used, `back_fill` and what the pool has besides
// unused. False when out of memory or the sum does not fit into a context. This one takes it from the stores.
bool NTAPI attach_stored_context(NET_BUFFER_LIST* nbl, uint16_t size, uint16_t back_fill,
                                 unsigned processor) noexcept;
[[gnu::always_inline]] inline bool attach_context(NblPool& pool, NET_BUFFER_LIST* nbl, uint16_t size,
                                                  uint16_t back_fill, unsigned processor) {
    // Context space is handed out in whole pointers.
    const uint32_t used = (size + 7u) & ~7u;
    if (used + back_fill > pool.context_capacity())
        return attach_stored_context(nbl, size, back_fill, processor);
    NET_BUFFER_LIST_CONTEXT* own = pool.own_context(nbl);
    own->Next = nullptr;
    own->Size = pool.context_capacity();
    own->Offset = static_cast<USHORT>(pool.context_capacity() - used);
    nbl->Context = own;
    SlabHeader::of(nbl)->note |= NblNote::initial_inline;
    return true;
}

// Frees what attach_context took, when the NBL is freed. Blocks that drivers should have freed before are
// reported and stay outstanding in the stores.
void NTAPI free_context_chain(NblPool& pool, NET_BUFFER_LIST* nbl, unsigned processor) noexcept;
[[gnu::always_inline]] inline void free_context(NblPool& pool, NET_BUFFER_LIST* nbl, unsigned processor) {
    if (!(SlabHeader::of(nbl)->note & NblNote::initial_inline) || nbl->Context != pool.own_context(nbl))
        [[unlikely]]
        free_context_chain(pool, nbl, processor);
}

// NdisAllocateNetBufferListContext and NdisFreeNetBufferListContext.
NDIS_STATUS NTAPI add_context(NET_BUFFER_LIST* nbl, uint16_t size, uint16_t back_fill) noexcept;
void NTAPI remove_context(NET_BUFFER_LIST* nbl, uint16_t size) noexcept;

}  // namespace ndiskit::ndis
