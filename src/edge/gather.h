// The bytes of a NET_BUFFER as the pieces of memory where they lie, for system calls that gather.
#pragma once

#include <ndis.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace ndiskit::edge {

// Fills `parts`, returns how many were needed; 0 when there are more pieces than parts, or the MDL chain ends
// before the data does.
size_t gather(const NET_BUFFER* nb, std::span<iovec> parts);

// Copies up to `size` bytes from the start of the data; returns how many there were.
size_t copy_start(const NET_BUFFER* nb, uint8_t* to, size_t size);

// Removes the first `size` bytes from the pieces.
std::span<iovec> skip(std::span<iovec> parts, size_t size);

}  // namespace ndiskit::edge
