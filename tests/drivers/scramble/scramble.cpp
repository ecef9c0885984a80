// A modifying filter: XORs every byte behind the Ethernet header with a mask, on its way down and on its way up, and
// takes that back when a frame comes back. Two of it on a frame's way give the frame as it was.
//
// The mask is `Mask` in the filter's configuration for the adapter; 0x5a when there is none.
#include "../filter_module.h"

namespace {

constexpr ULONG ethernet_header = 14;

struct Module : FilterModule {
    UCHAR mask;
};

void scramble(PNET_BUFFER frame, UCHAR mask) {
    ULONG skip = ethernet_header + NET_BUFFER_CURRENT_MDL_OFFSET(frame);
    ULONG left = NET_BUFFER_DATA_LENGTH(frame) > ethernet_header ? NET_BUFFER_DATA_LENGTH(frame) - ethernet_header : 0;
    for (PMDL mdl = NET_BUFFER_CURRENT_MDL(frame); mdl != nullptr && left != 0; mdl = mdl->Next) {
        const ULONG size = MmGetMdlByteCount(mdl);
        if (skip >= size) {
            skip -= size;
            continue;
        }
        auto* data = static_cast<UCHAR*>(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
        for (; skip < size && left != 0; skip++, left--)
            data[skip] ^= mask;
        skip = 0;
    }
}

void scramble(PNET_BUFFER_LIST chain, UCHAR mask) {
    for (; chain != nullptr; chain = NET_BUFFER_LIST_NEXT_NBL(chain))
        for (PNET_BUFFER frame = NET_BUFFER_LIST_FIRST_NB(chain); frame != nullptr; frame = NET_BUFFER_NEXT_NB(frame))
            scramble(frame, mask);
}

VOID send(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags) {
    auto& module = module_of<Module>(context);
    scramble(chain, module.mask);
    NdisFSendNetBufferLists(module.handle, chain, port, flags);
}
VOID sent(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags) {
    auto& module = module_of<Module>(context);
    scramble(chain, module.mask);
    NdisFSendNetBufferListsComplete(module.handle, chain, flags);
}
VOID receive(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG count, ULONG flags) {
    auto& module = module_of<Module>(context);
    scramble(chain, module.mask);
    NdisFIndicateReceiveNetBufferLists(module.handle, chain, port, count, flags);
    if (flags & NDIS_RECEIVE_FLAGS_RESOURCES)
        scramble(chain, module.mask);
}
VOID give_back(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags) {
    auto& module = module_of<Module>(context);
    scramble(chain, module.mask);
    NdisFReturnNetBufferLists(module.handle, chain, flags);
}

UCHAR read_mask(NDIS_HANDLE handle) {
    NDIS_CONFIGURATION_OBJECT object = {};
    object.Header.Type = NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT;
    object.Header.Revision = NDIS_CONFIGURATION_OBJECT_REVISION_1;
    object.Header.Size = NDIS_SIZEOF_CONFIGURATION_OBJECT_REVISION_1;
    object.NdisHandle = handle;
    NDIS_HANDLE configuration = nullptr;
    UCHAR mask = 0x5a;
    if (NdisOpenConfigurationEx(&object, &configuration) != NDIS_STATUS_SUCCESS)
        return mask;
    NDIS_STRING name = NDIS_STRING_CONST("Mask");
    NDIS_STATUS status;
    PNDIS_CONFIGURATION_PARAMETER value;
    NdisReadConfiguration(&status, &value, configuration, &name, NdisParameterInteger);
    if (status == NDIS_STATUS_SUCCESS)
        mask = static_cast<UCHAR>(value->ParameterData.IntegerData);
    NdisCloseConfiguration(configuration);
    return mask;
}

NDIS_STATUS attach(NDIS_HANDLE handle, NDIS_HANDLE, PNDIS_FILTER_ATTACH_PARAMETERS) {
    auto* module = make_module<Module>(handle);
    if (module == nullptr)
        return NDIS_STATUS_RESOURCES;
    module->mask = read_mask(handle);
    return NDIS_STATUS_SUCCESS;
}
VOID detach(NDIS_HANDLE context) { NdisFreeMemory(context, 0, 0); }

}  // namespace

extern "C" DRIVER_INITIALIZE DriverEntry;
NTSTATUS DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    return register_filter(driver, L"{7A0C5C5A-1E0B-4F0E-9A51-5C4A3B1E0001}", L"scramble",
                           [](NDIS_FILTER_DRIVER_CHARACTERISTICS& c) {
                               c.AttachHandler = attach;
                               c.DetachHandler = detach;
                               c.SendNetBufferListsHandler = send;
                               c.SendNetBufferListsCompleteHandler = sent;
                               c.ReceiveNetBufferListsHandler = receive;
                               c.ReturnNetBufferListsHandler = give_back;
                           });
}
