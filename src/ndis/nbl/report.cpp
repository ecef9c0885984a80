#include "ndis/nbl/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "ndis/nbl/context.h"
#include "ndis/nbl/pool.h"
#include "nt/pool/pool.h"

namespace ndiskit::ndis {
namespace {

using PoolList = Guarded<std::vector<PacketPool*>, LockRank::ndis_pool_list>;

PoolList& pools() {
    static PoolList list;
    return list;
}

std::atomic<OwnerNamer> namer = nullptr;

void fill_counts(PoolReport& report, const SlabPool& slab) {
    const SlabPool::Counts counts = slab.counts();
    report.outstanding = counts.outstanding();
    report.allocations = counts.taken;
    report.entries = counts.formatted;
    report.chunks = counts.chunks;
}

PoolReport report_of(const PacketPool& pool) {
    PoolReport report{.tag = nt::pool_tag_text(pool.tag())};
    if (pool.is(PacketPool::Kind::nbl)) {
        const auto& nbls = static_cast<const NblPool&>(pool);
        report.kind = "NET_BUFFER_LIST";
        report.data_size = nbls.data_size();
        report.context_size = nbls.context_capacity();
        fill_counts(report, nbls.slab());
    } else {
        const auto& nbs = static_cast<const NetBufferPool&>(pool);
        report.kind = "NET_BUFFER";
        report.data_size = nbs.data_size();
        fill_counts(report, nbs.slab());
    }
    return report;
}

PoolReport report_of(std::string kind, const SlabPool& store) {
    PoolReport report{.kind = std::move(kind), .owner = "ndis"};
    fill_counts(report, store);
    return report;
}

}  // namespace

void set_owner_namer(OwnerNamer function) { namer = function; }

std::string owner_name(void* owner, const void* caller) {
    if (!owner && !caller) return "ndis";
    const OwnerNamer function = namer;
    std::string name = function ? function(owner, caller) : std::string();
    return name.empty() ? "an unknown driver" : name;
}

void register_pool(PacketPool& pool) {
    pools().with([&](auto& list) { list.push_back(&pool); });
}

void deregister_pool(PacketPool& pool) {
    pools().with([&](auto& list) { std::erase(list, &pool); });
}

std::vector<PoolReport> nbl_report() {
    struct Owner {
        void* handle;
        const void* code;
    };
    std::vector<PoolReport> report;
    std::vector<Owner> owners;
    pools().with([&](auto& list) {
        for (const PacketPool* pool : list) {
            report.push_back(report_of(*pool));
            owners.push_back({pool->owner(), pool->caller()});
        }
    });
    // Naming takes locks of the control plane, which come before this one.
    for (size_t i = 0; i < owners.size(); i++) report[i].owner = owner_name(owners[i].handle, owners[i].code);
    report.push_back(report_of("MDL of a derived NET_BUFFER", part_store()));
    report.push_back(report_of("MDL of a retreat", header_store()));
    for (unsigned i = 0; i < context_store_count; i++)
        report.push_back(report_of("NET_BUFFER_LIST_CONTEXT", context_store(i)));
    return report;
}

std::vector<std::string> nbl_leaks() {
    std::vector<std::string> leaks;
    for (const PoolReport& pool : nbl_report()) {
        if (pool.outstanding == 0) continue;
        const std::string tag = pool.tag.empty() ? std::string() : fmt::format(" with tag '{}'", pool.tag);
        leaks.push_back(
            fmt::format("{} holds {} of kind {}{}", pool.owner, pool.outstanding, pool.kind, tag));
    }
    return leaks;
}

}  // namespace ndiskit::ndis
