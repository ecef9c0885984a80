#include "transport/kinds.h"

namespace ndiskit::transport {

std::unique_ptr<Endpoint> make_endpoint(const std::string& type) {
    if (type == "tap") return make_tap_endpoint();
    if (type == "memory") return make_memory_endpoint();
    return nullptr;
}

}  // namespace ndiskit::transport
