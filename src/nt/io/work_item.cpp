// Work items of devices and drivers: routines that a system worker thread calls. The object that an item
// belongs to is kept until its routine has returned.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/system-worker-threads
#include "nt/abi.h"
#include "nt/bugcheck.h"
#include "nt/image/call_gate.h"
#include "nt/io/activity.h"
#include "nt/ke/work_queue.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"

struct _IO_WORKITEM {
    WORK_QUEUE_ITEM item;
    PVOID object;
    PIO_WORKITEM_ROUTINE routine;
    PIO_WORKITEM_ROUTINE_EX routine_ex;
    PVOID context;
    LONG queued;
    ndiskit::nt::io::Activity activity;  // of the thread that queued it
};

using namespace ndiskit::nt;

namespace {

constexpr ULONG work_item_tag = 0x6B6F5749;  // 'IWok' in memory order

void NTAPI run(PVOID parameter) {
    auto* const item = static_cast<PIO_WORKITEM>(parameter);
    PVOID const object = item->object;
    PIO_WORKITEM_ROUTINE const routine = item->routine;
    PIO_WORKITEM_ROUTINE_EX const routine_ex = item->routine_ex;
    PVOID const context = item->context;
    const io::Activity activity = item->activity;
    const LPCGUID before = IoSetActivityIdThread(activity.has ? &activity.id : nullptr);
    // From here on the routine may queue the item again, or free it.
    __atomic_store_n(&item->queued, 0, __ATOMIC_RELEASE);
    if (routine_ex)
        call_driver(routine_ex, object, context, item);
    else
        call_driver(routine, static_cast<PDEVICE_OBJECT>(object), context);
    IoClearActivityIdThread(before);
    object::dereference(object);
}

// False when it is queued already, and has not begun to run.
bool try_queue(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE routine, PIO_WORKITEM_ROUTINE_EX routine_ex,
               WORK_QUEUE_TYPE type, PVOID context) {
    if (__atomic_exchange_n(&item->queued, 1, __ATOMIC_ACQ_REL)) return false;
    object::reference(item->object);
    item->routine = routine;
    item->routine_ex = routine_ex;
    item->context = context;
    item->activity = io::Activity::of_this_thread();
    item->item = {{}, run, item};
    ke::queue_work_item(item->item, type);
    return true;
}

void queue(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE routine, PIO_WORKITEM_ROUTINE_EX routine_ex,
           WORK_QUEUE_TYPE type, PVOID context) {
    if (!try_queue(item, routine, routine_ex, type, context))
        bug_check_because("the work item is queued already", 0x96,  // INVALID_WORK_QUEUE_ITEM
                          reinterpret_cast<uint64_t>(item));
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iosizeofworkitem
ULONG NTAPI IoSizeofWorkItem() { return sizeof(struct _IO_WORKITEM); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioinitializeworkitem
void NTAPI IoInitializeWorkItem(PVOID object, PIO_WORKITEM item) {
    *item = {};
    item->object = object;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iouninitializeworkitem
void NTAPI IoUninitializeWorkItem(PIO_WORKITEM item) { item->object = nullptr; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioallocateworkitem
PIO_WORKITEM NTAPI IoAllocateWorkItem(PDEVICE_OBJECT device) {
    auto* item = static_cast<PIO_WORKITEM>(pool_allocate(PoolKind::nonpaged, sizeof(struct _IO_WORKITEM),
                                                         work_item_tag, __builtin_return_address(0)));
    if (item) IoInitializeWorkItem(device, item);
    return item;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iofreeworkitem
void NTAPI IoFreeWorkItem(PIO_WORKITEM item) { pool_free(item, work_item_tag); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioqueueworkitem
void NTAPI IoQueueWorkItem(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE routine, WORK_QUEUE_TYPE type,
                           PVOID context) {
    queue(item, routine, nullptr, type, context);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioqueueworkitemex
void NTAPI IoQueueWorkItemEx(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE_EX routine, WORK_QUEUE_TYPE type,
                             PVOID context) {
    queue(item, nullptr, routine, type, context);
}

// Instead of a bug check, FALSE for an item that is queued already.
BOOLEAN NTAPI IoTryQueueWorkItem(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE_EX routine, WORK_QUEUE_TYPE type,
                                 PVOID context) {
    return try_queue(item, nullptr, routine, type, context);
}

}  // extern "C"
