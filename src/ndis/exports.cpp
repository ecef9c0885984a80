// The exports of ndis.sys that drivers, adapters, bindings, filters and configuration make up. Those over packets
// stand in nbl/exports.cpp, those over memory, locks and timers beside their code.
#include "ndis/abi.h"
#include "ndis/hardware/exports.h"
#include "ndis/library.h"
#include "ndis/nbl/exports.h"
#include "ndis/services/exports.h"
#include "nt/export_table.h"

namespace ndiskit::ndis {

namespace {

using enum nt::MaxIrql;

// One row: the function under its own name and the highest IRQL of its page.
#define ROW(function, irql) {#function, reinterpret_cast<const void*>(&function), irql}

const nt::Export rows[] = {
    ROW(NdisAllocateCloneOidRequest, dispatch),
    ROW(NdisFreeCloneOidRequest, dispatch),
    ROW(NdisCancelDirectOidRequest, dispatch),
    ROW(NdisCancelOidRequest, dispatch),
    ROW(NdisCancelSendNetBufferLists, dispatch),
    ROW(NdisCloseAdapterEx, passive),
    ROW(NdisCloseConfiguration, passive),
    ROW(NdisCompleteBindAdapterEx, dispatch),
    ROW(NdisCompleteNetPnPEvent, passive),
    ROW(NdisCompleteUnbindAdapterEx, dispatch),
    ROW(NdisDeregisterDeviceEx, passive),
    ROW(NdisDeregisterProtocolDriver, passive),
    ROW(NdisDirectOidRequest, dispatch),
    ROW(NdisEnumerateFilterModules, passive),
    ROW(NdisFCancelDirectOidRequest, dispatch),
    ROW(NdisFCancelOidRequest, dispatch),
    ROW(NdisFCancelSendNetBufferLists, dispatch),
    ROW(NdisFDeregisterFilterDriver, passive),
    ROW(NdisFDevicePnPEventNotify, passive),
    ROW(NdisFDirectOidRequest, dispatch),
    ROW(NdisFDirectOidRequestComplete, dispatch),
    ROW(NdisFGetOptionalSwitchHandlers, dispatch),
    ROW(NdisFIndicateReceiveNetBufferLists, dispatch),
    ROW(NdisFIndicateStatus, dispatch),
    ROW(NdisFNetPnPEvent, passive),
    ROW(NdisFOidRequest, dispatch),
    ROW(NdisFOidRequestComplete, dispatch),
    ROW(NdisFPauseComplete, dispatch),
    ROW(NdisFRegisterFilterDriver, passive),
    ROW(NdisFRestartComplete, passive),
    ROW(NdisFRestartFilter, dispatch),
    ROW(NdisFReturnNetBufferLists, dispatch),
    ROW(NdisFSendNetBufferLists, dispatch),
    ROW(NdisFSendNetBufferListsComplete, dispatch),
    ROW(NdisFSetAttributes, passive),
    ROW(NdisFSynchronousOidRequest, dispatch),
    ROW(NdisGeneratePartialCancelId, dispatch),
    ROW(NdisGetDeviceReservedExtension, any),
    ROW(NdisGetVersion, dispatch),
    ROW(NdisIMAssociateMiniport, passive),
    ROW(NdisIMCancelInitializeDeviceInstance, passive),
    ROW(NdisIMDeInitializeDeviceInstance, passive),
    ROW(NdisIMGetBindingContext, dispatch),
    ROW(NdisIMInitializeDeviceInstanceEx, passive),
    ROW(NdisIfAddIfStackEntry, passive),
    ROW(NdisIfAllocateNetLuidIndex, passive),
    ROW(NdisIfDeleteIfStackEntry, passive),
    ROW(NdisIfDeregisterInterface, passive),
    ROW(NdisIfDeregisterProvider, passive),
    ROW(NdisIfFreeNetLuidIndex, passive),
    ROW(NdisIfGetInterfaceIndexFromNetLuid, passive),
    ROW(NdisIfGetNetLuidFromInterfaceIndex, passive),
    ROW(NdisIfQueryBindingIfIndex, passive),
    ROW(NdisIfRegisterInterface, passive),
    ROW(NdisIfRegisterProvider, passive),
    ROW(NdisMAllocatePort, dispatch),
    ROW(NdisMDeregisterMiniportDriver, passive),
    ROW(NdisMDirectOidRequestComplete, dispatch),
    ROW(NdisMFreePort, dispatch),
    ROW(NdisMIdleNotificationComplete, dispatch),
    ROW(NdisMIdleNotificationConfirm, passive),
    ROW(NdisMGetDeviceProperty, passive),
    ROW(NdisMIndicateReceiveNetBufferLists, dispatch),
    ROW(NdisMIndicateStatusEx, dispatch),
    ROW(NdisMNetPnPEvent, passive),
    ROW(NdisMOidRequestComplete, dispatch),
    ROW(NdisMPauseComplete, dispatch),
    ROW(NdisMQueryAdapterInstanceName, passive),
    ROW(NdisMRegisterMiniportDriver, passive),
    ROW(NdisMRemoveMiniport, dispatch),
    ROW(NdisMResetComplete, dispatch),
    ROW(NdisMResetMiniport, dispatch),
    ROW(NdisMRestartComplete, dispatch),
    ROW(NdisMSendNetBufferListsComplete, dispatch),
    ROW(NdisMSetMiniportAttributes, passive),
    ROW(NdisOidRequest, dispatch),
    ROW(NdisOpenAdapterEx, passive),
    ROW(NdisOpenConfigurationEx, passive),
    ROW(NdisOpenConfigurationKeyByIndex, dispatch),
    ROW(NdisOpenConfigurationKeyByName, dispatch),
    ROW(NdisQueryAdapterInstanceName, dispatch),
    ROW(NdisQueryBindInstanceName, dispatch),
    ROW(NdisReEnumerateProtocolBindings, passive),
    ROW(NdisReadConfiguration, passive),
    ROW(NdisReadNetworkAddress, passive),
    ROW(NdisRegisterDeviceEx, passive),
    ROW(NdisRegisterProtocolDriver, passive),
    ROW(NdisReturnNetBufferLists, dispatch),
    ROW(NdisSendNetBufferLists, dispatch),
    ROW(NdisSetOptionalHandlers, passive),
    ROW(NdisSynchronousOidRequest, dispatch),
    ROW(NdisUnbindAdapter, dispatch),
    ROW(NdisWriteConfiguration, passive),
};

#undef ROW

}  // namespace

void register_exports() {
    nt::add_exports("ndis.sys", rows);
    add_nbl_exports();
    add_service_exports();
    add_hardware_exports();
}

}  // namespace ndiskit::ndis
