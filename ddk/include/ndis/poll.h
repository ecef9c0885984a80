// Poll mode: instead of indicating from its own DPC, a miniport registers a poll object and NDIS calls it for
// chains of received and of sent packets, as many as the machine can take at the time.
#pragma once

#include "ndis/contexts.h"
#include "ndis/nbl.h"
#include "ndis/objects.h"

#if NDIS_SUPPORT_NDIS685
NDIS_BEGIN_DECLS

DECLARE_NDIS_HANDLE(NDIS_POLL_HANDLE);

#define NDIS_ANY_NUMBER_OF_NBLS 0xFFFFFFFF

typedef struct _NDIS_POLL_TRANSMIT_DATA {
    ULONG MaxNblsToComplete;
    ULONG Reserved1[3];
    NET_BUFFER_LIST* CompletedNblChain;
    ULONG NumberOfCompletedNbls;
    ULONG NumberOfRemainingNbls;
    ULONG SendCompleteFlags;
    ULONG Reserved2;
    PVOID Reserved3[4];
} NDIS_POLL_TRANSMIT_DATA;

typedef struct _NDIS_POLL_RECEIVE_DATA {
    ULONG MaxNblsToIndicate;
    ULONG Reserved1[3];
    NET_BUFFER_LIST* IndicatedNblChain;
    ULONG NumberOfIndicatedNbls;
    ULONG NumberOfRemainingNbls;
    ULONG Flags;
    ULONG Reserved2;
    PVOID Reserved3[4];
} NDIS_POLL_RECEIVE_DATA;

#define NDIS_POLL_DATA_REVISION_1 1
typedef struct _NDIS_POLL_DATA {
    NDIS_OBJECT_HEADER Header;
    NDIS_POLL_TRANSMIT_DATA Transmit;
    NDIS_POLL_RECEIVE_DATA Receive;
} NDIS_POLL_DATA;
#define NDIS_SIZEOF_NDIS_POLL_DATA_REVISION_1 RTL_SIZEOF_THROUGH_FIELD(NDIS_POLL_DATA, Receive)

#define NDIS_POLL_NOTIFICATION_REVISION_1 1
typedef struct _NDIS_POLL_NOTIFICATION {
    NDIS_OBJECT_HEADER Header;
    BOOLEAN Enabled;
} NDIS_POLL_NOTIFICATION;
#define NDIS_SIZEOF_NDIS_POLL_NOTIFICATION_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_POLL_NOTIFICATION, Enabled)

typedef VOID(NTAPI NDIS_POLL)(PVOID Context, NDIS_POLL_DATA* PollData);
typedef NDIS_POLL* NDIS_POLL_HANDLER;
typedef VOID(NTAPI NDIS_SET_POLL_NOTIFICATION)(PVOID Context, NDIS_POLL_NOTIFICATION* Notification);
typedef NDIS_SET_POLL_NOTIFICATION* NDIS_SET_POLL_NOTIFICATION_HANDLER;

#define NDIS_POLL_CHARACTERISTICS_REVISION_1 1
typedef struct _NDIS_POLL_CHARACTERISTICS {
    NDIS_OBJECT_HEADER Header;
    NDIS_SET_POLL_NOTIFICATION_HANDLER SetPollNotificationHandler;
    NDIS_POLL_HANDLER PollHandler;
} NDIS_POLL_CHARACTERISTICS;
#define NDIS_SIZEOF_NDIS_POLL_CHARACTERISTICS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_POLL_CHARACTERISTICS, PollHandler)

NDISAPI NTSTATUS NTAPI NdisRegisterPoll(NDIS_HANDLE NdisHandle, PVOID Context,
                                        const NDIS_POLL_CHARACTERISTICS* Characteristics,
                                        NDIS_POLL_HANDLE* PollHandle);
NDISAPI VOID NTAPI NdisDeregisterPoll(NDIS_POLL_HANDLE PollHandle);
NDISAPI VOID NTAPI NdisRequestPoll(NDIS_POLL_HANDLE PollHandle, PVOID Reserved);
NDISAPI VOID NTAPI NdisSetPollAffinity(NDIS_POLL_HANDLE PollHandle, const PROCESSOR_NUMBER* PollAffinity);

NDIS_END_DECLS
#endif
