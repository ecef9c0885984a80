#include "nt/exception/shared_data.h"

#include <atomic>
#include <cstring>

#include "engine/engine.h"

namespace ndiskit::nt::exception {
namespace {

constexpr int64_t units = 100;             // nanoseconds in a unit of Windows' time
constexpr int64_t units_a_tick = 156'250;  // 15.625 ms
// What one tick is in milliseconds, as a fraction of 2^24.
constexpr uint32_t tick_multiplier = static_cast<uint32_t>(15.625 * (1 << 24));

constexpr size_t tick_count_low = 0x000;
constexpr size_t multiplier = 0x004;
constexpr size_t interrupt_time = 0x008;
constexpr size_t system_time = 0x014;
constexpr size_t system_root = 0x030;
constexpr size_t build_number = 0x260;
constexpr size_t product_type = 0x264;
constexpr size_t major_version = 0x26C;
constexpr size_t minor_version = 0x270;
constexpr size_t tick_count = 0x320;

alignas(4096) std::byte page[4096];

template <class T>
void put(size_t at, T value) {
    std::atomic_ref(*reinterpret_cast<T*>(page + at)).store(value, std::memory_order_relaxed);
}

// KSYSTEM_TIME: readers take High1, Low, High2 and repeat until both are the same.
void put_time(size_t at, int64_t value) {
    const auto high = static_cast<uint32_t>(static_cast<uint64_t>(value) >> 32);
    put<uint32_t>(at + 8, high);
    put<uint32_t>(at, static_cast<uint32_t>(value));
    put<uint32_t>(at + 4, high);
}

void fill_constants() {
    constexpr char16_t root[] = u"C:\\Windows";
    std::memcpy(page + system_root, root, sizeof(root));
    put<uint32_t>(multiplier, tick_multiplier);
    put<uint32_t>(build_number, 26100);
    put<uint32_t>(product_type, 1);
    put<uint32_t>(major_version, 10);
    put<uint32_t>(minor_version, 0);
}

}  // namespace

const std::byte* current_shared_data() {
    static const bool filled = (fill_constants(), true);
    (void)filled;
    const int64_t now = engine::the().now() / units;
    put_time(interrupt_time, now);
    put_time(system_time, engine::the().system_time());
    put_time(tick_count, now / units_a_tick);
    put<uint32_t>(tick_count_low, static_cast<uint32_t>(now / units_a_tick));
    return page;
}

}  // namespace ndiskit::nt::exception
