// The kinds of endpoint there are, one file each.
#pragma once

#include "transport/binding.h"

namespace ndiskit::transport {

std::unique_ptr<Endpoint> make_tap_endpoint();
std::unique_ptr<Endpoint> make_memory_endpoint();

}  // namespace ndiskit::transport
