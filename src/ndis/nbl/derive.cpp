#include "ndis/nbl/derive.h"

#include <fmt/format.h>

#include "ndis/nbl/context.h"
#include "ndis/nbl/fault.h"
#include "ndis/nbl/on_processor.h"

namespace ndiskit::ndis {
namespace {

[[gnu::noinline]] NblPool& NTAPI kit_nbl_pool() noexcept { return default_nbl_pool(); }
[[gnu::noinline]] NetBufferPool& NTAPI kit_net_buffer_pool() noexcept { return default_net_buffer_pool(); }

NblPool& nbl_pool_of(NDIS_HANDLE handle) { return handle ? NblPool::from(handle) : kit_nbl_pool(); }

// Makes one derived NBL on one processor, NB by NB.
class Builder {
  public:
    [[gnu::always_inline]] Builder(Derived how, NblPool& pool, NDIS_HANDLE nb_pool, unsigned processor)
        : processor_(processor),
          nb_pool_(nb_pool ? &NetBufferPool::from(nb_pool) : nullptr),
          nbl_(pool.take(processor)) {
        if (!nbl_) return;
        SlabHeader::of(nbl_)->note = static_cast<uint32_t>(how);
        // The NBL's own NB serves unless the caller wants NBs of a pool of theirs.
        if (!nb_pool_ && pool.has_net_buffer()) own_ = NblPool::own_net_buffer(nbl_);
        inline_is_free_in_own_ = !pool.has_data();
        nbl_->FirstNetBuffer = nullptr;
    }

    explicit operator bool() const { return nbl_; }

    // The next NB, without data; null when out of memory.
    [[gnu::always_inline]] NET_BUFFER* add() {
        NET_BUFFER* nb;
        if (own_) {
            nb = std::exchange(own_, nullptr);
            reset_net_buffer(nb, nbl_->NdisPoolHandle);
            inline_is_free_ = inline_is_free_in_own_;
        } else {
            NetBufferPool& pool = nb_pool_ ? *nb_pool_ : kit_net_buffer_pool();
            nb = pool.take(processor_);
            if (!nb) return nullptr;
            if (pool.has_data()) reset_net_buffer(nb, &pool);
            inline_is_free_ = !pool.has_data();
        }
        if (last_)
            last_->Next = nb;
        else
            nbl_->FirstNetBuffer = nb;
        last_ = nb;
        last_mdl_ = nullptr;
        return nb;
    }

    // Appends `length` bytes of `source`, from `offset` in its used data space on, to the last NB.
    [[gnu::always_inline]] bool append(NET_BUFFER* source, uint32_t offset, uint32_t length) {
        if (length == 0) return true;
        ChainPlace place{source->CurrentMdl, source->CurrentMdlOffset};
        move_on(place, offset);
        return append(place, length);
    }
    [[gnu::always_inline]] bool append(ChainPlace place, uint32_t length) {
        const bool whole = for_each_piece(
            place, length, [&](MDL * mdl, uint32_t offset, uint32_t piece) __attribute__((always_inline)) {
                return append_piece(mdl, offset, piece);
            });
        last_->DataLength += length;
        return whole;
    }

    unsigned processor() const { return processor_; }
    NET_BUFFER_LIST* finish() { return nbl_; }

  private:
    [[gnu::always_inline]] bool append_piece(MDL* source, uint32_t offset, uint32_t length) {
        const uint32_t frames =
            frames_spanned(static_cast<std::byte*>(MmGetMdlVirtualAddress(source)) + offset, length);
        MDL* mdl;
        if (inline_is_free_ && frames <= inline_frames) {
            inline_is_free_ = false;
            mdl = inline_mdl(last_);
        } else {
            StoredMdl* part = take_part(frames, processor_);
            if (!part) return false;
            part->next = parts_of(last_);
            parts_of(last_) = part;
            mdl = &part->mdl;
        }
        describe_part(mdl, source, offset, length);
        if (last_mdl_)
            last_mdl_->Next = mdl;
        else
            last_->MdlChain = last_->CurrentMdl = mdl;
        last_mdl_ = mdl;
        return true;
    }

    const unsigned processor_;
    NetBufferPool* const nb_pool_;
    NET_BUFFER_LIST* const nbl_;
    NET_BUFFER* own_ = nullptr;  // while unused
    NET_BUFFER* last_ = nullptr;
    MDL* last_mdl_ = nullptr;
    bool inline_is_free_in_own_ = false;
    bool inline_is_free_ = false;
};

// Frees a derived NBL with all that was made for it.
[[gnu::always_inline]] inline void release(NET_BUFFER_LIST* nbl, unsigned processor) {
    NblPool& pool = NblPool::of(nbl);
    for (NET_BUFFER* nb = nbl->FirstNetBuffer; nb;) {
        NET_BUFFER* next = nb->Next;
        if (StoredMdl* parts = parts_of(nb)) {
            parts_of(nb) = nullptr;
            give_parts(parts, processor);
        }
        if (SlabHeader::of(nb)->state != SlabHeader::part(SlabKind::net_buffer)) {
            if (!SlabPool::is_live(nb, SlabKind::net_buffer)) bad_free(nb, SlabKind::net_buffer);
            static_cast<NetBufferPool*>(nb->NdisPoolHandle)->give(nb, processor);
        }
        nb = next;
    }
    if (nbl->Context) free_context(pool, nbl, processor);
    pool.give(nbl, processor);
}

[[noreturn, gnu::cold, gnu::noinline]] void NTAPI refuse_free(NET_BUFFER_LIST* nbl, Derived how) noexcept {
    const Derived is = derived(nbl);
    if (freeing_function(is) == freeing_function(how))
        misuse(fmt::format("clone {} is freed with other flags than it was allocated with "
                           "(NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS)",
                           static_cast<void*>(nbl)),
               nbl);
    misuse(fmt::format("NET_BUFFER_LIST {} is freed with {}, but must be freed with {}",
                       static_cast<void*>(nbl), freeing_function(how), freeing_function(is)),
           nbl);
}

[[gnu::always_inline]] inline void check_derived(NET_BUFFER_LIST* nbl, Derived how) {
    if (!SlabPool::is_live(nbl, SlabKind::nbl)) [[unlikely]]
        bad_free(nbl, SlabKind::nbl);
    if (derived(nbl) != how) [[unlikely]]
        refuse_free(nbl, how);
}

void take_back_headers(NET_BUFFER_LIST* nbl, uint32_t data_offset_delta) {
    if (data_offset_delta == 0) return;
    for (NET_BUFFER* nb = nbl->FirstNetBuffer; nb; nb = nb->Next)
        advance(nb, data_offset_delta, true, nullptr);
}

// Frees what is built so far; gives null.
[[gnu::cold, gnu::noinline]] NET_BUFFER_LIST* NTAPI give_up(Builder& builder) noexcept {
    // Retreats so far, if any, were of NBs that are whole.
    for (NET_BUFFER* nb = builder.finish()->FirstNetBuffer; nb; nb = nb->Next)
        if (nb->MdlChain && (nb->MdlChain->MdlFlags & MDL_NETWORK_HEADER)) {
            MDL* header = nb->MdlChain;
            nb->MdlChain = header->Next;
            give_header(header, builder.processor());
        }
    release(builder.finish(), builder.processor());
    return nullptr;
}

void share_mdls(NET_BUFFER* to, const NET_BUFFER* from) {
    to->MdlChain = from->MdlChain;
    to->CurrentMdl = from->CurrentMdl;
    to->CurrentMdlOffset = from->CurrentMdlOffset;
    to->DataOffset = from->DataOffset;
    to->DataLength = from->DataLength;
}

}  // namespace

const char* freeing_function(Derived how) {
    switch (how) {
        case Derived::no:
            return "NdisFreeNetBufferList";
        case Derived::clone:
        case Derived::clone_of_mdls:
            return "NdisFreeCloneNetBufferList";
        case Derived::fragment:
            return "NdisFreeFragmentNetBufferList";
        case Derived::reassembled:
            return "NdisFreeReassembledNetBufferList";
    }
    return "another function";
}

NET_BUFFER_LIST* NTAPI clone(NET_BUFFER_LIST* original, NDIS_HANDLE nbl_pool, NDIS_HANDLE nb_pool,
                             ULONG flags) noexcept {
    const bool same_mdls = flags & NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS;
    OnProcessor processor;
    Builder builder(same_mdls ? Derived::clone_of_mdls : Derived::clone, nbl_pool_of(nbl_pool), nb_pool,
                    processor.number());
    if (!builder) return nullptr;
    for (NET_BUFFER* source = original->FirstNetBuffer; source; source = source->Next) {
        NET_BUFFER* nb = builder.add();
        if (!nb) return give_up(builder);
        nb->ChecksumBias = source->ChecksumBias;
        if (same_mdls)
            share_mdls(nb, source);
        else if (!builder.append({source->CurrentMdl, source->CurrentMdlOffset}, source->DataLength))
            return give_up(builder);
    }
    return builder.finish();
}

void NTAPI free_clone(NET_BUFFER_LIST* nbl, ULONG flags) noexcept {
    check_derived(nbl, flags & NDIS_CLONE_FLAGS_USE_ORIGINAL_MDLS ? Derived::clone_of_mdls : Derived::clone);
    OnProcessor processor;
    release(nbl, processor.number());
}

NET_BUFFER_LIST* NTAPI fragment(NET_BUFFER_LIST* original, NDIS_HANDLE nbl_pool, NDIS_HANDLE nb_pool,
                                const FragmentRequest& request) noexcept {
    if (request.maximum_length == 0) return nullptr;
    OnProcessor processor;
    Builder builder(Derived::fragment, nbl_pool_of(nbl_pool), nb_pool, processor.number());
    if (!builder) return nullptr;
    for (NET_BUFFER* source = original->FirstNetBuffer; source; source = source->Next) {
        for (uint64_t at = request.start_offset; at < source->DataLength; at += request.maximum_length) {
            const uint64_t rest = source->DataLength - at;
            const uint32_t length = static_cast<uint32_t>(std::min<uint64_t>(rest, request.maximum_length));
            NET_BUFFER* nb = builder.add();
            if (!nb || !builder.append(source, static_cast<uint32_t>(at), length)) return give_up(builder);
            if (retreat(nb, request.data_offset_delta, request.data_back_fill, nullptr) !=
                NDIS_STATUS_SUCCESS)
                return give_up(builder);
        }
    }
    return builder.finish();
}

void NTAPI free_fragment(NET_BUFFER_LIST* nbl, uint32_t data_offset_delta) noexcept {
    check_derived(nbl, Derived::fragment);
    OnProcessor processor;
    take_back_headers(nbl, data_offset_delta);
    release(nbl, processor.number());
}

NET_BUFFER_LIST* NTAPI reassemble(NET_BUFFER_LIST* fragments, NDIS_HANDLE pool_handle, uint32_t start_offset,
                                  uint32_t data_offset_delta, uint32_t data_back_fill) noexcept {
    NblPool& pool = nbl_pool_of(pool_handle);
    if (!pool.has_net_buffer() || pool.has_data()) return nullptr;
    OnProcessor processor;
    Builder builder(Derived::reassembled, pool, nullptr, processor.number());
    if (!builder) return nullptr;
    NET_BUFFER* nb = builder.add();
    if (!nb) return give_up(builder);
    for (NET_BUFFER* source = fragments->FirstNetBuffer; source; source = source->Next) {
        if (source->DataLength <= start_offset) continue;
        if (!builder.append(source, start_offset, source->DataLength - start_offset)) return give_up(builder);
    }
    if (retreat(nb, data_offset_delta, data_back_fill, nullptr) != NDIS_STATUS_SUCCESS)
        return give_up(builder);
    return builder.finish();
}

void NTAPI free_reassembled(NET_BUFFER_LIST* nbl, uint32_t data_offset_delta) noexcept {
    check_derived(nbl, Derived::reassembled);
    OnProcessor processor;
    take_back_headers(nbl, data_offset_delta);
    release(nbl, processor.number());
}

}  // namespace ndiskit::ndis
