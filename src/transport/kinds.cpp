#include "transport/kinds.h"

#include <map>

namespace ndiskit::transport {
namespace {

using Make = std::unique_ptr<Endpoint> (*)();

// Changed before the machine starts only.
std::map<std::string, Make>& types() {
    static std::map<std::string, Make> all = {{"tap", make_tap_endpoint}, {"memory", make_memory_endpoint}};
    return all;
}

}  // namespace

std::unique_ptr<Endpoint> make_endpoint(const std::string& type) {
    const auto found = types().find(type);
    return found == types().end() ? nullptr : found->second();
}

void add_endpoint_type(const std::string& type, Make make) { types()[type] = make; }

}  // namespace ndiskit::transport
