// OID requests. A miniport adapter and each filter module handle one request at a time; what comes meanwhile waits
// in the layer's queue. Handlers run at PASSIVE_LEVEL: a request made there runs on the caller's thread when the
// queue is empty, everything else runs from a work item.
//
// A request is its maker's memory; what the library needs to know about it stands in the request's own
// NdisReserved area (OidRecord), from submission to completion.
//
// Before a request goes down NDIS checks it (oid_rules.h), answers what it can itself (oid_answers.h), and does its
// part of the rest on the way down and back (oid_step.h): it combines what several bindings ask for, gives out
// identifiers, remembers what is set.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "ndis/abi.h"
#include "ndis/wait.h"

namespace ndiskit::ndis {

class Adapter;
class Binding;
struct Handle;
class FilterModule;
class OidQueue;
class OidStep;

struct OidRecord {
    PNDIS_OID_REQUEST next;
    Handle* origin;            // a Binding, a FilterModule, or an Adapter for NDIS' own requests
    OidStep* step;             // what NDIS does when the stack is done with it (oid_step.h)
    Completion* waiter;        // of NDIS' own requests
    bool at_driver;            // a layer's driver was given the request
};
static_assert(sizeof(OidRecord) <= sizeof(NDIS_OID_REQUEST::NdisReserved));
inline OidRecord& record_of(PNDIS_OID_REQUEST request) {
    return *reinterpret_cast<OidRecord*>(request->NdisReserved);
}
inline NDIS_OID oid_of(const NDIS_OID_REQUEST& request) { return request.DATA.QUERY_INFORMATION.Oid; }

// The requests of one layer.
class OidQueue {
  public:
    // `layer` is an Adapter or a FilterModule.
    explicit OidQueue(Handle& layer);
    ~OidQueue();

    // Two steps, so that the first can be taken under the lock of the list that the layer was found in: puts the
    // request in the queue, true when it is the one to run; then runs it. NDIS_STATUS_PENDING means that the origin
    // is called back. `waiter` is for NDIS' own requests, whose origin is an Adapter.
    bool enlist(PNDIS_OID_REQUEST request, Handle& origin, Completion* waiter);
    NDIS_STATUS proceed(PNDIS_OID_REQUEST request, bool first);
    // The layer's driver completes a request that it had pended. 0x7C/0x26 when it has no such request.
    void complete(PNDIS_OID_REQUEST request, NDIS_STATUS status);
    // Aborts what is queued of `origin` with this id, and asks the driver to cancel what it has.
    void cancel(Handle& origin, PVOID request_id);
    // A number for the request that the driver has now, another one for each; 0 when it has none.
    uint64_t running() const;
    // Holds back what comes from now on, unless a request is there already; lets it run again. Meanwhile run_held
    // gives the driver requests of NDIS itself, one at a time, and waits for their ends. PASSIVE_LEVEL.
    bool hold();
    void release();
    NDIS_STATUS run_held(PNDIS_OID_REQUEST request, Handle& origin);
    // Waits at PASSIVE_LEVEL until nothing runs and nothing waits; nobody can enlist any more.
    void drain();

  private:
    struct State {
        PNDIS_OID_REQUEST head = nullptr;
        PNDIS_OID_REQUEST tail = nullptr;
        PNDIS_OID_REQUEST current = nullptr;  // the one that the driver has
        bool busy = false;                    // somebody pumps, or the driver has one
        bool draining = false;
        bool held = false;                    // and busy for that
        uint64_t number = 0;                  // of `current`
    };

    static void NTAPI work(PVOID queue);

    PNDIS_OID_REQUEST take_next();
    NDIS_STATUS dispatch(PNDIS_OID_REQUEST request);
    // The request is done: NDIS does its part, then tells the origin. What the origin is told.
    NDIS_STATUS finish(PNDIS_OID_REQUEST request, NDIS_STATUS status, bool tell);
    void pump_later();
    void become_idle(State& state);

    Handle& layer_;
    mutable Guarded<State, LockRank::ndis_oid> state_;
    WORK_QUEUE_ITEM work_;
    KEVENT drained_;
};

// Gives a request to the highest layer below `above` (null: from the bindings) that handles OIDs; asks all of them to
// cancel what `origin` has made.
NDIS_STATUS submit_oid(Adapter& adapter, const FilterModule* above, PNDIS_OID_REQUEST request, Handle& origin,
                       Completion* waiter = nullptr);
void cancel_oid(Adapter& adapter, const FilterModule* above, Handle& origin, PVOID request_id);

// Direct and synchronous requests, from the layer below `above` (null: from the bindings) down.
NDIS_STATUS direct_oid_down(Adapter& adapter, FilterModule* above, PNDIS_OID_REQUEST request);
NDIS_STATUS synchronous_oid_down(Adapter& adapter, FilterModule* above, PNDIS_OID_REQUEST request);
void cancel_direct_oid(Adapter& adapter, FilterModule* above, PVOID request_id);
// A direct request has ended: the filter modules that it has passed are told, then the binding that made it, which the
// second function does alone.
void complete_direct_oid(PNDIS_OID_REQUEST request, NDIS_STATUS status);
void deliver_direct_completion(PNDIS_OID_REQUEST request, NDIS_STATUS status);

// One request less that `binding` waits for (oid.cpp).
void release_oid(Binding& binding);

// An OID request of NDIS itself to an adapter's stack; waits for the end. PASSIVE_LEVEL.
NDIS_STATUS request_oid(Adapter& adapter, NDIS_REQUEST_TYPE type, NDIS_OID oid, void* buffer, uint32_t length,
                        uint32_t* transferred = nullptr);

// Clones that were not freed, for the leak report (oid_clone.cpp).
std::vector<std::string> oid_leaks();

}  // namespace ndiskit::ndis
