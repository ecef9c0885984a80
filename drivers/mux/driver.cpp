#include "driver.h"

#include <ndisxx/memory.h>

#include "lower_list.h"
#include "public.h"

namespace mux {

constinit Driver driver;

namespace {

NDIS_STATUS register_miniport(DRIVER_OBJECT* driver_object, UNICODE_STRING* registry_path) {
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS miniport = {};
    miniport.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS;
    miniport.Header.Revision = NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2;
    miniport.Header.Size = NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2;
    miniport.MajorNdisVersion = 6;
    miniport.MinorNdisVersion = driver.minor_version;
    miniport.MajorDriverVersion = 1;
    miniport.Flags = NDIS_INTERMEDIATE_DRIVER;
    miniport.SetOptionsHandler = MuxSetOptions;
    miniport.InitializeHandlerEx = MuxMiniportInitialize;
    miniport.HaltHandlerEx = MuxMiniportHalt;
    miniport.UnloadHandler = MuxUnload;
    miniport.PauseHandler = MuxMiniportPause;
    miniport.RestartHandler = MuxMiniportRestart;
    miniport.OidRequestHandler = MuxMiniportOidRequest;
    miniport.SendNetBufferListsHandler = MuxMiniportSend;
    miniport.ReturnNetBufferListsHandler = MuxMiniportReturn;
    miniport.CancelSendHandler = MuxMiniportCancelSend;
    miniport.DevicePnPEventNotifyHandler = MuxMiniportDevicePnPEvent;
    miniport.ShutdownHandlerEx = MuxMiniportShutdown;
    miniport.CancelOidRequestHandler = MuxMiniportCancelOid;
    miniport.DirectOidRequestHandler = MuxMiniportDirectOid;
    miniport.CancelDirectOidRequestHandler = MuxMiniportCancelDirectOid;
    return NdisMRegisterMiniportDriver(driver_object, registry_path, &driver, &miniport, &driver.miniport);
}

NDIS_STATUS register_protocol() {
    NDIS_PROTOCOL_DRIVER_CHARACTERISTICS protocol = {};
    protocol.Header.Type = NDIS_OBJECT_TYPE_PROTOCOL_DRIVER_CHARACTERISTICS;
    protocol.Header.Revision = NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2;
    protocol.Header.Size = NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2;
    protocol.MajorNdisVersion = 6;
    protocol.MinorNdisVersion = driver.minor_version;
    protocol.MajorDriverVersion = 1;
    RtlInitUnicodeString(&protocol.Name, MUX_PROTOCOL_SERVICE);
    protocol.BindAdapterHandlerEx = MuxProtocolBind;
    protocol.UnbindAdapterHandlerEx = MuxProtocolUnbind;
    protocol.OpenAdapterCompleteHandlerEx = MuxProtocolOpenComplete;
    protocol.CloseAdapterCompleteHandlerEx = MuxProtocolCloseComplete;
    protocol.NetPnPEventHandler = MuxProtocolNetPnPEvent;
    protocol.OidRequestCompleteHandler = MuxProtocolOidComplete;
    protocol.StatusHandlerEx = MuxProtocolStatus;
    protocol.ReceiveNetBufferListsHandler = MuxProtocolReceive;
    protocol.SendNetBufferListsCompleteHandler = MuxProtocolSendComplete;
    protocol.DirectOidRequestCompleteHandler = MuxProtocolDirectOidComplete;
    return NdisRegisterProtocolDriver(&driver, &protocol, &driver.protocol);
}

}  // namespace

NDIS_STATUS MuxSetOptions(NDIS_HANDLE, NDIS_HANDLE) { return NDIS_STATUS_SUCCESS; }

VOID MuxUnload(DRIVER_OBJECT*) {
    if (driver.protocol) NdisDeregisterProtocolDriver(driver.protocol);
    driver.protocol = nullptr;
    if (driver.lowers) ndisxx::destroy(driver.lowers);
    driver.lowers = nullptr;
    if (driver.miniport) NdisMDeregisterMiniportDriver(driver.miniport);
    driver.miniport = nullptr;
}

}  // namespace mux

// Where DriverEntry fails, Unload is not called: what succeeded is undone here.
extern "C" NTSTATUS DriverEntry(DRIVER_OBJECT* driver_object, UNICODE_STRING* registry_path) {
    using mux::driver;
    constexpr UINT ndis_630 = 0x0006001e;
    driver.minor_version = NdisGetVersion() >= ndis_630 ? 30 : 20;
    NDIS_STATUS status = mux::register_miniport(driver_object, registry_path);
    if (status != NDIS_STATUS_SUCCESS) return status;
    driver.lowers = ndisxx::create<mux::LowerList>(driver.miniport, mux::pool_tag);
    status = driver.lowers ? mux::register_protocol() : NDIS_STATUS_RESOURCES;
    if (status != NDIS_STATUS_SUCCESS) {
        mux::MuxUnload(driver_object);
        return status;
    }
    NdisIMAssociateMiniport(driver.miniport, driver.protocol);
    return NDIS_STATUS_SUCCESS;
}
