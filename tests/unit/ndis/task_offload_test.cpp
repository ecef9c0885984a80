// Task offload: parameters and their keywords, encapsulation, and RSC where old drivers stand above.
#include <gtest/gtest.h>

#include "ndis/library_state.h"
#include "ndis/oid_queue.h"
#include "ndis/registry_key.h"
#include "ndis/registry_layout.h"
#include "oid_requests.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

NDIS_STATUS set_offload_attributes(Nic& n) {
    auto offload = with_header<NDIS_OFFLOAD>(offload_structure, ndis_6_30);
    offload.Checksum.IPv4Transmit.Encapsulation = NDIS_ENCAPSULATION_IEEE_802_3;
    offload.Rsc.IPv4.Enabled = offload.Rsc.IPv6.Enabled = TRUE;
    NDIS_MINIPORT_ADAPTER_ATTRIBUTES attributes{};
    auto& a = attributes.OffloadAttributes;
    a.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES;
    a.Header.Revision = NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES_REVISION_1;
    a.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES_REVISION_1;
    a.DefaultOffloadConfiguration = a.HardwareOffloadCapabilities = &offload;
    return NdisMSetMiniportAttributes(n.handle, &attributes);
}

void prepare() {
    behaviour().on_initialize = [](Nic& n, const NDIS_MINIPORT_INIT_PARAMETERS&) { return set_offload_attributes(n); };
    take_all();
}

std::u16string keyword(std::u16string_view name) {
    auto key = RegistryKey::open(std::u16string(layout::class_key) + u"\\0001");
    return key->string(name).value_or(u"-");
}

TEST(TaskOffload, ParametersChangeTheKeywordsBeforeTheMiniportSeesThem) {
    with_prepared_stack(prepare, [] {
        std::u16string at_miniport;
        behaviour().on_oid = [&](NDIS_OID_REQUEST& request) -> std::optional<NDIS_STATUS> {
            if (request.DATA.SET_INFORMATION.Oid != OID_TCP_OFFLOAD_PARAMETERS)
                return std::nullopt;
            at_miniport = keyword(u"*TCPChecksumOffloadIPv4");
            return NDIS_STATUS_SUCCESS;
        };
        auto p = with_header<NDIS_OFFLOAD_PARAMETERS>(offload_parameters_structure, ndis_6_30);
        p.TCPIPv4Checksum = NDIS_OFFLOAD_PARAMETERS_RX_ENABLED_TX_DISABLED;
        p.LsoV2IPv6 = NDIS_OFFLOAD_PARAMETERS_LSOV2_DISABLED;
        EXPECT_EQ(set(OID_TCP_OFFLOAD_PARAMETERS, &p, p.Header.Size), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(at_miniport, u"2");
        EXPECT_EQ(keyword(u"*LsoV2IPv6"), u"0");
        EXPECT_EQ(keyword(u"*LsoV2IPv4"), u"-");  // not changed
        p.Flags = NDIS_OFFLOAD_PARAMETERS_SKIP_REGISTRY_UPDATE;
        p.LsoV2IPv6 = NDIS_OFFLOAD_PARAMETERS_LSOV2_ENABLED;
        EXPECT_EQ(set(OID_TCP_OFFLOAD_PARAMETERS, &p, p.Header.Size), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(keyword(u"*LsoV2IPv6"), u"0");
        p.LsoV2IPv6 = 9;
        EXPECT_EQ(set(OID_TCP_OFFLOAD_PARAMETERS, &p, p.Header.Size), NDIS_STATUS_INVALID_DATA);
        EXPECT_EQ(query(OID_TCP_OFFLOAD_PARAMETERS, &p, sizeof(p)), NDIS_STATUS_NOT_SUPPORTED);
        behaviour().on_oid = nullptr;
    });
}

TEST(TaskOffload, EncapsulationIsKept) {
    with_prepared_stack(prepare, [] {
        auto e = with_header<NDIS_OFFLOAD_ENCAPSULATION>(encapsulation_structure);
        EXPECT_EQ(query(OID_OFFLOAD_ENCAPSULATION, &e, sizeof(e)), NDIS_STATUS_NOT_SUPPORTED);
        e.IPv4.Enabled = NDIS_OFFLOAD_SET_ON;
        e.IPv4.EncapsulationType = NDIS_ENCAPSULATION_IEEE_802_3;
        EXPECT_EQ(set(OID_OFFLOAD_ENCAPSULATION, &e, sizeof(e)), NDIS_STATUS_SUCCESS);
        NDIS_OFFLOAD_ENCAPSULATION seen{};
        EXPECT_EQ(query(OID_OFFLOAD_ENCAPSULATION, &seen, sizeof(seen)), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(seen.IPv4.EncapsulationType, static_cast<ULONG>(NDIS_ENCAPSULATION_IEEE_802_3));
        e.IPv4.EncapsulationType = 0x4000;
        EXPECT_EQ(set(OID_OFFLOAD_ENCAPSULATION, &e, sizeof(e)), NDIS_STATUS_INVALID_PARAMETER);
        behaviour().on_oid = nullptr;
    });
}

// What makes a protocol the lower edge of an intermediate driver is that a miniport is associated with it.
TEST(TaskOffload, CoalescingIsTurnedOffBelowAnOldMux) {
    MiniportDriver upper_edge;
    std::vector<UCHAR> told;
    const auto listen = [&] {
        prepare();
        behaviour().protocol_minor_version = 20;
        behaviour().on_bind = [&](const NDIS_BIND_PARAMETERS&) {
            library().find_protocol_driver(u"fixproto")->associated = &upper_edge;
        };
        behaviour().on_oid = [&](NDIS_OID_REQUEST& request) -> std::optional<NDIS_STATUS> {
            if (request.DATA.SET_INFORMATION.Oid != OID_TCP_OFFLOAD_PARAMETERS)
                return std::nullopt;
            told.push_back(
                static_cast<NDIS_OFFLOAD_PARAMETERS*>(request.DATA.SET_INFORMATION.InformationBuffer)->RscIPv4);
            return NDIS_STATUS_SUCCESS;
        };
    };
    with_prepared_stack(listen, [&] {
        EXPECT_EQ(told, std::vector<UCHAR>{NDIS_OFFLOAD_PARAMETERS_RSC_DISABLED});
        NDIS_OFFLOAD seen{};
        EXPECT_EQ(query(OID_TCP_OFFLOAD_CURRENT_CONFIG, &seen, sizeof(seen)), NDIS_STATUS_SUCCESS);
        EXPECT_FALSE(seen.Rsc.IPv4.Enabled);
        // Who turns it on all the same is not followed.
        auto p = with_header<NDIS_OFFLOAD_PARAMETERS>(offload_parameters_structure, ndis_6_30);
        p.RscIPv4 = NDIS_OFFLOAD_PARAMETERS_RSC_ENABLED;
        EXPECT_EQ(set(OID_TCP_OFFLOAD_PARAMETERS, &p, p.Header.Size), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(told.back(), NDIS_OFFLOAD_PARAMETERS_RSC_DISABLED);
        EXPECT_EQ(p.RscIPv4, NDIS_OFFLOAD_PARAMETERS_RSC_ENABLED);
        behaviour().on_oid = nullptr;
    });
}

TEST(TaskOffload, CoalescingStaysWhereAllDriversKnowIt) {
    with_prepared_stack(prepare, [] {
        NDIS_OFFLOAD seen{};
        EXPECT_EQ(query(OID_TCP_OFFLOAD_CURRENT_CONFIG, &seen, sizeof(seen)), NDIS_STATUS_SUCCESS);
        EXPECT_TRUE(seen.Rsc.IPv4.Enabled);
        behaviour().on_oid = nullptr;
    });
}

}  // namespace
}  // namespace ndiskit::ndis
