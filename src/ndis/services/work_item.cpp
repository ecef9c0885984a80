// Work items: a driver's function called by a system thread at PASSIVE_LEVEL, from the critical work queue.

#include <atomic>
#include <new>

#include "ndis/nbl/fault.h"
#include "ndis/services/api.h"
#include "nt/bugcheck.h"
#include "nt/image/call_gate.h"
#include "nt/ke/work_queue.h"
#include "nt/pool/pool.h"

using namespace ndiskit;

namespace {

constexpr uint32_t worker_invalid = 0xE4;
constexpr ULONG work_item_tag = 'iwDN';

// What the handle of NdisAllocateIoWorkItem is.
struct WorkItem {
    static constexpr uint32_t live = 0x6b726f57;

    WORK_QUEUE_ITEM item{};
    uint32_t mark = live;
    std::atomic<bool> queued = false;
    NDIS_IO_WORKITEM_ROUTINE routine = nullptr;
    void* context = nullptr;
};

void NTAPI run_work_item(PVOID parameter) {
    auto* item = static_cast<WorkItem*>(parameter);
    const NDIS_IO_WORKITEM_ROUTINE routine = item->routine;
    void* const context = item->context;
    // The routine may queue the item again, or free it.
    item->queued = false;
    nt::call_driver(routine, context, item);
}

void NTAPI run_scheduled(PVOID parameter) {
    auto* item = static_cast<NDIS_WORK_ITEM*>(parameter);
    nt::call_driver(item->Routine, item, item->Context);
}

WorkItem& work_item_of(NDIS_HANDLE handle) {
    auto* item = static_cast<WorkItem*>(handle);
    if (!item || item->mark != WorkItem::live) [[unlikely]]
        ndis::misuse("a handle that is no work item is used as one (or the work item was freed)", handle);
    return *item;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisallocateioworkitem
NDIS_HANDLE NTAPI NdisAllocateIoWorkItem(NDIS_HANDLE NdisObjectHandle) {
    if (!NdisObjectHandle) return nullptr;
    void* memory = nt::pool_allocate(nt::PoolKind::nonpaged, sizeof(WorkItem), work_item_tag,
                                     __builtin_return_address(0));
    return memory ? new (memory) WorkItem : nullptr;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisqueueioworkitem
void NTAPI NdisQueueIoWorkItem(NDIS_HANDLE NdisIoWorkItemHandle, NDIS_IO_WORKITEM_ROUTINE Routine,
                               PVOID WorkItemContext) {
    WorkItem& item = work_item_of(NdisIoWorkItemHandle);
    if (item.queued.exchange(true))
        nt::bug_check_because("a work item is queued that is queued already", worker_invalid, 1,
                              reinterpret_cast<uint64_t>(&item));
    item.routine = Routine;
    item.context = WorkItemContext;
    item.item.WorkerRoutine = run_work_item;
    item.item.Parameter = &item;
    nt::ke::queue_work_item(item.item, CriticalWorkQueue);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfreeioworkitem
void NTAPI NdisFreeIoWorkItem(NDIS_HANDLE NdisIoWorkItemHandle) {
    WorkItem& item = work_item_of(NdisIoWorkItemHandle);
    if (item.queued)
        nt::bug_check_because("a work item is freed while it is queued", worker_invalid, 2,
                              reinterpret_cast<uint64_t>(&item));
    item.mark = 0;
    nt::pool_free(&item, work_item_tag);
}

// The NDIS 5 form; the item is the driver's, its reserved space holds the queue entry.
// https://learn.microsoft.com/previous-versions/windows/hardware/network/ff564615(v=vs.85)
NDIS_STATUS NTAPI NdisScheduleWorkItem(PNDIS_WORK_ITEM WorkItem) {
    static_assert(sizeof(WORK_QUEUE_ITEM) <= sizeof(WorkItem->WrapperReserved));
    auto* item = reinterpret_cast<WORK_QUEUE_ITEM*>(WorkItem->WrapperReserved);
    *item = WORK_QUEUE_ITEM{};
    item->WorkerRoutine = run_scheduled;
    item->Parameter = WorkItem;
    nt::ke::queue_work_item(*item, CriticalWorkQueue);
    return NDIS_STATUS_SUCCESS;
}

}  // extern "C"
