// Blocks of less than a page: an arena of reserved address space, committed in chunks, given out page by page
// to sizes. A block starts with a BlockHeader; what is given out is 16 bytes behind it, so that no block of a
// driver ever begins on a page boundary: page-aligned addresses are large_blocks.h's.
//
// Free blocks hang in caches, one a CPU of the host and size, filled and emptied by the batch from a central
// list.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "nt/pool/pool.h"

namespace ndiskit::nt::pool {

// State of a block, in its header; anything else means that the header was overwritten.
constexpr uint16_t live_block = 0xB10C;
constexpr uint16_t free_block = 0xF4EE;

struct alignas(16) BlockHeader {
    uint64_t caller : 48;
    uint64_t size : 12;  // as asked for
    uint64_t kind : 4;
    uint32_t tag;
    std::atomic<uint16_t> state;
    uint16_t size_class;

    void* memory() { return this + 1; }
    PoolBlock describe() {
        return {memory(), size, tag, static_cast<PoolKind>(kind),
                reinterpret_cast<const void*>(uintptr_t{caller})};
    }
};
static_assert(sizeof(BlockHeader) == 16);

constexpr size_t largest_small_block = 4096 - sizeof(BlockHeader);

// Memory for `size` <= largest_small_block; null when the arena is used up.
BlockHeader* take_block(size_t size);
// Gives back a block whose state is free_block already.
void give_block(BlockHeader* block);
// Bytes behind the header, in all.
size_t block_capacity(const BlockHeader* block);

bool in_arena(const void* address);
// The block that `memory` is the start of; null when no block starts there.
BlockHeader* block_of(void* memory);
void for_each_block(void (*visit)(BlockHeader*, void*), void* context);

}  // namespace ndiskit::nt::pool
