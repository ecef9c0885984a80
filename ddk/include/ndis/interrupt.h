// Interrupts: line-based, message-signalled, their DPCs, receive throttling, the MSI-X table.
#pragma once

#include "ndis/objects.h"
#include "ndis/types.h"

NDIS_BEGIN_DECLS

typedef KINTERRUPT_MODE NDIS_INTERRUPT_MODE, *PNDIS_INTERRUPT_MODE;

typedef enum _NDIS_INTERRUPT_TYPE {
    NDIS_CONNECT_LINE_BASED = 1,
    NDIS_CONNECT_MESSAGE_BASED,
} NDIS_INTERRUPT_TYPE,
    *PNDIS_INTERRUPT_TYPE;

typedef enum _NDIS_MSIX_TABLE_CONFIG {
    NdisMSIXTableConfigSetTableEntry,
    NdisMSIXTableConfigMaskTableEntry,
    NdisMSIXTableConfigUnmaskTableEntry,
    NdisMSIXTableConfigMax,
} NDIS_MSIX_TABLE_OPERATION,
    *PNDIS_MSIX_TABLE_OPERATION;

#define NdisInterruptLatched               1
#define NdisInterruptLevelSensitive        0
#define NDIS_MINIPORT_INTERRUPT_REVISION_1 1

typedef BOOLEAN(NTAPI MINIPORT_ISR)(NDIS_HANDLE MiniportInterruptContext, PBOOLEAN QueueDefaultInterruptDpc,
                                    PULONG TargetProcessors);
typedef MINIPORT_ISR* MINIPORT_ISR_HANDLER;
#if NDIS_SUPPORT_NDIS620
typedef VOID(NTAPI MINIPORT_INTERRUPT_DPC)(NDIS_HANDLE MiniportInterruptContext, PVOID MiniportDpcContext,
                                           PVOID ReceiveThrottleParameters, PVOID NdisReserved2);
#else
typedef VOID(NTAPI MINIPORT_INTERRUPT_DPC)(NDIS_HANDLE MiniportInterruptContext, PVOID MiniportDpcContext,
                                           PULONG NdisReserved1, PULONG NdisReserved2);
#endif
typedef MINIPORT_INTERRUPT_DPC* MINIPORT_INTERRUPT_DPC_HANDLER;
typedef VOID(NTAPI MINIPORT_DISABLE_INTERRUPT)(NDIS_HANDLE MiniportInterruptContext);
typedef MINIPORT_DISABLE_INTERRUPT* MINIPORT_DISABLE_INTERRUPT_HANDLER;
typedef VOID(NTAPI MINIPORT_ENABLE_INTERRUPT)(NDIS_HANDLE MiniportInterruptContext);
typedef MINIPORT_ENABLE_INTERRUPT* MINIPORT_ENABLE_INTERRUPT_HANDLER;
typedef BOOLEAN(NTAPI MINIPORT_MESSAGE_INTERRUPT)(NDIS_HANDLE MiniportInterruptContext, ULONG MessageId,
                                                  PBOOLEAN QueueDefaultInterruptDpc, PULONG TargetProcessors);
typedef MINIPORT_MESSAGE_INTERRUPT* MINIPORT_MSI_ISR_HANDLER;
#if NDIS_SUPPORT_NDIS620
typedef VOID(NTAPI MINIPORT_MESSAGE_INTERRUPT_DPC)(NDIS_HANDLE MiniportInterruptContext, ULONG MessageId,
                                                   PVOID MiniportDpcContext, PVOID ReceiveThrottleParameters,
                                                   PVOID NdisReserved2);
#else
typedef VOID(NTAPI MINIPORT_MESSAGE_INTERRUPT_DPC)(NDIS_HANDLE MiniportInterruptContext, ULONG MessageId,
                                                   PVOID MiniportDpcContext, PULONG NdisReserved1,
                                                   PULONG NdisReserved2);
#endif
typedef MINIPORT_MESSAGE_INTERRUPT_DPC* MINIPORT_MSI_INTERRUPT_DPC_HANDLER;
typedef VOID(NTAPI MINIPORT_DISABLE_MESSAGE_INTERRUPT)(NDIS_HANDLE MiniportInterruptContext, ULONG MessageId);
typedef MINIPORT_DISABLE_MESSAGE_INTERRUPT* MINIPORT_DISABLE_MSI_INTERRUPT_HANDLER;
typedef VOID(NTAPI MINIPORT_ENABLE_MESSAGE_INTERRUPT)(NDIS_HANDLE MiniportInterruptContext, ULONG MessageId);
typedef MINIPORT_ENABLE_MESSAGE_INTERRUPT* MINIPORT_ENABLE_MSI_INTERRUPT_HANDLER;
typedef BOOLEAN(NTAPI MINIPORT_SYNCHRONIZE_INTERRUPT)(NDIS_HANDLE SynchronizeContext);
typedef MINIPORT_SYNCHRONIZE_INTERRUPT* MINIPORT_SYNCHRONIZE_INTERRUPT_HANDLER;

typedef struct _NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS {
    NDIS_OBJECT_HEADER Header;
    MINIPORT_ISR_HANDLER InterruptHandler;
    MINIPORT_INTERRUPT_DPC_HANDLER InterruptDpcHandler;
    MINIPORT_DISABLE_INTERRUPT_HANDLER DisableInterruptHandler;
    MINIPORT_ENABLE_INTERRUPT_HANDLER EnableInterruptHandler;
    BOOLEAN MsiSupported;
    BOOLEAN MsiSyncWithAllMessages;
    MINIPORT_MSI_ISR_HANDLER MessageInterruptHandler;
    MINIPORT_MSI_INTERRUPT_DPC_HANDLER MessageInterruptDpcHandler;
    MINIPORT_DISABLE_MSI_INTERRUPT_HANDLER DisableMessageInterruptHandler;
    MINIPORT_ENABLE_MSI_INTERRUPT_HANDLER EnableMessageInterruptHandler;
    NDIS_INTERRUPT_TYPE InterruptType;
    PIO_INTERRUPT_MESSAGE_INFO MessageInfoTable;
} NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS, *PNDIS_MINIPORT_INTERRUPT_CHARACTERISTICS;
#define NDIS_SIZEOF_MINIPORT_INTERRUPT_CHARACTERISTICS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS, MessageInfoTable)

#define NDIS_MSIX_CONFIG_PARAMETERS_REVISION_1 1
typedef struct _NDIS_MSIX_CONFIG_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    NDIS_MSIX_TABLE_OPERATION ConfigOperation;
    ULONG TableEntry;
    ULONG MessageNumber;
} NDIS_MSIX_CONFIG_PARAMETERS, *PNDIS_MSIX_CONFIG_PARAMETERS;
#define NDIS_SIZEOF_MSIX_CONFIG_PARAMETERS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_MSIX_CONFIG_PARAMETERS, MessageNumber)

typedef struct _NDIS_RECEIVE_THROTTLE_PARAMETERS {
    ULONG MaxNblsToIndicate;
    ULONG MoreNblsPending : 1;
} NDIS_RECEIVE_THROTTLE_PARAMETERS, *PNDIS_RECEIVE_THROTTLE_PARAMETERS;

#if NDIS_SUPPORT_NDIS61
NDISAPI NDIS_STATUS NTAPI NdisMConfigMSIXTableEntry(NDIS_HANDLE NdisMiniportHandle,
                                                    PNDIS_MSIX_CONFIG_PARAMETERS MSIXConfigParameters);
#endif
NDISAPI VOID NTAPI NdisMDeregisterInterruptEx(NDIS_HANDLE NdisInterruptHandle);
NDISAPI ULONG NTAPI NdisMQueueDpc(NDIS_HANDLE NdisInterruptHandle, ULONG MessageId, ULONG TargetProcessors,
                                  PVOID MiniportDpcContext);
#if NDIS_SUPPORT_NDIS620
NDISAPI KAFFINITY NTAPI NdisMQueueDpcEx(NDIS_HANDLE NdisInterruptHandle, ULONG MessageId,
                                        PGROUP_AFFINITY TargetProcessors, PVOID MiniportDpcContext);
#endif
NDISAPI NDIS_STATUS NTAPI
NdisMRegisterInterruptEx(NDIS_HANDLE MiniportAdapterHandle, NDIS_HANDLE MiniportInterruptContext,
                         PNDIS_MINIPORT_INTERRUPT_CHARACTERISTICS MiniportInterruptCharacteristics,
                         PNDIS_HANDLE NdisInterruptHandle);
NDISAPI BOOLEAN NTAPI NdisMSynchronizeWithInterruptEx(
    NDIS_HANDLE NdisInterruptHandle, ULONG MessageId,
    MINIPORT_SYNCHRONIZE_INTERRUPT_HANDLER SynchronizeFunction, PVOID SynchronizeContext);

NDIS_END_DECLS
