#include "nt/io/device_timer.h"

#include <utility>

#include "nt/image/call_gate.h"
#include "nt/pool/pool.h"

struct _IO_TIMER {
    KTIMER timer;
    KDPC dpc;
    PDEVICE_OBJECT device;
    PIO_TIMER_ROUTINE routine;
    PVOID context;
    LONG started;
};

using namespace ndiskit::nt;

namespace {

constexpr ULONG timer_tag = 0x69546F49;  // 'IoTi' in memory order
constexpr LONG period_ms = 1000;

void NTAPI tick(PKDPC, PVOID context, PVOID, PVOID) {
    const IO_TIMER& timer = *static_cast<PIO_TIMER>(context);
    if (__atomic_load_n(&timer.started, __ATOMIC_ACQUIRE))
        call_driver(timer.routine, timer.device, timer.context);
}

}  // namespace

namespace ndiskit::nt::io {

void delete_timer(DEVICE_OBJECT& device) {
    PIO_TIMER const timer = std::exchange(device.Timer, nullptr);
    if (!timer) return;
    KeCancelTimer(&timer->timer);
    KeRemoveQueueDpc(&timer->dpc);
    KeFlushQueuedDpcs();
    pool_free(timer, timer_tag);
}

}  // namespace ndiskit::nt::io

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioinitializetimer
NTSTATUS NTAPI IoInitializeTimer(PDEVICE_OBJECT device, PIO_TIMER_ROUTINE routine, PVOID context) {
    if (!device->Timer) {
        device->Timer = static_cast<PIO_TIMER>(pool_allocate_zeroed(PoolKind::nonpaged, sizeof(IO_TIMER),
                                                                    timer_tag, __builtin_return_address(0)));
        if (!device->Timer) return STATUS_INSUFFICIENT_RESOURCES;
        KeInitializeTimerEx(&device->Timer->timer, NotificationTimer);
        KeInitializeDpc(&device->Timer->dpc, tick, device->Timer);
        device->Timer->device = device;
    }
    device->Timer->routine = routine;
    device->Timer->context = context;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iostarttimer
void NTAPI IoStartTimer(PDEVICE_OBJECT device) {
    if (__atomic_exchange_n(&device->Timer->started, 1, __ATOMIC_ACQ_REL)) return;
    const LARGE_INTEGER due = {.QuadPart = -10'000ll * period_ms};
    KeSetTimerEx(&device->Timer->timer, due, period_ms, &device->Timer->dpc);
}

// The routine may call it.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iostoptimer
void NTAPI IoStopTimer(PDEVICE_OBJECT device) {
    if (__atomic_exchange_n(&device->Timer->started, 0, __ATOMIC_ACQ_REL))
        KeCancelTimer(&device->Timer->timer);
}

}  // extern "C"
