// Heaps: parts of the paged pool that are given back together. A heap is known by its handle; each block is
// linked to its heap, so that the heap's end frees what its owner has left. Nothing is fixed in size, and the
// caller's lock and memory are not used.
#include <cstring>
#include <new>

#include "base/guarded.h"
#include "nt/abi.h"
#include "nt/pool/pool.h"

using namespace ndiskit::nt;

namespace {

constexpr uint32_t heap_tag = 0x70614548;  // 'HEap' in memory order
constexpr ULONG zero_memory = 0x8;

struct Heap {
    ndiskit::Guarded<LIST_ENTRY, ndiskit::LockRank::nt_leaf> blocks;
};
struct Block {
    LIST_ENTRY link;
    SIZE_T size;
    PVOID aligned;  // keeps what follows on 16 bytes
};
static_assert(sizeof(Block) % 16 == 0);

Heap& heap_of(PVOID handle) { return *static_cast<Heap*>(handle); }

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlcreateheap
PVOID NTAPI RtlCreateHeap(ULONG, PVOID, SIZE_T, SIZE_T, PVOID, PVOID) {
    void* const memory =
        pool_allocate(PoolKind::nonpaged, sizeof(Heap), heap_tag, __builtin_return_address(0));
    if (!memory) return nullptr;
    auto* const heap = new (memory) Heap();
    heap->blocks.with([](LIST_ENTRY& blocks) { InitializeListHead(&blocks); });
    return heap;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlallocateheap
PVOID NTAPI RtlAllocateHeap(PVOID handle, ULONG flags, SIZE_T size) {
    if (size > SIZE_MAX - sizeof(Block)) return nullptr;
    auto* const block = static_cast<Block*>(
        pool_allocate(PoolKind::paged, sizeof(Block) + size, heap_tag, __builtin_return_address(0)));
    if (!block) return nullptr;
    block->size = size;
    heap_of(handle).blocks.with([&](LIST_ENTRY& blocks) { InsertTailList(&blocks, &block->link); });
    if (flags & zero_memory) std::memset(block + 1, 0, size);
    return block + 1;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlfreeheap
BOOLEAN NTAPI RtlFreeHeap(PVOID handle, ULONG, PVOID memory) {
    if (!memory) return TRUE;
    Block* const block = static_cast<Block*>(memory) - 1;
    heap_of(handle).blocks.with([&](LIST_ENTRY&) { RemoveEntryList(&block->link); });
    pool_free(block, heap_tag);
    return TRUE;
}

SIZE_T NTAPI RtlSizeHeap(PVOID, ULONG, PVOID memory) { return (static_cast<Block*>(memory) - 1)->size; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtldestroyheap
PVOID NTAPI RtlDestroyHeap(PVOID handle) {
    // Nobody else may use it any more: the list needs no lock while it is taken down.
    LIST_ENTRY* const left = heap_of(handle).blocks.with([](LIST_ENTRY& blocks) { return &blocks; });
    while (!IsListEmpty(left))
        pool_free(CONTAINING_RECORD(RemoveHeadList(left), Block, link), heap_tag);
    heap_of(handle).~Heap();
    pool_free(handle, heap_tag);
    return nullptr;
}

}  // extern "C"
