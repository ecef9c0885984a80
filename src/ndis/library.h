// The NDIS library of the machine, from the host's side: what setup, the command line and tests call. Drivers see
// only the exported Ndis functions.
//
// Adapters and bindings come from the registry alone (registry_layout.h). PnP starts devices by start_adapter();
// the rest follows by itself: the miniport is initialised, bound protocols are bound, the stack is restarted; an
// intermediate driver's virtual miniport is initialised when both its device is started and the driver asked for
// it with NdisIMInitializeDeviceInstanceEx, whichever comes first.
//
// All functions run on an NT thread at PASSIVE_LEVEL and wait until they are done, unless said otherwise.
// Adapters are named by NetCfgInstanceId ("{...}") or instance ("0001").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ndis/edge.h"
#include "ndis/states.h"
#include "nt/io/power_setting.h"

namespace ndiskit::ndis {

// Registers the exports of ndis.sys. Once, before a driver is loaded.
void register_exports();

// Waits until what the library does in the background (binding a protocol that has just registered ...) is done.
void settle_pnp();

// Forgets drivers, closed handles and interface indexes. For tests that run several machines in one process, after
// everything was unloaded and before the kernel stops.
void forget_everything();

// Devices.
Result<> start_adapter(std::u16string_view name);
// Starts every adapter that the registry has, in the order of instances. The first error, after trying all.
Result<> start_all_adapters();
// Asks the bound protocols (NetEventQueryRemoveDevice), then removes. An error when a protocol refuses.
Result<> remove_adapter(std::u16string_view name);
// As when the hardware was pulled out: nobody is asked.
Result<> surprise_remove_adapter(std::u16string_view name);
// Removes all adapters, those whose drivers stand higher first. For the end of a machine.
void remove_all_adapters();

// Bindings: compares what is bound with what the registry says, for all adapters, and binds or unbinds.
void reconcile_bindings();
Result<> unbind(std::u16string_view protocol, std::u16string_view adapter);
Result<> bind(std::u16string_view protocol, std::u16string_view adapter);
// What a user asks for who uninstalls a protocol: it is unbound from everything, then cleans up (ProtocolUninstall).
// Stopping its service is what comes after. No effect when no such protocol is registered.
void uninstall_protocol(std::u16string_view protocol);
// Tells a protocol that its configuration has changed (NetEventReconfigure): for one binding, or for all of them
// when `adapter` is empty.
Result<> reconfigure(std::u16string_view protocol, std::u16string_view adapter);

// Compares the filter modules that are attached with what FilterList says, for all adapters, and attaches or detaches.
void reconcile_filters();

// Pauses and restarts an adapter's whole stack, as NDIS does around changes.
Result<> pause_adapter(std::u16string_view name);
Result<> restart_adapter(std::u16string_view name);

// Power: the whole system to sleep and back, lower adapters after (before) what stands on them.
Result<> sleep_system();
void wake_system();
// One adapter's device power state; 0 is D0, 3 is D3.
Result<> set_adapter_power(std::u16string_view name, uint32_t d_state);
// What the system runs on; miniports in D0 hear it at once, others when they are there again.
void change_power_source(nt::io::PowerSource source);

// The user lets the adapter wake the system, or forbids it; kept in the adapter's key (PnPCapabilities). Protocols
// are told with NetEventPnPCapabilities.
Result<> allow_wake(std::u16string_view name, bool allowed);
// The user has changed the power management keywords in the adapter's key (*WakeOnMagicPacket ...).
Result<> refresh_wake_settings(std::u16string_view name);

// MiniportShutdownEx of every adapter: the system stops.
void shut_down_adapters();

// What there is, for tables, trees and tests. May be called while traffic flows.
struct BindingView {
    std::string protocol;
    std::string adapter;  // guid
    BindingState state;
    uint32_t packet_filter;
    uint32_t edge_id;
    EdgeTotals sends;
    EdgeTotals receives;
    uint64_t sends_out;
    uint64_t receives_out;
    uint32_t oids_out;
};
struct FilterView {
    std::string driver;
    std::string name;
    FilterState state;
    uint32_t edge_id;
    EdgeTotals sends;
    EdgeTotals receives;
};
struct AdapterView {
    std::string guid;
    std::string instance;
    std::string description;
    std::string driver;
    bool is_virtual;
    // The adapters that an IM driver's virtual miniport stands on, by the interface stack table (guids).
    std::vector<std::string> below;
    AdapterState state;
    bool device_started;
    bool link_up;
    uint64_t link_speed;  // bits per second
    uint32_t mtu;
    std::string mac;
    uint32_t power_state;  // 0 is D0
    uint32_t edge_id;
    EdgeTotals sends;
    EdgeTotals receives;
    std::vector<FilterView> filters;  // top first
    std::vector<BindingView> bindings;
};
struct DriverView {
    std::string name;
    enum class Kind : uint8_t { miniport, intermediate, protocol, filter } kind;
    uint8_t major_version;
    uint8_t minor_version;
};
std::vector<AdapterView> adapters();
std::vector<DriverView> drivers();

// Every edge that there is or was, by id: 1, 2 ... in the order in which they came to be.
struct EdgeName {
    std::string name;         // "left", "mux over left"
    std::string description;  // "miniport of mux", "binding", "filter module"
};
std::vector<EdgeName> edge_names();

// Packet capture and tracing. At most one observer; it sees every chain once per edge, before the receiver does,
// on the thread that carries it, at up to DISPATCH_LEVEL, and must not change it.
enum class Direction : uint8_t { down, up };
class Observer {
  public:
    virtual ~Observer() = default;
    virtual void chain(uint32_t edge_id, Direction direction, PNET_BUFFER_LIST chain) = 0;
};
// Null takes it away; on return the old one is not called any more.
void observe(Observer* observer);

// What has begun and not come to an end, one line an item: adapters, filter modules and bindings that change their
// state, and what drivers have not given back ("binding of MUXP to lan (netvmini) is Pausing: 1 send not completed").
// At any IRQL, without waiting: for the report of a machine that hangs.
struct UnderWay {
    std::string text;
    bool changes_state;
};
std::vector<UnderWay> under_way();

// What is left that should have been given back: one line an item ("driver mux: binding to {..} still open").
// Empty when nothing leaked. Called when drivers have been unloaded, or for one driver at its unload.
std::vector<std::string> leak_report();

}  // namespace ndiskit::ndis
