// Pools of equal, pre-formatted entries: what NBL pools, NB pools and the kit's own MDL and context pools are
// made of.
//
// An entry begins with a 16-byte header (its state and its pool), then the object that drivers see. It is
// formatted once, when it is cut from a chunk; freed entries keep their formatting, so that taking one again
// resets only what a driver may have changed.
//
// Each virtual processor has a cache of free entries that only code running on that processor at
// DISPATCH_LEVEL touches: a take or a give is a pop or a push of a pointer. Entries taken on one processor
// and given back on another flow through a shared depot, a batch at a time under its lock. New chunks are
// mapped only when the caches and the depot are dry. What is always true: taken - given, over all processors,
// is the number of entries in the hands of the driver.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/guarded.h"
#include "ndis/nbl/chunk.h"
#include "ndis/nbl/poison.h"
#include "nt/abi/types.h"

namespace ndiskit::ndis {

class SlabPool;

enum class SlabKind : uint32_t { nbl = 1, net_buffer, mdl, context };

// Stands before every object of a pool, and before the NB that is part of an NBL's entry.
struct SlabHeader {
    static constexpr uint32_t live_mark = 0x4c6b6400;
    static constexpr uint32_t free_mark = 0x466b6400;
    static constexpr uint32_t part_mark = 0x506b6400;  // belongs to the entry that it is in; not freed alone

    static constexpr uint32_t live(SlabKind kind) { return live_mark | static_cast<uint32_t>(kind); }
    static constexpr uint32_t free(SlabKind kind) { return free_mark | static_cast<uint32_t>(kind); }
    static constexpr uint32_t part(SlabKind kind) { return part_mark | static_cast<uint32_t>(kind); }

    static SlabHeader* of(const void* object) {
        return reinterpret_cast<SlabHeader*>(reinterpret_cast<uintptr_t>(object)) - 1;
    }
    void* object() { return this + 1; }

    uint32_t state = 0;
    uint32_t note = 0;  // the pool's owner keeps a few bits about the entry here
    SlabPool* pool = nullptr;
};
static_assert(sizeof(SlabHeader) == 16);

constexpr size_t cache_line = 64;
// For pools that live as long as the process; costs nothing for processors that are not there.
constexpr unsigned most_processors = 64;

class SlabPool {
  public:
    struct Shape {
        SlabKind kind;
        size_t object_size;  // without the header
        // Called once for each entry when it is cut; `object` is zeroed memory.
        void (*format)(void* object, const void* context) = nullptr;
        const void* format_context = nullptr;
        size_t limit = size_t{4} << 30;  // bytes; a pool that would exceed it has no more entries
    };

    SlabPool(Shape shape, unsigned processors);
    ~SlabPool();
    SlabPool(const SlabPool&) = delete;
    SlabPool& operator=(const SlabPool&) = delete;

    // An object whose header is marked live; null when the host is out of memory. The caller runs on
    // virtual processor `processor` at DISPATCH_LEVEL or above, as for give().
    void* take(unsigned processor) {
        Cache& cache = caches_[processor];
        if (cache.count == 0) [[unlikely]]
            if (!refill(*this, cache)) return nullptr;
        SlabHeader* header = cache.entries[--cache.count];
        bump(cache.taken);
        header->state = SlabHeader::live(kind_);
        unpoison(header->object(), entry_size_ - sizeof(SlabHeader));
        return header->object();
    }

    // `object` must be live and of this pool; see is_live().
    void give(void* object, unsigned processor) {
        SlabHeader* header = SlabHeader::of(object);
        header->state = SlabHeader::free(kind_);
        poison(object, entry_size_ - sizeof(SlabHeader));
        Cache& cache = caches_[processor];
        if (cache.count == cache.capacity) [[unlikely]]
            spill(*this, cache);
        cache.entries[cache.count++] = header;
        bump(cache.given);
    }

    // The O(1) check behind every free: catches a second free and most pointers that never were an object.
    static bool is_live(const void* object, SlabKind kind) {
        return SlabHeader::of(object)->state == SlabHeader::live(kind);
    }

    struct Counts {
        uint64_t taken = 0;
        uint64_t given = 0;
        uint64_t formatted = 0;  // entries that exist
        uint64_t chunks = 0;
        uint64_t outstanding() const { return taken - given; }
    };
    // Exact when nobody takes or gives meanwhile.
    Counts counts() const;

    // Visits the entries in the driver's hands, in the order in which they were cut.
    template <class Visit>
    void for_each_live(Visit&& visit) const {
        depot_.with([&](const Depot& depot) {
            for (const Chunk& chunk : depot.chunks)
                for (std::byte* at = chunk.base; at < end_of(depot, chunk); at += entry_size_) {
                    auto* header = reinterpret_cast<SlabHeader*>(at);
                    if (header->state == SlabHeader::live(kind_)) visit(header->object());
                }
        });
    }

    size_t entry_size() const { return entry_size_; }

  private:
    static constexpr unsigned largest_batch = 64;

    struct alignas(cache_line) Cache {
        uint32_t count = 0;
        uint32_t capacity = 0;
        std::atomic<uint64_t> taken = 0;
        std::atomic<uint64_t> given = 0;
        SlabHeader* entries[2 * largest_batch];
    };
    struct Depot {
        std::vector<SlabHeader*> free;  // its capacity is never below the number of entries
        std::vector<Chunk> chunks;
        std::byte* cut = nullptr;  // the next entry of the last chunk
        std::byte* cut_end = nullptr;
        uint64_t formatted = 0;
    };

    // Only its own processor writes the counter; the report reads it from elsewhere.
    static void bump(std::atomic<uint64_t>& counter) {
        counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    const std::byte* end_of(const Depot& depot, const Chunk& chunk) const {
        return &chunk == &depot.chunks.back() ? depot.cut
                                              : chunk.base + chunk.size / entry_size_ * entry_size_;
    }

    // Of the driver's calling convention, like all that the exported functions call on rare paths: a call
    // across conventions would make the caller save ten vector registers, on its common path too.
    [[gnu::cold]] static bool NTAPI refill(SlabPool& pool, Cache& cache) noexcept;
    [[gnu::cold]] static void NTAPI spill(SlabPool& pool, Cache& cache) noexcept;
    bool grow(Depot& depot);
    SlabHeader* cut_entry(Depot& depot);

    const SlabKind kind_;
    const size_t entry_size_;
    const unsigned batch_;
    const Shape shape_;
    const unsigned processors_;
    std::unique_ptr<Cache[]> caches_;
    Guarded<Depot, LockRank::ndis_pool> depot_;
};

}  // namespace ndiskit::ndis
