// Connection-oriented NDIS: clients, call managers, virtual circuits, parties.
#pragma once

#include "ndis/nbl.h"
#include "ndis/objects.h"
#include "ndis/oidrequest.h"
#include "ndis/protocol.h"
#include "ndis/statusindication.h"
#include "ndis/types.h"

NDIS_BEGIN_DECLS

typedef struct _CO_ADDRESS_FAMILY {
    NDIS_AF AddressFamily;
    ULONG MajorVersion;
    ULONG MinorVersion;
} CO_ADDRESS_FAMILY, *PCO_ADDRESS_FAMILY;

typedef struct _CO_SAP {
    ULONG SapType;
    ULONG SapLength;
    UCHAR Sap[1];
} CO_SAP, *PCO_SAP;

#define CO_SEND_FLAG_SET_DISCARD_ELIBILITY 1
#define RECEIVE_TIME_INDICATION            1
#define USE_TIME_STAMPS                    2
#define TRANSMIT_VC                        4
#define RECEIVE_VC                         8
#define INDICATE_ERRED_PACKETS             0x10
#define INDICATE_END_OF_TX                 0x20
#define RESERVE_RESOURCES_VC               0x40
#define ROUND_DOWN_FLOW                    0x80
#define ROUND_UP_FLOW                      0x100
#define ERRED_PACKET_INDICATION            1
#define PERMANENT_VC                       1
#define CALL_PARAMETERS_CHANGED            2
#define QUERY_CALL_PARAMETERS              4
#define BROADCAST_VC                       8
#define MULTIPOINT_VC                      0x10
#define STRINGFORMAT_ASCII                 1
#define STRINGFORMAT_DBCS                  2
#define STRINGFORMAT_UNICODE               3
#define STRINGFORMAT_BINARY                4

#define CO_ADDRESS_FAMILY_Q2931      1
#define CO_ADDRESS_FAMILY_PSCHED     2
#define CO_ADDRESS_FAMILY_L2TP       3
#define CO_ADDRESS_FAMILY_IRDA       4
#define CO_ADDRESS_FAMILY_1394       5
#define CO_ADDRESS_FAMILY_PPP        6
#define CO_ADDRESS_FAMILY_INFINIBAND 7
#define CO_ADDRESS_FAMILY_TAPI       0x800
#define CO_ADDRESS_FAMILY_TAPI_PROXY 0x801
#define CO_ADDRESS_FAMILY_PROXY      0x80000000
typedef struct _CO_ADDRESS {
    ULONG AddressSize;
    UCHAR Address[1];
} CO_ADDRESS, *PCO_ADDRESS;

typedef struct _CO_ADDRESS_LIST {
    ULONG NumberOfAddressesAvailable;
    ULONG NumberOfAddresses;
    CO_ADDRESS AddressList;
} CO_ADDRESS_LIST, *PCO_ADDRESS_LIST;

typedef struct _CO_SPECIFIC_PARAMETERS {
    ULONG ParamType;
    ULONG Length;
    UCHAR Parameters[1];
} CO_SPECIFIC_PARAMETERS, *PCO_SPECIFIC_PARAMETERS;

typedef struct _CO_CALL_MANAGER_PARAMETERS {
    FLOWSPEC Transmit;
    FLOWSPEC Receive;
    CO_SPECIFIC_PARAMETERS CallMgrSpecific;
} CO_CALL_MANAGER_PARAMETERS, *PCO_CALL_MANAGER_PARAMETERS;

typedef struct _CO_MEDIA_PARAMETERS {
    ULONG Flags;
    ULONG ReceivePriority;
    ULONG ReceiveSizeHint;
    DECLSPEC_ALIGN(8) CO_SPECIFIC_PARAMETERS MediaSpecific;
} CO_MEDIA_PARAMETERS, *PCO_MEDIA_PARAMETERS;

typedef struct _CO_CALL_PARAMETERS {
    ULONG Flags;
    PCO_CALL_MANAGER_PARAMETERS CallMgrParameters;
    PCO_MEDIA_PARAMETERS MediaParameters;
} CO_CALL_PARAMETERS, *PCO_CALL_PARAMETERS;

typedef struct _CO_PVC {
    NDIS_HANDLE NdisAfHandle;
    CO_SPECIFIC_PARAMETERS PvcParameters;
} CO_PVC, *PCO_PVC;

typedef NDIS_STATUS(NTAPI PROTOCOL_CO_CREATE_VC)(NDIS_HANDLE ProtocolAfContext, NDIS_HANDLE NdisVcHandle,
                                                 PNDIS_HANDLE ProtocolVcContext);
typedef PROTOCOL_CO_CREATE_VC* CO_CREATE_VC_HANDLER;
typedef NDIS_STATUS(NTAPI PROTOCOL_CO_DELETE_VC)(NDIS_HANDLE ProtocolVcContext);
typedef PROTOCOL_CO_DELETE_VC* CO_DELETE_VC_HANDLER;
typedef NDIS_STATUS(NTAPI PROTOCOL_CO_OID_REQUEST)(NDIS_HANDLE ProtocolAfContext,
                                                   NDIS_HANDLE ProtocolVcContext,
                                                   NDIS_HANDLE ProtocolPartyContext,
                                                   PNDIS_OID_REQUEST OidRequest);
typedef PROTOCOL_CO_OID_REQUEST* CO_OID_REQUEST_HANDLER;
typedef VOID(NTAPI PROTOCOL_CO_OID_REQUEST_COMPLETE)(NDIS_HANDLE ProtocolAfContext,
                                                     NDIS_HANDLE ProtocolVcContext,
                                                     NDIS_HANDLE ProtocolPartyContext,
                                                     PNDIS_OID_REQUEST OidRequest, NDIS_STATUS Status);
typedef PROTOCOL_CO_OID_REQUEST_COMPLETE* CO_OID_REQUEST_COMPLETE_HANDLER;
typedef VOID(NTAPI PROTOCOL_CO_STATUS_EX)(NDIS_HANDLE ProtocolBindingContext, NDIS_HANDLE ProtocolVcContext,
                                          PNDIS_STATUS_INDICATION StatusIndication);
typedef PROTOCOL_CO_STATUS_EX* CO_STATUS_HANDLER_EX;
typedef VOID(NTAPI PROTOCOL_CO_AF_REGISTER_NOTIFY)(NDIS_HANDLE ProtocolBindingContext,
                                                   PCO_ADDRESS_FAMILY AddressFamily);
typedef PROTOCOL_CO_AF_REGISTER_NOTIFY* CO_AF_REGISTER_NOTIFY_HANDLER;
typedef VOID(NTAPI PROTOCOL_CO_RECEIVE_NET_BUFFER_LISTS)(NDIS_HANDLE ProtocolBindingContext,
                                                         NDIS_HANDLE ProtocolVcContext,
                                                         PNET_BUFFER_LIST NetBufferLists,
                                                         ULONG NumberOfNetBufferLists, ULONG ReceiveFlags);
typedef PROTOCOL_CO_RECEIVE_NET_BUFFER_LISTS* CO_RECEIVE_NET_BUFFER_LISTS_HANDLER;
typedef VOID(NTAPI PROTOCOL_CO_SEND_NET_BUFFER_LISTS_COMPLETE)(NDIS_HANDLE ProtocolVcContext,
                                                               PNET_BUFFER_LIST NetBufferLists,
                                                               ULONG SendCompleteFlags);
typedef PROTOCOL_CO_SEND_NET_BUFFER_LISTS_COMPLETE* CO_SEND_NET_BUFFER_LISTS_COMPLETE_HANDLER;
typedef VOID(NTAPI PROTOCOL_CL_OPEN_AF_COMPLETE_EX)(NDIS_HANDLE ProtocolAfContext, NDIS_HANDLE NdisAfHandle,
                                                    NDIS_STATUS Status);
typedef PROTOCOL_CL_OPEN_AF_COMPLETE_EX* CL_OPEN_AF_COMPLETE_HANDLER_EX;
typedef VOID(NTAPI PROTOCOL_CL_CLOSE_AF_COMPLETE)(NDIS_STATUS Status, NDIS_HANDLE ProtocolAfContext);
typedef PROTOCOL_CL_CLOSE_AF_COMPLETE* CL_CLOSE_AF_COMPLETE_HANDLER;
typedef VOID(NTAPI PROTOCOL_CL_REGISTER_SAP_COMPLETE)(NDIS_STATUS Status, NDIS_HANDLE ProtocolSapContext,
                                                      PCO_SAP Sap, NDIS_HANDLE NdisSapHandle);
typedef PROTOCOL_CL_REGISTER_SAP_COMPLETE* CL_REG_SAP_COMPLETE_HANDLER;
typedef VOID(NTAPI PROTOCOL_CL_DEREGISTER_SAP_COMPLETE)(NDIS_STATUS Status, NDIS_HANDLE ProtocolSapContext);
typedef PROTOCOL_CL_DEREGISTER_SAP_COMPLETE* CL_DEREG_SAP_COMPLETE_HANDLER;
typedef VOID(NTAPI PROTOCOL_CL_MAKE_CALL_COMPLETE)(NDIS_STATUS Status, NDIS_HANDLE ProtocolVcContext,
                                                   NDIS_HANDLE NdisPartyHandle,
                                                   PCO_CALL_PARAMETERS CallParameters);
typedef PROTOCOL_CL_MAKE_CALL_COMPLETE* CL_MAKE_CALL_COMPLETE_HANDLER;
typedef VOID(NTAPI PROTOCOL_CL_MODIFY_CALL_QOS_COMPLETE)(NDIS_STATUS Status, NDIS_HANDLE ProtocolVcContext,
                                                         PCO_CALL_PARAMETERS CallParameters);
typedef PROTOCOL_CL_MODIFY_CALL_QOS_COMPLETE* CL_MODIFY_CALL_QOS_COMPLETE_HANDLER;
typedef VOID(NTAPI PROTOCOL_CL_CLOSE_CALL_COMPLETE)(NDIS_STATUS Status, NDIS_HANDLE ProtocolVcContext,
                                                    NDIS_HANDLE ProtocolPartyContext);
typedef PROTOCOL_CL_CLOSE_CALL_COMPLETE* CL_CLOSE_CALL_COMPLETE_HANDLER;
typedef VOID(NTAPI PROTOCOL_CL_ADD_PARTY_COMPLETE)(NDIS_STATUS Status, NDIS_HANDLE ProtocolPartyContext,
                                                   NDIS_HANDLE NdisPartyHandle,
                                                   PCO_CALL_PARAMETERS CallParameters);
typedef PROTOCOL_CL_ADD_PARTY_COMPLETE* CL_ADD_PARTY_COMPLETE_HANDLER;
typedef VOID(NTAPI PROTOCOL_CL_DROP_PARTY_COMPLETE)(NDIS_STATUS Status, NDIS_HANDLE ProtocolPartyContext);
typedef PROTOCOL_CL_DROP_PARTY_COMPLETE* CL_DROP_PARTY_COMPLETE_HANDLER;
typedef NDIS_STATUS(NTAPI PROTOCOL_CL_INCOMING_CALL)(NDIS_HANDLE ProtocolSapContext,
                                                     NDIS_HANDLE ProtocolVcContext,
                                                     PCO_CALL_PARAMETERS CallParameters);
typedef PROTOCOL_CL_INCOMING_CALL* CL_INCOMING_CALL_HANDLER;
typedef VOID(NTAPI PROTOCOL_CL_INCOMING_CALL_QOS_CHANGE)(NDIS_HANDLE ProtocolVcContext,
                                                         PCO_CALL_PARAMETERS CallParameters);
typedef PROTOCOL_CL_INCOMING_CALL_QOS_CHANGE* CL_INCOMING_CALL_QOS_CHANGE_HANDLER;
typedef VOID(NTAPI PROTOCOL_CL_INCOMING_CLOSE_CALL)(NDIS_STATUS CloseStatus, NDIS_HANDLE ProtocolVcContext,
                                                    PVOID CloseData, UINT Size);
typedef PROTOCOL_CL_INCOMING_CLOSE_CALL* CL_INCOMING_CLOSE_CALL_HANDLER;
typedef VOID(NTAPI PROTOCOL_CL_INCOMING_DROP_PARTY)(NDIS_STATUS DropStatus, NDIS_HANDLE ProtocolPartyContext,
                                                    PVOID CloseData, UINT Size);
typedef PROTOCOL_CL_INCOMING_DROP_PARTY* CL_INCOMING_DROP_PARTY_HANDLER;
typedef VOID(NTAPI PROTOCOL_CL_CALL_CONNECTED)(NDIS_HANDLE ProtocolVcContext);
typedef PROTOCOL_CL_CALL_CONNECTED* CL_CALL_CONNECTED_HANDLER;
typedef NDIS_STATUS(NTAPI PROTOCOL_CL_NOTIFY_CLOSE_AF)(NDIS_HANDLE ClientAfContext);
typedef PROTOCOL_CL_NOTIFY_CLOSE_AF* CL_NOTIFY_CLOSE_AF_HANDLER;
typedef NDIS_STATUS(NTAPI PROTOCOL_CM_OPEN_AF)(NDIS_HANDLE CallMgrBindingContext,
                                               PCO_ADDRESS_FAMILY AddressFamily, NDIS_HANDLE NdisAfHandle,
                                               PNDIS_HANDLE CallMgrAfContext);
typedef PROTOCOL_CM_OPEN_AF* CM_OPEN_AF_HANDLER;
typedef NDIS_STATUS(NTAPI PROTOCOL_CM_CLOSE_AF)(NDIS_HANDLE CallMgrAfContext);
typedef PROTOCOL_CM_CLOSE_AF* CM_CLOSE_AF_HANDLER;
typedef NDIS_STATUS(NTAPI PROTOCOL_CM_REG_SAP)(NDIS_HANDLE CallMgrAfContext, PCO_SAP Sap,
                                               NDIS_HANDLE NdisSapHandle, PNDIS_HANDLE CallMgrSapContext);
typedef PROTOCOL_CM_REG_SAP* CM_REG_SAP_HANDLER;
typedef NDIS_STATUS(NTAPI PROTOCOL_CM_DEREGISTER_SAP)(NDIS_HANDLE CallMgrSapContext);
typedef PROTOCOL_CM_DEREGISTER_SAP* CM_DEREG_SAP_HANDLER;
typedef NDIS_STATUS(NTAPI PROTOCOL_CM_MAKE_CALL)(NDIS_HANDLE CallMgrVcContext,
                                                 PCO_CALL_PARAMETERS CallParameters,
                                                 NDIS_HANDLE NdisPartyHandle,
                                                 PNDIS_HANDLE CallMgrPartyContext);
typedef PROTOCOL_CM_MAKE_CALL* CM_MAKE_CALL_HANDLER;
typedef NDIS_STATUS(NTAPI PROTOCOL_CM_CLOSE_CALL)(NDIS_HANDLE CallMgrVcContext,
                                                  NDIS_HANDLE CallMgrPartyContext, PVOID CloseData,
                                                  UINT Size);
typedef PROTOCOL_CM_CLOSE_CALL* CM_CLOSE_CALL_HANDLER;
typedef NDIS_STATUS(NTAPI PROTOCOL_CM_MODIFY_QOS_CALL)(NDIS_HANDLE CallMgrVcContext,
                                                       PCO_CALL_PARAMETERS CallParameters);
typedef PROTOCOL_CM_MODIFY_QOS_CALL* CM_MODIFY_CALL_QOS_HANDLER;
typedef VOID(NTAPI PROTOCOL_CM_INCOMING_CALL_COMPLETE)(NDIS_STATUS Status, NDIS_HANDLE CallMgrVcContext,
                                                       PCO_CALL_PARAMETERS CallParameters);
typedef PROTOCOL_CM_INCOMING_CALL_COMPLETE* CM_INCOMING_CALL_COMPLETE_HANDLER;
typedef NDIS_STATUS(NTAPI PROTOCOL_CM_ADD_PARTY)(NDIS_HANDLE CallMgrVcContext,
                                                 PCO_CALL_PARAMETERS CallParameters,
                                                 NDIS_HANDLE NdisPartyHandle,
                                                 PNDIS_HANDLE CallMgrPartyContext);
typedef PROTOCOL_CM_ADD_PARTY* CM_ADD_PARTY_HANDLER;
typedef NDIS_STATUS(NTAPI PROTOCOL_CM_DROP_PARTY)(NDIS_HANDLE CallMgrPartyContext, PVOID CloseData,
                                                  UINT Size);
typedef PROTOCOL_CM_DROP_PARTY* CM_DROP_PARTY_HANDLER;
typedef VOID(NTAPI PROTOCOL_CM_ACTIVATE_VC_COMPLETE)(NDIS_STATUS Status, NDIS_HANDLE CallMgrVcContext,
                                                     PCO_CALL_PARAMETERS CallParameters);
typedef PROTOCOL_CM_ACTIVATE_VC_COMPLETE* CM_ACTIVATE_VC_COMPLETE_HANDLER;
typedef VOID(NTAPI PROTOCOL_CM_DEACTIVATE_VC_COMPLETE)(NDIS_STATUS Status, NDIS_HANDLE CallMgrVcContext);
typedef PROTOCOL_CM_DEACTIVATE_VC_COMPLETE* CM_DEACTIVATE_VC_COMPLETE_HANDLER;
typedef VOID(NTAPI PROTOCOL_CM_NOTIFY_CLOSE_AF_COMPLETE)(NDIS_HANDLE CallMgrAfContext, NDIS_STATUS Status);
typedef PROTOCOL_CM_NOTIFY_CLOSE_AF_COMPLETE* CM_NOTIFY_CLOSE_AF_COMPLETE_HANDLER;
typedef NDIS_STATUS(NTAPI MINIPORT_CO_CREATE_VC)(NDIS_HANDLE MiniportAdapterContext, NDIS_HANDLE NdisVcHandle,
                                                 PNDIS_HANDLE MiniportVcContext);
typedef MINIPORT_CO_CREATE_VC* W_CO_CREATE_VC_HANDLER;
typedef NDIS_STATUS(NTAPI MINIPORT_CO_DELETE_VC)(NDIS_HANDLE MiniportVcContext);
typedef MINIPORT_CO_DELETE_VC* W_CO_DELETE_VC_HANDLER;
typedef NDIS_STATUS(NTAPI MINIPORT_CO_ACTIVATE_VC)(NDIS_HANDLE MiniportVcContext,
                                                   PCO_CALL_PARAMETERS CallParameters);
typedef MINIPORT_CO_ACTIVATE_VC* W_CO_ACTIVATE_VC_HANDLER;
typedef NDIS_STATUS(NTAPI MINIPORT_CO_DEACTIVATE_VC)(NDIS_HANDLE MiniportVcContext);
typedef MINIPORT_CO_DEACTIVATE_VC* W_CO_DEACTIVATE_VC_HANDLER;
typedef VOID(NTAPI MINIPORT_CO_SEND_NET_BUFFER_LISTS)(NDIS_HANDLE MiniportVcContext,
                                                      PNET_BUFFER_LIST NetBufferLists, ULONG SendFlags);
typedef MINIPORT_CO_SEND_NET_BUFFER_LISTS* W_CO_SEND_NET_BUFFER_LISTS_HANDLER;
typedef NDIS_STATUS(NTAPI MINIPORT_CO_OID_REQUEST)(NDIS_HANDLE MiniportAdapterContext,
                                                   NDIS_HANDLE MiniportVcContext,
                                                   PNDIS_OID_REQUEST OidRequest);
typedef MINIPORT_CO_OID_REQUEST* W_CO_OID_REQUEST_HANDLER;

#define NDIS_CO_CALL_MANAGER_OPTIONAL_HANDLERS_REVISION_1 1
typedef struct _NDIS_CO_CALL_MANAGER_OPTIONAL_HANDLERS {
    NDIS_OBJECT_HEADER Header;
    ULONG Reserved;
    CO_CREATE_VC_HANDLER CmCreateVcHandler;
    CO_DELETE_VC_HANDLER CmDeleteVcHandler;
    CM_OPEN_AF_HANDLER CmOpenAfHandler;
    CM_CLOSE_AF_HANDLER CmCloseAfHandler;
    CM_REG_SAP_HANDLER CmRegisterSapHandler;
    CM_DEREG_SAP_HANDLER CmDeregisterSapHandler;
    CM_MAKE_CALL_HANDLER CmMakeCallHandler;
    CM_CLOSE_CALL_HANDLER CmCloseCallHandler;
    CM_INCOMING_CALL_COMPLETE_HANDLER CmIncomingCallCompleteHandler;
    CM_ADD_PARTY_HANDLER CmAddPartyHandler;
    CM_DROP_PARTY_HANDLER CmDropPartyHandler;
    CM_ACTIVATE_VC_COMPLETE_HANDLER CmActivateVcCompleteHandler;
    CM_DEACTIVATE_VC_COMPLETE_HANDLER CmDeactivateVcCompleteHandler;
    CM_MODIFY_CALL_QOS_HANDLER CmModifyCallQoSHandler;
    CO_OID_REQUEST_HANDLER CmOidRequestHandler;
    CO_OID_REQUEST_COMPLETE_HANDLER CmOidRequestCompleteHandler;
    CM_NOTIFY_CLOSE_AF_COMPLETE_HANDLER CmNotifyCloseAfCompleteHandler;
} NDIS_CO_CALL_MANAGER_OPTIONAL_HANDLERS, *PNDIS_CO_CALL_MANAGER_OPTIONAL_HANDLERS;
#define NDIS_SIZEOF_CO_CALL_MANAGER_OPTIONAL_HANDLERS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_CO_CALL_MANAGER_OPTIONAL_HANDLERS, CmOidRequestCompleteHandler)

#define NDIS_CO_CLIENT_OPTIONAL_HANDLERS_REVISION_1 1
typedef struct _NDIS_CO_CLIENT_OPTIONAL_HANDLERS {
    NDIS_OBJECT_HEADER Header;
    ULONG Reserved;
    CO_CREATE_VC_HANDLER ClCreateVcHandler;
    CO_DELETE_VC_HANDLER ClDeleteVcHandler;
    CO_OID_REQUEST_HANDLER ClOidRequestHandler;
    CO_OID_REQUEST_COMPLETE_HANDLER ClOidRequestCompleteHandler;
    CL_OPEN_AF_COMPLETE_HANDLER_EX ClOpenAfCompleteHandlerEx;
    CL_CLOSE_AF_COMPLETE_HANDLER ClCloseAfCompleteHandler;
    CL_REG_SAP_COMPLETE_HANDLER ClRegisterSapCompleteHandler;
    CL_DEREG_SAP_COMPLETE_HANDLER ClDeregisterSapCompleteHandler;
    CL_MAKE_CALL_COMPLETE_HANDLER ClMakeCallCompleteHandler;
    CL_MODIFY_CALL_QOS_COMPLETE_HANDLER ClModifyCallQoSCompleteHandler;
    CL_CLOSE_CALL_COMPLETE_HANDLER ClCloseCallCompleteHandler;
    CL_ADD_PARTY_COMPLETE_HANDLER ClAddPartyCompleteHandler;
    CL_DROP_PARTY_COMPLETE_HANDLER ClDropPartyCompleteHandler;
    CL_INCOMING_CALL_HANDLER ClIncomingCallHandler;
    CL_INCOMING_CALL_QOS_CHANGE_HANDLER ClIncomingCallQoSChangeHandler;
    CL_INCOMING_CLOSE_CALL_HANDLER ClIncomingCloseCallHandler;
    CL_INCOMING_DROP_PARTY_HANDLER ClIncomingDropPartyHandler;
    CL_CALL_CONNECTED_HANDLER ClCallConnectedHandler;
    CL_NOTIFY_CLOSE_AF_HANDLER ClNotifyCloseAfHandler;
} NDIS_CO_CLIENT_OPTIONAL_HANDLERS, *PNDIS_CO_CLIENT_OPTIONAL_HANDLERS;
#define NDIS_SIZEOF_CO_CLIENT_OPTIONAL_HANDLERS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_CO_CLIENT_OPTIONAL_HANDLERS, ClNotifyCloseAfHandler)

#define NDIS_MINIPORT_CO_CHARACTERISTICS_REVISION_1 1
typedef struct _NDIS_MINIPORT_CO_CHARACTERISTICS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    W_CO_CREATE_VC_HANDLER CoCreateVcHandler;
    W_CO_DELETE_VC_HANDLER CoDeleteVcHandler;
    W_CO_ACTIVATE_VC_HANDLER CoActivateVcHandler;
    W_CO_DEACTIVATE_VC_HANDLER CoDeactivateVcHandler;
    W_CO_SEND_NET_BUFFER_LISTS_HANDLER CoSendNetBufferListsHandler;
    W_CO_OID_REQUEST_HANDLER CoOidRequestHandler;
} NDIS_MINIPORT_CO_CHARACTERISTICS, *PNDIS_MINIPORT_CO_CHARACTERISTICS;
#define NDIS_SIZEOF_MINIPORT_CO_CHARACTERISTICS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_MINIPORT_CO_CHARACTERISTICS, CoOidRequestHandler)

#define NDIS_PROTOCOL_CO_CHARACTERISTICS_REVISION_1 1
typedef struct _NDIS_PROTOCOL_CO_CHARACTERISTICS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    CO_STATUS_HANDLER_EX CoStatusHandlerEx;
    CO_AF_REGISTER_NOTIFY_HANDLER CoAfRegisterNotifyHandler;
    CO_RECEIVE_NET_BUFFER_LISTS_HANDLER CoReceiveNetBufferListsHandler;
    CO_SEND_NET_BUFFER_LISTS_COMPLETE_HANDLER CoSendNetBufferListsCompleteHandler;
} NDIS_PROTOCOL_CO_CHARACTERISTICS, *PNDIS_PROTOCOL_CO_CHARACTERISTICS;
#define NDIS_SIZEOF_PROTOCOL_CO_CHARACTERISTICS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_PROTOCOL_CO_CHARACTERISTICS, CoSendNetBufferListsCompleteHandler)

typedef struct _VAR_STRING {
    ULONG ulTotalSize;
    ULONG ulNeededSize;
    ULONG ulUsedSize;
    ULONG ulStringFormat;
    ULONG ulStringSize;
    ULONG ulStringOffset;
} VAR_STRING, *PVAR_STRING;

NDISAPI NDIS_STATUS NTAPI NdisClAddParty(NDIS_HANDLE NdisVcHandle, NDIS_HANDLE ProtocolPartyContext,
                                         PCO_CALL_PARAMETERS CallParameters, PNDIS_HANDLE NdisPartyHandle);
NDISAPI NDIS_STATUS NTAPI NdisClCloseAddressFamily(NDIS_HANDLE NdisAfHandle);
NDISAPI NDIS_STATUS NTAPI NdisClCloseCall(NDIS_HANDLE NdisVcHandle, NDIS_HANDLE NdisPartyHandle, PVOID Buffer,
                                          UINT Size);
NDISAPI NDIS_STATUS NTAPI NdisClDeregisterSap(NDIS_HANDLE NdisSapHandle);
NDISAPI NDIS_STATUS NTAPI NdisClDropParty(NDIS_HANDLE NdisPartyHandle, PVOID Buffer, UINT Size);
NDISAPI NDIS_STATUS NTAPI NdisClGetProtocolVcContextFromTapiCallId(UNICODE_STRING TapiCallId,
                                                                   PNDIS_HANDLE ProtocolVcContext);
NDISAPI VOID NTAPI NdisClIncomingCallComplete(NDIS_STATUS Status, NDIS_HANDLE NdisVcHandle,
                                              PCO_CALL_PARAMETERS CallParameters);
NDISAPI NDIS_STATUS NTAPI NdisClMakeCall(NDIS_HANDLE NdisVcHandle, PCO_CALL_PARAMETERS CallParameters,
                                         NDIS_HANDLE ProtocolPartyContext, PNDIS_HANDLE NdisPartyHandle);
NDISAPI NDIS_STATUS NTAPI NdisClModifyCallQoS(NDIS_HANDLE NdisVcHandle, PCO_CALL_PARAMETERS CallParameters);
NDISAPI VOID NTAPI NdisClNotifyCloseAddressFamilyComplete(NDIS_HANDLE NdisAfHandle, NDIS_STATUS Status);
NDISAPI NDIS_STATUS NTAPI NdisClOpenAddressFamilyEx(NDIS_HANDLE NdisBindingHandle,
                                                    PCO_ADDRESS_FAMILY AddressFamily,
                                                    NDIS_HANDLE ClientAfContext, PNDIS_HANDLE NdisAfHandle);
NDISAPI NDIS_STATUS NTAPI NdisClRegisterSap(NDIS_HANDLE NdisAfHandle, NDIS_HANDLE ProtocolSapContext,
                                            PCO_SAP Sap, PNDIS_HANDLE NdisSapHandle);
NDISAPI NDIS_STATUS NTAPI NdisCmActivateVc(NDIS_HANDLE NdisVcHandle, PCO_CALL_PARAMETERS CallParameters);
NDISAPI VOID NTAPI NdisCmAddPartyComplete(NDIS_STATUS Status, NDIS_HANDLE NdisPartyHandle,
                                          NDIS_HANDLE CallMgrPartyContext,
                                          PCO_CALL_PARAMETERS CallParameters);
NDISAPI VOID NTAPI NdisCmCloseAddressFamilyComplete(NDIS_STATUS Status, NDIS_HANDLE NdisAfHandle);
NDISAPI VOID NTAPI NdisCmCloseCallComplete(NDIS_STATUS Status, NDIS_HANDLE NdisVcHandle,
                                           NDIS_HANDLE NdisPartyHandle);
NDISAPI NDIS_STATUS NTAPI NdisCmDeactivateVc(NDIS_HANDLE NdisVcHandle);
NDISAPI VOID NTAPI NdisCmDeregisterSapComplete(NDIS_STATUS Status, NDIS_HANDLE NdisSapHandle);
NDISAPI VOID NTAPI NdisCmDispatchCallConnected(NDIS_HANDLE NdisVcHandle);
NDISAPI NDIS_STATUS NTAPI NdisCmDispatchIncomingCall(NDIS_HANDLE NdisSapHandle, NDIS_HANDLE NdisVcHandle,
                                                     PCO_CALL_PARAMETERS CallParameters);
NDISAPI VOID NTAPI NdisCmDispatchIncomingCallQoSChange(NDIS_HANDLE NdisVcHandle,
                                                       PCO_CALL_PARAMETERS CallParameters);
NDISAPI VOID NTAPI NdisCmDispatchIncomingCloseCall(NDIS_STATUS CloseStatus, NDIS_HANDLE NdisVcHandle,
                                                   PVOID Buffer, UINT Size);
NDISAPI VOID NTAPI NdisCmDispatchIncomingDropParty(NDIS_STATUS DropStatus, NDIS_HANDLE NdisPartyHandle,
                                                   PVOID Buffer, UINT Size);
NDISAPI VOID NTAPI NdisCmDropPartyComplete(NDIS_STATUS Status, NDIS_HANDLE NdisPartyHandle);
NDISAPI VOID NTAPI NdisCmMakeCallComplete(NDIS_STATUS Status, NDIS_HANDLE NdisVcHandle,
                                          NDIS_HANDLE NdisPartyHandle, NDIS_HANDLE CallMgrPartyContext,
                                          PCO_CALL_PARAMETERS CallParameters);
NDISAPI VOID NTAPI NdisCmModifyCallQoSComplete(NDIS_STATUS Status, NDIS_HANDLE NdisVcHandle,
                                               PCO_CALL_PARAMETERS CallParameters);
NDISAPI NDIS_STATUS NTAPI NdisCmNotifyCloseAddressFamily(NDIS_HANDLE NdisAfHandle);
NDISAPI VOID NTAPI NdisCmOpenAddressFamilyComplete(NDIS_STATUS Status, NDIS_HANDLE NdisAfHandle,
                                                   NDIS_HANDLE CallMgrAfContext);
NDISAPI NDIS_STATUS NTAPI NdisCmRegisterAddressFamilyEx(NDIS_HANDLE NdisBindingHandle,
                                                        PCO_ADDRESS_FAMILY AddressFamily);
NDISAPI VOID NTAPI NdisCmRegisterSapComplete(NDIS_STATUS Status, NDIS_HANDLE NdisSapHandle,
                                             NDIS_HANDLE CallMgrSapContext);
NDISAPI NDIS_STATUS NTAPI NdisCoAssignInstanceName(NDIS_HANDLE NdisVcHandle, PNDIS_STRING BaseInstanceName,
                                                   PNDIS_STRING VcInstanceName);
NDISAPI NDIS_STATUS NTAPI NdisCoCreateVc(NDIS_HANDLE NdisBindingHandle, NDIS_HANDLE NdisAfHandle,
                                         NDIS_HANDLE ProtocolVcContext, PNDIS_HANDLE NdisVcHandle);
NDISAPI NDIS_STATUS NTAPI NdisCoDeleteVc(NDIS_HANDLE NdisVcHandle);
NDISAPI NDIS_STATUS NTAPI NdisCoGetTapiCallId(NDIS_HANDLE NdisVcHandle, PVAR_STRING TapiCallId);
NDISAPI NDIS_STATUS NTAPI NdisCoOidRequest(NDIS_HANDLE NdisBindingHandle, NDIS_HANDLE NdisAfHandle,
                                           NDIS_HANDLE NdisVcHandle, NDIS_HANDLE NdisPartyHandle,
                                           PNDIS_OID_REQUEST OidRequest);
NDISAPI VOID NTAPI NdisCoOidRequestComplete(NDIS_HANDLE NdisAfHandle, NDIS_HANDLE NdisVcHandle,
                                            NDIS_HANDLE NdisPartyHandle, PNDIS_OID_REQUEST OidRequest,
                                            NDIS_STATUS Status);
NDISAPI VOID NTAPI NdisCoSendNetBufferLists(NDIS_HANDLE NdisVcHandle, PNET_BUFFER_LIST NetBufferLists,
                                            ULONG SendFlags);
NDISAPI NDIS_STATUS NTAPI NdisMCmActivateVc(NDIS_HANDLE NdisVcHandle, PCO_CALL_PARAMETERS CallParameters);
NDISAPI NDIS_STATUS NTAPI NdisMCmCreateVc(NDIS_HANDLE MiniportAdapterHandle, NDIS_HANDLE NdisAfHandle,
                                          NDIS_HANDLE MiniportVcContext, PNDIS_HANDLE NdisVcHandle);
NDISAPI NDIS_STATUS NTAPI NdisMCmDeactivateVc(NDIS_HANDLE NdisVcHandle);
NDISAPI NDIS_STATUS NTAPI NdisMCmDeleteVc(NDIS_HANDLE NdisVcHandle);
NDISAPI NDIS_STATUS NTAPI NdisMCmOidRequest(NDIS_HANDLE NdisAfHandle, NDIS_HANDLE NdisVcHandle,
                                            NDIS_HANDLE NdisPartyHandle, PNDIS_OID_REQUEST NdisOidRequest);
NDISAPI NDIS_STATUS NTAPI NdisMCmRegisterAddressFamilyEx(NDIS_HANDLE MiniportAdapterHandle,
                                                         PCO_ADDRESS_FAMILY AddressFamily);
NDISAPI VOID NTAPI NdisMCoActivateVcComplete(NDIS_STATUS Status, NDIS_HANDLE NdisVcHandle,
                                             PCO_CALL_PARAMETERS CallParameters);
NDISAPI VOID NTAPI NdisMCoDeactivateVcComplete(NDIS_STATUS Status, NDIS_HANDLE NdisVcHandle);
NDISAPI VOID NTAPI NdisMCoIndicateReceiveNetBufferLists(NDIS_HANDLE NdisVcHandle,
                                                        PNET_BUFFER_LIST NetBufferLists,
                                                        ULONG NumberOfNetBufferLists, ULONG CoReceiveFlags);
NDISAPI VOID NTAPI NdisMCoIndicateStatusEx(NDIS_HANDLE MiniportAdapterHandle, NDIS_HANDLE NdisVcHandle,
                                           PNDIS_STATUS_INDICATION StatusIndication);
NDISAPI VOID NTAPI NdisMCoOidRequestComplete(NDIS_HANDLE MiniportAdapterHandle,
                                             NDIS_HANDLE NdisMiniportVcHandle, PNDIS_OID_REQUEST Request,
                                             NDIS_STATUS Status);
NDISAPI VOID NTAPI NdisMCoSendNetBufferListsComplete(NDIS_HANDLE NdisVcHandle,
                                                     PNET_BUFFER_LIST NetBufferLists,
                                                     ULONG SendCompleteFlags);

// A call manager of a miniport (MCM) completes and dispatches through the functions of a stand-alone call
// manager.
#define NdisMCmOpenAddressFamilyComplete(_S_, _H_, _C_) NdisCmOpenAddressFamilyComplete(_S_, _H_, _C_)
#define NdisMCmCloseAddressFamilyComplete(_S_, _H_)     NdisCmCloseAddressFamilyComplete(_S_, _H_)
#define NdisMCmRegisterSapComplete(_S_, _H_, _C_)       NdisCmRegisterSapComplete(_S_, _H_, _C_)
#define NdisMCmDeregisterSapComplete(_S_, _H_)          NdisCmDeregisterSapComplete(_S_, _H_)
#define NdisMCmMakeCallComplete(_S_, _VH_, _PH_, _CC_, _CP_) \
    NdisCmMakeCallComplete(_S_, _VH_, _PH_, _CC_, _CP_)
#define NdisMCmCloseCallComplete(_S_, _VH_, _PH_)      NdisCmCloseCallComplete(_S_, _VH_, _PH_)
#define NdisMCmAddPartyComplete(_S_, _H_, _C_, _P_)    NdisCmAddPartyComplete(_S_, _H_, _C_, _P_)
#define NdisMCmDropPartyComplete(_S_, _H_)             NdisCmDropPartyComplete(_S_, _H_)
#define NdisMCmDispatchIncomingCall(_SH_, _VH_, _CP_)  NdisCmDispatchIncomingCall(_SH_, _VH_, _CP_)
#define NdisMCmDispatchCallConnected(_H_)              NdisCmDispatchCallConnected(_H_)
#define NdisMCmModifyCallQoSComplete(_S_, _H_, _P_)    NdisCmModifyCallQoSComplete(_S_, _H_, _P_)
#define NdisMCmDispatchIncomingCallQoSChange(_H_, _P_) NdisCmDispatchIncomingCallQoSChange(_H_, _P_)
#define NdisMCmDispatchIncomingCloseCall(_S_, _H_, _B_, _Z_) \
    NdisCmDispatchIncomingCloseCall(_S_, _H_, _B_, _Z_)
#define NdisMCmDispatchIncomingDropParty(_S_, _H_, _B_, _Z_) \
    NdisCmDispatchIncomingDropParty(_S_, _H_, _B_, _Z_)
#define NdisMCmNotifyCloseAddressFamily(_AH_) NdisCmNotifyCloseAddressFamily(_AH_)
#define NdisMCmOidRequestComplete(_AH_, _VH_, _PH_, _R_, _S_) \
    NdisCoOidRequestComplete(_AH_, _VH_, _PH_, _R_, _S_)

NDIS_END_DECLS
