// What the fixture filter drivers share: one driver an image, which passes everything on. A driver defines a Module
// derived from FilterModule, and fills its characteristics.
#pragma once

#include <ndis.h>

constexpr ULONG filter_tag = 'tliF';

// The driver's handle and object; one image is one driver.
inline NDIS_HANDLE filter_driver;

struct FilterModule {
    NDIS_HANDLE handle;
};

template <class Module>
Module& module_of(NDIS_HANDLE context) {
    return *static_cast<Module*>(context);
}

template <class Module>
Module* make_module(NDIS_HANDLE handle) {
    auto* module = static_cast<Module*>(
        NdisAllocateMemoryWithTagPriority(handle, sizeof(Module), filter_tag, NormalPoolPriority));
    if (module == nullptr)
        return nullptr;
    NdisZeroMemory(module, sizeof(Module));
    module->handle = handle;
    NDIS_FILTER_ATTRIBUTES attributes = {};
    attributes.Header.Type = NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES;
    attributes.Header.Revision = NDIS_FILTER_ATTRIBUTES_REVISION_1;
    attributes.Header.Size = NDIS_SIZEOF_FILTER_ATTRIBUTES_REVISION_1;
    if (NdisFSetAttributes(handle, module, &attributes) == NDIS_STATUS_SUCCESS)
        return module;
    NdisFreeMemory(module, 0, 0);
    return nullptr;
}

inline NDIS_STATUS pause_at_once(NDIS_HANDLE, PNDIS_FILTER_PAUSE_PARAMETERS) { return NDIS_STATUS_SUCCESS; }
inline NDIS_STATUS restart_at_once(NDIS_HANDLE, PNDIS_FILTER_RESTART_PARAMETERS) { return NDIS_STATUS_SUCCESS; }

inline NDIS_STATUS pass_net_event(NDIS_HANDLE context, PNET_PNP_EVENT_NOTIFICATION event) {
    return NdisFNetPnPEvent(module_of<FilterModule>(context).handle, event);
}
inline VOID pass_device_event(NDIS_HANDLE context, PNET_DEVICE_PNP_EVENT event) {
    NdisFDevicePnPEventNotify(module_of<FilterModule>(context).handle, event);
}
inline VOID pass_status(NDIS_HANDLE context, PNDIS_STATUS_INDICATION status) {
    NdisFIndicateStatus(module_of<FilterModule>(context).handle, status);
}

// An OID goes on as a clone, which keeps its original in SourceReserved.
inline PNDIS_OID_REQUEST& original_of(PNDIS_OID_REQUEST clone) {
    return *reinterpret_cast<PNDIS_OID_REQUEST*>(clone->SourceReserved);
}
inline void take_results(PNDIS_OID_REQUEST original, PNDIS_OID_REQUEST clone) {
    original->DATA.METHOD_INFORMATION.BytesRead = clone->DATA.METHOD_INFORMATION.BytesRead;
    original->DATA.METHOD_INFORMATION.BytesWritten = clone->DATA.METHOD_INFORMATION.BytesWritten;
    original->DATA.METHOD_INFORMATION.BytesNeeded = clone->DATA.METHOD_INFORMATION.BytesNeeded;
}
inline NDIS_STATUS pass_oid(NDIS_HANDLE context, PNDIS_OID_REQUEST request) {
    const NDIS_HANDLE handle = module_of<FilterModule>(context).handle;
    PNDIS_OID_REQUEST clone = nullptr;
    NDIS_STATUS status = NdisAllocateCloneOidRequest(handle, request, filter_tag, &clone);
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    original_of(clone) = request;
    status = NdisFOidRequest(handle, clone);
    if (status == NDIS_STATUS_PENDING)
        return status;
    take_results(request, clone);
    NdisFreeCloneOidRequest(handle, clone);
    return status;
}
inline VOID pass_oid_back(NDIS_HANDLE context, PNDIS_OID_REQUEST clone, NDIS_STATUS status) {
    const NDIS_HANDLE handle = module_of<FilterModule>(context).handle;
    PNDIS_OID_REQUEST original = original_of(clone);
    take_results(original, clone);
    NdisFreeCloneOidRequest(handle, clone);
    NdisFOidRequestComplete(handle, original, status);
}
inline VOID pass_oid_cancel(NDIS_HANDLE context, PVOID id) {
    NdisFCancelOidRequest(module_of<FilterModule>(context).handle, id);
}

inline VOID unload_filter(PDRIVER_OBJECT) { NdisFDeregisterFilterDriver(filter_driver); }

// Registers with all that passes by itself; `fill` sets the rest.
template <class Fill>
NTSTATUS register_filter(PDRIVER_OBJECT driver, PCWSTR guid, PCWSTR service, Fill fill) {
    NDIS_FILTER_DRIVER_CHARACTERISTICS c = {};
    c.Header.Type = NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS;
    c.Header.Revision = NDIS_FILTER_CHARACTERISTICS_REVISION_2;
    c.Header.Size = NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_2;
    c.MajorNdisVersion = 6;
    c.MinorNdisVersion = 30;
    RtlInitUnicodeString(&c.FriendlyName, service);
    RtlInitUnicodeString(&c.UniqueName, guid);
    RtlInitUnicodeString(&c.ServiceName, service);
    c.PauseHandler = pause_at_once;
    c.RestartHandler = restart_at_once;
    c.NetPnPEventHandler = pass_net_event;
    c.DevicePnPEventNotifyHandler = pass_device_event;
    c.StatusHandler = pass_status;
    c.OidRequestHandler = pass_oid;
    c.OidRequestCompleteHandler = pass_oid_back;
    c.CancelOidRequestHandler = pass_oid_cancel;
    fill(c);
    driver->DriverUnload = unload_filter;
    return NdisFRegisterFilterDriver(driver, nullptr, &c, &filter_driver);
}
