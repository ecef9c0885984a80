#include "ndis/nbl/pool.h"

#include <fmt/format.h>

#include "base/log.h"
#include "ndis/nbl/fault.h"
#include "ndis/nbl/report.h"
#include "nt/pool/pool.h"

namespace ndiskit::ndis {
namespace {

constexpr ULONG internal_tag = 'pNdN';

uint16_t whole_context(uint16_t size) {
    return static_cast<uint16_t>((size + MEMORY_ALLOCATION_ALIGNMENT - 1) &
                                 ~(MEMORY_ALLOCATION_ALIGNMENT - 1));
}

constexpr size_t nbl_and_net_buffer = sizeof(NET_BUFFER_LIST) + sizeof(SlabHeader);

}  // namespace

PacketPool::PacketPool(Kind kind, ULONG tag, NDIS_HANDLE owner, const void* caller)
    : kind_(kind), tag_(tag), owner_(owner), caller_(caller) {
    register_pool(*this);
}

PacketPool::~PacketPool() {
    deregister_pool(*this);
    kind_ = Kind{};
}

std::string PacketPool::name() const {
    return fmt::format("{} pool '{}' of {}", kind_ == Kind::nbl ? "NET_BUFFER_LIST" : "NET_BUFFER",
                       nt::pool_tag_text(tag_), owner_name(owner_, caller_));
}

void PacketPool::check_nothing_outstanding(const SlabPool& slab) const {
    const uint64_t outstanding = slab.counts().outstanding();
    if (outstanding == 0) return;
    const void* first = nullptr;
    slab.for_each_live([&](void* object) {
        if (!first) first = object;
    });
    leaked(name(), outstanding, first);
}

NetBufferPool::NetBufferPool(const NET_BUFFER_POOL_PARAMETERS& parameters, NDIS_HANDLE owner,
                             const void* caller, unsigned processors)
    : PacketPool(Kind::net_buffer, parameters.PoolTag, owner, caller),
      layout_(NetBufferLayout::of(parameters.DataSize)),
      slab_({.kind = SlabKind::net_buffer,
             .object_size = layout_.size,
             .format =
                 [](void* object, const void* context) {
                     auto* pool = static_cast<const NetBufferPool*>(context);
                     format_net_buffer(static_cast<NET_BUFFER*>(object), pool->layout_,
                                       const_cast<NetBufferPool*>(pool));
                 },
             .format_context = this},
            processors) {}

NetBufferPool::~NetBufferPool() { check_nothing_outstanding(slab_); }

void NTAPI NetBufferPool::refuse(NDIS_HANDLE handle) noexcept { bad_pool_handle(handle, "NET_BUFFER"); }

NblPool::NblPool(const NET_BUFFER_LIST_POOL_PARAMETERS& parameters, NDIS_HANDLE owner, const void* caller,
                 unsigned processors)
    : PacketPool(Kind::nbl, parameters.PoolTag, owner, caller),
      has_net_buffer_(parameters.fAllocateNetBuffer),
      context_capacity_(whole_context(parameters.ContextSize)),
      nb_layout_(has_net_buffer_ ? NetBufferLayout::of(parameters.DataSize) : NetBufferLayout{}),
      context_at_(static_cast<uint32_t>(
          ((has_net_buffer_ ? nbl_and_net_buffer + nb_layout_.size : sizeof(NET_BUFFER_LIST)) + 15) &
          ~size_t{15})),
      protocol_id_(reinterpret_cast<void*>(uintptr_t{parameters.ProtocolId})),
      slab_({.kind = SlabKind::nbl, .object_size = object_size(), .format = format, .format_context = this},
            processors) {}

NblPool::~NblPool() { check_nothing_outstanding(slab_); }

void NTAPI NblPool::refuse(NDIS_HANDLE handle) noexcept { bad_pool_handle(handle, "NET_BUFFER_LIST"); }

size_t NblPool::object_size() const {
    return context_at_ + (context_capacity_ > 0 ? sizeof(NET_BUFFER_LIST_CONTEXT) + context_capacity_ : 0);
}

void NblPool::format(void* object, const void* context) {
    auto* pool = const_cast<NblPool*>(static_cast<const NblPool*>(context));
    auto* nbl = static_cast<NET_BUFFER_LIST*>(object);
    nbl->NdisPoolHandle = pool;
    if (!pool->has_net_buffer_) return;
    NET_BUFFER* nb = own_net_buffer(nbl);
    *SlabHeader::of(nb) = SlabHeader{.state = SlabHeader::part(SlabKind::net_buffer), .pool = &pool->slab_};
    format_net_buffer(nb, pool->nb_layout_, pool);
}

NblPool& default_nbl_pool() {
    static const NET_BUFFER_LIST_POOL_PARAMETERS parameters = [] {
        NET_BUFFER_LIST_POOL_PARAMETERS p{};
        p.fAllocateNetBuffer = TRUE;
        p.PoolTag = internal_tag;
        return p;
    }();
    static NblPool pool(parameters, nullptr, nullptr, most_processors);
    return pool;
}

NetBufferPool& default_net_buffer_pool() {
    static const NET_BUFFER_POOL_PARAMETERS parameters = [] {
        NET_BUFFER_POOL_PARAMETERS p{};
        p.PoolTag = internal_tag;
        return p;
    }();
    static NetBufferPool pool(parameters, nullptr, nullptr, most_processors);
    return pool;
}

}  // namespace ndiskit::ndis
