#include "nt/hal/bus.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "nt/ke/processor.h"

namespace ndiskit::nt::hal {
namespace {

constexpr ULONG first_line = 0x81;
constexpr unsigned lines = 4;

struct Entry {
    std::string instance;
    std::unique_ptr<Device> device;
};
struct Bus {
    std::vector<Entry> devices;  // by slot of their plugging
    std::map<PDEVICE_OBJECT, Device*> physical;
    std::vector<std::unique_ptr<Vector>> lines;
    uint32_t next_slot = 1;
};
Guarded<Bus, LockRank::nt_device>& bus() {
    static auto* const it = new Guarded<Bus, LockRank::nt_device>();
    return *it;
}

bool same(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return std::toupper(x) == std::toupper(y); });
}

}  // namespace

Device& plug(std::string instance, std::unique_ptr<Device> device) {
    Device& plugged = *device;
    const uint32_t slot = bus().with([](Bus& b) { return b.next_slot++; });
    place_on_bus(plugged, slot);
    bus().with([&](Bus& b) { b.devices.push_back({std::move(instance), std::move(device)}); });
    return plugged;
}

void unplug(std::string_view instance) {
    std::unique_ptr<Device> taken;
    bus().with([&](Bus& b) {
        const auto found =
            std::ranges::find_if(b.devices, [&](const Entry& e) { return same(e.instance, instance); });
        if (found == b.devices.end()) return;
        taken = std::move(found->device);
        b.devices.erase(found);
        std::erase_if(b.physical, [&](const auto& entry) { return entry.second == taken.get(); });
    });
}

void unplug_all() {
    std::vector<std::unique_ptr<Vector>> vectors;  // outlive the devices, which let go of their lines
    std::vector<Entry> taken;
    bus().with([&](Bus& b) {
        taken = std::exchange(b.devices, {});
        vectors = std::exchange(b.lines, {});
        b.physical.clear();
        b.next_slot = 1;
    });
}

Device* find_device(std::string_view instance) {
    return bus().with([&](Bus& b) -> Device* {
        for (const Entry& entry : b.devices)
            if (same(entry.instance, instance)) return entry.device.get();
        return nullptr;
    });
}

void bind_device(PDEVICE_OBJECT physical, Device* device) {
    if (device) bus().with([&](Bus& b) { b.physical[physical] = device; });
}

void forget_device(PDEVICE_OBJECT physical) {
    bus().with([&](Bus& b) { b.physical.erase(physical); });
}

Device* device_of(PDEVICE_OBJECT physical) {
    return bus().with([&](Bus& b) {
        const auto found = b.physical.find(physical);
        return found == b.physical.end() ? nullptr : found->second;
    });
}

Device* device_in_slot(ULONG slot) {
    return bus().with([&](Bus& b) -> Device* {
        for (const Entry& entry : b.devices)
            if (entry.device->slot() == slot) return entry.device.get();
        return nullptr;
    });
}

namespace {

std::optional<Register> find(uint64_t address, bool ports) {
    return bus().with([&](Bus& b) -> std::optional<Register> {
        for (const Entry& entry : b.devices)
            for (unsigned i = 0; i < bar_count; ++i) {
                const Device::Bar& bar = entry.device->bars()[i];
                if (bar.kind != (ports ? BarKind::ports : BarKind::registers)) continue;
                if (address - bar.address < bar.size)
                    return Register{entry.device.get(), i, static_cast<uint32_t>(address - bar.address)};
            }
        return std::nullopt;
    });
}

}  // namespace

std::optional<Register> find_register(uint64_t address) { return find(address, false); }
std::optional<Register> find_port(uint16_t port) { return find(port, true); }

Vector* find_vector(ULONG number, KAFFINITY affinity) {
    return bus().with([&](Bus& b) -> Vector* {
        for (const auto& line : b.lines)
            if (line->number == number) return line.get();
        for (const Entry& entry : b.devices)
            for (const auto& message : entry.device->messages())
                if (message->number == number && (message->affinity & affinity) != 0) return message.get();
        return nullptr;
    });
}

// Devices share the four lines of a PCI bus by their slot.
Vector& line_for_slot(uint32_t slot) {
    return bus().with([&](Bus& b) -> Vector& {
        while (b.lines.size() < lines)
            b.lines.push_back(std::make_unique<Vector>(first_line + static_cast<ULONG>(b.lines.size()), true,
                                                       ke::all_processors()));
        return *b.lines[slot % lines];
    });
}

}  // namespace ndiskit::nt::hal
