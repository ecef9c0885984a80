// NBLs derived from others: clones, fragments and reassembled ones. They describe the original's data;
// nothing is copied. Per packet a derived NBL costs entries of slabs and nothing of the heap: the NBL (with
// its NB where its pool has them), further NBs, and MDLs that lie inside those NBs' entries.
//
// A pool handle may be null: the kit's own pools serve then. The originals must outlive what is derived from
// them, which NDIS leaves to the caller (ChildRefCount, ParentNetBufferList).
#pragma once

#include "ndis/nbl/pool.h"

namespace ndiskit::ndis {

NET_BUFFER_LIST* NTAPI clone(NET_BUFFER_LIST* original, NDIS_HANDLE nbl_pool, NDIS_HANDLE nb_pool,
                             ULONG flags) noexcept;
void NTAPI free_clone(NET_BUFFER_LIST* nbl, ULONG flags) noexcept;

struct FragmentRequest {
    uint32_t start_offset;
    uint32_t maximum_length;
    uint32_t data_offset_delta;
    uint32_t data_back_fill;
};
NET_BUFFER_LIST* NTAPI fragment(NET_BUFFER_LIST* original, NDIS_HANDLE nbl_pool, NDIS_HANDLE nb_pool,
                                const FragmentRequest& request) noexcept;
void NTAPI free_fragment(NET_BUFFER_LIST* nbl, uint32_t data_offset_delta) noexcept;

NET_BUFFER_LIST* NTAPI reassemble(NET_BUFFER_LIST* fragments, NDIS_HANDLE pool, uint32_t start_offset,
                                  uint32_t data_offset_delta, uint32_t data_back_fill) noexcept;
void NTAPI free_reassembled(NET_BUFFER_LIST* nbl, uint32_t data_offset_delta) noexcept;

// How an NBL was made.
inline Derived derived(const NET_BUFFER_LIST* nbl) {
    return static_cast<Derived>(SlabHeader::of(nbl)->note & NblNote::derived_mask);
}
// A name for reports: "NdisFreeCloneNetBufferList" ...
const char* freeing_function(Derived how);

}  // namespace ndiskit::ndis
