// A program that sends and receives frames through a protocol driver's control device, as programs on Windows
// do, and the life that it and its driver are put through on sim: frames both ways while the stack is paused,
// put to sleep, unbound, and while the program comes and goes.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <cstring>
#include <string>
#include <vector>

#include "client/device.h"
#include "engine/engine.h"
#include "ndis/library.h"
#include "nic/segment.h"
#include "nt/abi.h"
#include "nt/ke/thread.h"
#include "setup/machine.h"
#include "user_io/in_process.h"
#include "wire/interface.h"

namespace ndiskit::test {

// What differs from driver to driver.
struct PacketDriver {
    std::string image, service, device;
    uint16_t ether_type;
    uint32_t open, query_oid, query_binding, bind_wait;  // control codes
};

using Frame = std::vector<uint8_t>;
using client::Completion;

class PacketProgram {
  public:
    PacketProgram(const PacketDriver& driver, client::Machine machine)
        : driver_(driver), machine_(std::move(machine)), device_(machine_.open(driver.device)) {}

    bool is_open() const { return device_.has_value(); }
    client::Device& device() { return *device_; }

    bool wait_for_bindings() { return device_->control(driver_.bind_wait).good(); }

    // Device names of the adapters that the driver is bound to.
    std::vector<std::u16string> bindings() {
        std::vector<std::u16string> names;
        for (uint32_t index = 0;; ++index) {
            // index, name's offset and length, description's offset and length
            std::vector<uint8_t> answer(1024);
            uint32_t head[5] = {index, 0, 0, 0, 0};
            std::memcpy(answer.data(), head, sizeof head);
            const Completion done = device_->control(driver_.query_binding, answer, answer);
            if (!done.good()) return names;
            std::memcpy(head, answer.data(), sizeof head);
            std::u16string name(head[2] / 2, u'\0');
            std::memcpy(name.data(), answer.data() + head[1], head[2]);
            while (!name.empty() && name.back() == 0) name.pop_back();
            names.push_back(name);
        }
    }

    Completion attach(const std::u16string& adapter) {
        const Completion done = device_->control(
            driver_.open,
            {reinterpret_cast<const uint8_t*>(adapter.data()), adapter.size() * sizeof(char16_t)});
        if (!done.good()) return done;
        constexpr uint32_t current_address = 0x01010102;  // OID_802_3_CURRENT_ADDRESS, port 0
        std::vector<uint8_t> query(14);
        std::memcpy(query.data(), &current_address, 4);
        const Completion asked = device_->control(driver_.query_oid, query, query);
        if (asked.good()) std::memcpy(mac_.data(), query.data() + 8, 6);
        return asked;
    }

    const wire::MacAddress& mac() const { return mac_; }
    Frame make_frame(const wire::MacAddress& to, const wire::MacAddress& from, uint32_t number,
                     size_t size) const {
        Frame frame(to.begin(), to.end());
        frame.insert(frame.end(), from.begin(), from.end());
        frame.push_back(static_cast<uint8_t>(driver_.ether_type >> 8));
        frame.push_back(static_cast<uint8_t>(driver_.ether_type));
        while (frame.size() < size) frame.push_back(static_cast<uint8_t>(frame.size() * 7 + number));
        return frame;
    }
    bool is_whole(const Frame& frame) const {
        if (frame.size() < 15 || frame[12] != driver_.ether_type >> 8 ||
            frame[13] != (driver_.ether_type & 0xFF))
            return false;
        for (size_t i = 14; i < frame.size(); ++i)
            if (static_cast<uint8_t>(frame[i] - i * 7) != static_cast<uint8_t>(frame[14] - 14 * 7))
                return false;
        return true;
    }

  private:
    const PacketDriver& driver_;
    client::Machine machine_;
    std::expected<client::Device, int32_t> device_;
    wire::MacAddress mac_{};
};

// ---- The life on sim

inline constexpr wire::MacAddress packet_peer = {2, 9, 9, 9, 9, 9};

inline void nap(uint64_t most = 20000) {
    LARGE_INTEGER time;
    time.QuadPart = -static_cast<int64_t>(1 + engine::the().draw(most));
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

class PacketLife {
  public:
    explicit PacketLife(const PacketDriver& driver) : driver_(driver) {}

    static setup::Description description(const PacketDriver& driver) {
        setup::Description machine;
        machine.nics.push_back({.name = "lan", .type = "memory", .interface = "hub", .offload = false});
        machine.drivers.push_back({.name = "packets",
                                   .image = driver.image,
                                   .kind = setup::DriverKind::protocol,
                                   .protocol_service = driver.service,
                                   .over = {"lan"}});
        machine.transports.push_back({.name = "host", .type = "memory", .over = "lan", .interface = "host"});
        return machine;
    }

    Result<> live() {
        nic::Probe probe(nic::segment("hub"));
        for (uint64_t lives = 1 + engine::the().draw(2); lives > 0; --lives) TRY(one_program(probe));
        return {};
    }

  private:
    std::unique_ptr<PacketProgram> start_program() {
        auto machine = client::Machine::over(user_io::in_process_link(client::Account::system, &stuck_));
        return std::make_unique<PacketProgram>(driver_, std::move(*machine));
    }

    Result<> one_program(nic::Probe& probe) {
        auto program = start_program();
        if (!program->is_open()) return fail("the device does not open");
        if (!program->wait_for_bindings()) return fail("the driver is not told that bindings are complete");
        const auto bindings = program->bindings();
        if (bindings.size() != 1) return fail(fmt::format("{} bindings", bindings.size()));
        if (const Completion done = program->attach(bindings[0]); !done.good())
            return fail("cannot attach: " + client::status_text(done.status));
        stop_ = false;
        auto wire = nt::Thread::start("wire", [&] { send_from_wire(probe, *program); });
        auto reader = nt::Thread::start("reader", [&] { read(*program); });
        auto writer = nt::Thread::start("writer", [&] { write(*program); });
        Result<> result;
        for (uint64_t i = engine::the().draw(4); i > 0 && result; --i) {
            nap();
            result = disaster();
        }
        writer.join();
        // With reads on their way, or after them.
        const bool unbinds = engine::the().draw(2) == 0;
        if (unbinds && result) result = unbind_and_bind();
        if (engine::the().draw(2) == 0) program->device().cancel_all();
        stop_ = true;
        wire.join();
        program->device().cancel_all();
        reader.join();
        if (!damaged_.empty()) return fail(damaged_);
        if (result && !unbinds) result = check_flow(*program, probe);
        if (engine::the().draw(2) == 0) program->device().close();
        program.reset();
        if (!stuck_.empty()) return fail(stuck_[0]);
        return result;
    }

    void send_from_wire(nic::Probe& probe, PacketProgram& program) {
        for (uint32_t number = 0; !stop_; ++number) {
            probe.send(program.make_frame(program.mac(), packet_peer, number, 60 + engine::the().draw(1400)));
            nap();
        }
    }

    // Several reads on their way at once, waited for in order.
    void read(PacketProgram& program) {
        std::vector<Frame> buffers(1 + engine::the().draw(4), Frame(1514));
        std::vector<client::Request> reads(buffers.size());
        while (!stop_) {
            for (size_t i = 0; i < buffers.size(); ++i) reads[i] = program.device().begin_read(buffers[i]);
            for (size_t i = 0; i < buffers.size(); ++i) {
                if (!reads[i].wait_for(client::Milliseconds(2)) && (stop_ || engine::the().draw(8) == 0))
                    reads[i].cancel();
                if (stop_) reads[i].cancel();
                const Completion done =
                    reads[i].wait_for(client::Milliseconds(50)).value_or(Completion{-1, 0});
                if (done.status == -1) reads[i].cancel();
                const Completion ended = reads[i].wait();
                if (!ended.good() || ended.bytes == 0) continue;
                if (!program.is_whole(
                        {buffers[i].begin(), buffers[i].begin() + static_cast<ptrdiff_t>(ended.bytes)}))
                    damaged_ = "a frame was damaged on its way up";
            }
            nap(2000);
        }
    }

    void write(PacketProgram& program) {
        for (uint32_t round = 0; round < 10; ++round) {
            std::vector<Frame> frames(1 + engine::the().draw(4));
            std::vector<client::Request> writes;
            for (Frame& frame : frames) {
                frame = program.make_frame(packet_peer, program.mac(), round, 60 + engine::the().draw(1400));
                writes.push_back(program.device().begin_write(frame));
            }
            for (client::Request& write : writes) write.wait();
            nap();
        }
    }

    static std::u16string adapter() {
        const std::string guid = ndis::adapters().at(0).guid;
        return {guid.begin(), guid.end()};
    }

    Result<> disaster() {
        if (engine::the().draw(2) == 0) {
            TRY(ndis::pause_adapter(adapter()));
            nap();
            TRY(ndis::restart_adapter(adapter()));
        } else {
            TRY(ndis::sleep_system());
            nap();
            ndis::wake_system();
        }
        return {};
    }

    Result<> unbind_and_bind() {
        const std::u16string service(driver_.service.begin(), driver_.service.end());
        TRY(ndis::unbind(service, adapter()));
        nap();
        TRY(ndis::bind(service, adapter()));
        return {};
    }

    // One frame each way, now that all is quiet.
    Result<> check_flow(PacketProgram& program, nic::Probe& probe) {
        probe.take();
        const Frame out = program.make_frame(packet_peer, program.mac(), 1, 100);
        if (const Completion done = program.device().write(out); !done.good())
            return fail("a quiet driver refuses to send: " + client::status_text(done.status));
        for (int i = 0; i < 4; ++i) nap();
        if (probe.take() != std::vector<Frame>{out}) return fail("the frame did not reach the wire");
        Frame buffer(1514);
        // What came before.
        while (program.device().read(buffer, client::Milliseconds(5)).good()) continue;
        const Frame in = program.make_frame(program.mac(), packet_peer, 2, 200);
        auto read = program.device().begin_read(buffer);
        probe.send(in);
        const auto done = read.wait_for(client::Milliseconds(100));
        if (!done || !done->good() || done->bytes != in.size()) return fail("the frame did not come up");
        if (!std::equal(in.begin(), in.end(), buffer.begin())) return fail("the frame came up damaged");
        return {};
    }

    const PacketDriver& driver_;
    std::atomic<bool> stop_ = false;
    std::string damaged_;
    std::vector<std::string> stuck_;
};

}  // namespace ndiskit::test
