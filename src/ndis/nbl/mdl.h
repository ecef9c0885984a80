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
void NTAPI describe(MDL* mdl, void* address, uint32_t length) noexcept;
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
[[gnu::always_inline]] inline void describe_part(MDL* part, MDL* whole, uint32_t offset, uint32_t length) {
    std::byte* const mapped = mdl_address(whole) + offset;
    const uintptr_t start = reinterpret_cast<uintptr_t>(whole->StartVa);
    const uintptr_t virtual_address = start + whole->ByteOffset + offset;
    const uint32_t frames = frames_spanned(reinterpret_cast<void*>(virtual_address), length);
    part->Next = nullptr;
    part->Size = static_cast<CSHORT>(mdl_size_for(frames));
    part->MdlFlags = static_cast<CSHORT>(
        MDL_PARTIAL |
        (whole->MdlFlags & (MDL_SOURCE_IS_NONPAGED_POOL | MDL_MAPPED_TO_SYSTEM_VA | MDL_PAGES_LOCKED)));
    part->Process = whole->Process;
    part->MappedSystemVa = mapped;
    part->StartVa = PAGE_ALIGN(virtual_address);
    part->ByteCount = length;
    part->ByteOffset = static_cast<ULONG>(BYTE_OFFSET(virtual_address));
    const PFN_NUMBER* from =
        MmGetMdlPfnArray(whole) + ((virtual_address >> PAGE_SHIFT) - (start >> PAGE_SHIFT));
    PFN_NUMBER* to = MmGetMdlPfnArray(part);
    for (uint32_t i = 0; i < frames; i++) to[i] = from[i];
}

// An MDL that stands for a part of somebody's memory and is owned by one NET_BUFFER.
struct StoredMdl {
    StoredMdl* next;  // of the same owner
    size_t unused;    // keeps the MDL on 16 bytes
    MDL mdl;
};

// Null when out of memory. `frames` is the number that the MDL must have room for.
StoredMdl* NTAPI take_part(uint32_t frames, unsigned processor) noexcept;
void NTAPI give_parts(StoredMdl* first, unsigned processor) noexcept;

// An MDL over `length` bytes of fresh memory, for a retreat.
MDL* NTAPI take_header(uint32_t length, unsigned processor) noexcept;
// Frees such an MDL; bug checks when it is not one.
void NTAPI give_header(MDL* mdl, unsigned processor) noexcept;

SlabPool& part_store();
SlabPool& header_store();

}  // namespace ndiskit::ndis
