// Entries of generic flow tables: what they match, what they do with the packet, arrays of them.
#pragma once

#include "ndis/gfp.h"
#include "ndis/gft.h"
#include "ndis/objects.h"
#include "ndis/types.h"

NDIS_BEGIN_DECLS

#define NDIS_GFT_UNDEFINED_FLOW_ENTRY_ID                               0
#define NDIS_GFT_UNDEFINED_CUSTOM_ACTION                               0
#define NDIS_GFT_RESERVED_CUSTOM_ACTIONS                               0x100
#define NDIS_GFT_HTP_REDIRECT_TO_INGRESS_QUEUE_OF_VPORT                1
#define NDIS_GFT_HTP_REDIRECT_TO_EGRESS_QUEUE_OF_VPORT                 2
#define NDIS_GFT_HTP_REDIRECT_TO_INGRESS_QUEUE_OF_VPORT_IF_TTL_IS_ONE  4
#define NDIS_GFT_HTP_REDIRECT_TO_EGRESS_QUEUE_OF_VPORT_IF_TTL_IS_ONE   8
#define NDIS_GFT_HTP_COPY_ALL_PACKETS                                  0x10
#define NDIS_GFT_HTP_COPY_FIRST_PACKET                                 0x20
#define NDIS_GFT_HTP_COPY_WHEN_TCP_FLAG_SET                            0x40
#define NDIS_GFT_HTP_CUSTOM_ACTION_PRESENT                             0x80
#define NDIS_GFT_HTP_META_ACTION_BEFORE_HEADER_TRANSPOSITION           0x100
#define NDIS_GFT_EMFE_ADD_IN_ACTIVATED_STATE                           1
#define NDIS_GFT_EMFE_MATCH_AND_ACTION_MUST_BE_SUPPORTED               2
#define NDIS_GFT_EMFE_RDMA_FLOW                                        4
#define NDIS_GFT_EMFE_REDIRECT_TO_INGRESS_QUEUE_OF_VPORT               0x1000
#define NDIS_GFT_EMFE_REDIRECT_TO_EGRESS_QUEUE_OF_VPORT                0x2000
#define NDIS_GFT_EMFE_REDIRECT_TO_INGRESS_QUEUE_OF_VPORT_IF_TTL_IS_ONE 0x4000
#define NDIS_GFT_EMFE_REDIRECT_TO_EGRESS_QUEUE_OF_VPORT_IF_TTL_IS_ONE  0x8000
#define NDIS_GFT_EMFE_COPY_ALL_PACKETS                                 0x10000
#define NDIS_GFT_EMFE_COPY_FIRST_PACKET                                0x20000
#define NDIS_GFT_EMFE_COPY_WHEN_TCP_FLAG_SET                           0x40000
#define NDIS_GFT_EMFE_CUSTOM_ACTION_PRESENT                            0x80000
#define NDIS_GFT_EMFE_META_ACTION_BEFORE_HEADER_TRANSPOSITION          0x100000
#define NDIS_GFT_EMFE_COPY_AFTER_TCP_FIN_FLAG_SET                      0x200000
#define NDIS_GFT_EMFE_COPY_AFTER_TCP_RST_FLAG_SET                      0x400000
#define NDIS_GFT_EMFE_COPY_CONDITION_CHANGED                           0x1000000
#define NDIS_GFT_EMFE_ALL_VPORT_FLOW_ENTRIES                           0x2000000
#define NDIS_GFT_EMFE_COUNTER_ALLOCATE                                 1
#define NDIS_GFT_EMFE_COUNTER_MEMORY_MAPPED                            2
#define NDIS_GFT_EMFE_COUNTER_CLIENT_SPECIFIED_ADDRESS                 4
#define NDIS_GFT_WCFE_ADD_IN_ACTIVATED_STATE                           1
#define NDIS_GFT_WCFE_REDIRECT_TO_INGRESS_QUEUE_OF_VPORT               2
#define NDIS_GFT_WCFE_REDIRECT_TO_EGRESS_QUEUE_OF_VPORT                4
#define NDIS_GFT_WCFE_REDIRECT_TO_INGRESS_QUEUE_OF_VPORT_IF_TTL_IS_ONE 8
#define NDIS_GFT_WCFE_REDIRECT_TO_EGRESS_QUEUE_OF_VPORT_IF_TTL_IS_ONE  0x10
#define NDIS_GFT_WCFE_COPY_ALL_PACKETS                                 0x20
#define NDIS_GFT_WCFE_CUSTOM_ACTION_PRESENT                            0x40
#define NDIS_GFT_WCFE_COUNTER_ALLOCATE                                 1
#define NDIS_GFT_WCFE_COUNTER_MEMORY_MAPPED                            2
#define NDIS_GFT_WCFE_COUNTER_CLIENT_SPECIFIED_ADDRESS                 4
#define NDIS_GFT_FLOW_ENTRY_INFO_ALL_FLOW_ENTRIES                      1
#define NDIS_GFT_FLOW_ENTRY_ID_ALL_NIC_SWITCH_FLOW_ENTRIES             1
#define NDIS_GFT_FLOW_ENTRY_ID_ALL_TABLE_FLOW_ENTRIES                  2
#define NDIS_GFT_FLOW_ENTRY_ID_ALL_VPORT_FLOW_ENTRIES                  4
#define NDIS_GFT_FLOW_ENTRY_ID_RANGE_DEFINED                           8

typedef enum _NDIS_GFT_HEADER_GROUP_TRANSPOSITION_ACTION {
    NdisGftHeaderGroupTranspositionActionUndefined,
    NdisGftHeaderGroupTranspositionActionModify,
    NdisGftHeaderGroupTranspositionActionIgnore,
    NdisGftHeaderGroupTranspositionActionPush,
    NdisGftHeaderGroupTranspositionActionPop,
    NdisGftHeaderGroupTranspositionActionMax,
} NDIS_GFT_HEADER_GROUP_TRANSPOSITION_ACTION, *PNDIS_GFT_HEADER_GROUP_TRANSPOSITION_ACTION;

typedef enum _NDIS_GFT_FLOW_ENTRY_CACHE_HINT {
    NdisGftFlowEntryCacheHintUndefined,
    NdisGftFlowEntryCacheHintLowFrequency = 100,
    NdisGftFlowEntryCacheHintMediumFrequency = 200,
    NdisGftFlowEntryCacheHintHighFrequency = 300,
    NdisGftFlowEntryCacheHintMax = 1000,
} NDIS_GFT_FLOW_ENTRY_CACHE_HINT, *PNDIS_GFT_FLOW_ENTRY_CACHE_HINT;

typedef enum _NDIS_GFT_FLOW_ENTRY_STATE {
    NdisGftFlowEntryStateUndefined,
    NdisGftFlowEntryStateDeactivated,
    NdisGftFlowEntryStateActivated,
    NdisGftFlowEntryStateMax,
} NDIS_GFT_FLOW_ENTRY_STATE, *PNDIS_GFT_FLOW_ENTRY_STATE;

typedef enum _NDIS_GFT_WILDCARD_ACTION {
    NdisGftWildcardActionUndefined,
    NdisGftWildcardActionAllow,
    NdisGftWildcardActionDrop,
    NdisGftWildcardActionMax,
} NDIS_GFT_WILDCARD_ACTION, *PNDIS_GFT_WILDCARD_ACTION;

typedef enum _NDIS_GFT_FLOW_ENTRY_TYPE {
    NdisGftFlowEntryTypeUndefined,
    NdisGftFlowEntryTypeExactMatch,
    NdisGftFlowEntryTypeWildcard,
    NdisGftFlowEntryTypeMax,
} NDIS_GFT_FLOW_ENTRY_TYPE, *PNDIS_GFT_FLOW_ENTRY_TYPE;

#define NDIS_GFT_CUSTOM_ACTION_LAST_ACTION 1
#define NDIS_GFT_CUSTOM_ACTION_REVISION_1  1
typedef struct _NDIS_GFT_CUSTOM_ACTION {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFP_PROFILE_ID ProfileId;
    NDIS_GFT_CUSTOM_ACTION_TYPE Type;
    ULONG Length;
    union {
        ULONG_PTR Alignment;
        UCHAR ActionData[1];
    };
} NDIS_GFT_CUSTOM_ACTION, *PNDIS_GFT_CUSTOM_ACTION;
#define NDIS_SIZEOF_NDIS_GFT_CUSTOM_ACTION_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_CUSTOM_ACTION, Alignment)

#define NDIS_GFT_CUSTOM_ACTION_PROFILE_REVISION_1 1
typedef struct _NDIS_GFT_CUSTOM_ACTION_PROFILE {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFP_TABLE_TYPE TableType;
    NDIS_GFP_PROFILE_ID ProfileId;
    NDIS_GFT_CUSTOM_ACTION_TYPE Type;
    ULONG Length;
    union {
        ULONG_PTR Alignment;
        UCHAR ActionProfileData[1];
    };
} NDIS_GFT_CUSTOM_ACTION_PROFILE, *PNDIS_GFT_CUSTOM_ACTION_PROFILE;
#define NDIS_SIZEOF_NDIS_GFT_CUSTOM_ACTION_PROFILE_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_CUSTOM_ACTION_PROFILE, Alignment)

#define NDIS_GFT_EXACT_MATCH_FLOW_ENTRY_REVISION_1 1
typedef struct _NDIS_GFT_EXACT_MATCH_FLOW_ENTRY {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_TABLE_ID TableId;
    NDIS_NIC_SWITCH_VPORT_ID VPortId;
    NDIS_GFP_PROFILE_ID MatchProfileId;
    NDIS_STATUS MatchRequestStatus;
    NDIS_STATUS ActionRequestStatus;
    ULONG CounterFlags;
    NDIS_GFT_COUNTER_UPDATE_FREQUENCY CounterUpdateFrequency;
    NDIS_GFT_COUNTER_TYPE CounterType;
    ULONG UpdatePeriod;
    union {
        PNDIS_GFT_PACKET_COUNTER_VALUE PacketCounterAddress;
        PNDIS_GFT_BYTE_COUNTER_VALUE ByteCounterAddress;
        PNDIS_GFT_PACKET_AND_BYTE_COUNTER_VALUE PacketAndByteCounterAddress;
    } CounterValueBuffer;
    NDIS_GFP_PROFILE_ID HeaderTranspositionProfileId;
    NDIS_NIC_SWITCH_VPORT_ID RedirectionVPortId;
    NDIS_NIC_SWITCH_VPORT_ID TtlIsOneRedirectionVPortId;
    ULONG NumCounterObjects;
    NDIS_GFT_COUNTER_ID CounterIdArray[8];
    NDIS_GFT_FLOW_ENTRY_CACHE_HINT CacheHint;
    NDIS_GFT_FLOW_ENTRY_ID ClientFlowEntryId;
    NDIS_GFT_FLOW_ENTRY_ID ProviderFlowEntryId;
    NDIS_GFT_FLOW_ENTRY_STATE FlowEntryState;
    ULONG HeaderGroupExactMatchArrayOffset;
    ULONG HeaderGroupExactMatchArrayNumElements;
    ULONG HeaderGroupExactMatchArrayElementSize;
    ULONG HeaderGroupTranspositionArrayOffset;
    ULONG HeaderGroupTranspositionArrayNumElements;
    ULONG HeaderGroupTranspositionArrayElementSize;
    ULONG CustomActionOffset;
} NDIS_GFT_EXACT_MATCH_FLOW_ENTRY, *PNDIS_GFT_EXACT_MATCH_FLOW_ENTRY;
#define NDIS_SIZEOF_GFT_EXACT_MATCH_FLOW_ENTRY_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_EXACT_MATCH_FLOW_ENTRY, CustomActionOffset)

#define NDIS_GFT_FLOW_ENTRY_ARRAY_REVISION_1 1
typedef struct _NDIS_GFT_FLOW_ENTRY_ARRAY {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_FLOW_ENTRY_TYPE EntryType;
    ULONG FlowEntryArrayOffset;
    ULONG FlowEntryArrayNumElements;
    ULONG FlowEntryArrayElementSize;
} NDIS_GFT_FLOW_ENTRY_ARRAY, *PNDIS_GFT_FLOW_ENTRY_ARRAY;
#define NDIS_SIZEOF_GFT_FLOW_ENTRY_ARRAY_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_FLOW_ENTRY_ARRAY, FlowEntryArrayElementSize)

typedef struct _NDIS_GFT_FLOW_ENTRY_ID_AND_COUNTER {
    NDIS_GFT_FLOW_ENTRY_ID FlowEntryId;
    NDIS_GFT_COUNTER_VALUE CounterValue;
} NDIS_GFT_FLOW_ENTRY_ID_AND_COUNTER, *PNDIS_GFT_FLOW_ENTRY_ID_AND_COUNTER;

#define NDIS_GFT_FLOW_ENTRY_ID_ARRAY_DEFINED        16
#define NDIS_GFT_FLOW_ENTRY_ID_ARRAY_COUNTER_VALUES 0x10000
#define NDIS_GFT_FLOW_ENTRY_ID_ARRAY_REVISION_1     1
typedef struct _NDIS_GFT_FLOW_ENTRY_ID_ARRAY {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_TABLE_ID TableId;
    NDIS_NIC_SWITCH_VPORT_ID VPortId;
    union {
        struct {
            ULONG ProviderFlowEntryIdArrayOffset;
            ULONG ProviderFlowEntryIdArrayNumElements;
            ULONG ProviderFlowEntryIdArrayElementSize;
        } FlowEntryIdArray;
        struct {
            ULONG ProviderFlowEntryIdAndCounterArrayOffset;
            ULONG ProviderFlowEntryIdAndCounterArrayNumElements;
            ULONG ProviderFlowEntryIdAndCounterArrayElementSize;
        } FlowEntryIdAndCounterArray;
    } IdArray;
} NDIS_GFT_FLOW_ENTRY_ID_ARRAY, *PNDIS_GFT_FLOW_ENTRY_ID_ARRAY;
#define NDIS_SIZEOF_GFT_FLOW_ENTRY_ID_ARRAY_REVISION_1     \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_FLOW_ENTRY_ID_ARRAY, \
                             IdArray.FlowEntryIdArray.ProviderFlowEntryIdArrayElementSize)

#define NDIS_GFT_FLOW_ENTRY_INFO_ARRAY_REVISION_1 1
typedef struct _NDIS_GFT_FLOW_ENTRY_INFO_ARRAY {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_TABLE_ID TableId;
    NDIS_NIC_SWITCH_VPORT_ID VPortId;
    NDIS_GFT_FLOW_ENTRY_ID ProviderFlowEntryIdStart;
    ULONG FlowEntryIdCount;
    ULONG FlowEntryInfoArrayOffset;
    ULONG FlowEntryInfoArrayNumElements;
    ULONG FlowEntryInfoArrayElementSize;
} NDIS_GFT_FLOW_ENTRY_INFO_ARRAY, *PNDIS_GFT_FLOW_ENTRY_INFO_ARRAY;
#define NDIS_SIZEOF_GFT_FLOW_ENTRY_INFO_ARRAY_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_FLOW_ENTRY_INFO_ARRAY, FlowEntryInfoArrayElementSize)

#define NDIS_GFT_HEADER_GROUP_TRANSPOSITION_DECREMENT_TTL_IF_NOT_ONE 1
#define NDIS_GFT_HEADER_GROUP_TRANSPOSITION_REVISION_1               1
typedef struct _NDIS_GFT_HEADER_GROUP_TRANSPOSITION {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_HEADER_GROUP_TRANSPOSITION_ACTION Action;
    ULONG HeadersPresent;
    ULONG64 HeaderFields;
    NDIS_GFP_ETHERNET_HEADER_FIELDS EthernetFields;
    union {
        struct {
            IN_ADDR SourceIPAddress;
            IN_ADDR DestinationIPAddress;
        } IPv4Address;
        struct {
            IN6_ADDR SourceIPAddress;
            IN6_ADDR DestinationIPAddress;
        } IPv6Address;
    } IPAddress;
    UINT8 Ttl;
    UINT8 Dscp;
    UINT8 IPProtocol;
    union {
        struct {
            USHORT SourcePort;
            USHORT DestinationPort;
        } Udp;
        struct {
            USHORT SourcePort;
            USHORT DestinationPort;
        } Tcp;
        struct {
            ULONG TenantId;
            USHORT GreProtocol;
            USHORT Entropy;
        } Encapsulation;
    } TransportOrEncapsulation;
} NDIS_GFT_HEADER_GROUP_TRANSPOSITION, *PNDIS_GFT_HEADER_GROUP_TRANSPOSITION;
#define NDIS_SIZEOF_GFT_HEADER_GROUP_TRANSPOSITION_REVISION_1     \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_HEADER_GROUP_TRANSPOSITION, \
                             TransportOrEncapsulation.Encapsulation.Entropy)

#define NDIS_GFT_HEADER_GROUP_TRANSPOSITION_PROFILE_DECREMENT_TTL_IF_NOT_ONE 1
#define NDIS_GFT_HEADER_GROUP_TRANSPOSITION_PROFILE_REVISION_1               1
typedef struct _NDIS_GFT_HEADER_GROUP_TRANSPOSITION_PROFILE {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_HEADER_GROUP_TRANSPOSITION_ACTION Action;
    ULONG HeadersPresent;
    ULONG HeaderFields;
} NDIS_GFT_HEADER_GROUP_TRANSPOSITION_PROFILE, *PNDIS_GFT_HEADER_GROUP_TRANSPOSITION_PROFILE;
#define NDIS_SIZEOF_GFT_HEADER_GROUP_TRANSPOSITION_PROFILE_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_HEADER_GROUP_TRANSPOSITION_PROFILE, HeaderFields)

#define NDIS_GFT_HEADER_TRANSPOSITION_PROFILE_REVISION_1 1
typedef struct _NDIS_GFT_HEADER_TRANSPOSITION_PROFILE {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFP_TABLE_TYPE TableType;
    NDIS_GFP_PROFILE_ID ProfileId;
    ULONG HeaderGroupTranspositionProfileArrayOffset;
    ULONG HeaderGroupTranspositionProfileArrayNumElements;
    ULONG HeaderGroupTranspositionProfileArrayElementSize;
    ULONG CustomActionProfileOffset;
} NDIS_GFT_HEADER_TRANSPOSITION_PROFILE, *PNDIS_GFT_HEADER_TRANSPOSITION_PROFILE;
#define NDIS_SIZEOF_GFT_HEADER_TRANSPOSITION_PROFILE_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_HEADER_TRANSPOSITION_PROFILE, CustomActionProfileOffset)

#define NDIS_GFT_WILDCARD_MATCH_FLOW_ENTRY_REVISION_1 1
typedef struct _NDIS_GFT_WILDCARD_MATCH_FLOW_ENTRY {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_TABLE_ID TableId;
    NDIS_NIC_SWITCH_VPORT_ID VPortId;
    NDIS_GFP_PROFILE_ID MatchProfileId;
    NDIS_STATUS MatchRequestStatus;
    NDIS_STATUS ActionRequestStatus;
    ULONG CounterFlags;
    NDIS_GFT_COUNTER_UPDATE_FREQUENCY CounterUpdateFrequency;
    NDIS_GFT_COUNTER_TYPE CounterType;
    ULONG UpdatePeriod;
    union {
        PNDIS_GFT_PACKET_COUNTER_VALUE PacketCounterAddress;
        PNDIS_GFT_BYTE_COUNTER_VALUE ByteCounterAddress;
        PNDIS_GFT_PACKET_AND_BYTE_COUNTER_VALUE PacketAndByteCounterAddress;
    } CounterValueBuffer;
    ULONG Priority;
    NDIS_GFT_WILDCARD_ACTION Action;
    NDIS_NIC_SWITCH_VPORT_ID RedirectionVPortId;
    NDIS_NIC_SWITCH_VPORT_ID TtlIsOneRedirectionVPortId;
    ULONG NumCounterObjects;
    NDIS_GFT_COUNTER_ID CounterIdArray[8];
    NDIS_GFT_FLOW_ENTRY_CACHE_HINT CacheHint;
    NDIS_GFT_FLOW_ENTRY_ID ClientFlowEntryId;
    NDIS_GFT_FLOW_ENTRY_ID ProviderFlowEntryId;
    NDIS_GFT_FLOW_ENTRY_STATE FlowState;
    ULONG HeaderGroupWildcardMatchArrayOffset;
    ULONG HeaderGroupWildcardMatchArrayNumElements;
    ULONG HeaderGroupWildcardMatchArrayElementSize;
    ULONG CustomActionOffset;
} NDIS_GFT_WILDCARD_MATCH_FLOW_ENTRY, *PNDIS_GFT_WILDCARD_MATCH_FLOW_ENTRY;
#define NDIS_SIZEOF_GFT_WILDCARD_MATCH_FLOW_ENTRY_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_WILDCARD_MATCH_FLOW_ENTRY, CustomActionOffset)

NDIS_END_DECLS
