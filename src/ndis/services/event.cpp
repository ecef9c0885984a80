// NDIS events, sleeping, and what time it is.

#include <fmt/format.h>

#include "engine/engine.h"
#include "ndis/services/api.h"
#include "nt/bugcheck.h"
#include "nt/ke/irql.h"

using namespace ndiskit;

namespace {

constexpr uint32_t bugcode_ndis_driver = 0x7C;
constexpr uint32_t wait_event_high_irql = 0x14;

// Milliseconds since the machine started.
uint64_t uptime() { return static_cast<uint64_t>(engine::the().now() / engine::millisecond); }

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisinitializeevent
void NTAPI NdisInitializeEvent(PNDIS_EVENT Event) {
    KeInitializeEvent(&Event->Event, NotificationEvent, FALSE);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndissetevent
void NTAPI NdisSetEvent(PNDIS_EVENT Event) { KeSetEvent(&Event->Event, 0, FALSE); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisresetevent
void NTAPI NdisResetEvent(PNDIS_EVENT Event) { KeResetEvent(&Event->Event); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiswaitevent
BOOLEAN NTAPI NdisWaitEvent(PNDIS_EVENT Event, UINT MsToWait) {
    const KIRQL irql = nt::current_irql();
    if (irql > PASSIVE_LEVEL) [[unlikely]]
        nt::bug_check_because(
            fmt::format("NdisWaitEvent is called at IRQL {}; it is for PASSIVE_LEVEL", irql),
            bugcode_ndis_driver, wait_event_high_irql, irql);
    LARGE_INTEGER timeout{.QuadPart = -10'000LL * MsToWait};
    return KeWaitForSingleObject(&Event->Event, Executive, KernelMode, FALSE,
                                 MsToWait ? &timeout : nullptr) == STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismsleep
void NTAPI NdisMSleep(ULONG MicrosecondsToSleep) {
    LARGE_INTEGER interval{.QuadPart = -10LL * MicrosecondsToSleep};
    KeDelayExecutionThread(KernelMode, FALSE, &interval);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgetcurrentsystemtime
void NTAPI NdisGetCurrentSystemTime(PLARGE_INTEGER SystemTime) {
    SystemTime->QuadPart = engine::the().system_time();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgetsystemuptimeex
void NTAPI NdisGetSystemUpTimeEx(PLARGE_INTEGER pSystemUpTime) {
    pSystemUpTime->QuadPart = static_cast<LONGLONG>(uptime());
}

// The 32-bit form, which wraps after 49 days.
// https://learn.microsoft.com/previous-versions/windows/hardware/network/ff551667(v=vs.85)
void NTAPI NdisGetSystemUpTime(PULONG pSystemUpTime) { *pSystemUpTime = static_cast<ULONG>(uptime()); }

}  // extern "C"
