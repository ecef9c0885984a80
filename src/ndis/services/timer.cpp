// Timers: the timer objects of NDIS 6, and the older timers in the driver's memory. Both are a KTIMER with a
// DPC that calls the driver's function at DISPATCH_LEVEL.

#include <fmt/format.h>

#include <new>

#include "ndis/nbl/abi.h"
#include "ndis/nbl/fault.h"
#include "nt/bugcheck.h"
#include "nt/image/call_gate.h"
#include "nt/ke/irql.h"
#include "nt/ke/timer.h"
#include "nt/pool/pool.h"

using namespace ndiskit;

namespace {

constexpr uint32_t timer_or_dpc_invalid = 0xC7;
constexpr ULONG default_tag = 'mtDN';

// What the handle of NdisAllocateTimerObject is.
struct TimerObject {
    static constexpr uint32_t live = 0x524d4954;

    uint32_t mark = live;
    ULONG tag;
    KTIMER timer;
    KDPC dpc;
    PNDIS_TIMER_FUNCTION function;
    void* default_context;
    void* context;  // of the last set
    bool periodic = false;
};

void NTAPI run_object(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2) {
    auto* object = static_cast<TimerObject*>(context);
    nt::call_driver(object->function, dpc, object->context, argument1, argument2);
}

// The DPC of an old timer calls the driver's function itself: the prototypes agree.
PKDEFERRED_ROUTINE as_dpc(PNDIS_TIMER_FUNCTION function) {
    return reinterpret_cast<PKDEFERRED_ROUTINE>(function);
}

TimerObject& object_of(NDIS_HANDLE handle) {
    auto* object = static_cast<TimerObject*>(handle);
    if (!object || object->mark != TimerObject::live) [[unlikely]]
        ndis::misuse("a handle that is no timer object is used as one (or the timer object was freed)",
                     handle);
    return *object;
}

LARGE_INTEGER in_milliseconds(UINT delay) { return {.QuadPart = -10'000LL * delay}; }

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisallocatetimerobject
NDIS_STATUS NTAPI NdisAllocateTimerObject(NDIS_HANDLE NdisHandle,
                                          PNDIS_TIMER_CHARACTERISTICS TimerCharacteristics,
                                          PNDIS_HANDLE pTimerObject) {
    const NDIS_TIMER_CHARACTERISTICS& c = *TimerCharacteristics;
    *pTimerObject = nullptr;
    if (c.Header.Type != NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS ||
        c.Header.Revision < NDIS_TIMER_CHARACTERISTICS_REVISION_1 ||
        c.Header.Size < NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1 || !c.TimerFunction)
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    const ULONG tag = c.AllocationTag ? c.AllocationTag : default_tag;
    void* memory =
        nt::pool_allocate(nt::PoolKind::nonpaged, sizeof(TimerObject), tag, __builtin_return_address(0));
    if (!memory) return NDIS_STATUS_RESOURCES;
    auto* object = new (memory) TimerObject{.tag = tag,
                                            .timer = {},
                                            .dpc = {},
                                            .function = c.TimerFunction,
                                            .default_context = c.FunctionContext,
                                            .context = c.FunctionContext};
    KeInitializeTimer(&object->timer);
    KeInitializeDpc(&object->dpc, run_object, object);
    *pTimerObject = object;
    return NDIS_STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndissettimerobject
BOOLEAN NTAPI NdisSetTimerObject(NDIS_HANDLE TimerObject, LARGE_INTEGER DueTime, LONG MillisecondsPeriod,
                                 PVOID FunctionContext) {
    auto& object = object_of(TimerObject);
    object.context = FunctionContext ? FunctionContext : object.default_context;
    object.periodic = MillisecondsPeriod > 0;
    return KeSetTimerEx(&object.timer, DueTime, MillisecondsPeriod, &object.dpc);
}

// Expiring on time is within every tolerance.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndissetcoalescabletimerobject
BOOLEAN NTAPI NdisSetCoalescableTimerObject(NDIS_HANDLE TimerObject, LARGE_INTEGER DueTime,
                                            LONG MillisecondsPeriod, PVOID FunctionContext, ULONG Tolerance) {
    return NdisSetTimerObject(TimerObject, DueTime, MillisecondsPeriod, FunctionContext);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiscanceltimerobject
BOOLEAN NTAPI NdisCancelTimerObject(NDIS_HANDLE TimerObject) {
    auto& object = object_of(TimerObject);
    const BOOLEAN was_queued = KeCancelTimer(&object.timer);
    // A periodic timer is known not to run when this returns; that of a one-shot timer is the driver's to
    // know.
    if (object.periodic && nt::current_irql() == PASSIVE_LEVEL) KeFlushQueuedDpcs();
    return was_queued;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfreetimerobject
void NTAPI NdisFreeTimerObject(NDIS_HANDLE TimerObject) {
    auto& object = object_of(TimerObject);
    const auto address = reinterpret_cast<uint64_t>(&object);
    if (nt::ke::find_inserted_timer(&object, sizeof object))
        nt::bug_check_because("a timer object is freed while it is set", timer_or_dpc_invalid, 0, address,
                              address, sizeof object);
    if (object.dpc.DpcData)
        nt::bug_check_because("a timer object is freed while its callback is queued", timer_or_dpc_invalid, 1,
                              reinterpret_cast<uint64_t>(&object.dpc), address, sizeof object);
    object.mark = 0;
    nt::pool_free(&object, object.tag);
}

// https://learn.microsoft.com/previous-versions/windows/hardware/network/ff562725(v=vs.85)
void NTAPI NdisInitializeTimer(PNDIS_TIMER Timer, PNDIS_TIMER_FUNCTION TimerFunction, PVOID FunctionContext) {
    KeInitializeTimer(&Timer->Timer);
    KeInitializeDpc(&Timer->Dpc, as_dpc(TimerFunction), FunctionContext);
}

// https://learn.microsoft.com/previous-versions/windows/hardware/network/ff564655(v=vs.85)
void NTAPI NdisSetTimer(PNDIS_TIMER Timer, UINT MillisecondsToDelay) {
    KeSetTimer(&Timer->Timer, in_milliseconds(MillisecondsToDelay), &Timer->Dpc);
}

// As NdisSetTimer, with another context for this time.
void NTAPI NdisSetTimerEx(PNDIS_TIMER NdisTimer, UINT MillisecondsToDelay, PVOID FunctionContext) {
    NdisTimer->Dpc.DeferredContext = FunctionContext;
    NdisSetTimer(NdisTimer, MillisecondsToDelay);
}

void NTAPI NdisSetPeriodicTimer(PNDIS_TIMER NdisTimer, UINT MillisecondsPeriod) {
    KeSetTimerEx(&NdisTimer->Timer, in_milliseconds(MillisecondsPeriod),
                 static_cast<LONG>(MillisecondsPeriod), &NdisTimer->Dpc);
}

// https://learn.microsoft.com/previous-versions/windows/hardware/network/ff550808(v=vs.85)
void NTAPI NdisCancelTimer(PNDIS_TIMER Timer, PBOOLEAN TimerCancelled) {
    *TimerCancelled = KeCancelTimer(&Timer->Timer);
}

// https://learn.microsoft.com/previous-versions/windows/hardware/network/ff553575(v=vs.85)
void NTAPI NdisMInitializeTimer(PNDIS_MINIPORT_TIMER Timer, NDIS_HANDLE MiniportAdapterHandle,
                                PNDIS_TIMER_FUNCTION TimerFunction, PVOID FunctionContext) {
    KeInitializeTimer(&Timer->Timer);
    KeInitializeDpc(&Timer->Dpc, as_dpc(TimerFunction), FunctionContext);
    Timer->MiniportTimerFunction = TimerFunction;
    Timer->MiniportTimerContext = FunctionContext;
    Timer->Miniport = static_cast<PNDIS_MINIPORT_BLOCK>(MiniportAdapterHandle);
    Timer->NextTimer = nullptr;
}

// https://learn.microsoft.com/previous-versions/windows/hardware/network/ff553602(v=vs.85)
void NTAPI NdisMSetPeriodicTimer(PNDIS_MINIPORT_TIMER Timer, UINT MillisecondPeriod) {
    KeSetTimerEx(&Timer->Timer, in_milliseconds(MillisecondPeriod), static_cast<LONG>(MillisecondPeriod),
                 &Timer->Dpc);
}

// https://learn.microsoft.com/previous-versions/windows/hardware/network/ff553451(v=vs.85)
void NTAPI NdisMCancelTimer(PNDIS_MINIPORT_TIMER Timer, PBOOLEAN TimerCancelled) {
    *TimerCancelled = KeCancelTimer(&Timer->Timer);
}

}  // extern "C"
