// NDIS as a provider of WMI: adapters and their GUIDs, requests as OIDs, indications as events.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "fixture.h"
#include "ndis/interfaces.h"
#include "ndis/wmi_guids.h"
#include "nt/rtl/unicode.h"
#include "nt/wmi/abi.h"
#include "nt/wmi/provider.h"
#include "nt/wmi/security.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;
using nt::operator==;

const std::u16string instance_name = u"Fixture 0001";
constexpr GUID custom_number = {0x11, 0, 0, {}}, custom_text = {0x12, 0, 0, {}}, custom_list = {0x13, 0, 0, {}},
               custom_method = {0x14, 0, 0, {}}, custom_status = {0x15, 0, 0, {}};
constexpr NDIS_OID oid_number = 0xff010101, oid_text = 0xff010102, oid_list = 0xff010103, oid_method = 0xff010104;

GUID guid_of(std::string_view name) {
    for (const WmiGuid& guid : standard_wmi_guids())
        if (guid.name == name)
            return guid.guid;
    ADD_FAILURE() << name;
    return {};
}

bool is_offered(const GUID& guid) { return !nt::wmi::offers_of(guid).empty(); }

void nap() {
    LARGE_INTEGER time = {.QuadPart = -10000};
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

// The stack with WMI told of it.
void with_wmi(const std::function<void()>& body, const std::function<void()>& prepare = [] {}) {
    with_prepared_stack(prepare, [&] {
        for (int i = 0; i < 1000 && !is_offered(guid_of("GUID_NDIS_ENUMERATE_ADAPTERS_EX")); i++)
            nap();
        body();
        behaviour().on_oid = nullptr;
    });
}

class Block {
  public:
    explicit Block(const GUID& guid) {
        EXPECT_EQ(IoWMIOpenBlock(&guid, WMIGUID_QUERY | WMIGUID_SET | WMIGUID_EXECUTE | WMIGUID_NOTIFICATION, &object_),
                  STATUS_SUCCESS);
        name_.Buffer = const_cast<WCHAR*>(instance_name.data());
        name_.Length = name_.MaximumLength = static_cast<USHORT>(instance_name.size() * 2);
    }
    ~Block() { ObfDereferenceObject(object_); }

    NTSTATUS query(std::vector<uint8_t>& data) {
        std::vector<uint8_t> node(4096);
        auto size = static_cast<ULONG>(node.size());
        const NTSTATUS status = IoWMIQuerySingleInstance(object_, &name_, &size, node.data());
        const auto& one = *reinterpret_cast<const WNODE_SINGLE_INSTANCE*>(node.data());
        if (NT_SUCCESS(status))
            data.assign(node.begin() + one.DataBlockOffset, node.begin() + one.DataBlockOffset + one.SizeDataBlock);
        return status;
    }
    NTSTATUS set(const void* data, size_t size) {
        return IoWMISetSingleInstance(object_, &name_, 0, static_cast<ULONG>(size), const_cast<void*>(data));
    }
    NTSTATUS run(ULONG method, std::vector<uint8_t>& data, ULONG room = 1024) {
        const auto in = static_cast<ULONG>(data.size());
        data.resize(std::max<size_t>(room, in));
        const NTSTATUS status = IoWMIExecuteMethod(object_, &name_, method, in, &room, data.data());
        data.resize(NT_SUCCESS(status) ? room : 0);
        return status;
    }
    PVOID object() { return object_; }

  private:
    PVOID object_ = nullptr;
    UNICODE_STRING name_{};
};

std::vector<uint8_t> method_header(const NDIS_WMI_METHOD_HEADER& given = {}) {
    NDIS_WMI_METHOD_HEADER head = given;
    head.Header.Type = NDIS_WMI_OBJECT_TYPE_METHOD;
    head.Header.Revision = NDIS_WMI_METHOD_HEADER_REVISION_1;
    head.Header.Size = 0xffff;  // as clients on both word sizes do
    const auto* first = reinterpret_cast<const uint8_t*>(&head);
    return {first, first + sizeof(head)};
}

TEST(NdisWmi, AdaptersAreEnumeratedByNdis) {
    with_wmi([] {
        Block block(guid_of("GUID_NDIS_ENUMERATE_ADAPTERS_EX"));
        std::vector<uint8_t> node(4096);
        auto size = static_cast<ULONG>(node.size());
        ASSERT_EQ(IoWMIQueryAllData(block.object(), &size, node.data()), STATUS_SUCCESS);
        const auto& all = *reinterpret_cast<const WNODE_ALL_DATA*>(node.data());
        EXPECT_EQ(all.InstanceCount, 1u);
        std::vector<uint8_t> data;
        ASSERT_EQ(block.query(data), STATUS_SUCCESS);
        NDIS_WMI_ENUM_ADAPTER adapter{};
        std::memcpy(&adapter, data.data(), sizeof(adapter));
        EXPECT_EQ(adapter.Header.Type, NDIS_WMI_OBJECT_TYPE_ENUM_ADAPTER);
        EXPECT_NE(adapter.IfIndex, 0u);
        EXPECT_NE(adapter.NetLuid.Value, 0u);
        const std::u16string device = u"\\Device\\" + guid_a;
        EXPECT_EQ(adapter.DeviceNameLength, device.size() * 2);
        EXPECT_EQ(std::memcmp(data.data() + FIELD_OFFSET(NDIS_WMI_ENUM_ADAPTER, DeviceName), device.c_str(),
                              device.size() * 2 + 2),
                  0);
    });
}

TEST(NdisWmi, SupportedOidsAreBlocksAndOthersAreNot) {
    with_wmi([] {
        std::vector<uint8_t> data;
        Block block(guid_of("GUID_NDIS_802_3_CURRENT_ADDRESS"));
        EXPECT_EQ(block.query(data), is_offered(guid_of("GUID_NDIS_802_3_CURRENT_ADDRESS")) ? STATUS_SUCCESS
                                                                                             : STATUS_WMI_GUID_NOT_FOUND);
        Block none(guid_of("GUID_NDIS_GEN_VLAN_ID"));
        EXPECT_EQ(none.query(data), STATUS_WMI_GUID_NOT_FOUND);
    });
}

TEST(NdisWmi, GoesAwayBeforeTheAdapterIsHalted) {
    with_wmi([] {
        ASSERT_TRUE(remove_adapter(guid_a).has_value());
        EXPECT_FALSE(is_offered(guid_of("GUID_NDIS_ENUMERATE_ADAPTERS_EX")));
    });
}

TEST(NdisWmi, LinkStateAndStatisticsAreMethods) {
    with_wmi([] {
        Block link(guid_of("GUID_NDIS_GEN_LINK_STATE"));
        std::vector<uint8_t> data = method_header();
        ASSERT_EQ(link.run(NDIS_WMI_DEFAULT_METHOD_ID, data), STATUS_SUCCESS);
        NDIS_LINK_STATE state{};
        ASSERT_GE(data.size(), NDIS_SIZEOF_LINK_STATE_REVISION_1);
        std::memcpy(&state, data.data(), NDIS_SIZEOF_LINK_STATE_REVISION_1);
        EXPECT_EQ(state.MediaConnectState, MediaConnectStateConnected);
        // Another method, no header, another adapter's LUID, a port that there is not.
        data = method_header();
        EXPECT_EQ(link.run(2, data), STATUS_WMI_ITEMID_NOT_FOUND);
        data = {1, 2, 3};
        EXPECT_EQ(link.run(NDIS_WMI_DEFAULT_METHOD_ID, data), STATUS_INVALID_PARAMETER);
        NDIS_WMI_METHOD_HEADER other{};
        other.NetLuid.Value = 12345;
        data = method_header(other);
        EXPECT_EQ(link.run(NDIS_WMI_DEFAULT_METHOD_ID, data), STATUS_INVALID_PARAMETER);
        other = {};
        other.PortNumber = 7;
        data = method_header(other);
        EXPECT_FALSE(NT_SUCCESS(link.run(NDIS_WMI_DEFAULT_METHOD_ID, data)));
        // Too little room for the answer: a client is told.
        data = method_header();
        EXPECT_EQ(link.run(NDIS_WMI_DEFAULT_METHOD_ID, data, 8), STATUS_BUFFER_TOO_SMALL);
        Block statistics(guid_of("GUID_NDIS_GEN_STATISTICS"));
        data = method_header();
        EXPECT_EQ(statistics.query(data), STATUS_WMI_NOT_SUPPORTED);
    });
}

struct Event {
    std::vector<uint8_t> data;
    GUID guid;
};
std::vector<Event>& events() {
    static std::vector<Event> all;
    return all;
}
void NTAPI on_event(PVOID wnode, PVOID) {
    const auto& node = *static_cast<const WNODE_SINGLE_INSTANCE*>(wnode);
    const auto* bytes = static_cast<const uint8_t*>(wnode) + node.DataBlockOffset;
    events().push_back({{bytes, bytes + node.SizeDataBlock}, node.WnodeHeader.Guid});
}

TEST(NdisWmi, IndicationsAreEventsForWhoHasAskedForThem) {
    with_wmi([] {
        events().clear();
        nic().indicate_link(false);
        nap();
        EXPECT_TRUE(events().empty());
        Block link(guid_of("GUID_NDIS_STATUS_LINK_STATE")), connect(guid_of("GUID_NDIS_STATUS_MEDIA_CONNECT"));
        ASSERT_EQ(IoWMISetNotificationCallback(link.object(), on_event, nullptr), STATUS_SUCCESS);
        ASSERT_EQ(IoWMISetNotificationCallback(connect.object(), on_event, nullptr), STATUS_SUCCESS);
        nic().indicate_link(true);
        while (events().size() < 2)
            nap();
        ASSERT_EQ(events().size(), 2u);
        NDIS_WMI_EVENT_HEADER head{};
        const auto& data = events()[0].data;
        EXPECT_TRUE(events()[0].guid == guid_of("GUID_NDIS_STATUS_LINK_STATE"));
        std::memcpy(&head, data.data(), sizeof(head));
        EXPECT_EQ(head.Header.Type, NDIS_WMI_OBJECT_TYPE_EVENT);
        EXPECT_EQ(head.Header.Size, sizeof(head));
        NDIS_LINK_STATE state{};
        std::memcpy(&state, data.data() + sizeof(head), NDIS_SIZEOF_LINK_STATE_REVISION_1);
        EXPECT_EQ(state.MediaConnectState, MediaConnectStateConnected);
        const std::u16string device = u"\\Device\\" + guid_a;
        ASSERT_EQ(head.DeviceNameOffset + head.DeviceNameLength, data.size());
        EXPECT_EQ(std::memcmp(data.data() + head.DeviceNameOffset, device.data(), head.DeviceNameLength), 0);
        // The event of before NDIS 6 has no header.
        EXPECT_TRUE(events()[1].guid == guid_of("GUID_NDIS_STATUS_MEDIA_CONNECT"));
        EXPECT_TRUE(events()[1].data.empty());
    });
}

// The miniport's own GUIDs, and what it does for them.
std::optional<NDIS_STATUS> serve_custom(NDIS_OID_REQUEST& request) {
    static const NDIS_GUID guids[] = {
        {custom_number, {oid_number}, 4, fNDIS_GUID_TO_OID | fNDIS_GUID_ALLOW_READ},
        {custom_text, {oid_text}, ULONG(-1), fNDIS_GUID_TO_OID | fNDIS_GUID_ANSI_STRING},
        {custom_list, {oid_list}, 2, fNDIS_GUID_TO_OID | fNDIS_GUID_ARRAY | fNDIS_GUID_ALLOW_WRITE},
        {custom_method, {oid_method}, 4, fNDIS_GUID_TO_OID | fNDIS_GUID_METHOD},
        {custom_status, {0}, 4, fNDIS_GUID_TO_STATUS},
    };
    static uint32_t number = 7;
    auto& q = request.DATA.QUERY_INFORMATION;
    const auto answer = [&](const void* data, ULONG size) {
        q.BytesNeeded = size;
        if (q.InformationBufferLength < size)
            return NDIS_STATUS_BUFFER_TOO_SHORT;
        std::memcpy(q.InformationBuffer, data, size);
        q.BytesWritten = size;
        return NDIS_STATUS_SUCCESS;
    };
    switch (q.Oid) {
    case OID_GEN_SUPPORTED_GUIDS: return answer(guids, sizeof(guids));
    case oid_number:
        if (request.RequestType != NdisRequestSetInformation) {
            EXPECT_EQ(request.RequestType, NdisRequestQueryStatistics);
            return answer(&number, 4);
        }
        if (request.DATA.SET_INFORMATION.InformationBufferLength != 4)
            return NDIS_STATUS_INVALID_LENGTH;
        std::memcpy(&number, request.DATA.SET_INFORMATION.InformationBuffer, 4);
        return NDIS_STATUS_SUCCESS;
    case oid_text: return answer("kit", 4);
    case oid_list: return answer("abcdef", 6);
    case oid_method: {
        auto& m = request.DATA.METHOD_INFORMATION;
        EXPECT_EQ(request.RequestType, NdisRequestMethod);
        EXPECT_EQ(m.MethodId, 3u);
        EXPECT_EQ(m.InputBufferLength, 2u);
        std::ranges::reverse(std::span(static_cast<uint8_t*>(m.InformationBuffer), 2));
        m.BytesWritten = 2;
        return NDIS_STATUS_SUCCESS;
    }
    default: return std::nullopt;
    }
}

void with_custom(const std::function<void()>& body) {
    with_wmi(body, [] {
        behaviour().on_general = [](NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& general) {
            static NDIS_OID oids[] = {OID_GEN_SUPPORTED_GUIDS, OID_802_3_CURRENT_ADDRESS, oid_number};
            general.SupportedOidList = oids;
            general.SupportedOidListLength = sizeof(oids);
        };
        behaviour().on_oid = serve_custom;
    });
}

TEST(NdisWmi, CustomGuidsReachTheMiniportAsItsOids) {
    with_custom([] {
        std::vector<uint8_t> data;
        Block number(custom_number);
        ASSERT_EQ(number.query(data), STATUS_SUCCESS);
        EXPECT_EQ(data, (std::vector<uint8_t>{7, 0, 0, 0}));
        const uint32_t next = 9;
        EXPECT_EQ(number.set(&next, 4), STATUS_SUCCESS);
        EXPECT_EQ(number.set(&next, 3), STATUS_BUFFER_TOO_SMALL);
        ASSERT_EQ(number.query(data), STATUS_SUCCESS);
        EXPECT_EQ(data[0], 9);
        Block text(custom_text);
        ASSERT_EQ(text.query(data), STATUS_SUCCESS);
        EXPECT_EQ(data, (std::vector<uint8_t>{6, 0, 'k', 0, 'i', 0, 't', 0}));
        Block list(custom_list);
        ASSERT_EQ(list.query(data), STATUS_SUCCESS);
        EXPECT_EQ(data, (std::vector<uint8_t>{3, 0, 0, 0, 'a', 'b', 'c', 'd', 'e', 'f'}));
        Block method(custom_method);
        data = {1, 2};
        ASSERT_EQ(method.run(3, data, 16), STATUS_SUCCESS);
        EXPECT_EQ(data, (std::vector<uint8_t>{2, 1}));
        // A driver's GUID maps no status.
        EXPECT_FALSE(is_offered(custom_status));
    });
}

TEST(NdisWmi, EverybodyMayWhatTheFlagsSay) {
    with_custom([] {
        using nt::wmi::access_of_everybody;
        EXPECT_EQ(access_of_everybody(custom_number) & (WMIGUID_QUERY | WMIGUID_SET), ULONG{WMIGUID_QUERY});
        EXPECT_EQ(access_of_everybody(custom_list) & (WMIGUID_QUERY | WMIGUID_SET), ULONG{WMIGUID_SET});
        EXPECT_EQ(access_of_everybody(custom_text), 0u);
        EXPECT_TRUE(access_of_everybody(guid_of("GUID_NDIS_GEN_LINK_STATE")) & WMIGUID_EXECUTE);
        EXPECT_FALSE(access_of_everybody(guid_of("GUID_NDIS_GEN_LINK_PARAMETERS")) & WMIGUID_EXECUTE);
    });
}

TEST(NdisWmi, TheUserForbidsWakingAsTheDeviceManagerDoes) {
    with_wmi([] {
        Block wake(guid_of("GUID_POWER_DEVICE_WAKE_ENABLE"));
        std::vector<uint8_t> data;
        ASSERT_EQ(wake.query(data), STATUS_SUCCESS);
        EXPECT_EQ(data, (std::vector<uint8_t>{1}));
        const BOOLEAN no = FALSE;
        ASSERT_EQ(wake.set(&no, 1), STATUS_SUCCESS);
        settle_pnp();
        EXPECT_EQ(count(open_of().calls, "pnp capabilities"), 1);
        ASSERT_EQ(wake.query(data), STATUS_SUCCESS);
        EXPECT_EQ(data, (std::vector<uint8_t>{0}));
        EXPECT_EQ(wake.set(&no, 0), STATUS_WMI_SET_FAILURE);
    });
}

TEST(NdisWmi, WhatBindingsOwnIsNotSetByClients) {
    with_wmi(
        [] {
            Block filter(guid_of("GUID_NDIS_GEN_CURRENT_PACKET_FILTER"));
            const ULONG promiscuous = NDIS_PACKET_TYPE_PROMISCUOUS;
            EXPECT_EQ(filter.set(&promiscuous, 4), STATUS_WMI_READ_ONLY);
            std::vector<uint8_t> data;
            EXPECT_EQ(filter.query(data), STATUS_SUCCESS);
            ASSERT_TRUE(set_adapter_power(guid_a, 3).has_value());
            Block list(guid_of("GUID_NDIS_GEN_CURRENT_PACKET_FILTER"));
            EXPECT_EQ(list.query(data), STATUS_DEVICE_POWERED_OFF);
            ASSERT_TRUE(set_adapter_power(guid_a, 0).has_value());
        },
        [] {
            behaviour().on_general = [](NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& general) {
                static NDIS_OID oids[] = {OID_GEN_CURRENT_PACKET_FILTER};
                general.SupportedOidList = oids;
                general.SupportedOidListLength = sizeof(oids);
            };
        });
}

}  // namespace
}  // namespace ndiskit::ndis
