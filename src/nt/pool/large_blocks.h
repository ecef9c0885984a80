// Allocations of their own: a page and more, contiguous memory, and under a sanitizer all of them. A table
// finds what is known of one by its address.
#pragma once

#include <cstddef>

#include "nt/pool/pool.h"

namespace ndiskit::nt::pool {

// Null when the host has no memory.
void* take_large(PoolKind kind, size_t size, size_t alignment, uint32_t tag, const void* caller);
// Takes it out of the table; a null `memory` when the address is not in it. release_large ends its life.
PoolBlock remove_large(void* memory);
void release_large(void* memory);
PoolBlock large_block_of(void* memory);
void for_each_large(void (*visit)(const PoolBlock&, void*), void* context);

}  // namespace ndiskit::nt::pool
