// Receive queues and receive filters of an adapter (VMQ, packet coalescing), as NDIS keeps them: it gives out the
// identifiers, checks who owns what, and answers all enumerations; the miniport is asked for the changes.
//
// Identifiers are unique to the adapter. A queue or filter belongs to the binding that made it; the default queue
// belongs to nobody, and everybody may set filters on it.
// https://learn.microsoft.com/windows-hardware/drivers/network/virtual-machine-queue--vmq-
#pragma once

#include <optional>
#include <vector>

#include "base/guarded.h"
#include "ndis/abi.h"
#include "ndis/oid_step.h"

namespace ndiskit::ndis {

class Adapter;

struct ReceiveQueue {
    NDIS_RECEIVE_QUEUE_PARAMETERS parameters{};
    const Binding* owner = nullptr;
    bool allocated = false;  // the miniport has said yes
    bool complete = false;   // OID_RECEIVE_FILTER_QUEUE_ALLOCATION_COMPLETE was for it
    NDIS_RECEIVE_QUEUE_OPERATIONAL_STATE state = NdisReceiveQueueOperationalStatePaused;
};

struct ReceiveFilter {
    NDIS_RECEIVE_FILTER_ID id = 0;
    NDIS_RECEIVE_QUEUE_ID queue = NDIS_DEFAULT_RECEIVE_QUEUE_ID;
    NDIS_RECEIVE_FILTER_TYPE type = NdisReceiveFilterTypeUndefined;
    const Binding* owner = nullptr;
    bool set = false;                // the miniport has said yes
    std::vector<std::byte> whole;    // the parameters with their fields
};

class ReceiveFilters {
  public:
    void clear();

    // Null owner: of all.
    std::vector<ReceiveQueue> queues(const Binding* owner) const;
    std::vector<ReceiveFilter> filters(NDIS_RECEIVE_QUEUE_ID queue) const;
    std::optional<ReceiveQueue> queue(NDIS_RECEIVE_QUEUE_ID id) const;
    std::optional<ReceiveFilter> filter(NDIS_RECEIVE_FILTER_ID id) const;
    std::vector<ReceiveFilter> filters_of(const Binding& owner) const;

    // A queue or filter with a new identifier, not yet there for others.
    NDIS_RECEIVE_QUEUE_ID reserve_queue(const NDIS_RECEIVE_QUEUE_PARAMETERS& parameters, const Binding& owner);
    NDIS_RECEIVE_FILTER_ID reserve_filter(const Binding& owner);
    template <class Change>
    void change_queue(NDIS_RECEIVE_QUEUE_ID id, Change change) {
        state_.with([&](State& s) {
            for (ReceiveQueue& q : s.queues)
                if (q.parameters.QueueId == id)
                    change(q);
        });
    }
    template <class Change>
    void change_filter(NDIS_RECEIVE_FILTER_ID id, Change change) {
        state_.with([&](State& s) {
            for (ReceiveFilter& f : s.filters)
                if (f.id == id)
                    change(f);
        });
    }
    void drop_queue(NDIS_RECEIVE_QUEUE_ID id);
    void drop_filter(NDIS_RECEIVE_FILTER_ID id);

    // Queues that are complete and have a filter run; the others are paused.
    void settle_states();

  private:
    struct State {
        std::vector<ReceiveQueue> queues;
        std::vector<ReceiveFilter> filters;
    };
    mutable Guarded<State, LockRank::ndis_leaf> state_;
};

// What NDIS does on the way of OID_RECEIVE_FILTER_XXX, and their buffers' further checks.
std::unique_ptr<OidStep> make_allocate_queue_step(Binding&, const NDIS_OID_REQUEST&);
std::unique_ptr<OidStep> make_queue_parameters_step(Binding&, const NDIS_OID_REQUEST&);
std::unique_ptr<OidStep> make_allocation_complete_step(Binding&, const NDIS_OID_REQUEST&);
std::unique_ptr<OidStep> make_free_queue_step(Binding&, const NDIS_OID_REQUEST&);
std::unique_ptr<OidStep> make_set_filter_step(Binding&, const NDIS_OID_REQUEST&);
std::unique_ptr<OidStep> make_clear_filter_step(Binding&, const NDIS_OID_REQUEST&);
std::unique_ptr<OidStep> make_move_filter_step(Binding&, const NDIS_OID_REQUEST&);
NDIS_STATUS check_receive_filter(const NDIS_OID_REQUEST& request);
NDIS_STATUS check_allocation_complete(const NDIS_OID_REQUEST& request);

// Answers to the enumerations and the parameters of one queue or filter (receive_filter_answers.cpp). False when the
// request is none of them.
bool answer_receive_filters(const Adapter& adapter, const Binding* asker, NDIS_OID_REQUEST& request,
                            NDIS_STATUS& status);

// NDIS_STATUS_RECEIVE_QUEUE_STATE and NDIS_STATUS_RECEIVE_FILTER_QUEUE_PARAMETERS of the miniport.
void remember_queue_status(Adapter& adapter, const NDIS_STATUS_INDICATION& status);

// Clears the filters and frees the queues that a closing binding has left.
void withdraw_receive_filters(Binding& binding);

}  // namespace ndiskit::ndis
