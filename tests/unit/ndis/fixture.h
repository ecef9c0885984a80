// An NDIS machine for tests: a registry with adapters and protocols, a fixture miniport driver ("fixnic"), a
// fixture protocol driver ("fixproto") and more of its kind, all ordinary drivers in host C++ that note what NDIS
// does to them and do what the test tells them.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ndis/abi.h"
#include "ndis/library.h"
#include "ndis/registry_layout.h"
#include "support/nt_machine.h"

namespace ndiskit::ndis::fixture {

inline const std::u16string guid_a = u"{00000000-0000-0000-0000-00000000000A}";
inline const std::u16string guid_b = u"{00000000-0000-0000-0000-00000000000B}";
inline const std::vector<uint8_t> mac_a = {0x02, 0, 0, 0, 0, 0x0a};
inline const std::vector<uint8_t> broadcast = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

// One adapter of the fixture miniport driver.
struct Nic {
    NDIS_HANDLE handle = nullptr;
    std::vector<std::string> calls;     // "initialize", "restart", ...
    PNET_BUFFER_LIST held = nullptr;    // sends not completed yet
    std::atomic<int> receives_out = 0;
    std::atomic<uint64_t> sent = 0;
    std::vector<PNDIS_OID_REQUEST> oids;  // pended
    PNDIS_OID_REQUEST direct = nullptr;   // pended
    std::atomic<int> oids_inside = 0;
    int most_oids_inside = 0;
    uint32_t packet_filter = 0;
    size_t multicast_bytes = 0;
    bool sends_power = false;
    // Power profiles that came, each with the call before it.
    std::vector<std::pair<ULONG, std::string>> profiles;

    void complete_reset();
    void complete_sends(NDIS_STATUS status = NDIS_STATUS_SUCCESS);
    void complete_direct(NDIS_STATUS status);
    void complete_oid(NDIS_STATUS status = NDIS_STATUS_SUCCESS);
    // Indicates frames to `destination`.
    void indicate(int frames, const std::vector<uint8_t>& destination, ULONG flags = 0, NDIS_PORT_NUMBER port = 0);
    void indicate_link(bool up);
    void indicate_status(NDIS_STATUS code, void* buffer, uint32_t size, NDIS_PORT_NUMBER port = 0);
};

// How adapters of the driver behave; set before they start, or while.
struct NicBehaviour {
    bool hold_sends = false;  // until complete_sends()
    bool pend_oids = false;   // until complete_oid()
    bool pend_direct = false;  // direct ones, until complete_direct()
    bool pend_pause = false;  // completed by a DPC
    bool pend_restart = false;  // as well
    // What fixproto and its kind complete from a work item: binding, unbinding, NET_PNP_EVENTs.
    bool pend_bind = false, pend_unbind = false, pend_events = false;
    bool hears_statuses = true;  // fixproto and its kind have a ProtocolStatusEx
    // What they say to NET_PNP_EVENTs of a binding.
    NDIS_STATUS event_answer = NDIS_STATUS_SUCCESS;
    // A bind that pends asks to be unbound and fails.
    bool bind_gives_up = false;
    bool power_aware = true;
    bool fail_initialize = false;
    ULONG attribute_flags = 0;
    bool has_reset = false;         // check-for-hang and reset handlers
    bool hangs = false;
    bool pend_reset = false;        // until complete_reset()
    bool addressing_reset = false;
    ULONG hang_seconds = 0;
    bool has_pnp = false;           // MiniportAddDevice and its kind
    NDIS_STATUS add_device = NDIS_STATUS_SUCCESS;
    NDIS_STATUS start_device = NDIS_STATUS_SUCCESS;
    UCHAR minor_version = 30;
    UCHAR protocol_minor_version = 30;  // of fixproto and its kind
    bool newest_characteristics = false;  // a structure newer than the version
    // The end of MiniportInitializeEx, when attributes are set, and MiniportHaltEx: what a test claims of hardware.
    std::function<NDIS_STATUS(Nic&, const NDIS_MINIPORT_INIT_PARAMETERS&)> on_initialize;
    std::function<void(Nic&)> on_halt;
    // MiniportSetOptions, instead of registering what has_pnp says.
    std::function<NDIS_STATUS(NDIS_HANDLE driver)> on_set_options;
    // Changes the general attributes before they are set.
    std::function<void(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES&)> on_general;
    // Sees, and changes, the general restart attributes in MiniportRestart.
    std::function<void(NDIS_RESTART_GENERAL_ATTRIBUTES&)> on_restart;
    // Answers an OID request that has come to the driver; nothing: it is answered as usual.
    std::function<std::optional<NDIS_STATUS>(NDIS_OID_REQUEST&)> on_oid;
    std::function<NDIS_STATUS(NDIS_OID_REQUEST&)> on_synchronous_oid;
    // Sees what ProtocolBindAdapterEx is given.
    std::function<void(const NDIS_BIND_PARAMETERS&)> on_bind;
    std::function<void(NDIS_HANDLE bind_context)> in_bind;
    bool refuse_bind = false;
    // Sees the events of ProtocolNetPnPEvent, those without a binding as well.
    std::function<void(const NET_PNP_EVENT_NOTIFICATION&)> on_event;
};
NicBehaviour& behaviour();
NDIS_HANDLE nic_driver();  // what NdisMRegisterMiniportDriver returned
Nic& nic(const std::u16string& guid = guid_a);
bool has_nic(const std::u16string& guid = guid_a);
// NdisMNetPnPEvent of nic().
NDIS_STATUS net_pnp_event(NET_PNP_EVENT_CODE code, UCHAR revision = NET_PNP_EVENT_NOTIFICATION_REVISION_2);
// ... about ports.
NDIS_STATUS port_event(NET_PNP_EVENT_CODE code, void* buffer, ULONG length);
NDIS_PORT_NUMBER allocate_port();
NDIS_STATUS activate(NDIS_PORT_NUMBER number);
NDIS_STATUS deactivate(NDIS_PORT_NUMBER number);

// One binding of the fixture protocol driver.
struct Open {
    NDIS_HANDLE handle = nullptr;
    std::u16string adapter;
    std::string protocol;
    std::vector<std::string> calls;  // "bind", "restart", "pause", "unbind", "status 40010017" ...
    std::atomic<int> sends_out = 0;
    std::atomic<int> completed = 0;
    std::map<NDIS_STATUS, int> send_results;
    std::atomic<int> received = 0;
    bool keep_receives = false;  // until give_back()
    PNET_BUFFER_LIST kept = nullptr;
    std::atomic<bool> running = false;
    KEVENT event;
    NDIS_STATUS status = 0;
    std::vector<NDIS_STATUS> oid_results;
    std::vector<std::pair<NDIS_STATUS, std::vector<uint8_t>>> statuses;  // indications with their buffers
    uint32_t mtu = 0;
    uint8_t bind_revision = 0;

    void send(int nbls, const std::vector<uint8_t>& destination = broadcast, ULONG flags = 0, NDIS_PORT_NUMBER port = 0);
    void give_back();
    NDIS_STATUS oid(NDIS_REQUEST_TYPE type, NDIS_OID oid, void* buffer, uint32_t length);
    // A request that the caller has filled in; it holds the counts afterwards.
    NDIS_STATUS oid(NDIS_OID_REQUEST& request);
    NDIS_STATUS set_filter(uint32_t filter) {
        return oid(NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, &filter, sizeof(filter));
    }
};
Open& open_of(const std::string& protocol = "fixproto", const std::u16string& guid = guid_a);
NDIS_HANDLE protocol_handle(const std::string& protocol = "fixproto");  // of NdisRegisterProtocolDriver
bool is_bound(const std::string& protocol = "fixproto", const std::u16string& guid = guid_a);
std::vector<std::string>& protocol_calls();  // events without a binding

// What happened to drivers of all kinds, in order: "nic restart", "fixproto pause", "filter1 attach" ...
std::vector<std::string>& history();

struct AdapterKeys {
    std::u16string instance, guid, service;
    bool is_virtual = false;
};
void write_adapter(const AdapterKeys& keys);
// What registering said to a driver of the fixture.
NDIS_STATUS& registration_status(const std::string& driver);
void write_service(const std::u16string& service, const std::u16string& builtin);
void write_bind(const std::u16string& protocol, const std::vector<std::u16string>& guids);

// A machine with one fixture NIC (guid_a, instance 0001) that fixproto is bound to; `body` runs with both started.
// Afterwards everything is stopped, unloaded, and leaks fail the test.
void with_stack(const std::function<void()>& body, uint64_t seed = 1);
// The same after `prepare`, which sets the behaviour of the NIC before it starts.
void with_prepared_stack(const std::function<void()>& prepare, const std::function<void()>& body, uint64_t seed = 1);
// As with_stack on the live engine.
void with_live_stack(const std::function<void()>& body);
// As with_stack with nothing started; drivers are registered as builtins.
void with_machine(const std::function<void()>& body, uint64_t seed = 1);
void set_text(const std::u16string& key, std::u16string_view name, const std::u16string& text);
void set_number(const std::u16string& key, std::u16string_view name, uint32_t number);
void set_list(const std::u16string& key, std::u16string_view name, const std::vector<std::u16string>& list);
void start_protocol(const std::string& name = "fixproto");
void unload_all();

AdapterView view(const std::u16string& guid = guid_a);
int count(const std::vector<std::string>& calls, const std::string& call);

}  // namespace ndiskit::ndis::fixture
