// Intermediate drivers: a protocol below and miniports above in one driver. The driver registers both,
// associates them, and asks for its virtual miniports one by one.
#pragma once

#include "ndis/types.h"

NDIS_BEGIN_DECLS

NDISAPI VOID NTAPI NdisIMAssociateMiniport(NDIS_HANDLE DriverHandle, NDIS_HANDLE ProtocolHandle);
NDISAPI NDIS_STATUS NTAPI NdisIMCancelInitializeDeviceInstance(NDIS_HANDLE DriverHandle,
                                                               PNDIS_STRING DeviceInstance);
NDISAPI NDIS_STATUS NTAPI NdisIMDeInitializeDeviceInstance(NDIS_HANDLE NdisMiniportHandle);
NDISAPI NDIS_HANDLE NTAPI NdisIMGetBindingContext(NDIS_HANDLE NdisBindingHandle);
NDISAPI NDIS_STATUS NTAPI NdisIMInitializeDeviceInstanceEx(NDIS_HANDLE DriverHandle,
                                                           PNDIS_STRING DriverInstance,
                                                           NDIS_HANDLE DeviceContext);

NDIS_END_DECLS
