// The kinds of NIC there are, one file each.
#pragma once

#include "nic/nic.h"

namespace ndiskit::nic {

std::unique_ptr<Nic> make_af_packet_nic();
std::unique_ptr<Nic> make_tap_nic();
std::unique_ptr<Nic> make_memory_nic();

}  // namespace ndiskit::nic
