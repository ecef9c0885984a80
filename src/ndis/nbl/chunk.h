// Memory that pools of packet structures are cut from: chunks of whole 2 MB, aligned to 2 MB and advised to
// sit on huge pages, so that a pool of thousands of entries costs a handful of TLB entries. Chunks are taken
// when a pool grows and given back when it is freed, never per packet.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ndiskit::ndis {

constexpr size_t huge_page = size_t{2} << 20;

struct Chunk {
    std::byte* base = nullptr;
    size_t size = 0;
};

// Rounds `size` up to whole huge pages. A chunk with a null base when the host has no memory.
Chunk map_chunk(size_t size);
void unmap_chunk(Chunk chunk);

// How many chunks were mapped since the process started: what benchmarks print to show that a steady state
// takes no memory.
uint64_t chunks_mapped();

}  // namespace ndiskit::ndis
