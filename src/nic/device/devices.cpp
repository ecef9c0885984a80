#include "nic/device/devices.h"

#include "nic/device/virtio_net.h"
#include "nt/hal/bus.h"

namespace ndiskit::nic {
namespace {

constexpr const char* virtio_net = "virtio-net";

}  // namespace

const std::vector<std::string>& device_kinds() {
    static const std::vector<std::string> kinds = {virtio_net};
    return kinds;
}

std::string hardware_id(const std::string& kind) {
    return kind == virtio_net ? "PCI\\VEN_1AF4&DEV_1041" : "";
}

Result<nt::hal::Device*> plug_device(const std::string& instance, const DeviceOptions& options) {
    std::unique_ptr<Cable> cable = make_cable(options.cable, options.cable_name);
    if (options.kind != virtio_net || !cable)
        return fail("there is no device of this kind with such a cable", options.kind + ", " + options.cable);
    auto made = std::make_unique<VirtioNet>(VirtioNet::Options{.mac = options.mac, .mtu = options.mtu},
                                            std::move(cable));
    VirtioNet& device = *made;
    nt::hal::plug(instance, std::move(made));
    if (options.line_interrupt) device.use_line();
    if (Result<> started = device.start(); !started) {
        nt::hal::unplug(instance);
        return std::unexpected(std::move(started).error());
    }
    return &device;
}

}  // namespace ndiskit::nic
