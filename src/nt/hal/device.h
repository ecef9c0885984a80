// Simulated PCI devices: configuration space, base address registers, interrupts. A model derives from
// Device, says what it is in the constructor, and answers reads and writes of its registers; it reaches the
// memory of drivers by the addresses that they give it, which are addresses of the process. The bus (bus.h)
// finds devices for drivers.
//
// Registers are called by the driver's thread, at any IRQL, inside its access; several threads may call at
// once. A model keeps its state behind a lock of rank nt_device or lower in number, and raises interrupts and
// lowers its line outside of it (hold_line excepted), since serving an interrupt calls the driver, which
// comes back to the registers.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "nt/abi.h"
#include "nt/hal/vector.h"

namespace ndiskit::nt::hal {

struct PciIdentity {
    uint16_t vendor = 0, device = 0;
    uint16_t subsystem_vendor = 0, subsystem = 0;
    uint32_t class_code = 0x020000;  // an Ethernet controller
    uint8_t revision = 0;
};

enum class BarKind : uint8_t {
    none,
    registers,  // each access calls the model
    memory,     // plain memory, which driver and model share
    ports,      // I/O ports; each access calls the model
};
struct BarLayout {
    BarKind kind = BarKind::none;
    uint32_t size = 0;  // a power of two; registers and memory from a page on
};
constexpr unsigned bar_count = 6;

struct PciLayout {
    PciIdentity identity;
    std::array<BarLayout, bar_count> bars{};
    unsigned messages = 0;      // entries of the MSI-X table; 0: the line only
    unsigned messages_bar = 0;  // in which BAR table and pending bits lie, at its beginning
};

class Device {
  public:
    explicit Device(const PciLayout& layout);
    virtual ~Device();
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    // Registers; `size` is 1, 2, 4 or 8, and the access lies in the BAR.
    virtual uint64_t read(unsigned bar, uint32_t offset, unsigned size) = 0;
    virtual void write(unsigned bar, uint32_t offset, unsigned size, uint64_t value) = 0;
    // Its driver is gone, or the power was off: back to how it was at first. PASSIVE_LEVEL.
    virtual void reset() {}

    // Configuration space; what lies beyond its end reads as nothing. Returns the bytes read or written.
    ULONG read_config(ULONG offset, void* buffer, ULONG length) const;
    ULONG write_config(ULONG offset, const void* buffer, ULONG length);
    // What each BAR answered when it was asked for its size.
    std::array<ULONG, bar_count> probed_bars() const;

    struct Bar {
        BarKind kind = BarKind::none;
        uint32_t size = 0;
        uint64_t address = 0;  // of the process, or number of the first port
    };
    const std::array<Bar, bar_count>& bars() const { return bars_; }
    uint32_t slot() const { return slot_; }

    // Interrupts that the bus gave to the device.
    Vector& line() { return *line_; }
    // Messages; none when the device has none or is to use its line.
    const std::vector<std::unique_ptr<Vector>>& messages() const { return messages_; }
    // Uses the line instead of messages; before a driver starts.
    void use_line();

    // The MSI-X table.
    bool map_message(ULONG entry, ULONG message);  // false: no such entry or message
    bool mask_message(ULONG entry, bool masked);

    // The resources, as the PnP manager hands them to the driver.
    const CM_RESOURCE_LIST* raw_resources() const { return as_list(raw_); }
    const CM_RESOURCE_LIST* translated_resources() const { return as_list(translated_); }

  protected:
    // For models. A capability, without its first two bytes (id, link), is put behind those that are there.
    void add_capability(uint8_t id, std::span<const uint8_t> body);
    // Any IRQL; no lock of the kit is held.
    void raise_message(ULONG entry);
    // The line, in two steps: hold_line says whether the device holds it and may be called with the model's
    // lock, so that it always agrees with the model's registers; announce_line lets it be served, outside of
    // the lock.
    void hold_line(bool held);
    void announce_line();

  private:
    friend void place_on_bus(Device& device, uint32_t slot);
    static constexpr size_t config_size = 256;

    struct Config {
        std::array<uint8_t, config_size> bytes{};
        std::array<uint8_t, config_size> writable{};
    };
    struct TableEntry {
        ULONG message = 0;
        bool masked = false;
        bool pending = false;
    };
    struct Interrupts {
        std::vector<TableEntry> table;
        bool held = false;
    };

    static const CM_RESOURCE_LIST* as_list(const std::vector<uint64_t>& bytes) {
        return reinterpret_cast<const CM_RESOURCE_LIST*>(bytes.data());
    }
    void fill_config();
    void build_resources();

    const PciLayout layout_;
    std::array<Bar, bar_count> bars_{};
    uint32_t slot_ = 0;
    uint8_t last_capability_ = 0;
    uint8_t next_capability_ = 0x40;
    Vector* line_ = nullptr;
    std::vector<std::unique_ptr<Vector>> messages_;
    std::vector<uint64_t> raw_, translated_;
    mutable Guarded<Config, LockRank::nt_device> config_;
    Guarded<Interrupts, LockRank::nt_device> interrupts_;
};

}  // namespace ndiskit::nt::hal
