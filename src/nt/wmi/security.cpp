#include "nt/wmi/security.h"

#include <algorithm>
#include <vector>

#include "base/guarded.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::wmi {

namespace {

struct Grant {
    GUID guid;
    ULONG access;
};
Guarded<std::vector<Grant>, LockRank::nt_leaf>& grants() {
    static auto* const it = new Guarded<std::vector<Grant>, LockRank::nt_leaf>();
    return *it;
}

}  // namespace

void allow_everybody(const GUID& guid, ULONG access) {
    grants().with([&](auto& all) {
        std::erase_if(all, [&](const Grant& one) { return one.guid == guid; });
        if (access != 0) all.push_back({guid, access});
    });
}

ULONG access_of_everybody(const GUID& guid) {
    return grants().with([&](const auto& all) {
        const auto found = std::ranges::find_if(all, [&](const Grant& one) { return one.guid == guid; });
        return found == all.end() ? ULONG{0} : found->access;
    });
}

}  // namespace ndiskit::nt::wmi
