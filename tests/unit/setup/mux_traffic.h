// mux.sys over a memory NIC with two virtual miniports, and what happens to it: checked frames from every
// side, and disasters in between. Used by the tests of its life, on sim and on live.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <vector>

#include "engine/engine.h"
#include "ndis/library.h"
#include "nic/segment.h"
#include "nt/abi.h"
#include "nt/ke/thread.h"
#include "setup/machine.h"
#include "transport/memory_endpoint.h"

namespace ndiskit::setup {

using transport::MemoryEndpoint;
using Frame = std::vector<uint8_t>;

constexpr wire::MacAddress peer = {2, 9, 9, 9, 9, 9};
constexpr wire::MacAddress broadcast = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

inline Description two_ports() {
    Description description;
    description.nics.push_back({.name = "lan", .type = "memory", .interface = "hub", .offload = false});
    description.drivers.push_back({.name = "mux",
                                   .image = NDISKIT_BUILD_DIR "/drivers/mux.sys",
                                   .kind = DriverKind::intermediate,
                                   .protocol_service = "ndkmux",
                                   .miniport_service = "ndkmuxmp"});
    for (const char* name : {"left", "right"}) {
        description.virtuals.push_back({.name = name, .driver = "mux", .over = {"lan"}});
        description.transports.push_back(
            {.name = std::string("host-") + name, .type = "memory", .over = name, .interface = name});
    }
    return description;
}

// A frame whose payload is a function of its length and its number, so that the receiver can check it.
inline Frame make_frame(const wire::MacAddress& to, const wire::MacAddress& from, uint32_t number) {
    Frame frame(to.begin(), to.end());
    frame.insert(frame.end(), from.begin(), from.end());
    frame.insert(frame.end(), {0x88, 0xb5});
    for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<uint8_t>(number >> shift));
    const size_t size = 60 + engine::the().draw(1440);
    while (frame.size() < size) frame.push_back(static_cast<uint8_t>(frame.size() * 7 + number));
    return frame;
}

inline bool is_whole(const Frame& frame) {
    if (frame.size() < 18 || frame[12] != 0x88 || frame[13] != 0xb5) return false;
    const uint32_t number = wire::load_be32(&frame[14]);
    for (size_t i = 18; i < frame.size(); ++i)
        if (frame[i] != static_cast<uint8_t>(i * 7 + number)) return false;
    return true;
}

inline void nap() {
    LARGE_INTEGER time;
    time.QuadPart = -static_cast<int64_t>(1 + engine::the().draw(20000));  // up to 2 ms
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

struct Tally {
    std::atomic<uint64_t> submitted = 0;
    std::atomic<bool> stop = false;
};

inline void send_from(MemoryEndpoint& endpoint, Tally& tally) {
    for (int round = 0; round < 12; ++round) {
        std::vector<Frame> frames(1 + engine::the().draw(8));
        for (Frame& frame : frames)
            frame = make_frame(engine::the().draw(4) == 0 ? broadcast : peer, endpoint.mac(), round);
        tally.submitted += endpoint.send(frames);
        nap();
    }
}

inline void send_from_wire(nic::Probe& probe, const std::vector<wire::MacAddress>& stations,
                           const Tally& tally) {
    for (uint32_t number = 0; !tally.stop; ++number) {
        const uint64_t which = engine::the().draw(stations.size() + 1);
        probe.send(make_frame(which == stations.size() ? broadcast : stations[which], peer, number));
        nap();
    }
}

inline std::u16string guid_of(bool is_virtual) {
    for (const auto& adapter : ndis::adapters())
        if (adapter.is_virtual == is_virtual) return {adapter.guid.begin(), adapter.guid.end()};
    return {};
}

inline Result<> one_disaster() {
    switch (engine::the().draw(3)) {
        case 0:
        case 1: {
            const std::u16string adapter = guid_of(engine::the().draw(2) == 0);
            TRY(ndis::pause_adapter(adapter));
            nap();
            TRY(ndis::restart_adapter(adapter));
            return {};
        }
        default:
            TRY(ndis::sleep_system());
            nap();
            ndis::wake_system();
            return {};
    }
}

inline Result<> check_frames(const char* who, const std::vector<Frame>& frames) {
    for (const Frame& frame : frames)
        if (!is_whole(frame)) return fail("a frame was damaged on its way", who);
    return {};
}

// One frame each way, now that all is quiet.
inline Result<> check_flow(nic::Probe& probe) {
    for (const char* name : {"left", "right"}) {
        MemoryEndpoint* endpoint = transport::find_memory_endpoint(name);
        if (!endpoint) return fail("the transport is not bound", name);
        endpoint->take();
        probe.take();
        const std::vector<Frame> out = {make_frame(peer, endpoint->mac(), 1)};
        if (endpoint->send(out) != 1) return fail("a quiet binding refuses to send", name);
        for (int i = 0; i < 4; ++i) nap();
        if (probe.take() != out) return fail("the frame did not reach the wire", name);
        const Frame in = make_frame(endpoint->mac(), peer, 2);
        probe.send(in);
        for (int i = 0; i < 4; ++i) nap();
        const std::vector<Frame> heard = endpoint->take();
        if (heard != std::vector<Frame>{in})
            return fail(fmt::format("{} frames came up where one was sent", heard.size()), name);
    }
    return {};
}

}  // namespace ndiskit::setup
