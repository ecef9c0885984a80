// A miniport driver for hardware, virtnic.sys, over the simulated virtio-net device: on sim under many seeds,
// with messages and with the line, and on live; frames both ways beside pauses, sleep, a pulled cable and
// removal.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>

#include "engine/engine.h"
#include "ndis/library.h"
#include "nic/device/virtio_net.h"
#include "nic/segment.h"
#include "nt/hal/bus.h"
#include "nt/ke/thread.h"
#include "setup/network_configuration.h"
#include "setup/seeds.h"
#include "transport/memory_endpoint.h"

namespace ndiskit::setup {
namespace {

using Frame = std::vector<uint8_t>;
using transport::MemoryEndpoint;

constexpr wire::MacAddress peer = {2, 9, 9, 9, 9, 9};

Description one_card(bool line) {
    Description description;
    description.drivers.push_back({.name = "virtnic",
                                   .image = NDISKIT_BUILD_DIR "/drivers/virtnic.sys",
                                   .kind = DriverKind::miniport,
                                   .miniport_service = "virtnic"});
    description.nics.push_back({.name = "card",
                                .type = "memory",
                                .driver = "virtnic",
                                .device = "virtio-net",
                                .line_interrupt = line,
                                .interface = "hub"});
    description.transports.push_back({.name = "host", .type = "memory", .over = "card", .interface = "host"});
    return description;
}

Frame make_frame(const wire::MacAddress& to, const wire::MacAddress& from, uint8_t number) {
    Frame frame(to.begin(), to.end());
    frame.insert(frame.end(), from.begin(), from.end());
    frame.insert(frame.end(), {0x88, 0xb5, number});
    const size_t size = 60 + engine::the().draw(1440);
    while (frame.size() < size) frame.push_back(static_cast<uint8_t>(frame.size() * 5 + number));
    return frame;
}

void nap() {
    LARGE_INTEGER time{.QuadPart = -static_cast<int64_t>(1 + engine::the().draw(10000))};
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

// What came up or down, once as many frames are there as are waited for.
template <class Source>
std::vector<Frame> wait_for_frames(Source& source, size_t count) {
    std::vector<Frame> all;
    for (int i = 0; i < 500 && all.size() < count; ++i) {
        nap();
        for (Frame& frame : source.take()) all.push_back(std::move(frame));
    }
    return all;
}

Result<> check_flow(nic::Probe& probe) {
    MemoryEndpoint* host = transport::find_memory_endpoint("host");
    if (!host) return fail("the transport is not bound");
    host->take();
    probe.take();
    std::vector<Frame> frames;
    for (uint8_t i = 0; i < 100; ++i) frames.push_back(make_frame(peer, host->mac(), i));
    if (host->send(frames) != frames.size()) return fail("a quiet binding refuses to send");
    if (wait_for_frames(probe, frames.size()) != frames)
        return fail("frames did not reach the wire as they were sent");
    frames.clear();
    for (uint8_t i = 0; i < 40; ++i) frames.push_back(make_frame(host->mac(), peer, i));
    for (const Frame& frame : frames) probe.send(frame);
    if (wait_for_frames(*host, frames.size()) != frames)
        return fail("frames did not come up as they were sent");
    return {};
}

std::u16string card_guid(const Description& description) {
    const std::string guid = adapter_guid(description, "card");
    return {guid.begin(), guid.end()};
}

Result<> one_disaster(const std::u16string& card) {
    if (engine::the().draw(2) == 0) {
        TRY(ndis::pause_adapter(card));
        nap();
        return ndis::restart_adapter(card);
    }
    TRY(ndis::sleep_system());
    nap();
    ndis::wake_system();
    return {};
}

// Beside frames that arrive; nobody sends, since the transport's endpoint goes, too.
Result<> remove_and_start(const std::u16string& card) {
    TRY(engine::the().draw(2) ? ndis::surprise_remove_adapter(card) : ndis::remove_adapter(card));
    nap();
    return ndis::start_adapter(card);
}

Result<> live_through(Machine& machine) {
    nic::Probe probe(nic::segment("hub"));
    TRY(check_flow(probe));
    std::atomic<bool> stop = false;
    auto wire = nt::Thread::start("wire", [&] {
        for (uint8_t i = 0; !stop; ++i, nap()) probe.send(make_frame(peer, peer, i));
    });
    auto host = nt::Thread::start("host", [&] {
        for (uint8_t i = 0; i < 20; ++i, nap())
            if (MemoryEndpoint* endpoint = transport::find_memory_endpoint("host"))
                endpoint->send(
                    std::vector<Frame>(1 + engine::the().draw(80), make_frame(peer, endpoint->mac(), i)));
    });
    Result<> result;
    for (uint64_t i = engine::the().draw(3); i > 0 && result; --i) {
        nap();
        result = one_disaster(card_guid(machine.description()));
    }
    host.join();
    if (result) result = remove_and_start(card_guid(machine.description()));
    stop = true;
    wire.join();
    for (int i = 0; i < 50; ++i) nap();
    return result ? check_flow(probe) : result;
}

void expect_good(bool line) {
    const auto results = run_seeds(one_card(line), {.first = 1, .count = 60, .jobs = 2}, live_through);
    ASSERT_TRUE(results.has_value()) << results.error().text();
    for (const SeedResult& result : *results)
        EXPECT_TRUE(result.good()) << "seed " << result.seed << ": " << result.failure;
}

TEST(DeviceLife, WithMessagesOnSim) { expect_good(false); }
TEST(DeviceLife, WithTheLineOnSim) { expect_good(true); }

void on_live(bool line, Result<> (*body)(Machine&)) {
    const Description description = one_card(line);
    run_machine(description, {.sim = false}, [&](Machine& machine) {
        Result<> result = machine.start();
        if (result) result = body(machine);
        EXPECT_TRUE(result.has_value()) << result.error().text();
        for (const std::string& leak : machine.stop()) ADD_FAILURE() << leak;
    });
}

TEST(DeviceLife, WithMessagesOnLive) { on_live(false, live_through); }
TEST(DeviceLife, WithTheLineOnLive) { on_live(true, live_through); }

bool link_is_up() {
    const auto views = ndis::adapters();
    return !views.empty() && views.front().link_up;
}

TEST(DeviceLife, APulledCableIsALinkThatIsDown) {
    on_live(false, [](Machine& machine) -> Result<> {
        auto* device = static_cast<nic::VirtioNet*>(
            nt::hal::find_device(device_instance(machine.description(), machine.description().nics.front())));
        if (!device) return fail("there is no device");
        EXPECT_TRUE(link_is_up());
        device->set_link(false);
        for (int i = 0; i < 500 && link_is_up(); ++i) nap();
        EXPECT_FALSE(link_is_up());
        device->set_link(true);
        for (int i = 0; i < 500 && !link_is_up(); ++i) nap();
        EXPECT_TRUE(link_is_up());
        return {};
    });
}

}  // namespace
}  // namespace ndiskit::setup
