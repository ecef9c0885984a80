// What allocating and freeing mean: which kind of block, what is checked when it comes back, and the report
// of what is live.
#include "nt/pool/pool.h"

#include <fmt/format.h>

#include <atomic>
#include <cstring>
#include <map>
#include <tuple>

#include "nt/bugcheck.h"
#include "nt/image/image.h"
#include "nt/machine.h"
#include "nt/pool/block_arena.h"
#include "nt/pool/large_blocks.h"

namespace ndiskit::nt {

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool each_its_own = true;
#elif __has_feature(address_sanitizer)
constexpr bool each_its_own = true;
#else
constexpr bool each_its_own = false;
#endif

constexpr uint32_t bad_pool_header = 0x19;
constexpr uint32_t bad_pool_caller = 0xC2;
constexpr int fill_allocated = 0xCD;
constexpr int fill_freed = 0xDD;
constexpr unsigned char fill_end = 0xFE;
// How much of the unused end of a block is watched.
constexpr size_t watched_end = 16;

std::atomic<bool (*)(const PoolRequest&)> fault = nullptr;
std::string image_name(const void* address) {
    const Place place = image_of(address);
    return place.image ? place.image->name : std::string();
}
std::atomic<std::string (*)(const void*)> owner_of = image_name;

size_t watched(const pool::BlockHeader* block) {
    return std::min(pool::block_capacity(block) - block->size, watched_end);
}

void* allocate_small(PoolKind kind, size_t size, uint32_t tag, const void* caller) {
    pool::BlockHeader* block = pool::take_block(size);
    if (!block) return nullptr;
    block->caller = reinterpret_cast<uintptr_t>(caller);
    block->size = size;
    block->kind = static_cast<uint64_t>(kind);
    block->tag = tag;
    block->state.store(pool::live_block, std::memory_order_relaxed);
    std::memset(static_cast<char*>(block->memory()) + size, fill_end, watched(block));
    return block->memory();
}

[[noreturn]] void wrong_tag(const PoolBlock& block, uint32_t tag) {
    bug_check_because(fmt::format("pool of {} bytes was allocated with the tag '{}' and is freed with '{}'",
                                  block.size, pool_tag_text(block.tag), pool_tag_text(tag)),
                      bad_pool_caller, 0x0A, reinterpret_cast<uint64_t>(block.memory), block.tag, tag);
}

[[noreturn]] void not_pool(void* memory) {
    bug_check_because("the address that is freed is no pool allocation, or is freed already", bad_pool_caller,
                      0x46, reinterpret_cast<uint64_t>(memory));
}

void free_small(void* memory, uint32_t tag) {
    pool::BlockHeader* block = pool::block_of(memory);
    if (!block) not_pool(memory);
    const uint16_t state = block->state.load(std::memory_order_relaxed);
    const auto address = reinterpret_cast<uint64_t>(memory);
    if (state == pool::free_block)
        bug_check_because("pool is freed a second time", bad_pool_caller, 0x07, 0, block->tag, address);
    if (state != pool::live_block)
        bug_check_because("the header before the block that is freed was overwritten", bad_pool_header, 0x20,
                          reinterpret_cast<uint64_t>(block), reinterpret_cast<uint64_t>(block) + 16);
    if (tag && tag != block->tag) wrong_tag(block->describe(), tag);
    const auto* end = static_cast<const unsigned char*>(memory) + block->size;
    for (size_t i = 0, n = watched(block); i < n; ++i)
        if (end[i] != fill_end)
            bug_check_because(fmt::format("a driver wrote behind the {} bytes of its pool allocation '{}'",
                                          size_t{block->size}, pool_tag_text(block->tag)),
                              bad_pool_header, 0x20, reinterpret_cast<uint64_t>(block),
                              reinterpret_cast<uint64_t>(end + i));
    uint16_t live = pool::live_block;
    if (!block->state.compare_exchange_strong(live, pool::free_block, std::memory_order_acq_rel))
        bug_check_because("pool is freed by two threads at once", bad_pool_caller, 0x07, 0, block->tag,
                          address);
    if (machine_options().poison_pool) std::memset(memory, fill_freed, block->size);
    pool::give_block(block);
}

void free_large(void* memory, uint32_t tag) {
    const PoolBlock block = pool::remove_large(memory);
    if (!block.memory) not_pool(memory);
    if (tag && tag != block.tag) wrong_tag(block, tag);
    if (machine_options().poison_pool && !each_its_own) std::memset(memory, fill_freed, block.size);
    pool::release_large(memory);
}

}  // namespace

void* pool_allocate(PoolKind kind, size_t size, uint32_t tag, const void* caller) {
    if (auto* predicate = fault.load(std::memory_order_relaxed)) [[unlikely]]
        if (predicate({kind, size, tag, caller})) return nullptr;
    void* memory = nullptr;
    if (!each_its_own && size <= pool::largest_small_block) [[likely]]
        memory = allocate_small(kind, size, tag, caller);
    else
        memory = pool::take_large(kind, size, size >= pool::largest_small_block ? 4096 : 16, tag, caller);
    if (memory && machine_options().poison_pool) std::memset(memory, fill_allocated, size);
    return memory;
}

void* pool_allocate_zeroed(PoolKind kind, size_t size, uint32_t tag, const void* caller) {
    void* memory = pool_allocate(kind, size, tag, caller);
    if (memory) std::memset(memory, 0, size);
    return memory;
}

void pool_free(void* memory, uint32_t tag) {
    if (!each_its_own && pool::in_arena(memory)) [[likely]]
        free_small(memory, tag);
    else
        free_large(memory, tag);
}

PoolBlock pool_block_of(void* memory) {
    if (each_its_own || !pool::in_arena(memory)) return pool::large_block_of(memory);
    pool::BlockHeader* block = pool::block_of(memory);
    return block && block->state.load() == pool::live_block ? block->describe() : PoolBlock{};
}

void for_each_pool_block(void (*visit)(const PoolBlock&, void* context), void* context) {
    struct Visit {
        void (*visit)(const PoolBlock&, void*);
        void* context;
    } both{visit, context};
    pool::for_each_large(visit, context);
    if (each_its_own) return;
    pool::for_each_block(
        [](pool::BlockHeader* block, void* p) {
            auto* v = static_cast<Visit*>(p);
            if (block->state.load(std::memory_order_relaxed) == pool::live_block)
                v->visit(block->describe(), v->context);
        },
        &both);
}

std::vector<PoolUse> pool_report() {
    using Key = std::tuple<std::string, uint32_t, PoolKind>;
    std::map<Key, PoolUse> uses;
    for_each_pool_block(
        [](const PoolBlock& block, void* p) {
            const std::string owner = owner_of.load()(block.caller);
            PoolUse& use = (*static_cast<std::map<Key, PoolUse>*>(p))[{owner, block.tag, block.kind}];
            use = {owner, block.tag, block.kind, use.blocks + 1, use.bytes + block.size};
        },
        &uses);
    std::vector<PoolUse> report;
    for (auto& [key, use] : uses) report.push_back(std::move(use));
    return report;
}

std::string pool_tag_text(uint32_t tag) {
    std::string text;
    for (int shift = 0; shift < 32; shift += 8) {
        const char c = static_cast<char>(tag >> shift);
        text += c >= 0x20 && c < 0x7F ? c : '.';
    }
    return text;
}

void set_pool_owner_lookup(std::string (*lookup)(const void* address)) {
    owner_of = lookup ? lookup : image_name;
}

void set_pool_fault(bool (*predicate)(const PoolRequest& request)) { fault = predicate; }

}  // namespace ndiskit::nt
