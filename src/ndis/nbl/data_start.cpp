// Retreat and advance: moving the beginning of a NET_BUFFER's used data space.
//
// A retreat first eats into the unused data space. What it needs beyond, it takes from a new MDL at the front
// of the chain, with `DataOffsetDelta + DataBackFill` bytes behind it: the end of that memory becomes used
// data space, so that the data stays contiguous along the chain; the rest is back fill. Such MDLs carry
// MDL_NETWORK_HEADER, and an advance with FreeMdl frees those of them, and only those, that it left without
// data.

#include <fmt/format.h>

#include "ndis/nbl/fault.h"
#include "ndis/nbl/net_buffer.h"
#include "ndis/nbl/on_processor.h"

namespace ndiskit::ndis {
namespace {

[[gnu::noinline]] NDIS_STATUS NTAPI retreat_into_new_mdl(NET_BUFFER* nb, uint32_t delta, uint32_t back_fill,
                                                         NET_BUFFER_ALLOCATE_MDL_HANDLER allocate) noexcept {
    const uint64_t wanted = uint64_t{delta} + back_fill;
    if (wanted > UINT32_MAX || uint64_t{nb->DataLength} + delta > UINT32_MAX) return NDIS_STATUS_FAILURE;
    MDL* mdl;
    if (allocate) {
        ULONG size = static_cast<ULONG>(wanted);
        mdl = allocate(&size);
        // A handler may give more room than asked for, never less.
        if (mdl && mdl->ByteCount < wanted) return NDIS_STATUS_FAILURE;
    } else {
        OnProcessor processor;
        mdl = take_header(static_cast<uint32_t>(wanted), processor.number());
    }
    if (!mdl) return NDIS_STATUS_RESOURCES;
    const uint32_t missing = delta - nb->DataOffset;
    mdl->MdlFlags |= MDL_NETWORK_HEADER;
    mdl->Next = nb->MdlChain;
    nb->MdlChain = nb->CurrentMdl = mdl;
    nb->DataOffset = nb->CurrentMdlOffset = mdl->ByteCount - missing;
    nb->DataLength += delta;
    return NDIS_STATUS_SUCCESS;
}

[[gnu::noinline]] void NTAPI free_unused_mdls(NET_BUFFER* nb, NET_BUFFER_FREE_MDL_HANDLER free) noexcept {
    while (MDL* mdl = nb->MdlChain) {
        if (!(mdl->MdlFlags & MDL_NETWORK_HEADER) || nb->DataOffset < mdl->ByteCount) return;
        nb->MdlChain = mdl->Next;
        nb->DataOffset -= mdl->ByteCount;
        mdl->Next = nullptr;
        if (nb->CurrentMdl == mdl) adjust_current_mdl(nb);
        mdl->MdlFlags &= static_cast<CSHORT>(~MDL_NETWORK_HEADER);
        if (free) {
            free(mdl);
        } else {
            OnProcessor processor;
            give_header(mdl, processor.number());
        }
    }
}

[[noreturn, gnu::cold, gnu::noinline]] void NTAPI refuse_advance(NET_BUFFER* nb, uint32_t delta) noexcept {
    misuse(fmt::format("the data start of NET_BUFFER {} is advanced by {} bytes, of which it has only {}",
                       static_cast<void*>(nb), delta, nb->DataLength),
           nb);
}

}  // namespace

NDIS_STATUS NTAPI retreat(NET_BUFFER* nb, uint32_t delta, uint32_t back_fill,
                          NET_BUFFER_ALLOCATE_MDL_HANDLER allocate) noexcept {
    if (delta > nb->DataOffset) return retreat_into_new_mdl(nb, delta, back_fill, allocate);
    nb->DataOffset -= delta;
    nb->DataLength += delta;
    if (delta <= nb->CurrentMdlOffset) [[likely]]
        nb->CurrentMdlOffset -= delta;
    else
        adjust_current_mdl(nb);
    return NDIS_STATUS_SUCCESS;
}

void NTAPI advance(NET_BUFFER* nb, uint32_t delta, bool free_mdl, NET_BUFFER_FREE_MDL_HANDLER free) noexcept {
    if (delta > nb->DataLength) [[unlikely]]
        refuse_advance(nb, delta);
    nb->DataOffset += delta;
    nb->DataLength -= delta;
    ChainPlace place{nb->CurrentMdl, nb->CurrentMdlOffset};
    move_on(place, delta);
    nb->CurrentMdl = place.mdl;
    nb->CurrentMdlOffset = place.offset;
    if (free_mdl) free_unused_mdls(nb, free);
}

}  // namespace ndiskit::ndis
