#include "ndis/hardware/hardware.h"

#include <fmt/core.h>

#include "ndis/adapter.h"
#include "ndis/driver.h"
#include "ndis/misuse.h"
#include "nt/hal/bus.h"

namespace ndiskit::ndis {
namespace {

Guarded<std::vector<std::string>, LockRank::ndis_leaf>& noted() {
    static Guarded<std::vector<std::string>, LockRank::ndis_leaf> lines;
    return lines;
}

void note(const Adapter& adapter, std::string_view what) {
    std::string line =
        fmt::format("driver {}: adapter {}: {}", adapter.driver.name, narrow(adapter.config.guid), what);
    noted().with([&](auto& lines) { lines.push_back(std::move(line)); });
}

}  // namespace

Hardware::Hardware() = default;
Hardware::~Hardware() = default;

void prepare_hardware(Adapter& adapter) { adapter.hardware = std::make_unique<Hardware>(); }

PNDIS_RESOURCE_LIST resources_of(const Adapter& adapter) {
    const nt::hal::Device* device = nt::hal::device_of(adapter.pdo);
    if (device == nullptr) return nullptr;
    return const_cast<PNDIS_RESOURCE_LIST>(&device->translated_resources()->List[0].PartialResourceList);
}

void check_hardware_released(Adapter& adapter, bool initialized) {
    if (!adapter.hardware) return;
    const std::unique_ptr<Hardware> hardware = std::move(adapter.hardware);
    Hardware::Claims left;
    hardware->claims.with([&](Hardware::Claims& claims) { left = std::move(claims); });
    if (!left.interrupts.empty())
        misuse(initialized ? Misuse::halt_without_interrupt_deregister
                           : Misuse::init_failed_without_interrupt_deregister,
               "a miniport leaves its interrupt registered (NdisMDeregisterInterruptEx)",
               reinterpret_cast<uint64_t>(&adapter),
               reinterpret_cast<uint64_t>(left.interrupts.front().get()));
    for (const ClaimedRange& range : left.mapped)
        note(adapter,
             fmt::format("{} bytes of registers are still mapped (NdisMUnmapIoSpace)", range.length));
    for (const ClaimedRange& range : left.ports)
        note(adapter,
             fmt::format("{} ports are still registered (NdisMDeregisterIoPortRange)", range.length));
    if (left.log) note(adapter, "the log is still open (NdisMCloseLog)");
    for (const auto& channel : left.channels)
        note(adapter, channel->scatter_gather ? "a DMA channel is left (NdisMDeregisterScatterGatherDma)"
                                              : "a DMA channel is left (NdisMDeregisterDmaChannel)");
    for (const auto& memory : left.memory)
        note(adapter, fmt::format("{} bytes of shared memory are not freed", memory->length));
}

std::vector<std::string> hardware_leaks() {
    return noted().with([](const auto& lines) { return lines; });
}

void forget_hardware_leaks() {
    noted().with([](auto& lines) { lines.clear(); });
}

}  // namespace ndiskit::ndis
