// Network layer addresses that transports hand down, and the identifiers of protocols.
#pragma once

#include "ndis/types.h"

NDIS_BEGIN_DECLS

#define NDIS_PROTOCOL_ID_DEFAULT 0
#define NDIS_PROTOCOL_ID_TCP_IP  2
#define NDIS_PROTOCOL_ID_IP6     3
#define NDIS_PROTOCOL_ID_IPX     6
#define NDIS_PROTOCOL_ID_NBF     7
#define NDIS_PROTOCOL_ID_MAX     15
#define NDIS_PROTOCOL_ID_MASK    15

#define NETWORK_ADDRESS_LENGTH_IP  16
#define NETWORK_ADDRESS_LENGTH_IP6 28
#define NETWORK_ADDRESS_LENGTH_IPX 12
typedef struct _NETWORK_ADDRESS {
    USHORT AddressLength;
    USHORT AddressType;
    UCHAR Address[1];
} NETWORK_ADDRESS, *PNETWORK_ADDRESS;

typedef struct _NETWORK_ADDRESS_IP {
    USHORT sin_port;
    ULONG in_addr;
    UCHAR sin_zero[8];
} NETWORK_ADDRESS_IP, *PNETWORK_ADDRESS_IP;

typedef struct _NETWORK_ADDRESS_IP6 {
    USHORT sin6_port;
    ULONG sin6_flowinfo;
    USHORT sin6_addr[8];
    ULONG sin6_scope_id;
} NETWORK_ADDRESS_IP6, *PNETWORK_ADDRESS_IP6;

typedef struct _NETWORK_ADDRESS_IPX {
    ULONG NetworkAddress;
    UCHAR NodeAddress[6];
    USHORT Socket;
} NETWORK_ADDRESS_IPX, *PNETWORK_ADDRESS_IPX;

typedef struct _NETWORK_ADDRESS_LIST {
    LONG AddressCount;
    USHORT AddressType;
    NETWORK_ADDRESS Address[1];
} NETWORK_ADDRESS_LIST, *PNETWORK_ADDRESS_LIST;

NDIS_END_DECLS
