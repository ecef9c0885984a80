#include "nt/mdl/physical_range.h"

#include <unordered_map>

#include "base/guarded.h"
#include "nt/abi.h"
#include "nt/hal/low_memory.h"
#include "nt/pool/pool.h"

namespace ndiskit::nt::mdl {
namespace {

// What came from below 4 GB, with its size.
Guarded<std::unordered_map<void*, size_t>, LockRank::nt_leaf>& low_allocations() {
    static auto* const it = new Guarded<std::unordered_map<void*, size_t>, LockRank::nt_leaf>();
    return *it;
}

bool lies_in(const void* memory, size_t bytes, PhysicalRange range) {
    const auto first = reinterpret_cast<uint64_t>(memory);
    return first >= range.lowest && first + (bytes - 1) <= range.highest;
}

}  // namespace

void* allocate_pages(size_t bytes, PhysicalRange range, bool zeroed, uint32_t tag, const void* caller) {
    const size_t whole = ROUND_TO_PAGES(bytes);
    void* const memory = zeroed ? pool_allocate_zeroed(PoolKind::nonpaged, whole, tag, caller)
                                : pool_allocate(PoolKind::nonpaged, whole, tag, caller);
    if (!memory || lies_in(memory, whole, range)) return memory;
    pool_free(memory, tag);
    void* const low = hal::allocate_low(whole);
    if (!low) return nullptr;
    if (!lies_in(low, whole, range)) {
        hal::free_low(low, whole);
        return nullptr;
    }
    low_allocations().with([&](auto& all) { all[low] = whole; });
    return low;
}

void free_pages(void* memory, uint32_t tag) {
    const size_t bytes = low_allocations().with([&](auto& all) -> size_t {
        const auto found = all.find(memory);
        if (found == all.end()) return 0;
        const size_t size = found->second;
        all.erase(found);
        return size;
    });
    if (bytes)
        hal::free_low(memory, bytes);
    else
        pool_free(memory, tag);
}

}  // namespace ndiskit::nt::mdl
