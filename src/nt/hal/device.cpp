#include "nt/hal/device.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>

#include "nt/hal/bus.h"
#include "nt/ke/processor.h"

namespace ndiskit::nt::hal {

namespace {

constexpr ULONG first_message_vector = 0x91, message_vectors = 0x2f;
constexpr uint8_t capability_msix = 0x11;
constexpr size_t capabilities_pointer = 0x34, interrupt_line = 0x3c, interrupt_pin = 0x3d, first_bar = 0x10;
constexpr uint8_t status_has_capabilities = 0x10;
constexpr uint32_t bar_of_ports = 1;

// Ports of devices lie from 0xC000 on, each at a multiple of its size.
uint32_t take_ports(uint32_t size) {
    static std::atomic<uint32_t> next = 0xC000;
    const uint32_t at = (next.load() + size - 1) & ~(size - 1);
    next.store(at + size);
    return at;
}

// Below 4 GB, as BARs of 32 bits must be.
uint64_t take_addresses(uint32_t size, bool plain) {
    void* const memory = mmap(nullptr, ROUND_TO_PAGES(size), plain ? PROT_READ | PROT_WRITE : PROT_NONE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_32BIT, -1, 0);
    ASSERT_THAT(memory != MAP_FAILED, "there are no addresses for the registers of a device");
    return reinterpret_cast<uint64_t>(memory);
}

void put(std::span<uint8_t> at, uint64_t value, size_t size) { std::memcpy(at.data(), &value, size); }

}  // namespace

Device::Device(const PciLayout& layout) : layout_(layout) {
    interrupts_.with([&](Interrupts& i) { i.table.resize(layout.messages); });
}

Device::~Device() {
    if (line_) hold_line(false);
    for (const Bar& bar : bars_)
        if (bar.kind == BarKind::registers || bar.kind == BarKind::memory)
            munmap(reinterpret_cast<void*>(bar.address), ROUND_TO_PAGES(bar.size));
}

void place_on_bus(Device& device, uint32_t slot) {
    device.slot_ = slot;
    device.line_ = &line_for_slot(slot);
    for (unsigned i = 0; i < bar_count; ++i) {
        const BarLayout& wanted = device.layout_.bars[i];
        if (wanted.kind == BarKind::none) continue;
        const uint64_t address = wanted.kind == BarKind::ports
                                     ? take_ports(wanted.size)
                                     : take_addresses(wanted.size, wanted.kind == BarKind::memory);
        device.bars_[i] = {wanted.kind, wanted.size, address};
    }
    for (unsigned i = 0; i < device.layout_.messages; ++i) {
        const uint32_t processor = i % ke::processor_count();
        const ULONG vector = first_message_vector + (slot * 8 + i) % message_vectors;
        device.messages_.push_back(std::make_unique<Vector>(vector, false, KAFFINITY{1} << processor));
    }
    device.interrupts_.with([](Device::Interrupts& interrupts) {
        for (ULONG i = 0; i < interrupts.table.size(); ++i) interrupts.table[i].message = i;
    });
    device.fill_config();
    device.build_resources();
}

void Device::fill_config() {
    config_.with([&](Config& config) {
        const std::span<uint8_t> bytes(config.bytes);
        const PciIdentity& id = layout_.identity;
        put(bytes.subspan(0), id.vendor, 2);
        put(bytes.subspan(2), id.device, 2);
        put(bytes.subspan(4), PCI_ENABLE_IO_SPACE | PCI_ENABLE_MEMORY_SPACE | PCI_ENABLE_BUS_MASTER, 2);
        config.bytes[8] = id.revision;
        put(bytes.subspan(9), id.class_code, 3);
        put(bytes.subspan(0x2c), id.subsystem_vendor, 2);
        put(bytes.subspan(0x2e), id.subsystem, 2);
        for (unsigned i = 0; i < bar_count; ++i) {
            const Bar& bar = bars_[i];
            const uint32_t flag = bar.kind == BarKind::ports ? bar_of_ports : 0;
            put(bytes.subspan(first_bar + 4 * i), bar.kind == BarKind::none ? 0 : bar.address | flag, 4);
        }
        config.bytes[interrupt_line] = static_cast<uint8_t>(line_->number);
        config.bytes[interrupt_pin] = 1;
        std::fill_n(config.writable.begin() + 4, 2, uint8_t{0xff});
        config.writable[interrupt_line] = 0xff;
    });
    if (layout_.messages == 0) return;
    uint8_t msix[10] = {};
    put(msix, layout_.messages - 1, 2);
    put(std::span(msix).subspan(2), layout_.messages_bar, 4);
    put(std::span(msix).subspan(6), layout_.messages * 16 | layout_.messages_bar, 4);
    add_capability(capability_msix, msix);
}

void Device::add_capability(uint8_t id, std::span<const uint8_t> body) {
    config_.with([&](Config& config) {
        const uint8_t at = next_capability_;
        ASSERT_THAT(at + 2 + body.size() <= config_size,
                    "the configuration space has no room for a capability");
        config.bytes[at] = id;
        std::ranges::copy(body, config.bytes.begin() + at + 2);
        config.bytes[last_capability_ ? last_capability_ + 1 : capabilities_pointer] = at;
        config.bytes[6] |= status_has_capabilities;
        last_capability_ = at;
        next_capability_ = static_cast<uint8_t>((at + 2 + body.size() + 3) & ~size_t{3});
    });
}

ULONG Device::read_config(ULONG offset, void* buffer, ULONG length) const {
    if (offset >= config_size) return 0;
    const ULONG count = std::min<ULONG>(length, config_size - offset);
    config_.with([&](const Config& config) { std::memcpy(buffer, config.bytes.data() + offset, count); });
    return count;
}

ULONG Device::write_config(ULONG offset, const void* buffer, ULONG length) {
    if (offset >= config_size) return 0;
    const ULONG count = std::min<ULONG>(length, config_size - offset);
    const auto* bytes = static_cast<const uint8_t*>(buffer);
    config_.with([&](Config& config) {
        for (ULONG i = 0; i < count; ++i) {
            uint8_t& at = config.bytes[offset + i];
            const uint8_t mask = config.writable[offset + i];
            at = static_cast<uint8_t>((at & ~mask) | (bytes[i] & mask));
        }
    });
    return count;
}

std::array<ULONG, bar_count> Device::probed_bars() const {
    std::array<ULONG, bar_count> probed{};
    for (unsigned i = 0; i < bar_count; ++i)
        if (bars_[i].kind != BarKind::none)
            probed[i] = ~(bars_[i].size - 1) | (bars_[i].kind == BarKind::ports ? bar_of_ports : 0);
    return probed;
}

namespace {

CM_PARTIAL_RESOURCE_DESCRIPTOR describe(const Device::Bar& bar) {
    CM_PARTIAL_RESOURCE_DESCRIPTOR d{};
    d.ShareDisposition = CmResourceShareDeviceExclusive;
    if (bar.kind == BarKind::ports) {
        d.Type = CmResourceTypePort;
        d.Flags = CM_RESOURCE_PORT_IO | CM_RESOURCE_PORT_BAR;
        d.u.Port.Start.QuadPart = static_cast<LONGLONG>(bar.address);
        d.u.Port.Length = bar.size;
    } else {
        d.Type = CmResourceTypeMemory;
        d.Flags = CM_RESOURCE_MEMORY_READ_WRITE | CM_RESOURCE_MEMORY_BAR;
        d.u.Memory.Start.QuadPart = static_cast<LONGLONG>(bar.address);
        d.u.Memory.Length = bar.size;
    }
    return d;
}

CM_PARTIAL_RESOURCE_DESCRIPTOR describe(const Vector& vector, bool translated) {
    CM_PARTIAL_RESOURCE_DESCRIPTOR d{};
    d.Type = CmResourceTypeInterrupt;
    if (vector.level) {
        d.ShareDisposition = CmResourceShareShared;
        d.Flags = CM_RESOURCE_INTERRUPT_LEVEL_SENSITIVE;
        d.u.Interrupt.Level = translated ? vector.irql : vector.number;
        d.u.Interrupt.Vector = vector.number;
        d.u.Interrupt.Affinity = vector.affinity;
        return d;
    }
    d.ShareDisposition = CmResourceShareDeviceExclusive;
    d.Flags = CM_RESOURCE_INTERRUPT_LATCHED | CM_RESOURCE_INTERRUPT_MESSAGE;
    if (translated) {
        d.u.MessageInterrupt.Translated.Level = vector.irql;
        d.u.MessageInterrupt.Translated.Vector = vector.number;
        d.u.MessageInterrupt.Translated.Affinity = vector.affinity;
    } else {
        d.u.MessageInterrupt.Raw.MessageCount = 1;
        d.u.MessageInterrupt.Raw.Vector = vector.number;
        d.u.MessageInterrupt.Raw.Affinity = vector.affinity;
    }
    return d;
}

}  // namespace

void Device::build_resources() {
    for (const bool translated : {false, true}) {
        std::vector<CM_PARTIAL_RESOURCE_DESCRIPTOR> all;
        for (const Bar& bar : bars_)
            if (bar.kind != BarKind::none) all.push_back(describe(bar));
        for (const auto& message : messages_) all.push_back(describe(*message, translated));
        if (messages_.empty()) all.push_back(describe(*line_, translated));
        const size_t size = offsetof(CM_RESOURCE_LIST, List) +
                            offsetof(CM_FULL_RESOURCE_DESCRIPTOR, PartialResourceList.PartialDescriptors) +
                            all.size() * sizeof(all[0]);
        auto& bytes = translated ? translated_ : raw_;
        bytes.assign(size / sizeof(uint64_t) + 1, 0);
        auto& list = *reinterpret_cast<CM_RESOURCE_LIST*>(bytes.data());
        list.Count = 1;
        list.List[0].InterfaceType = PCIBus;
        CM_PARTIAL_RESOURCE_LIST& partial = list.List[0].PartialResourceList;
        partial.Version = partial.Revision = 1;
        partial.Count = static_cast<ULONG>(all.size());
        std::memcpy(partial.PartialDescriptors, all.data(), all.size() * sizeof(all[0]));
    }
}

void Device::use_line() {
    messages_.clear();
    build_resources();
}

bool Device::map_message(ULONG entry, ULONG message) {
    if (message >= messages_.size()) return false;
    return interrupts_.with([&](Interrupts& interrupts) {
        if (entry >= interrupts.table.size()) return false;
        interrupts.table[entry].message = message;
        return true;
    });
}

bool Device::mask_message(ULONG entry, bool masked) {
    bool late = false;
    const bool found = interrupts_.with([&](Interrupts& interrupts) {
        if (entry >= interrupts.table.size() || messages_.empty()) return false;
        TableEntry& at = interrupts.table[entry];
        at.masked = masked;
        // What came while it was masked comes now.
        late = !masked && std::exchange(at.pending, false);
        return true;
    });
    if (late) raise_message(entry);
    return found;
}

void Device::raise_message(ULONG entry) {
    if (messages_.empty()) return;
    const auto message = interrupts_.with([&](Interrupts& interrupts) -> std::optional<ULONG> {
        if (entry >= interrupts.table.size()) return std::nullopt;
        TableEntry& at = interrupts.table[entry];
        at.pending |= at.masked;
        return at.masked ? std::nullopt : std::optional(at.message);
    });
    if (message) messages_[*message]->raise();
}

void Device::hold_line(bool held) {
    const bool was =
        interrupts_.with([&](Interrupts& interrupts) { return std::exchange(interrupts.held, held); });
    if (was != held) line_->hold(held);
}

void Device::announce_line() {
    if (interrupts_.with([](const Interrupts& interrupts) { return interrupts.held; })) line_->request();
}

}  // namespace ndiskit::nt::hal
