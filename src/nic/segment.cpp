#include "nic/segment.h"

#include <map>

#include "nt/abi.h"

namespace ndiskit::nic {

void Segment::plug(Port& port) {
    ports_.with([&](auto& ports) { ports.push_back(&port); });
}

void Segment::unplug(Port& port) {
    ports_.with([&](auto& ports) { std::erase(ports, &port); });
}

// At DISPATCH_LEVEL, so that a DPC that a port queues runs when the lock is free again.
void Segment::send(const Port* sender, std::span<const iovec> pieces, const wire::Offload& offload) {
    const KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
    ports_.with([&](auto& ports) {
        for (Port* port : ports)
            if (port != sender || loopback_) port->deliver(pieces, offload);
    });
    KeLowerIrql(irql);
}

Segment& segment(const std::string& name) {
    static Guarded<std::map<std::string, std::unique_ptr<Segment>>, LockRank::setup> segments;
    return segments.with([&](auto& all) -> Segment& {
        auto& entry = all[name];
        if (!entry) entry = std::make_unique<Segment>(name);
        return *entry;
    });
}

void Probe::send(std::span<const uint8_t> frame, const wire::Offload& offload) {
    const iovec whole{const_cast<uint8_t*>(frame.data()), frame.size()};
    segment_.send(this, {&whole, 1}, offload);
}

std::vector<std::vector<uint8_t>> Probe::take() {
    return heard_.with([](auto& heard) { return std::exchange(heard, {}); });
}

void Probe::deliver(std::span<const iovec> pieces, const wire::Offload&) {
    std::vector<uint8_t> frame;
    for (const iovec& piece : pieces) {
        const auto* bytes = static_cast<const uint8_t*>(piece.iov_base);
        frame.insert(frame.end(), bytes, bytes + piece.iov_len);
    }
    heard_.with([&](auto& heard) { heard.push_back(std::move(frame)); });
}

}  // namespace ndiskit::nic
