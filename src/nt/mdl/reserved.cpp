// Memory of special kinds: reserved mapping addresses, memory that is not cached, ranges and attributes of
// physical memory, copying that cannot fault. The machine has one kind of memory, cached and always resident,
// and no device registers.

#include "base/memory_read.h"
#include "nt/abi.h"
#include "nt/bugcheck.h"
#include "nt/mdl/api.h"
#include "nt/mdl/physical_range.h"
#include "nt/pool/pool.h"

using namespace ndiskit::nt;

namespace {

constexpr uint32_t driver_violation = 0xDA;  // SYSTEM_PTE_MISUSE
constexpr ULONG noncached_tag = 0x6343634E;  // 'NcCc' in memory order
constexpr ULONG ranges_tag = 0x52506D4D;     // 'MmPR' in memory order
constexpr ULONG any_node = 0x80000000;

// What a reserved range is here: a note of its size. The pages of an MDL are seen where they are.
struct Reserved {
    SIZE_T bytes;
    PMDL mapped;
};

Reserved& reserved_of(PVOID address, ULONG tag, const char* what) {
    const PoolBlock block = pool_block_of(address);
    if (!block.memory || block.tag != tag)
        bug_check_because(std::string(what) + " was called for an address that is not reserved with this tag",
                          driver_violation, 0x102, reinterpret_cast<uint64_t>(address), tag);
    return *static_cast<Reserved*>(address);
}

// PAGE_READWRITE or PAGE_EXECUTE_READWRITE, and at most one kind of caching.
bool is_good_protection(ULONG protect) {
    const ULONG access = protect & ~(PAGE_NOCACHE | PAGE_WRITECOMBINE);
    const ULONG caching = protect & (PAGE_NOCACHE | PAGE_WRITECOMBINE);
    return (access == PAGE_READWRITE || access == PAGE_EXECUTE_READWRITE) &&
           caching != (PAGE_NOCACHE | PAGE_WRITECOMBINE);
}

bool is_good_node(ULONG node) { return node == 0 || node == any_node; }

}  // namespace

extern "C" {

PVOID nt_MmBadPointer = reinterpret_cast<PVOID>(0xFFFF8000DEADDEAD);

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmallocatemappingaddress
PVOID NTAPI MmAllocateMappingAddress(SIZE_T NumberOfBytes, ULONG PoolTag) {
    auto* const range = static_cast<Reserved*>(
        pool_allocate(PoolKind::nonpaged, sizeof(Reserved), PoolTag, __builtin_return_address(0)));
    if (range) *range = {ROUND_TO_PAGES(NumberOfBytes), nullptr};
    return range;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmallocatemappingaddressex
PVOID NTAPI MmAllocateMappingAddressEx(SIZE_T NumberOfBytes, ULONG PoolTag, ULONG) {
    return MmAllocateMappingAddress(NumberOfBytes, PoolTag);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmfreemappingaddress
void NTAPI MmFreeMappingAddress(PVOID BaseAddress, ULONG PoolTag) {
    if (reserved_of(BaseAddress, PoolTag, "MmFreeMappingAddress").mapped)
        bug_check_because(
            "a reserved range is freed while an MDL is mapped in it; MmUnmapReservedMapping comes first",
            driver_violation, 0x103, reinterpret_cast<uint64_t>(BaseAddress), PoolTag);
    pool_free(BaseAddress, PoolTag);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmmaplockedpageswithreservedmapping
PVOID NTAPI MmMapLockedPagesWithReservedMapping(PVOID MappingAddress, ULONG PoolTag, PMDL Mdl,
                                                MEMORY_CACHING_TYPE) {
    Reserved& range = reserved_of(MappingAddress, PoolTag, "MmMapLockedPagesWithReservedMapping");
    const PVOID address = MmGetMdlVirtualAddress(Mdl);
    if (range.mapped || ROUND_TO_PAGES(SIZE_T{Mdl->ByteOffset} + Mdl->ByteCount) > range.bytes)
        return nullptr;
    range.mapped = Mdl;
    Mdl->MdlFlags |= MDL_MAPPED_TO_SYSTEM_VA;
    Mdl->MappedSystemVa = address;
    return address;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmunmapreservedmapping
void NTAPI MmUnmapReservedMapping(PVOID BaseAddress, ULONG PoolTag, PMDL Mdl) {
    Reserved& range = reserved_of(BaseAddress, PoolTag, "MmUnmapReservedMapping");
    if (range.mapped != Mdl)
        bug_check_because("an MDL is unmapped from a reserved range in which it is not mapped",
                          driver_violation, 0x104, reinterpret_cast<uint64_t>(BaseAddress), PoolTag);
    range.mapped = nullptr;
    Mdl->MdlFlags &= static_cast<CSHORT>(~MDL_MAPPED_TO_SYSTEM_VA);
    Mdl->MappedSystemVa = nullptr;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmallocatenoncachedmemory
PVOID NTAPI MmAllocateNonCachedMemory(SIZE_T NumberOfBytes) {
    return pool_allocate(PoolKind::nonpaged, ROUND_TO_PAGES(NumberOfBytes), noncached_tag,
                         __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmfreenoncachedmemory
void NTAPI MmFreeNonCachedMemory(PVOID BaseAddress, SIZE_T) { pool_free(BaseAddress, noncached_tag); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmallocatecontiguousnodememory
PVOID NTAPI MmAllocateContiguousNodeMemory(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS Low, PHYSICAL_ADDRESS High,
                                           PHYSICAL_ADDRESS Boundary, ULONG Protect, NODE_REQUIREMENT Node) {
    if (!is_good_protection(Protect) || !is_good_node(Node)) return nullptr;
    return MmAllocateContiguousMemorySpecifyCache(NumberOfBytes, Low, High, Boundary, MmCached);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmallocatecontiguousmemoryex
NTSTATUS NTAPI MmAllocateContiguousMemoryEx(PSIZE_T NumberOfBytes, PHYSICAL_ADDRESS Low,
                                            PHYSICAL_ADDRESS High, PHYSICAL_ADDRESS,
                                            NODE_REQUIREMENT PreferredNode, ULONG Protect,
                                            PVOID PartitionObject, ULONG Tag, ULONG, PVOID* BaseAddress) {
    *BaseAddress = nullptr;
    if (!is_good_protection(Protect) || !is_good_node(PreferredNode) || PartitionObject ||
        *NumberOfBytes == 0)
        return STATUS_INVALID_PARAMETER;
    const SIZE_T bytes = ROUND_TO_PAGES(*NumberOfBytes);
    const mdl::PhysicalRange range = {static_cast<uint64_t>(Low.QuadPart),
                                      static_cast<uint64_t>(High.QuadPart)};
    *BaseAddress = mdl::allocate_pages(bytes, range, false, Tag, __builtin_return_address(0));
    if (!*BaseAddress) return STATUS_INSUFFICIENT_RESOURCES;
    *NumberOfBytes = bytes;
    return STATUS_SUCCESS;
}

// Reads through the host, so that an address without memory is an error and not a fault.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmcopymemory
NTSTATUS NTAPI MmCopyMemory(PVOID TargetAddress, MM_COPY_ADDRESS SourceAddress, SIZE_T NumberOfBytes,
                            ULONG Flags, PSIZE_T NumberOfBytesTransferred) {
    constexpr ULONG physical = 1, virtual_ = 2;
    *NumberOfBytesTransferred = 0;
    if (Flags != physical && Flags != virtual_) return STATUS_INVALID_PARAMETER;
    *NumberOfBytesTransferred =
        ndiskit::read_memory(TargetAddress, SourceAddress.VirtualAddress, NumberOfBytes);
    return *NumberOfBytesTransferred == NumberOfBytes ? STATUS_SUCCESS : STATUS_INVALID_ADDRESS;
}

// One range, all of the address space of this process; a range of zero ends the list. Freed with ExFreePool.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmgetphysicalmemoryranges
PPHYSICAL_MEMORY_RANGE NTAPI MmGetPhysicalMemoryRanges() {
    constexpr LONGLONG end = 0x7FFFFFFF0000;
    auto* const ranges = static_cast<PPHYSICAL_MEMORY_RANGE>(pool_allocate_zeroed(
        PoolKind::nonpaged, 2 * sizeof(PHYSICAL_MEMORY_RANGE), ranges_tag, __builtin_return_address(0)));
    if (!ranges) return nullptr;
    ranges[0].BaseAddress.QuadPart = PAGE_SIZE;
    ranges[0].NumberOfBytes.QuadPart = end - PAGE_SIZE;
    return ranges;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmgetphysicalmemoryrangesex
PPHYSICAL_MEMORY_RANGE NTAPI MmGetPhysicalMemoryRangesEx(PVOID PartitionObject) {
    return PartitionObject ? nullptr : MmGetPhysicalMemoryRanges();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmgetphysicalmemoryrangesex2
PPHYSICAL_MEMORY_RANGE NTAPI MmGetPhysicalMemoryRangesEx2(PVOID PartitionObject, ULONG) {
    return MmGetPhysicalMemoryRangesEx(PartitionObject);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmgetcacheattribute
NTSTATUS NTAPI MmGetCacheAttribute(PHYSICAL_ADDRESS, MEMORY_CACHING_TYPE* CacheType) {
    *CacheType = MmCached;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmaremdlpagescached
ULONG NTAPI MmAreMdlPagesCached(PMDL) { return TRUE; }

// No device's registers are mapped, so no range of them is in use.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmisiospaceactive
LOGICAL NTAPI MmIsIoSpaceActive(PHYSICAL_ADDRESS, SIZE_T) { return FALSE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmisnonpagedsystemaddressvalid
BOOLEAN NTAPI MmIsNonPagedSystemAddressValid(PVOID VirtualAddress) {
    return MmIsAddressValid(VirtualAddress);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-mmisrecursiveiofault
BOOLEAN NTAPI MmIsRecursiveIoFault() { return FALSE; }

// The verifier of the kit is no driver's business: each driver sees a machine without one.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmisdriververifying
LOGICAL NTAPI MmIsDriverVerifying(struct _DRIVER_OBJECT*) { return FALSE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmisdriververifyingbyaddress
LOGICAL NTAPI MmIsDriverVerifyingByAddress(PVOID) { return FALSE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmisdriversuspectforverifier
LOGICAL NTAPI MmIsDriverSuspectForVerifier(struct _DRIVER_OBJECT*) { return FALSE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmisverifierenabled
NTSTATUS NTAPI MmIsVerifierEnabled(PULONG VerifierFlags) {
    *VerifierFlags = 0;
    return STATUS_NOT_SUPPORTED;
}

// Memory is neither added nor taken away while the machine runs.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmaddphysicalmemory
NTSTATUS NTAPI MmAddPhysicalMemory(PPHYSICAL_ADDRESS, PLARGE_INTEGER) { return STATUS_NOT_SUPPORTED; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmremovephysicalmemory
NTSTATUS NTAPI MmRemovePhysicalMemory(PPHYSICAL_ADDRESS, PLARGE_INTEGER) { return STATUS_NOT_SUPPORTED; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmcreatemirror
NTSTATUS NTAPI MmCreateMirror() { return STATUS_NOT_SUPPORTED; }

// There is no Virtual Secure Mode to protect it by.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmprotectdriversection
NTSTATUS NTAPI MmProtectDriverSection(PVOID, SIZE_T, ULONG) { return STATUS_INVALID_DEVICE_STATE; }

// No memory stands behind a file's cache, so nothing of a file holds it back.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-mmcanfilebetruncated
BOOLEAN NTAPI MmCanFileBeTruncated(PSECTION_OBJECT_POINTERS, PLARGE_INTEGER) { return TRUE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-mmflushimagesection
BOOLEAN NTAPI MmFlushImageSection(PSECTION_OBJECT_POINTERS, MMFLUSH_TYPE) { return TRUE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-mmforcesectionclosed
BOOLEAN NTAPI MmForceSectionClosed(PSECTION_OBJECT_POINTERS, BOOLEAN) { return TRUE; }

}  // extern "C"
