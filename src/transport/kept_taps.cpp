#include "transport/kept_taps.h"

#include <map>
#include <utility>

#include "base/guarded.h"

namespace ndiskit::transport {
namespace {

Guarded<std::map<std::string, HostTap>, LockRank::transport> kept;

}  // namespace

Result<HostTap> take_tap(const std::string& name, wire::TapDevice::Options options) {
    auto found = kept.with([&](auto& taps) { return taps.extract(name); });
    if (!found) return HostTap{.device = TRY(wire::TapDevice::create(name, options))};
    TRY(found.mapped().device.set_options(options));
    return std::move(found.mapped());
}

void keep_tap(const std::string& name, HostTap tap) {
    kept.with([&](auto& taps) { taps.insert_or_assign(name, std::move(tap)); });
}

void forget_taps() {
    // Closed outside the lock: the kernel takes the interface down meanwhile.
    const auto taps = kept.with([](auto& all) { return std::exchange(all, {}); });
}

}  // namespace ndiskit::transport
