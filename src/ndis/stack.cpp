// The driver stack of one adapter as a whole: pausing it from the top, restarting it from the bottom, and
// computing who is whose neighbour.
// https://learn.microsoft.com/windows-hardware/drivers/network/pausing-a-driver-stack
// https://learn.microsoft.com/windows-hardware/drivers/network/restarting-a-driver-stack
#include <algorithm>
#include <ranges>
#include <utility>

#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/datapath.h"
#include "ndis/driver.h"
#include "ndis/events.h"
#include "ndis/filter.h"
#include "ndis/library_state.h"
#include "ndis/misuse.h"
#include "ndis/task_offload.h"
#include "ndis/restart_attributes.h"
#include "ndis/status.h"

namespace ndiskit::ndis {

namespace {

void pause_miniport(Adapter& adapter, uint32_t reason) {
    adapter.advance(AdapterEvent::pause_called);
    NDIS_MINIPORT_PAUSE_PARAMETERS parameters{};
    parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    parameters.Header.Revision = NDIS_MINIPORT_PAUSE_PARAMETERS_REVISION_1;
    parameters.Header.Size = NDIS_SIZEOF_MINIPORT_PAUSE_PARAMETERS_REVISION_1;
    parameters.PauseReason = reason;
    Completion done;
    adapter.pending_pause.store(&done, std::memory_order_release);
    const NDIS_STATUS returned = adapter.driver.handlers.PauseHandler(adapter.context, &parameters);
    done.settle(returned);
    adapter.pending_pause.store(nullptr, std::memory_order_release);
    adapter.advance(AdapterEvent::pause_completes);
    adapter.sections.quiesce();
}

bool restart_miniport(Adapter& adapter, RestartAttributes& attributes) {
    adapter.advance(AdapterEvent::restart_called);
    NDIS_MINIPORT_RESTART_PARAMETERS parameters{};
    parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    parameters.Header.Revision = NDIS_MINIPORT_RESTART_PARAMETERS_REVISION_1;
    parameters.Header.Size = NDIS_SIZEOF_MINIPORT_RESTART_PARAMETERS_REVISION_1;
    parameters.RestartAttributes = attributes.list();
    Completion done;
    adapter.pending_restart.store(&done, std::memory_order_release);
    const NDIS_STATUS status = done.settle(adapter.driver.handlers.RestartHandler(adapter.context, &parameters));
    adapter.pending_restart.store(nullptr, std::memory_order_release);
    attributes.adopt(parameters.RestartAttributes);
    if (status != NDIS_STATUS_SUCCESS) {
        adapter.advance(AdapterEvent::restart_fails);
        log_error("ndis", "{} did not restart adapter {}: 0x{:08x}", adapter.driver.name, narrow(adapter.config.guid),
                  static_cast<uint32_t>(status));
        return false;
    }
    adapter.advance(AdapterEvent::restart_completes);
    return true;
}

}  // namespace

void pause_stack(Adapter& adapter, uint32_t reason) {
    if (adapter.state() != AdapterState::running)
        return;
    for (Binding* binding : adapter.bindings())
        if (binding->state() == BindingState::running)
            pause_binding(*binding, reason);
    pause_filters(adapter, reason);
    pause_miniport(adapter, reason);
}

namespace {

// Miniport and filter modules. False when the miniport does not restart; `failed` is the module that does not.
bool restart_below_bindings(Adapter& adapter, RestartAttributes& attributes, FilterModule*& failed) {
    // All modules choose their handlers before any of them, or the miniport, moves.
    for (FilterModule* module : adapter.filters())
        take_module_options(*module);
    connect_layers(adapter);
    if (!restart_miniport(adapter, attributes))
        return false;
    attributes.apply(adapter.attributes);
    failed = restart_filters(adapter, attributes);
    if (failed != nullptr) {
        log_error("ndis", "filter {} does not restart on {}", failed->driver.name, narrow(adapter.config.guid));
        pause_filters(adapter, NDIS_PAUSE_NDIS_INTERNAL);
        pause_miniport(adapter, NDIS_PAUSE_NDIS_INTERNAL);
        return true;
    }
    NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES general = adapter.attributes.general;
    attributes.apply(general);
    adapter.set_general(general);
    return true;
}

}  // namespace

void terminate_stack(Adapter& adapter) {
    bring_down(adapter, NdisHaltDeviceFailed);
    adapter.instance_request = {};
}

void restart_stack(Adapter& adapter) {
    if (adapter.state() != AdapterState::paused || adapter.power != NdisDeviceStateD0 || adapter.pause_required)
        return;
    settle_coalescing(adapter);
    RestartAttributes attributes(adapter);
    FilterModule* failed = nullptr;
    if (!restart_below_bindings(adapter, attributes, failed))
        return;
    // A module that does not restart is detached, and the rest begins again.
    if (failed != nullptr && failed->entry.mandatory())
        return terminate_stack(adapter);
    if (failed != nullptr) {
        tell_pre_detach(*failed);
        detach_filter(adapter, *failed);
        return restart_stack(adapter);
    }
    for (Binding* binding : adapter.bindings())
        if (binding->state() == BindingState::paused && !binding->unbinding)
            restart_binding(*binding, attributes.list());
    note_oper_status(adapter);
    adapter.reclaim_routes();
}

// Filter modules are bypassed where they have no handler, so each direction looks for its own nearest neighbour.
void connect_layers(Adapter& adapter) {
    const auto& h = adapter.driver.handlers;
    SendHop send{h.SendNetBufferListsHandler, adapter.context};
    ReturnHop give_back{h.ReturnNetBufferListsHandler, adapter.context};
    const std::vector<FilterModule*> filters = adapter.filters();
    adapter.returns_counted_below = !filters.empty();
    if (adapter.returns_counted_below)
        give_back = {return_to_miniport, &adapter};
    CancelSendHop cancel{h.CancelSendHandler, adapter.context};
    adapter.suspend.stand_in(send, give_back, cancel);
    adapter.loops_below = !filters.empty();
    adapter.filters_receive = std::ranges::any_of(
        filters, [](const FilterModule* m) { return m->handlers.ReceiveNetBufferListsHandler != nullptr; });
    if (adapter.loops_below)
        adapter.send_below = std::exchange(send, {loop_back_below_filters, &adapter});
    for (FilterModule* filter : filters)  // bottom to top: each sees what was nearest below it
        filter->connect_down(send, give_back, cancel);
    adapter.top_return_hop = give_back;
    for (Binding* binding : adapter.bindings()) {
        binding->send_hop = send;
        binding->return_hop = give_back;
        binding->cancel_hop = cancel;
    }
    ReceiveHop receive{deliver_receives, &adapter};
    CompleteHop complete{deliver_completions, &adapter};
    for (FilterModule* filter : std::views::reverse(filters))
        filter->connect_up(receive, complete);
    adapter.suspend.stand_in(receive, complete);
    adapter.receive_hop = receive;
    adapter.complete_hop = complete;
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismpausecomplete
extern "C" void NTAPI NdisMPauseComplete(NDIS_HANDLE MiniportAdapterHandle) {
    auto& adapter = resolve<Adapter>(MiniportAdapterHandle, "NdisMPauseComplete");
    Completion* done = adapter.pending_pause.exchange(nullptr, std::memory_order_acq_rel);
    if (done == nullptr)
        misuse(Misuse::illegal_state_transition, "NdisMPauseComplete without a pause that is pending", 1,
               reinterpret_cast<uint64_t>(MiniportAdapterHandle));
    done->complete(NDIS_STATUS_SUCCESS);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismrestartcomplete
extern "C" void NTAPI NdisMRestartComplete(NDIS_HANDLE MiniportAdapterHandle, NDIS_STATUS Status) {
    auto& adapter = resolve<Adapter>(MiniportAdapterHandle, "NdisMRestartComplete");
    Completion* done = adapter.pending_restart.exchange(nullptr, std::memory_order_acq_rel);
    if (done == nullptr)
        misuse(Misuse::illegal_state_transition, "NdisMRestartComplete without a restart that is pending", 2,
               reinterpret_cast<uint64_t>(MiniportAdapterHandle));
    done->complete(Status);
}
