// Chains of NET_BUFFER_LIST structures, and the pools they come from.
#pragma once

#include <ndis.h>

namespace ndisxx {

// A chain under construction: appended to at the end, taken as a whole.
class NblChain {
  public:
    bool empty() const noexcept { return first_ == nullptr; }
    ULONG count() const noexcept { return count_; }
    NET_BUFFER_LIST* first() const noexcept { return first_; }

    // Takes one NBL; its Next is overwritten.
    void append(NET_BUFFER_LIST* nbl) noexcept {
        NET_BUFFER_LIST_NEXT_NBL(nbl) = nullptr;
        *end_ = nbl;
        end_ = &NET_BUFFER_LIST_NEXT_NBL(nbl);
        ++count_;
    }
    // Takes a whole chain of which the length does not matter to the caller.
    void append_chain(NET_BUFFER_LIST* chain) noexcept {
        while (chain) {
            NET_BUFFER_LIST* next = NET_BUFFER_LIST_NEXT_NBL(chain);
            append(chain);
            chain = next;
        }
    }
    // Gives the chain away; this one is empty afterwards.
    NET_BUFFER_LIST* take() noexcept {
        NET_BUFFER_LIST* chain = first_;
        first_ = nullptr;
        end_ = &first_;
        count_ = 0;
        return chain;
    }

    NblChain() noexcept : end_(&first_) {}
    NblChain(const NblChain&) = delete;
    NblChain& operator=(const NblChain&) = delete;

  private:
    NET_BUFFER_LIST* first_ = nullptr;
    NET_BUFFER_LIST** end_;
    ULONG count_ = 0;
};

// Calls `visit(nbl)` for each NBL of a chain; the visitor may unlink or free the one it gets.
template <class Visit>
void for_each_nbl(NET_BUFFER_LIST* chain, Visit&& visit) noexcept {
    while (chain) {
        NET_BUFFER_LIST* next = NET_BUFFER_LIST_NEXT_NBL(chain);
        visit(chain);
        chain = next;
    }
}

// A pool of NBLs that each come with one NET_BUFFER.
class NblPool {
  public:
    NblPool() = default;
    NblPool(const NblPool&) = delete;
    NblPool& operator=(const NblPool&) = delete;
    ~NblPool() { free(); }

    NDIS_STATUS initialize(NDIS_HANDLE owner, ULONG tag, USHORT context_size = 0) noexcept {
        NET_BUFFER_LIST_POOL_PARAMETERS parameters = {};
        parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
        parameters.Header.Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
        parameters.Header.Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
        parameters.ProtocolId = NDIS_PROTOCOL_ID_DEFAULT;
        parameters.fAllocateNetBuffer = TRUE;
        parameters.ContextSize = context_size;
        parameters.PoolTag = tag;
        pool_ = NdisAllocateNetBufferListPool(owner, &parameters);
        return pool_ ? NDIS_STATUS_SUCCESS : NDIS_STATUS_RESOURCES;
    }
    void free() noexcept {
        if (pool_) NdisFreeNetBufferListPool(pool_);
        pool_ = nullptr;
    }

    // An NBL that shares the data of `original`, which becomes its parent; null when there is no memory.
    NET_BUFFER_LIST* clone(NET_BUFFER_LIST* original) noexcept {
        NET_BUFFER_LIST* clone =
            NdisAllocateCloneNetBufferList(original, pool_, nullptr, NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS);
        if (clone) clone->ParentNetBufferList = original;
        return clone;
    }
    static void free_clone(NET_BUFFER_LIST* clone) noexcept {
        NdisFreeCloneNetBufferList(clone, NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS);
    }

  private:
    NDIS_HANDLE pool_ = nullptr;
};

// The first `size` bytes of the frame, in place when they are contiguous, otherwise copied to `storage`; null
// when the frame is shorter.
inline const UCHAR* frame_start(NET_BUFFER_LIST* nbl, ULONG size, UCHAR* storage) noexcept {
    NET_BUFFER* nb = NET_BUFFER_LIST_FIRST_NB(nbl);
    return static_cast<const UCHAR*>(NdisGetDataBuffer(nb, size, storage, 1, 0));
}

}  // namespace ndisxx
