#include "nt/pool/block_arena.h"

#include <sched.h>
#include <sys/mman.h>

#include <array>
#include <memory>

#include "base/assert.h"
#include "base/guarded.h"

namespace ndiskit::nt::pool {

namespace {

constexpr size_t page = 4096;
constexpr size_t chunk = 2 << 20;
constexpr size_t arena_size = size_t{64} << 30;
constexpr size_t cache_slots = 32;

// Sizes of blocks with their header: as many a page as fit, in steps of 16 for the small ones.
constexpr auto make_class_sizes() {
    std::array<uint16_t, 26> sizes = {};
    size_t n = 0;
    for (uint16_t size = 32; size <= 240; size += 16) sizes[n++] = size;
    for (size_t per_page : {16, 14, 12, 10, 8, 7, 6, 5, 4, 3, 2, 1})
        if (n < sizes.size()) sizes[n++] = static_cast<uint16_t>(page / per_page / 16 * 16);
    return sizes;
}
constexpr auto class_sizes = make_class_sizes();
constexpr size_t classes = class_sizes.size();
static_assert(class_sizes[classes - 1] == page);

constexpr auto make_class_of() {
    std::array<uint8_t, page / 16 + 1> of = {};
    size_t c = 0;
    for (size_t i = 0; i < of.size(); ++i) {
        while (class_sizes[c] < i * 16) ++c;
        of[i] = static_cast<uint8_t>(c);
    }
    return of;
}
constexpr auto class_of = make_class_of();

struct FreeList {
    BlockHeader* first = nullptr;
    uint32_t count = 0;

    void push(BlockHeader* block) {
        *static_cast<BlockHeader**>(block->memory()) = first;
        first = block;
        ++count;
    }
    BlockHeader* pop() {
        BlockHeader* block = first;
        first = *static_cast<BlockHeader**>(block->memory());
        --count;
        return block;
    }
};

// How many blocks a cache takes from, or gives to, the central lists at a time.
constexpr uint32_t batch_of(size_t size_class) { return class_sizes[size_class] <= 512 ? 32 : 8; }

using FreeLists = std::array<FreeList, classes>;

// The arena's bounds are fixed when it is first used; pages are given out in order and never taken back.
struct Arena {
    std::byte* base = nullptr;
    uint8_t* page_class = nullptr;  // of each page, plus 1; 0: not given out
    std::atomic<size_t> pages = 0;  // given out

    struct Central {
        FreeLists free;
        size_t committed = 0;
    };
    Guarded<Central, LockRank::nt_pool> central;
    // Each is used by the threads of one CPU, so mostly by one at a time.
    std::array<Guarded<FreeLists, LockRank::nt_pool_cache>, cache_slots> caches;

    Arena() {
        const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
        void* space = mmap(nullptr, arena_size + chunk, PROT_NONE, flags, -1, 0);
        void* table = mmap(nullptr, arena_size / page, PROT_READ | PROT_WRITE, flags, -1, 0);
        ASSERT_THAT(space != MAP_FAILED && table != MAP_FAILED, "no address space for the pools");
        base = reinterpret_cast<std::byte*>((reinterpret_cast<uintptr_t>(space) + chunk - 1) & ~(chunk - 1));
        page_class = static_cast<uint8_t*>(table);
    }
};

Arena& arena() {
    static Arena* const it = new Arena();  // never destroyed: drivers' memory outlives static objects
    return *it;
}

Guarded<FreeLists, LockRank::nt_pool_cache>& cache_of_this_cpu() {
    const int cpu = sched_getcpu();
    return arena().caches[static_cast<size_t>(cpu < 0 ? 0 : cpu) % cache_slots];
}

// Cuts a fresh page into blocks of a size.
bool add_page(Arena::Central& central, size_t size_class) {
    Arena& a = arena();
    const size_t index = a.pages.load(std::memory_order_relaxed);
    if (index == arena_size / page) return false;
    if (index * page == central.committed) {
        if (mprotect(a.base + central.committed, chunk, PROT_READ | PROT_WRITE) != 0) return false;
        central.committed += chunk;
    }
    std::byte* const start = a.base + index * page;
    const size_t size = class_sizes[size_class];
    for (size_t at = page / size; at-- > 0;) {
        auto* block = new (start + at * size) BlockHeader{};
        block->state.store(free_block, std::memory_order_relaxed);
        block->size_class = static_cast<uint16_t>(size_class);
        central.free[size_class].push(block);
    }
    a.page_class[index] = static_cast<uint8_t>(size_class + 1);
    a.pages.store(index + 1, std::memory_order_release);
    return true;
}

void refill(FreeList& list, size_t size_class) {
    arena().central.with([&](Arena::Central& central) {
        FreeList& from = central.free[size_class];
        for (uint32_t n = batch_of(size_class); n > 0; --n) {
            if (!from.first && !add_page(central, size_class)) return;
            list.push(from.pop());
        }
    });
}

void flush(FreeList& list, size_t size_class) {
    arena().central.with([&](Arena::Central& central) {
        for (uint32_t n = batch_of(size_class); n > 0; --n) central.free[size_class].push(list.pop());
    });
}

}  // namespace

BlockHeader* take_block(size_t size) {
    const size_t size_class = class_of[(size + sizeof(BlockHeader) + 15) / 16];
    return cache_of_this_cpu().with([&](FreeLists& lists) -> BlockHeader* {
        FreeList& list = lists[size_class];
        if (!list.first) [[unlikely]] {
            refill(list, size_class);
            if (!list.first) return nullptr;
        }
        return list.pop();
    });
}

void give_block(BlockHeader* block) {
    const size_t size_class = block->size_class;
    cache_of_this_cpu().with([&](FreeLists& lists) {
        FreeList& list = lists[size_class];
        list.push(block);
        if (list.count > 4 * batch_of(size_class)) [[unlikely]]
            flush(list, size_class);
    });
}

size_t block_capacity(const BlockHeader* block) {
    return class_sizes[block->size_class] - sizeof(BlockHeader);
}

bool in_arena(const void* address) {
    const auto* at = static_cast<const std::byte*>(address);
    return at >= arena().base && at < arena().base + arena_size;
}

BlockHeader* block_of(void* memory) {
    const size_t offset = static_cast<size_t>(static_cast<std::byte*>(memory) - arena().base);
    if (offset / page >= arena().pages.load(std::memory_order_acquire) || offset % page == 0) return nullptr;
    const size_t size_class = arena().page_class[offset / page] - size_t{1};
    const size_t size = class_sizes[size_class];
    const size_t in_page = offset % page - sizeof(BlockHeader);
    if (in_page % size != 0 || in_page / size >= page / size) return nullptr;
    return static_cast<BlockHeader*>(memory) - 1;
}

void for_each_block(void (*visit)(BlockHeader*, void*), void* context) {
    const size_t pages = arena().pages.load(std::memory_order_acquire);
    for (size_t index = 0; index < pages; ++index) {
        const size_t size = class_sizes[arena().page_class[index] - size_t{1}];
        for (size_t at = 0; at < page / size; ++at)
            visit(reinterpret_cast<BlockHeader*>(arena().base + index * page + at * size), context);
    }
}

}  // namespace ndiskit::nt::pool
