// Checks, steps and answers of task offload.
#include "ndis/task_offload.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/filter.h"
#include "ndis/oid_buffer.h"
#include "ndis/registry_key.h"
#include "ndis/settings.h"
#include "ndis/structures.h"

namespace ndiskit::ndis {

namespace {

using Parameters = NDIS_OFFLOAD_PARAMETERS;

// A member of NDIS_OFFLOAD_PARAMETERS: 0 is "no change", and each other value stands for the keyword's value + 1.
struct Member {
    size_t offset;
    UCHAR most;
    std::u16string_view keyword;  // empty: none
};
constexpr UCHAR checksum_most = NDIS_OFFLOAD_PARAMETERS_TX_RX_ENABLED;
constexpr UCHAR on_off_most = NDIS_OFFLOAD_PARAMETERS_LSOV2_ENABLED;
constexpr UCHAR ipsec_most = NDIS_OFFLOAD_PARAMETERS_IPSECV1_AH_AND_ESP_ENABLED;

constexpr Member members[] = {
    {offsetof(Parameters, IPv4Checksum), checksum_most, u"*IPChecksumOffloadIPv4"},
    {offsetof(Parameters, TCPIPv4Checksum), checksum_most, u"*TCPChecksumOffloadIPv4"},
    {offsetof(Parameters, UDPIPv4Checksum), checksum_most, u"*UDPChecksumOffloadIPv4"},
    {offsetof(Parameters, TCPIPv6Checksum), checksum_most, u"*TCPChecksumOffloadIPv6"},
    {offsetof(Parameters, UDPIPv6Checksum), checksum_most, u"*UDPChecksumOffloadIPv6"},
    {offsetof(Parameters, LsoV1), on_off_most, u"*LsoV1IPv4"},
    {offsetof(Parameters, IPsecV1), ipsec_most, u"*IPsecOffloadV1IPv4"},
    {offsetof(Parameters, LsoV2IPv4), on_off_most, u"*LsoV2IPv4"},
    {offsetof(Parameters, LsoV2IPv6), on_off_most, u"*LsoV2IPv6"},
    {offsetof(Parameters, TcpConnectionIPv4), on_off_most, {}},
    {offsetof(Parameters, TcpConnectionIPv6), on_off_most, {}},
    {offsetof(Parameters, IPsecV2), ipsec_most, u"*IPsecOffloadV2"},
    {offsetof(Parameters, IPsecV2IPv4), ipsec_most, u"*IPsecOffloadV2IPv4"},
    {offsetof(Parameters, RscIPv4), on_off_most, u"*RscIPv4"},
    {offsetof(Parameters, RscIPv6), on_off_most, u"*RscIPv6"},
    {offsetof(Parameters, UdpSegmentation.IPv4), on_off_most, u"*UsoIPv4"},
    {offsetof(Parameters, UdpSegmentation.IPv6), on_off_most, u"*UsoIPv6"},
    {offsetof(Parameters, UdpRsc.Enabled), on_off_most, u"*UdpRsc"},
};

UCHAR value_of(const Parameters& parameters, const Member& member) {
    return reinterpret_cast<const UCHAR*>(&parameters)[member.offset];
}

// Checksums as the values of the keywords have them: 1 send, 2 receive, 3 both.
uint32_t keyword_value(const Member& member, UCHAR value) {
    if (member.most != checksum_most)
        return value - 1u;
    switch (value) {
    case NDIS_OFFLOAD_PARAMETERS_TX_ENABLED_RX_DISABLED: return 1;
    case NDIS_OFFLOAD_PARAMETERS_RX_ENABLED_TX_DISABLED: return 2;
    case NDIS_OFFLOAD_PARAMETERS_TX_RX_ENABLED: return 3;
    default: return 0;
    }
}

// Keywords are strings in decimal.
void write_keywords(const Adapter& adapter, const Parameters& parameters) {
    auto key = RegistryKey::open(adapter.config.key);
    if (!key)
        return;
    for (const Member& member : members) {
        const UCHAR value = value_of(parameters, member);
        if (value == NDIS_OFFLOAD_PARAMETERS_NO_CHANGE || member.keyword.empty())
            continue;
        const std::u16string text(1, static_cast<char16_t>(u'0' + keyword_value(member, value)));
        key->set(member.keyword, REG_SZ, text.c_str(), (text.size() + 1) * sizeof(char16_t));
    }
}

// The adapter's keywords follow before the miniport is asked, unless the request says that they do not. Where RSC is
// taken away it stays off, whatever the request wants.
class SetParameters : public OidStep {
  public:
    NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) override {
        auto& set = request.DATA.SET_INFORMATION;
        own_buffer_ = set.InformationBuffer;
        given_ = read_input<Parameters>(request);
        if (!(given_.Flags & NDIS_OFFLOAD_PARAMETERS_SKIP_REGISTRY_UPDATE))
            write_keywords(binding.adapter, given_);
        const bool has_coalescing = given_.Header.Size >= NDIS_SIZEOF_OFFLOAD_PARAMETERS_REVISION_3;
        if (has_coalescing && binding.adapter.settings->offload.no_coalescing) {
            given_.RscIPv4 = given_.RscIPv6 = NDIS_OFFLOAD_PARAMETERS_RSC_DISABLED;
            set.InformationBuffer = &given_;
        }
        return NDIS_STATUS_SUCCESS;
    }
    NDIS_STATUS end(Binding&, NDIS_OID_REQUEST& request, NDIS_STATUS status) override {
        request.DATA.SET_INFORMATION.InformationBuffer = own_buffer_;
        return status;
    }

  private:
    Parameters given_{};
    PVOID own_buffer_ = nullptr;
};

class SetEncapsulation : public OidStep {
  public:
    NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) override {
        given_ = read_input<NDIS_OFFLOAD_ENCAPSULATION>(request);
        const bool has_offload = binding.adapter.attributes.indicated.has(&Indicated::default_offload) ||
                                 binding.adapter.attributes.indicated.has(&Indicated::hardware_offload);
        return has_offload ? NDIS_STATUS_SUCCESS : NDIS_STATUS_NOT_SUPPORTED;
    }
    NDIS_STATUS end(Binding& binding, NDIS_OID_REQUEST&, NDIS_STATUS status) override {
        if (status == NDIS_STATUS_SUCCESS)
            binding.adapter.settings->offload.encapsulation.with([&](auto& kept) { kept = given_; });
        return status;
    }

  private:
    NDIS_OFFLOAD_ENCAPSULATION given_{};
};

bool is_old_mux(const Binding& binding) {
    return binding.protocol.associated != nullptr && binding.protocol.version < ndis_6_30;
}

bool old_driver_above(const Adapter& adapter) {
    const auto bindings = adapter.bindings();
    const auto filters = adapter.filters();
    return std::ranges::any_of(filters, [](const FilterModule* m) { return m->driver.version < ndis_6_30; }) ||
           std::ranges::any_of(bindings, [](const Binding* b) { return is_old_mux(*b); });
}

bool coalesces(const HeaderedCopy& offload) {
    const auto* o = offload.get<NDIS_OFFLOAD>();
    return o != nullptr && (o->Rsc.IPv4.Enabled || o->Rsc.IPv6.Enabled);
}

NDIS_STATUS put_limited(NDIS_OID_REQUEST& request, HeaderedCopy copy, Version asker) {
    limit(copy, asker, offload_structure);
    return put_copy(request, copy);
}

NDIS_STATUS put_encapsulation(const Adapter& adapter, NDIS_OID_REQUEST& request) {
    const NDIS_OFFLOAD_ENCAPSULATION kept =
        adapter.settings->offload.encapsulation.with([](const auto& e) { return e; });
    if (kept.Header.Size == 0)
        return NDIS_STATUS_NOT_SUPPORTED;
    return put(request, &kept, sizeof(kept));
}

}  // namespace

void OffloadSettings::clear() {
    encapsulation.with([](auto& e) { e = {}; });
    no_coalescing = false;
    turned_off = false;
}

std::unique_ptr<OidStep> make_offload_parameters_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<SetParameters>();
}
std::unique_ptr<OidStep> make_encapsulation_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<SetEncapsulation>();
}

NDIS_STATUS check_offload_parameters(const NDIS_OID_REQUEST& request) {
    const auto given = read_input<Parameters>(request);
    const bool good = std::ranges::all_of(members, [&](const Member& m) { return value_of(given, m) <= m.most; });
    return good ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_DATA;
}

NDIS_STATUS check_encapsulation(const NDIS_OID_REQUEST& request) {
    const auto given = read_input<NDIS_OFFLOAD_ENCAPSULATION>(request);
    constexpr ULONG known = NDIS_ENCAPSULATION_NOT_SUPPORTED | NDIS_ENCAPSULATION_NULL | NDIS_ENCAPSULATION_IEEE_802_3 |
                            NDIS_ENCAPSULATION_IEEE_802_3_P_AND_Q | NDIS_ENCAPSULATION_IEEE_802_3_P_AND_Q_IN_OOB |
                            NDIS_ENCAPSULATION_IEEE_LLC_SNAP_ROUTED;
    const bool good = (given.IPv4.EncapsulationType & ~known) == 0 && (given.IPv6.EncapsulationType & ~known) == 0;
    return good ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_PARAMETER;
}

void remember_encapsulation(Adapter& adapter, const NDIS_STATUS_INDICATION& status) {
    NDIS_OFFLOAD_ENCAPSULATION given{};
    std::memcpy(&given, status.StatusBuffer, sizeof(given));
    adapter.settings->offload.encapsulation.with([&](auto& kept) { kept = given; });
}

HeaderedCopy visible_offload(const Adapter& adapter) {
    HeaderedCopy copy = adapter.attributes.indicated.get(&Indicated::default_offload);
    auto* offload = copy.get<NDIS_OFFLOAD>();
    if (offload != nullptr && adapter.settings->offload.no_coalescing)
        offload->Rsc = {};
    return copy;
}

bool answer_offload(const Adapter& adapter, Version asker, NDIS_OID_REQUEST& request, NDIS_STATUS& status) {
    const Attributes& a = adapter.attributes;
    switch (oid_of(request)) {
    case OID_TCP_OFFLOAD_CURRENT_CONFIG: status = put_limited(request, visible_offload(adapter), asker); return true;
    case OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES:
        status = put_limited(request, a.indicated.get(&Indicated::hardware_offload), asker);
        return true;
    case OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG:
        status = put_copy(request, a.default_tcp_connection_offload);
        return true;
    case OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES:
        status = put_copy(request, a.indicated.get(&Indicated::hardware_connection_offload));
        return true;
    case OID_OFFLOAD_ENCAPSULATION: status = put_encapsulation(adapter, request); return true;
    default: return false;
    }
}

void settle_coalescing(Adapter& adapter) {
    if (!adapter.initialized())
        return;
    OffloadSettings& settings = adapter.settings->offload;
    const bool forbidden = old_driver_above(adapter);
    if (settings.no_coalescing.exchange(forbidden) == forbidden)
        return;
    const bool on = coalesces(adapter.attributes.indicated.get(&Indicated::default_offload));
    if (forbidden ? !on : !settings.turned_off)
        return;
    settings.turned_off = forbidden;
    log_debug("ndis", "receive segment coalescing is turned {} on {}: {} driver of NDIS 6.20 or older stands above",
              forbidden ? "off" : "on", narrow(adapter.config.guid), forbidden ? "a" : "no");
    Parameters parameters{};
    parameters.Header = offload_parameters_structure.header(std::max(adapter.driver.version, ndis_6_30));
    parameters.RscIPv4 = parameters.RscIPv6 =
        forbidden ? NDIS_OFFLOAD_PARAMETERS_RSC_DISABLED : NDIS_OFFLOAD_PARAMETERS_RSC_ENABLED;
    parameters.Flags = NDIS_OFFLOAD_PARAMETERS_SKIP_REGISTRY_UPDATE;
    request_oid(adapter, NdisRequestSetInformation, OID_TCP_OFFLOAD_PARAMETERS, &parameters, parameters.Header.Size);
}

}  // namespace ndiskit::ndis
