// Sections: memory that views show, of no file or of a file on the machine's drive. A section of a file keeps
// the file open until its last handle and its last view have gone.
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nt/abi.h"
#include "nt/files/byte_locks.h"
#include "nt/files/file_system.h"
#include "nt/files/open_file.h"
#include "nt/mdl/address_space.h"
#include "nt/mdl/section_api.h"
#include "nt/object/object.h"

using namespace ndiskit::nt;

namespace {

constexpr ULONG mem_reserve = 0x2000, mem_top_down = 0x100000;
constexpr ULONG sec_image = 0x1000000, sec_reserve = 0x4000000, sec_commit = 0x8000000;
constexpr ULONG most_zero_bits = 20;
constexpr uint64_t largest_file_section = uint64_t{1} << 46;

// The body of a section object.
struct Section {
    int handle;         // the host's
    PFILE_OBJECT file;  // with a reference; null when the section is of no file
    uint64_t size;
    ULONG protect;
};

void destroy_section(void* body) {
    const Section section = *static_cast<Section*>(body);
    object::free_body(body);
    if (!section.file) {
        close(section.handle);
        return;
    }
    files::open_file_of(*section.file)->count_sections(-1);
    object::dereference(section.file);
}

uintptr_t address_of(const void* pointer) { return reinterpret_cast<uintptr_t>(pointer); }

bool copies_on_write(ULONG protect) { return protect == PAGE_WRITECOPY || protect == PAGE_EXECUTE_WRITECOPY; }

// What views may do with the section's own pages; a copy of them is the view's alone to write.
int shared_protection(ULONG protect) {
    const int host = address_space::host_protection(protect);
    return copies_on_write(protect) ? host & ~PROT_WRITE : host;
}

bool grants(ULONG section, ULONG view) {
    return (shared_protection(view) & ~shared_protection(section)) == 0;
}

NTSTATUS map_section(Section& section, uintptr_t& base, uint64_t offset, SIZE_T& size, ULONG protect) {
    if (offset >= section.size) return STATUS_INVALID_VIEW_SIZE;
    if (size == 0) size = section.size - offset;
    size = ROUND_TO_PAGES(size);
    if (size > section.size - offset) return STATUS_INVALID_VIEW_SIZE;
    if (!grants(section.protect, protect)) return STATUS_SECTION_PROTECTION;
    object::reference(&section);
    return address_space::map_view(base, size, section.handle, offset, protect,
                                   std::shared_ptr<void>(&section, object::dereference));
}

NTSTATUS make_section(const Section& description, Section*& section) {
    section = static_cast<Section*>(object::create(object::section_type, sizeof(Section)));
    if (!section) return STATUS_INSUFFICIENT_RESOURCES;
    *section = description;
    return STATUS_SUCCESS;
}

NTSTATUS make_of_memory(const LARGE_INTEGER* size, ULONG protect, Section*& section) {
    if (!size || size->QuadPart <= 0) return STATUS_INVALID_PARAMETER_4;
    const uint64_t pages = ROUND_TO_PAGES(static_cast<uint64_t>(size->QuadPart));
    const int handle = memfd_create("section", MFD_CLOEXEC);
    if (handle < 0) return STATUS_INSUFFICIENT_RESOURCES;
    NTSTATUS status = STATUS_SUCCESS;
    if (ftruncate(handle, static_cast<off_t>(pages)) != 0) status = STATUS_SECTION_TOO_BIG;
    if (NT_SUCCESS(status)) status = make_section({handle, nullptr, pages, protect}, section);
    if (!NT_SUCCESS(status)) close(handle);
    return status;
}

ACCESS_MASK access_for(ULONG protect) {
    const int host = shared_protection(protect);
    return (protect != PAGE_EXECUTE ? static_cast<ACCESS_MASK>(FILE_READ_DATA) : 0u) |
           (host & PROT_WRITE ? static_cast<ACCESS_MASK>(FILE_WRITE_DATA) : 0u) |
           (host & PROT_EXEC ? static_cast<ACCESS_MASK>(FILE_EXECUTE) : 0u);
}

// How much of the file the section is; a file that is too short for it grows when it may be written.
NTSTATUS size_of(const files::OpenFile& file, const LARGE_INTEGER* wanted, bool writable, uint64_t& size) {
    struct stat info;
    if (const NTSTATUS status = file.info(info); !NT_SUCCESS(status)) return status;
    const auto length = static_cast<uint64_t>(info.st_size);
    size = wanted ? static_cast<uint64_t>(wanted->QuadPart) : 0;
    if (size == 0) size = length;
    if (size == 0) return STATUS_MAPPED_FILE_SIZE_ZERO;
    if (size <= length) return STATUS_SUCCESS;
    if (!writable || size > largest_file_section) return STATUS_SECTION_TOO_BIG;
    const NTSTATUS status = file.set_size(static_cast<int64_t>(size));
    return status == STATUS_INVALID_PARAMETER ? STATUS_SECTION_TOO_BIG : status;
}

NTSTATUS make_of_open_file(PFILE_OBJECT object, const LARGE_INTEGER* wanted, ULONG protect,
                           Section*& section) {
    const files::OpenFile* const file = files::open_file_of(*object);
    if (!file || file->is_directory()) return STATUS_INVALID_FILE_FOR_SECTION;
    const ACCESS_MASK needed = access_for(protect);
    if ((file->access() & needed) != needed) return STATUS_ACCESS_DENIED;
    const bool writable = needed & FILE_WRITE_DATA;
    uint64_t size = 0;
    if (const NTSTATUS status = size_of(*file, wanted, writable, size); !NT_SUCCESS(status)) return status;
    if (!files::may_transfer(file->id(), {object, 0}, {0, size}, writable)) return STATUS_FILE_LOCK_CONFLICT;
    const NTSTATUS status =
        make_section({file->host_handle(), object, ROUND_TO_PAGES(size), protect}, section);
    if (!NT_SUCCESS(status)) return status;
    object::reference(object);
    file->count_sections(1);
    return status;
}

NTSTATUS make_of_file(HANDLE handle, const LARGE_INTEGER* wanted, ULONG protect, Section*& section) {
    void* body = nullptr;
    NTSTATUS status = object::reference_by_handle(handle, 0, nullptr, false, &body);
    if (!NT_SUCCESS(status)) return status;
    status = object::type_of(body) == &object::file_type
                 ? make_of_open_file(static_cast<PFILE_OBJECT>(body), wanted, protect, section)
                 : STATUS_INVALID_FILE_FOR_SECTION;
    object::dereference(body);
    return status;
}

// The one parameter that there may be is the node that the section's pages are to come from.
NTSTATUS check_extended(const MEM_EXTENDED_PARAMETER* parameters, ULONG count) {
    constexpr ULONG64 numa_node = 2;
    if (count == 0) return STATUS_SUCCESS;
    if (count > 1 || !parameters || (parameters->Type & 0xFF) != numa_node) return STATUS_INVALID_PARAMETER;
    return parameters->ULong64 <= KeQueryHighestNodeNumber() ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

}  // namespace

_OBJECT_TYPE ndiskit::nt::object::section_type = {"Section", destroy_section, nullptr};

extern "C" {

POBJECT_TYPE nt_MmSectionObjectType = &object::section_type;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-mmgetmaximumfilesectionsize
ULONGLONG NTAPI MmGetMaximumFileSectionSize() { return largest_file_section; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwcreatesection
NTSTATUS NTAPI ZwCreateSection(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess,
                               POBJECT_ATTRIBUTES Attributes, PLARGE_INTEGER MaximumSize,
                               ULONG SectionPageProtection, ULONG AllocationAttributes, HANDLE FileHandle) {
    if (AllocationAttributes & sec_image) return STATUS_INVALID_FILE_FOR_SECTION;
    if (address_space::host_protection(SectionPageProtection) < 0 || SectionPageProtection == PAGE_NOACCESS)
        return STATUS_INVALID_PAGE_PROTECTION;
    if (!(AllocationAttributes & (sec_commit | sec_reserve))) return STATUS_INVALID_PARAMETER_6;
    Section* section = nullptr;
    NTSTATUS status = FileHandle ? make_of_file(FileHandle, MaximumSize, SectionPageProtection, section)
                                 : make_of_memory(MaximumSize, SectionPageProtection, section);
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

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntcreatesectionex
NTSTATUS NTAPI NtCreateSectionEx(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess,
                                 POBJECT_ATTRIBUTES Attributes, PLARGE_INTEGER MaximumSize,
                                 ULONG SectionPageProtection, ULONG AllocationAttributes, HANDLE FileHandle,
                                 PMEM_EXTENDED_PARAMETER ExtendedParameters, ULONG ExtendedParameterCount) {
    const NTSTATUS status = check_extended(ExtendedParameters, ExtendedParameterCount);
    if (!NT_SUCCESS(status)) return status;
    return ZwCreateSection(SectionHandle, DesiredAccess, Attributes, MaximumSize, SectionPageProtection,
                           AllocationAttributes, FileHandle);
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
    if (const NTSTATUS status = address_space::check_process(ProcessHandle); !NT_SUCCESS(status))
        return status;
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
    if (const NTSTATUS status = address_space::check_process(ProcessHandle); !NT_SUCCESS(status))
        return status;
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

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwflushvirtualmemory
NTSTATUS NTAPI ZwFlushVirtualMemory(HANDLE ProcessHandle, PVOID* BaseAddress, PSIZE_T RegionSize,
                                    PIO_STATUS_BLOCK IoStatus) {
    if (const NTSTATUS status = address_space::check_process(ProcessHandle); !NT_SUCCESS(status))
        return status;
    uintptr_t base = address_of(*BaseAddress);
    SIZE_T size = *RegionSize;
    const NTSTATUS status = address_space::flush_view(base, size);
    if (!NT_SUCCESS(status)) return status;
    *BaseAddress = reinterpret_cast<PVOID>(base);
    *RegionSize = size;
    *IoStatus = {{STATUS_SUCCESS}, size};
    return status;
}

}  // extern "C"
