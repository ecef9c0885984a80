// The kernel's memory pools.
//
// Allocations of less than a page (with their 16-byte header) come from an arena of 4 KB pages, each cut into
// blocks of one size: blocks never cross a page, a freed block keeps its page's size for ever, and each CPU
// of the host has a cache of free blocks a size (block_arena.h). Larger ones are page-aligned allocations of
// their own (large_blocks.h). Under a sanitizer everything is an allocation of its own, so that it sees each
// overrun.
//
// Each allocation carries its tag and its caller. Nothing is counted while allocating: pool_report walks what
// is live. Paged and nonpaged pool are the same memory; what differs is the IRQL at which they may be had.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ndiskit::nt {

enum class PoolKind : uint8_t { nonpaged, paged };

struct PoolRequest {
    PoolKind kind;
    size_t size;
    uint32_t tag;
    const void* caller;
};

// Memory of at least `size` bytes, 16-byte aligned (page-aligned from PAGE_SIZE on), not zeroed; null when
// there is none or the fault predicate says so. `caller` is an address in whoever is to own it.
void* pool_allocate(PoolKind kind, size_t size, uint32_t tag, const void* caller);
void* pool_allocate_zeroed(PoolKind kind, size_t size, uint32_t tag, const void* caller);
// Frees it. Bug checks (0xC2, 0x19) when it is no live allocation, its header or its end is overwritten, or
// `tag` is neither 0 nor the allocation's.
void pool_free(void* memory, uint32_t tag = 0);

// What is known of a live allocation; a null `memory` when the address is none.
struct PoolBlock {
    void* memory = nullptr;
    size_t size = 0;
    uint32_t tag = 0;
    PoolKind kind = PoolKind::nonpaged;
    const void* caller = nullptr;
};
PoolBlock pool_block_of(void* memory);
// Calls visit for each live allocation.
void for_each_pool_block(void (*visit)(const PoolBlock&, void* context), void* context);

// What is live, by owner and tag, in order of owner, tag, kind.
struct PoolUse {
    std::string owner;  // "mux.sys"; empty for the kit's own
    uint32_t tag = 0;
    PoolKind kind = PoolKind::nonpaged;
    uint64_t blocks = 0;
    uint64_t bytes = 0;
};
std::vector<PoolUse> pool_report();
// "Mux1" as the debugger shows it: the bytes of the tag in memory order.
std::string pool_tag_text(uint32_t tag);

// Who owns an address of code: the image that it lies in, unless a test says otherwise.
void set_pool_owner_lookup(std::string (*lookup)(const void* address));
// Asked before each allocation of a driver; true lets it fail. Null (the default) lets none.
void set_pool_fault(bool (*predicate)(const PoolRequest& request));

}  // namespace ndiskit::nt
