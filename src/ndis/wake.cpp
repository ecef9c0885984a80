// The lists, and the steps of the OIDs that change them.
#include "ndis/wake.h"

#include <algorithm>
#include <cstring>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/filter.h"
#include "ndis/oid_buffer.h"
#include "ndis/oid_rules.h"
#include "ndis/settings.h"
#include "ndis/structures.h"
#include "ndis/wake_user.h"

namespace ndiskit::ndis {

void WakeList::clear() {
    entries_.with([](auto& list) { list.clear(); });
}

std::vector<WakeEntry> WakeList::all() const {
    return entries_.with([](const auto& list) {
        std::vector<WakeEntry> found;
        std::ranges::copy_if(list, std::back_inserter(found), &WakeEntry::set);
        return found;
    });
}

bool WakeList::knows(uint32_t id) const {
    return entries_.with([&](const auto& list) {
        return std::ranges::any_of(list, [&](const WakeEntry& e) { return e.set && e.id == id; });
    });
}

uint32_t WakeList::reserve(const Binding& owner, uint32_t type) {
    return entries_.with([&](auto& list) {
        uint32_t id = 1;
        while (std::ranges::any_of(list, [&](const WakeEntry& e) { return e.id == id; }))
            id++;
        list.push_back({.id = id, .type = type, .owner = &owner});
        return id;
    });
}

void WakeList::keep(uint32_t id, std::vector<std::byte> whole) {
    entries_.with([&](auto& list) {
        for (WakeEntry& e : list) {
            if (e.id != id)
                continue;
            e.set = true;
            e.whole.swap(whole);
        }
    });
}

void WakeList::drop(uint32_t id) {
    entries_.with([&](auto& list) { std::erase_if(list, [&](const WakeEntry& e) { return e.id == id; }); });
}

void OldPatterns::clear() {
    patterns_.with([](auto& list) { list.clear(); });
}
std::vector<std::vector<std::byte>> OldPatterns::all() const {
    return patterns_.with([](const auto& list) { return list; });
}
void OldPatterns::keep(std::vector<std::byte> pattern) {
    patterns_.with([&](auto& list) { list.push_back(std::move(pattern)); });
}
void OldPatterns::drop(const std::vector<std::byte>& pattern) {
    patterns_.with([&](auto& list) { std::erase(list, pattern); });
}

void WakeSettings::clear() {
    patterns.clear();
    offloads.clear();
    old_patterns.clear();
    parameters_set = false;
}

namespace {

WakeSettings& wake_of(const Binding& binding) { return binding.adapter.settings->wake; }

NDIS_PM_CAPABILITIES capabilities_of(const Adapter& adapter) {
    const HeaderedCopy copy = current_pm_capabilities(adapter);
    const auto* capabilities = copy.get<NDIS_PM_CAPABILITIES>();
    return capabilities != nullptr ? *capabilities : NDIS_PM_CAPABILITIES{};
}

ULONG pattern_capability(ULONG type) {
    switch (type) {
    case NdisPMWoLPacketBitmapPattern: return NDIS_PM_WOL_BITMAP_PATTERN_SUPPORTED;
    case NdisPMWoLPacketMagicPacket: return NDIS_PM_WOL_MAGIC_PACKET_SUPPORTED;
    case NdisPMWoLPacketIPv4TcpSyn: return NDIS_PM_WOL_IPV4_TCP_SYN_SUPPORTED;
    case NdisPMWoLPacketIPv6TcpSyn: return NDIS_PM_WOL_IPV6_TCP_SYN_SUPPORTED;
    case NdisPMWoLPacketEapolRequestIdMessage: return NDIS_PM_WOL_EAPOL_REQUEST_ID_MESSAGE_SUPPORTED;
    default: return 0;
    }
}

ULONG offload_capability(ULONG type) {
    switch (type) {
    case NdisPMProtocolOffloadIdIPv4ARP: return NDIS_PM_PROTOCOL_OFFLOAD_ARP_SUPPORTED;
    case NdisPMProtocolOffloadIdIPv6NS: return NDIS_PM_PROTOCOL_OFFLOAD_NS_SUPPORTED;
    case NdisPMProtocolOffload80211RSNRekey: return NDIS_PM_PROTOCOL_OFFLOAD_80211_RSN_REKEY_SUPPORTED;
    default: return 0;
    }
}

// How many entries of a kind the adapter can hold; 0: it does not say.
ULONG room_for_offloads(const NDIS_PM_CAPABILITIES& capabilities, ULONG type) {
    if (type == NdisPMProtocolOffloadIdIPv4ARP)
        return capabilities.NumArpOffloadIPv4Addresses;
    return type == NdisPMProtocolOffloadIdIPv6NS ? capabilities.NumNSOffloadIPv6Addresses : 0;
}

std::vector<std::byte> whole_input(const NDIS_OID_REQUEST& request) {
    const auto input = input_of(request);
    return {input.begin(), input.end()};
}

// What adding a pattern and adding an offload have in common: the identifier is in the request before the stack sees
// it, and the entry is there for others when the miniport has said yes. Nothing is added once the adapter is on its
// way to sleep, so that NDIS and the bindings do not race.
class AddEntry : public OidStep {
  public:
    NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) override {
        return binding.adapter.falls_asleep ? NDIS_STATUS_LOW_POWER_STATE : add(binding, request);
    }
    NDIS_STATUS end(Binding& binding, NDIS_OID_REQUEST& request, NDIS_STATUS status) override {
        if (status == NDIS_STATUS_SUCCESS)
            list(binding).keep(id_, whole_input(request));
        else if (id_ != 0)
            list(binding).drop(id_);
        return status;
    }

  protected:
    virtual NDIS_STATUS add(Binding& binding, NDIS_OID_REQUEST& request) = 0;
    virtual WakeList& list(Binding& binding) = 0;
    uint32_t id_ = 0;
};

class AddPattern : public AddEntry {
  protected:
    NDIS_STATUS add(Binding& binding, NDIS_OID_REQUEST& request) override {
        const auto pattern = read_input<NDIS_PM_WOL_PATTERN>(request);
        const NDIS_PM_CAPABILITIES capabilities = capabilities_of(binding.adapter);
        if ((capabilities.SupportedWoLPacketPatterns & pattern_capability(pattern.WoLPacketType)) == 0)
            return NDIS_STATUS_NOT_SUPPORTED;
        const ULONG room = capabilities.NumTotalWoLPatterns;
        if (room != 0 && list(binding).all().size() >= room)
            return NDIS_STATUS_PM_WOL_PATTERN_LIST_FULL;
        id_ = list(binding).reserve(binding, pattern.WoLPacketType);
        static_cast<NDIS_PM_WOL_PATTERN*>(request.DATA.SET_INFORMATION.InformationBuffer)->PatternId = id_;
        return NDIS_STATUS_SUCCESS;
    }
    WakeList& list(Binding& binding) override { return wake_of(binding).patterns; }
};

class AddOffload : public AddEntry {
  protected:
    NDIS_STATUS add(Binding& binding, NDIS_OID_REQUEST& request) override {
        const auto offload = read_input<NDIS_PM_PROTOCOL_OFFLOAD>(request);
        const NDIS_PM_CAPABILITIES capabilities = capabilities_of(binding.adapter);
        if ((capabilities.SupportedProtocolOffloads & offload_capability(offload.ProtocolOffloadType)) == 0)
            return NDIS_STATUS_NOT_SUPPORTED;
        const ULONG room = room_for_offloads(capabilities, offload.ProtocolOffloadType);
        const auto there = list(binding).all();
        const auto same = std::ranges::count(there, static_cast<uint32_t>(offload.ProtocolOffloadType), &WakeEntry::type);
        if (room != 0 && same >= static_cast<int64_t>(room))
            return NDIS_STATUS_PM_PROTOCOL_OFFLOAD_LIST_FULL;
        id_ = list(binding).reserve(binding, offload.ProtocolOffloadType);
        static_cast<NDIS_PM_PROTOCOL_OFFLOAD*>(request.DATA.SET_INFORMATION.InformationBuffer)->ProtocolOffloadId = id_;
        return NDIS_STATUS_SUCCESS;
    }
    WakeList& list(Binding& binding) override { return wake_of(binding).offloads; }
};

// For requests that bring the identifier of an entry.
template <WakeList WakeSettings::*list, NDIS_STATUS unknown, bool removes>
class UseEntry : public OidStep {
  public:
    NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) override {
        id_ = read_number(request);
        return (wake_of(binding).*list).knows(id_) ? NDIS_STATUS_SUCCESS : unknown;
    }
    NDIS_STATUS end(Binding& binding, NDIS_OID_REQUEST&, NDIS_STATUS status) override {
        if (removes && status == NDIS_STATUS_SUCCESS)
            (wake_of(binding).*list).drop(id_);
        return status;
    }

  private:
    uint32_t id_ = 0;
};

template <bool adds>
class OldPatternStep : public OidStep {
  public:
    NDIS_STATUS begin(Binding&, NDIS_OID_REQUEST& request) override {
        pattern_ = whole_input(request);
        return NDIS_STATUS_SUCCESS;
    }
    NDIS_STATUS end(Binding& binding, NDIS_OID_REQUEST&, NDIS_STATUS status) override {
        if (status != NDIS_STATUS_SUCCESS)
            return status;
        if (adds)
            wake_of(binding).old_patterns.keep(std::move(pattern_));
        else
            wake_of(binding).old_patterns.drop(pattern_);
        return status;
    }

  private:
    std::vector<std::byte> pattern_;
};

// Of a binding or a filter module.
template <class Asker>
NDIS_PM_PARAMETERS pm_parameters_of(const Asker& asker) {
    return asker.pm_parameters.with([](const NDIS_PM_PARAMETERS& p) { return p; });
}

NDIS_STATUS put_pm_parameters(NDIS_PM_PARAMETERS parameters, Version asker, NDIS_OID_REQUEST& request) {
    parameters.Header = pm_parameters_structure.header(asker);
    return put(request, &parameters, parameters.Header.Size);
}

// Kept until the adapter sleeps; what the adapter cannot do is refused now.
template <class Asker>
NDIS_STATUS take_pm_parameters(const Adapter& adapter, Asker& asker, NDIS_OID_REQUEST& request) {
    const auto given = read_input<NDIS_PM_PARAMETERS>(request);
    const NDIS_PM_CAPABILITIES capabilities = capabilities_of(adapter);
    const bool can = (given.EnabledWoLPacketPatterns & ~capabilities.SupportedWoLPacketPatterns) == 0 &&
                     (given.EnabledProtocolOffloads & ~capabilities.SupportedProtocolOffloads) == 0 &&
                     (given.MediaSpecificWakeUpEvents & ~capabilities.MediaSpecificWakeUpEvents) == 0;
    if (!can)
        return NDIS_STATUS_INVALID_PARAMETER;
    asker.pm_parameters.with([&](NDIS_PM_PARAMETERS& p) { p = given; });
    adapter.settings->wake.parameters_set = true;
    request.DATA.SET_INFORMATION.BytesRead = given.Header.Size;
    return NDIS_STATUS_SUCCESS;
}

// Entries in a row; each tells where the next begins.
NDIS_STATUS put_list(const std::vector<WakeEntry>& entries, size_t next_offset, NDIS_OID_REQUEST& request) {
    std::vector<std::byte> bytes;
    for (size_t i = 0; i < entries.size(); i++) {
        const size_t start = bytes.size();
        bytes.insert(bytes.end(), entries[i].whole.begin(), entries[i].whole.end());
        bytes.resize((bytes.size() + 7) / 8 * 8);
        const ULONG next = i + 1 < entries.size() ? static_cast<ULONG>(bytes.size()) : 0;
        std::memcpy(bytes.data() + start + next_offset, &next, sizeof(next));
    }
    return put(request, bytes.data(), bytes.size());
}

NDIS_STATUS put_old_patterns(const Adapter& adapter, NDIS_OID_REQUEST& request) {
    std::vector<std::byte> bytes;
    for (const auto& pattern : adapter.settings->wake.old_patterns.all())
        bytes.insert(bytes.end(), pattern.begin(), pattern.end());
    return put(request, bytes.data(), bytes.size());
}

}  // namespace

std::unique_ptr<OidStep> make_add_pattern_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<AddPattern>();
}
std::unique_ptr<OidStep> make_remove_pattern_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<UseEntry<&WakeSettings::patterns, NDIS_STATUS_FILE_NOT_FOUND, true>>();
}
std::unique_ptr<OidStep> make_add_protocol_offload_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<AddOffload>();
}
std::unique_ptr<OidStep> make_get_protocol_offload_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<UseEntry<&WakeSettings::offloads, NDIS_STATUS_INVALID_PARAMETER, false>>();
}
std::unique_ptr<OidStep> make_remove_protocol_offload_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<UseEntry<&WakeSettings::offloads, NDIS_STATUS_FILE_NOT_FOUND, true>>();
}
std::unique_ptr<OidStep> make_add_wake_up_pattern_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<OldPatternStep<true>>();
}
std::unique_ptr<OidStep> make_remove_wake_up_pattern_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<OldPatternStep<false>>();
}

NDIS_STATUS check_wol_pattern(const NDIS_OID_REQUEST& request) {
    const auto pattern = read_input<NDIS_PM_WOL_PATTERN>(request);
    if (pattern_capability(pattern.WoLPacketType) == 0)
        return NDIS_STATUS_INVALID_PARAMETER;
    if (pattern.WoLPacketType != NdisPMWoLPacketBitmapPattern)
        return NDIS_STATUS_SUCCESS;
    const auto& bitmap = pattern.WoLPattern.WoLBitMapPattern;
    const size_t size = input_of(request).size();
    const bool inside = lies_within(bitmap.MaskOffset, 1, bitmap.MaskSize, size) &&
                        lies_within(bitmap.PatternOffset, 1, bitmap.PatternSize, size);
    return inside && bitmap.PatternSize != 0 ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_PARAMETER;
}

NDIS_STATUS check_wake_up_pattern(const NDIS_OID_REQUEST& request) {
    NDIS_PM_PACKET_PATTERN pattern{};
    const auto input = input_of(request);
    std::memcpy(&pattern, input.data(), sizeof(pattern));
    const bool inside = lies_within(sizeof(pattern), 1, pattern.MaskSize, input.size()) &&
                        lies_within(pattern.PatternOffset, 1, pattern.PatternSize, input.size());
    return inside ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_LENGTH;
}

bool answer_wake(const Adapter& adapter, Binding* asker, NDIS_OID_REQUEST& request, NDIS_STATUS& status) {
    switch (oid_of(request)) {
    case OID_PM_WOL_PATTERN_LIST:
        status = put_list(adapter.settings->wake.patterns.all(),
                          FIELD_OFFSET(NDIS_PM_WOL_PATTERN, NextWoLPatternOffset), request);
        return true;
    case OID_PM_PROTOCOL_OFFLOAD_LIST:
        status = put_list(adapter.settings->wake.offloads.all(),
                          FIELD_OFFSET(NDIS_PM_PROTOCOL_OFFLOAD, NextProtocolOffloadOffset), request);
        return true;
    case OID_PNP_WAKE_UP_PATTERN_LIST: status = put_old_patterns(adapter, request); return true;
    case OID_PM_PARAMETERS:
        if (request.RequestType != NdisRequestSetInformation)
            status = asker != nullptr ? put_pm_parameters(pm_parameters_of(*asker), asker->protocol.version, request)
                                      : put_pm_parameters({}, adapter.driver.version, request);
        else
            status = asker != nullptr ? take_pm_parameters(adapter, *asker, request) : NDIS_STATUS_NOT_SUPPORTED;
        return true;
    default: return false;
    }
}

bool answer_filter_wake(Adapter& adapter, FilterModule& asker, NDIS_OID_REQUEST& request, NDIS_STATUS& status) {
    if (oid_of(request) != OID_PM_PARAMETERS || adapter.falls_asleep || !adapter.suspend.is_active())
        return false;
    if (request.RequestType != NdisRequestSetInformation)
        status = put_pm_parameters(pm_parameters_of(asker), asker.driver.version, request);
    else if (status = check_oid(adapter, request, OidWay::regular); status == NDIS_STATUS_SUCCESS)
        status = take_pm_parameters(adapter, asker, request);
    return true;
}

void remember_rejection(Adapter& adapter, const NDIS_STATUS_INDICATION& status) {
    uint32_t id = 0;
    std::memcpy(&id, status.StatusBuffer, sizeof(id));
    if (status.StatusCode == NDIS_STATUS_PM_WOL_PATTERN_REJECTED)
        adapter.settings->wake.patterns.drop(id);
    else
        adapter.settings->wake.offloads.drop(id);
}

// Magic packets wake unless the user forbids it, whatever protocols ask for; a link that comes back does not.
// https://learn.microsoft.com/windows-hardware/drivers/network/obtaining-and-updating-power-management-parameters
// https://learn.microsoft.com/windows-hardware/drivers/network/low-power-for-wake-on-lan
void send_pm_parameters(Adapter& adapter) {
    const NDIS_PM_CAPABILITIES capabilities = capabilities_of(adapter);
    const ULONG magic_packet = capabilities.SupportedWoLPacketPatterns & NDIS_PM_WOL_MAGIC_PACKET_SUPPORTED;
    if (adapter.driver.version < ndis_6_20 || (magic_packet == 0 && !adapter.settings->wake.parameters_set))
        return;
    NDIS_PM_PARAMETERS all{};
    all.EnabledWoLPacketPatterns = magic_packet;
    const auto add = [&](const NDIS_PM_PARAMETERS& one) {
        all.EnabledWoLPacketPatterns |= one.EnabledWoLPacketPatterns;
        all.EnabledProtocolOffloads |= one.EnabledProtocolOffloads;
        all.WakeUpFlags |= one.WakeUpFlags;
        all.MediaSpecificWakeUpEvents |= one.MediaSpecificWakeUpEvents;
    };
    for (const Binding* binding : adapter.bindings())
        add(pm_parameters_of(*binding));
    for (const FilterModule* module : adapter.filters())
        add(pm_parameters_of(*module));
    // What was asked for before the user forbade it.
    all.EnabledWoLPacketPatterns &= capabilities.SupportedWoLPacketPatterns;
    all.EnabledProtocolOffloads &= capabilities.SupportedProtocolOffloads;
    all.MediaSpecificWakeUpEvents &= capabilities.MediaSpecificWakeUpEvents;
    all.WakeUpFlags &= may_wake(adapter) ? ~static_cast<ULONG>(NDIS_PM_WAKE_ON_LINK_CHANGE_ENABLED) : 0;
    all.Header = pm_parameters_structure.header(adapter.driver.version);
    request_oid(adapter, NdisRequestSetInformation, OID_PM_PARAMETERS, &all, all.Header.Size);
}

namespace {

void remove_left(Binding& binding, WakeList& list, NDIS_OID oid) {
    Adapter& adapter = binding.adapter;
    const bool ask = adapter.initialized() && !adapter.surprise_removed && adapter.power == NdisDeviceStateD0;
    for (const WakeEntry& entry : list.all()) {
        if (entry.owner != &binding)
            continue;
        uint32_t id = entry.id;
        if (ask)
            request_oid(adapter, NdisRequestSetInformation, oid, &id, sizeof(id));
        list.drop(id);
    }
}

}  // namespace

void withdraw_wake(Binding& binding) {
    remove_left(binding, wake_of(binding).patterns, OID_PM_REMOVE_WOL_PATTERN);
    remove_left(binding, wake_of(binding).offloads, OID_PM_REMOVE_PROTOCOL_OFFLOAD);
}

}  // namespace ndiskit::ndis
