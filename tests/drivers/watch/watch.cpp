// A monitoring filter: counts what passes each of its modules and says so when it goes; changes and originates
// nothing, and has no handler for OIDs, so those pass beside it.
#include "../filter_module.h"

namespace {

struct Module : FilterModule {
    volatile LONG64 down, up;
};

LONG64 count(PNET_BUFFER_LIST chain) {
    LONG64 frames = 0;
    for (; chain != nullptr; chain = NET_BUFFER_LIST_NEXT_NBL(chain))
        for (PNET_BUFFER frame = NET_BUFFER_LIST_FIRST_NB(chain); frame != nullptr; frame = NET_BUFFER_NEXT_NB(frame))
            frames++;
    return frames;
}

VOID send(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags) {
    auto& module = module_of<Module>(context);
    InterlockedAdd64(&module.down, count(chain));
    NdisFSendNetBufferLists(module.handle, chain, port, flags);
}
VOID sent(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags) {
    NdisFSendNetBufferListsComplete(module_of<Module>(context).handle, chain, flags);
}
VOID receive(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG number, ULONG flags) {
    auto& module = module_of<Module>(context);
    InterlockedAdd64(&module.up, count(chain));
    NdisFIndicateReceiveNetBufferLists(module.handle, chain, port, number, flags);
}
VOID give_back(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags) {
    NdisFReturnNetBufferLists(module_of<Module>(context).handle, chain, flags);
}

NDIS_STATUS attach(NDIS_HANDLE handle, NDIS_HANDLE, PNDIS_FILTER_ATTACH_PARAMETERS) {
    return make_module<Module>(handle) != nullptr ? NDIS_STATUS_SUCCESS : NDIS_STATUS_RESOURCES;
}
VOID detach(NDIS_HANDLE context) {
    const auto& module = module_of<Module>(context);
    DbgPrint("watch: %I64d down, %I64d up\n", module.down, module.up);
    NdisFreeMemory(context, 0, 0);
}

}  // namespace

extern "C" DRIVER_INITIALIZE DriverEntry;
NTSTATUS DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    return register_filter(driver, L"{7A0C5C5A-1E0B-4F0E-9A51-5C4A3B1E0002}", L"watch",
                           [](NDIS_FILTER_DRIVER_CHARACTERISTICS& c) {
                               c.AttachHandler = attach;
                               c.DetachHandler = detach;
                               c.OidRequestHandler = nullptr;
                               c.OidRequestCompleteHandler = nullptr;
                               c.CancelOidRequestHandler = nullptr;
                               c.SendNetBufferListsHandler = send;
                               c.SendNetBufferListsCompleteHandler = sent;
                               c.ReceiveNetBufferListsHandler = receive;
                               c.ReturnNetBufferListsHandler = give_back;
                           });
}
