// The life of a VPN's virtual adapter, tunnel.sys, on sim: IP packets between a program and the stack beside
// pauses, sleep, and bindings that come and go; then the adapter is taken away, politely or not, while the
// program still has its device open.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>

#include "client/device.h"
#include "engine/engine.h"
#include "ndis/library.h"
#include "nt/abi.h"
#include "nt/ke/thread.h"
#include "setup/seeds.h"
#include "transport/memory_endpoint.h"
#include "user_io/in_process.h"

namespace ndiskit::setup {
namespace {

using Packet = std::vector<uint8_t>;

Description one_tunnel() {
    Description description;
    description.drivers.push_back({.name = "tunnel",
                                   .image = NDISKIT_BUILD_DIR "/drivers/tunnel.sys",
                                   .kind = DriverKind::miniport,
                                   .miniport_service = "tunnel"});
    description.nics.push_back({.name = "vpn", .driver = "tunnel"});
    description.transports.push_back({.name = "host", .type = "memory", .over = "vpn", .interface = "host"});
    return description;
}

void nap() {
    LARGE_INTEGER time{.QuadPart = -static_cast<int64_t>(1 + engine::the().draw(20000))};
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

// It begins as an IPv4 header does, and its bytes follow from the third.
Packet make_packet() {
    Packet packet = {0x45, 0, static_cast<uint8_t>(engine::the().draw(256))};
    const size_t size = 20 + engine::the().draw(1401);
    while (packet.size() < size) packet.push_back(static_cast<uint8_t>(packet.size() * 5 + packet[2]));
    return packet;
}

bool is_whole(const Packet& packet) {
    if (packet.size() < 20 || packet[0] != 0x45) return false;
    for (size_t i = 3; i < packet.size(); ++i)
        if (packet[i] != static_cast<uint8_t>(i * 5 + packet[2])) return false;
    return true;
}

std::u16string adapter() {
    const std::string guid = ndis::adapters().at(0).guid;
    return {guid.begin(), guid.end()};
}

class TunnelLife {
  public:
    Result<> live() {
        auto program = client::Machine::over(user_io::in_process_link(client::Account::system, &stuck_));
        auto device = program->open("\\\\.\\KitTunnel");
        if (!device) return fail("the device does not open");
        TRY(reaches_the_driver_first(*program));
        {
            auto stack = nt::Thread::start("stack", [&] { use_stack(); });
            auto user = nt::Thread::start("program", [&] { use_device(*device); });
            Result<> result;
            for (uint64_t i = engine::the().draw(4); i > 0 && result; --i) {
                nap();
                result = disaster();
            }
            nap();
            stop_ = true;
            stack.join();
            user.join();
            if (!result) return result;
        }
        if (!damaged_.empty()) return fail(damaged_);
        TRY(check_flow(*device));
        TRY(engine::the().draw(2) ? ndis::surprise_remove_adapter(adapter())
                                  : ndis::remove_adapter(adapter()));
        Packet buffer(1500);
        if (device->write(make_packet()).good()) return fail("an adapter that is gone takes a packet");
        if (engine::the().draw(2)) device->close();
        return {};
    }
    const std::vector<std::string>& stuck() const { return stuck_; }

  private:
    // The driver stands before NDIS in its dispatch table, also for the adapter's own device.
    static Result<> reaches_the_driver_first(client::Machine& program) {
        const std::u16string guid = adapter();
        auto device = program.open("\\Device\\" + std::string(guid.begin(), guid.end()));
        if (!device) return fail("the adapter's device does not open");
        if (!device->control(client::control_code(0x22, 0x900, 0, 0)).good())
            return fail("NDIS took the driver's place in the dispatch table");
        return {};
    }

    void use_stack() {
        while (!stop_) {
            if (auto* host = transport::find_memory_endpoint("host")) {
                std::vector<Packet> packets(1 + engine::the().draw(5));
                for (Packet& packet : packets) packet = make_packet();
                host->send(packets);
                for (const Packet& packet : host->take())
                    if (!is_whole(packet)) damaged_ = "a packet was damaged on its way up";
            }
            nap();
        }
    }

    void use_device(client::Device& device) {
        while (!stop_) {
            device.write(make_packet());
            for (Packet packet; !(packet = read(device)).empty();)
                if (!is_whole(packet)) damaged_ = "a packet was damaged on its way down";
            nap();
        }
    }

    static Packet read(client::Device& device) {
        Packet buffer(1500);
        const client::Completion done = device.read(buffer);
        buffer.resize(done.good() && done.status == 0 ? done.bytes : 0);
        return buffer;
    }

    static Result<> disaster() {
        switch (engine::the().draw(3)) {
            case 0:
                TRY(ndis::pause_adapter(adapter()));
                nap();
                return ndis::restart_adapter(adapter());
            case 1:
                TRY(ndis::sleep_system());
                nap();
                ndis::wake_system();
                return {};
            default:
                return {};
        }
    }

    static Result<> check_flow(client::Device& device) {
        auto* host = transport::find_memory_endpoint("host");
        if (!host) return fail("the transport is not bound");
        while (!read(device).empty()) continue;
        host->take();
        const Packet down = make_packet(), up = make_packet();
        if (host->send({&down, 1}) != 1) return fail("a quiet binding refuses to send");
        for (int i = 0; i < 4; ++i) nap();
        if (read(device) != down) return fail("the packet did not come down");
        if (!device.write(up).good()) return fail("a quiet adapter refuses a packet");
        for (int i = 0; i < 4; ++i) nap();
        if (host->take() != std::vector<Packet>{up}) return fail("the packet did not come up");
        return {};
    }

    std::atomic<bool> stop_ = false;
    std::string damaged_;
    std::vector<std::string> stuck_;
};

TEST(TunnelLife, AHundredSeeds) {
    const auto results =
        run_seeds(one_tunnel(), {.first = 1, .count = 100, .jobs = 2}, [](Machine&) -> Result<> {
            TunnelLife life;
            TRY(life.live());
            if (!life.stuck().empty()) return fail(life.stuck()[0]);
            return {};
        });
    ASSERT_TRUE(results.has_value()) << results.error().text();
    for (const SeedResult& result : *results)
        EXPECT_TRUE(result.good()) << "seed " << result.seed << ": " << result.failure;
}

}  // namespace
}  // namespace ndiskit::setup
