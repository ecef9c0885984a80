#include "nt/ke/resource.h"

#include <algorithm>
#include <span>

#include "nt/bugcheck.h"
#include "nt/ke/api.h"
#include "nt/ke/irql.h"
#include "nt/ke/machine.h"
#include "nt/ke/wait_lot.h"

namespace ndiskit::nt::ke {
namespace {

constexpr uint32_t resource_not_owned = 0xE3;
constexpr USHORT owned_exclusive = 0x80;
constexpr uint32_t first_table_size = 4;

ERESOURCE_THREAD me() { return reinterpret_cast<ERESOURCE_THREAD>(current_thread()); }

bool is_exclusive(const ERESOURCE& resource) { return resource.Flag & owned_exclusive; }

std::span<OWNER_ENTRY> table_of(ERESOURCE& resource) {
    if (!resource.OwnerTable) return {};
    return std::span(resource.OwnerTable, resource.OwnerTable->TableSize).subspan(1);
}

// The entry of an owner, or null.
OWNER_ENTRY* find_owner(ERESOURCE& resource, ERESOURCE_THREAD owner) {
    if (resource.OwnerEntry.OwnerThread == owner) return &resource.OwnerEntry;
    for (OWNER_ENTRY& entry : table_of(resource))
        if (entry.OwnerThread == owner) return &entry;
    return nullptr;
}

OWNER_ENTRY& free_entry(ERESOURCE& resource) {
    if (OWNER_ENTRY* const found = find_owner(resource, 0)) return *found;
    const uint32_t old_size = resource.OwnerTable ? resource.OwnerTable->TableSize : 0;
    const uint32_t size = old_size ? 2 * old_size : first_table_size;
    auto* const table = new OWNER_ENTRY[size]();
    std::ranges::copy(std::span(resource.OwnerTable, old_size), table);
    table->TableSize = size;
    delete[] std::exchange(resource.OwnerTable, table);
    return table[std::max(old_size, 1u)];
}

void add_owner(ERESOURCE& resource, ERESOURCE_THREAD owner) {
    OWNER_ENTRY& entry = free_entry(resource);
    entry.OwnerThread = owner;
    entry.OwnerCount = 1;
    ++resource.ActiveEntries;
    resource.ActiveCount = 1;
}

bool try_exclusive(ERESOURCE& resource) {
    if (resource.ActiveEntries == 0) {
        resource.OwnerEntry = {.OwnerThread = me()};
        resource.OwnerEntry.OwnerCount = 1;
        resource.Flag |= owned_exclusive;
        resource.ActiveEntries = 1;
        resource.ActiveCount = 1;
        return true;
    }
    if (!is_exclusive(resource) || resource.OwnerEntry.OwnerThread != me()) return false;
    ++resource.OwnerEntry.OwnerCount;
    return true;
}

bool try_shared(ERESOURCE& resource, SharedRule rule) {
    OWNER_ENTRY* const mine = resource.ActiveEntries ? find_owner(resource, me()) : nullptr;
    if (is_exclusive(resource)) {
        if (!mine) return false;
        ++mine->OwnerCount;
        return true;
    }
    const bool writers_wait = resource.NumberOfExclusiveWaiters != 0;
    if (writers_wait && rule == SharedRule::wait_for_exclusive_even_owner) return false;
    if (mine) {
        ++mine->OwnerCount;
        return true;
    }
    if (writers_wait && rule == SharedRule::behind_exclusive_waiters && resource.ActiveEntries) return false;
    add_owner(resource, me());
    return true;
}

template <class Try>
bool acquire(ERESOURCE& resource, bool wait, ULONG& waiters, Try try_take) {
    check_may_wait("the acquisition of a resource", &resource);
    if (deterministic) engine::the().switch_point(engine::SwitchPoint::wait);
    const bool taken = wait_lot.with([&](WaitLot&) {
        if (try_take()) return true;
        if (wait) {
            ++waiters;
            ++resource.ContentionCount;
        }
        return false;
    });
    if (taken || !wait) return taken;
    wait_on_address("the acquisition of a resource", &resource, [&] {
        --waiters;
        if (try_take()) return true;
        ++waiters;
        return false;
    });
    return true;
}

}  // namespace

bool acquire_resource_exclusive(ERESOURCE& resource, bool wait) {
    return acquire(resource, wait, resource.NumberOfExclusiveWaiters,
                   [&] { return try_exclusive(resource); });
}

bool acquire_resource_shared(ERESOURCE& resource, bool wait, SharedRule rule) {
    return acquire(resource, wait, resource.NumberOfSharedWaiters,
                   [&] { return try_shared(resource, rule); });
}

void release_resource(ERESOURCE& resource, ERESOURCE_THREAD owner) {
    const bool owned = wait_lot.with([&](WaitLot& lot) {
        OWNER_ENTRY* const entry = resource.ActiveEntries ? find_owner(resource, owner) : nullptr;
        if (!entry || owner == 0) return false;
        if (--entry->OwnerCount != 0) return true;
        entry->OwnerThread = 0;
        if (--resource.ActiveEntries != 0) return true;
        resource.ActiveCount = 0;
        resource.Flag &= ~owned_exclusive;
        lot.wake(&resource);
        return true;
    });
    if (!owned)
        bug_check_because("a resource is released by a thread that does not own it", resource_not_owned,
                          reinterpret_cast<uint64_t>(&resource), owner,
                          reinterpret_cast<uint64_t>(resource.OwnerTable));
}

}  // namespace ndiskit::nt::ke

using namespace ndiskit::nt;
using ke::SharedRule;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exinitializeresourcelite
NTSTATUS NTAPI ExInitializeResourceLite(PERESOURCE Resource) {
    *Resource = {};
    InitializeListHead(&Resource->SystemResourcesList);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreinitializeresourcelite
NTSTATUS NTAPI ExReinitializeResourceLite(PERESOURCE Resource) {
    delete[] Resource->OwnerTable;
    return ExInitializeResourceLite(Resource);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exdeleteresourcelite
NTSTATUS NTAPI ExDeleteResourceLite(PERESOURCE Resource) {
    delete[] std::exchange(Resource->OwnerTable, nullptr);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquireresourceexclusivelite
BOOLEAN NTAPI ExAcquireResourceExclusiveLite(PERESOURCE Resource, BOOLEAN Wait) {
    return ke::acquire_resource_exclusive(*Resource, Wait);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquireresourcesharedlite
BOOLEAN NTAPI ExAcquireResourceSharedLite(PERESOURCE Resource, BOOLEAN Wait) {
    return ke::acquire_resource_shared(*Resource, Wait, SharedRule::behind_exclusive_waiters);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquiresharedstarveexclusive
BOOLEAN NTAPI ExAcquireSharedStarveExclusive(PERESOURCE Resource, BOOLEAN Wait) {
    return ke::acquire_resource_shared(*Resource, Wait, SharedRule::ahead_of_exclusive_waiters);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquiresharedwaitforexclusive
BOOLEAN NTAPI ExAcquireSharedWaitForExclusive(PERESOURCE Resource, BOOLEAN Wait) {
    return ke::acquire_resource_shared(*Resource, Wait, SharedRule::wait_for_exclusive_even_owner);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleaseresourcelite
void NTAPI ExReleaseResourceLite(PERESOURCE Resource) { ke::release_resource(*Resource, ke::me()); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleaseresourceforthreadlite
void NTAPI ExReleaseResourceForThreadLite(PERESOURCE Resource, ERESOURCE_THREAD ResourceThreadId) {
    ke::release_resource(*Resource, ResourceThreadId);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exconvertexclusivetosharedlite
void NTAPI ExConvertExclusiveToSharedLite(PERESOURCE Resource) {
    ke::wait_lot.with([&](ke::WaitLot& lot) {
        Resource->Flag &= ~ke::owned_exclusive;
        lot.wake(Resource);
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exisresourceacquiredexclusivelite
BOOLEAN NTAPI ExIsResourceAcquiredExclusiveLite(PERESOURCE Resource) {
    return ke::wait_lot.with([&](ke::WaitLot&) {
        return ke::is_exclusive(*Resource) && Resource->OwnerEntry.OwnerThread == ke::me();
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exisresourceacquiredsharedlite
// How often the calling thread holds the resource, shared or exclusive.
ULONG NTAPI ExIsResourceAcquiredSharedLite(PERESOURCE Resource) {
    return ke::wait_lot.with([&](ke::WaitLot&) -> ULONG {
        const OWNER_ENTRY* const entry =
            Resource->ActiveEntries ? ke::find_owner(*Resource, ke::me()) : nullptr;
        return entry ? entry->OwnerCount : 0;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exgetexclusivewaitercount
ULONG NTAPI ExGetExclusiveWaiterCount(PERESOURCE Resource) {
    return ke::wait_lot.with([&](ke::WaitLot&) { return Resource->NumberOfExclusiveWaiters; });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exgetsharedwaitercount
ULONG NTAPI ExGetSharedWaiterCount(PERESOURCE Resource) {
    return ke::wait_lot.with([&](ke::WaitLot&) { return Resource->NumberOfSharedWaiters; });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exsetresourceownerpointer
void NTAPI ExSetResourceOwnerPointer(PERESOURCE Resource, PVOID OwnerPointer) {
    ke::wait_lot.with([&](ke::WaitLot&) {
        if (OWNER_ENTRY* const entry = ke::find_owner(*Resource, ke::me()))
            entry->OwnerThread = reinterpret_cast<ERESOURCE_THREAD>(OwnerPointer);
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exsetresourceownerpointerex
void NTAPI ExSetResourceOwnerPointerEx(PERESOURCE Resource, PVOID OwnerPointer, ULONG Flags) {
    ExSetResourceOwnerPointer(Resource, OwnerPointer);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-exdisableresourceboostlite
// There is no boost to disable.
void NTAPI ExDisableResourceBoostLite(PERESOURCE Resource) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exentercriticalregionandacquireresourceexclusive
PVOID NTAPI ExEnterCriticalRegionAndAcquireResourceExclusive(PERESOURCE Resource) {
    KeEnterCriticalRegion();
    ke::acquire_resource_exclusive(*Resource, true);
    return ke::current_thread();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exentercriticalregionandacquireresourceshared
PVOID NTAPI ExEnterCriticalRegionAndAcquireResourceShared(PERESOURCE Resource) {
    KeEnterCriticalRegion();
    ke::acquire_resource_shared(*Resource, true, SharedRule::behind_exclusive_waiters);
    return ke::current_thread();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exentercriticalregionandacquiresharedwaitforexclusive
PVOID NTAPI ExEnterCriticalRegionAndAcquireSharedWaitForExclusive(PERESOURCE Resource) {
    KeEnterCriticalRegion();
    ke::acquire_resource_shared(*Resource, true, SharedRule::wait_for_exclusive_even_owner);
    return ke::current_thread();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleaseresourceandleavecriticalregion
void NTAPI ExReleaseResourceAndLeaveCriticalRegion(PERESOURCE Resource) {
    ke::release_resource(*Resource, ke::me());
    KeLeaveCriticalRegion();
}

}  // extern "C"
