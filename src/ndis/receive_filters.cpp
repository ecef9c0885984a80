// The state of queues and filters, and the steps of the OIDs that change it.
#include "ndis/receive_filters.h"

#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/oid_buffer.h"
#include "ndis/settings.h"
#include "ndis/structures.h"

namespace ndiskit::ndis {

void ReceiveFilters::clear() {
    state_.with([](State& s) { s = State{}; });
}

std::vector<ReceiveQueue> ReceiveFilters::queues(const Binding* owner) const {
    return state_.with([&](const State& s) {
        std::vector<ReceiveQueue> found;
        for (const ReceiveQueue& q : s.queues)
            if (q.allocated && (owner == nullptr || q.owner == owner))
                found.push_back(q);
        return found;
    });
}

std::vector<ReceiveFilter> ReceiveFilters::filters(NDIS_RECEIVE_QUEUE_ID queue) const {
    return state_.with([&](const State& s) {
        std::vector<ReceiveFilter> found;
        std::ranges::copy_if(s.filters, std::back_inserter(found),
                             [&](const ReceiveFilter& f) { return f.set && f.queue == queue; });
        return found;
    });
}

std::vector<ReceiveFilter> ReceiveFilters::filters_of(const Binding& owner) const {
    return state_.with([&](const State& s) {
        std::vector<ReceiveFilter> found;
        std::ranges::copy_if(s.filters, std::back_inserter(found),
                             [&](const ReceiveFilter& f) { return f.set && f.owner == &owner; });
        return found;
    });
}

std::optional<ReceiveQueue> ReceiveFilters::queue(NDIS_RECEIVE_QUEUE_ID id) const {
    return state_.with([&](const State& s) -> std::optional<ReceiveQueue> {
        for (const ReceiveQueue& q : s.queues)
            if (q.allocated && q.parameters.QueueId == id)
                return q;
        return std::nullopt;
    });
}

std::optional<ReceiveFilter> ReceiveFilters::filter(NDIS_RECEIVE_FILTER_ID id) const {
    return state_.with([&](const State& s) -> std::optional<ReceiveFilter> {
        for (const ReceiveFilter& f : s.filters)
            if (f.set && f.id == id)
                return f;
        return std::nullopt;
    });
}

NDIS_RECEIVE_QUEUE_ID ReceiveFilters::reserve_queue(const NDIS_RECEIVE_QUEUE_PARAMETERS& parameters,
                                                    const Binding& owner) {
    return state_.with([&](State& s) {
        ReceiveQueue q{.parameters = parameters, .owner = &owner};
        q.parameters.QueueId = NDIS_DEFAULT_RECEIVE_QUEUE_ID + 1;
        while (std::ranges::any_of(s.queues, [&](const ReceiveQueue& other) {
            return other.parameters.QueueId == q.parameters.QueueId;
        }))
            q.parameters.QueueId++;
        s.queues.push_back(q);
        return q.parameters.QueueId;
    });
}

NDIS_RECEIVE_FILTER_ID ReceiveFilters::reserve_filter(const Binding& owner) {
    return state_.with([&](State& s) {
        ReceiveFilter f{.id = 1, .owner = &owner};
        while (std::ranges::any_of(s.filters, [&](const ReceiveFilter& other) { return other.id == f.id; }))
            f.id++;
        s.filters.push_back(f);
        return f.id;
    });
}

void ReceiveFilters::drop_queue(NDIS_RECEIVE_QUEUE_ID id) {
    state_.with([&](State& s) {
        std::erase_if(s.queues, [&](const ReceiveQueue& q) { return q.parameters.QueueId == id; });
    });
}

void ReceiveFilters::drop_filter(NDIS_RECEIVE_FILTER_ID id) {
    state_.with([&](State& s) { std::erase_if(s.filters, [&](const ReceiveFilter& f) { return f.id == id; }); });
    settle_states();
}

void ReceiveFilters::settle_states() {
    state_.with([](State& s) {
        for (ReceiveQueue& q : s.queues) {
            if (q.state == NdisReceiveQueueOperationalStateDmaStopped)
                continue;
            const bool filtered = std::ranges::any_of(
                s.filters, [&](const ReceiveFilter& f) { return f.set && f.queue == q.parameters.QueueId; });
            q.state = q.complete && filtered ? NdisReceiveQueueOperationalStateRunning
                                             : NdisReceiveQueueOperationalStatePaused;
        }
    });
}

namespace {

ReceiveFilters& state_of(const Binding& binding) { return binding.adapter.settings->receive_filters; }

// The whole structure of the input, as long as its header says.
std::vector<std::byte> whole_input(const NDIS_OID_REQUEST& request) {
    const auto input = input_of(request);
    return {input.begin(), input.end()};
}

bool has_receive_filters(const Adapter& adapter) {
    return adapter.attributes.indicated.has(&Indicated::current_receive_filter) ||
           adapter.attributes.indicated.has(&Indicated::hardware_receive_filter);
}

// Whether `binding` may put filters on the queue.
bool may_use_queue(const Binding& binding, NDIS_RECEIVE_QUEUE_ID id) {
    if (id == NDIS_DEFAULT_RECEIVE_QUEUE_ID)
        return true;
    const auto queue = state_of(binding).queue(id);
    return queue && queue->owner == &binding;
}

class AllocateQueue : public OidStep {
  public:
    NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) override {
        if (!has_receive_filters(binding.adapter))
            return NDIS_STATUS_NOT_SUPPORTED;
        auto parameters = read_input<NDIS_RECEIVE_QUEUE_PARAMETERS>(request);
        constexpr ULONG may_ask = NDIS_RECEIVE_QUEUE_PARAMETERS_PER_QUEUE_RECEIVE_INDICATION |
                                  NDIS_RECEIVE_QUEUE_PARAMETERS_LOOKAHEAD_SPLIT_REQUIRED;
        if ((parameters.Flags & ~may_ask) != 0 || parameters.QueueType != NdisReceiveQueueTypeVMQueue)
            return NDIS_STATUS_INVALID_PARAMETER;
        id_ = state_of(binding).reserve_queue(parameters, binding);
        static_cast<NDIS_RECEIVE_QUEUE_PARAMETERS*>(request.DATA.METHOD_INFORMATION.InformationBuffer)->QueueId = id_;
        return NDIS_STATUS_SUCCESS;
    }
    NDIS_STATUS end(Binding& binding, NDIS_OID_REQUEST&, NDIS_STATUS status) override {
        if (status == NDIS_STATUS_SUCCESS)
            state_of(binding).change_queue(id_, [](ReceiveQueue& q) { q.allocated = true; });
        else
            state_of(binding).drop_queue(id_);
        return status;
    }

  private:
    NDIS_RECEIVE_QUEUE_ID id_ = 0;
};

// Takes over what the flags say has changed; the rest of a queue cannot change.
void apply_changes(NDIS_RECEIVE_QUEUE_PARAMETERS& kept, const NDIS_RECEIVE_QUEUE_PARAMETERS& given) {
    const ULONG flags = given.Flags;
    if (flags & NDIS_RECEIVE_QUEUE_PARAMETERS_FLAGS_CHANGED)
        kept.Flags = flags & ~NDIS_RECEIVE_QUEUE_PARAMETERS_CHANGE_MASK;
    if (flags & NDIS_RECEIVE_QUEUE_PARAMETERS_PROCESSOR_AFFINITY_CHANGED)
        kept.ProcessorAffinity = given.ProcessorAffinity;
    if (flags & NDIS_RECEIVE_QUEUE_PARAMETERS_SUGGESTED_RECV_BUFFER_NUMBERS_CHANGED)
        kept.NumSuggestedReceiveBuffers = given.NumSuggestedReceiveBuffers;
    if (flags & NDIS_RECEIVE_QUEUE_PARAMETERS_NAME_CHANGED) {
        kept.VmName = given.VmName;
        kept.QueueName = given.QueueName;
    }
    if (flags & NDIS_RECEIVE_QUEUE_PARAMETERS_INTERRUPT_COALESCING_DOMAIN_ID_CHANGED)
        kept.InterruptCoalescingDomainId = given.InterruptCoalescingDomainId;
    if (flags & NDIS_RECEIVE_QUEUE_PARAMETERS_QOS_SQ_ID_CHANGED)
        kept.QosSqId = given.QosSqId;
}

class ChangeQueue : public OidStep {
  public:
    NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) override {
        given_ = read_input<NDIS_RECEIVE_QUEUE_PARAMETERS>(request);
        const auto queue = state_of(binding).queue(given_.QueueId);
        return queue && queue->owner == &binding ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_PARAMETER;
    }
    NDIS_STATUS end(Binding& binding, NDIS_OID_REQUEST&, NDIS_STATUS status) override {
        if (status == NDIS_STATUS_SUCCESS)
            state_of(binding).change_queue(given_.QueueId,
                                           [&](ReceiveQueue& q) { apply_changes(q.parameters, given_); });
        return status;
    }

  private:
    NDIS_RECEIVE_QUEUE_PARAMETERS given_{};
};

using CompleteArray = NDIS_RECEIVE_QUEUE_ALLOCATION_COMPLETE_ARRAY;
using CompleteEntry = NDIS_RECEIVE_QUEUE_ALLOCATION_COMPLETE_PARAMETERS;

CompleteEntry entry_of(const NDIS_OID_REQUEST& request, const CompleteArray& array, ULONG index) {
    CompleteEntry entry{};
    std::memcpy(&entry, input_of(request).data() + array.FirstElementOffset + size_t{index} * array.ElementSize,
                sizeof(entry));
    return entry;
}

class AllocationComplete : public OidStep {
  public:
    NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) override {
        array_ = read_input<CompleteArray>(request);
        for (ULONG i = 0; i < array_.NumElements; i++) {
            const NDIS_RECEIVE_QUEUE_ID id = entry_of(request, array_, i).QueueId;
            if (id == NDIS_DEFAULT_RECEIVE_QUEUE_ID || !may_use_queue(binding, id))
                return NDIS_STATUS_INVALID_PARAMETER;
        }
        return NDIS_STATUS_SUCCESS;
    }
    NDIS_STATUS end(Binding& binding, NDIS_OID_REQUEST& request, NDIS_STATUS status) override {
        for (ULONG i = 0; status == NDIS_STATUS_SUCCESS && i < array_.NumElements; i++) {
            const CompleteEntry entry = entry_of(request, array_, i);
            if (entry.CompletionStatus == NDIS_STATUS_SUCCESS)
                state_of(binding).change_queue(entry.QueueId, [](ReceiveQueue& q) { q.complete = true; });
        }
        state_of(binding).settle_states();
        return status;
    }

  private:
    CompleteArray array_{};
};

class FreeQueue : public OidStep {
  public:
    NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) override {
        id_ = read_input<NDIS_RECEIVE_QUEUE_FREE_PARAMETERS>(request).QueueId;
        const auto queue = state_of(binding).queue(id_);
        // The filters on a queue are cleared before it is freed.
        const bool may = queue && queue->owner == &binding && state_of(binding).filters(id_).empty();
        return may ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_PARAMETER;
    }
    NDIS_STATUS end(Binding& binding, NDIS_OID_REQUEST&, NDIS_STATUS status) override {
        if (status == NDIS_STATUS_SUCCESS)
            state_of(binding).drop_queue(id_);
        return status;
    }

  private:
    NDIS_RECEIVE_QUEUE_ID id_ = 0;
};

// A filter identifier of 0 asks for a new filter; another one changes a filter that is there.
class SetFilter : public OidStep {
  public:
    NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) override {
        if (!has_receive_filters(binding.adapter))
            return NDIS_STATUS_NOT_SUPPORTED;
        parameters_ = read_input<NDIS_RECEIVE_FILTER_PARAMETERS>(request);
        if (!may_use_queue(binding, parameters_.QueueId))
            return NDIS_STATUS_INVALID_PARAMETER;
        id_ = parameters_.FilterId;
        is_new_ = id_ == 0;
        if (is_new_) {
            id_ = state_of(binding).reserve_filter(binding);
        } else {
            const auto there = state_of(binding).filter(id_);
            if (!there || there->owner != &binding || there->queue != parameters_.QueueId)
                return NDIS_STATUS_INVALID_PARAMETER;
        }
        static_cast<NDIS_RECEIVE_FILTER_PARAMETERS*>(request.DATA.METHOD_INFORMATION.InformationBuffer)->FilterId = id_;
        return NDIS_STATUS_SUCCESS;
    }
    NDIS_STATUS end(Binding& binding, NDIS_OID_REQUEST& request, NDIS_STATUS status) override {
        if (status != NDIS_STATUS_SUCCESS) {
            if (is_new_)
                state_of(binding).drop_filter(id_);
            return status;
        }
        std::vector<std::byte> whole = whole_input(request);
        state_of(binding).change_filter(id_, [&](ReceiveFilter& f) {
            f.set = true;
            f.queue = parameters_.QueueId;
            f.type = parameters_.FilterType;
            f.whole.swap(whole);
        });
        state_of(binding).settle_states();
        return status;
    }

  private:
    NDIS_RECEIVE_FILTER_PARAMETERS parameters_{};
    NDIS_RECEIVE_FILTER_ID id_ = 0;
    bool is_new_ = false;
};

class ClearFilter : public OidStep {
  public:
    NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) override {
        id_ = read_input<NDIS_RECEIVE_FILTER_CLEAR_PARAMETERS>(request).FilterId;
        const auto filter = state_of(binding).filter(id_);
        return filter && filter->owner == &binding ? NDIS_STATUS_SUCCESS : NDIS_STATUS_FILE_NOT_FOUND;
    }
    NDIS_STATUS end(Binding& binding, NDIS_OID_REQUEST&, NDIS_STATUS status) override {
        if (status == NDIS_STATUS_SUCCESS)
            state_of(binding).drop_filter(id_);
        return status;
    }

  private:
    NDIS_RECEIVE_FILTER_ID id_ = 0;
};

class MoveFilter : public OidStep {
  public:
    NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) override {
        move_ = read_input<NDIS_RECEIVE_FILTER_MOVE_FILTER_PARAMETERS>(request);
        const auto filter = state_of(binding).filter(move_.FilterId);
        const bool may = filter && filter->owner == &binding && filter->queue == move_.SourceQueueId &&
                         may_use_queue(binding, move_.DestQueueId);
        return may ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_PARAMETER;
    }
    NDIS_STATUS end(Binding& binding, NDIS_OID_REQUEST&, NDIS_STATUS status) override {
        if (status == NDIS_STATUS_SUCCESS) {
            state_of(binding).change_filter(move_.FilterId, [&](ReceiveFilter& f) { f.queue = move_.DestQueueId; });
            state_of(binding).settle_states();
        }
        return status;
    }

  private:
    NDIS_RECEIVE_FILTER_MOVE_FILTER_PARAMETERS move_{};
};

}  // namespace

std::unique_ptr<OidStep> make_allocate_queue_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<AllocateQueue>();
}
std::unique_ptr<OidStep> make_queue_parameters_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<ChangeQueue>();
}
std::unique_ptr<OidStep> make_allocation_complete_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<AllocationComplete>();
}
std::unique_ptr<OidStep> make_free_queue_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<FreeQueue>();
}
std::unique_ptr<OidStep> make_set_filter_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<SetFilter>();
}
std::unique_ptr<OidStep> make_clear_filter_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<ClearFilter>();
}
std::unique_ptr<OidStep> make_move_filter_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<MoveFilter>();
}

NDIS_STATUS check_receive_filter(const NDIS_OID_REQUEST& request) {
    const auto parameters = read_input<NDIS_RECEIVE_FILTER_PARAMETERS>(request);
    const bool type_is_known = parameters.FilterType > NdisReceiveFilterTypeUndefined &&
                               parameters.FilterType < NdisReceiveFilterTypeMaximum;
    if (!type_is_known || parameters.RequestedFilterIdBitCount != 0)
        return NDIS_STATUS_INVALID_PARAMETER;
    const ULONG fields = parameters.FieldParametersArrayNumElements;
    if (fields == 0)
        return NDIS_STATUS_SUCCESS;
    if (parameters.FieldParametersArrayElementSize < NDIS_SIZEOF_RECEIVE_FILTER_FIELD_PARAMETERS_REVISION_1)
        return NDIS_STATUS_INVALID_PARAMETER;
    return lies_within(parameters.FieldParametersArrayOffset, fields, parameters.FieldParametersArrayElementSize,
                       input_of(request).size())
               ? NDIS_STATUS_SUCCESS
               : NDIS_STATUS_INVALID_LENGTH;
}

NDIS_STATUS check_allocation_complete(const NDIS_OID_REQUEST& request) {
    const auto array = read_input<CompleteArray>(request);
    if (array.NumElements == 0 ||
        array.ElementSize < NDIS_SIZEOF_RECEIVE_QUEUE_ALLOCATION_COMPLETE_PARAMETERS_REVISION_1)
        return NDIS_STATUS_INVALID_PARAMETER;
    return lies_within(array.FirstElementOffset, array.NumElements, array.ElementSize, input_of(request).size())
               ? NDIS_STATUS_SUCCESS
               : NDIS_STATUS_INVALID_LENGTH;
}

void remember_queue_status(Adapter& adapter, const NDIS_STATUS_INDICATION& status) {
    ReceiveFilters& filters = adapter.settings->receive_filters;
    if (status.StatusCode == NDIS_STATUS_RECEIVE_QUEUE_STATE) {
        NDIS_RECEIVE_QUEUE_STATE state{};
        std::memcpy(&state, status.StatusBuffer, NDIS_SIZEOF_NDIS_RECEIVE_QUEUE_STATE_REVISION_1);
        filters.change_queue(state.QueueId, [&](ReceiveQueue& q) { q.state = state.QueueState; });
    } else if (status.StatusCode == NDIS_STATUS_RECEIVE_FILTER_QUEUE_PARAMETERS) {
        NDIS_RECEIVE_QUEUE_PARAMETERS given{};
        std::memcpy(&given, status.StatusBuffer, std::min<size_t>(status.StatusBufferSize, sizeof(given)));
        filters.change_queue(given.QueueId, [&](ReceiveQueue& q) { apply_changes(q.parameters, given); });
    }
}

void withdraw_receive_filters(Binding& binding) {
    Adapter& adapter = binding.adapter;
    ReceiveFilters& state = state_of(binding);
    const bool ask = adapter.initialized() && !adapter.surprise_removed && adapter.power == NdisDeviceStateD0;
    for (const ReceiveFilter& filter : state.filters_of(binding)) {
        log_error("ndis", "{} closes its binding with receive filter {} still set", binding.protocol.name, filter.id);
        NDIS_RECEIVE_FILTER_CLEAR_PARAMETERS clear{};
        clear.Header = receive_filter_clear_structure.header(ndis_6_20);
        clear.QueueId = filter.queue;
        clear.FilterId = filter.id;
        if (ask)
            request_oid(adapter, NdisRequestSetInformation, OID_RECEIVE_FILTER_CLEAR_FILTER, &clear, sizeof(clear));
        state.drop_filter(filter.id);
    }
    for (const ReceiveQueue& queue : state.queues(&binding)) {
        log_error("ndis", "{} closes its binding with receive queue {} still allocated", binding.protocol.name,
                  queue.parameters.QueueId);
        NDIS_RECEIVE_QUEUE_FREE_PARAMETERS free{};
        free.Header = receive_queue_free_structure.header(ndis_6_20);
        free.QueueId = queue.parameters.QueueId;
        if (ask)
            request_oid(adapter, NdisRequestSetInformation, OID_RECEIVE_FILTER_FREE_QUEUE, &free, sizeof(free));
        state.drop_queue(queue.parameters.QueueId);
    }
}

}  // namespace ndiskit::ndis
