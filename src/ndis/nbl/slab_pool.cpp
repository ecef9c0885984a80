#include "ndis/nbl/slab_pool.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace ndiskit::ndis {
namespace {

size_t round_up(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

// Big entries travel in small batches, so that idle processors do not sit on megabytes.
unsigned batch_for(size_t entry_size, unsigned largest) {
    return static_cast<unsigned>(std::clamp<size_t>((size_t{512} << 10) / entry_size, 8, largest));
}

}  // namespace

SlabPool::SlabPool(Shape shape, unsigned processors)
    : kind_(shape.kind),
      entry_size_(round_up(shape.object_size + sizeof(SlabHeader), cache_line)),
      batch_(batch_for(entry_size_, largest_batch)),
      shape_(shape),
      processors_(processors),
      caches_(std::make_unique_for_overwrite<Cache[]>(processors)) {
    ASSERT_THAT(processors > 0);
    for (Cache& cache : std::span(caches_.get(), processors)) cache.capacity = 2 * batch_;
}

SlabPool::~SlabPool() {
    depot_.with([](Depot& depot) {
        for (const Chunk& chunk : depot.chunks) unmap_chunk(chunk);
    });
}

SlabPool::Counts SlabPool::counts() const {
    Counts counts;
    for (const Cache& cache : std::span(caches_.get(), processors_)) {
        counts.taken += cache.taken.load(std::memory_order_relaxed);
        counts.given += cache.given.load(std::memory_order_relaxed);
    }
    depot_.with([&](const Depot& depot) {
        counts.formatted = depot.formatted;
        counts.chunks = depot.chunks.size();
    });
    return counts;
}

bool NTAPI SlabPool::refill(SlabPool& pool, Cache& cache) noexcept {
    return pool.depot_.with([&](Depot& depot) {
        const size_t stored = std::min<size_t>(depot.free.size(), pool.batch_);
        std::copy(depot.free.end() - static_cast<ptrdiff_t>(stored), depot.free.end(), cache.entries);
        depot.free.resize(depot.free.size() - stored);
        cache.count = static_cast<uint32_t>(stored);
        if (stored > 0) return true;
        // Cut in reverse: the cache is a stack, and neighbours should come out in order of address.
        for (unsigned i = 0; i < pool.batch_; i++) {
            SlabHeader* header = pool.cut_entry(depot);
            if (!header) break;
            cache.entries[cache.count++] = header;
        }
        std::reverse(cache.entries, cache.entries + cache.count);
        return cache.count > 0;
    });
}

void NTAPI SlabPool::spill(SlabPool& pool, Cache& cache) noexcept {
    const unsigned batch = pool.batch_;
    // The bottom of the stack was not used for longest; what is warm stays.
    pool.depot_.with(
        [&](Depot& depot) { depot.free.insert(depot.free.end(), cache.entries, cache.entries + batch); });
    std::copy(cache.entries + batch, cache.entries + cache.count, cache.entries);
    cache.count -= batch;
}

bool SlabPool::grow(Depot& depot) {
    const size_t size = round_up(std::max(entry_size_, huge_page), huge_page);
    size_t mapped = 0;
    for (const Chunk& chunk : depot.chunks) mapped += chunk.size;
    if (mapped + size > shape_.limit) return false;
    const Chunk chunk = map_chunk(size);
    if (!chunk.base) return false;
    depot.chunks.push_back(chunk);
    depot.cut = chunk.base;
    depot.cut_end = chunk.base + chunk.size / entry_size_ * entry_size_;
    depot.free.reserve(depot.formatted + chunk.size / entry_size_);
    return true;
}

SlabHeader* SlabPool::cut_entry(Depot& depot) {
    if (depot.cut == depot.cut_end && !grow(depot)) return nullptr;
    auto* header = reinterpret_cast<SlabHeader*>(depot.cut);
    depot.cut += entry_size_;
    depot.formatted++;
    *header = SlabHeader{.state = SlabHeader::free(kind_), .pool = this};
    if (shape_.format) shape_.format(header->object(), shape_.format_context);
    poison(header->object(), entry_size_ - sizeof(SlabHeader));
    return header;
}

}  // namespace ndiskit::ndis
