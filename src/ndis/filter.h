// Filter modules: one attachment of a filter driver to an adapter's stack, between the bindings and the miniport.
//
// Which modules stand on an adapter, and in which order, is what its FilterList in the registry says, of those whose
// driver is registered (filter_stack.cpp). They are kept bottom to top in Adapter::filter_list, which changes only
// while the stack is paused and the adapter's PnP lock is held. What one module goes through is in
// filter_module.cpp, its data path in filter_data.cpp, OIDs and status in filter_oid.cpp, events in
// filter_events.cpp.
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-filter-drivers
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "ndis/abi.h"
#include "ndis/adapter.h"
#include "ndis/edge.h"
#include "ndis/handle.h"
#include "ndis/hops.h"
#include "ndis/interfaces.h"
#include "ndis/oid_queue.h"
#include "ndis/states.h"
#include "ndis/wait.h"

namespace ndiskit::ndis {

struct FilterDriver;
class RestartAttributes;

// One line of a FilterList: "{adapter GUID}-{filter GUID}-0000", with what the filter's INF said.
struct FilterEntry {
    std::u16string name;
    std::u16string filter;  // the filter's GUID, its driver's UniqueName
    FilterConfig config;
    bool mandatory() const { return config.run_type == FilterConfig::mandatory; }
    bool monitoring() const { return config.type == FilterConfig::monitoring; }
};

class FilterModule : public Handle {
  public:
    static constexpr HandleKind handle_kind = HandleKind::filter_module;
    FilterModule(Adapter& adapter, FilterDriver& driver, FilterEntry entry);

    void advance(FilterEvent event);
    FilterState state() const { return state_.load(std::memory_order_acquire); }

    // Takes the module's place in the chain of hops: what was nearest becomes its own neighbour, and it becomes the
    // nearest, where it has a handler.
    void connect_down(SendHop& send, ReturnHop& give_back, CancelSendHop& cancel);
    void connect_up(ReceiveHop& receive, CompleteHop& complete);

    // A direct OID request that the driver has.
    void enter_direct() { direct_inside_.fetch_add(1, std::memory_order_acq_rel); }
    void leave_direct();
    // Waits until the driver has no request of any kind; the module is out of the adapter's list.
    void drain_oids();

    Adapter& adapter;
    FilterDriver& driver;
    const FilterEntry entry;
    NDIS_HANDLE context = nullptr;
    // The driver's handlers, or those that it set for this module (NDIS_FILTER_PARTIAL_CHARACTERISTICS).
    NDIS_FILTER_DRIVER_CHARACTERISTICS handlers{};
    ULONG attribute_flags = 0;
    bool choosing_options = false;  // FilterSetModuleOptions runs
    // OID_PM_PARAMETERS, for when the adapter sleeps.
    mutable Guarded<NDIS_PM_PARAMETERS, LockRank::ndis_binding> pm_parameters;

    // Data path.
    std::atomic<bool> takes_data = false;  // running or pausing
    SendHop lower_send;
    ReturnHop lower_return;
    CancelSendHop lower_cancel;
    ReceiveHop upper_receive;
    CompleteHop upper_complete;
    Edge sends;     // module -> below
    Edge receives;  // module -> above
    uint32_t edge_id = 0;

    OidQueue oids;
    InterfaceId interface;
    InterfaceId below;  // what it stands on
    std::atomic<Completion*> pending_pause = nullptr;
    std::atomic<Completion*> pending_restart = nullptr;

  private:
    std::atomic<FilterState> state_ = FilterState::detached;
    std::atomic<uint32_t> direct_inside_ = 0;
    KEVENT direct_back_;
};

// One module (filter_module.cpp). All wait until the driver is done.
std::unique_ptr<FilterModule> attach_module(Adapter& adapter, FilterDriver& driver, const FilterEntry& entry,
                                            const InterfaceId& below);
void detach_module(std::unique_ptr<FilterModule> module);
void pause_module(FilterModule& module, uint32_t reason);
// FilterSetModuleOptions, which runs for all modules before one of them restarts.
void take_module_options(FilterModule& module);
bool restart_module(FilterModule& module, RestartAttributes& attributes);

// All modules of an adapter (filter_stack.cpp). pnp is held and the stack is paused. False when a mandatory one does
// not attach.
bool attach_filters(Adapter& adapter);
void detach_filters(Adapter& adapter);
void detach_filter(Adapter& adapter, FilterModule& module);
void pause_filters(Adapter& adapter, uint32_t reason);
// The module that does not restart; null when all do.
FilterModule* restart_filters(Adapter& adapter, RestartAttributes& attributes);
// True when a filter that must be there is not: no protocol is bound then.
bool mandatory_filter_missing(const Adapter& adapter);
// Makes what is attached what the FilterList says now. pnp is held; the stack is paused around changes.
void reconcile_filters(Adapter& adapter);
// The same for every adapter that `driver` is listed for.
void reconcile_filters_of(const FilterDriver& driver);

// The names of all modules on an adapter, top first, as NDIS_PROTOCOL_RESTART_PARAMETERS has them.
std::vector<uint8_t> filter_module_names(const Adapter& adapter);

InterfaceId interface_of(const FilterModule& module);

// Where NdisOpenConfigurationEx of a module reads: what all modules of its driver on its adapter share, or its own.
struct ConfigurationPlace {
    std::u16string path;
    std::string owner;
};
ConfigurationPlace filter_place(const FilterModule& module, bool instance);

// OIDs (filter_oid.cpp).
NDIS_STATUS run_filter_oid(FilterModule& module, PNDIS_OID_REQUEST request);
void cancel_filter_oid(FilterModule& module, PVOID request_id);
void complete_filter_oid(FilterModule& module, PNDIS_OID_REQUEST request, NDIS_STATUS status);
// Direct ones: the nearest module below `above` (null: the highest) that handles them. False when there is none.
bool run_direct_filter_oid(Adapter& adapter, FilterModule* above, PNDIS_OID_REQUEST request, NDIS_STATUS& status);
bool cancel_direct_filter_oid(Adapter& adapter, FilterModule* above, PVOID request_id);
// Synchronous ones: every module below `above` sees the request on its way down and up again; `to_miniport` is the end.
NDIS_STATUS run_synchronous_filter_oid(Adapter& adapter, FilterModule* above, PNDIS_OID_REQUEST request,
                                       const std::function<NDIS_STATUS()>& to_miniport);
// The completion of a direct request that a filter module made as a clone; false for a binding's.
bool complete_direct_filter_oid(PNDIS_OID_REQUEST request, NDIS_STATUS status);

// Status: to the nearest module above `below` (null: the lowest) that has a handler. False when there is none.
bool status_to_filters(Adapter& adapter, FilterModule* below, NDIS_STATUS_INDICATION& status);

// Events (filter_events.cpp): up to the nearest module above `below` that has a handler, or down to the nearest one
// below `above`. False when there is none.
bool event_to_filters(Adapter& adapter, const FilterModule* below, NET_PNP_EVENT_NOTIFICATION& event,
                      NDIS_STATUS& status);
bool device_event_to_filters(Adapter& adapter, const FilterModule* above, NET_DEVICE_PNP_EVENT& event);

// The nearest module above `below` (null: the lowest), or below `above` (null: the highest), for which `has` holds.
template <class Has>
FilterModule* nearest_above(const std::vector<FilterModule*>& bottom_up, const FilterModule* below, Has has) {
    bool from_here = below == nullptr;
    for (FilterModule* module : bottom_up) {
        if (from_here && has(*module))
            return module;
        from_here |= module == below;
    }
    return nullptr;
}
template <class Has>
FilterModule* nearest_below(const std::vector<FilterModule*>& bottom_up, const FilterModule* above, Has has) {
    bool from_here = above == nullptr;
    for (auto it = bottom_up.rbegin(); it != bottom_up.rend(); ++it) {
        if (from_here && has(**it))
            return *it;
        from_here |= *it == above;
    }
    return nullptr;
}

}  // namespace ndiskit::ndis
