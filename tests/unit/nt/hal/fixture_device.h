// A device with four registers of 32 bits that remember, one that counts reads, ports, and interrupts on
// demand.
#pragma once

#include <atomic>
#include <cstring>

#include "nt/hal/bus.h"

namespace ndiskit::nt::hal::fixture {

class Card final : public Device {
  public:
    explicit Card(unsigned messages = 0) : Device(layout(messages)) {}

    uint64_t read(unsigned bar, uint32_t offset, unsigned size) override {
        last_size = size;
        if (bar == 0 && offset == 0x100) return ++reads;
        uint64_t value = 0;
        std::memcpy(&value, memory + bar * 64 + offset, size);
        return value;
    }
    void write(unsigned bar, uint32_t offset, unsigned size, uint64_t value) override {
        last_size = size;
        ++writes;
        std::memcpy(memory + bar * 64 + offset, &value, size);
    }

    void interrupt(ULONG entry) { raise_message(entry); }
    void set_line(bool held) {
        hold_line(held);
        announce_line();
    }

    uint8_t memory[256] = {};
    std::atomic<uint64_t> reads = 0;
    int writes = 0;
    unsigned last_size = 0;

  private:
    static PciLayout layout(unsigned messages) {
        PciLayout l;
        l.identity = {.vendor = 0x1234, .device = 0x5678, .revision = 3};
        l.bars[0] = {BarKind::registers, 4096};
        l.bars[1] = {BarKind::ports, 32};
        l.bars[2] = {BarKind::memory, 8192};
        l.messages = messages;
        l.messages_bar = 2;
        return l;
    }
};

inline Card& plug_card(const std::string& instance, unsigned messages = 0) {
    return static_cast<Card&>(plug(instance, std::make_unique<Card>(messages)));
}

}  // namespace ndiskit::nt::hal::fixture
