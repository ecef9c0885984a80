// A miniport adapter: one device that a miniport driver drives, physical or virtual, with the filter modules and
// bindings above it. This is the model's centre; what is done with it stands in files by chapter: adapter.cpp
// (initialise, halt), stack.cpp (pause, restart, who is above whom), binding.cpp, intermediate.cpp, send.cpp,
// receive.cpp, oid*.cpp, status.cpp, power.cpp, ports.cpp.
//
// An Adapter exists from the start of its device to its removal; between, a virtual one may be initialised and
// halted many times. All control operations hold `pnp`. The data path reads only what stands under "Data path",
// which changes while the stack is paused, or is atomic.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ndis/abi.h"
#include "ndis/attributes.h"
#include "ndis/edge.h"
#include "ndis/grace.h"
#include "ndis/handle.h"
#include "ndis/hang_watch.h"
#include "ndis/hops.h"
#include "ndis/oid_queue.h"
#include "ndis/registry_layout.h"
#include "ndis/route.h"
#include "ndis/selective_suspend.h"
#include "ndis/shutdown_callback.h"
#include "ndis/states.h"
#include "ndis/wait.h"

namespace ndiskit::ndis {

struct Hardware;
struct MiniportDriver;
struct ProtocolDriver;
class Binding;
class FilterModule;
struct AdapterSettings;
struct WmiBlocks;

// A port that the miniport allocated, beside the default port.
struct Port {
    NDIS_PORT_CHARACTERISTICS characteristics{};
    bool active = false;
};

// What an IM driver asked for with NdisIMInitializeDeviceInstanceEx.
struct DeviceInstanceRequest {
    bool wanted = false;
    NDIS_HANDLE device_context = nullptr;
};

class Adapter : public Handle {
  public:
    static constexpr HandleKind handle_kind = HandleKind::adapter;
    Adapter(AdapterConfig config, MiniportDriver& driver);
    ~Adapter();

    void advance(AdapterEvent event);
    AdapterState state() const { return state_.load(std::memory_order_acquire); }
    bool initialized() const {
        const AdapterState s = state();
        return s != AdapterState::halted && s != AdapterState::initializing && s != AdapterState::shutdown;
    }

    // Data path.
    MiniportDriver& driver;
    NDIS_HANDLE context = nullptr;  // MiniportAdapterContext
    ReceiveHop receive_hop;         // what is above the adapter
    CompleteHop complete_hop;
    ReturnHop top_return_hop;       // what is below the bindings
    bool returns_counted_below = false;  // filter modules: what comes back is counted at the miniport
    bool loops_below = false;            // filter modules: frames are looped back below them (loopback.cpp)
    bool filters_receive = false;        // one of them has a receive handler
    SendHop send_below;                  // what is below the loop
    std::atomic<const Route*> route = nullptr;
    PassiveSections sections;
    Edge receives;  // miniport -> stack
    Edge sends;     // stack -> miniport; counted only when filter modules stand between
    uint32_t edge_id = 0;
    std::atomic<bool> takes_indications = false;  // restarting, running or pausing
    std::atomic<bool> has_ports = false;  // beside the default one, or the miniport activates that itself

    // Whether a port is active. The default port alone is the common case.
    [[gnu::always_inline]] bool carries(NDIS_PORT_NUMBER port) const {
        if (port == NDIS_DEFAULT_PORT_NUMBER && !has_ports.load(std::memory_order_relaxed)) [[likely]]
            return true;
        return route.load(std::memory_order_acquire)->carries(port);
    }

    // Control plane.
    const AdapterConfig config;
    const std::u16string device_name;     // \Device\{NetCfgInstanceId}
    PnpLock pnp;
    Attributes attributes;
    OidQueue oids;
    mutable Guarded<std::vector<Binding*>, LockRank::ndis_adapter> open_bindings;  // in order of opening
    mutable Guarded<std::vector<FilterModule*>, LockRank::ndis_adapter> filter_list;  // bottom to top
    std::atomic<Completion*> pending_pause = nullptr;    // what NdisMPauseComplete completes
    std::atomic<Completion*> pending_restart = nullptr;
    std::atomic<bool> reset_pending = false;  // the driver has a reset
    KEVENT reset_over;                        // it has none
    HangWatch hang_watch{*this};
    ShutdownCallback shutdown_callback{*this};
    SelectiveSuspend suspend{*this};
    DeviceInstanceRequest instance_request;
    std::atomic<bool> device_started = false;
    bool surprise_removed = false;
    // Asked for by the miniport: nobody binds or attaches; the stack does not run (miniport_events.cpp).
    std::atomic<bool> binds_inhibited = false;
    std::atomic<bool> pause_required = false;
    bool device_added = false;              // MiniportAddDevice succeeded
    NDIS_HANDLE add_device_context = nullptr;
    std::atomic<NDIS_DEVICE_POWER_STATE> power = NdisDeviceStateD0;
    std::atomic<bool> falls_asleep = false;  // from NetEventSetPower on, until it is in D0 again
    bool halted_for_sleep = false;
    Guarded<std::vector<Port>, LockRank::ndis_binding> ports;

    NET_IFINDEX interface_index = 0;
    NET_LUID luid{};

    // What the driver claimed of its hardware; there from before MiniportInitializeEx until it has halted.
    std::unique_ptr<Hardware> hardware;

    PDEVICE_OBJECT pdo = nullptr;
    PDEVICE_OBJECT fdo = nullptr;
    Guarded<std::shared_ptr<WmiBlocks>, LockRank::ndis_leaf> wmi;  // null: not registered (wmi.h)

    // What those above have set and NDIS keeps (settings.h).
    const std::unique_ptr<AdapterSettings> settings;

    // The operational status that was indicated last, and when it became so, in milliseconds since the start.
    std::atomic<NET_IF_OPER_STATUS> oper_status = NET_IF_OPER_STATUS_UNKNOWN;
    std::atomic<uint64_t> oper_status_since = 0;

    // The miniport has asked for an address that replaces its own (NdisReadNetworkAddress).
    std::atomic<bool> reads_network_address = false;

    // The union of what bindings want, as the miniport was told last.
    std::atomic<uint32_t> packet_filter = 0;

    // Builds the route anew from the bindings and publishes it. Any IRQL up to DISPATCH_LEVEL; the old one is
    // freed at the next reclaim_routes().
    void publish_route();
    // PASSIVE_LEVEL.
    void reclaim_routes();

    std::vector<Binding*> bindings() const {
        return open_bindings.with([](const auto& list) { return list; });
    }

    // Bottom to top. A module in the copy stays whole while the PnP lock is held, or one of `sections` is entered
    // before the copy is taken.
    std::vector<FilterModule*> filters() const {
        return filter_list.with([](const auto& list) { return list; });
    }

    // The general attributes as those above the filter modules see them; `attributes.general` is the miniport's word.
    NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES general() const {
        auto general = general_above_.with([](const auto& g) { return g; });
        if (reads_network_address)
            general.MacOptions |= NDIS_MAC_OPTION_SUPPORTS_MAC_ADDRESS_OVERWRITE;
        return general;
    }
    void set_general(const NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& general) {
        general_above_.with([&](auto& g) { g = general; });
    }

    // Counters of closed bindings, so that totals never fall.
    EdgeTotals closed_sends;
    EdgeTotals closed_receives;

  private:
    std::atomic<AdapterState> state_ = AdapterState::halted;
    Guarded<NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES, LockRank::ndis_leaf> general_above_;
    Guarded<std::vector<std::unique_ptr<const Route>>, LockRank::ndis_driver> routes_;  // the newest is last
};

// MiniportInitializeEx, then filters, bindings and restart. pnp is held. NDIS_STATUS_OPEN_FAILED when a mandatory
// filter does not attach; the adapter is halted then.
NDIS_STATUS bring_up(Adapter& adapter);
// Pause, unbind, detach, MiniportHaltEx. pnp is held. No effect when it is not initialised.
void bring_down(Adapter& adapter, NDIS_HALT_ACTION action);

// Binds the protocols that the registry lists and that are not bound, unbinds those that it does not list any more.
// pnp is held, the adapter is initialised. The stack is paused around changes and restarted.
void reconcile_adapter(Adapter& adapter);
// Unbinds one protocol from the adapter. pnp is held.
void unbind_driver(Adapter& adapter, ProtocolDriver& protocol);
// NetEventBindsComplete, once a driver.
void tell_binds_complete(ProtocolDriver& protocol);

// MiniportAddDevice, MiniportFilterResourceRequirements and MiniportStartDevice, where the driver has them; and
// MiniportRemoveDevice (device_start.cpp).
NDIS_STATUS add_device(Adapter& adapter);
void remove_device(Adapter& adapter);

// The device objects of an adapter (device.cpp).
NTSTATUS create_device(Adapter& adapter);
void release_device(Adapter& adapter);

// MiniportInitializeEx and MiniportHaltEx alone (adapter.cpp).
NDIS_STATUS initialize_miniport(Adapter& adapter);
void halt_miniport(Adapter& adapter, NDIS_HALT_ACTION action);

// Sets the packet filter and the multicast list anew, for a miniport that has lost them (reset.cpp).
void restore_addressing(Adapter& adapter);

// The whole stack, top down and bottom up (stack.cpp). pnp is held.
void pause_stack(Adapter& adapter, uint32_t reasons);
void restart_stack(Adapter& adapter);
// Pauses, unbinds, detaches and halts for a mandatory filter that fails.
void terminate_stack(Adapter& adapter);
// Computes the hops of every layer; the stack is paused.
void connect_layers(Adapter& adapter);

}  // namespace ndiskit::ndis
