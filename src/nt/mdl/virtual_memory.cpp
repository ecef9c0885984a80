// Virtual memory as drivers call it. There is one process.

#include "nt/abi.h"
#include "nt/mdl/address_space.h"
#include "nt/mdl/section_api.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"

using namespace ndiskit::nt;

namespace {

constexpr ULONG mem_commit = 0x1000, mem_reserve = 0x2000, mem_decommit = 0x4000, mem_release = 0x8000;
constexpr ULONG mem_free = 0x10000, mem_private = 0x20000, mem_mapped = 0x40000, mem_reset = 0x80000;
constexpr ULONG mem_top_down = 0x100000;
constexpr ULONG most_zero_bits = 20;

uintptr_t address_of(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer); }

// The page and those behind it that are alike.
MEMORY_BASIC_INFORMATION describe(const address_space::Region& region, uintptr_t address) {
    const size_t first = (address - region.base) / PAGE_SIZE;
    size_t end = first + 1;
    while (end < region.pages.size() && region.pages[end] == region.pages[first]) ++end;
    const bool committed = region.pages[first] != 0;
    MEMORY_BASIC_INFORMATION information = {};
    information.BaseAddress = reinterpret_cast<PVOID>(region.base + first * PAGE_SIZE);
    information.AllocationBase = reinterpret_cast<PVOID>(region.base);
    information.AllocationProtect = region.protect;
    information.RegionSize = (end - first) * PAGE_SIZE;
    information.State = committed ? mem_commit : mem_reserve;
    information.Protect = region.pages[first];
    information.Type = region.kind == address_space::Kind::view ? mem_mapped : mem_private;
    return information;
}

// What lies in no region is of the kit, a page at a time, or free.
MEMORY_BASIC_INFORMATION describe_other(uintptr_t address) {
    MEMORY_BASIC_INFORMATION information = {};
    information.BaseAddress = PAGE_ALIGN(reinterpret_cast<PVOID>(address));
    information.RegionSize = PAGE_SIZE;
    const bool there = MmIsAddressValid(information.BaseAddress);
    information.State = there ? mem_commit : mem_free;
    information.Protect = there ? PAGE_READWRITE : PAGE_NOACCESS;
    if (there) {
        information.AllocationBase = information.BaseAddress;
        information.AllocationProtect = PAGE_READWRITE;
        information.Type = mem_private;
    }
    return information;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwallocatevirtualmemory
NTSTATUS NTAPI ZwAllocateVirtualMemory(HANDLE ProcessHandle, PVOID* BaseAddress, ULONG_PTR ZeroBits,
                                       PSIZE_T RegionSize, ULONG AllocationType, ULONG Protect) {
    if (const NTSTATUS status = address_space::check_process(ProcessHandle); !NT_SUCCESS(status))
        return status;
    if (ZeroBits > most_zero_bits) return STATUS_INVALID_PARAMETER_3;
    if (*RegionSize == 0) return STATUS_INVALID_PARAMETER_4;
    constexpr ULONG known = mem_commit | mem_reserve | mem_reset | mem_top_down;
    if ((AllocationType & ~known) || !(AllocationType & (mem_commit | mem_reserve | mem_reset)))
        return STATUS_INVALID_PARAMETER_5;
    if (address_space::host_protection(Protect) < 0) return STATUS_INVALID_PAGE_PROTECTION;
    uintptr_t base = address_of(*BaseAddress);
    SIZE_T size = *RegionSize;
    // What a reset says, that the content is of no use any more, changes nothing here.
    NTSTATUS status = STATUS_SUCCESS;
    const bool reserves = base == 0 || (AllocationType & mem_reserve);
    if (AllocationType & mem_reset) {
        if (!address_space::with_region(base, [](const auto&) {})) return STATUS_MEMORY_NOT_ALLOCATED;
    } else if (reserves) {
        status = address_space::reserve(base, size, Protect);
    }
    if (NT_SUCCESS(status) && (AllocationType & mem_commit))
        status = address_space::commit(base, size, Protect);
    if (!NT_SUCCESS(status)) return status;
    *BaseAddress = reinterpret_cast<PVOID>(base);
    *RegionSize = size;
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwfreevirtualmemory
NTSTATUS NTAPI ZwFreeVirtualMemory(HANDLE ProcessHandle, PVOID* BaseAddress, PSIZE_T RegionSize,
                                   ULONG FreeType) {
    if (const NTSTATUS status = address_space::check_process(ProcessHandle); !NT_SUCCESS(status))
        return status;
    if (FreeType != mem_decommit && FreeType != mem_release) return STATUS_INVALID_PARAMETER_4;
    uintptr_t base = address_of(*BaseAddress);
    SIZE_T size = *RegionSize;
    const NTSTATUS status =
        FreeType == mem_decommit ? address_space::decommit(base, size) : address_space::release(base, size);
    if (!NT_SUCCESS(status)) return status;
    *BaseAddress = reinterpret_cast<PVOID>(base);
    *RegionSize = size;
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwqueryvirtualmemory
NTSTATUS NTAPI ZwQueryVirtualMemory(HANDLE ProcessHandle, PVOID BaseAddress, ULONG MemoryInformationClass,
                                    PVOID MemoryInformation, SIZE_T MemoryInformationLength,
                                    PSIZE_T ReturnLength) {
    constexpr ULONG basic = 0;
    constexpr uintptr_t end_of_user_space = 0x7FFFFFFF0000;
    if (const NTSTATUS status = address_space::check_process(ProcessHandle); !NT_SUCCESS(status))
        return status;
    if (MemoryInformationClass != basic) return STATUS_INVALID_INFO_CLASS;
    if (MemoryInformationLength < sizeof(MEMORY_BASIC_INFORMATION)) return STATUS_INFO_LENGTH_MISMATCH;
    if (address_of(BaseAddress) >= end_of_user_space) return STATUS_INVALID_PARAMETER;
    auto& information = *static_cast<MEMORY_BASIC_INFORMATION*>(MemoryInformation);
    const bool ours = address_space::with_region(address_of(BaseAddress), [&](const auto& region) {
        information = describe(region, address_of(BaseAddress));
    });
    if (!ours) information = describe_other(address_of(BaseAddress));
    if (ReturnLength) *ReturnLength = sizeof information;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmsecurevirtualmemory
HANDLE NTAPI MmSecureVirtualMemory(PVOID Address, SIZE_T Size, ULONG ProbeMode) {
    if (ProbeMode != PAGE_READWRITE && ProbeMode != PAGE_READONLY) return nullptr;
    return reinterpret_cast<HANDLE>(
        address_space::secure(address_of(Address), Size, ProbeMode == PAGE_READWRITE));
}

// Securing alone keeps the range from being freed, which is all that could take access away.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmsecurevirtualmemoryex
HANDLE NTAPI MmSecureVirtualMemoryEx(PVOID Address, SIZE_T Size, ULONG ProbeMode, ULONG) {
    return MmSecureVirtualMemory(Address, Size, ProbeMode);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmunsecurevirtualmemory
void NTAPI MmUnsecureVirtualMemory(HANDLE SecureHandle) {
    address_space::unsecure(reinterpret_cast<uint64_t>(SecureHandle));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-mmdoesfilehaveuserwritablereferences
ULONG NTAPI MmDoesFileHaveUserWritableReferences(PSECTION_OBJECT_POINTERS) { return 0; }

// There is no system cache, so no page of the range is in it.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-mmsetaddressrangemodified
BOOLEAN NTAPI MmSetAddressRangeModified(PVOID, SIZE_T) { return FALSE; }

}  // extern "C"
