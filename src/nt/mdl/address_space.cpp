#include "nt/mdl/address_space.h"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "base/guarded.h"
#include "nt/files/folder.h"
#include "nt/object/object.h"

namespace ndiskit::nt::address_space {
namespace {

constexpr ULONG modifiers = PAGE_GUARD | PAGE_NOCACHE | PAGE_WRITECOMBINE;

struct Secured {
    uintptr_t base;
    size_t size;
};

struct Space {
    std::map<uintptr_t, Region> regions;
    std::map<uint64_t, Secured> secured;
    uint64_t next_secured = 1;

    Region* find(uintptr_t address) {
        auto after = regions.upper_bound(address);
        if (after == regions.begin()) return nullptr;
        Region& region = std::prev(after)->second;
        return address - region.base < region.size ? &region : nullptr;
    }

    bool is_secured(uintptr_t base, size_t size) const {
        return std::ranges::any_of(secured, [&](const auto& one) {
            return base < one.second.base + one.second.size && one.second.base < base + size;
        });
    }
};

Guarded<Space, LockRank::nt_work>& space() {
    static auto* const it = new Guarded<Space, LockRank::nt_work>();
    return *it;
}

void* pointer(uintptr_t address) { return reinterpret_cast<void*>(address); }

// Room for `size` bytes, at `base` or (0) where the host likes, at a multiple of the granularity. 0: there is
// none.
uintptr_t find_room(uintptr_t base, size_t size) {
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    if (base) {
        void* const got = mmap(pointer(base), size, PROT_NONE, flags | MAP_FIXED_NOREPLACE, -1, 0);
        return got == MAP_FAILED ? 0 : base;
    }
    void* const got = mmap(nullptr, size + granularity, PROT_NONE, flags, -1, 0);
    if (got == MAP_FAILED) return 0;
    const auto start = reinterpret_cast<uintptr_t>(got);
    const uintptr_t aligned = (start + granularity - 1) & ~(granularity - 1);
    if (aligned > start) munmap(got, aligned - start);
    munmap(pointer(aligned + size), start + granularity - aligned);
    return aligned;
}

NTSTATUS no_room(uintptr_t wanted) { return wanted ? STATUS_CONFLICTING_ADDRESSES : STATUS_NO_MEMORY; }

// Makes the range whole pages.
void to_pages(uintptr_t& base, size_t& size) {
    const uintptr_t end = ROUND_TO_PAGES(base + size);
    base &= ~uintptr_t{PAGE_SIZE - 1};
    size = end - base;
}

void set_pages(Region& region, uintptr_t base, size_t size, ULONG protect) {
    const auto first = region.pages.begin() + static_cast<ptrdiff_t>((base - region.base) / PAGE_SIZE);
    std::fill_n(first, size / PAGE_SIZE, protect);
}

bool holds(const Region* region, uintptr_t base, size_t size) {
    return region && region->kind == Kind::memory && base + size <= region->base + region->size;
}

}  // namespace

NTSTATUS check_process(HANDLE process) {
    void* body = nullptr;
    const NTSTATUS status = object::reference_by_handle(process, 0, &object::process_type, false, &body);
    if (NT_SUCCESS(status)) object::dereference(body);
    return status;
}

int host_protection(ULONG protect) {
    switch (protect & ~modifiers) {
        case PAGE_NOACCESS:
            return PROT_NONE;
        case PAGE_READONLY:
            return PROT_READ;
        case PAGE_READWRITE:
        case PAGE_WRITECOPY:
            return PROT_READ | PROT_WRITE;
        case PAGE_EXECUTE:
        case PAGE_EXECUTE_READ:
            return PROT_READ | PROT_EXEC;
        case PAGE_EXECUTE_READWRITE:
        case PAGE_EXECUTE_WRITECOPY:
            return PROT_READ | PROT_WRITE | PROT_EXEC;
        default:
            return -1;
    }
}

NTSTATUS reserve(uintptr_t& base, size_t& size, ULONG protect) {
    const uintptr_t wanted = base & ~(granularity - 1);
    size = ROUND_TO_PAGES(base - wanted + size);
    return space().with([&](Space& s) {
        const uintptr_t got = find_room(wanted, size);
        if (!got) return no_room(wanted);
        base = got;
        s.regions[got] = {got, size, Kind::memory, protect, std::vector<ULONG>(size / PAGE_SIZE), nullptr};
        return STATUS_SUCCESS;
    });
}

NTSTATUS commit(uintptr_t& base, size_t& size, ULONG protect) {
    to_pages(base, size);
    return space().with([&](Space& s) {
        Region* const region = s.find(base);
        if (!holds(region, base, size)) return STATUS_CONFLICTING_ADDRESSES;
        if (mprotect(pointer(base), size, host_protection(protect)) != 0) return STATUS_NO_MEMORY;
        set_pages(*region, base, size, protect);
        return STATUS_SUCCESS;
    });
}

NTSTATUS decommit(uintptr_t& base, size_t& size) {
    to_pages(base, size);
    return space().with([&](Space& s) {
        Region* const region = s.find(base);
        if (!region) return STATUS_MEMORY_NOT_ALLOCATED;
        if (size == 0 && base == region->base) size = region->size;
        if (size == 0 || !holds(region, base, size)) return STATUS_UNABLE_TO_FREE_VM;
        if (s.is_secured(base, size)) return STATUS_INVALID_PAGE_PROTECTION;
        // New pages in place of the old ones: what was in them is gone.
        mmap(pointer(base), size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
        set_pages(*region, base, size, 0);
        return STATUS_SUCCESS;
    });
}

NTSTATUS release(uintptr_t& base, size_t& size) {
    return space().with([&](Space& s) {
        Region* const region = s.find(base);
        if (!region || region->kind != Kind::memory) return STATUS_MEMORY_NOT_ALLOCATED;
        if (base != region->base) return STATUS_FREE_VM_NOT_AT_BASE;
        if (size != 0 && ROUND_TO_PAGES(size) != region->size) return STATUS_UNABLE_TO_FREE_VM;
        if (s.is_secured(base, region->size)) return STATUS_INVALID_PAGE_PROTECTION;
        size = region->size;
        munmap(pointer(base), size);
        s.regions.erase(base);
        return STATUS_SUCCESS;
    });
}

NTSTATUS map_view(uintptr_t& base, size_t size, int file, uint64_t offset, ULONG protect,
                  std::shared_ptr<void> section) {
    return space().with([&](Space& s) {
        const uintptr_t wanted = base & ~(granularity - 1);
        const uintptr_t got = find_room(wanted, ROUND_TO_PAGES(size));
        if (!got) return no_room(wanted);
        const ULONG plain = protect & ~modifiers;
        const bool copies = plain == PAGE_WRITECOPY || plain == PAGE_EXECUTE_WRITECOPY;
        void* const view =
            mmap(pointer(got), size, host_protection(protect),
                 (copies ? MAP_PRIVATE : MAP_SHARED) | MAP_FIXED, file, static_cast<off_t>(offset));
        if (view == MAP_FAILED) {
            munmap(pointer(got), ROUND_TO_PAGES(size));
            return STATUS_NO_MEMORY;
        }
        base = got;
        s.regions[got] = {got,    size, Kind::view, protect, std::vector<ULONG>(size / PAGE_SIZE, protect),
                          section};
        return STATUS_SUCCESS;
    });
}

NTSTATUS unmap_view(uintptr_t address) {
    std::shared_ptr<void> last;  // let go outside of the lock
    return space().with([&](Space& s) {
        Region* const region = s.find(address);
        if (!region || region->kind != Kind::view) return STATUS_NOT_MAPPED_VIEW;
        if (s.is_secured(region->base, region->size)) return STATUS_INVALID_PAGE_PROTECTION;
        munmap(pointer(region->base), region->size);
        last = std::move(region->section);
        s.regions.erase(region->base);
        return STATUS_SUCCESS;
    });
}

NTSTATUS flush_view(uintptr_t& base, size_t& size) {
    std::shared_ptr<void> section;  // keeps what is mapped while it is written
    const NTSTATUS status = space().with([&](Space& s) {
        const Region* const region = s.find(base);
        if (!region) return STATUS_NOT_MAPPED_VIEW;
        const size_t behind = region->base + region->size - base;
        if (region->kind != Kind::view || size > behind) return STATUS_INVALID_PARAMETER_2;
        if (size == 0) size = behind;
        to_pages(base, size);
        section = region->section;
        return STATUS_SUCCESS;
    });
    if (!NT_SUCCESS(status)) return status;
    return msync(pointer(base), size, MS_SYNC) == 0 ? STATUS_SUCCESS : files::status_of_errno(errno);
}

bool with_region(uintptr_t address, const std::function<void(const Region&)>& body) {
    return space().with([&](Space& s) {
        const Region* const region = s.find(address);
        if (region) body(*region);
        return region != nullptr;
    });
}

uint64_t secure(uintptr_t base, size_t size, bool writable) {
    to_pages(base, size);
    return space().with([&](Space& s) -> uint64_t {
        const Region* const region = s.find(base);
        if (!region || base + size > region->base + region->size) return 0;
        for (size_t page = (base - region->base) / PAGE_SIZE; page < (base + size - region->base) / PAGE_SIZE;
             ++page) {
            const int allowed = region->pages[page] ? host_protection(region->pages[page]) : PROT_NONE;
            if (!(allowed & PROT_READ) || (writable && !(allowed & PROT_WRITE))) return 0;
        }
        s.secured[s.next_secured] = {base, size};
        return s.next_secured++;
    });
}

bool unsecure(uint64_t handle) {
    return space().with([&](Space& s) { return s.secured.erase(handle) != 0; });
}

}  // namespace ndiskit::nt::address_space
