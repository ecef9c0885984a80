// NBL pools and NB pools: what the handles of NdisAllocateNetBufferListPool and NdisAllocateNetBufferPool
// are.
//
// An entry of an NBL pool is, in one piece and in this order: the NET_BUFFER_LIST; where the pool allocates
// NBs, the NET_BUFFER with its MDL (and data, see net_buffer.h); the NET_BUFFER_LIST_CONTEXT with the pool's
// context space. Entries stay formatted while they are free, so handing one out writes the NBL's and the NB's
// own lines and nothing else.
//
// `note` in an NBL's header tells how it was made, so that the wrong free function is caught, and where its
// contexts came from.
#pragma once

#include <string>

#include "ndis/nbl/net_buffer.h"

namespace ndiskit::ndis {

enum class Derived : uint32_t { no, clone, clone_of_mdls, fragment, reassembled };

// Layout of SlabHeader::note of an NBL.
struct NblNote {
    static constexpr uint32_t derived_mask = 0x7;
    static constexpr uint32_t initial_inline = 0x10;  // the first context is the entry's own
    static constexpr uint32_t initial_stored = 0x20;  // the first context came from the context store
    static constexpr uint32_t extra_inline = 0x40;    // NdisAllocateNetBufferListContext took the entry's own
};

// What both kinds of pool have: who made them, and their place in the report.
class PacketPool {
  public:
    enum class Kind : uint32_t { nbl = 0x4c626c50, net_buffer = 0x426e6c50 };

    PacketPool(Kind kind, ULONG tag, NDIS_HANDLE owner, const void* caller);
    // Not virtual: the concrete pools are deleted as what they are. Bug checks when something is outstanding.
    ~PacketPool();
    PacketPool(const PacketPool&) = delete;
    PacketPool& operator=(const PacketPool&) = delete;

    bool is(Kind kind) const { return kind_ == kind; }
    Kind kind() const { return kind_; }
    ULONG tag() const { return tag_; }
    NDIS_HANDLE owner() const { return owner_; }
    // An address in the code that made the pool, or null.
    const void* caller() const { return caller_; }
    std::string name() const;
    // True once in the pool's life: for warnings that would otherwise come per packet.
    bool first_warning() { return !warned_.exchange(true, std::memory_order_relaxed); }

  protected:
    void check_nothing_outstanding(const SlabPool& slab) const;

  private:
    Kind kind_;  // first: overwritten when the pool is freed, so that a stale handle is seen
    const ULONG tag_;
    const NDIS_HANDLE owner_;
    const void* const caller_;
    std::atomic<bool> warned_ = false;
};

class NetBufferPool : public PacketPool {
  public:
    NetBufferPool(const NET_BUFFER_POOL_PARAMETERS& parameters, NDIS_HANDLE owner, const void* caller,
                  unsigned processors);
    ~NetBufferPool();

    static NetBufferPool& from(NDIS_HANDLE handle) {
        auto* pool = static_cast<NetBufferPool*>(handle);
        if (!pool || !pool->is(Kind::net_buffer)) [[unlikely]]
            refuse(handle);
        return *pool;
    }

    bool has_data() const { return layout_.data_size > 0; }
    uint32_t data_size() const { return layout_.data_size; }
    const SlabPool& slab() const { return slab_; }

    // A NET_BUFFER without MDLs; in a pool with data, with its MDL and data. Null when out of memory.
    NET_BUFFER* take(unsigned processor) {
        auto* nb = static_cast<NET_BUFFER*>(slab_.take(processor));
        if (!nb) [[unlikely]]
            return nullptr;
        if (has_data())
            reset_net_buffer_with_data(nb, layout_, this);
        else
            reset_net_buffer(nb, this);
        return nb;
    }
    void give(NET_BUFFER* nb, unsigned processor) { slab_.give(nb, processor); }

  private:
    [[noreturn]] static void NTAPI refuse(NDIS_HANDLE handle) noexcept;

    const NetBufferLayout layout_;
    SlabPool slab_;
};

class NblPool : public PacketPool {
  public:
    NblPool(const NET_BUFFER_LIST_POOL_PARAMETERS& parameters, NDIS_HANDLE owner, const void* caller,
            unsigned processors);
    ~NblPool();

    static NblPool& from(NDIS_HANDLE handle) {
        auto* pool = static_cast<NblPool*>(handle);
        if (!pool || !pool->is(Kind::nbl)) [[unlikely]]
            refuse(handle);
        return *pool;
    }
    // The pool of a live NBL.
    static NblPool& of(const NET_BUFFER_LIST* nbl) { return *static_cast<NblPool*>(nbl->NdisPoolHandle); }

    bool has_net_buffer() const { return has_net_buffer_; }
    bool has_data() const { return nb_layout_.data_size > 0; }
    uint32_t data_size() const { return nb_layout_.data_size; }
    uint16_t context_capacity() const { return context_capacity_; }
    const SlabPool& slab() const { return slab_; }

    // An NBL without context; with its NET_BUFFER where the pool has them. Null when out of memory.
    NET_BUFFER_LIST* take(unsigned processor) {
        auto* nbl = static_cast<NET_BUFFER_LIST*>(slab_.take(processor));
        if (!nbl) [[unlikely]]
            return nullptr;
        SlabHeader::of(nbl)->note = 0;
        __builtin_memset_inline(nbl, 0, sizeof(NET_BUFFER_LIST));
        nbl->NdisPoolHandle = this;
        nbl->NetBufferListInfo[NetBufferListProtocolId] = protocol_id_;
        if (has_net_buffer_) {
            NET_BUFFER* nb = own_net_buffer(nbl);
            nbl->FirstNetBuffer = nb;
            if (has_data())
                reset_net_buffer_with_data(nb, nb_layout_, this);
            else
                reset_net_buffer(nb, this);
        }
        return nbl;
    }
    void give(NET_BUFFER_LIST* nbl, unsigned processor) { slab_.give(nbl, processor); }

    // The parts of an NBL's entry; only where the pool has them.
    static NET_BUFFER* own_net_buffer(NET_BUFFER_LIST* nbl) {
        return reinterpret_cast<NET_BUFFER*>(reinterpret_cast<SlabHeader*>(nbl + 1) + 1);
    }
    NET_BUFFER_LIST_CONTEXT* own_context(NET_BUFFER_LIST* nbl) const {
        return reinterpret_cast<NET_BUFFER_LIST_CONTEXT*>(reinterpret_cast<std::byte*>(nbl) + context_at_);
    }

  private:
    [[noreturn]] static void NTAPI refuse(NDIS_HANDLE handle) noexcept;
    size_t object_size() const;
    static void format(void* object, const void* pool);

    const bool has_net_buffer_;
    const uint16_t context_capacity_;
    const NetBufferLayout nb_layout_;
    const uint32_t context_at_;  // from the NBL
    void* const protocol_id_;    // as it stands in NetBufferListInfo
    SlabPool slab_;
};

// The pools that serve callers who name none.
NblPool& default_nbl_pool();  // allocates NBs, no data
NetBufferPool& default_net_buffer_pool();

}  // namespace ndiskit::ndis
