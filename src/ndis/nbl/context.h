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
// unused. False when out of memory or the sum does not fit into a context.
bool NTAPI attach_context(NblPool& pool, NET_BUFFER_LIST* nbl, uint16_t size, uint16_t back_fill,
                          unsigned processor) noexcept;
// Frees what attach_context took, when the NBL is freed. Blocks that drivers should have freed before are
// reported and stay outstanding in the stores.
void NTAPI detach_context(NblPool& pool, NET_BUFFER_LIST* nbl, unsigned processor) noexcept;

// NdisAllocateNetBufferListContext and NdisFreeNetBufferListContext.
NDIS_STATUS NTAPI add_context(NET_BUFFER_LIST* nbl, uint16_t size, uint16_t back_fill) noexcept;
void NTAPI remove_context(NET_BUFFER_LIST* nbl, uint16_t size) noexcept;

}  // namespace ndiskit::ndis
