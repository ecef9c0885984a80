// Network addresses as text and back: IPv4, IPv6, Ethernet, for narrow and wide text. Ports and addresses are
// in the order of the network, as on the wire.
#pragma once

#include "nt/abi/types.h"

namespace ndiskit::nt {

struct Ipv4 {
    uint8_t bytes[4];
};
struct Ipv6 {
    uint8_t bytes[16];
};
struct Ethernet {
    uint8_t bytes[6];
};

template <class C>
struct NetAddress {
    // The text's end. The buffers hold 16, 46 and 18 characters at least.
    static C* NTAPI ipv4_text(const Ipv4* address, C* text);
    static C* NTAPI ipv6_text(const Ipv6* address, C* text);
    static C* NTAPI ethernet_text(const Ethernet* address, C* text);
    // With the scope and the port when they are not 0. `size` comes back as what is needed, with terminator.
    static NTSTATUS NTAPI ipv4_text_ex(const Ipv4* address, USHORT port, C* text, PULONG size);
    static NTSTATUS NTAPI ipv6_text_ex(const Ipv6* address, ULONG scope, USHORT port, C* text, PULONG size);
    // `end` receives where the address ended, or where it went wrong.
    static NTSTATUS NTAPI ipv4_of(const C* text, BOOLEAN strict, const C** end, Ipv4* address);
    static NTSTATUS NTAPI ipv6_of(const C* text, const C** end, Ipv6* address);
    static NTSTATUS NTAPI ethernet_of(const C* text, const C** end, Ethernet* address);
    // The whole text, with an optional port (and scope).
    static NTSTATUS NTAPI ipv4_of_ex(const C* text, BOOLEAN strict, Ipv4* address, PUSHORT port);
    static NTSTATUS NTAPI ipv6_of_ex(const C* text, Ipv6* address, PULONG scope, PUSHORT port);
};
extern template struct NetAddress<char>;
extern template struct NetAddress<WCHAR>;

}  // namespace ndiskit::nt
