#include "nic/kinds.h"

namespace ndiskit::nic {

std::unique_ptr<Nic> make_nic(const std::string& type) {
    if (type == "af_packet") return make_af_packet_nic();
    if (type == "tap") return make_tap_nic();
    if (type == "memory") return make_memory_nic();
    return nullptr;
}

}  // namespace ndiskit::nic
