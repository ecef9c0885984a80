// Wake patterns, protocol offloads and power management parameters, as NDIS keeps them for an adapter. NDIS gives out
// the identifiers, answers the lists, and combines what the bindings ask for; it sends the combined parameters to the
// miniport just before the adapter leaves D0.
// https://learn.microsoft.com/windows-hardware/drivers/network/power-management--ndis-6-20-
#pragma once

#include <atomic>
#include <vector>

#include "base/guarded.h"
#include "ndis/abi.h"
#include "ndis/oid_step.h"

namespace ndiskit::ndis {

class Adapter;
class FilterModule;

// A pattern or an offload: the structure as it was given, with what its offsets point to.
struct WakeEntry {
    uint32_t id = 0;
    uint32_t type = 0;  // NDIS_PM_WOL_PACKET or NDIS_PM_PROTOCOL_OFFLOAD_TYPE
    const Binding* owner = nullptr;
    bool set = false;  // the miniport has said yes
    std::vector<std::byte> whole;
};

class WakeList {
  public:
    void clear();
    std::vector<WakeEntry> all() const;  // those that are set
    bool knows(uint32_t id) const;
    uint32_t reserve(const Binding& owner, uint32_t type);
    void keep(uint32_t id, std::vector<std::byte> whole);
    void drop(uint32_t id);

  private:
    mutable Guarded<std::vector<WakeEntry>, LockRank::ndis_leaf> entries_;
};

// The patterns of NDIS 6.1 and before, which have no identifiers (OID_PNP_ADD_WAKE_UP_PATTERN).
class OldPatterns {
  public:
    void clear();
    std::vector<std::vector<std::byte>> all() const;
    void keep(std::vector<std::byte> pattern);
    void drop(const std::vector<std::byte>& pattern);

  private:
    mutable Guarded<std::vector<std::vector<std::byte>>, LockRank::ndis_leaf> patterns_;
};

// What the user forbids (wake_user.h).
struct UserWake {
    bool no_wake = false;
    uint32_t patterns = 0;  // NDIS_PM_WOL_*_SUPPORTED
    uint32_t offloads = 0;  // NDIS_PM_PROTOCOL_OFFLOAD_*_SUPPORTED
    bool operator==(const UserWake&) const = default;
};

struct WakeSettings {
    Guarded<UserWake, LockRank::ndis_leaf> user;
    WakeList patterns;
    WakeList offloads;
    OldPatterns old_patterns;
    std::atomic<bool> parameters_set = false;  // by a binding, with OID_PM_PARAMETERS

    void clear();
};

std::unique_ptr<OidStep> make_add_pattern_step(Binding&, const NDIS_OID_REQUEST&);
std::unique_ptr<OidStep> make_remove_pattern_step(Binding&, const NDIS_OID_REQUEST&);
std::unique_ptr<OidStep> make_add_protocol_offload_step(Binding&, const NDIS_OID_REQUEST&);
std::unique_ptr<OidStep> make_get_protocol_offload_step(Binding&, const NDIS_OID_REQUEST&);
std::unique_ptr<OidStep> make_remove_protocol_offload_step(Binding&, const NDIS_OID_REQUEST&);
std::unique_ptr<OidStep> make_add_wake_up_pattern_step(Binding&, const NDIS_OID_REQUEST&);
std::unique_ptr<OidStep> make_remove_wake_up_pattern_step(Binding&, const NDIS_OID_REQUEST&);
NDIS_STATUS check_wol_pattern(const NDIS_OID_REQUEST& request);
NDIS_STATUS check_wake_up_pattern(const NDIS_OID_REQUEST& request);

// Answers to the lists, and to OID_PM_PARAMETERS both ways. False when the request is none of them.
bool answer_wake(const Adapter& adapter, Binding* asker, NDIS_OID_REQUEST& request, NDIS_STATUS& status);

// NDIS_STATUS_PM_WOL_PATTERN_REJECTED and NDIS_STATUS_PM_OFFLOAD_REJECTED: what is rejected is not set any more.
void remember_rejection(Adapter& adapter, const NDIS_STATUS_INDICATION& status);

// A filter module's own OID_PM_PARAMETERS, when it has come down to the adapter: kept and answered as a binding's. False
// for another request, and for one that passes on what NDIS sends before the adapter sleeps.
bool answer_filter_wake(Adapter& adapter, FilterModule& asker, NDIS_OID_REQUEST& request, NDIS_STATUS& status);

// Tells the miniport what its bindings and filter modules together want, before it sleeps; nothing when none of them
// wanted anything.
void send_pm_parameters(Adapter& adapter);

// Removes what a closing binding has left.
void withdraw_wake(Binding& binding);

}  // namespace ndiskit::ndis
