// The top of a driver stack as the data path sees it: which bindings take what the adapter indicates. A Route never
// changes; a change of bindings, of their states or of packet filters publishes a new one, and the old one is freed
// after a grace period.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "ndis/abi.h"

namespace ndiskit::ndis {

class Binding;

using MacAddress = std::array<uint8_t, 6>;

struct Listener {
    Binding* binding = nullptr;
    uint32_t packet_filter = 0;
    std::vector<MacAddress> multicast;
    bool takes_receives = false;  // runs (or pauses) and has a packet filter where the medium has them
};

struct Route {
    // Every open binding, in order of opening; those that take receives are also `only` or stand among them.
    std::vector<Listener> listeners;
    // The one binding that is open, when it takes receives whole; null otherwise.
    Binding* only = nullptr;
    // The one binding that is open, for send completions; null when there are several or none.
    Binding* only_sender = nullptr;
    bool filters_packets = false;  // Ethernet: packet filters decide
    // Some binding wants what is sent on this machine: NDIS_PACKET_TYPE_PROMISCUOUS or _ALL_LOCAL.
    bool wants_local = false;
    // And there is another binding, whose frames it is shown.
    bool loops_back = false;
    MacAddress address{};
    std::vector<NDIS_PORT_NUMBER> active_ports;  // a port that is not among them carries nothing

    bool carries(NDIS_PORT_NUMBER port) const {
        for (const NDIS_PORT_NUMBER active : active_ports)
            if (active == port) return true;
        return false;
    }

    // Whether `listener` is shown a looped frame of `sender`, which has asked for its own frames or not.
    bool shows(const Listener& listener, const void* sender, bool asked) const {
        if (listener.binding == sender) return asked;
        return wants_local && !(listener.packet_filter & NDIS_PACKET_TYPE_NO_LOCAL);
    }

    // What `listener` takes of a frame that goes to `destination`.
    bool takes(const Listener& listener, const std::optional<MacAddress>& frame_destination) const;
};

}  // namespace ndiskit::ndis
