// Reads memory of this process that may not be there: what a register of a crashed driver points at, a
// stack that ends somewhere. An address without memory is an answer here, never a fault.
#pragma once

#include <cstddef>

namespace ndiskit {

/// Copies `size` bytes and gives how many were copied, which is fewer when memory that can be read ends
/// before. May be called in a signal handler; leaves errno as it was.
size_t read_memory(void* to, const void* from, size_t size) noexcept;

/// The same by a way that every container allows, and that is slower.
size_t read_memory_through_pipe(void* to, const void* from, size_t size) noexcept;

}  // namespace ndiskit
