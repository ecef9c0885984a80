// Memory between two physical addresses, which are the process's own. Pool lies far above 4 GB; what a device
// with fewer address lines is to reach comes from below.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ndiskit::nt::mdl {

struct PhysicalRange {
    uint64_t lowest;
    uint64_t highest;  // the last acceptable address
};

// Whole pages, contiguous; null when there are none in the range. Zeroed when `zeroed` says so.
void* allocate_pages(size_t bytes, PhysicalRange range, bool zeroed, uint32_t tag, const void* caller);
void free_pages(void* memory, uint32_t tag);

}  // namespace ndiskit::nt::mdl
