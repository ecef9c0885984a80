// Isolation of tenants: routing domains and the identifiers within them.
#pragma once

#include "ndis/objects.h"
#include "ndis/types.h"

NDIS_BEGIN_DECLS

typedef enum _NDIS_ISOLATION_MODE {
    NdisIsolationModeNone,
    NdisIsolationModeNativeVirtualSubnet,
    NdisIsolationModeExternalVirtualSubnet,
    NdisIsolationModeVlan,
} NDIS_ISOLATION_MODE, *PNDIS_ISOLATION_MODE;

#define NDIS_ISOLATION_NAME_MAX_STRING_SIZE 127
typedef struct _NDIS_ISOLATION_NAME {
    USHORT Length;
    WCHAR String[128];
} NDIS_ISOLATION_NAME, *PNDIS_ISOLATION_NAME;

#define NDIS_ISOLATION_PARAMETERS_REVISION_1 1
typedef struct _NDIS_ISOLATION_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_ISOLATION_MODE IsolationMode;
    BOOLEAN AllowUntaggedTraffic;
    ULONG NumRoutingDomainEntries;
    ULONG FirstRoutingDomainEntryOffset;
} NDIS_ISOLATION_PARAMETERS, *PNDIS_ISOLATION_PARAMETERS;
#define NDIS_SIZEOF_NDIS_ISOLATION_PARAMETERS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_ISOLATION_PARAMETERS, FirstRoutingDomainEntryOffset)

#define NDIS_ROUTING_DOMAIN_ENTRY_REVISION_1 1
typedef struct _NDIS_ROUTING_DOMAIN_ENTRY {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    GUID RoutingDomainId;
    NDIS_ISOLATION_NAME RoutingDomainName;
    ULONG NumIsolationEntries;
    ULONG FirstIsolationEntryOffset;
} NDIS_ROUTING_DOMAIN_ENTRY, *PNDIS_ROUTING_DOMAIN_ENTRY;
#define NDIS_SIZEOF_NDIS_ROUTING_DOMAIN_ENTRY_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_ROUTING_DOMAIN_ENTRY, FirstIsolationEntryOffset)

#define NDIS_ROUTING_DOMAIN_ISOLATION_ENTRY_REVISION_1 1
typedef struct _NDIS_ROUTING_DOMAIN_ISOLATION_ENTRY {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_ISOLATION_NAME IsolationIdName;
    union {
        struct {
            UINT32 VirtualSubnetId : 24;
        };
        struct {
            UINT32 VlanId : 12;
        };
        UINT32 IsolationId;
    };
} NDIS_ROUTING_DOMAIN_ISOLATION_ENTRY, *PNDIS_ROUTING_DOMAIN_ISOLATION_ENTRY;
#define NDIS_SIZEOF_NDIS_ROUTING_DOMAIN_ISOLATION_ENTRY_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_ROUTING_DOMAIN_ISOLATION_ENTRY, IsolationId)

// Each routing domain entry stands before its own isolation entries; the last of a list has no next one,
// which the count in the head of the list tells.
#define NDIS_ISOLATION_PARAMETERS_GET_FIRST_ROUTING_DOMAIN_ENTRY(_MultiTenancyInfo_) \
    ((PNDIS_ROUTING_DOMAIN_ENTRY)((PUCHAR)(_MultiTenancyInfo_) +                     \
                                  (_MultiTenancyInfo_)->FirstRoutingDomainEntryOffset))
#define NDIS_ROUTING_DOMAIN_ENTRY_GET_FIRST_ISOLATION_ENTRY(_RoutingDomainEntry_) \
    ((PNDIS_ROUTING_DOMAIN_ISOLATION_ENTRY)((PUCHAR)(_RoutingDomainEntry_) +      \
                                            (_RoutingDomainEntry_)->FirstIsolationEntryOffset))
#define NDIS_ROUTING_DOMAIN_ENTRY_GET_NEXT(_RoutingDomainEntry_)                      \
    ((PNDIS_ROUTING_DOMAIN_ENTRY)((PUCHAR)(_RoutingDomainEntry_) +                    \
                                  (_RoutingDomainEntry_)->FirstIsolationEntryOffset + \
                                  (_RoutingDomainEntry_)->NumIsolationEntries *       \
                                      sizeof(NDIS_ROUTING_DOMAIN_ISOLATION_ENTRY)))
#define NDIS_ROUTING_DOMAIN_ISOLATION_ENTRY_GET_NEXT(_IsolationInfoEntry_) \
    ((PNDIS_ROUTING_DOMAIN_ISOLATION_ENTRY)((_IsolationInfoEntry_) + 1))

NDIS_END_DECLS
