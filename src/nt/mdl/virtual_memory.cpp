// Virtual memory and sections as drivers call them. There is one process. Sections are memory; files have
// none.
#include <sys/mman.h>
#include <unistd.h>

#include "nt/abi.h"
#include "nt/mdl/address_space.h"
#include "nt/mdl/section_api.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit::nt;

namespace {

constexpr ULONG mem_commit = 0x1000, mem_reserve = 0x2000, mem_decommit = 0x4000, mem_release = 0x8000;
constexpr ULONG mem_free = 0x10000, mem_private = 0x20000, mem_mapped = 0x40000, mem_reset = 0x80000;
constexpr ULONG mem_top_down = 0x100000;
constexpr ULONG sec_image = 0x1000000, sec_reserve = 0x4000000, sec_commit = 0x8000000;
constexpr ULONG most_zero_bits = 20;

// The body of a section object.
struct Section {
    int file;
    uint64_t size;
    ULONG protect;
};

void destroy_section(void* body) {
    close(static_cast<Section*>(body)->file);
    object::free_body(body);
}

NTSTATUS check_process(HANDLE process) {
    void* body = nullptr;
    const NTSTATUS status = object::reference_by_handle(process, 0, &object::process_type, false, &body);
    if (NT_SUCCESS(status)) object::dereference(body);
    return status;
}

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

bool grants(ULONG section, ULONG view) {
    const int allowed = address_space::host_protection(section),
              wanted = address_space::host_protection(view);
    const bool copies = view == PAGE_WRITECOPY || view == PAGE_EXECUTE_WRITECOPY;
    return (wanted & ~(copies ? allowed | PROT_WRITE : allowed)) == 0;
}

NTSTATUS map_section(Section& section, uintptr_t& base, uint64_t offset, SIZE_T& size, ULONG protect) {
    if (offset >= section.size) return STATUS_INVALID_VIEW_SIZE;
    if (size == 0) size = section.size - offset;
    size = ROUND_TO_PAGES(size);
    if (size > section.size - offset) return STATUS_INVALID_VIEW_SIZE;
    if (!grants(section.protect, protect)) return STATUS_SECTION_PROTECTION;
    object::reference(&section);
    return address_space::map_view(base, size, section.file, offset, protect,
                                   std::shared_ptr<void>(&section, object::dereference));
}

NTSTATUS make_section(uint64_t size, ULONG protect, Section*& section) {
    const int file = memfd_create("section", MFD_CLOEXEC);
    if (file < 0) return STATUS_INSUFFICIENT_RESOURCES;
    if (ftruncate(file, static_cast<off_t>(size)) != 0) {
        close(file);
        return STATUS_SECTION_TOO_BIG;
    }
    section = static_cast<Section*>(object::create(object::section_type, sizeof(Section)));
    if (!section) {
        close(file);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *section = {file, size, protect};
    return STATUS_SUCCESS;
}

}  // namespace

_OBJECT_TYPE ndiskit::nt::object::section_type = {"Section", destroy_section, nullptr};

extern "C" {

POBJECT_TYPE nt_MmSectionObjectType = &object::section_type;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwallocatevirtualmemory
NTSTATUS NTAPI ZwAllocateVirtualMemory(HANDLE ProcessHandle, PVOID* BaseAddress, ULONG_PTR ZeroBits,
                                       PSIZE_T RegionSize, ULONG AllocationType, ULONG Protect) {
    if (const NTSTATUS status = check_process(ProcessHandle); !NT_SUCCESS(status)) return status;
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
    if (const NTSTATUS status = check_process(ProcessHandle); !NT_SUCCESS(status)) return status;
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
    if (const NTSTATUS status = check_process(ProcessHandle); !NT_SUCCESS(status)) return status;
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

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwcreatesection
NTSTATUS NTAPI ZwCreateSection(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess,
                               POBJECT_ATTRIBUTES Attributes, PLARGE_INTEGER MaximumSize,
                               ULONG SectionPageProtection, ULONG AllocationAttributes, HANDLE FileHandle) {
    if (FileHandle || (AllocationAttributes & sec_image)) return STATUS_INVALID_FILE_FOR_SECTION;
    if (address_space::host_protection(SectionPageProtection) < 0 || SectionPageProtection == PAGE_NOACCESS)
        return STATUS_INVALID_PAGE_PROTECTION;
    if (!(AllocationAttributes & (sec_commit | sec_reserve))) return STATUS_INVALID_PARAMETER_6;
    if (!MaximumSize || MaximumSize->QuadPart <= 0) return STATUS_INVALID_PARAMETER_4;
    Section* section = nullptr;
    const auto size = static_cast<uint64_t>(MaximumSize->QuadPart);
    NTSTATUS status = make_section(ROUND_TO_PAGES(size), SectionPageProtection, section);
    if (!NT_SUCCESS(status)) return status;
    if (Attributes && Attributes->ObjectName) {
        std::u16string path;
        status = object::path_of(*Attributes, path);
        if (NT_SUCCESS(status)) status = object::insert(path, section);
    }
    if (NT_SUCCESS(status)) *SectionHandle = object::open_handle(section, DesiredAccess);
    object::dereference(section);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwopensection
NTSTATUS NTAPI ZwOpenSection(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess,
                             POBJECT_ATTRIBUTES Attributes) {
    return object::open_named(*Attributes, object::section_type, DesiredAccess, *SectionHandle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwmapviewofsection
NTSTATUS NTAPI ZwMapViewOfSection(HANDLE SectionHandle, HANDLE ProcessHandle, PVOID* BaseAddress,
                                  ULONG_PTR ZeroBits, SIZE_T, PLARGE_INTEGER SectionOffset, PSIZE_T ViewSize,
                                  SECTION_INHERIT, ULONG AllocationType, ULONG Win32Protect) {
    if (ZeroBits > most_zero_bits) return STATUS_INVALID_PARAMETER_4;
    if (AllocationType & ~(mem_reserve | mem_top_down)) return STATUS_INVALID_PARAMETER_9;
    if (address_space::host_protection(Win32Protect) < 0) return STATUS_INVALID_PAGE_PROTECTION;
    if (const NTSTATUS status = check_process(ProcessHandle); !NT_SUCCESS(status)) return status;
    void* body = nullptr;
    NTSTATUS status = object::reference_by_handle(SectionHandle, 0, &object::section_type, false, &body);
    if (!NT_SUCCESS(status)) return status;
    uint64_t offset = SectionOffset ? static_cast<uint64_t>(SectionOffset->QuadPart) : 0;
    offset &= ~(uint64_t{address_space::granularity} - 1);
    uintptr_t base = address_of(*BaseAddress);
    SIZE_T size = *ViewSize;
    status = map_section(*static_cast<Section*>(body), base, offset, size, Win32Protect);
    object::dereference(body);
    if (!NT_SUCCESS(status)) return status;
    *BaseAddress = reinterpret_cast<PVOID>(base);
    *ViewSize = size;
    if (SectionOffset) SectionOffset->QuadPart = static_cast<LONGLONG>(offset);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwunmapviewofsection
NTSTATUS NTAPI ZwUnmapViewOfSection(HANDLE ProcessHandle, PVOID BaseAddress) {
    if (const NTSTATUS status = check_process(ProcessHandle); !NT_SUCCESS(status)) return status;
    return address_space::unmap_view(address_of(BaseAddress));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmmapviewinsystemspace
NTSTATUS NTAPI MmMapViewInSystemSpace(PVOID Section_, PVOID* MappedBase, PSIZE_T ViewSize) {
    LARGE_INTEGER start = {};
    return MmMapViewInSystemSpaceEx(Section_, MappedBase, ViewSize, &start, 0);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmmapviewinsystemspaceex
NTSTATUS NTAPI MmMapViewInSystemSpaceEx(PVOID Section_, PVOID* MappedBase, PSIZE_T ViewSize,
                                        PLARGE_INTEGER SectionOffset, ULONG_PTR) {
    auto& section = *static_cast<Section*>(Section_);
    const uint64_t offset =
        static_cast<uint64_t>(SectionOffset->QuadPart) & ~(uint64_t{address_space::granularity} - 1);
    uintptr_t base = 0;
    const NTSTATUS status = map_section(section, base, offset, *ViewSize, section.protect);
    if (!NT_SUCCESS(status)) return status;
    SectionOffset->QuadPart = static_cast<LONGLONG>(offset);
    *MappedBase = reinterpret_cast<PVOID>(base);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmunmapviewinsystemspace
NTSTATUS NTAPI MmUnmapViewInSystemSpace(PVOID MappedBase) {
    return address_space::unmap_view(address_of(MappedBase));
}

// There is one session, and it sees what the system sees.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmmapviewinsessionspace
NTSTATUS NTAPI MmMapViewInSessionSpace(PVOID Section_, PVOID* MappedBase, PSIZE_T ViewSize) {
    return MmMapViewInSystemSpace(Section_, MappedBase, ViewSize);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-mmunmapviewinsessionspace
NTSTATUS NTAPI MmUnmapViewInSessionSpace(PVOID MappedBase) { return MmUnmapViewInSystemSpace(MappedBase); }

// No view is of a file, so nothing is to be written back.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwflushvirtualmemory
NTSTATUS NTAPI ZwFlushVirtualMemory(HANDLE ProcessHandle, PVOID* BaseAddress, PSIZE_T RegionSize,
                                    PIO_STATUS_BLOCK IoStatus) {
    if (const NTSTATUS status = check_process(ProcessHandle); !NT_SUCCESS(status)) return status;
    bool fits = false;
    const bool found = address_space::with_region(address_of(*BaseAddress), [&](const auto& region) {
        const size_t behind = region.base + region.size - address_of(*BaseAddress);
        if (*RegionSize == 0) *RegionSize = behind;
        fits = *RegionSize <= behind && region.kind == address_space::Kind::view;
    });
    if (!found) return STATUS_NOT_MAPPED_VIEW;
    if (!fits) return STATUS_INVALID_PARAMETER_2;
    *BaseAddress = PAGE_ALIGN(*BaseAddress);
    *RegionSize = ROUND_TO_PAGES(*RegionSize);
    *IoStatus = {};
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-mmdoesfilehaveuserwritablereferences
ULONG NTAPI MmDoesFileHaveUserWritableReferences(PSECTION_OBJECT_POINTERS) { return 0; }

// There is no system cache, so no page of the range is in it.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-mmsetaddressrangemodified
BOOLEAN NTAPI MmSetAddressRangeModified(PVOID, SIZE_T) { return FALSE; }

}  // extern "C"
