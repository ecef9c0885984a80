// Quality of service: traffic classes, priority flow control, classification (DCB), scheduler queues.
#pragma once

#include "ndis/objects.h"
#include "ndis/types.h"

NDIS_BEGIN_DECLS

#define NDIS_QOS_MAXIMUM_PRIORITIES                  8
#define NDIS_QOS_MAXIMUM_TRAFFIC_CLASSES             8
#define NDIS_QOS_CLASSIFICATION_SET_BY_MINIPORT_MASK 0xFF000000
#define NDIS_QOS_CLASSIFICATION_ENFORCED_BY_MINIPORT 0x1000000
#define NDIS_QOS_CONDITION_RESERVED                  0
#define NDIS_QOS_CONDITION_DEFAULT                   1
#define NDIS_QOS_CONDITION_TCP_PORT                  2
#define NDIS_QOS_CONDITION_UDP_PORT                  3
#define NDIS_QOS_CONDITION_TCP_OR_UDP_PORT           4
#define NDIS_QOS_CONDITION_ETHERTYPE                 5
#define NDIS_QOS_CONDITION_NETDIRECT_PORT            6
#define NDIS_QOS_CONDITION_MAXIMUM                   7
#define NDIS_QOS_ACTION_PRIORITY                     0
#define NDIS_QOS_ACTION_MAXIMUM                      1
#define NDIS_QOS_TSA_STRICT                          0
#define NDIS_QOS_TSA_CBS                             1
#define NDIS_QOS_TSA_ETS                             2
#define NDIS_QOS_TSA_MAXIMUM                         3
#define NDIS_QOS_DEFAULT_SQ_ID                       0
#define NDIS_QOS_SQ_TRANSMIT_CAP_ENABLED             1
#define NDIS_QOS_SQ_TRANSMIT_RESERVATION_ENABLED     2
#define NDIS_QOS_SQ_RECEIVE_CAP_ENABLED              4
#define NDIS_QOS_OFFLOAD_CAPS_STANDARD_SQ            1
#define NDIS_QOS_OFFLOAD_CAPS_GFT_SQ                 2

typedef enum _NDIS_QOS_SQ_TYPE {
    NdisQosSqTypeUndefined,
    NdisQosSqTypeStandard,
    NdisQosSqTypeGFT,
    NdisQosSqTypeMax,
} NDIS_QOS_SQ_TYPE, *PNDIS_QOS_SQ_TYPE;

#define NDIS_QOS_CAPABILITIES_STRICT_TSA_SUPPORTED    1
#define NDIS_QOS_CAPABILITIES_MACSEC_BYPASS_SUPPORTED 2
#define NDIS_QOS_CAPABILITIES_CEE_DCBX_SUPPORTED      4
#define NDIS_QOS_CAPABILITIES_IEEE_DCBX_SUPPORTED     8
#define NDIS_QOS_CAPABILITIES_REVISION_1              1
typedef struct _NDIS_QOS_CAPABILITIES {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    ULONG MaxNumTrafficClasses;
    ULONG MaxNumEtsCapableTrafficClasses;
    ULONG MaxNumPfcEnabledTrafficClasses;
} NDIS_QOS_CAPABILITIES, *PNDIS_QOS_CAPABILITIES;
#define NDIS_SIZEOF_QOS_CAPABILITIES_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_QOS_CAPABILITIES, MaxNumPfcEnabledTrafficClasses)

#define NDIS_QOS_CLASSIFICATION_ELEMENT_REVISION_1 1
typedef struct _NDIS_QOS_CLASSIFICATION_ELEMENT {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    USHORT ConditionSelector;
    USHORT ConditionField;
    USHORT ActionSelector;
    USHORT ActionField;
} NDIS_QOS_CLASSIFICATION_ELEMENT, *PNDIS_QOS_CLASSIFICATION_ELEMENT;
#define NDIS_SIZEOF_QOS_CLASSIFICATION_ELEMENT_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_QOS_CLASSIFICATION_ELEMENT, ActionField)

#define NDIS_QOS_OFFLOAD_CAPABILITIES_REVISION_1 1
typedef struct _NDIS_QOS_OFFLOAD_CAPABILITIES {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    ULONG SupportedSqTypes;
    BOOLEAN TransmitCapSupported[8];
    BOOLEAN TransmitReservationSupported[8];
    BOOLEAN ReceiveCapSupported[8];
    BOOLEAN TransmitGftCapSupported[8];
    BOOLEAN ReceiveGftCapSupported[8];
    BOOLEAN TcSupportedTable[8];
    ULONG NumStandardSqsSupported;
    ULONG NumGftSqsSupported;
    ULONG ReservationGranularitySupported;
    ULONG MaxNumSqInputs;
} NDIS_QOS_OFFLOAD_CAPABILITIES, *PNDIS_QOS_OFFLOAD_CAPABILITIES;
#define NDIS_SIZEOF_QOS_OFFLOAD_CAPABILITIES_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_QOS_OFFLOAD_CAPABILITIES, MaxNumSqInputs)

#define NDIS_QOS_PARAMETERS_ETS_CHANGED               1
#define NDIS_QOS_PARAMETERS_ETS_CONFIGURED            2
#define NDIS_QOS_PARAMETERS_PFC_CHANGED               0x100
#define NDIS_QOS_PARAMETERS_PFC_CONFIGURED            0x200
#define NDIS_QOS_PARAMETERS_CLASSIFICATION_CHANGED    0x10000
#define NDIS_QOS_PARAMETERS_CLASSIFICATION_CONFIGURED 0x20000
#define NDIS_QOS_PARAMETERS_WILLING                   0x80000000
#define NDIS_QOS_PARAMETERS_REVISION_1                1
typedef struct _NDIS_QOS_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    ULONG NumTrafficClasses;
    UCHAR PriorityAssignmentTable[8];
    UCHAR TcBandwidthAssignmentTable[8];
    UCHAR TsaAssignmentTable[8];
    ULONG PfcEnable;
    ULONG NumClassificationElements;
    ULONG ClassificationElementSize;
    ULONG FirstClassificationElementOffset;
} NDIS_QOS_PARAMETERS, *PNDIS_QOS_PARAMETERS;
#define NDIS_SIZEOF_QOS_PARAMETERS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_QOS_PARAMETERS, FirstClassificationElementOffset)

#define NDIS_QOS_SQ_PARAMETERS_REVISION_1       1
#define NDIS_QOS_SQ_PARAMETERS_ARRAY_REVISION_1 1
typedef struct _NDIS_QOS_SQ_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_QOS_SQ_ID SqId;
    NDIS_QOS_SQ_TYPE SqType;
    BOOLEAN TcEnabledTable[8];
    ULONG TcTransmitBandwidthCapTable[8];
    ULONG TcTransmitBandwidthReservationTable[8];
    ULONG TcReceiveBandwidthCapTable[8];
} NDIS_QOS_SQ_PARAMETERS, *PNDIS_QOS_SQ_PARAMETERS;
#define NDIS_SIZEOF_QOS_SQ_PARAMETERS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_QOS_SQ_PARAMETERS, TcReceiveBandwidthCapTable)

typedef struct _NDIS_QOS_SQ_PARAMETERS_ENUM_ARRAY {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_QOS_SQ_TYPE SqType;
    NDIS_QOS_SQ_ID FirstSqId;
    ULONG MaxSqsToReturn;
    ULONG SqParamsArrayOffset;
    ULONG SqParamsArrayNumElements;
    ULONG SqParamsArrayElementSize;
} NDIS_QOS_SQ_PARAMETERS_ENUM_ARRAY, *PNDIS_QOS_SQ_PARAMETERS_ENUM_ARRAY;
#define NDIS_SIZEOF_QOS_SQ_PARAMETERS_ENUM_ARRAY_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_QOS_SQ_PARAMETERS_ENUM_ARRAY, SqParamsArrayElementSize)

NDIS_END_DECLS
