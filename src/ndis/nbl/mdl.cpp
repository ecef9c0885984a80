#include "ndis/nbl/mdl.h"

#include <cstring>

#include "ndis/nbl/fault.h"
#include "nt/pool/pool.h"

namespace ndiskit::ndis {
namespace {

constexpr uint32_t header_room = 256;
constexpr uint32_t heap_note = 1;  // in SlabHeader::note: the block is from nonpaged pool
constexpr ULONG heap_tag = 'mNdN';

struct HeaderBlock {
    MDL mdl;
    PFN_NUMBER frames[2];
    std::byte data[header_room];
};

void* take_from_heap(size_t size) {
    auto* header = static_cast<SlabHeader*>(
        nt::pool_allocate(nt::PoolKind::nonpaged, sizeof(SlabHeader) + size, heap_tag, nullptr));
    if (!header) return nullptr;
    *header = SlabHeader{.state = SlabHeader::live(SlabKind::mdl), .note = heap_note};
    return header->object();
}

// Gives back an object of `store` or of the heap.
void give_to(SlabPool& store, void* object, unsigned processor) {
    SlabHeader* header = SlabHeader::of(object);
    if (header->note != heap_note) return store.give(object, processor);
    header->state = SlabHeader::free(SlabKind::mdl);
    nt::pool_free(header, heap_tag);
}

}  // namespace

SlabPool& part_store() {
    static SlabPool store({.kind = SlabKind::mdl, .object_size = offsetof(StoredMdl, mdl) + inline_mdl_size},
                          most_processors);
    return store;
}

SlabPool& header_store() {
    static SlabPool store({.kind = SlabKind::mdl, .object_size = sizeof(HeaderBlock)}, most_processors);
    return store;
}

void NTAPI describe(MDL* mdl, void* address, uint32_t length) noexcept {
    const uint32_t frames = frames_spanned(address, length);
    mdl->Size = static_cast<CSHORT>(mdl_size_for(frames));
    mdl->Process = nullptr;
    describe_again(mdl, address, length);
    PFN_NUMBER* numbers = MmGetMdlPfnArray(mdl);
    const PFN_NUMBER first = reinterpret_cast<uintptr_t>(address) >> PAGE_SHIFT;
    for (uint32_t i = 0; i < frames; i++) numbers[i] = first + i;
}

StoredMdl* NTAPI take_part(uint32_t frames, unsigned processor) noexcept {
    void* object = frames <= inline_frames ? part_store().take(processor)
                                           : take_from_heap(offsetof(StoredMdl, mdl) + mdl_size_for(frames));
    return static_cast<StoredMdl*>(object);
}

void NTAPI give_parts(StoredMdl* first, unsigned processor) noexcept {
    while (first) {
        StoredMdl* next = first->next;
        give_to(part_store(), first, processor);
        first = next;
    }
}

MDL* NTAPI take_header(uint32_t length, unsigned processor) noexcept {
    if (length <= header_room) {
        auto* block = static_cast<HeaderBlock*>(header_store().take(processor));
        if (!block) return nullptr;
        describe(&block->mdl, block->data, length);
        return &block->mdl;
    }
    // The data starts on a frame's boundary plus what the MDL takes: one frame more than the length needs.
    const size_t data_at = mdl_size_for(length / PAGE_SIZE + 2);
    auto* mdl = static_cast<MDL*>(take_from_heap(data_at + length));
    if (!mdl) return nullptr;
    describe(mdl, reinterpret_cast<std::byte*>(mdl) + data_at, length);
    return mdl;
}

void NTAPI give_header(MDL* mdl, unsigned processor) noexcept {
    if (!SlabPool::is_live(mdl, SlabKind::mdl)) bad_free(mdl, SlabKind::mdl);
    give_to(header_store(), mdl, processor);
}

}  // namespace ndiskit::ndis
