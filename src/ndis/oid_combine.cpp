// Sets that concern all bindings of an adapter: each binding has its packet filter, lookahead and multicast list; the
// miniport is told the union. A binding's request travels with a buffer of NDIS' own in it while the miniport has
// it, and what the binding asked for becomes effective when the miniport has said yes.
// https://learn.microsoft.com/windows-hardware/drivers/network/oid-gen-current-packet-filter
#include "ndis/oid_combine.h"

#include <algorithm>
#include <cstring>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/status.h"

namespace ndiskit::ndis {

namespace {

using MulticastList = std::vector<MacAddress>;

// What travels instead of the binding's own buffer.
struct Combined {
    uint32_t number = 0;       // the union, or
    MulticastList addresses;   // the union
    uint32_t own_number = 0;   // what the binding asked for
    MulticastList own_addresses;
};

bool is_multicast_oid(NDIS_OID oid) {
    return oid == OID_802_3_MULTICAST_LIST || oid == OID_802_3_ADD_MULTICAST_ADDRESS ||
           oid == OID_802_3_DELETE_MULTICAST_ADDRESS;
}

uint32_t union_of_filters(const Binding& changed, uint32_t own) {
    uint32_t all = own;
    for (const Binding* binding : changed.adapter.bindings())
        if (binding != &changed)
            all |= binding->packet_filter;
    return all;
}

uint32_t union_of_lookaheads(const Binding& changed, uint32_t own) {
    uint32_t most = own;
    for (const Binding* binding : changed.adapter.bindings())
        if (binding != &changed)
            most = std::max(most, binding->lookahead.load());
    return most;
}

void sort_out_repeated(MulticastList& list) {
    std::ranges::sort(list);
    const auto repeated = std::ranges::unique(list);
    list.erase(repeated.begin(), repeated.end());
}

MulticastList union_of_lists(const Binding& changed, const MulticastList& own) {
    MulticastList all = own;
    for (Binding* binding : changed.adapter.bindings())
        if (binding != &changed)
            binding->multicast.with([&](const auto& list) { all.insert(all.end(), list.begin(), list.end()); });
    sort_out_repeated(all);
    return all;
}

NDIS_STATUS read_number(const NDIS_OID_REQUEST& request, uint32_t& number) {
    const auto& set = request.DATA.SET_INFORMATION;
    if (set.InformationBufferLength < sizeof(number))
        return NDIS_STATUS_INVALID_LENGTH;
    std::memcpy(&number, set.InformationBuffer, sizeof(number));
    return NDIS_STATUS_SUCCESS;
}

// A list is of any length; what is added or deleted is one address.
bool has_good_length(const NDIS_OID_REQUEST& request) {
    const auto& set = request.DATA.SET_INFORMATION;
    return set.Oid == OID_802_3_MULTICAST_LIST ? set.InformationBufferLength % sizeof(MacAddress) == 0
                                               : set.InformationBufferLength == sizeof(MacAddress);
}

// The binding's own list as it will be. An address stands in it as often as it was added: it goes when it was deleted
// as many times.
NDIS_STATUS read_addresses(Binding& binding, NDIS_OID_REQUEST& request, MulticastList& own) {
    auto& set = request.DATA.SET_INFORMATION;
    if (!has_good_length(request)) {
        set.BytesNeeded = sizeof(MacAddress);
        return NDIS_STATUS_INVALID_LENGTH;
    }
    MulticastList given(set.InformationBufferLength / sizeof(MacAddress));
    if (!given.empty())
        std::memcpy(given.data(), set.InformationBuffer, set.InformationBufferLength);
    if (std::ranges::any_of(given, [](const MacAddress& a) { return (a[0] & 1) == 0; }))
        return NDIS_STATUS_MULTICAST_FULL;  // as the pages have it
    if (set.Oid == OID_802_3_MULTICAST_LIST) {
        own = std::move(given);
        sort_out_repeated(own);
        return NDIS_STATUS_SUCCESS;
    }
    own = binding.multicast.with([](const auto& list) { return list; });
    if (set.Oid == OID_802_3_ADD_MULTICAST_ADDRESS) {
        own.push_back(given.front());
        return NDIS_STATUS_SUCCESS;
    }
    const auto it = std::ranges::find(own, given.front());
    if (it == own.end())
        return NDIS_STATUS_INVALID_DATA;
    own.erase(it);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS fill(Binding& binding, NDIS_OID_REQUEST& request, Combined& combined) {
    const auto general = binding.adapter.general();
    switch (oid_of(request)) {
    case OID_GEN_CURRENT_PACKET_FILTER: {
        const NDIS_STATUS status = read_number(request, combined.own_number);
        if (status != NDIS_STATUS_SUCCESS)
            return status;
        // ALL_LOCAL is NDIS' own business, the rest must be what the adapter can do.
        const uint32_t for_miniport = combined.own_number & ~NDIS_PACKET_TYPE_ALL_LOCAL;
        if ((for_miniport & ~general.SupportedPacketFilters) != 0)
            return NDIS_STATUS_NOT_SUPPORTED;
        combined.number = union_of_filters(binding, combined.own_number) & ~NDIS_PACKET_TYPE_ALL_LOCAL;
        return NDIS_STATUS_SUCCESS;
    }
    case OID_GEN_CURRENT_LOOKAHEAD: {
        const NDIS_STATUS status = read_number(request, combined.own_number);
        combined.number = union_of_lookaheads(binding, combined.own_number);
        return status;
    }
    default: {
        const NDIS_STATUS status = read_addresses(binding, request, combined.own_addresses);
        if (status != NDIS_STATUS_SUCCESS)
            return status;
        combined.addresses = union_of_lists(binding, combined.own_addresses);
        return combined.addresses.size() > general.MaxMulticastListSize ? NDIS_STATUS_MULTICAST_FULL
                                                                        : NDIS_STATUS_SUCCESS;
    }
    }
}

void commit(Binding& binding, NDIS_OID oid, Combined& combined) {
    if (oid == OID_GEN_CURRENT_PACKET_FILTER) {
        binding.packet_filter = combined.own_number;
        const bool changed = binding.adapter.packet_filter.exchange(combined.number) != combined.number;
        binding.adapter.publish_route();
        if (changed)
            indicate_own_status(binding.adapter, NDIS_STATUS_PACKET_FILTER, &combined.number, sizeof(combined.number));
    } else if (oid == OID_GEN_CURRENT_LOOKAHEAD) {
        binding.lookahead = combined.own_number;
    } else {
        binding.multicast.with([&](auto& list) { list = std::move(combined.own_addresses); });
        binding.adapter.publish_route();
    }
}

// Replaces the request's buffer by what all bindings need together while the stack has it.
class CombineStep : public OidStep {
  public:
    NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) override {
        const NDIS_STATUS status = fill(binding, request, combined_);
        if (status != NDIS_STATUS_SUCCESS)
            return status;
        auto& set = request.DATA.SET_INFORMATION;
        buffer_ = set.InformationBuffer;
        length_ = set.InformationBufferLength;
        oid_ = set.Oid;
        if (is_multicast_oid(set.Oid)) {
            set.Oid = OID_802_3_MULTICAST_LIST;
            set.InformationBuffer = combined_.addresses.data();
            set.InformationBufferLength = static_cast<ULONG>(combined_.addresses.size() * sizeof(MacAddress));
        } else {
            set.InformationBuffer = &combined_.number;
            set.InformationBufferLength = sizeof(combined_.number);
        }
        return NDIS_STATUS_SUCCESS;
    }

    NDIS_STATUS end(Binding& binding, NDIS_OID_REQUEST& request, NDIS_STATUS status) override {
        auto& set = request.DATA.SET_INFORMATION;
        set.InformationBuffer = buffer_;
        set.InformationBufferLength = length_;
        set.Oid = oid_;
        if (status == NDIS_STATUS_SUCCESS) {
            set.BytesRead = length_;
            commit(binding, oid_, combined_);
        }
        return status;
    }

  private:
    Combined combined_;
    PVOID buffer_ = nullptr;
    ULONG length_ = 0;
    NDIS_OID oid_ = 0;
};

}  // namespace

std::unique_ptr<OidStep> make_combine_step(Binding&, const NDIS_OID_REQUEST& request) {
    if (request.RequestType != NdisRequestSetInformation)
        return nullptr;
    return std::make_unique<CombineStep>();
}

std::vector<MacAddress> multicast_union(const Adapter& adapter) {
    const std::vector<Binding*> open = adapter.bindings();
    return open.empty() ? MulticastList{} : union_of_lists(*open.front(), open.front()->multicast.with([](auto& l) { return l; }));
}

void withdraw_filters(Binding& binding) {
    Adapter& adapter = binding.adapter;
    const bool had_filter = binding.packet_filter.exchange(0) != 0;
    const bool had_addresses = binding.multicast.with([](auto& list) {
        const bool had = !list.empty();
        list.clear();
        return had;
    });
    if (!adapter.initialized() || adapter.surprise_removed || adapter.power != NdisDeviceStateD0)
        return;
    if (had_filter) {
        uint32_t filter = union_of_filters(binding, 0) & ~NDIS_PACKET_TYPE_ALL_LOCAL;
        request_oid(adapter, NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, &filter, sizeof(filter));
        adapter.packet_filter = filter;
    }
    if (had_addresses) {
        MulticastList list = union_of_lists(binding, {});
        request_oid(adapter, NdisRequestSetInformation, OID_802_3_MULTICAST_LIST, list.data(),
                    static_cast<uint32_t>(list.size() * sizeof(MacAddress)));
    }
}

}  // namespace ndiskit::ndis
