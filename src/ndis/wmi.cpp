// Registering adapters with WMI, its requests by way of wmilib, and events.
// https://learn.microsoft.com/windows-hardware/drivers/network/registration-and-deregistration-of-ndis-miniport-drivers-with-wmi
#include "ndis/wmi.h"

#include <algorithm>
#include <cstring>

#include "ndis/adapter.h"
#include "ndis/library_state.h"
#include "ndis/oid_rules.h"
#include "ndis/wmi_request.h"
#include "nt/wmi/library.h"
#include "nt/wmi/security.h"

namespace ndiskit::ndis {

namespace {

using Blocks = std::shared_ptr<WmiBlocks>;

Blocks blocks_of(const Adapter& adapter) {
    return adapter.wmi.with([](const Blocks& blocks) { return blocks; });
}

bool is_event(const WmiGuid& guid) { return guid.use == WmiUse::event || guid.use == WmiUse::old_event; }

// Whether the adapter has what a standard GUID stands for.
bool applies(const Adapter& adapter, const WmiGuid& guid) {
    const OidRule* rule = rule_of(guid.code);
    switch (guid.use) {
    case WmiUse::data: return adapter.attributes.supports_oid(guid.code);
    case WmiUse::method:
        return adapter.attributes.supports_oid(guid.code) ||
               (rule != nullptr && rule->answerer(NdisRequestQueryStatistics) == Answerer::ndis);
    case WmiUse::set: return adapter.attributes.supports_oid(guid.code);
    case WmiUse::wake: return adapter.attributes.is_power_aware();
    default: return true;
    }
}

// Everybody may ask what NDIS itself registers, and administrators set it; a custom GUID says who may.
void protect(const WmiGuid& guid) {
    ULONG everybody = 0;
    if (guid.name != nullptr || (guid.flags & fNDIS_GUID_ALLOW_READ))
        everybody |= WMIGUID_QUERY | WMIGUID_NOTIFICATION | (guid.use == WmiUse::set ? 0 : WMIGUID_EXECUTE);
    if (guid.flags & fNDIS_GUID_ALLOW_WRITE)
        everybody |= WMIGUID_SET;
    nt::wmi::allow_everybody(guid.guid, everybody);
}

Adapter* adapter_of(PDEVICE_OBJECT device) {
    for (Adapter* adapter : library().adapters())
        if (adapter->fdo == device)
            return adapter;
    return nullptr;
}

NTSTATUS complete(PDEVICE_OBJECT device, PIRP irp, NTSTATUS status, size_t used = 0) {
    return WmiCompleteRequest(device, irp, status, static_cast<ULONG>(used), IO_NO_INCREMENT);
}

// Runs `body` for the adapter and the GUID of a request.
template <class Body>
NTSTATUS for_guid(PDEVICE_OBJECT device, PIRP irp, ULONG index, Body body) {
    Adapter* adapter = adapter_of(device);
    const Blocks blocks = adapter != nullptr ? blocks_of(*adapter) : nullptr;
    if (blocks == nullptr || index >= blocks->guids.size())
        return complete(device, irp, STATUS_WMI_GUID_NOT_FOUND);
    return body(*adapter, *blocks, blocks->guids[index]);
}

NTSTATUS give(PDEVICE_OBJECT device, PIRP irp, NTSTATUS status, const WmiBytes& answer, ULONG room, void* buffer) {
    if (!NT_SUCCESS(status))
        return complete(device, irp, status, status == STATUS_BUFFER_TOO_SMALL ? answer.size() : 0);
    if (buffer == nullptr || answer.size() > room)
        return complete(device, irp, STATUS_BUFFER_TOO_SMALL, answer.size());
    std::memcpy(buffer, answer.data(), answer.size());
    return complete(device, irp, STATUS_SUCCESS, answer.size());
}

NTSTATUS NTAPI query(PDEVICE_OBJECT device, PIRP irp, ULONG index, ULONG, ULONG, PULONG lengths, ULONG room,
                     PUCHAR buffer) {
    return for_guid(device, irp, index, [&](Adapter& adapter, WmiBlocks&, const WmiGuid& guid) {
        WmiBytes answer;
        const NTSTATUS status = wmi_query(adapter, guid, answer);
        if (NT_SUCCESS(status) && lengths != nullptr)
            *lengths = static_cast<ULONG>(answer.size());
        return give(device, irp, status, answer, room, buffer);
    });
}

NTSTATUS NTAPI set(PDEVICE_OBJECT device, PIRP irp, ULONG index, ULONG, ULONG size, PUCHAR buffer) {
    return for_guid(device, irp, index, [&](Adapter& adapter, WmiBlocks&, const WmiGuid& guid) {
        return complete(device, irp, wmi_set(adapter, guid, std::as_bytes(std::span(buffer, size))));
    });
}

NTSTATUS NTAPI execute(PDEVICE_OBJECT device, PIRP irp, ULONG index, ULONG, ULONG method, ULONG in_size, ULONG room,
                       PUCHAR buffer) {
    return for_guid(device, irp, index, [&](Adapter& adapter, WmiBlocks&, const WmiGuid& guid) {
        WmiBytes answer;
        const auto input = std::as_bytes(std::span(buffer, in_size));
        return give(device, irp, wmi_method(adapter, guid, method, input, room, answer), answer, room, buffer);
    });
}

NTSTATUS NTAPI control(PDEVICE_OBJECT device, PIRP irp, ULONG index, WMIENABLEDISABLECONTROL what, BOOLEAN enable) {
    return for_guid(device, irp, index, [&](Adapter&, WmiBlocks& blocks, const WmiGuid&) {
        if (what == WmiEventControl)
            blocks.events[index] = enable != 0;
        return complete(device, irp, STATUS_SUCCESS);
    });
}

// IRP_MN_REGINFO_EX: the blocks and their one instance's name, which wmilib would number.
NTSTATUS tell_registration(const Adapter& adapter, const WmiBlocks& blocks, PIRP irp) {
    const auto& asked = IoGetCurrentIrpStackLocation(irp)->Parameters.WMI;
    const std::u16string& name = adapter.config.description;
    const auto name_bytes = static_cast<USHORT>(name.size() * sizeof(char16_t));
    const size_t name_at = sizeof(WMIREGINFOW) + blocks.guids.size() * sizeof(WMIREGGUIDW);
    const auto size = static_cast<ULONG>(name_at + sizeof(name_bytes) + name_bytes);
    NTSTATUS status = STATUS_SUCCESS;
    ULONG used = size;
    if (asked.BufferSize < size) {
        std::memcpy(asked.Buffer, &size, sizeof(size));
        used = sizeof(size);
        status = STATUS_BUFFER_TOO_SMALL;
    } else {
        auto* bytes = static_cast<std::byte*>(asked.Buffer);
        const WMIREGINFOW head{size, 0, 0, 0, static_cast<ULONG>(blocks.guids.size())};
        std::memcpy(bytes, &head, sizeof(head));
        for (size_t i = 0; i < blocks.guids.size(); i++) {
            WMIREGGUIDW one{};
            one.Guid = blocks.guids[i].guid;
            one.Flags = WMIREG_FLAG_INSTANCE_LIST | (is_event(blocks.guids[i]) ? WMIREG_FLAG_EVENT_ONLY_GUID : 0);
            one.InstanceCount = 1;
            one.InstanceNameList = static_cast<ULONG>(name_at);
            std::memcpy(bytes + sizeof(head) + i * sizeof(one), &one, sizeof(one));
        }
        std::memcpy(bytes + name_at, &name_bytes, sizeof(name_bytes));
        std::memcpy(bytes + name_at + sizeof(name_bytes), name.data(), name_bytes);
    }
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = used;
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

// Fires an event with these bytes.
void fire(const Adapter& adapter, const WmiGuid& guid, const void* data, size_t size) {
    void* copy = nullptr;
    if (size != 0) {
        copy = ExAllocatePoolWithTag(NonPagedPoolNx, size, 'wdnN');
        if (copy == nullptr)
            return;
        std::memcpy(copy, data, size);
    }
    WmiFireEvent(adapter.fdo, &guid.guid, 0, static_cast<ULONG>(size), copy);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddndis/ns-ntddndis-_ndis_wmi_event_header
WmiBytes event_data(const Adapter& adapter, const NDIS_STATUS_INDICATION& status) {
    NDIS_WMI_EVENT_HEADER head{};
    head.Header.Type = NDIS_WMI_OBJECT_TYPE_EVENT;
    head.Header.Revision = NDIS_WMI_EVENT_HEADER_REVISION_1;
    head.Header.Size = sizeof(head);
    head.IfIndex = adapter.interface_index;
    head.NetLuid = adapter.luid;
    head.RequestId = reinterpret_cast<ULONG64>(status.RequestId);
    head.PortNumber = status.PortNumber;
    const size_t data = status.StatusBuffer != nullptr ? status.StatusBufferSize : 0;
    const size_t name_at = (sizeof(head) + data + 1) / 2 * 2;
    head.DeviceNameLength = static_cast<ULONG>(adapter.device_name.size() * sizeof(char16_t));
    head.DeviceNameOffset = static_cast<ULONG>(name_at);
    WmiBytes bytes(name_at + head.DeviceNameLength);
    std::memcpy(bytes.data(), &head, sizeof(head));
    if (data != 0)
        std::memcpy(bytes.data() + sizeof(head), status.StatusBuffer, data);
    std::memcpy(bytes.data() + name_at, adapter.device_name.data(), head.DeviceNameLength);
    return bytes;
}

void fire_status(const Adapter& adapter, const WmiBlocks& blocks, const NDIS_STATUS_INDICATION& status) {
    for (size_t i = 0; i < blocks.guids.size(); i++) {
        const WmiGuid& guid = blocks.guids[i];
        if (!is_event(guid) || guid.code != static_cast<uint32_t>(status.StatusCode) || !blocks.events[i])
            continue;
        if (guid.use == WmiUse::old_event)
            return fire(adapter, guid, status.StatusBuffer, status.StatusBuffer != nullptr ? status.StatusBufferSize : 0);
        const WmiBytes data = event_data(adapter, status);
        return fire(adapter, guid, data.data(), data.size());
    }
}

}  // namespace

void register_wmi(Adapter& adapter) {
    std::vector<WmiGuid> guids;
    std::ranges::copy_if(standard_wmi_guids(), std::back_inserter(guids),
                         [&](const WmiGuid& guid) { return applies(adapter, guid); });
    for (const WmiGuid& guid : custom_wmi_guids(adapter))
        guids.push_back(guid);
    std::ranges::for_each(guids, protect);
    auto blocks = std::make_shared<WmiBlocks>(std::move(guids));
    blocks->connected = adapter.attributes.indicated.link().MediaConnectState;
    adapter.wmi.with([&](Blocks& kept) { kept.swap(blocks); });
    IoWMIRegistrationControl(adapter.fdo, WMIREG_ACTION_REGISTER);
}

void deregister_wmi(Adapter& adapter) {
    if (blocks_of(adapter) == nullptr)
        return;
    IoWMIRegistrationControl(adapter.fdo, WMIREG_ACTION_DEREGISTER);
    Blocks gone;
    adapter.wmi.with([&](Blocks& kept) { kept.swap(gone); });
}

NTSTATUS wmi_system_control(Adapter& adapter, PIRP irp) {
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    const Blocks blocks = blocks_of(adapter);
    const bool ours = stack.Parameters.WMI.ProviderId == reinterpret_cast<ULONG_PTR>(adapter.fdo);
    if (ours && blocks != nullptr && stack.MinorFunction == IRP_MN_REGINFO_EX)
        return tell_registration(adapter, *blocks, irp);
    SYSCTL_IRP_DISPOSITION disposition = IrpForward;
    NTSTATUS status = STATUS_SUCCESS;
    if (ours && blocks != nullptr) {
        std::vector<WMIGUIDREGINFO> list;
        for (const WmiGuid& guid : blocks->guids)
            list.push_back({&guid.guid, 1, 0});
        WMILIB_CONTEXT context{};
        context.GuidCount = static_cast<ULONG>(list.size());
        context.GuidList = list.data();
        context.QueryWmiDataBlock = query;
        context.SetWmiDataBlock = set;
        context.ExecuteWmiMethod = execute;
        context.WmiFunctionControl = control;
        status = WmiSystemControl(&context, adapter.fdo, irp, &disposition);
    }
    if (disposition == IrpProcessed)
        return status;
    if (disposition == IrpNotCompleted) {
        IofCompleteRequest(irp, IO_NO_INCREMENT);
        return status;
    }
    IoSkipCurrentIrpStackLocation(irp);
    return IofCallDriver(adapter.pdo, irp);
}

void status_to_wmi(Adapter& adapter, const NDIS_STATUS_INDICATION& status) {
    const Blocks blocks = blocks_of(adapter);
    if (blocks == nullptr)
        return;
    fire_status(adapter, *blocks, status);
    if (status.StatusCode != NDIS_STATUS_LINK_STATE || status.PortNumber != NDIS_DEFAULT_PORT_NUMBER)
        return;
    // Clients of before NDIS 6 wait for these two.
    const int now = adapter.attributes.indicated.link().MediaConnectState;
    if (blocks->connected.exchange(now) == now || now == MediaConnectStateUnknown)
        return;
    NDIS_STATUS_INDICATION old{};
    old.StatusCode = now == MediaConnectStateConnected ? NDIS_STATUS_MEDIA_CONNECT : NDIS_STATUS_MEDIA_DISCONNECT;
    fire_status(adapter, *blocks, old);
}

}  // namespace ndiskit::ndis
