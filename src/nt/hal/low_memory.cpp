#include "nt/hal/low_memory.h"

#include <sys/mman.h>

#include <vector>

#include "base/guarded.h"
#include "nt/abi.h"

namespace ndiskit::nt::hal {
namespace {

constexpr size_t pages_at_a_time = 64;

Guarded<std::vector<void*>, LockRank::nt_leaf>& free_pages() {
    static Guarded<std::vector<void*>, LockRank::nt_leaf> pages;
    return pages;
}

}  // namespace

void* take_low_page() {
    return free_pages().with([](auto& pages) -> void* {
        if (pages.empty()) {
            auto* slab = static_cast<char*>(allocate_low(pages_at_a_time * PAGE_SIZE));
            if (!slab) return nullptr;
            for (size_t i = pages_at_a_time; i > 0; --i) pages.push_back(slab + (i - 1) * PAGE_SIZE);
        }
        void* page = pages.back();
        pages.pop_back();
        return page;
    });
}

void give_low_page(void* page) {
    free_pages().with([&](auto& pages) { pages.push_back(page); });
}

void* allocate_low(size_t bytes) {
    void* memory = mmap(nullptr, ROUND_TO_PAGES(bytes), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    return memory == MAP_FAILED ? nullptr : memory;
}

void free_low(void* memory, size_t bytes) { munmap(memory, ROUND_TO_PAGES(bytes)); }

}  // namespace ndiskit::nt::hal
