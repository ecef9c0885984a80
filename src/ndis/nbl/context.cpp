#include "ndis/nbl/context.h"

#include <fmt/format.h>

#include "base/log.h"
#include "ndis/nbl/fault.h"
#include "ndis/nbl/on_processor.h"
#include "nt/pool/pool.h"

namespace ndiskit::ndis {
namespace {

constexpr uint32_t store_sizes[context_store_count] = {64, 192, 448, 960};
constexpr uint32_t heap_note = 1;  // in SlabHeader::note: the block is from nonpaged pool
constexpr ULONG heap_tag = 'cNdN';

using Block = NET_BUFFER_LIST_CONTEXT;

void begin(Block* block, Block* next, uint32_t size, uint32_t used) {
    block->Next = next;
    block->Size = static_cast<USHORT>(size);
    block->Offset = static_cast<USHORT>(size - used);
}

Block* take_block(uint32_t size, unsigned processor) {
    for (unsigned i = 0; i < context_store_count; i++)
        if (size <= store_sizes[i]) return static_cast<Block*>(context_store(i).take(processor));
    auto* header = static_cast<SlabHeader*>(nt::pool_allocate(
        nt::PoolKind::nonpaged, sizeof(SlabHeader) + sizeof(Block) + size, heap_tag, nullptr));
    if (!header) return nullptr;
    *header = SlabHeader{.state = SlabHeader::live(SlabKind::context), .note = heap_note};
    return static_cast<Block*>(header->object());
}

void give_block(Block* block, unsigned processor) {
    if (!SlabPool::is_live(block, SlabKind::context)) bad_free(block, SlabKind::context);
    SlabHeader* header = SlabHeader::of(block);
    if (header->note != heap_note) return header->pool->give(block, processor);
    header->state = SlabHeader::free(SlabKind::context);
    nt::pool_free(header, heap_tag);
}

uint32_t whole_words(uint32_t size) { return (size + sizeof(void*) - 1) & ~uint32_t{sizeof(void*) - 1}; }

bool is_initial(const NET_BUFFER_LIST* nbl, const Block* block, const Block* own) {
    const uint32_t note = SlabHeader::of(nbl)->note;
    if (block == own) return note & NblNote::initial_inline;
    return (note & NblNote::initial_stored) && !block->Next;
}

}  // namespace

SlabPool& context_store(unsigned index) {
    static SlabPool stores[context_store_count] = {
        {{.kind = SlabKind::context, .object_size = sizeof(Block) + store_sizes[0]}, most_processors},
        {{.kind = SlabKind::context, .object_size = sizeof(Block) + store_sizes[1]}, most_processors},
        {{.kind = SlabKind::context, .object_size = sizeof(Block) + store_sizes[2]}, most_processors},
        {{.kind = SlabKind::context, .object_size = sizeof(Block) + store_sizes[3]}, most_processors},
    };
    return stores[index];
}

bool NTAPI attach_stored_context(NET_BUFFER_LIST* nbl, uint16_t size, uint16_t back_fill,
                                 unsigned processor) noexcept {
    const uint32_t used = whole_words(size);
    const uint32_t wanted = used + whole_words(back_fill);
    if (wanted > UINT16_MAX) return false;
    Block* block = take_block(wanted, processor);
    if (!block) return false;
    begin(block, nullptr, wanted, used);
    nbl->Context = block;
    SlabHeader::of(nbl)->note |= NblNote::initial_stored;
    return true;
}

void NTAPI free_context_chain(NblPool& pool, NET_BUFFER_LIST* nbl, unsigned processor) noexcept {
    const Block* own = pool.context_capacity() > 0 ? pool.own_context(nbl) : nullptr;
    for (Block* block = nbl->Context; block;) {
        Block* next = block->Next;
        if (is_initial(nbl, block, own)) {
            if (block != own) give_block(block, processor);
        } else if (pool.first_warning()) {
            log_warning("ndis",
                        "{}: a NET_BUFFER_LIST is freed with {} bytes of context that were not freed before",
                        pool.name(), block->Size - block->Offset);
        }
        block = next;
    }
}

NDIS_STATUS NTAPI add_context(NET_BUFFER_LIST* nbl, uint16_t size, uint16_t back_fill) noexcept {
    const uint32_t used = whole_words(size);
    Block* first = nbl->Context;
    if (first && first->Offset >= used) {
        first->Offset = static_cast<USHORT>(first->Offset - used);
        return NDIS_STATUS_SUCCESS;
    }
    const uint32_t wanted = used + whole_words(back_fill);
    if (wanted > UINT16_MAX) return NDIS_STATUS_FAILURE;
    NblPool& pool = NblPool::of(nbl);
    uint32_t& note = SlabHeader::of(nbl)->note;
    if (wanted <= pool.context_capacity() && !(note & (NblNote::initial_inline | NblNote::extra_inline))) {
        nbl->Context = pool.own_context(nbl);
        begin(nbl->Context, first, pool.context_capacity(), used);
        note |= NblNote::extra_inline;
        return NDIS_STATUS_SUCCESS;
    }
    OnProcessor processor;
    Block* block = take_block(wanted, processor.number());
    if (!block) return NDIS_STATUS_RESOURCES;
    begin(block, first, wanted, used);
    nbl->Context = block;
    return NDIS_STATUS_SUCCESS;
}

void NTAPI remove_context(NET_BUFFER_LIST* nbl, uint16_t size) noexcept {
    Block* block = nbl->Context;
    const uint32_t used = whole_words(size);
    if (!block || block->Offset + used > block->Size) [[unlikely]]
        misuse(fmt::format("{} bytes of context are freed on NET_BUFFER_LIST {}, whose newest context has {}",
                           size, static_cast<void*>(nbl), block ? block->Size - block->Offset : 0),
               nbl);
    block->Offset = static_cast<USHORT>(block->Offset + used);
    if (block->Offset < block->Size) return;
    NblPool& pool = NblPool::of(nbl);
    const Block* own = pool.context_capacity() > 0 ? pool.own_context(nbl) : nullptr;
    if (is_initial(nbl, block, own)) return;
    nbl->Context = block->Next;
    if (block == own) {
        SlabHeader::of(nbl)->note &= ~NblNote::extra_inline;
        return;
    }
    OnProcessor processor;
    give_block(block, processor.number());
}

}  // namespace ndiskit::ndis
