// Prototypes of exports that ndis.h lacks: functions of NDIS 5 that binaries of old import.
#pragma once

#include "ndis/nbl/abi.h"

extern "C" {

NDIS_STATUS NTAPI NdisAllocateMemory(PVOID* VirtualAddress, UINT Length, UINT MemoryFlags,
                                     NDIS_PHYSICAL_ADDRESS HighestAcceptableAddress);
NDIS_STATUS NTAPI NdisScheduleWorkItem(PNDIS_WORK_ITEM WorkItem);
void NTAPI NdisGetSystemUpTime(PULONG pSystemUpTime);

}  // extern "C"
