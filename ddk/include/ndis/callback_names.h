// Second names by which drivers declare their own callbacks and name bus types: function types behind the pointer
// types of the characteristics, and NDIS's spellings of INTERFACE_TYPE.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nc-ndis-set_options
typedef SET_OPTIONS MINIPORT_SET_OPTIONS;
typedef SET_OPTIONS PROTOCOL_SET_OPTIONS;
typedef SET_OPTIONS FILTER_SET_OPTIONS;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nc-ndis-ndis_io_workitem
typedef VOID(NTAPI NDIS_IO_WORKITEM)(PVOID WorkItemContext, NDIS_HANDLE NdisIoWorkItemHandle);
typedef NDIS_IO_WORKITEM NDIS_IO_WORKITEM_FUNCTION;

#ifdef __cplusplus
}
#endif

#define NdisInterfaceInternal Internal
#define NdisInterfaceIsa Isa
#define NdisInterfaceEisa Eisa
#define NdisInterfaceMca MicroChannel
#define NdisInterfaceTurboChannel TurboChannel
#define NdisInterfacePci PCIBus
#define NdisInterfacePcMcia PCMCIABus
