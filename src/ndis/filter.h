// Filter modules: one attachment of a filter driver to an adapter's stack, between the bindings and the miniport.
// Modules are kept bottom to top in Adapter::filters and change only while the stack is paused (filter.cpp). Their
// data path is in filter_data.cpp, OIDs and status in filter_oid.cpp.
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-filter-drivers
#pragma once

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

class FilterModule : public Handle {
  public:
    static constexpr HandleKind handle_kind = HandleKind::filter_module;
    FilterModule(Adapter& adapter, FilterDriver& driver, std::u16string name);

    void advance(FilterEvent event);
    FilterState state() const { return state_.load(std::memory_order_acquire); }

    // Takes the module's place in the chain of hops: what was nearest becomes its own neighbour, and it becomes the
    // nearest, where it has a handler.
    void connect_down(SendHop& send, ReturnHop& give_back, CancelSendHop& cancel);
    void connect_up(ReceiveHop& receive, CompleteHop& complete);

    Adapter& adapter;
    FilterDriver& driver;
    const std::u16string name;  // "{adapter GUID}-{filter GUID}-0000"
    NDIS_HANDLE context = nullptr;
    // The driver's handlers, or those that it set for this module (NDIS_FILTER_PARTIAL_CHARACTERISTICS).
    NDIS_FILTER_DRIVER_CHARACTERISTICS handlers{};
    ULONG attribute_flags = 0;

    // Neighbours.
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
    std::atomic<Completion*> pending_pause = nullptr;
    std::atomic<Completion*> pending_restart = nullptr;

  private:
    std::atomic<FilterState> state_ = FilterState::detached;
};

// Attaches what the adapter's FilterList names and is registered, from the bottom up; takes all off again. The stack
// is paused.
void attach_filters(Adapter& adapter);
void detach_filters(Adapter& adapter);
void pause_filters(Adapter& adapter, uint32_t reason);
// False when a module does not restart.
bool restart_filters(Adapter& adapter, RestartAttributes& attributes);

bool handles_oids(const FilterModule& module);
OidQueue& oids_of(FilterModule& module);
InterfaceId interface_of(const FilterModule& module);
// The names of all modules on an adapter, top first, as NDIS_PROTOCOL_RESTART_PARAMETERS has them.
std::vector<uint8_t> filter_module_names(const Adapter& adapter);

// Where NdisOpenConfigurationEx of a module reads.
struct ConfigurationPlace {
    std::u16string path;
    std::string owner;
};
ConfigurationPlace filter_place(const FilterModule& module);

// OIDs (filter_oid.cpp).
NDIS_STATUS run_filter_oid(FilterModule& module, PNDIS_OID_REQUEST request);
void cancel_filter_oid(FilterModule& module, PVOID request_id);
void complete_filter_oid(FilterModule& module, PNDIS_OID_REQUEST request, NDIS_STATUS status);
// Direct and synchronous ones: the nearest module below `above` (null: the highest) that handles them. False when
// there is none.
bool run_direct_filter_oid(Adapter& adapter, FilterModule* above, PNDIS_OID_REQUEST request, NDIS_STATUS& status);
bool cancel_direct_filter_oid(Adapter& adapter, FilterModule* above, PVOID request_id);
bool run_synchronous_filter_oid(Adapter& adapter, FilterModule* above, PNDIS_OID_REQUEST request, NDIS_STATUS& status);
// The completion of a direct request that a filter module made as a clone; false for a binding's.
bool complete_direct_filter_oid(PNDIS_OID_REQUEST request, NDIS_STATUS status);

// Status: to the nearest module above `below` (null: the lowest) that has a handler. False when there is none.
bool status_to_filters(Adapter& adapter, FilterModule* below, NDIS_STATUS_INDICATION& status);

}  // namespace ndiskit::ndis
