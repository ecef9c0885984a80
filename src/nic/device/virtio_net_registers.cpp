// The registers of the virtio network device: the common configuration, the device's own, the ISR status and the
// notifications. Each access takes the state's lock by itself; what a write sets off is done by the device's thread.
#include <cstring>

#include "nic/device/virtio_net.h"
#include "nic/device/virtio_registers.h"

namespace ndiskit::nic {
namespace {

constexpr uint64_t feature_mtu = 1 << 3, feature_mac = 1 << 5, feature_status = 1 << 16,
                   feature_version_1 = uint64_t{1} << 32;
constexpr uint64_t offered = feature_mtu | feature_mac | feature_status | feature_version_1;

// struct virtio_pci_common_cfg
enum Common : uint32_t {
    device_feature_select = 0x00,
    device_feature = 0x04,
    driver_feature_select = 0x08,
    driver_feature = 0x0c,
    config_message = 0x10,
    queue_number = 0x12,
    device_status = 0x14,
    config_generation = 0x15,
    queue_select = 0x16,
    queue_size = 0x18,
    queue_message = 0x1a,
    queue_enable = 0x1c,
    queue_notify_off = 0x1e,
    queue_descriptors = 0x20,
    queue_available = 0x28,
    queue_used = 0x30,
};

uint32_t half(uint64_t value, uint32_t select) {
    return select < 2 ? static_cast<uint32_t>(value >> (32 * select)) : 0;
}

// Addresses of 64 bits are written whole or by halves.
void set_part(uint64_t& address, uint32_t at, unsigned size, uint64_t value) {
    if (size == 8) {
        address = value;
        return;
    }
    const unsigned shift = (at & 4) * 8;
    address = (address & ~(uint64_t{0xffffffff} << shift)) | (value & 0xffffffff) << shift;
}

VirtioCapability capability(uint8_t type, uint32_t offset, uint32_t length) {
    VirtioCapability made{std::vector<uint8_t>(14)};
    made.body[0] = 16;
    made.body[1] = type;
    made.body[2] = virtio_bar;
    std::memcpy(&made.body[6], &offset, 4);
    std::memcpy(&made.body[10], &length, 4);
    return made;
}

}  // namespace

std::vector<VirtioCapability> virtio_capabilities() {
    VirtioCapability notify = capability(2, notify_offset, 0x1000);
    notify.body[0] = 20;
    notify.body.resize(18);
    std::memcpy(&notify.body[14], &notify_multiplier, 4);
    return {capability(1, common_offset, 0x38), notify, capability(3, isr_offset, 1),
            capability(4, configuration_offset, 12)};
}

Virtqueue* VirtioNet::selected(State& state) const {
    return state.queue_select < queue_count ? &state.queues[state.queue_select] : nullptr;
}

uint64_t VirtioNet::read_common(const State& state, uint32_t offset) const {
    const Virtqueue* queue = selected(const_cast<State&>(state));
    switch (offset) {
        case device_feature_select:
            return state.device_feature_select;
        case device_feature:
            return half(offered, state.device_feature_select);
        case driver_feature_select:
            return state.driver_feature_select;
        case driver_feature:
            return half(state.driver_features, state.driver_feature_select);
        case config_message:
            return state.config_message;
        case queue_number:
            return queue_count;
        case device_status:
            return state.status;
        case config_generation:
            return state.generation;
        case queue_select:
            return state.queue_select;
        // A queue that does not exist has no size.
        case queue_size:
            return queue ? queue->size : 0;
        case queue_message:
            return queue ? queue->message : no_message;
        case queue_enable:
            return queue && queue->enabled;
        case queue_notify_off:
            return state.queue_select;
        case queue_descriptors:
            return queue ? queue->descriptors : 0;
        case queue_available:
            return queue ? queue->available : 0;
        case queue_used:
            return queue ? queue->used : 0;
        default:
            return 0;
    }
}

void VirtioNet::set_status(State& state, uint8_t status) {
    // Features that were not offered: the device does not accept the set, and says so by leaving the bit
    // clear.
    if ((status & status_features_ok) && (state.driver_features & ~offered))
        status &= static_cast<uint8_t>(~status_features_ok);
    state.status = status | (state.status & status_needs_reset);
}

void VirtioNet::write_common(State& state, uint32_t offset, unsigned size, uint64_t value) {
    const auto word = static_cast<uint16_t>(value);
    Virtqueue* queue = selected(state);
    switch (offset) {
        case device_feature_select:
            state.device_feature_select = static_cast<uint32_t>(value);
            return;
        case driver_feature_select:
            state.driver_feature_select = static_cast<uint32_t>(value);
            return;
        case driver_feature:
            if (state.driver_feature_select < 2) {
                const unsigned shift = 32 * state.driver_feature_select;
                state.driver_features = (state.driver_features & ~(uint64_t{0xffffffff} << shift)) |
                                        (value & 0xffffffff) << shift;
            }
            return;
        // A message that does not exist is refused by reading back as none.
        case config_message:
            state.config_message = word < messages().size() ? word : no_message;
            return;
        case device_status:
            set_status(state, static_cast<uint8_t>(value));
            return;
        case queue_select:
            state.queue_select = word;
            return;
        default:
            break;
    }
    if (!queue) return;
    switch (offset & ~uint32_t{offset >= queue_descriptors ? 4u : 0u}) {
        case queue_size:
            if (word != 0 && word <= most_descriptors && (word & (word - 1)) == 0) queue->size = word;
            return;
        case queue_message:
            queue->message = word < messages().size() ? word : no_message;
            return;
        case queue_enable:
            queue->enabled = queue->enabled || word == 1;
            return;
        case queue_descriptors:
            return set_part(queue->descriptors, offset, size, value);
        case queue_available:
            return set_part(queue->available, offset, size, value);
        case queue_used:
            return set_part(queue->used, offset, size, value);
        default:
            return;
    }
}

uint64_t VirtioNet::read_configuration(const State& state, uint32_t offset, unsigned size) const {
    std::array<uint8_t, 16> bytes{};
    std::ranges::copy(options_.mac, bytes.begin());
    const uint16_t link = state.link_up ? 1 : 0, pairs = 1, mtu = options_.mtu;
    std::memcpy(&bytes[6], &link, 2);
    std::memcpy(&bytes[8], &pairs, 2);
    std::memcpy(&bytes[10], &mtu, 2);
    uint64_t value = 0;
    if (offset + size <= bytes.size()) std::memcpy(&value, &bytes[offset], size);
    return value;
}

uint64_t VirtioNet::read(unsigned bar, uint32_t offset, unsigned size) {
    if (bar != virtio_bar) return 0;
    if (offset < isr_offset)
        return state_.with([&](const State& state) { return read_common(state, offset); });
    if (offset == isr_offset) {
        // Reading takes it, and lets the line go.
        return state_.with([&](State& state) {
            const uint8_t isr = state.isr;
            set_isr(state, 0);
            return isr;
        });
    }
    if (offset >= configuration_offset && offset < notify_offset)
        return state_.with([&](const State& state) {
            return read_configuration(state, offset - configuration_offset, size);
        });
    return 0;
}

void VirtioNet::write(unsigned bar, uint32_t offset, unsigned size, uint64_t value) {
    if (bar != virtio_bar) return;
    if (offset >= notify_offset) return wake();
    if (offset >= isr_offset) return;
    if (offset == device_status && value == 0) return reset();
    state_.with([&](State& state) { write_common(state, offset, size, value); });
    if (offset == device_status) wake();
}

}  // namespace ndiskit::nic
