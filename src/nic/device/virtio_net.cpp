// The frames' way through the device; its registers are in virtio_net_registers.cpp.
#include "nic/device/virtio_net.h"

#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "engine/engine.h"
#include "nic/device/virtio_registers.h"

namespace ndiskit::nic {
namespace {

constexpr size_t header_size = 12;  // struct virtio_net_hdr with num_buffers
constexpr size_t most_arrived = 1024;
constexpr size_t longest_frame = 65536;

nt::hal::PciLayout layout() {
    nt::hal::PciLayout pci;
    pci.identity = {
        .vendor = 0x1af4, .device = 0x1041, .subsystem_vendor = 0x1af4, .subsystem = 0x1100, .revision = 1};
    pci.bars[virtio_bar] = {nt::hal::BarKind::registers, virtio_bar_size};
    pci.bars[messages_bar] = {nt::hal::BarKind::memory, 4096};
    pci.messages = 3;
    pci.messages_bar = messages_bar;
    return pci;
}

uint32_t room_for_device(const Virtqueue::Chain& chain) {
    uint32_t room = 0;
    for (const auto& piece : chain.pieces)
        if (piece.device_writes) room += piece.length;
    return room;
}

void scatter(const Virtqueue::Chain& chain, std::span<const uint8_t> bytes) {
    for (const auto& piece : chain.pieces) {
        if (!piece.device_writes || bytes.empty()) continue;
        const size_t count = std::min<size_t>(piece.length, bytes.size());
        std::memcpy(piece.address, bytes.data(), count);
        bytes = bytes.subspan(count);
    }
}

}  // namespace

VirtioNet::VirtioNet(const Options& options, std::unique_ptr<Cable> cable)
    : Device(layout()), options_(options), cable_(std::move(cable)) {}

VirtioNet::~VirtioNet() {
    if (!started_) return;
    cable_->unplug();
    stopping_.store(true);
    wake();
    thread_.join();
}

Result<> VirtioNet::start() {
    for (const VirtioCapability& capability : virtio_capabilities()) add_capability(0x09, capability.body);
    TRY(cable_->plug([this](std::span<const uint8_t> frame) { arrive(frame); }));
    thread_ = nt::Thread::start("virtio-net", [this] { run(); });
    started_ = true;
    return {};
}

void VirtioNet::run() {
    task_.store(&engine::the().current());
    while (!stopping_.load()) {
        const bool sent = transmit_one(), received = receive_one();
        if (!sent && !received) engine::the().park(engine::never);
    }
}

void VirtioNet::wake() {
    if (engine::Task* task = task_.load()) engine::the().unpark(*task);
}

// In the context of whoever sends on the cable, who holds its lock.
void VirtioNet::arrive(std::span<const uint8_t> frame) {
    Frame copy(frame.begin(), frame.end());
    const bool taken = state_.with([&](State& state) {
        const bool ready =
            (state.status & status_driver_ok) && state.link_up && state.arrived.size() < most_arrived;
        if (ready)
            state.arrived.push_back(std::move(copy));
        else
            ++state.counters.dropped;
        return ready;
    });
    if (taken) wake();
}

VirtioNet::Interrupt VirtioNet::finish(State& state, Virtqueue& queue) {
    if (!queue.wants_interrupt()) return {};
    if (messages().empty()) set_isr(state, isr_queue);
    return {.wanted = true, .message = queue.message};
}

VirtioNet::Interrupt VirtioNet::report_broken(State& state) {
    if (state.status & status_needs_reset) return {};
    log_error("virtio-net",
              "the driver gave the device an address that is no memory, or a chain without an end; "
              "the device waits for a reset");
    state.status |= status_needs_reset;
    set_isr(state, isr_configuration);
    return {.wanted = true, .message = state.config_message};
}

void VirtioNet::set_isr(State& state, uint8_t bits) {
    state.isr = bits ? state.isr | bits : 0;
    if (messages().empty()) hold_line(state.isr != 0);
}

bool VirtioNet::transmit_one() {
    Frame frame;
    Interrupt told;
    const bool found = state_.with([&](State& state) {
        if (!(state.status & status_driver_ok)) return false;
        Virtqueue& queue = state.queues[transmit_queue];
        const auto chain = queue.take();
        if (!chain) {
            if (queue.broken()) told = report_broken(state);
            return false;
        }
        for (const auto& piece : chain->pieces)
            if (!piece.device_writes && frame.size() + piece.length <= longest_frame)
                frame.insert(frame.end(), piece.address, piece.address + piece.length);
        queue.give_back(*chain, 0);
        ++state.counters.sent;
        told = finish(state, queue);
        return true;
    });
    if (frame.size() > header_size) cable_->send(std::span<const uint8_t>(frame).subspan(header_size));
    interrupt(told);
    return found;
}

bool VirtioNet::receive_one() {
    Interrupt told;
    const bool found = state_.with([&](State& state) {
        if (!(state.status & status_driver_ok) || state.arrived.empty()) return false;
        const Frame frame = std::move(state.arrived.front());
        state.arrived.pop_front();
        Virtqueue& queue = state.queues[receive_queue];
        const auto chain = queue.take();
        if (!chain || room_for_device(*chain) < header_size + frame.size()) {
            ++state.counters.dropped;
            if (chain) queue.give_back(*chain, 0);
            if (queue.broken()) told = report_broken(state);
            return true;
        }
        Frame bytes(header_size);
        bytes[10] = 1;  // num_buffers
        bytes.insert(bytes.end(), frame.begin(), frame.end());
        scatter(*chain, bytes);
        queue.give_back(*chain, static_cast<uint32_t>(bytes.size()));
        ++state.counters.received;
        told = finish(state, queue);
        return true;
    });
    interrupt(told);
    return found;
}

void VirtioNet::interrupt(const Interrupt& told) {
    if (!told.wanted) return;
    if (messages().empty())
        announce_line();
    else if (told.message != no_message)
        raise_message(told.message);
}

void VirtioNet::set_link(bool up) {
    const Interrupt told = state_.with([&](State& state) -> Interrupt {
        if (std::exchange(state.link_up, up) == up || !(state.status & status_driver_ok)) return {};
        ++state.generation;
        set_isr(state, isr_configuration);
        return {.wanted = true, .message = state.config_message};
    });
    interrupt(told);
}

VirtioNet::Counters VirtioNet::counters() const {
    return state_.with([](const State& state) { return state.counters; });
}

void VirtioNet::reset() {
    state_.with([this](State& state) {
        const bool link_up = state.link_up;
        const Counters counters = state.counters;
        state = State{};
        state.link_up = link_up;
        state.counters = counters;
        hold_line(false);
    });
}

}  // namespace ndiskit::nic
