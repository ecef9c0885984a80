// A network device as virtio 1.2 specifies it, on PCI: what drivers of hardware are tested against. One pair
// of queues, MSI-X or the line, MAC, link and MTU in the device configuration; no offloads. Any driver for
// such a device will do, also one that was written for another hypervisor.
//
// Registers (BAR 0) are answered in the driver's thread; frames are moved by a thread of the device's own,
// which a notification or an arriving frame wakes, so that sends are completed and receives arrive while the
// driver does something else, as with real hardware.
// https://docs.oasis-open.org/virtio/virtio/v1.2/virtio-v1.2.html (5.1 Network Device, 4.1 Virtio Over PCI
// Bus)
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <vector>

#include "base/guarded.h"
#include "nic/device/cable.h"
#include "nic/device/virtqueue.h"
#include "nt/hal/device.h"
#include "nt/ke/thread.h"
#include "wire/interface.h"

namespace ndiskit::nic {

class VirtioNet final : public nt::hal::Device {
  public:
    struct Options {
        wire::MacAddress mac{};
        uint16_t mtu = 1500;
    };
    VirtioNet(const Options& options, std::unique_ptr<Cable> cable);
    ~VirtioNet() override;

    // Plugs the cable in and starts the device's thread. PASSIVE_LEVEL.
    Result<> start();

    uint64_t read(unsigned bar, uint32_t offset, unsigned size) override;
    void write(unsigned bar, uint32_t offset, unsigned size, uint64_t value) override;
    void reset() override;

    // For tests: pulls the cable, or puts it back; the driver is told by a configuration interrupt.
    void set_link(bool up);

    struct Counters {
        uint64_t sent = 0;
        uint64_t received = 0;
        uint64_t dropped = 0;  // no buffer of the driver's, or not started
    };
    Counters counters() const;

  private:
    enum Queue : unsigned { receive_queue, transmit_queue, queue_count };
    using Frame = std::vector<uint8_t>;

    struct State {
        uint32_t device_feature_select = 0, driver_feature_select = 0;
        uint64_t driver_features = 0;
        uint8_t status = 0;
        uint8_t generation = 0;
        uint16_t config_message = no_message;
        uint16_t queue_select = 0;
        uint8_t isr = 0;
        bool link_up = true;
        std::array<Virtqueue, queue_count> queues;
        std::deque<Frame> arrived;
        Counters counters;
    };
    // What the driver is to be told of when the lock is free.
    struct Interrupt {
        bool wanted = false;
        uint16_t message = no_message;
    };

    uint64_t read_common(const State& state, uint32_t offset) const;
    void write_common(State& state, uint32_t offset, unsigned size, uint64_t value);
    uint64_t read_configuration(const State& state, uint32_t offset, unsigned size) const;
    Virtqueue* selected(State& state) const;
    void set_status(State& state, uint8_t status);

    void arrive(std::span<const uint8_t> frame);
    void run();
    void wake();
    // Each moves one frame; false when there is none to move.
    bool transmit_one();
    bool receive_one();
    Interrupt finish(State& state, Virtqueue& queue);
    Interrupt report_broken(State& state);
    // Adds to the ISR status, or clears it with 0; the line follows it.
    void set_isr(State& state, uint8_t bits);
    void interrupt(const Interrupt& interrupt);

    const Options options_;
    const std::unique_ptr<Cable> cable_;
    mutable Guarded<State, LockRank::nic> state_;
    std::atomic<engine::Task*> task_ = nullptr;
    std::atomic<bool> stopping_ = false;
    nt::Thread thread_;
    bool started_ = false;
};

}  // namespace ndiskit::nic
