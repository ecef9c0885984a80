// Memory below 4 GB, for devices with 32 address lines. The process's own memory lies far above; what such a
// device is to reach is copied through pages of this kind (map registers), or allocated here (common
// buffers).
#pragma once

#include <cstddef>
#include <cstdint>

namespace ndiskit::nt::hal {

constexpr uint64_t low_memory_end = uint64_t{1} << 32;

// One page; null when there is none.
void* take_low_page();
void give_low_page(void* page);
// A contiguous range, zeroed, page-aligned; null when there is none.
void* allocate_low(size_t bytes);
void free_low(void* memory, size_t bytes);

inline bool is_low(const void* address, size_t bytes) {
    return reinterpret_cast<uint64_t>(address) + bytes <= low_memory_end;
}

}  // namespace ndiskit::nt::hal
