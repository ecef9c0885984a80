#include "ndis/nbl/chunk.h"

#include <sys/mman.h>

#include <atomic>

#include "base/assert.h"
#include "ndis/nbl/poison.h"

namespace ndiskit::ndis {
namespace {

std::atomic<uint64_t> mapped_count = 0;

size_t round_up(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

}  // namespace

Chunk map_chunk(size_t size) {
    size = round_up(size, huge_page);
    // One huge page more than needed, of which the unaligned ends are given back at once.
    const size_t reserved = size + huge_page;
    void* mapping =
        mmap(nullptr, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapping == MAP_FAILED) return {};
    const auto start = reinterpret_cast<uintptr_t>(mapping);
    const uintptr_t base = round_up(start, huge_page);
    if (base > start) munmap(mapping, base - start);
    const uintptr_t tail = base + size;
    if (tail < start + reserved) munmap(reinterpret_cast<void*>(tail), start + reserved - tail);
    madvise(reinterpret_cast<void*>(base), size, MADV_HUGEPAGE);
    mapped_count.fetch_add(1, std::memory_order_relaxed);
    return {reinterpret_cast<std::byte*>(base), size};
}

void unmap_chunk(Chunk chunk) {
    // The next user of these addresses must not inherit our marks.
    unpoison(chunk.base, chunk.size);
    const int failed = munmap(chunk.base, chunk.size);
    ASSERT_THAT(failed == 0);
}

uint64_t chunks_mapped() { return mapped_count.load(std::memory_order_relaxed); }

}  // namespace ndiskit::ndis
