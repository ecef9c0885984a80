// NET_BUFFERs: how they lie in a pool's entry, how they are reset when they are handed out, and the walk over
// their MDL chain.
//
// An entry of an NB pool, and the NB inside an NBL's entry, is a NET_BUFFER followed at once by room for one
// MDL. In a pool with data that MDL describes the entry's own data buffer; in others it serves the first MDL
// of a clone or fragment. MDLs of derived NBs that did not fit hang on NdisReserved[0], so that freeing them
// does not depend on what a driver did to the chain.
#pragma once

#include "ndis/nbl/abi.h"
#include "ndis/nbl/mdl.h"

namespace ndiskit::ndis {

struct NetBufferLayout {
    uint32_t data_size = 0;
    uint32_t data_at = 0;  // from the NET_BUFFER
    uint32_t size = 0;     // of the NET_BUFFER, its MDL and data

    static NetBufferLayout of(uint32_t data_size);
};

inline MDL* inline_mdl(NET_BUFFER* nb) { return reinterpret_cast<MDL*>(nb + 1); }

// The parts that a derived NB owns.
inline StoredMdl*& parts_of(NET_BUFFER* nb) { return reinterpret_cast<StoredMdl*&>(nb->NdisReserved[0]); }

// Formats fresh memory of the layout's size. `pool` is what NdisGetPoolFromNetBuffer gives.
void format_net_buffer(NET_BUFFER* nb, const NetBufferLayout& layout, NDIS_HANDLE pool);

// Everything that a driver may have changed is as at first; no MDL chain, no data.
inline void reset_net_buffer(NET_BUFFER* nb, NDIS_HANDLE pool) {
    __builtin_memset_inline(nb, 0, sizeof(NET_BUFFER));
    nb->NdisPoolHandle = pool;
}

// As above for a pool with data: the MDL covers the data buffer, all of which is unused data space.
inline void reset_net_buffer_with_data(NET_BUFFER* nb, const NetBufferLayout& layout, NDIS_HANDLE pool) {
    reset_net_buffer(nb, pool);
    MDL* mdl = inline_mdl(nb);
    describe_again(mdl, reinterpret_cast<std::byte*>(nb) + layout.data_at, layout.data_size);
    nb->MdlChain = nb->CurrentMdl = mdl;
    nb->DataOffset = nb->CurrentMdlOffset = layout.data_size;
}

// A place in an MDL chain. A place at the end of an MDL is the beginning of the next one, if there is one.
struct ChainPlace {
    MDL* mdl;
    uint32_t offset;
};

// Moves `place` on by `count` bytes. False when the chain is shorter.
[[gnu::always_inline]] inline bool move_on(ChainPlace& place, uint64_t count) {
    uint64_t offset = place.offset + count;
    while (place.mdl && offset >= place.mdl->ByteCount) {
        if (!place.mdl->Next) break;
        offset -= place.mdl->ByteCount;
        place.mdl = place.mdl->Next;
    }
    place.offset = static_cast<uint32_t>(offset);
    return place.mdl ? offset <= place.mdl->ByteCount : offset == 0;
}

// Where the used data space begins.
inline ChainPlace data_start(const NET_BUFFER* nb) {
    ChainPlace place{nb->CurrentMdl, nb->CurrentMdlOffset};
    move_on(place, 0);
    return place;
}

// CurrentMdl and CurrentMdlOffset from DataOffset.
void NTAPI adjust_current_mdl(NET_BUFFER* nb) noexcept;

// Calls `visit(mdl, offset, length)` for each piece of `length` bytes from `place` on; false when the chain
// ends before, or visit returns false.
template <class Visit>
[[gnu::always_inline]] inline bool for_each_piece(ChainPlace place, uint64_t length, Visit&& visit) {
    MDL* mdl = place.mdl;
    uint32_t offset = place.offset;
    while (length > 0) {
        if (!mdl) return false;
        const uint32_t here = mdl->ByteCount > offset ? mdl->ByteCount - offset : 0;
        const uint32_t piece = here < length ? here : static_cast<uint32_t>(length);
        if (piece > 0 && !visit(mdl, offset, piece)) return false;
        length -= piece;
        mdl = mdl->Next;
        offset = 0;
    }
    return true;
}

// Retreat and advance of one NB, as NdisRetreatNetBufferDataStart and NdisAdvanceNetBufferDataStart.
NDIS_STATUS NTAPI retreat(NET_BUFFER* nb, uint32_t delta, uint32_t back_fill,
                          NET_BUFFER_ALLOCATE_MDL_HANDLER allocate) noexcept;
void NTAPI advance(NET_BUFFER* nb, uint32_t delta, bool free_mdl, NET_BUFFER_FREE_MDL_HANDLER free) noexcept;

}  // namespace ndiskit::ndis
