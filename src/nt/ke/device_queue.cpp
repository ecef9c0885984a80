// Device queues: entries that wait while a device is busy. A queue is idle or busy; an insertion into an idle
// one only makes it busy, a removal from an empty one makes it idle.
#include "nt/ke/api.h"
#include "nt/ke/spin_lock.h"

using namespace ndiskit::nt;

namespace {

constexpr CSHORT device_queue_object = 20;

class Hold {
  public:
    explicit Hold(KDEVICE_QUEUE& queue) : queue_(queue), old_(KeAcquireSpinLockRaiseToDpc(&queue.Lock)) {}
    ~Hold() { KeReleaseSpinLock(&queue_.Lock, old_); }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

  private:
    KDEVICE_QUEUE& queue_;
    const KIRQL old_;
};

KDEVICE_QUEUE_ENTRY* entry_of(LIST_ENTRY* link) {
    return CONTAINING_RECORD(link, KDEVICE_QUEUE_ENTRY, DeviceListEntry);
}

// The first entry whose key is not below `key`, or the list's head.
LIST_ENTRY* first_not_below(KDEVICE_QUEUE& queue, ULONG key) {
    LIST_ENTRY* link = queue.DeviceListHead.Flink;
    while (link != &queue.DeviceListHead && entry_of(link)->SortKey < key) link = link->Flink;
    return link;
}

LIST_ENTRY* first_above(KDEVICE_QUEUE& queue, ULONG key) {
    LIST_ENTRY* link = queue.DeviceListHead.Flink;
    while (link != &queue.DeviceListHead && entry_of(link)->SortKey <= key) link = link->Flink;
    return link;
}

bool insert_before(KDEVICE_QUEUE& queue, LIST_ENTRY* where, KDEVICE_QUEUE_ENTRY& entry) {
    const bool busy = std::exchange(queue.Busy, TRUE);
    entry.Inserted = busy;
    if (busy) InsertTailList(where, &entry.DeviceListEntry);
    return busy;
}

// Null when the queue is empty, which makes it idle.
KDEVICE_QUEUE_ENTRY* take(KDEVICE_QUEUE& queue, LIST_ENTRY* link) {
    if (IsListEmpty(&queue.DeviceListHead)) {
        queue.Busy = FALSE;
        return nullptr;
    }
    // Beyond the last key it begins at the front again.
    if (link == &queue.DeviceListHead) link = queue.DeviceListHead.Flink;
    RemoveEntryList(link);
    entry_of(link)->Inserted = FALSE;
    return entry_of(link);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keinitializedevicequeue
void NTAPI KeInitializeDeviceQueue(PKDEVICE_QUEUE DeviceQueue) {
    DeviceQueue->Type = device_queue_object;
    DeviceQueue->Size = sizeof(KDEVICE_QUEUE);
    InitializeListHead(&DeviceQueue->DeviceListHead);
    KeInitializeSpinLock(&DeviceQueue->Lock);
    DeviceQueue->Busy = FALSE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keinsertdevicequeue
BOOLEAN NTAPI KeInsertDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry) {
    const Hold hold(*DeviceQueue);
    return insert_before(*DeviceQueue, &DeviceQueue->DeviceListHead, *DeviceQueueEntry);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keinsertbykeydevicequeue
BOOLEAN NTAPI KeInsertByKeyDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry,
                                       ULONG SortKey) {
    const Hold hold(*DeviceQueue);
    DeviceQueueEntry->SortKey = SortKey;
    return insert_before(*DeviceQueue, first_above(*DeviceQueue, SortKey), *DeviceQueueEntry);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keremovedevicequeue
PKDEVICE_QUEUE_ENTRY NTAPI KeRemoveDeviceQueue(PKDEVICE_QUEUE DeviceQueue) {
    const Hold hold(*DeviceQueue);
    return take(*DeviceQueue, DeviceQueue->DeviceListHead.Flink);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keremovebykeydevicequeue
PKDEVICE_QUEUE_ENTRY NTAPI KeRemoveByKeyDeviceQueue(PKDEVICE_QUEUE DeviceQueue, ULONG SortKey) {
    const Hold hold(*DeviceQueue);
    return take(*DeviceQueue, first_not_below(*DeviceQueue, SortKey));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keremovebykeydevicequeueifbusy
PKDEVICE_QUEUE_ENTRY NTAPI KeRemoveByKeyDeviceQueueIfBusy(PKDEVICE_QUEUE DeviceQueue, ULONG SortKey) {
    const Hold hold(*DeviceQueue);
    return DeviceQueue->Busy ? take(*DeviceQueue, first_not_below(*DeviceQueue, SortKey)) : nullptr;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keremoveentrydevicequeue
BOOLEAN NTAPI KeRemoveEntryDeviceQueue(PKDEVICE_QUEUE DeviceQueue, PKDEVICE_QUEUE_ENTRY DeviceQueueEntry) {
    const Hold hold(*DeviceQueue);
    if (!std::exchange(DeviceQueueEntry->Inserted, FALSE)) return FALSE;
    RemoveEntryList(&DeviceQueueEntry->DeviceListEntry);
    return TRUE;
}

}  // extern "C"
