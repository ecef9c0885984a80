// Access to the out-of-band information of a NET_BUFFER_LIST: what travels in NetBufferListInfo beside the
// data.
#pragma once

#include "ndis/nblaccessors.h"
#include "ndis/netaddr.h"
#include "ndis/rss.h"

NDIS_BEGIN_DECLS

// One slot of NetBufferListInfo, seen as `type`.
#define NDIS_NBL_INFO_AS(_NBL, _Id, type) (*(type*)&NET_BUFFER_LIST_INFO(_NBL, _Id))

// ---- Cancellation, 802.1Q, protocol
#define NDIS_SET_NET_BUFFER_LIST_CANCEL_ID(_NBL, _CancelId) \
    (NET_BUFFER_LIST_INFO(_NBL, NetBufferListCancelId) = (PVOID)(_CancelId))
#define NDIS_GET_NET_BUFFER_LIST_CANCEL_ID(_NBL) (NET_BUFFER_LIST_INFO(_NBL, NetBufferListCancelId))

#define NDIS_SET_NET_BUFFER_LIST_VLAN_ID(_NBL, _VlanId)                                                     \
    (NDIS_NBL_INFO_AS(_NBL, Ieee8021QNetBufferListInfo, NDIS_NET_BUFFER_LIST_8021Q_INFO).TagHeader.VlanId = \
         (_VlanId))
#define NDIS_GET_NET_BUFFER_LIST_VLAN_ID(_NBL) \
    (NDIS_NBL_INFO_AS(_NBL, Ieee8021QNetBufferListInfo, NDIS_NET_BUFFER_LIST_8021Q_INFO).TagHeader.VlanId)

// The protocol shares its slot with the frame type, which is why the other bits stay.
#define NdisSetNetBufferListProtocolId(_NBL, _ProtocolId)            \
    (*(PUCHAR)&NET_BUFFER_LIST_INFO(_NBL, NetBufferListProtocolId) = \
         (UCHAR)((_ProtocolId)&NDIS_PROTOCOL_ID_MASK))

// ---- Receive side scaling: function and type share one slot, the value has its own
#define NDIS_NBL_HASH_INFO(_NBL) NDIS_NBL_INFO_AS(_NBL, NetBufferListHashInfo, ULONG)
#define NET_BUFFER_LIST_SET_HASH_VALUE(_NBL, _HashValue) \
    (NDIS_NBL_INFO_AS(_NBL, NetBufferListHashValue, ULONG) = (ULONG)(_HashValue))
#define NET_BUFFER_LIST_GET_HASH_VALUE(_NBL)    NDIS_NBL_INFO_AS(_NBL, NetBufferListHashValue, ULONG)
#define NET_BUFFER_LIST_GET_HASH_TYPE(_NBL)     (NDIS_NBL_HASH_INFO(_NBL) & NDIS_HASH_TYPE_MASK)
#define NET_BUFFER_LIST_GET_HASH_FUNCTION(_NBL) (NDIS_NBL_HASH_INFO(_NBL) & NDIS_HASH_FUNCTION_MASK)

FORCEINLINE VOID NET_BUFFER_LIST_SET_HASH_TYPE(PNET_BUFFER_LIST _NBL, ULONG _HashType) {
    NDIS_NBL_HASH_INFO(_NBL) =
        (NDIS_NBL_HASH_INFO(_NBL) & ~(ULONG)NDIS_HASH_TYPE_MASK) | (_HashType & NDIS_HASH_TYPE_MASK);
}

FORCEINLINE VOID NET_BUFFER_LIST_SET_HASH_FUNCTION(PNET_BUFFER_LIST _NBL, ULONG _HashFunction) {
    NDIS_NBL_HASH_INFO(_NBL) = (NDIS_NBL_HASH_INFO(_NBL) & ~(ULONG)NDIS_HASH_FUNCTION_MASK) |
                               (_HashFunction & NDIS_HASH_FUNCTION_MASK);
}

// ---- Media specific information: lists of what one medium wants to say
#define NDIS_NBL_ADD_MEDIA_SPECIFIC_INFO(_NBL, _MediaSpecificInfo)                                      \
    {                                                                                                   \
        (_MediaSpecificInfo)->NextEntry =                                                               \
            (PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION)NET_BUFFER_LIST_INFO(_NBL, MediaSpecificInformation); \
        NET_BUFFER_LIST_INFO(_NBL, MediaSpecificInformation) = (_MediaSpecificInfo);                    \
    }
#define NDIS_NBL_REMOVE_MEDIA_SPECIFIC_INFO(_NBL, _MediaSpecificInfo) \
    NdisNblRemoveMediaSpecificInfo((_NBL), (_MediaSpecificInfo))
#define NDIS_NBL_GET_MEDIA_SPECIFIC_INFO(_NBL, _Tag, _MediaSpecificInfo) \
    ((_MediaSpecificInfo) = NdisNblGetMediaSpecificInfo((_NBL), (_Tag)))

FORCEINLINE VOID NdisNblRemoveMediaSpecificInfo(PNET_BUFFER_LIST Nbl,
                                                PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION Info) {
    PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION* link =
        (PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION*)&NET_BUFFER_LIST_INFO(Nbl, MediaSpecificInformation);
    while (*link && *link != Info) link = &(*link)->NextEntry;
    if (*link) *link = Info->NextEntry;
}

FORCEINLINE PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION NdisNblGetMediaSpecificInfo(PNET_BUFFER_LIST Nbl,
                                                                             ULONG Tag) {
    PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION info =
        (PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION)NET_BUFFER_LIST_INFO(Nbl, MediaSpecificInformation);
    while (info && info->Tag != Tag) info = info->NextEntry;
    return info;
}

#if NDIS_SUPPORT_NDIS620
#define NDIS_NBL_ADD_MEDIA_SPECIFIC_INFO_EX(_NBL, _MediaSpecificInfo)                                        \
    {                                                                                                        \
        (_MediaSpecificInfo)->NextEntry =                                                                    \
            (PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION_EX)NET_BUFFER_LIST_INFO(_NBL, MediaSpecificInformationEx); \
        NET_BUFFER_LIST_INFO(_NBL, MediaSpecificInformationEx) = (_MediaSpecificInfo);                       \
    }
#define NDIS_NBL_REMOVE_MEDIA_SPECIFIC_INFO_EX(_NBL, _MediaSpecificInfo) \
    NdisNblRemoveMediaSpecificInfoEx((_NBL), (_MediaSpecificInfo))
#define NDIS_NBL_GET_MEDIA_SPECIFIC_INFO_EX(_NBL, _Tag, _MediaSpecificInfo) \
    ((_MediaSpecificInfo) = NdisNblGetMediaSpecificInfoEx((_NBL), (_Tag)))

FORCEINLINE VOID NdisNblRemoveMediaSpecificInfoEx(PNET_BUFFER_LIST Nbl,
                                                  PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION_EX Info) {
    PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION_EX* link =
        (PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION_EX*)&NET_BUFFER_LIST_INFO(Nbl, MediaSpecificInformationEx);
    while (*link && *link != Info) link = &(*link)->NextEntry;
    if (*link) *link = Info->NextEntry;
}

FORCEINLINE PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION_EX NdisNblGetMediaSpecificInfoEx(PNET_BUFFER_LIST Nbl,
                                                                                  ULONG Tag) {
    PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION_EX info =
        (PNDIS_NBL_MEDIA_SPECIFIC_INFORMATION_EX)NET_BUFFER_LIST_INFO(Nbl, MediaSpecificInformationEx);
    while (info && info->Tag != Tag) info = info->NextEntry;
    return info;
}

// ---- Receive filters and queues
#define NET_BUFFER_LIST_RECEIVE_FILTER_ID(_NBL)                                              \
    (NDIS_NBL_INFO_AS(_NBL, NetBufferListFilteringInfo, NDIS_NET_BUFFER_LIST_FILTERING_INFO) \
         .FilteringInfo.FilterId)
#define NET_BUFFER_LIST_RECEIVE_QUEUE_ID(_NBL)                                               \
    (NDIS_NBL_INFO_AS(_NBL, NetBufferListFilteringInfo, NDIS_NET_BUFFER_LIST_FILTERING_INFO) \
         .FilteringInfo.QueueVPortInfo.QueueId)
#endif

#if NDIS_SUPPORT_NDIS630
#define NET_BUFFER_LIST_RECEIVE_FILTER_VPORT_ID(_NBL)                                        \
    (NDIS_NBL_INFO_AS(_NBL, NetBufferListFilteringInfo, NDIS_NET_BUFFER_LIST_FILTERING_INFO) \
         .FilteringInfo.QueueVPortInfo.VPortId)

// ---- Receive segment coalescing
#define NET_BUFFER_LIST_COALESCED_SEG_COUNT(_NBL) \
    (NDIS_NBL_INFO_AS(_NBL, TcpRecvSegCoalesceInfo, NDIS_RSC_NBL_INFO).Info.CoalescedSegCount)
#define NET_BUFFER_LIST_DUP_ACK_COUNT(_NBL) \
    (NDIS_NBL_INFO_AS(_NBL, TcpRecvSegCoalesceInfo, NDIS_RSC_NBL_INFO).Info.DupAckCount)

// ---- Network virtualization, intermediate drivers
#define NDIS_SET_NET_BUFFER_LIST_VIRTUAL_SUBNET_ID(_NBL, _VirtualSubnetId)                                 \
    (NDIS_NBL_INFO_AS(_NBL, VirtualSubnetInfo, NDIS_NET_BUFFER_LIST_VIRTUAL_SUBNET_INFO).VirtualSubnetId = \
         (_VirtualSubnetId))
#define NDIS_GET_NET_BUFFER_LIST_VIRTUAL_SUBNET_ID(_NBL) \
    (NDIS_NBL_INFO_AS(_NBL, VirtualSubnetInfo, NDIS_NET_BUFFER_LIST_VIRTUAL_SUBNET_INFO).VirtualSubnetId)
#define NDIS_SET_NET_BUFFER_LIST_IM_RESERVED(_NBL, _Val) \
    (NET_BUFFER_LIST_INFO(_NBL, IMReserved) = (PVOID)(_Val))
#define NDIS_GET_NET_BUFFER_LIST_IM_RESERVED(_NBL) (NET_BUFFER_LIST_INFO(_NBL, IMReserved))
#endif

#if NDIS_SUPPORT_NDIS650
// ---- Generic flow tables
#define NET_BUFFER_LIST_GFT_OFFLOAD_INFO(_NBL) \
    NDIS_NBL_INFO_AS(_NBL, GftOffloadInformation, NDIS_NET_BUFFER_LIST_GFT_OFFLOAD_INFO)
#define NET_BUFFER_LIST_GFT_OFFLOAD_FLOW_ENTRY_ID(_NBL) NDIS_NBL_INFO_AS(_NBL, GftFlowEntryId, ULONG64)
#define NDIS_SET_NET_BUFFER_LIST_GFT_OFFLOAD_FLAGS(_NBL, _Flags) \
    (NET_BUFFER_LIST_GFT_OFFLOAD_INFO(_NBL).Flags = (_Flags))
#define NDIS_GET_NET_BUFFER_LIST_GFT_OFFLOAD_FLAGS(_NBL) (NET_BUFFER_LIST_GFT_OFFLOAD_INFO(_NBL).Flags)
#define NDIS_SET_NET_BUFFER_LIST_GFT_OFFLOAD_VPORT_ID(_NBL, _VPortId) \
    (NET_BUFFER_LIST_GFT_OFFLOAD_INFO(_NBL).VPortId = (USHORT)(_VPortId))
#define NDIS_GET_NET_BUFFER_LIST_GFT_OFFLOAD_VPORT_ID(_NBL) (NET_BUFFER_LIST_GFT_OFFLOAD_INFO(_NBL).VPortId)
#endif

#if NDIS_SUPPORT_NDIS684
// ---- UDP coalescing
#define NET_BUFFER_LIST_UDP_COALESCED_SEG_COUNT(_NBL)                                                 \
    (NDIS_NBL_INFO_AS(_NBL, UdpRecvSegCoalesceOffloadInfo, NDIS_UDP_RSC_OFFLOAD_NET_BUFFER_LIST_INFO) \
         .Receive.SegCount)
#define NET_BUFFER_LIST_UDP_COALESCED_SEG_SIZE(_NBL)                                                  \
    (NDIS_NBL_INFO_AS(_NBL, UdpRecvSegCoalesceOffloadInfo, NDIS_UDP_RSC_OFFLOAD_NET_BUFFER_LIST_INFO) \
         .Receive.SegSize)
#endif

#if NDIS_SUPPORT_NDIS682
// ---- Time stamps, raw values of the clock that took them
FORCEINLINE VOID NdisSetNblTimestampInfo(PNET_BUFFER_LIST Nbl,
                                         const NET_BUFFER_LIST_TIMESTAMP* NblTimestamp) {
    NDIS_NBL_INFO_AS(Nbl, NetBufferListInfoReserved3, ULONG64) = NblTimestamp->Timestamp;
}

FORCEINLINE VOID NdisGetNblTimestampInfo(const NET_BUFFER_LIST* Nbl,
                                         PNET_BUFFER_LIST_TIMESTAMP NblTimestamp) {
    NblTimestamp->Timestamp = (ULONG64)(ULONG_PTR)NET_BUFFER_LIST_INFO(Nbl, NetBufferListInfoReserved3);
}

FORCEINLINE VOID NdisCopyNblTimestampInfo(PNET_BUFFER_LIST NblDest, const NET_BUFFER_LIST* NblSrc) {
    NET_BUFFER_LIST_INFO(NblDest, NetBufferListInfoReserved3) =
        NET_BUFFER_LIST_INFO(NblSrc, NetBufferListInfoReserved3);
}
#endif

NDIS_END_DECLS
