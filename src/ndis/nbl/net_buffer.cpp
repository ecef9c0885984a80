#include "ndis/nbl/net_buffer.h"

namespace ndiskit::ndis {

NetBufferLayout NetBufferLayout::of(uint32_t data_size) {
    NetBufferLayout layout{.data_size = data_size};
    const uint32_t frames = data_size > 0 ? data_size / PAGE_SIZE + 2 : inline_frames;
    const size_t end_of_mdl = sizeof(NET_BUFFER) + mdl_size_for(frames);
    // Data begins on a cache line where the NET_BUFFER begins 16 bytes behind one, as entries do.
    const size_t data_at =
        data_size > 0 ? (end_of_mdl + sizeof(SlabHeader) + cache_line - 1) / cache_line * cache_line -
                            sizeof(SlabHeader)
                      : end_of_mdl;
    layout.data_at = static_cast<uint32_t>(data_at);
    layout.size = static_cast<uint32_t>(data_at + data_size);
    return layout;
}

void format_net_buffer(NET_BUFFER* nb, const NetBufferLayout& layout, NDIS_HANDLE pool) {
    reset_net_buffer(nb, pool);
    if (layout.data_size > 0)
        describe(inline_mdl(nb), reinterpret_cast<std::byte*>(nb) + layout.data_at, layout.data_size);
}

void NTAPI adjust_current_mdl(NET_BUFFER* nb) noexcept {
    ChainPlace place{nb->MdlChain, 0};
    move_on(place, nb->DataOffset);
    nb->CurrentMdl = place.mdl;
    nb->CurrentMdlOffset = place.offset;
}

}  // namespace ndiskit::ndis
