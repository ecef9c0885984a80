#include "nt/pool/large_blocks.h"

#include <array>
#include <cstdlib>
#include <unordered_map>
#include <vector>

#include "base/guarded.h"

namespace ndiskit::nt::pool {

namespace {

using Table = Guarded<std::unordered_map<void*, PoolBlock>, LockRank::nt_pool>;

// Split by address, so that threads rarely meet.
std::array<Table, 16>& tables() {
    static auto* const it = new std::array<Table, 16>();
    return *it;
}
Table& table_of(void* memory) {
    const auto bits = reinterpret_cast<uintptr_t>(memory);
    return tables()[((bits >> 4) ^ (bits >> 12)) % 16];
}

// More than a pool of Windows holds; the host's allocator is not asked for it.
constexpr size_t largest_block = size_t{1} << 39;

}  // namespace

void* take_large(PoolKind kind, size_t size, size_t alignment, uint32_t tag, const void* caller) {
    if (size > largest_block) return nullptr;
    void* memory = nullptr;
    // A zero-byte allocation is one too: it has an address of its own.
    if (posix_memalign(&memory, alignment, size ? size : 1) != 0) return nullptr;
    table_of(memory).with([&](auto& table) { table[memory] = {memory, size, tag, kind, caller}; });
    return memory;
}

PoolBlock remove_large(void* memory) {
    return table_of(memory).with([&](auto& table) -> PoolBlock {
        auto found = table.find(memory);
        if (found == table.end()) return {};
        PoolBlock block = found->second;
        table.erase(found);
        return block;
    });
}

void release_large(void* memory) { free(memory); }

PoolBlock large_block_of(void* memory) {
    return table_of(memory).with([&](auto& table) {
        auto found = table.find(memory);
        return found == table.end() ? PoolBlock{} : found->second;
    });
}

void for_each_large(void (*visit)(const PoolBlock&, void*), void* context) {
    for (Table& part : tables()) {
        std::vector<PoolBlock> blocks;
        part.with([&](auto& table) {
            for (const auto& [memory, block] : table) blocks.push_back(block);
        });
        for (const PoolBlock& block : blocks) visit(block, context);
    }
}

}  // namespace ndiskit::nt::pool
