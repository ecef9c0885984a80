// One virtual miniport: an upper edge of the driver, which protocols see as an adapter.
//
// It is made when its lower adapter is bound, once for each name in UpperBindings, and goes when that binding
// does. In between NDIS may initialise and halt it any number of times; `handle` is valid while it is
// initialised. `traffic` is open while it runs: a send is counted until its completion has been handed up, a
// receive until it has been returned.
#pragma once

#include <ndis.h>

#include <ndisxx/atomic.h>
#include <ndisxx/list.h>
#include <ndisxx/lock.h>
#include <ndisxx/nbl.h>
#include <ndisxx/oid.h>
#include <ndisxx/rundown.h>
#include <ndisxx/string.h>

#include "mac_address.h"
#include "multicast_list.h"
#include "statistics.h"

namespace mux {

class Lower;

// A request from above that was sent down as a clone.
struct ForwardedOid : ndisxx::PendingOid {
    class VirtualMiniport* owner;
    NDIS_OID_REQUEST* original;
};

class VirtualMiniport {
  public:
    explicit VirtualMiniport(Lower& below) : lower(below) {}
    NDIS_STATUS initialize(const UNICODE_STRING& name, const MacAddress& address);

    // Starts what NdisIMInitializeDeviceInstanceEx starts; `stop` undoes it in whatever stage it is, and
    // waits.
    NDIS_STATUS start();
    void stop();

    // MiniportInitializeEx and MiniportHaltEx.
    NDIS_STATUS initialised_by_ndis(NDIS_HANDLE adapter);
    void halted_by_ndis();
    void begin_settling() { settled_.clear(); }
    void end_settling() { settled_.set(); }
    bool initialised() const { return initialised_.load(); }

    // Does this virtual miniport want a frame to that address? Reads what the table lock of the lower
    // protects.
    bool wants(const MacAddress& destination) const;

    // Takes up the request that was held for the lower adapter's power, if one is.
    void resume_held_oid();
    // Completes the held request, if one is, with a failure.
    void abort_held_oid();

    // Tells what is above of the newest link state, when both edges are in D0.
    void indicate_link_state();
    bool in_d0() const { return power.load() == NdisDeviceStateD0; }

    LIST_ENTRY link;
    Lower& lower;
    ndisxx::String device_name;
    NDIS_HANDLE handle = nullptr;  // valid while initialised
    // The address given by UpperBindings, and the one in use (a NetworkAddress of the instance may override).
    MacAddress permanent_mac;
    MacAddress mac;

    ndisxx::NblPool send_clones;
    ndisxx::NblPool receive_clones;
    ndisxx::Rundown traffic;
    Statistics statistics;

    // Under the lower's table lock.
    ULONG packet_filter = 0;
    MulticastList multicast;
    bool running = false;

    ULONG lookahead = 0;
    ndisxx::Atomic<NDIS_DEVICE_POWER_STATE> power = NdisDeviceStateD0;
    ndisxx::Atomic<bool> link_state_due = false;

    // At most one request from above is under way (NDIS serialises them): sent down as a clone, or held until
    // the lower adapter is in D0. Under `oid_lock`.
    ndisxx::SpinLock oid_lock;
    NDIS_OID_REQUEST* clone_below = nullptr;
    NDIS_OID_REQUEST* held = nullptr;
    ForwardedOid forwarded;

  private:
    NDIS_STATUS set_attributes();
    void set_general_attributes(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& general, NDIS_PM_CAPABILITIES& pm);
    void read_network_address();

    bool start_requested_ = false;
    ndisxx::Atomic<bool> initialised_ = false;
    ndisxx::Event settled_{true};  // clear while MiniportInitializeEx runs
};

}  // namespace mux
