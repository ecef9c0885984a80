// Packet Direct: capabilities and configuration, as management sees them.
#pragma once

#include "ndis/objects.h"
#include "ndis/types.h"

NDIS_BEGIN_DECLS

#define NDIS_PD_QUEUE_COUNT_DYNAMIC                             0xFFFFFFFF
#define NDIS_PD_CAPS_RECEIVE_FILTER_COUNTERS_SUPPORTED          1
#define NDIS_PD_CAPS_DRAIN_NOTIFICATIONS_SUPPORTED              2
#define NDIS_PD_CAPS_NOTIFICATION_MODERATION_INTERVAL_SUPPORTED 4
#define NDIS_PD_CAPS_NOTIFICATION_MODERATION_COUNT_SUPPORTED    8

#define NDIS_PD_CAPABILITIES_REVISION_1 1
typedef struct DECLSPEC_ALIGN(8) _NDIS_PD_CAPABILITIES {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    ULONG MaximumTxPartialBufferCount;
    ULONG MaximumRxPartialBufferCount;
    UCHAR RxFilterContextWidth;
    ULONG CapabilityFlags;
    ULONG MaxNumberOfRxQueues;
    ULONG MaxNumberOfTxQueues;
    ULONG MaxNumberOfRxQueuesForDefaultVport;
    ULONG MaxNumberOfTxQueuesForDefaultVport;
    ULONG MaxNumberOfRxQueuesPerNonDefaultVport;
    ULONG MaxNumberOfTxQueuesPerNonDefaultVport;
    ULONG ExactMatchProfileArrayOffset;
    ULONG ExactMatchProfileArrayNumElements;
    ULONG ExactMatchProfileArrayElementSize;
    ULONG WildcardMatchProfileArrayOffset;
    ULONG WildcardMatchProfileArrayNumElements;
    ULONG WildcardMatchProfileArrayElementSize;
    ULONG MinimumModerationInterval;
    ULONG MaximumModerationInterval;
    ULONG ModerationIntervalGranularity;
    ULONG MaxRxQueueSize;
    ULONG MaxTxQueueSize;
} NDIS_PD_CAPABILITIES, *PNDIS_PD_CAPABILITIES;
#define NDIS_SIZEOF_PD_CAPABILITIES_REVISION_1 RTL_SIZEOF_THROUGH_FIELD(NDIS_PD_CAPABILITIES, MaxTxQueueSize)

#define NDIS_PD_CONFIG_REVISION_1 1
typedef struct DECLSPEC_ALIGN(8) _NDIS_PD_CONFIG {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    BOOLEAN Enabled;
    ULONG CapabilitiesOffset;
    ULONG CapabilitiesSize;
} NDIS_PD_CONFIG, *PNDIS_PD_CONFIG;
#define NDIS_SIZEOF_PD_CONFIG_REVISION_1 RTL_SIZEOF_THROUGH_FIELD(NDIS_PD_CONFIG, CapabilitiesSize)

NDIS_END_DECLS
