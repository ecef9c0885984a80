// One OID request at a time for each layer.
#include "ndis/oid_queue.h"

#include <cstring>
#include <utility>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/filter.h"
#include "ndis/misuse.h"
#include "ndis/oid_answers.h"
#include "ndis/oid_rules.h"
#include "ndis/wake.h"
#include "nt/ke/irql.h"

namespace ndiskit::ndis {

OidQueue::OidQueue(Handle& layer) : layer_(layer) {
    work_.WorkerRoutine = work;
    work_.Parameter = this;
    KeInitializeEvent(&drained_, SynchronizationEvent, false);
}
OidQueue::~OidQueue() = default;

bool OidQueue::enlist(PNDIS_OID_REQUEST request, Handle& origin, Completion* waiter) {
    OidRecord& record = record_of(request);
    std::memset(&record, 0, sizeof(record));
    record.origin = &origin;
    record.waiter = waiter;
    return state_.with([&](State& state) {
        if (state.tail != nullptr)
            record_of(state.tail).next = request;
        else
            state.head = request;
        state.tail = request;
        if (state.busy)
            return false;
        state.busy = true;
        return true;
    });
}

NDIS_STATUS OidQueue::proceed(PNDIS_OID_REQUEST request, bool first) {
    if (!first) {
        if (layer_.kind == HandleKind::adapter)
            static_cast<Adapter&>(layer_).suspend.need();
        return NDIS_STATUS_PENDING;
    }
    if (nt::current_irql() != PASSIVE_LEVEL) {
        pump_later();
        return NDIS_STATUS_PENDING;
    }
    // Nothing runs and nothing waited, so the first in the queue is this request, unless it was cancelled since.
    PNDIS_OID_REQUEST taken = take_next();
    if (taken == nullptr)
        return NDIS_STATUS_PENDING;
    NDIS_STATUS status = dispatch(taken);
    if (status != NDIS_STATUS_PENDING)
        status = finish(taken, status, taken != request);
    return taken == request ? status : NDIS_STATUS_PENDING;
}

PNDIS_OID_REQUEST OidQueue::take_next() {
    return state_.with([&](State& state) {
        PNDIS_OID_REQUEST request = state.head;
        if (request == nullptr) {
            become_idle(state);
            return request;
        }
        state.head = record_of(request).next;
        if (state.head == nullptr)
            state.tail = nullptr;
        record_of(request).next = nullptr;
        state.current = request;
        state.number++;
        return request;
    });
}

namespace {

// NDIS' part before the highest layer gets a binding's request. False when it is the answer already.
bool begin_step(Binding& binding, PNDIS_OID_REQUEST request, NDIS_STATUS& status) {
    const OidRule* rule = rule_of(oid_of(*request));
    if (rule == nullptr || rule->step == nullptr || rule->answerer(request->RequestType) != Answerer::miniport)
        return true;
    std::unique_ptr<OidStep> step = rule->step(binding, *request);
    if (step == nullptr)
        return true;
    status = step->begin(binding, *request);
    if (status != NDIS_STATUS_SUCCESS)
        return false;
    record_of(request).step = step.release();
    return true;
}

NDIS_STATUS end_step(Binding& binding, PNDIS_OID_REQUEST request, NDIS_STATUS status) {
    const std::unique_ptr<OidStep> step(std::exchange(record_of(request).step, nullptr));
    return step != nullptr ? step->end(binding, *request, status) : status;
}

// Who asks the adapter: the miniport's own version where NDIS itself does.
Asker asker_of(const Adapter& adapter, Handle& origin) {
    if (origin.kind == HandleKind::binding)
        return {static_cast<Binding*>(&origin), static_cast<Binding&>(origin).protocol.version};
    if (origin.kind == HandleKind::filter_module)
        return {nullptr, static_cast<FilterModule&>(origin).driver.version};
    return {nullptr, adapter.driver.version};
}

}  // namespace

// Calls the layer's handler. The request is the queue's `current` until it is finished or completed.
NDIS_STATUS OidQueue::dispatch(PNDIS_OID_REQUEST request) {
    NDIS_STATUS status = NDIS_STATUS_SUCCESS;
    Handle& origin = *record_of(request).origin;
    if (origin.kind == HandleKind::binding && !begin_step(static_cast<Binding&>(origin), request, status))
        return status;
    if (layer_.kind == HandleKind::adapter) {
        auto& adapter = static_cast<Adapter&>(layer_);
        if (!next_state(adapter.state(), AdapterEvent::oid_request))
            return NDIS_STATUS_ADAPTER_REMOVED;
        if (origin.kind == HandleKind::filter_module &&
            answer_filter_wake(adapter, static_cast<FilterModule&>(origin), *request, status))
            return status;
        // A set that NDIS keeps for bindings and filter modules is on its way to the miniport when it has come so far.
        if (request->RequestType != NdisRequestSetInformation &&
            answer_oid(adapter, asker_of(adapter, origin), *request, status))
            return status;
        record_of(request).at_driver = true;
        adapter.suspend.note_activity();
        return adapter.driver.handlers.OidRequestHandler(adapter.context, request);
    }
    record_of(request).at_driver = true;
    return run_filter_oid(static_cast<FilterModule&>(layer_), request);
}

void OidQueue::complete(PNDIS_OID_REQUEST request, NDIS_STATUS status) {
    const bool is_current = state_.with([&](State& state) { return state.current == request; });
    if (!is_current || request == nullptr)
        misuse(Misuse::invalid_oid_completion,
               "an OID request was completed that the driver does not have (a double completion?)",
               reinterpret_cast<uint64_t>(&layer_), reinterpret_cast<uint64_t>(request));
    finish(request, status, true);
}

namespace {

// What gives a resource back may not fail.
bool must_succeed(NDIS_OID oid) {
    return oid == OID_RECEIVE_FILTER_CLEAR_FILTER || oid == OID_RECEIVE_FILTER_FREE_QUEUE ||
           oid == OID_NIC_SWITCH_DELETE_SWITCH || oid == OID_NIC_SWITCH_DELETE_VPORT || oid == OID_NIC_SWITCH_FREE_VF;
}

void check_completion(const Handle& layer, const NDIS_OID_REQUEST& request, NDIS_STATUS status) {
    if (status != NDIS_STATUS_SUCCESS && layer.kind == HandleKind::adapter && must_succeed(oid_of(request)))
        misuse(Misuse::failed_oid_which_must_succeed, "a miniport failed an OID that frees a resource",
               reinterpret_cast<uint64_t>(&layer), oid_of(request), static_cast<uint32_t>(status));
    if (status != NDIS_STATUS_SUCCESS)
        return;
    const auto& q = request.DATA.QUERY_INFORMATION;
    const bool is_query = request.RequestType == NdisRequestQueryInformation ||
                          request.RequestType == NdisRequestQueryStatistics;
    if (is_query && q.BytesWritten > q.InformationBufferLength)
        misuse(Misuse::oid_invalid_buffer, "an OID query was completed with more bytes than its buffer has",
               reinterpret_cast<uint64_t>(&layer), oid_of(request), q.BytesWritten);
}

void tell_origin(Handle& origin, PNDIS_OID_REQUEST request, NDIS_STATUS status) {
    switch (origin.kind) {
    case HandleKind::binding: {
        auto& binding = static_cast<Binding&>(origin);
        binding.protocol.handlers.OidRequestCompleteHandler(binding.context, request, status);
        release_oid(binding);
        return;
    }
    case HandleKind::filter_module:
        return complete_filter_oid(static_cast<FilterModule&>(origin), request, status);
    default:
        record_of(request).waiter->complete(status);
    }
}

}  // namespace

NDIS_STATUS OidQueue::finish(PNDIS_OID_REQUEST request, NDIS_STATUS status, bool tell) {
    OidRecord& record = record_of(request);
    Handle& origin = *record.origin;
    if (record.at_driver)
        check_completion(layer_, *request, status);
    if (origin.kind == HandleKind::binding)
        status = end_step(static_cast<Binding&>(origin), request, status);
    const bool more = state_.with([&](State& state) {
        state.current = nullptr;
        if (state.held)
            return false;
        if (state.head == nullptr)
            become_idle(state);
        return state.head != nullptr;
    });
    if (more)
        pump_later();
    if (tell)
        tell_origin(origin, request, status);
    return status;
}

bool OidQueue::hold() {
    return state_.with([](State& state) { return !state.busy && (state.held = state.busy = true); });
}

void OidQueue::release() {
    const bool more = state_.with([&](State& state) {
        state.held = false;
        if (state.head == nullptr)
            become_idle(state);
        return state.head != nullptr;
    });
    if (more)
        pump_later();
}

NDIS_STATUS OidQueue::run_held(PNDIS_OID_REQUEST request, Handle& origin) {
    Completion done;
    OidRecord& record = record_of(request);
    std::memset(&record, 0, sizeof(record));
    record.origin = &origin;
    record.waiter = &done;
    state_.with([&](State& state) {
        state.current = request;
        state.number++;
    });
    const NDIS_STATUS status = dispatch(request);
    return status == NDIS_STATUS_PENDING ? done.wait() : finish(request, status, false);
}

void OidQueue::pump_later() { ExQueueWorkItem(&work_, DelayedWorkQueue); }

void NTAPI OidQueue::work(PVOID context) {
    auto& queue = *static_cast<OidQueue*>(context);
    PNDIS_OID_REQUEST request = queue.take_next();
    if (request == nullptr)
        return;
    const NDIS_STATUS status = queue.dispatch(request);
    if (status != NDIS_STATUS_PENDING)
        queue.finish(request, status, true);
}

void OidQueue::cancel(Handle& origin, PVOID request_id) {
    PNDIS_OID_REQUEST aborted = nullptr;
    const bool running = state_.with([&](State& state) {
        PNDIS_OID_REQUEST* link = &state.head;
        PNDIS_OID_REQUEST last = nullptr;
        while (*link != nullptr) {
            PNDIS_OID_REQUEST request = *link;
            if (record_of(request).origin == &origin && request->RequestId == request_id) {
                *link = record_of(request).next;
                record_of(request).next = aborted;
                aborted = request;
            } else {
                last = request;
                link = &record_of(request).next;
            }
        }
        state.tail = last;
        return state.current != nullptr && record_of(state.current).origin == &origin &&
               state.current->RequestId == request_id;
    });
    while (aborted != nullptr) {
        PNDIS_OID_REQUEST next = record_of(aborted).next;
        tell_origin(origin, aborted, NDIS_STATUS_REQUEST_ABORTED);
        aborted = next;
    }
    if (!running)
        return;
    if (layer_.kind == HandleKind::adapter) {
        auto& adapter = static_cast<Adapter&>(layer_);
        adapter.driver.handlers.CancelOidRequestHandler(adapter.context, request_id);
    } else {
        cancel_filter_oid(static_cast<FilterModule&>(layer_), request_id);
    }
}

void OidQueue::become_idle(State& state) {
    state.busy = false;
    if (state.draining)
        KeSetEvent(&drained_, 0, false);
}

uint64_t OidQueue::running() const {
    return state_.with([](const State& state) { return state.current != nullptr ? state.number : 0; });
}

void OidQueue::drain() {
    const auto busy = [&] {
        return state_.with([](State& state) {
            state.draining = true;
            return state.busy;
        });
    };
    while (busy())
        KeWaitForSingleObject(&drained_, Executive, KernelMode, false, nullptr);
}

}  // namespace ndiskit::ndis
