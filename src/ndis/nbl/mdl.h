// MDLs as the packet code makes them: headers laid over memory that is always resident, with the frame
// numbers filled in, so that a driver may map them, walk their frames, or build partial MDLs from them.
//
// Two stores of the kit's own hand out MDLs that do not fit into a packet structure's entry: parts (for
// clones, fragments and reassembled NBLs), and headers (an MDL with memory behind it, for retreats). Both are
// slabs; only sizes beyond their entries go to nonpaged pool.
#pragma once

#include "ndis/nbl/abi.h"
#include "ndis/nbl/slab_pool.h"

namespace ndiskit::ndis {

// Frames that an MDL inside an entry has room for: a 64 KB frame with its headers at any offset.
constexpr uint32_t inline_frames = 18;
constexpr size_t inline_mdl_size = sizeof(MDL) + inline_frames * sizeof(PFN_NUMBER);

inline uint32_t frames_spanned(const void* address, size_t length) {
    return static_cast<uint32_t>(
        ((reinterpret_cast<uintptr_t>(address) & (PAGE_SIZE - 1)) + length + PAGE_SIZE - 1) / PAGE_SIZE);
}
inline constexpr size_t mdl_size_for(uint32_t frames) { return sizeof(MDL) + frames * sizeof(PFN_NUMBER); }

// Where the memory that an MDL describes is mapped.
inline std::byte* mdl_address(MDL* mdl) {
    if (mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL)) [[likely]]
        return static_cast<std::byte*>(mdl->MappedSystemVa);
    // Locked pages of this process: mapped where they are.
    return static_cast<std::byte*>(MmGetMdlVirtualAddress(mdl));
}

// Lays an MDL over `length` bytes of resident memory. There must be room for the frames.
void describe(MDL* mdl, void* address, uint32_t length);
// Restores what a driver may have changed in an MDL that describe() made, frame numbers excepted.
inline void describe_again(MDL* mdl, void* address, uint32_t length) {
    mdl->Next = nullptr;
    mdl->MdlFlags = MDL_SOURCE_IS_NONPAGED_POOL;
    mdl->MappedSystemVa = address;
    mdl->StartVa = PAGE_ALIGN(address);
    mdl->ByteCount = length;
    mdl->ByteOffset = static_cast<ULONG>(BYTE_OFFSET(address));
}
// Lays `part` over `length` bytes of what `whole` describes, from `offset` on.
void describe_part(MDL* part, MDL* whole, uint32_t offset, uint32_t length);

// An MDL that stands for a part of somebody's memory and is owned by one NET_BUFFER.
struct StoredMdl {
    StoredMdl* next;  // of the same owner
    size_t unused;    // keeps the MDL on 16 bytes
    MDL mdl;
};

// Null when out of memory. `frames` is the number that the MDL must have room for.
StoredMdl* take_part(uint32_t frames, unsigned processor);
void give_parts(StoredMdl* first, unsigned processor);

// An MDL over `length` bytes of fresh memory, for a retreat.
MDL* take_header(uint32_t length, unsigned processor);
// Frees such an MDL; bug checks when it is not one.
void give_header(MDL* mdl, unsigned processor);

SlabPool& part_store();
SlabPool& header_store();

}  // namespace ndiskit::ndis
