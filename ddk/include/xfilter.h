// Ethernet addresses: six bytes, the lowest bit of the first one marks a group address. Included by ndis.h; also
// the name under which older drivers include the same.
#pragma once

#define ETH_LENGTH_OF_ADDRESS 6

#define ETH_IS_MULTICAST(Address) ((BOOLEAN)(((PUCHAR)(Address))[0] & 0x01))
#define ETH_IS_BROADCAST(Address) ((((PUCHAR)(Address))[0] & ((PUCHAR)(Address))[1]) == 0xFF)

// Result: 0 when equal, else 1 or -1 by the order of the last four bytes, then of the first two.
#define ETH_COMPARE_NETWORK_ADDRESSES(A, B, Result)                                                       \
    do {                                                                                                  \
        ULONG ethLastA, ethLastB;                                                                         \
        USHORT ethFirstA, ethFirstB;                                                                      \
        __builtin_memcpy(&ethLastA, (PUCHAR)(A) + 2, 4);                                                  \
        __builtin_memcpy(&ethLastB, (PUCHAR)(B) + 2, 4);                                                  \
        __builtin_memcpy(&ethFirstA, (A), 2);                                                             \
        __builtin_memcpy(&ethFirstB, (B), 2);                                                             \
        if (ethLastA != ethLastB)                                                                         \
            *(Result) = ethLastA > ethLastB ? 1 : (UINT)-1;                                               \
        else                                                                                              \
            *(Result) = ethFirstA == ethFirstB ? 0 : ethFirstA > ethFirstB ? 1 : (UINT)-1;                \
    } while (0)

// Result: 0 when equal, 1 when not.
#define ETH_COMPARE_NETWORK_ADDRESSES_EQ(A, B, Result) \
    (*(Result) = __builtin_memcmp((A), (B), ETH_LENGTH_OF_ADDRESS) != 0)

#define ETH_COPY_NETWORK_ADDRESS(Destination, Source) \
    ((void)__builtin_memcpy((Destination), (Source), ETH_LENGTH_OF_ADDRESS))
