// One lower adapter: the binding of the driver's protocol edge, and the virtual miniports over it.
//
// Lives from ProtocolBindAdapterEx to the end of ProtocolUnbindAdapterEx. `sends` is open while the binding
// runs and the adapter is in D0.
//
// Lock order: filter_mutex, then table_lock; the spin locks are leaves.
#pragma once

#include <ndis.h>

#include <ndisxx/event.h>
#include <ndisxx/list.h>
#include <ndisxx/lock.h>
#include <ndisxx/nbl.h>
#include <ndisxx/rundown.h>

#include "routing_table.h"
#include "virtual_miniport.h"

namespace mux {

// What the bind parameters said of the adapter, kept for the attributes of the virtual miniports.
struct LowerAttributes {
    NDIS_PHYSICAL_MEDIUM physical_medium = NdisPhysicalMediumUnspecified;
    ULONG mtu = 0;
    ULONG lookahead = 0;
    ULONG64 max_xmit_speed = 0;
    ULONG64 max_rcv_speed = 0;
    ULONG packet_filters = 0;
    ULONG max_multicast = 0;
    ULONG mac_options = 0;
    ULONG data_backfill = 0;
    ULONG context_backfill = 0;
    NET_IF_ACCESS_TYPE access = NET_IF_ACCESS_BROADCAST;
    NET_IF_DIRECTION_TYPE direction = NET_IF_DIRECTION_SENDRECEIVE;
    NET_IF_CONNECTION_TYPE connection = NET_IF_CONNECTION_DEDICATED;
    NET_IFINDEX if_index = 0;
    bool power_aware = false;
    NDIS_PM_CAPABILITIES pm = {};
    bool has_offload = false;
    NDIS_OFFLOAD offload = {};
    MacAddress mac;
};

class Lower {
  public:
    explicit Lower(NDIS_HANDLE bind_context) : bind_context_(bind_context) { InitializeListHead(&link); }

    // Opens the adapter and starts its virtual miniports; at PASSIVE_LEVEL, waits.
    NDIS_STATUS bind(const NDIS_BIND_PARAMETERS& parameters);
    // Undoes all that bind did, as far as it came.
    void unbind();
    void opened(NDIS_STATUS status);
    void closed();

    NDIS_STATUS pnp_event(NET_PNP_EVENT_NOTIFICATION& event);
    void status(const NDIS_STATUS_INDICATION& indication);

    // Brings the packet filter and the multicast list of the adapter in line with what its virtual miniports
    // want; at PASSIVE_LEVEL, waits.
    NDIS_STATUS update_filters();

    // Starts the virtual miniport of that device, if it is one of these and NDIS has halted it.
    void enable(const UNICODE_STRING& device);

    // A running virtual miniport takes part in the distribution of received frames.
    void attach(VirtualMiniport& member);
    void detach(VirtualMiniport& member);

    // Sends a chain of clones, counted in `sends` already, or holds it while the adapter resets.
    void send(NET_BUFFER_LIST* clones, ULONG flags);

    bool in_d0() const { return power.load() == NdisDeviceStateD0; }
    NDIS_LINK_STATE link_state();

    LIST_ENTRY link;  // of LowerList
    NDIS_HANDLE binding = nullptr;
    LowerAttributes attributes;
    ndisxx::Atomic<NDIS_DEVICE_POWER_STATE> power = NdisDeviceStateD0;

    ndisxx::RwLock table_lock;
    RoutingTable table;
    ndisxx::Rundown sends;
    ndisxx::List<VirtualMiniport, &VirtualMiniport::link> virtuals;

  private:
    NDIS_STATUS open(const NDIS_BIND_PARAMETERS& parameters);
    void close();
    NDIS_STATUS create_virtuals();
    MacAddress address_for(const UNICODE_STRING& name, bool first);

    NDIS_STATUS restart(NDIS_RESTART_ATTRIBUTES* restart_attributes);
    NDIS_STATUS set_power(NDIS_DEVICE_POWER_STATE state, NET_PNP_EVENT_NOTIFICATION& event);
    NDIS_STATUS propagate(NET_PNP_EVENT_NOTIFICATION& event);
    void indicate(const NDIS_STATUS_INDICATION& indication);
    void set_link_state(const NDIS_LINK_STATE& state);
    void end_reset();

    NDIS_HANDLE bind_context_;
    ndisxx::Event open_done_;
    ndisxx::Event close_done_;
    NDIS_STATUS open_status_ = NDIS_STATUS_SUCCESS;

    ndisxx::Mutex filter_mutex_;
    ULONG filter_set_ = 0;

    // Under state_lock_, but for `resetting_`, which may be looked at without it.
    ndisxx::SpinLock state_lock_;
    NDIS_LINK_STATE link_state_ = {};
    bool virtuals_ready_ =
        false;  // the list is complete; from then on it changes only when the binding is closed
    ndisxx::Atomic<bool> resetting_ = false;
    ndisxx::NblChain held_sends_;

    bool running_ = false;
};

// Copies what is of interest in the bind parameters; null members mean that the adapter has no such thing.
LowerAttributes attributes_of(const NDIS_BIND_PARAMETERS& parameters);

}  // namespace mux
