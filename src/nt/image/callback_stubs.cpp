#include "nt/image/callback_stubs.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <unordered_map>

#include "base/assert.h"
#include "base/guarded.h"
#include "nt/image/call_gate.h"
#include "nt/image/import_hooks.h"

extern "C" const std::byte ndiskit_callback_stubs[];

namespace ndiskit::nt::image {
namespace {

// As in callback_stubs_x64.S.
constexpr size_t stub_count = 4096, stub_size = 16;

// Read by the stubs at any IRQL; a stub is given out before anybody can call it.
std::array<std::atomic<const void*>, stub_count> functions;

struct Stubs {
    std::unordered_map<const void*, uint32_t> by_function;
    uint32_t used = 0;          // stubs that were ever given out
    std::deque<uint32_t> free;  // given back, longest first: a late call of one still finds the old function

    uint32_t take() {
        if (used < stub_count) return used++;
        ASSERT_THAT(!free.empty(), "{} callbacks are observed at once; there are no stubs for more",
                    stub_count);
        const uint32_t stub = free.front();
        free.pop_front();
        return stub;
    }
};

Guarded<Stubs, LockRank::nt_leaf>& stubs() {
    static Guarded<Stubs, LockRank::nt_leaf> all;
    return all;
}

}  // namespace

const void* bind_callback(const void* function) {
    if (!observed() || !function) return function;
    const uint32_t stub = stubs().with([&](Stubs& all) {
        const auto [found, added] = all.by_function.try_emplace(function, 0);
        if (added) {
            found->second = all.take();
            functions[found->second].store(function, std::memory_order_release);
        }
        return found->second;
    });
    return ndiskit_callback_stubs + stub * stub_size;
}

void bind_callbacks(void* first, const void* end) {
    for (auto** slot = static_cast<const void**>(first); slot != end; ++slot) *slot = bind_callback(*slot);
}

void forget_callbacks(const std::byte* image, size_t size) {
    stubs().with([&](Stubs& all) {
        // By stub, not by function: addresses decide nothing.
        for (uint32_t stub = 0; stub < all.used; ++stub) {
            const auto* function =
                static_cast<const std::byte*>(functions[stub].load(std::memory_order_relaxed));
            if (function >= image && function < image + size && all.by_function.erase(function) != 0)
                all.free.push_back(stub);
        }
    });
}

size_t bound_callbacks() {
    return stubs().with([](const Stubs& all) { return all.by_function.size(); });
}

}  // namespace ndiskit::nt::image

using namespace ndiskit::nt::image;

extern "C" [[gnu::ms_abi]] const void* ndiskit_before_callback(uint32_t stub, uint64_t* irql) {
    const void* function = functions[stub].load(std::memory_order_acquire);
    *irql = current_irql();
    tell_before_driver(function);
    return function;
}

extern "C" [[gnu::ms_abi]] void ndiskit_after_callback(const void* function, uint8_t irql) {
    tell_after_driver(function, irql);
}
