// Memory descriptor lists: which pages a buffer spans, and where the system sees it. Here every address of
// the process is a system address, and a page's number is its address by page size; the flags follow
// Windows', so that drivers see the states that they expect.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/using-mdls
#include <cstring>

#include "nt/abi.h"
#include "nt/bugcheck.h"
#include "nt/exception/raise.h"
#include "nt/image/call_gate.h"
#include "nt/mdl/api.h"
#include "nt/mdl/physical_range.h"
#include "nt/pool/pool.h"

using namespace ndiskit::nt;

namespace {

constexpr ULONG mdl_tag = 0x206C644D;       // 'Mdl ' in memory order
constexpr ULONG mdl_page_tag = 0x50646D4D;  // 'MmdP' in memory order
constexpr uint32_t process_has_locked_pages = 0x76;
constexpr uint32_t pfn_list_corrupt = 0x4E;
// The largest buffer whose page array fits the CSHORT size of an MDL.
constexpr size_t largest_buffer = size_t{(0x7FFF - sizeof(MDL)) / sizeof(PFN_NUMBER)} * PAGE_SIZE;

void fill_pages(PMDL mdl) {
    PPFN_NUMBER pages = MmGetMdlPfnArray(mdl);
    const auto first = reinterpret_cast<uintptr_t>(mdl->StartVa) >> PAGE_SHIFT;
    const ULONG count = ADDRESS_AND_SIZE_TO_SPAN_PAGES(MmGetMdlVirtualAddress(mdl), mdl->ByteCount);
    for (ULONG i = 0; i < count; ++i) pages[i] = first + i;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmsizeofmdl
SIZE_T NTAPI MmSizeOfMdl(PVOID base, SIZE_T length) {
    return sizeof(MDL) + sizeof(PFN_NUMBER) * ADDRESS_AND_SIZE_TO_SPAN_PAGES(base, length);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioallocatemdl
PMDL NTAPI IoAllocateMdl(PVOID address, ULONG length, BOOLEAN secondary, BOOLEAN, PIRP irp) {
    if (length > largest_buffer) return nullptr;
    auto* mdl = static_cast<PMDL>(pool_allocate(PoolKind::nonpaged, MmSizeOfMdl(address, length), mdl_tag,
                                                __builtin_return_address(0)));
    if (!mdl) return nullptr;
    MmInitializeMdl(mdl, address, length);
    mdl->Process = nullptr;
    mdl->MappedSystemVa = nullptr;
    if (irp && !secondary) irp->MdlAddress = mdl;
    if (irp && secondary) {
        PMDL* last = &irp->MdlAddress;
        while (*last) last = &(*last)->Next;
        *last = mdl;
    }
    return mdl;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iofreemdl
void NTAPI IoFreeMdl(PMDL mdl) {
    if ((mdl->MdlFlags & MDL_PAGES_LOCKED) && !(mdl->MdlFlags & MDL_PARTIAL))
        bug_check_because("an MDL is freed while its pages are locked; MmUnlockPages comes first",
                          pfn_list_corrupt, 7, reinterpret_cast<uint64_t>(mdl), mdl->ByteCount);
    pool_free(mdl, mdl_tag);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmbuildmdlfornonpagedpool
void NTAPI MmBuildMdlForNonPagedPool(PMDL mdl) {
    mdl->MdlFlags |= MDL_SOURCE_IS_NONPAGED_POOL;
    mdl->MappedSystemVa = MmGetMdlVirtualAddress(mdl);
    fill_pages(mdl);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmprobeandlockpages
void NTAPI MmProbeAndLockPages(PMDL mdl, KPROCESSOR_MODE mode, LOCK_OPERATION operation) {
    if (mode != KernelMode) {
        if (operation == IoReadAccess)
            ProbeForRead(MmGetMdlVirtualAddress(mdl), mdl->ByteCount, 1);
        else
            ProbeForWrite(MmGetMdlVirtualAddress(mdl), mdl->ByteCount, 1);
    }
    mdl->MdlFlags |= MDL_PAGES_LOCKED;
    if (operation != IoReadAccess) mdl->MdlFlags |= MDL_WRITE_OPERATION;
    fill_pages(mdl);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmunlockpages
void NTAPI MmUnlockPages(PMDL mdl) {
    if (!(mdl->MdlFlags & MDL_PAGES_LOCKED))
        bug_check_because("MmUnlockPages was called for an MDL whose pages are not locked",
                          process_has_locked_pages, 0, reinterpret_cast<uint64_t>(mdl), 0, 0);
    // Unlocking unmaps.
    mdl->MdlFlags &= static_cast<CSHORT>(~(MDL_PAGES_LOCKED | MDL_WRITE_OPERATION | MDL_MAPPED_TO_SYSTEM_VA));
    mdl->MappedSystemVa = nullptr;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmmaplockedpagesspecifycache
PVOID NTAPI MmMapLockedPagesSpecifyCache(PMDL mdl, KPROCESSOR_MODE mode, MEMORY_CACHING_TYPE, PVOID, ULONG,
                                         ULONG) {
    PVOID const address = MmGetMdlVirtualAddress(mdl);
    if (mode == KernelMode) {
        mdl->MdlFlags |= MDL_MAPPED_TO_SYSTEM_VA;
        if (mdl->MdlFlags & MDL_PARTIAL) mdl->MdlFlags |= MDL_PARTIAL_HAS_BEEN_MAPPED;
        mdl->MappedSystemVa = address;
    }
    return address;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmmaplockedpages
PVOID NTAPI MmMapLockedPages(PMDL mdl, KPROCESSOR_MODE mode) {
    return MmMapLockedPagesSpecifyCache(mdl, mode, MmCached, nullptr, TRUE, 16);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmunmaplockedpages
void NTAPI MmUnmapLockedPages(PVOID, PMDL mdl) {
    mdl->MdlFlags &= static_cast<CSHORT>(~(MDL_MAPPED_TO_SYSTEM_VA | MDL_PARTIAL_HAS_BEEN_MAPPED));
    if (!(mdl->MdlFlags & MDL_SOURCE_IS_NONPAGED_POOL)) mdl->MappedSystemVa = nullptr;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iobuildpartialmdl
void NTAPI IoBuildPartialMdl(PMDL source, PMDL target, PVOID address, ULONG length) {
    auto* const start = static_cast<char*>(MmGetMdlVirtualAddress(source));
    if (length == 0) length = source->ByteCount - static_cast<ULONG>(static_cast<char*>(address) - start);
    target->StartVa = PAGE_ALIGN(address);
    target->ByteOffset = BYTE_OFFSET(address);
    target->ByteCount = length;
    target->Process = source->Process;
    target->MdlFlags = static_cast<CSHORT>(
        (target->MdlFlags & (MDL_ALLOCATED_FIXED_SIZE | MDL_ALLOCATED_MUST_SUCCEED)) | MDL_PARTIAL |
        (source->MdlFlags & (MDL_SOURCE_IS_NONPAGED_POOL | MDL_MAPPED_TO_SYSTEM_VA | MDL_IO_PAGE_READ)));
    if (source->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA) target->MdlFlags |= MDL_PARENT_MAPPED_SYSTEM_VA;
    target->MappedSystemVa =
        static_cast<char*>(source->MappedSystemVa) + (static_cast<char*>(address) - start);
    fill_pages(target);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmadvancemdl
NTSTATUS NTAPI MmAdvanceMdl(PMDL mdl, ULONG bytes) {
    if (bytes >= mdl->ByteCount) return STATUS_INVALID_PARAMETER_2;
    char* const address = static_cast<char*>(MmGetMdlVirtualAddress(mdl)) + bytes;
    mdl->StartVa = PAGE_ALIGN(address);
    mdl->ByteOffset = BYTE_OFFSET(address);
    mdl->ByteCount -= bytes;
    if (mdl->MappedSystemVa) mdl->MappedSystemVa = static_cast<char*>(mdl->MappedSystemVa) + bytes;
    fill_pages(mdl);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmprotectmdlsystemaddress
NTSTATUS NTAPI MmProtectMdlSystemAddress(PMDL mdl, ULONG) {
    return mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA ? STATUS_SUCCESS : STATUS_NOT_MAPPED_VIEW;
}

// The pages come zeroed unless the flags say that they need not be. An MDL has room for a count of bytes
// below 4 GB.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmallocatepagesformdlex
PMDL NTAPI MmAllocatePagesForMdlEx(PHYSICAL_ADDRESS low, PHYSICAL_ADDRESS high, PHYSICAL_ADDRESS,
                                   SIZE_T bytes, MEMORY_CACHING_TYPE, ULONG) {
    constexpr SIZE_T most_bytes = 0xFFFFF000;
    if (bytes == 0 || bytes > most_bytes) return nullptr;
    const void* const caller = __builtin_return_address(0);
    const mdl::PhysicalRange range = {static_cast<uint64_t>(low.QuadPart),
                                      static_cast<uint64_t>(high.QuadPart)};
    void* const memory = mdl::allocate_pages(bytes, range, true, mdl_page_tag, caller);
    if (!memory) return nullptr;
    auto* const mdl =
        static_cast<PMDL>(pool_allocate(PoolKind::nonpaged, MmSizeOfMdl(memory, bytes), mdl_tag, caller));
    if (!mdl) {
        mdl::free_pages(memory, mdl_page_tag);
        return nullptr;
    }
    MmInitializeMdl(mdl, memory, bytes);
    mdl->Process = nullptr;
    mdl->MappedSystemVa = nullptr;
    mdl->MdlFlags |= MDL_PAGES_LOCKED;
    fill_pages(mdl);
    return mdl;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmallocatepagesformdl
PMDL NTAPI MmAllocatePagesForMdl(PHYSICAL_ADDRESS low, PHYSICAL_ADDRESS high, PHYSICAL_ADDRESS skip,
                                 SIZE_T bytes) {
    return MmAllocatePagesForMdlEx(low, high, skip, bytes, MmCached, 0);
}

// Frees the pages; the MDL itself is freed with ExFreePool.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmfreepagesfrommdl
void NTAPI MmFreePagesFromMdl(PMDL mdl) {
    mdl::free_pages(mdl->StartVa, mdl_page_tag);
    mdl->MdlFlags &= static_cast<CSHORT>(~(MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmfreepagesfrommdlex
void NTAPI MmFreePagesFromMdlEx(PMDL mdl, ULONG) { MmFreePagesFromMdl(mdl); }

// There is one node.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmallocatenodepagesformdlex
PMDL NTAPI MmAllocateNodePagesForMdlEx(PHYSICAL_ADDRESS low, PHYSICAL_ADDRESS high, PHYSICAL_ADDRESS skip,
                                       SIZE_T bytes, MEMORY_CACHING_TYPE caching, ULONG node, ULONG flags) {
    constexpr ULONG any_node = 0x80000000;
    if (node != 0 && node != any_node) return nullptr;
    return MmAllocatePagesForMdlEx(low, high, skip, bytes, caching, flags);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmallocatepartitionnodepagesformdlex
PMDL NTAPI MmAllocatePartitionNodePagesForMdlEx(PHYSICAL_ADDRESS low, PHYSICAL_ADDRESS high,
                                                PHYSICAL_ADDRESS skip, SIZE_T bytes,
                                                MEMORY_CACHING_TYPE caching, ULONG node, ULONG flags,
                                                PVOID partition) {
    return partition ? nullptr : MmAllocateNodePagesForMdlEx(low, high, skip, bytes, caching, node, flags);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmcreatemdl
PMDL NTAPI MmCreateMdl(PMDL mdl, PVOID base, SIZE_T length) {
    if (!mdl) return IoAllocateMdl(base, static_cast<ULONG>(length), FALSE, FALSE, nullptr);
    MmInitializeMdl(mdl, base, length);
    return mdl;
}

// Pages stay at their addresses on this machine, so that the segments have to follow one another.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmprobeandlockselectedpages
void NTAPI MmProbeAndLockSelectedPages(PMDL mdl, PFILE_SEGMENT_ELEMENT segments, KPROCESSOR_MODE mode,
                                       LOCK_OPERATION operation) {
    const auto address_of = [&](ULONG page) { return segments[page].Alignment; };
    const ULONG pages = ADDRESS_AND_SIZE_TO_SPAN_PAGES(nullptr, mdl->ByteCount);
    for (ULONG page = 0; page < pages; ++page) {
        if (BYTE_OFFSET(address_of(page)) != 0)
            exception::raise_status(static_cast<uint32_t>(STATUS_DATATYPE_MISALIGNMENT));
        if (address_of(page) != address_of(0) + ULONG64{page} * PAGE_SIZE)
            exception::raise_status(static_cast<uint32_t>(STATUS_NOT_SUPPORTED));
    }
    mdl->StartVa = segments[0].Buffer;
    mdl->ByteOffset = 0;
    MmProbeAndLockPages(mdl, mode, operation);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmprobeandlockprocesspages
void NTAPI MmProbeAndLockProcessPages(PMDL mdl, PEPROCESS, KPROCESSOR_MODE mode, LOCK_OPERATION operation) {
    MmProbeAndLockPages(mdl, mode, operation);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmmapmdl
NTSTATUS NTAPI MmMapMdl(PMDL mdl, ULONG, PMM_MDL_ROUTINE routine, PVOID context) {
    const bool mapped = mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL);
    const PVOID address = MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority);
    call_driver(routine, context, address);
    if (!mapped) MmUnmapLockedPages(address, mdl);
    return STATUS_SUCCESS;
}

// Whether the pages may change while the MDL is in use is the owner's word, kept in the flags.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmmdlpagecontentsstate
MM_MDL_PAGE_CONTENTS_STATE NTAPI MmMdlPageContentsState(PMDL mdl, MM_MDL_PAGE_CONTENTS_STATE state) {
    constexpr CSHORT contents_invariant = 0x4000;
    const bool before = mdl->MdlFlags & contents_invariant;
    if (state == MmMdlPageContentsInvariant) mdl->MdlFlags |= contents_invariant;
    if (state == MmMdlPageContentsDynamic) mdl->MdlFlags &= static_cast<CSHORT>(~contents_invariant);
    return before ? MmMdlPageContentsInvariant : MmMdlPageContentsDynamic;
}

// All physical addresses of this machine are memory.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmallocatemdlforiospace
NTSTATUS NTAPI MmAllocateMdlForIoSpace(PMM_PHYSICAL_ADDRESS_LIST, SIZE_T, PMDL* mdl) {
    *mdl = nullptr;
    return STATUS_INVALID_PARAMETER_1;
}

}  // extern "C"
