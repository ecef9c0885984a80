// Generic flow tables: tables, counters, profiles, capabilities, parameters of virtual ports.
#pragma once

#include "ndis/gfp.h"
#include "ndis/objects.h"
#include "ndis/types.h"

NDIS_BEGIN_DECLS

typedef ULONG64 NDIS_GFT_FLOW_ENTRY_ID, *PNDIS_GFT_FLOW_ENTRY_ID;
typedef ULONG NDIS_GFT_TABLE_ID, *PNDIS_GFT_TABLE_ID;
typedef ULONG NDIS_GFT_COUNTER_ID, *PNDIS_GFT_COUNTER_ID;
typedef ULONG NDIS_GFT_CUSTOM_ACTION_TYPE, *PNDIS_GFT_CUSTOM_ACTION_TYPE;

#define NDIS_GFT_UNDEFINED_TABLE_ID                                            0
#define NDIS_GFT_TABLE_INCLUDE_EXTERNAL_VPPORT                                 1
#define NDIS_GFT_UNDEFINED_COUNTER_ID                                          0
#define NDIS_GFT_MAX_COUNTER_OBJECTS_PER_FLOW_ENTRY                            8
#define NDIS_GFT_DELETE_PROFILE_ALL_PROFILES                                   1
#define NDIS_GFT_OFFLOAD_CAPS_ADD_FLOW_ENTRY_DEACTIVATED_PREFERRED             1
#define NDIS_GFT_OFFLOAD_CAPS_RATE_LIMITING_QUEUE_SUPPORTED                    2
#define NDIS_GFT_OFFLOAD_CAPS_MEMORY_MAPPED_COUNTERS                           1
#define NDIS_GFT_OFFLOAD_CAPS_MEMORY_MAPPED_PAKCET_AND_BYTE_COUNTERS           2
#define NDIS_GFT_OFFLOAD_CAPS_PER_FLOW_ENTRY_COUNTERS                          4
#define NDIS_GFT_OFFLOAD_CAPS_PER_PACKET_COUNTER_UPDATE                        8
#define NDIS_GFT_OFFLOAD_CAPS_CLIENT_SPECIFIED_MEMORY_MAPPED_COUNTERS          16
#define NDIS_GFT_OFFLOAD_CAPS_INGRESS_AGGREGATE_COUNTERS                       32
#define NDIS_GFT_OFFLOAD_CAPS_EGRESS_AGGREGATE_COUNTERS                        64
#define NDIS_GFT_OFFLOAD_CAPS_INGRESS_WILDCARD_MATCH                           1
#define NDIS_GFT_OFFLOAD_CAPS_EGRESS_WILDCARD_MATCH                            2
#define NDIS_GFT_OFFLOAD_CAPS_INGRESS_EXACT_MATCH                              4
#define NDIS_GFT_OFFLOAD_CAPS_EGRESS_EXACT_MATCH                               8
#define NDIS_GFT_OFFLOAD_CAPS_EXT_VPORT_INGRESS_WILDCARD_MATCH                 0x10
#define NDIS_GFT_OFFLOAD_CAPS_EXT_VPORT_EGRESS_WILDCARD_MATCH                  0x20
#define NDIS_GFT_OFFLOAD_CAPS_EXT_VPORT_INGRESS_EXACT_MATCH                    0x40
#define NDIS_GFT_OFFLOAD_CAPS_EXT_VPORT_EGRESS_EXACT_MATCH                     0x80
#define NDIS_GFT_OFFLOAD_CAPS_POP                                              1
#define NDIS_GFT_OFFLOAD_CAPS_PUSH                                             2
#define NDIS_GFT_OFFLOAD_CAPS_MODIFY                                           4
#define NDIS_GFT_OFFLOAD_CAPS_IGNORE_ACTION_SUPPORTED                          8
#define NDIS_GFT_OFFLOAD_CAPS_REDIRECT_TO_INGRESS_QUEUE_OF_VPORT               0x10
#define NDIS_GFT_OFFLOAD_CAPS_REDIRECT_TO_EGRESS_QUEUE_OF_VPORT                0x20
#define NDIS_GFT_OFFLOAD_CAPS_REDIRECT_TO_INGRESS_QUEUE_OF_VPORT_IF_TTL_IS_ONE 0x40
#define NDIS_GFT_OFFLOAD_CAPS_REDIRECT_TO_EGRESS_QUEUE_OF_VPORT_IF_TTL_IS_ONE  0x80
#define NDIS_GFT_OFFLOAD_CAPS_COPY_ALL                                         0x100
#define NDIS_GFT_OFFLOAD_CAPS_COPY_FIRST                                       0x200
#define NDIS_GFT_OFFLOAD_CAPS_COPY_WHEN_TCP_FLAG_SET                           0x400
#define NDIS_GFT_OFFLOAD_CAPS_SAMPLE                                           0x800
#define NDIS_GFT_OFFLOAD_CAPS_META_ACTION_BEFORE_HEADER_TRANSPOSITION          0x1000
#define NDIS_GFT_OFFLOAD_CAPS_META_ACTION_AFTER_HEADER_TRANSPOSITION           0x2000
#define NDIS_GFT_OFFLOAD_CAPS_PER_VPORT_EXCEPTION_VPORT                        0x4000
#define NDIS_GFT_OFFLOAD_CAPS_DESIGNATED_EXCEPTION_VPORT                       0x8000
#define NDIS_GFT_OFFLOAD_CAPS_DSCP_MASK                                        0x10000
#define NDIS_GFT_OFFLOAD_CAPS_8021P_PRIORITY_MASK                              0x20000
#define NDIS_GFT_OFFLOAD_CAPS_ALLOW                                            0x40000
#define NDIS_GFT_OFFLOAD_CAPS_DROP                                             0x80000
#define NDIS_GFT_VPORT_ENABLE                                                  1
#define NDIS_GFT_VPORT_PARSE_VXLAN                                             2
#define NDIS_GFT_VPORT_PARSE_VXLAN_NOT_IN_SRC_PORT_RANGE                       4
#define NDIS_GFT_VPORT_ENABLE_STATE_CHANGED                                    0x100000
#define NDIS_GFT_VPORT_EXCEPTION_VPORT_CHANGED                                 0x200000
#define NDIS_GFT_VPORT_SAMPLING_RATE_CHANGED                                   0x400000
#define NDIS_GFT_VPORT_DSCP_MASK_CHANGED                                       0x800000
#define NDIS_GFT_VPORT_PRIORITY_MASK_CHANGED                                   0x1000000
#define NDIS_GFT_VPORT_VXLAN_SETTINGS_CHANGED                                  0x2000000
#define NDIS_GFT_VPORT_DSCP_FLAGS_CHANGED                                      0x4000000
#define NDIS_GFT_VPORT_PARAMS_CHANGE_MASK                                      0xFFF00000
#define NDIS_GFT_VPORT_MAX_DSCP_MASK_COUNTER_OBJECTS                           64
#define NDIS_GFT_VPORT_MAX_PRIORITY_MASK_COUNTER_OBJECTS                       8
#define NDIS_GFT_VPORT_DSCP_GUARD_ENABLE_RX                                    1
#define NDIS_GFT_VPORT_DSCP_GUARD_ENABLE_TX                                    2
#define NDIS_GFT_VPORT_DSCP_MASK_ENABLE_RX                                     4
#define NDIS_GFT_VPORT_DSCP_MASK_ENABLE_TX                                     8

typedef enum _NDIS_GFT_COUNTER_UPDATE_FREQUENCY {
    NdisGftCounterUpdateFrequencyUndefined,
    NdisGftCounterUpdateFrequencyOnQuery,
    NdisGftCounterUpdateFrequencyPerUpdatePeriod,
    NdisGftCounterUpdateFrequencyPerPacket,
    NdisGftCounterUpdateFrequencyMax,
} NDIS_GFT_COUNTER_UPDATE_FREQUENCY, *PNDIS_GFT_COUNTER_UPDATE_FREQUENCY;

typedef enum _NDIS_GFT_COUNTER_TYPE {
    NdisGftCounterTypeUndefined,
    NdisGftCounterTypePacketCounter,
    NdisGftCounterTypeByteCounter,
    NdisGftCounterTypePacketAndByteCounter,
    NdisGftCounterTypeMax,
} NDIS_GFT_COUNTER_TYPE, *PNDIS_GFT_COUNTER_TYPE;

typedef enum _NDIS_GFT_COUNTER_VALUE_QUERY_METHOD {
    NdisGftQueryValueQueryMethodUndefined,
    NdisGftQueryValueQueryMethodUsingCounterIds,
    NdisGftQueryValueQueryMethodUsingFlowEntryIds,
    NdisGftQueryValueQueryMethodVPortFlowEntries,
    NdisGftQueryValueQueryMethodAllFlowEntries,
    NdisGftQueryValueQueryMethodMax,
} NDIS_GFT_COUNTER_VALUE_QUERY_METHOD, *PNDIS_GFT_COUNTER_VALUE_QUERY_METHOD;

typedef enum _NDIS_GFT_PROFILE_TYPE {
    NdisGftProfileTypeUndefined,
    NdisGftProfileTypeExactMatch,
    NdisGftProfileTypeHeaderTransposition,
    NdisGftProfileTypeWildcardMatch,
    NdisGftProfileTypeMax,
} NDIS_GFT_PROFILE_TYPE, *PNDIS_GFT_PROFILE_TYPE;

typedef struct _NDIS_GFT_BYTE_COUNTER_VALUE {
    ULONG64 Bytes;
    LARGE_INTEGER LastUpdate;
} NDIS_GFT_BYTE_COUNTER_VALUE, *PNDIS_GFT_BYTE_COUNTER_VALUE;

#define NDIS_GFT_COUNTER_INFO_REVISION_1 1
typedef struct _NDIS_GFT_COUNTER_INFO {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_COUNTER_ID CounterIdStart;
    ULONG NumCounters;
    NDIS_GFT_COUNTER_UPDATE_FREQUENCY CounterUpdateFrequency;
    NDIS_GFT_COUNTER_TYPE CounterType;
    ULONG UpdatePeriod;
} NDIS_GFT_COUNTER_INFO, *PNDIS_GFT_COUNTER_INFO;
#define NDIS_SIZEOF_GFT_COUNTER_INFO_REVISION_1 RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_COUNTER_INFO, UpdatePeriod)

#define NDIS_GFT_COUNTER_INFO_ARRAY_REVISION_1 1
typedef struct _NDIS_GFT_COUNTER_INFO_ARRAY {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_TABLE_ID TableId;
    ULONG CounterInfoArrayOffset;
    ULONG CounterInfoArrayNumElements;
    ULONG CounterInfoArrayElementSize;
} NDIS_GFT_COUNTER_INFO_ARRAY, *PNDIS_GFT_COUNTER_INFO_ARRAY;
#define NDIS_SIZEOF_GFT_COUNTER_INFO_ARRAY_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_COUNTER_INFO_ARRAY, CounterInfoArrayElementSize)

typedef struct _NDIS_GFT_PACKET_COUNTER_VALUE {
    ULONG64 Packets;
    LARGE_INTEGER LastUpdate;
} NDIS_GFT_PACKET_COUNTER_VALUE, *PNDIS_GFT_PACKET_COUNTER_VALUE;

typedef struct _NDIS_GFT_PACKET_AND_BYTE_COUNTER_VALUE {
    ULONG64 Packets;
    ULONG64 Bytes;
    LARGE_INTEGER LastUpdate;
} NDIS_GFT_PACKET_AND_BYTE_COUNTER_VALUE, *PNDIS_GFT_PACKET_AND_BYTE_COUNTER_VALUE;

#define NDIS_GFT_COUNTER_PARAMETERS_CLIENT_SPECIFIED_ADDRESS 1
#define NDIS_GFT_COUNTER_PARAMETERS_REVISION_1               1
typedef struct _NDIS_GFT_COUNTER_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_TABLE_ID TableId;
    NDIS_GFT_COUNTER_UPDATE_FREQUENCY CounterUpdateFrequency;
    NDIS_GFT_COUNTER_TYPE CounterType;
    NDIS_GFT_COUNTER_ID CounterIdStart;
    ULONG NumCounters;
    ULONG UpdatePeriod;
    union {
        PNDIS_GFT_PACKET_COUNTER_VALUE PacketCounters;
        PNDIS_GFT_BYTE_COUNTER_VALUE ByteCounters;
        PNDIS_GFT_PACKET_AND_BYTE_COUNTER_VALUE PacketAndByteCounters;
    } CounterValuesBufferStart;
} NDIS_GFT_COUNTER_PARAMETERS, *PNDIS_GFT_COUNTER_PARAMETERS;
#define NDIS_SIZEOF_GFT_COUNTER_PARAMETERS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_COUNTER_PARAMETERS, CounterValuesBufferStart.PacketCounters)

typedef struct _NDIS_GFT_COUNTER_VALUE {
    NDIS_GFT_COUNTER_TYPE CounterType;
    union {
        NDIS_GFT_PACKET_COUNTER_VALUE Packets;
        NDIS_GFT_BYTE_COUNTER_VALUE Bytes;
        NDIS_GFT_PACKET_AND_BYTE_COUNTER_VALUE PacketsAndBytes;
    } CounterValue;
} NDIS_GFT_COUNTER_VALUE, *PNDIS_GFT_COUNTER_VALUE;

#define NDIS_GFT_COUNTER_VALUE_ARRAY_UPDATE_MEMORY_MAPPED_COUNTERS 1
#define NDIS_GFT_COUNTER_VALUE_ARRAY_GET_VALUES                    2
#define NDIS_GFT_COUNTER_VALUE_ARRAY_REVISION_1                    1
typedef struct _NDIS_GFT_COUNTER_VALUE_ARRAY {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_TABLE_ID TableId;
    union {
        NDIS_GFT_FLOW_ENTRY_ID FlowEntryId;
        NDIS_GFT_COUNTER_ID CounterId;
    } StartId;
    ULONG NumCounters;
    ULONG CounterValueArrayOffset;
    ULONG CounterValueArrayNumElements;
    ULONG CounterValueArrayElementSize;
} NDIS_GFT_COUNTER_VALUE_ARRAY, *PNDIS_GFT_COUNTER_VALUE_ARRAY;
#define NDIS_SIZEOF_GFT_COUNTER_VALUE_ARRAY_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_COUNTER_VALUE_ARRAY, CounterValueArrayElementSize)

#define NDIS_GFT_DELETE_PROFILE_PARAMETERS_REVISION_1 1
typedef struct _NDIS_GFT_DELETE_PROFILE_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFP_PROFILE_ID ProfileId;
} NDIS_GFT_DELETE_PROFILE_PARAMETERS, *PNDIS_GFT_DELETE_PROFILE_PARAMETERS;
#define NDIS_SIZEOF_GFT_DELETE_PROFILE_PARAMETERS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_DELETE_PROFILE_PARAMETERS, ProfileId)

#define NDIS_GFT_DELETE_TABLE_PARAMETERS_REVISION_1 1
typedef struct _NDIS_GFT_DELETE_TABLE_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_TABLE_ID TableId;
} NDIS_GFT_DELETE_TABLE_PARAMETERS, *PNDIS_GFT_DELETE_TABLE_PARAMETERS;
#define NDIS_SIZEOF_GFT_DELETE_TABLE_PARAMETERS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_DELETE_TABLE_PARAMETERS, TableId)

#define NDIS_GFT_FREE_COUNTER_PARAMETERS_REVISION_1 1
typedef struct _NDIS_GFT_FREE_COUNTER_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_TABLE_ID TableId;
    NDIS_GFT_COUNTER_ID CounterIdStart;
    ULONG NumCounters;
    ULONG LastCounterValueArrayOffset;
    ULONG LastCounterValueArrayNumElements;
    ULONG LastCounterValueArrayElementSize;
} NDIS_GFT_FREE_COUNTER_PARAMETERS, *PNDIS_GFT_FREE_COUNTER_PARAMETERS;
#define NDIS_SIZEOF_GFT_FREE_COUNTER_PARAMETERS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_FREE_COUNTER_PARAMETERS, LastCounterValueArrayElementSize)

#define NDIS_GFT_OFFLOAD_CAPABILITIES_REVISION_1 1
typedef struct _NDIS_GFT_OFFLOAD_CAPABILITIES {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    ULONG CounterCapabilities;
    ULONG SupportedTableTypes;
    ULONG SupportedEncapsulationTypes;
    ULONG SupportedIngressExactMatchTableActions;
    ULONG SupportedEgressExactMatchTableActions;
    ULONG SoftwareSupportedIngressExactMatchTableActions;
    ULONG SoftwareSupportedEgressExactMatchTableActions;
    ULONG SupportedIngressWildcardMatchTableActions;
    ULONG SupportedEgressWildcardMatchTableActions;
    ULONG SoftwareSupportedIngressWildcardMatchTableActions;
    ULONG SoftwareSupportedEgressWildcardMatchTableActions;
    ULONG NumPacketCounterObjects;
    ULONG NumByteCounterObjects;
    ULONG NumPacketAndByteCounterObjects;
    ULONG NumCounterObjectsPerIngressExactMatchFlowEntry;
    ULONG NumCounterObjectsPerEgressExactMatchFlowEntry;
    ULONG NumCounterObjectsPerIngressWildcardMatchFlowEntry;
    ULONG NumCounterObjectsPerEgressWildcardMatchFlowEntry;
} NDIS_GFT_OFFLOAD_CAPABILITIES, *PNDIS_GFT_OFFLOAD_CAPABILITIES;
#define NDIS_SIZEOF_GFT_OFFLOAD_CAPABILITIES_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_OFFLOAD_CAPABILITIES, NumCounterObjectsPerEgressWildcardMatchFlowEntry)

#define NDIS_GFT_OFFLOAD_PARAMETERS_ENABLE_OFFLOAD 1
#define NDIS_GFT_OFFLOAD_PARAMETERS_REVISION_1     1
typedef struct _NDIS_GFT_OFFLOAD_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_NIC_SWITCH_VPORT_ID ExceptionVPortId;
    ULONG CopyLookaheadLength;
    ULONG SampleLookaheadLength;
} NDIS_GFT_OFFLOAD_PARAMETERS, *PNDIS_GFT_OFFLOAD_PARAMETERS;
#define NDIS_SIZEOF_GFT_OFFLOAD_PARAMETERS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_OFFLOAD_PARAMETERS, SampleLookaheadLength)

#define NDIS_GFT_PROFILE_INFO_REVISION_1 1
typedef struct _NDIS_GFT_PROFILE_INFO {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_PROFILE_TYPE ProfileType;
    NDIS_GFP_TABLE_TYPE TableType;
    NDIS_GFP_PROFILE_ID ProfileId;
    ULONG NumSupportedFlowEntries;
    ULONG NumCurrentFlowEntries;
    ULONG HeaderGroupArrayOffset;
    ULONG HeaderGroupArrayNumElements;
    ULONG HeaderGroupArrayElementSize;
} NDIS_GFT_PROFILE_INFO, *PNDIS_GFT_PROFILE_INFO;
#define NDIS_SIZEOF_GFT_PROFILE_INFO_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_PROFILE_INFO, HeaderGroupArrayElementSize)

#define NDIS_GFT_PROFILE_INFO_ARRAY_REVISION_1 1
typedef struct _NDIS_GFT_PROFILE_INFO_ARRAY {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    ULONG ProfileInfoArrayOffset;
    ULONG ProfileInfoArrayNumElements;
    ULONG ProfileInfoArrayElementSize;
} NDIS_GFT_PROFILE_INFO_ARRAY, *PNDIS_GFT_PROFILE_INFO_ARRAY;

#define NDIS_GFT_STATISTICS_REVISION_1 1
typedef struct _NDIS_GFT_STATISTICS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_TABLE_ID TableId;
    NDIS_NIC_SWITCH_VPORT_ID VPortId;
    NDIS_GFT_FLOW_ENTRY_ID ProviderFlowEntryId;
    ULONG64 Packets;
    ULONG64 Bytes;
    ULONG64 L1CacheHits;
    ULONG64 L2CacheHits;
    ULONG64 L3CacheHits;
    ULONG64 L1CacheMisses;
    ULONG64 L2CacheMisses;
    ULONG64 L3CacheMisses;
} NDIS_GFT_STATISTICS, *PNDIS_GFT_STATISTICS;
#define NDIS_SIZEOF_GFT_STATISTICS_REVISION_1 RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_STATISTICS, L3CacheMisses)

#define NDIS_GFT_TABLE_INFO_REVISION_1 1
typedef struct _NDIS_GFT_TABLE_INFO {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_TABLE_ID TableId;
    NDIS_GFP_TABLE_TYPE TableType;
    NDIS_GFT_TABLE_ID NextTableId;
    ULONG NumFlowEntries;
} NDIS_GFT_TABLE_INFO, *PNDIS_GFT_TABLE_INFO;
#define NDIS_SIZEOF_GFT_TABLE_INFO_REVISION_1 RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_TABLE_INFO, NumFlowEntries)

#define NDIS_GFT_TABLE_INFO_ARRAY_REVISION_1 1
typedef struct _NDIS_GFT_TABLE_INFO_ARRAY {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    ULONG TableArrayOffset;
    ULONG TableArrayNumElements;
    ULONG TableArrayElementSize;
} NDIS_GFT_TABLE_INFO_ARRAY, *PNDIS_GFT_TABLE_INFO_ARRAY;
#define NDIS_SIZEOF_GFT_TABLE_INFO_ARRAY_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_TABLE_INFO_ARRAY, TableArrayElementSize)

#define NDIS_GFT_TABLE_PARAMETERS_REVISION_1 1
typedef struct _NDIS_GFT_TABLE_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_GFT_TABLE_ID TableId;
    NDIS_GFP_TABLE_TYPE TableType;
    NDIS_GFT_TABLE_ID NextTableId;
} NDIS_GFT_TABLE_PARAMETERS, *PNDIS_GFT_TABLE_PARAMETERS;
#define NDIS_SIZEOF_GFT_TABLE_PARAMETERS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_TABLE_PARAMETERS, NextTableId)

#define NDIS_GFT_VPORT_PARAMETERS_REVISION_1 1
typedef struct _NDIS_GFT_VPORT_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_NIC_SWITCH_VPORT_ID VPortId;
    NDIS_NIC_SWITCH_VPORT_ID ExceptionVPortId;
    ULONG SamplingRate;
    ULONG64 DscpMask;
    ULONG NumDscpMaskCounterObjects;
    NDIS_GFT_COUNTER_ID DscpMaskCounterIdArray[64];
    ULONG64 PriorityMask;
    ULONG NumPriorityMaskCounterObjects;
    NDIS_GFT_COUNTER_ID PriorityMaskCounterIdArray[8];
    USHORT VxLanSrcPortBase;
    USHORT VxLanSrcPortRange;
    ULONG DscpFlags;
} NDIS_GFT_VPORT_PARAMETERS, *PNDIS_GFT_VPORT_PARAMETERS;
#define NDIS_SIZEOF_GFT_VPORT_PARAMETERS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_GFT_VPORT_PARAMETERS, DscpFlags)

NDIS_END_DECLS
