// Where the registers of a virtio device lie in BAR 0, and what its capabilities say of it.
// https://docs.oasis-open.org/virtio/virtio/v1.2/virtio-v1.2.html (4.1.4 Virtio Structure PCI Capabilities)
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace ndiskit::nic {

constexpr unsigned virtio_bar = 0, messages_bar = 1;
constexpr uint32_t virtio_bar_size = 0x4000;
constexpr uint32_t common_offset = 0x0000, isr_offset = 0x1000, configuration_offset = 0x2000,
                   notify_offset = 0x3000;
constexpr uint32_t notify_multiplier = 4;

constexpr uint8_t status_driver_ok = 4, status_features_ok = 8, status_needs_reset = 0x40;
constexpr uint8_t isr_queue = 1, isr_configuration = 2;

struct VirtioCapability {
    std::vector<uint8_t> body;  // behind id and link
};
std::vector<VirtioCapability> virtio_capabilities();

}  // namespace ndiskit::nic
