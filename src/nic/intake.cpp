#include "nic/intake.h"

#include <cstring>

#include "edge/offload.h"
#include "wire/checksum.h"

namespace ndiskit::nic {

bool Intake::wanted(std::span<const uint8_t> frame) {
    if (frame.size() >= wire::ethernet_header_size && adapter_.filter().accepts(frame.data())) return true;
    adapter_.counters().drop(edge::Drop::filtered);
    return false;
}

bool Intake::to_be_cut(const wire::Offload& offload) const {
    const bool tcp = offload.gso == wire::Gso::tcp4 || offload.gso == wire::Gso::tcp6;
    return offload.gso != wire::Gso::none && !(tcp && adapter_.coalescing());
}

void Intake::cut(std::span<const uint8_t> frame, const wire::Offload& offload, ReceiveBatch& batch) {
    struct Context {
        Intake* intake;
        ReceiveBatch* batch;
    } context{this, &batch};
    const size_t segments = segmenter_.segment(
        frame, offload,
        [](void* raw, std::span<uint8_t> segment) {
            auto& [intake, out] = *static_cast<Context*>(raw);
            intake->add_segment(segment, *out);
        },
        &context);
    if (segments == 0)
        adapter_.counters().drop(edge::Drop::bad_offload);
    else
        adapter_.counters().frames_segmented.fetch_add(1, std::memory_order_relaxed);
}

void Intake::add_segment(std::span<uint8_t> segment, ReceiveBatch& batch) {
    edge::Counters& counters = adapter_.counters();
    if (segment.size() > copies_.buffer_size()) return counters.drop(edge::Drop::too_long);
    NET_BUFFER_LIST* nbl = copies_.take();
    if (!nbl) return counters.drop(edge::Drop::no_buffer);
    std::memcpy(copies_.buffer_of(nbl), segment.data(), segment.size());
    edge::FrameSlab::set_data(nbl, 0, static_cast<uint32_t>(segment.size()));
    edge::describe_received(nbl, segment, {.checksum_valid = true});
    batch.add(nbl);
}

void Intake::add(NET_BUFFER_LIST* nbl, uint32_t offset, std::span<uint8_t> frame, wire::Offload offload,
                 ReceiveBatch& batch) {
    if (offload.gso == wire::Gso::none && offload.needs_checksum) {
        wire::complete_checksum(frame, offload);
        offload.checksum_valid = true;
        adapter_.counters().checksums_completed.fetch_add(1, std::memory_order_relaxed);
    }
    edge::FrameSlab::set_data(nbl, offset, static_cast<uint32_t>(frame.size()));
    edge::describe_received(nbl, frame, offload);
    batch.add(nbl);
}

}  // namespace ndiskit::nic
