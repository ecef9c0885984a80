// Media and what an adapter tells of itself: medium, physical medium, packet filters, options of MAC and
// protocol.
#pragma once

#include "ndis/types.h"

NDIS_BEGIN_DECLS

#define NDIS_ETH_TYPE_IPV4                             0x800
#define NDIS_ETH_TYPE_ARP                              0x806
#define NDIS_ETH_TYPE_IPV6                             0x86DD
#define NDIS_ETH_TYPE_802_1X                           0x888E
#define NDIS_ETH_TYPE_802_1Q                           0x8100
#define NDIS_ETH_TYPE_SLOW_PROTOCOL                    0x8809
#define NDIS_PACKET_TYPE_DIRECTED                      1
#define NDIS_PACKET_TYPE_MULTICAST                     2
#define NDIS_PACKET_TYPE_ALL_MULTICAST                 4
#define NDIS_PACKET_TYPE_BROADCAST                     8
#define NDIS_PACKET_TYPE_SOURCE_ROUTING                16
#define NDIS_PACKET_TYPE_PROMISCUOUS                   32
#define NDIS_PACKET_TYPE_SMT                           64
#define NDIS_PACKET_TYPE_ALL_LOCAL                     128
#define NDIS_PACKET_TYPE_GROUP                         0x1000
#define NDIS_PACKET_TYPE_ALL_FUNCTIONAL                0x2000
#define NDIS_PACKET_TYPE_FUNCTIONAL                    0x4000
#define NDIS_PACKET_TYPE_MAC_FRAME                     0x8000
#define NDIS_PACKET_TYPE_NO_LOCAL                      0x10000
#define NDIS_PROT_OPTION_ESTIMATED_LENGTH              1
#define NDIS_PROT_OPTION_NO_LOOPBACK                   2
#define NDIS_PROT_OPTION_NO_RSVD_ON_RCVPKT             4
#define NDIS_PROT_OPTION_SEND_RESTRICTED               8
#define NDIS_MAC_OPTION_COPY_LOOKAHEAD_DATA            1
#define NDIS_MAC_OPTION_RECEIVE_SERIALIZED             2
#define NDIS_MAC_OPTION_TRANSFERS_NOT_PEND             4
#define NDIS_MAC_OPTION_NO_LOOPBACK                    8
#define NDIS_MAC_OPTION_FULL_DUPLEX                    0x10
#define NDIS_MAC_OPTION_EOTX_INDICATION                0x20
#define NDIS_MAC_OPTION_8021P_PRIORITY                 0x40
#define NDIS_MAC_OPTION_SUPPORTS_MAC_ADDRESS_OVERWRITE 0x80
#define NDIS_MAC_OPTION_RECEIVE_AT_DPC                 0x100
#define NDIS_MAC_OPTION_8021Q_VLAN                     0x200
#define NDIS_MAC_OPTION_RESERVED                       0x80000000
#define NDIS_DEVICE_TYPE_ENDPOINT                      1

typedef enum _NDIS_MEDIUM {
    NdisMedium802_3,
    NdisMedium802_5,
    NdisMediumFddi,
    NdisMediumWan,
    NdisMediumLocalTalk,
    NdisMediumDix,
    NdisMediumArcnetRaw,
    NdisMediumArcnet878_2,
    NdisMediumAtm,
    NdisMediumWirelessWan,
    NdisMediumIrda,
    NdisMediumBpc,
    NdisMediumCoWan,
    NdisMedium1394,
    NdisMediumInfiniBand,
    NdisMediumTunnel,
    NdisMediumNative802_11,
    NdisMediumLoopback,
#if NDIS_SUPPORT_NDIS620
    NdisMediumWiMAX = 18,
#endif
#if NDIS_SUPPORT_NDIS630
    NdisMediumIP = 19,
#endif
    NdisMediumMax,
} NDIS_MEDIUM, *PNDIS_MEDIUM;

typedef enum _NDIS_PHYSICAL_MEDIUM {
    NdisPhysicalMediumUnspecified,
    NdisPhysicalMediumWirelessLan,
    NdisPhysicalMediumCableModem,
    NdisPhysicalMediumPhoneLine,
    NdisPhysicalMediumPowerLine,
    NdisPhysicalMediumDSL,
    NdisPhysicalMediumFibreChannel,
    NdisPhysicalMedium1394,
    NdisPhysicalMediumWirelessWan,
    NdisPhysicalMediumNative802_11,
    NdisPhysicalMediumBluetooth,
    NdisPhysicalMediumInfiniband,
    NdisPhysicalMediumWiMax,
    NdisPhysicalMediumUWB,
    NdisPhysicalMedium802_3,
    NdisPhysicalMedium802_5,
    NdisPhysicalMediumIrda,
    NdisPhysicalMediumWiredWAN,
    NdisPhysicalMediumWiredCoWan,
    NdisPhysicalMediumOther,
#if NDIS_SUPPORT_NDIS630
    NdisPhysicalMediumNative802_15_4 = 20,
#endif
    NdisPhysicalMediumMax,
} NDIS_PHYSICAL_MEDIUM, *PNDIS_PHYSICAL_MEDIUM;

typedef enum _NDIS_HARDWARE_STATUS {
    NdisHardwareStatusReady,
    NdisHardwareStatusInitializing,
    NdisHardwareStatusReset,
    NdisHardwareStatusClosing,
    NdisHardwareStatusNotReady,
} NDIS_HARDWARE_STATUS, *PNDIS_HARDWARE_STATUS;

typedef enum _NDIS_MEDIA_STATE {
    NdisMediaStateConnected,
    NdisMediaStateDisconnected,
} NDIS_MEDIA_STATE, *PNDIS_MEDIA_STATE;

typedef struct _TRANSPORT_HEADER_OFFSET {
    USHORT ProtocolType;
    USHORT HeaderOffset;
} TRANSPORT_HEADER_OFFSET, *PTRANSPORT_HEADER_OFFSET;

NDIS_END_DECLS
