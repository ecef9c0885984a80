#include "edge/frame_slab.h"

#include "base/assert.h"

namespace ndiskit::edge {

bool FrameSlab::create(NDIS_HANDLE owner, uint32_t count, uint32_t size, std::span<uint8_t> memory) {
    NET_BUFFER_LIST_POOL_PARAMETERS parameters{};
    parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    parameters.Header.Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    parameters.Header.Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    parameters.fAllocateNetBuffer = TRUE;
    parameters.PoolTag = 'rFkN';
    pool_ = NdisAllocateNetBufferListPool(owner, &parameters);
    if (!pool_) return false;
    size_ = size;
    stamps_.assign(count, 0);
    if (memory.empty()) {
        own_memory_ = std::make_unique_for_overwrite<uint8_t[]>(size_t{count} * size);
        memory = {own_memory_.get(), size_t{count} * size};
    }
    for (uint32_t i = 0; i < count; ++i) {
        uint8_t* buffer = memory.data() + size_t{i} * size;
        MDL* mdl = NdisAllocateMdl(owner, buffer, size);
        NET_BUFFER_LIST* nbl = mdl ? NdisAllocateNetBufferAndNetBufferList(pool_, 0, 0, mdl, 0, 0) : nullptr;
        if (!nbl) {
            if (mdl) NdisFreeMdl(mdl);
            destroy();
            return false;
        }
        nbl->SourceHandle = owner;
        words(nbl)[0] = reinterpret_cast<PVOID>(uintptr_t{i});
        words(nbl)[1] = buffer;
        nbls_.push_back(nbl);
    }
    // The first buffer on top.
    free_.with([&](auto& free) { free.assign(nbls_.rbegin(), nbls_.rend()); });
    return true;
}

void FrameSlab::destroy() {
    for (NET_BUFFER_LIST* nbl : nbls_) {
        MDL* mdl = NET_BUFFER_FIRST_MDL(NET_BUFFER_LIST_FIRST_NB(nbl));
        NdisFreeNetBufferList(nbl);
        NdisFreeMdl(mdl);
    }
    nbls_.clear();
    free_.with([](auto& free) { free.clear(); });
    if (pool_) NdisFreeNetBufferListPool(pool_);
    pool_ = nullptr;
    own_memory_.reset();
}

NET_BUFFER_LIST* FrameSlab::take() {
    return free_.with([](auto& free) -> NET_BUFFER_LIST* {
        if (free.empty()) return nullptr;
        NET_BUFFER_LIST* nbl = free.back();
        free.pop_back();
        return nbl;
    });
}

void FrameSlab::give_back(NET_BUFFER_LIST* chain) {
    free_.with([&](auto& free) {
        for (NET_BUFFER_LIST* nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl)) free.push_back(nbl);
    });
}

void FrameSlab::set_data(NET_BUFFER_LIST* nbl, uint32_t offset, uint32_t length) {
    NET_BUFFER* nb = NET_BUFFER_LIST_FIRST_NB(nbl);
    NET_BUFFER_DATA_OFFSET(nb) = offset;
    NET_BUFFER_CURRENT_MDL_OFFSET(nb) = offset;
    NET_BUFFER_CURRENT_MDL(nb) = NET_BUFFER_FIRST_MDL(nb);
    NET_BUFFER_DATA_LENGTH(nb) = length;
    NET_BUFFER_LIST_NEXT_NBL(nbl) = nullptr;
    NET_BUFFER_LIST_STATUS(nbl) = NDIS_STATUS_SUCCESS;
    NET_BUFFER_LIST_INFO(nbl, TcpIpChecksumNetBufferListInfo) = nullptr;
    NET_BUFFER_LIST_INFO(nbl, TcpRecvSegCoalesceInfo) = nullptr;
}

}  // namespace ndiskit::edge
