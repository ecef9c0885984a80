// Receive side scaling as an adapter was set to last: NDIS checks the structures, keeps them, and answers queries; the
// miniport sees sets only. With RSSv2 the indirection table is set entry by entry, by synchronous requests.
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-receive-side-scaling2
#pragma once

#include <array>
#include <vector>

#include "base/guarded.h"
#include "ndis/abi.h"
#include "ndis/oid_step.h"

namespace ndiskit::ndis {

class Adapter;

class ReceiveScale {
  public:
    // Entries of an indirection table that NDIS_RSS_SET_INDIRECTION_ENTRY can name.
    static constexpr size_t max_entries = 128;

    struct State {
        std::vector<std::byte> parameters;     // NDIS_RECEIVE_SCALE_PARAMETERS with table and key; empty: RSS is off
        std::vector<std::byte> hash;           // NDIS_RECEIVE_HASH_PARAMETERS with key
        // RSSv2 sets each of these for itself.
        NDIS_RECEIVE_SCALE_PARAMETERS_V2 v2{};
        std::array<std::byte, NDIS_RSS_HASH_SECRET_KEY_SIZE_REVISION_1> v2_key{};
        std::array<PROCESSOR_NUMBER, max_entries> v2_table{};
    };
    void clear() {
        state_.with([](State& s) { s = State{}; });
    }
    template <class Body>
    decltype(auto) with(Body&& body) {
        return state_.with(std::forward<Body>(body));
    }

  private:
    Guarded<State, LockRank::ndis_leaf> state_;
};

std::unique_ptr<OidStep> make_receive_scale_step(Binding&, const NDIS_OID_REQUEST&);
NDIS_STATUS check_receive_scale(const NDIS_OID_REQUEST& request);
NDIS_STATUS check_receive_scale_v2(const NDIS_OID_REQUEST& request);
NDIS_STATUS check_receive_hash(const NDIS_OID_REQUEST& request);
NDIS_STATUS check_rss_entries(const NDIS_OID_REQUEST& request);

// Whether the miniport can move single entries of its indirection table (RSSv2).
bool has_rss_v2(const Adapter& adapter);

// After a synchronous OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES: keeps the entries that the miniport has moved. Up to
// DISPATCH_LEVEL.
void keep_rss_entries(Adapter& adapter, const NDIS_OID_REQUEST& request);

// Answers to queries of the parameters. False when the request is none of them.
bool answer_receive_scale(const Adapter& adapter, NDIS_OID_REQUEST& request, NDIS_STATUS& status);

}  // namespace ndiskit::ndis
