// The object header that begins nearly every structure of NDIS, the types of objects, the kinds of OID
// request, and the control codes of the NDIS device. A driver fills Type, Revision and Size; NDIS reads as
// much of the structure as the revision has.
#pragma once

#include "ndis/types.h"

NDIS_BEGIN_DECLS

#define _NDIS_CONTROL_CODE(request, method) \
    CTL_CODE(FILE_DEVICE_PHYSICAL_NETCARD, request, method, FILE_ANY_ACCESS)

#define IOCTL_NDIS_QUERY_GLOBAL_STATS                                     0x00170002
#define IOCTL_NDIS_QUERY_ALL_STATS                                        0x00170006
#define IOCTL_NDIS_DO_PNP_OPERATION                                       0x00170008
#define IOCTL_NDIS_QUERY_SELECTED_STATS                                   0x0017000E
#define IOCTL_NDIS_ENUMERATE_INTERFACES                                   0x00170010
#define IOCTL_NDIS_ADD_TDI_DEVICE                                         0x00170014
#define IOCTL_NDIS_GET_LOG_DATA                                           0x0017001E
#define IOCTL_NDIS_GET_VERSION                                            0x00170020
#define IOCTL_NDIS_RESERVED1                                              0x00170024
#define IOCTL_NDIS_RESERVED2                                              0x00170028
#define IOCTL_NDIS_RESERVED3                                              0x0017002C
#define IOCTL_NDIS_RESERVED4                                              0x00170030
#define IOCTL_NDIS_RESERVED5                                              0x00170034
#define IOCTL_NDIS_RESERVED6                                              0x00178038
#define IOCTL_NDIS_RESERVED7                                              0x0017003E
#define IOCTL_NDIS_RESERVED8                                              0x00170040
#define IOCTL_NDIS_RESERVED9                                              0x00170044
#define IOCTL_NDIS_RESERVED10                                             0x00170048
#define IOCTL_NDIS_RESERVED11                                             0x0017004C
#define IOCTL_NDIS_RESERVED12                                             0x00170050
#define IOCTL_NDIS_RESERVED13                                             0x00170054
#define IOCTL_NDIS_RESERVED14                                             0x00170058
#define IOCTL_NDIS_RESERVED15                                             0x0017005C
#define IOCTL_NDIS_RESERVED16                                             0x00170060
#define IOCTL_NDIS_RESERVED17                                             0x00170064
#define IOCTL_NDIS_RESERVED18                                             0x00170068
#define IOCTL_NDIS_RESERVED19                                             0x0017006C
#define IOCTL_NDIS_RESERVED20                                             0x00170070
#define IOCTL_NDIS_RESERVED21                                             0x00170074
#define IOCTL_NDIS_RESERVED22                                             0x00170078
#define IOCTL_NDIS_RESERVED23                                             0x0017007C
#define IOCTL_NDIS_RESERVED24                                             0x00170080
#define IOCTL_NDIS_RESERVED25                                             0x00170084
#define IOCTL_NDIS_RESERVED26                                             0x00170088
#define IOCTL_NDIS_RESERVED27                                             0x0017008C
#define IOCTL_NDIS_RESERVED28                                             0x00170090
#define IOCTL_NDIS_RESERVED29                                             0x00170094
#define IOCTL_NDIS_RESERVED30                                             0x00170098
#define NDIS_OBJECT_TYPE_DEFAULT                                          128
#define NDIS_OBJECT_TYPE_MINIPORT_INIT_PARAMETERS                         129
#define NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION                               131
#define NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT                               132
#define NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES                         133
#define NDIS_OBJECT_TYPE_BIND_PARAMETERS                                  134
#define NDIS_OBJECT_TYPE_OPEN_PARAMETERS                                  135
#define NDIS_OBJECT_TYPE_RSS_CAPABILITIES                                 136
#define NDIS_OBJECT_TYPE_RSS_PARAMETERS                                   137
#define NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS                  138
#define NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS                    139
#define NDIS_OBJECT_TYPE_FILTER_PARTIAL_CHARACTERISTICS                   140
#define NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES                                141
#define NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS   142
#define NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_GENERIC_CHARACTERISTICS 143
#define NDIS_OBJECT_TYPE_CO_PROTOCOL_CHARACTERISTICS                      144
#define NDIS_OBJECT_TYPE_CO_MINIPORT_CHARACTERISTICS                      145
#define NDIS_OBJECT_TYPE_MINIPORT_PNP_CHARACTERISTICS                     146
#define NDIS_OBJECT_TYPE_CLIENT_CHIMNEY_OFFLOAD_CHARACTERISTICS           147
#define NDIS_OBJECT_TYPE_PROVIDER_CHIMNEY_OFFLOAD_CHARACTERISTICS         148
#define NDIS_OBJECT_TYPE_PROTOCOL_DRIVER_CHARACTERISTICS                  149
#define NDIS_OBJECT_TYPE_REQUEST_EX                                       150
#define NDIS_OBJECT_TYPE_OID_REQUEST                                      150
#define NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS                            151
#define NDIS_OBJECT_TYPE_STATUS_INDICATION                                152
#define NDIS_OBJECT_TYPE_FILTER_ATTACH_PARAMETERS                         153
#define NDIS_OBJECT_TYPE_FILTER_PAUSE_PARAMETERS                          154
#define NDIS_OBJECT_TYPE_FILTER_RESTART_PARAMETERS                        155
#define NDIS_OBJECT_TYPE_PORT_CHARACTERISTICS                             156
#define NDIS_OBJECT_TYPE_PORT_STATE                                       157
#define NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES         158
#define NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES              159
#define NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES              160
#define NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_NATIVE_802_11_ATTRIBUTES        161
#define NDIS_OBJECT_TYPE_RESTART_GENERAL_ATTRIBUTES                       162
#define NDIS_OBJECT_TYPE_PROTOCOL_RESTART_PARAMETERS                      163
#define NDIS_OBJECT_TYPE_MINIPORT_ADD_DEVICE_REGISTRATION_ATTRIBUTES      164
#define NDIS_OBJECT_TYPE_CO_CALL_MANAGER_OPTIONAL_HANDLERS                165
#define NDIS_OBJECT_TYPE_CO_CLIENT_OPTIONAL_HANDLERS                      166
#define NDIS_OBJECT_TYPE_OFFLOAD                                          167
#define NDIS_OBJECT_TYPE_OFFLOAD_ENCAPSULATION                            168
#define NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT                             169
#define NDIS_OBJECT_TYPE_DRIVER_WRAPPER_OBJECT                            170
#define NDIS_OBJECT_TYPE_HD_SPLIT_ATTRIBUTES                              171
#define NDIS_OBJECT_TYPE_NSI_NETWORK_RW_STRUCT                            172
#define NDIS_OBJECT_TYPE_NSI_COMPARTMENT_RW_STRUCT                        173
#define NDIS_OBJECT_TYPE_NSI_INTERFACE_PERSIST_RW_STRUCT                  174
#define NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_HARDWARE_ASSIST_ATTRIBUTES      175
#define NDIS_OBJECT_TYPE_SHARED_MEMORY_PROVIDER_CHARACTERISTICS           176
#define NDIS_OBJECT_TYPE_RSS_PROCESSOR_INFO                               177
#define NDIS_OBJECT_TYPE_NDK_PROVIDER_CHARACTERISTICS                     178
#define NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_NDK_ATTRIBUTES                  179
#define NDIS_OBJECT_TYPE_MINIPORT_SS_CHARACTERISTICS                      180
#define NDIS_OBJECT_TYPE_QOS_CAPABILITIES                                 181
#define NDIS_OBJECT_TYPE_QOS_PARAMETERS                                   182
#define NDIS_OBJECT_TYPE_QOS_CLASSIFICATION_ELEMENT                       183
#define NDIS_OBJECT_TYPE_SWITCH_OPTIONAL_HANDLERS                         184
#define NDIS_OBJECT_TYPE_PD_TRANSMIT_QUEUE                                190
#define NDIS_OBJECT_TYPE_PD_RECEIVE_QUEUE                                 191
#define NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_PACKET_DIRECT_ATTRIBUTES        197
#define NDIS_OBJECT_TYPE_MINIPORT_DEVICE_POWER_NOTIFICATION               198
#define NDIS_OBJECT_TYPE_RSS_PARAMETERS_V2                                200
#define NDIS_OBJECT_TYPE_RSS_SET_INDIRECTION_ENTRIES                      201
#define NDIS_OBJECT_REVISION_1                                            1
#define NDIS_MAX_PHYS_ADDRESS_LENGTH                                      32
#define NDIS_OBJECT_TYPE_DRIVER_WRAPPER_REVISION_1                        1

typedef enum _NDIS_REQUEST_TYPE {
    NdisRequestQueryInformation,
    NdisRequestSetInformation,
    NdisRequestQueryStatistics,
    NdisRequestOpen,
    NdisRequestClose,
    NdisRequestSend,
    NdisRequestTransferData,
    NdisRequestReset,
    NdisRequestGeneric1,
    NdisRequestGeneric2,
    NdisRequestGeneric3,
    NdisRequestGeneric4,
    NdisRequestMethod,
} NDIS_REQUEST_TYPE, *PNDIS_REQUEST_TYPE;

typedef struct _NDIS_OBJECT_HEADER {
    UCHAR Type;
    UCHAR Revision;
    USHORT Size;
} NDIS_OBJECT_HEADER, *PNDIS_OBJECT_HEADER;

typedef struct _NDIS_DRIVER_OPTIONAL_HANDLERS {
    NDIS_OBJECT_HEADER Header;
} NDIS_DRIVER_OPTIONAL_HANDLERS, *PNDIS_DRIVER_OPTIONAL_HANDLERS;

typedef struct _NDIS_DRIVER_WRAPPER_HANDLE {
    NDIS_OBJECT_HEADER Header;
    NDIS_HANDLE NdisWrapperHandle;
} NDIS_DRIVER_WRAPPER_HANDLE, *PNDIS_DRIVER_WRAPPER_HANDLE;
#define NDIS_SIZEOF_DRIVER_WRAPPER_HANDLE_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_DRIVER_WRAPPER_HANDLE, NdisWrapperHandle)

typedef struct _NDIS_GENERIC_OBJECT {
    NDIS_OBJECT_HEADER Header;
    PVOID Caller;
    PVOID CallersCaller;
    PDRIVER_OBJECT DriverObject;
} NDIS_GENERIC_OBJECT, *PNDIS_GENERIC_OBJECT;

typedef struct _NDIS_STATISTICS_VALUE {
    NDIS_OID Oid;
    ULONG DataLength;
    UCHAR Data[1];
} NDIS_STATISTICS_VALUE, *PNDIS_STATISTICS_VALUE;

typedef struct _NDIS_STATISTICS_VALUE_EX {
    NDIS_OID Oid;
    ULONG DataLength;
    ULONG Length;
    UCHAR Data[1];
} NDIS_STATISTICS_VALUE_EX, *PNDIS_STATISTICS_VALUE_EX;

typedef struct _NDIS_VAR_DATA_DESC {
    USHORT Length;
    USHORT MaximumLength;
    ULONG_PTR Offset;
} NDIS_VAR_DATA_DESC, *PNDIS_VAR_DATA_DESC;

typedef NDIS_STATUS(NTAPI SET_OPTIONS)(NDIS_HANDLE NdisDriverHandle, NDIS_HANDLE DriverContext);
typedef SET_OPTIONS* SET_OPTIONS_HANDLER;

// The names by which drivers declare their own.
typedef SET_OPTIONS MINIPORT_SET_OPTIONS;
typedef SET_OPTIONS PROTOCOL_SET_OPTIONS;
typedef SET_OPTIONS FILTER_SET_OPTIONS;

#define NDIS_MAKE_NET_LUID(_pNetLuid, _IfType, _NetLuidIndex) \
    {                                                         \
        (_pNetLuid)->Info.IfType = (_IfType);                 \
        (_pNetLuid)->Info.NetLuidIndex = (_NetLuidIndex);     \
        (_pNetLuid)->Info.Reserved = 0;                       \
    }

NDIS_END_DECLS
