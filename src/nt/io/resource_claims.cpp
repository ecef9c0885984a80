#include "nt/io/resource_claims.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "base/guarded.h"

namespace ndiskit::nt::io {

namespace {

struct Claim {
    const void* owner;
    UCHAR type;
    bool shared;
    uint64_t first, last;

    bool clashes_with(const Claim& other) const {
        return type == other.type && first <= other.last && other.first <= last && !(shared && other.shared);
    }
};

Guarded<std::vector<Claim>, LockRank::nt_leaf>& claims() {
    static auto* const it = new Guarded<std::vector<Claim>, LockRank::nt_leaf>();
    return *it;
}

std::optional<Claim> claim_of(const void* owner, const CM_PARTIAL_RESOURCE_DESCRIPTOR& one) {
    Claim claim = {owner, one.Type, one.ShareDisposition == CmResourceShareShared, 0, 0};
    switch (one.Type) {
        case CmResourceTypePort:
        case CmResourceTypeMemory:
            if (one.u.Generic.Length == 0) return std::nullopt;
            claim.first = static_cast<uint64_t>(one.u.Generic.Start.QuadPart);
            claim.last = claim.first + one.u.Generic.Length - 1;
            return claim;
        case CmResourceTypeInterrupt:
            claim.first = claim.last = one.u.Interrupt.Vector;
            return claim;
        case CmResourceTypeDma:
            claim.first = claim.last = one.u.Dma.Channel;
            return claim;
        default:
            return std::nullopt;  // nothing that another device could want
    }
}

// Nothing when a count leads out of the list.
std::optional<std::vector<Claim>> read(const void* owner, const CM_RESOURCE_LIST& list, size_t size) {
    constexpr size_t head_of_full = offsetof(CM_FULL_RESOURCE_DESCRIPTOR, PartialResourceList) +
                                    offsetof(CM_PARTIAL_RESOURCE_LIST, PartialDescriptors);
    const auto* at = reinterpret_cast<const uint8_t*>(&list);
    const uint8_t* const end = at + size;
    if (size < sizeof list.Count) return std::nullopt;
    at += offsetof(CM_RESOURCE_LIST, List);
    std::vector<Claim> found;
    for (ULONG i = 0; i < list.Count; ++i) {
        if (end < at || static_cast<size_t>(end - at) < head_of_full) return std::nullopt;
        ULONG count = 0;
        std::memcpy(&count,
                    at + offsetof(CM_FULL_RESOURCE_DESCRIPTOR, PartialResourceList) +
                        offsetof(CM_PARTIAL_RESOURCE_LIST, Count),
                    sizeof count);
        at += head_of_full;
        if (static_cast<size_t>(end - at) / sizeof(CM_PARTIAL_RESOURCE_DESCRIPTOR) < count)
            return std::nullopt;
        for (ULONG j = 0; j < count; ++j, at += sizeof(CM_PARTIAL_RESOURCE_DESCRIPTOR)) {
            CM_PARTIAL_RESOURCE_DESCRIPTOR one;
            std::memcpy(&one, at, sizeof one);
            if (const auto claim = claim_of(owner, one)) found.push_back(*claim);
        }
    }
    return found;
}

}  // namespace

NTSTATUS claim_resources(const void* owner, const CM_RESOURCE_LIST& list, size_t size) {
    const auto wanted = read(owner, list, size);
    if (!wanted) return STATUS_UNSUCCESSFUL;
    return claims().with([&](std::vector<Claim>& all) {
        for (const Claim& mine : *wanted)
            for (const Claim& other : all)
                if (other.owner != owner && mine.clashes_with(other)) return STATUS_CONFLICTING_ADDRESSES;
        std::erase_if(all, [&](const Claim& one) { return one.owner == owner; });
        all.insert(all.end(), wanted->begin(), wanted->end());
        return STATUS_SUCCESS;
    });
}

}  // namespace ndiskit::nt::io
