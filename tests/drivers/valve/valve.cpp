// A filter that is bypassed by default and puts itself into the data path and out of it again while it runs: a timer
// queues a work item, which asks for a restart, and FilterSetModuleOptions turns the valve. The timer is off while
// the module is paused, and the work item is waited for before a pause ends.
#include "../filter_module.h"

namespace {

constexpr LONGLONG turn_after = -20000;  // 2 ms

struct Module : FilterModule {
    NDIS_HANDLE timer, work;
    KEVENT idle;  // the work item is not queued
    bool open;    // in the data path
    ULONG turns;
    volatile LONG64 passed;
};

VOID send(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags) {
    InterlockedIncrement64(&module_of<Module>(context).passed);
    NdisFSendNetBufferLists(module_of<Module>(context).handle, chain, port, flags);
}
VOID sent(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags) {
    NdisFSendNetBufferListsComplete(module_of<Module>(context).handle, chain, flags);
}
VOID receive(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG count, ULONG flags) {
    InterlockedIncrement64(&module_of<Module>(context).passed);
    NdisFIndicateReceiveNetBufferLists(module_of<Module>(context).handle, chain, port, count, flags);
}
VOID give_back(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags) {
    NdisFReturnNetBufferLists(module_of<Module>(context).handle, chain, flags);
}

// On a worker, at PASSIVE_LEVEL.
VOID turn(PVOID context, NDIS_HANDLE) {
    auto& module = module_of<Module>(context);
    NdisFRestartFilter(module.handle);
    KeSetEvent(&module.idle, IO_NO_INCREMENT, FALSE);
}

// In a DPC.
VOID time_is_up(PVOID, PVOID context, PVOID, PVOID) {
    auto& module = module_of<Module>(context);
    KeClearEvent(&module.idle);
    NdisQueueIoWorkItem(module.work, turn, &module);
}

NDIS_STATUS module_options(NDIS_HANDLE context) {
    auto& module = module_of<Module>(context);
    NDIS_FILTER_PARTIAL_CHARACTERISTICS partial = {};
    partial.Header.Type = NDIS_OBJECT_TYPE_FILTER_PARTIAL_CHARACTERISTICS;
    partial.Header.Revision = NDIS_FILTER_PARTIAL_CHARACTERISTICS_REVISION_1;
    partial.Header.Size = NDIS_SIZEOF_FILTER_PARTIAL_CHARACTERISTICS_REVISION_1;
    module.open = module.turns++ % 2 != 0;
    if (module.open) {
        partial.SendNetBufferListsHandler = send;
        partial.SendNetBufferListsCompleteHandler = sent;
        partial.ReceiveNetBufferListsHandler = receive;
        partial.ReturnNetBufferListsHandler = give_back;
    }
    return NdisSetOptionalHandlers(module.handle, reinterpret_cast<PNDIS_DRIVER_OPTIONAL_HANDLERS>(&partial));
}

NDIS_STATUS restart(NDIS_HANDLE context, PNDIS_FILTER_RESTART_PARAMETERS) {
    LARGE_INTEGER due;
    due.QuadPart = turn_after;
    NdisSetTimerObject(module_of<Module>(context).timer, due, 0, nullptr);
    return NDIS_STATUS_SUCCESS;
}
NDIS_STATUS pause(NDIS_HANDLE context, PNDIS_FILTER_PAUSE_PARAMETERS) {
    auto& module = module_of<Module>(context);
    NdisCancelTimerObject(module.timer);
    KeFlushQueuedDpcs();  // a timer that could not be cancelled has run, and said that it queued the work
    KeWaitForSingleObject(&module.idle, Executive, KernelMode, FALSE, nullptr);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS attach(NDIS_HANDLE handle, NDIS_HANDLE, PNDIS_FILTER_ATTACH_PARAMETERS) {
    auto* module = make_module<Module>(handle);
    if (module == nullptr)
        return NDIS_STATUS_RESOURCES;
    KeInitializeEvent(&module->idle, NotificationEvent, TRUE);
    NDIS_TIMER_CHARACTERISTICS timer = {};
    timer.Header.Type = NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS;
    timer.Header.Revision = NDIS_TIMER_CHARACTERISTICS_REVISION_1;
    timer.Header.Size = NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1;
    timer.AllocationTag = filter_tag;
    timer.TimerFunction = time_is_up;
    timer.FunctionContext = module;
    const NDIS_STATUS status = NdisAllocateTimerObject(handle, &timer, &module->timer);
    module->work = NdisAllocateIoWorkItem(handle);
    if (status == NDIS_STATUS_SUCCESS && module->work != nullptr)
        return NDIS_STATUS_SUCCESS;
    if (status == NDIS_STATUS_SUCCESS)
        NdisFreeTimerObject(module->timer);
    if (module->work != nullptr)
        NdisFreeIoWorkItem(module->work);
    NdisFreeMemory(module, 0, 0);
    return NDIS_STATUS_RESOURCES;
}
VOID detach(NDIS_HANDLE context) {
    auto& module = module_of<Module>(context);
    DbgPrint("valve: turned %lu times, %I64d chains passed\n", module.turns, module.passed);
    NdisFreeTimerObject(module.timer);
    NdisFreeIoWorkItem(module.work);
    NdisFreeMemory(context, 0, 0);
}

}  // namespace

extern "C" DRIVER_INITIALIZE DriverEntry;
NTSTATUS DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    return register_filter(driver, L"{7A0C5C5A-1E0B-4F0E-9A51-5C4A3B1E0003}", L"valve",
                           [](NDIS_FILTER_DRIVER_CHARACTERISTICS& c) {
                               c.AttachHandler = attach;
                               c.DetachHandler = detach;
                               c.PauseHandler = pause;
                               c.RestartHandler = restart;
                               c.SetFilterModuleOptionsHandler = module_options;
                           });
}
