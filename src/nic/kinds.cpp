#include "nic/kinds.h"

#include <map>

namespace ndiskit::nic {
namespace {

using Make = std::unique_ptr<Nic> (*)();

// Changed before the machine starts only.
std::map<std::string, Make>& types() {
    static std::map<std::string, Make> all = {
        {"af_packet", make_af_packet_nic}, {"tap", make_tap_nic}, {"memory", make_memory_nic}};
    return all;
}

}  // namespace

std::unique_ptr<Nic> make_nic(const std::string& type) {
    const auto found = types().find(type);
    return found == types().end() ? nullptr : found->second();
}

void add_nic_type(const std::string& type, Make make) { types()[type] = make; }

}  // namespace ndiskit::nic
