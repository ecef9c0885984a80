#include "nic/device/virtqueue.h"

#include <ndis.h>

#include <atomic>

namespace ndiskit::nic {
namespace {

constexpr uint16_t has_next = 1, writes = 2;
constexpr uint16_t no_interrupt = 1;

struct Descriptor {
    uint64_t address;
    uint32_t length;
    uint16_t flags;
    uint16_t next;
};
struct UsedElement {
    uint32_t head;
    uint32_t length;
};

uint16_t load(uint64_t address) {
    return std::atomic_ref(*reinterpret_cast<uint16_t*>(address)).load(std::memory_order_acquire);
}
void store(uint64_t address, uint16_t value) {
    std::atomic_ref(*reinterpret_cast<uint16_t*>(address)).store(value, std::memory_order_release);
}

// Is the range memory of the process? Its first and last page say so.
bool is_memory(uint64_t address, uint64_t length) {
    if (address == 0 || address + length < address) return false;
    return MmIsAddressValid(reinterpret_cast<PVOID>(address)) &&
           MmIsAddressValid(reinterpret_cast<PVOID>(address + (length ? length - 1 : 0)));
}

}  // namespace

bool Virtqueue::rings_are_there() {
    if (!checked_) {
        checked_ = true;
        broken_ = !is_memory(descriptors, uint64_t{size} * sizeof(Descriptor)) ||
                  !is_memory(available, 4 + uint64_t{size} * 2) ||
                  !is_memory(used, 4 + uint64_t{size} * sizeof(UsedElement));
    }
    return !broken_;
}

bool Virtqueue::add_piece(Chain& chain, uint16_t index, uint16_t& flags, uint16_t& next) {
    if (index >= size || chain.pieces.size() >= size) return false;
    const Descriptor d = reinterpret_cast<const Descriptor*>(descriptors)[index];
    if (!is_memory(d.address, d.length)) return false;
    chain.pieces.push_back({reinterpret_cast<uint8_t*>(d.address), d.length, (d.flags & writes) != 0});
    flags = d.flags;
    next = d.next;
    return true;
}

std::optional<Virtqueue::Chain> Virtqueue::take() {
    if (!enabled || !rings_are_there() || load(available + 2) == next_available_) return std::nullopt;
    uint16_t index = load(available + 4 + uint64_t{next_available_} % size * 2);
    Chain chain{index, {}};
    for (uint16_t flags = has_next; flags & has_next;)
        if (!add_piece(chain, index, flags, index)) {
            broken_ = true;
            return std::nullopt;
        }
    ++next_available_;
    return chain;
}

void Virtqueue::give_back(const Chain& chain, uint32_t written) {
    auto* elements = reinterpret_cast<UsedElement*>(used + 4);
    elements[next_used_ % size] = {chain.head, written};
    store(used + 2, ++next_used_);
}

bool Virtqueue::wants_interrupt() const { return !(load(available) & no_interrupt); }

}  // namespace ndiskit::nic
