#include "ndis/hardware/hardware.h"

#include <fmt/core.h>

#include "ndis/adapter.h"
#include "ndis/driver.h"

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

void check_hardware_released(Adapter& adapter, bool) {
    if (!adapter.hardware) return;
    const std::unique_ptr<Hardware> hardware = std::move(adapter.hardware);
    Hardware::Claims left;
    hardware->claims.with([&](Hardware::Claims& claims) { left = std::move(claims); });
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
