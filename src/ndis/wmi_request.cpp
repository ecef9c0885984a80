// A client's request goes as an OID request of NDIS itself through the adapter's stack; NDIS answers on the way what
// it answers anybody. Texts come as counted Unicode and arrays with their count in front, as classes of WMI have them.
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-supported-wmi-operations
#include "ndis/wmi_request.h"

#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/adapter_ports.h"
#include "ndis/device.h"
#include "ndis/driver.h"
#include "ndis/oid_queue.h"
#include "ndis/oid_rules.h"
#include "ndis/pnp_work.h"
#include "ndis/wake_user.h"

namespace ndiskit::ndis {

namespace {

constexpr size_t first_room = 512, most_room = 1 << 20;

// Which port, and how the client knows its request.
struct Target {
    NDIS_PORT_NUMBER port = NDIS_DEFAULT_PORT_NUMBER;
    ULONG64 id = 0;
    ULONG timeout = 0;
};

NDIS_OID_REQUEST make_request(NDIS_REQUEST_TYPE type, NDIS_OID oid, void* buffer, size_t length, const Target& target) {
    NDIS_OID_REQUEST request{};
    request.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
    request.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
    request.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
    request.RequestType = type;
    request.PortNumber = target.port;
    request.Timeout = target.timeout;
    request.RequestId = reinterpret_cast<PVOID>(target.id);
    request.DATA.QUERY_INFORMATION.Oid = oid;
    request.DATA.QUERY_INFORMATION.InformationBuffer = buffer;
    request.DATA.QUERY_INFORMATION.InformationBufferLength = static_cast<ULONG>(length);
    return request;
}

NTSTATUS run(Adapter& adapter, NDIS_OID_REQUEST& request) {
    if (adapter.power != NdisDeviceStateD0)
        return STATUS_DEVICE_POWERED_OFF;
    if (request.PortNumber != NDIS_DEFAULT_PORT_NUMBER && !is_port_active(adapter, request.PortNumber))
        return nt_status(NDIS_STATUS_INVALID_PORT);
    request.RequestHandle = &adapter;  // NDIS itself asks
    Completion done;
    return nt_status(done.settle(submit_oid(adapter, nullptr, &request, adapter, &done)));
}

NTSTATUS query_oid(Adapter& adapter, NDIS_OID oid, const Target& target, WmiBytes& answer) {
    for (size_t room = first_room;;) {
        answer.assign(room, std::byte{0});
        NDIS_OID_REQUEST request = make_request(NdisRequestQueryStatistics, oid, answer.data(), room, target);
        const NTSTATUS status = run(adapter, request);
        const auto& q = request.DATA.QUERY_INFORMATION;
        if (status == STATUS_BUFFER_TOO_SMALL && q.BytesNeeded > room && q.BytesNeeded <= most_room) {
            room = q.BytesNeeded;
            continue;
        }
        answer.resize(NT_SUCCESS(status) ? std::min<size_t>(q.BytesWritten, room) : 0);
        return status;
    }
}

template <class T>
void append(WmiBytes& bytes, const T& value) {
    const auto* first = reinterpret_cast<const std::byte*>(&value);
    bytes.insert(bytes.end(), first, first + sizeof(value));
}

WmiBytes counted(std::u16string_view text) {
    WmiBytes bytes;
    text = text.substr(0, std::min(text.find(u'\0'), size_t{UINT16_MAX / 2}));
    append(bytes, static_cast<USHORT>(text.size() * sizeof(char16_t)));
    for (const char16_t c : text)
        append(bytes, c);
    return bytes;
}

// The miniport's data as the block's.
void shape(const WmiGuid& guid, WmiBytes& data) {
    if (guid.flags & fNDIS_GUID_ANSI_STRING) {
        std::u16string text;
        std::ranges::transform(data, std::back_inserter(text),
                               [](std::byte b) { return static_cast<char16_t>(std::to_integer<unsigned>(b)); });
        data = counted(text);
    } else if (guid.flags & fNDIS_GUID_UNICODE_STRING) {
        std::u16string text(data.size() / sizeof(char16_t), u'\0');
        std::memcpy(text.data(), data.data(), text.size() * sizeof(char16_t));
        data = counted(text);
    } else if ((guid.flags & fNDIS_GUID_ARRAY) && guid.size != 0 && guid.size != UINT32_MAX) {
        WmiBytes whole;
        append(whole, static_cast<ULONG>(data.size() / guid.size));
        whole.insert(whole.end(), data.begin(), data.end());
        data = std::move(whole);
    }
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddndis/ns-ntddndis-_ndis_wmi_enum_adapter
WmiBytes describe(const Adapter& adapter) {
    NDIS_WMI_ENUM_ADAPTER head{};
    head.Header.Type = NDIS_WMI_OBJECT_TYPE_ENUM_ADAPTER;
    head.Header.Revision = NDIS_WMI_ENUM_ADAPTER_REVISION_1;
    head.Header.Size = NDIS_SIZEOF_WMI_ENUM_ADAPTER_REVISION_1;
    head.IfIndex = adapter.interface_index;
    head.NetLuid = adapter.luid;
    head.DeviceNameLength = static_cast<USHORT>(adapter.device_name.size() * sizeof(char16_t));
    WmiBytes bytes(FIELD_OFFSET(NDIS_WMI_ENUM_ADAPTER, DeviceName));
    std::memcpy(bytes.data(), &head, bytes.size());
    for (const char16_t c : adapter.device_name)
        append(bytes, c);
    append(bytes, u'\0');
    return bytes;
}

// The head of a method's or set's data; the rest is the OID's.
template <class Head>
NTSTATUS read_head(const Adapter& adapter, std::span<const std::byte> input, UCHAR type, Target& target) {
    Head head;
    if (input.size() < sizeof(head))
        return STATUS_INVALID_PARAMETER;
    std::memcpy(&head, input.data(), sizeof(head));
    const bool other = head.NetLuid.Value != 0 && head.NetLuid.Value != adapter.luid.Value;
    if (head.Header.Type != type || head.Header.Revision == 0 || other)
        return STATUS_INVALID_PARAMETER;
    target = {head.PortNumber, head.RequestId, head.Timeout};
    return STATUS_SUCCESS;
}

// What changes per-binding state is set by bindings; the rest by clients too.
bool may_set(NDIS_OID oid) {
    const OidRule* rule = rule_of(oid);
    return rule == nullptr || (rule->answerer(NdisRequestSetInformation) == Answerer::miniport && rule->step == nullptr);
}

NTSTATUS set_oid(Adapter& adapter, NDIS_OID oid, const Target& target, std::span<const std::byte> data) {
    if (!may_set(oid))
        return STATUS_WMI_READ_ONLY;
    WmiBytes copy(data.begin(), data.end());
    NDIS_OID_REQUEST request = make_request(NdisRequestSetInformation, oid, copy.data(), copy.size(), target);
    if (const NDIS_STATUS status = check_oid(adapter, request, OidWay::regular); status != NDIS_STATUS_SUCCESS)
        return nt_status(status);
    return run(adapter, request);
}

NTSTATUS set_with_head(Adapter& adapter, const WmiGuid& guid, std::span<const std::byte> data) {
    Target target;
    const NTSTATUS status = read_head<NDIS_WMI_SET_HEADER>(adapter, data, NDIS_WMI_OBJECT_TYPE_SET, target);
    return NT_SUCCESS(status) ? set_oid(adapter, guid.code, target, data.subspan(sizeof(NDIS_WMI_SET_HEADER))) : status;
}

// The user's word is kept at once; protocols hear of it when PnP has its turn.
NTSTATUS set_wake(Adapter& adapter, std::span<const std::byte> data) {
    if (data.size() != sizeof(BOOLEAN))
        return STATUS_WMI_SET_FAILURE;
    write_may_wake(adapter, data.front() != std::byte{0});
    queue_pnp_work([&adapter] {
        PnpHold hold(adapter.pnp, PnpHold::as_it_is);
        if (adapter.mark == Handle::live && adapter.initialized())
            change_user_wake(adapter);
    });
    return STATUS_SUCCESS;
}

NTSTATUS run_custom_method(Adapter& adapter, const WmiGuid& guid, ULONG method, std::span<const std::byte> input,
                           ULONG room, WmiBytes& answer) {
    answer.assign(std::max<size_t>(room, input.size()), std::byte{0});
    std::ranges::copy(input, answer.begin());
    NDIS_OID_REQUEST request = make_request(NdisRequestMethod, guid.code, answer.data(), input.size(), {});
    auto& m = request.DATA.METHOD_INFORMATION;
    m.InputBufferLength = static_cast<ULONG>(input.size());
    m.OutputBufferLength = room;
    m.MethodId = method;
    const NTSTATUS status = run(adapter, request);
    answer.resize(status == STATUS_BUFFER_TOO_SMALL ? std::min<size_t>(m.BytesNeeded, most_room)
                                                    : std::min<size_t>(m.BytesWritten, room));
    return status;
}

}  // namespace

std::vector<WmiGuid> custom_wmi_guids(Adapter& adapter) {
    std::vector<WmiGuid> custom;
    WmiBytes answer;
    if (!adapter.attributes.supports_oid(OID_GEN_SUPPORTED_GUIDS) ||
        !NT_SUCCESS(query_oid(adapter, OID_GEN_SUPPORTED_GUIDS, {}, answer)))
        return custom;
    for (size_t at = 0; at + sizeof(NDIS_GUID) <= answer.size(); at += sizeof(NDIS_GUID)) {
        NDIS_GUID one;
        std::memcpy(&one, answer.data() + at, sizeof(one));
        const bool to_oid = (one.Flags & (fNDIS_GUID_TO_OID | fNDIS_GUID_TO_STATUS)) == fNDIS_GUID_TO_OID;
        if (to_oid)
            custom.push_back({nullptr, one.Guid, WmiUse::data, one.Oid, one.Flags, one.Size});
        else
            log_error("ndis", "{} maps a custom GUID with flags 0x{:x}; a driver's own is for an OID, nothing else",
                      adapter.driver.name, one.Flags);
    }
    return custom;
}

NTSTATUS wmi_query(Adapter& adapter, const WmiGuid& guid, WmiBytes& answer) {
    switch (guid.use) {
    case WmiUse::data: {
        const NTSTATUS status = query_oid(adapter, guid.code, {}, answer);
        if (NT_SUCCESS(status))
            shape(guid, answer);
        return status;
    }
    case WmiUse::adapter: answer = describe(adapter); return STATUS_SUCCESS;
    case WmiUse::wake: answer = {std::byte{may_wake(adapter)}}; return STATUS_SUCCESS;
    default: return STATUS_WMI_NOT_SUPPORTED;
    }
}

NTSTATUS wmi_set(Adapter& adapter, const WmiGuid& guid, std::span<const std::byte> data) {
    switch (guid.use) {
    case WmiUse::data: return set_oid(adapter, guid.code, {}, data);
    case WmiUse::set: return set_with_head(adapter, guid, data);
    case WmiUse::wake: return set_wake(adapter, data);
    default: return STATUS_WMI_READ_ONLY;
    }
}

NTSTATUS wmi_method(Adapter& adapter, const WmiGuid& guid, ULONG method, std::span<const std::byte> input, ULONG room,
                    WmiBytes& answer) {
    if (guid.use == WmiUse::data && (guid.flags & fNDIS_GUID_METHOD))
        return run_custom_method(adapter, guid, method, input, room, answer);
    if (guid.use != WmiUse::method && guid.use != WmiUse::set)
        return STATUS_WMI_NOT_SUPPORTED;
    if (method != NDIS_WMI_DEFAULT_METHOD_ID)
        return STATUS_WMI_ITEMID_NOT_FOUND;
    if (guid.use == WmiUse::set)
        return set_with_head(adapter, guid, input);
    Target target;
    const NTSTATUS status = read_head<NDIS_WMI_METHOD_HEADER>(adapter, input, NDIS_WMI_OBJECT_TYPE_METHOD, target);
    return NT_SUCCESS(status) ? query_oid(adapter, guid.code, target, answer) : status;
}

}  // namespace ndiskit::ndis
