// Memory that is not pool, and questions about addresses: contiguous and I/O memory, physical addresses,
// probing. Physical addresses are the process's own.
#include <sys/mman.h>

#include "nt/abi.h"
#include "nt/exception/raise.h"
#include "nt/export_table.h"
#include "nt/mdl/physical_range.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit::nt;

extern "C" {

// Where user mode ends; all addresses of this process lie below.
ULONG_PTR nt_MmUserProbeAddress = 0x7FFFFFFF0000;
PVOID nt_MmHighestUserAddress = reinterpret_cast<PVOID>(0x7FFFFFFEFFFF);
PVOID nt_MmSystemRangeStart = reinterpret_cast<PVOID>(0xFFFF800000000000);

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmgetphysicaladdress
PHYSICAL_ADDRESS NTAPI MmGetPhysicalAddress(PVOID address) {
    return {.QuadPart = static_cast<LONGLONG>(reinterpret_cast<uintptr_t>(address))};
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmgetvirtualforphysical
PVOID NTAPI MmGetVirtualForPhysical(PHYSICAL_ADDRESS address) {
    return reinterpret_cast<PVOID>(address.QuadPart);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmisaddressvalid
BOOLEAN NTAPI MmIsAddressValid(PVOID address) {
    unsigned char resident;
    return mincore(PAGE_ALIGN(address), PAGE_SIZE, &resident) == 0;
}

static constexpr ULONG contiguous_tag = 0x746E6F43;  // 'Cont' in memory order

static PVOID allocate_contiguous(SIZE_T bytes, PHYSICAL_ADDRESS low, PHYSICAL_ADDRESS high,
                                 const void* caller) {
    if (bytes == 0) return nullptr;
    const mdl::PhysicalRange range = {static_cast<uint64_t>(low.QuadPart),
                                      static_cast<uint64_t>(high.QuadPart)};
    return mdl::allocate_pages(bytes, range, false, contiguous_tag, caller);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmallocatecontiguousmemory
PVOID NTAPI MmAllocateContiguousMemory(SIZE_T bytes, PHYSICAL_ADDRESS highest) {
    return allocate_contiguous(bytes, {}, highest, __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmallocatecontiguousmemoryspecifycache
PVOID NTAPI MmAllocateContiguousMemorySpecifyCache(SIZE_T bytes, PHYSICAL_ADDRESS lowest,
                                                   PHYSICAL_ADDRESS highest, PHYSICAL_ADDRESS,
                                                   MEMORY_CACHING_TYPE) {
    return allocate_contiguous(bytes, lowest, highest, __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmallocatecontiguousmemoryspecifycachenode
PVOID NTAPI MmAllocateContiguousMemorySpecifyCacheNode(SIZE_T bytes, PHYSICAL_ADDRESS lowest,
                                                       PHYSICAL_ADDRESS highest, PHYSICAL_ADDRESS,
                                                       MEMORY_CACHING_TYPE, NODE_REQUIREMENT) {
    return allocate_contiguous(bytes, lowest, highest, __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmfreecontiguousmemory
void NTAPI MmFreeContiguousMemory(PVOID memory) { mdl::free_pages(memory, 0); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmfreecontiguousmemoryspecifycache
void NTAPI MmFreeContiguousMemorySpecifyCache(PVOID memory, SIZE_T, MEMORY_CACHING_TYPE) {
    mdl::free_pages(memory, 0);
}

// Memory and the registers of devices are seen at their physical addresses.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmmapiospace
PVOID NTAPI MmMapIoSpace(PHYSICAL_ADDRESS address, SIZE_T, MEMORY_CACHING_TYPE) {
    PVOID const memory = reinterpret_cast<PVOID>(address.QuadPart);
    return MmIsAddressValid(memory) ? memory : nullptr;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmmapiospaceex
PVOID NTAPI MmMapIoSpaceEx(PHYSICAL_ADDRESS address, SIZE_T bytes, ULONG) {
    return MmMapIoSpace(address, bytes, MmCached);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmunmapiospace
void NTAPI MmUnmapIoSpace(PVOID, SIZE_T) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmgetsystemroutineaddress
PVOID NTAPI MmGetSystemRoutineAddress(PUNICODE_STRING name) {
    const std::string text = to_utf8(view_of(name));
    for (const char* module : {"ntoskrnl.exe", "hal.dll"})
        if (const Export* row = find_export(module, text)) return const_cast<PVOID>(row->address);
    return nullptr;
}

// Code and data of drivers are never paged out here: locking them has nothing to do.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmlockpagabledatasection
PVOID NTAPI MmLockPagableDataSection(PVOID address) { return address; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmlockpagablesectionbyhandle
void NTAPI MmLockPagableSectionByHandle(PVOID) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmunlockpagableimagesection
void NTAPI MmUnlockPagableImageSection(PVOID) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmpageentiredriver
PVOID NTAPI MmPageEntireDriver(PVOID address) { return address; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmresetdriverpaging
void NTAPI MmResetDriverPaging(PVOID) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmquerysystemsize
MM_SYSTEMSIZE NTAPI MmQuerySystemSize() { return MmLargeSystem; }

static void check_range(const volatile void* address, SIZE_T length, ULONG alignment) {
    const auto start = reinterpret_cast<ULONG_PTR>(address);
    if (start & (alignment - 1)) exception::raise_status(static_cast<uint32_t>(STATUS_DATATYPE_MISALIGNMENT));
    if (start + length < start || start + length > nt_MmUserProbeAddress)
        exception::raise_status(static_cast<uint32_t>(STATUS_ACCESS_VIOLATION));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-probeforread
void NTAPI ProbeForRead(volatile void* address, SIZE_T length, ULONG alignment) {
    if (length) check_range(address, length, alignment);
}

// Touches each page, as Windows does, so that a page that cannot be written raises here.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-probeforwrite
void NTAPI ProbeForWrite(volatile void* address, SIZE_T length, ULONG alignment) {
    if (!length) return;
    check_range(address, length, alignment);
    auto* const first = static_cast<volatile char*>(address);
    volatile char* const last = first + length - 1;
    for (volatile char* at = first; at <= last;
         at = static_cast<volatile char*>(PAGE_ALIGN(at)) + PAGE_SIZE) {
        if (!MmIsAddressValid(const_cast<char*>(at)))
            exception::raise_status(static_cast<uint32_t>(STATUS_ACCESS_VIOLATION));
        *at = *at;
    }
}

}  // extern "C"
