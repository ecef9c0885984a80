// The part of the address space that drivers reserve, commit and map views into. Pages are the host's; what
// the host does not keep (which protection Windows would tell, what was reserved together) is kept here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "nt/abi.h"

namespace ndiskit::nt::address_space {

constexpr size_t granularity = 64 * 1024;

enum class Kind : uint8_t { memory, view };

// What was reserved or mapped by one call.
struct Region {
    uintptr_t base = 0;
    size_t size = 0;
    Kind kind = Kind::memory;
    ULONG protect = 0;              // as it was asked for
    std::vector<ULONG> pages;       // each page's protection; 0 is reserved
    std::shared_ptr<void> section;  // of a view
};

// Of the one process that there is.
NTSTATUS check_process(HANDLE process);

// The host's protection for one of Windows; -1 for none that Windows knows.
int host_protection(ULONG protect);

// Address space at `base` (any, when it is 0), rounded to the granularity, without access.
// STATUS_CONFLICTING_ADDRESSES or STATUS_NO_MEMORY.
NTSTATUS reserve(uintptr_t& base, size_t& size, ULONG protect);
// Pages of one region of memory, which it must hold whole.
NTSTATUS commit(uintptr_t& base, size_t& size, ULONG protect);
NTSTATUS decommit(uintptr_t& base, size_t& size);
NTSTATUS release(uintptr_t& base, size_t& size);

NTSTATUS map_view(uintptr_t& base, size_t size, int file, uint64_t offset, ULONG protect,
                  std::shared_ptr<void> section);
// Any address in the view. STATUS_NOT_MAPPED_VIEW.
NTSTATUS unmap_view(uintptr_t address);

// Writes the changed pages of a view, which must hold the range whole, to what is mapped. A size of 0 is all
// that is behind the address. STATUS_NOT_MAPPED_VIEW, STATUS_INVALID_PARAMETER_2.
NTSTATUS flush_view(uintptr_t& base, size_t& size);

// Calls with the region that holds the address, if there is one.
bool with_region(uintptr_t address, const std::function<void(const Region&)>& body);

// A range that must stay as accessible as it is until it is let go. 0 when it is not so accessible now.
uint64_t secure(uintptr_t base, size_t size, bool writable);
bool unsecure(uint64_t handle);

}  // namespace ndiskit::nt::address_space
