// NT and network types that NDIS needs and that the base headers do not all have: mingw-w64's ntddk.h knows
// nothing of sockets' addresses, and nt/abi.h has the kernel only. Each stands behind the guard of its usual
// header.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

#ifdef _WIN32
#include <guiddef.h>
#ifndef RTL_SIZEOF_THROUGH_FIELD
#define RTL_SIZEOF_THROUGH_FIELD(type, field) (FIELD_OFFSET(type, field) + sizeof(((type*)0)->field))
#endif
#endif

#ifdef _WIN32
typedef unsigned int UINT, *PUINT;
#endif

// Socket addresses: a driver's are those of its own headers. A tag in the host differs from the system's `in_addr`,
// which host code may have beside this.
#ifdef _WIN32
#include <ws2ipdef.h>
#else
typedef struct _NT_in_addr {
    union {
        struct {
            UCHAR s_b1, s_b2, s_b3, s_b4;
        } S_un_b;
        struct {
            USHORT s_w1, s_w2;
        } S_un_w;
        ULONG S_addr;
    } S_un;
} IN_ADDR, *PIN_ADDR;

typedef struct _NT_in6_addr {
    union {
        UCHAR Byte[16];
        USHORT Word[8];
    } u;
} IN6_ADDR, *PIN6_ADDR;

typedef USHORT ADDRESS_FAMILY;

typedef struct _NT_sockaddr_in {
    ADDRESS_FAMILY sin_family;
    USHORT sin_port;
    IN_ADDR sin_addr;
    CHAR sin_zero[8];
} SOCKADDR_IN, *PSOCKADDR_IN;

typedef struct _NT_sockaddr_in6 {
    ADDRESS_FAMILY sin6_family;
    USHORT sin6_port;
    ULONG sin6_flowinfo;
    IN6_ADDR sin6_addr;
    ULONG sin6_scope_id;
} SOCKADDR_IN6, *PSOCKADDR_IN6;

typedef union _SOCKADDR_INET {
    SOCKADDR_IN Ipv4;
    SOCKADDR_IN6 Ipv6;
    ADDRESS_FAMILY si_family;
} SOCKADDR_INET, *PSOCKADDR_INET;
#endif

#if !defined(_WIN32) || !defined(_WINSOCK2API_)
typedef ULONG SERVICETYPE;

typedef struct _flowspec {
    ULONG TokenRate;
    ULONG TokenBucketSize;
    ULONG PeakBandwidth;
    ULONG Latency;
    ULONG DelayVariation;
    SERVICETYPE ServiceType;
    ULONG MaxSduSize;
    ULONG MinimumPolicedSize;
} FLOWSPEC, *PFLOWSPEC;
#endif

// Structures of other headers that NDIS only points to.
struct _DOT11_PHY_ATTRIBUTES;
struct _DOT11_EXTSTA_ATTRIBUTES;
struct _DOT11_VWIFI_ATTRIBUTES;
struct _DOT11_EXTAP_ATTRIBUTES;
struct _DOT11_WFD_ATTRIBUTES;
struct _NDIS_MINIPORT_BLOCK;
struct _NDK_ADAPTER_INFO;

typedef struct _DOT11_PHY_ATTRIBUTES* PDOT11_PHY_ATTRIBUTES;
typedef struct _DOT11_EXTSTA_ATTRIBUTES* PDOT11_EXTSTA_ATTRIBUTES;
typedef struct _DOT11_VWIFI_ATTRIBUTES* PDOT11_VWIFI_ATTRIBUTES;
typedef struct _DOT11_EXTAP_ATTRIBUTES* PDOT11_EXTAP_ATTRIBUTES;
typedef struct _DOT11_WFD_ATTRIBUTES* PDOT11_WFD_ATTRIBUTES;
typedef struct _NDIS_MINIPORT_BLOCK* PNDIS_MINIPORT_BLOCK;
typedef struct _NDK_ADAPTER_INFO NDK_ADAPTER_INFO;

#ifdef __cplusplus
}
#endif
