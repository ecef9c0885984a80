#include "edge/lasting_counters.h"

#include <map>

#include "base/guarded.h"

namespace ndiskit::edge {
namespace {

Guarded<std::map<std::string, Counters>, LockRank::nic> by_edge;

}  // namespace

Counters& lasting_counters(const std::string& edge) {
    return by_edge.with([&](auto& all) -> Counters& { return all[edge]; });
}

void forget_counters(const std::string& kind) {
    by_edge.with([&](auto& all) {
        std::erase_if(all, [&](const auto& item) { return item.first.starts_with(kind); });
    });
}

}  // namespace ndiskit::edge
