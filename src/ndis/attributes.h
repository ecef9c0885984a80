// What a miniport adapter told NDIS about itself with NdisMSetMiniportAttributes, every structure in every
// revision, copied deep: the pointers inside point into the copies and live as long as the adapter. Structures of
// an old revision are held in the newest form, zero where the old one ends.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "ndis/abi.h"
#include "ndis/versions.h"

namespace ndiskit::ndis {

// A copy of a structure that begins with an NDIS_OBJECT_HEADER, as long as its own Size says.
class HeaderedCopy {
  public:
    void assign(const void* structure);
    // A copy with the size of at least `minimum` bytes, zero behind what was given.
    void assign_at_least(const void* structure, size_t minimum);
    void clear() { bytes_.clear(); }
    bool present() const { return !bytes_.empty(); }

    // Null when nothing was given.
    template <class T>
    T* get() const {
        return bytes_.empty() ? nullptr : reinterpret_cast<T*>(const_cast<uint64_t*>(bytes_.data()));
    }

  private:
    std::vector<uint64_t> bytes_;
};

// What status indications change, at first as the attributes said.
struct Indicated {
    NDIS_LINK_STATE link{};
    HeaderedCopy default_offload;
    HeaderedCopy hardware_offload;
    HeaderedCopy hardware_connection_offload;
    HeaderedCopy pm_capabilities;
    HeaderedCopy hd_split_current;
    HeaderedCopy hardware_receive_filter, current_receive_filter;
    HeaderedCopy hardware_nic_switch, current_nic_switch;
    HeaderedCopy qos_operational, qos_remote;
    HeaderedCopy timestamp_capability, timestamp_current;
};

// Indications come on any thread while others ask, so who reads takes a copy.
class IndicatedCell {
  public:
    IndicatedCell() = default;
    IndicatedCell(const IndicatedCell& other) { *this = other; }
    IndicatedCell& operator=(const IndicatedCell& other);

    Indicated get() const {
        return cell_.with([](const Indicated& all) { return all; });
    }
    NDIS_LINK_STATE link() const {
        return cell_.with([](const Indicated& all) { return all.link; });
    }
    HeaderedCopy get(HeaderedCopy Indicated::*which) const {
        return cell_.with([&](const Indicated& all) { return all.*which; });
    }
    bool has(HeaderedCopy Indicated::*which) const {
        return cell_.with([&](const Indicated& all) { return (all.*which).present(); });
    }
    void set_link(const NDIS_LINK_STATE& link) {
        cell_.with([&](Indicated& all) { all.link = link; });
    }
    // Swaps, so that nothing is allocated or freed under the lock.
    void set(HeaderedCopy Indicated::*which, HeaderedCopy copy) {
        cell_.with([&](Indicated& all) { std::swap(all.*which, copy); });
    }

  private:
    Guarded<Indicated, LockRank::ndis_leaf> cell_;
};

struct Attributes {
    bool registered = false;  // registration attributes were set
    bool general_set = false;
    NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES registration{};
    NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES general{};

    // What the members of the above point to.
    std::vector<NDIS_OID> supported_oids;
    NDIS_PNP_CAPABILITIES pnp_capabilities{};
    bool has_pnp_capabilities = false;
    HeaderedCopy receive_scale;

    HeaderedCopy default_tcp_connection_offload;

    HeaderedCopy hd_split;
    HeaderedCopy hardware_sriov, current_sriov;
    HeaderedCopy hardware_qos, current_qos;
    HeaderedCopy hardware_gft, current_gft;

    HeaderedCopy native_802_11;
    HeaderedCopy ndk_capabilities;
    bool ndk_enabled = false;
    HeaderedCopy packet_direct;

    IndicatedCell indicated;

    // Takes one structure over. NDIS_STATUS_BAD_VERSION for a revision that a driver of `driver` cannot have,
    // NDIS_STATUS_INVALID_PARAMETER for a type that is none, NDIS_STATUS_FAILURE for a wrong order.
    NDIS_STATUS set(const NDIS_MINIPORT_ADAPTER_ATTRIBUTES& attributes, Version driver);

    bool supports_oid(NDIS_OID oid) const;
    // True when the adapter can be put to a low power state with OID_PNP_SET_POWER.
    bool is_power_aware() const;

  private:
    NDIS_STATUS set_registration(const NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES& given);
    NDIS_STATUS set_general(const NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& given, Version driver);
    NDIS_STATUS set_offload(const NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES& given);
    NDIS_STATUS set_hardware_assist(const NDIS_MINIPORT_ADAPTER_HARDWARE_ASSIST_ATTRIBUTES& given);
};

}  // namespace ndiskit::ndis
