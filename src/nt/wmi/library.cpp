#include "nt/wmi/library.h"

#include <cstring>

#include "nt/image/call_gate.h"
#include "nt/ke/api.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit;
using namespace ndiskit::nt;

namespace {

constexpr uint32_t event_tag = 0x45696D57;  // 'WmiE' in memory order
constexpr ULONG instance_names =
    WMIREG_FLAG_INSTANCE_LIST | WMIREG_FLAG_INSTANCE_BASENAME | WMIREG_FLAG_INSTANCE_PDO;

constexpr ULONG rounded(ULONG size) { return (size + 7) & ~7u; }

auto& request_of(PIRP irp) { return IoGetCurrentIrpStackLocation(irp)->Parameters.WMI; }

// The driver completes the request with this.
NTSTATUS not_completed(PIRP irp, SYSCTL_IRP_DISPOSITION* disposition, NTSTATUS status, ULONG_PTR used = 0) {
    *disposition = IrpNotCompleted;
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = used;
    return status;
}

ULONG size_of_text(const UNICODE_STRING* text) { return sizeof(USHORT) + (text ? text->Length : 0u); }
void put_text(uint8_t* at, const UNICODE_STRING* text) {
    const USHORT length = text ? text->Length : USHORT{0};
    std::memcpy(at, &length, sizeof length);
    if (length) std::memcpy(at + sizeof length, text->Buffer, length);
}

// What the driver answers of itself, as WMIREGINFO.
NTSTATUS register_blocks(const WMILIB_CONTEXT& context, PDEVICE_OBJECT device, PIRP irp, ULONG_PTR& used) {
    ULONG flags = 0;
    UNICODE_STRING base = {}, mof = {};
    PUNICODE_STRING path = nullptr;
    PDEVICE_OBJECT physical = nullptr;
    const NTSTATUS status =
        call_driver(context.QueryWmiRegInfo, device, &flags, &base, &path, &mof, &physical);
    if (!NT_SUCCESS(status)) return status;
    const ULONG blocks = sizeof(WMIREGINFOW) + context.GuidCount * static_cast<ULONG>(sizeof(WMIREGGUIDW));
    const ULONG base_at = blocks, path_at = base_at + size_of_text(&base),
                mof_at = path_at + size_of_text(path);
    const ULONG size = rounded(mof_at + size_of_text(&mof));
    const auto& request = request_of(irp);
    if (request.BufferSize < size) {
        std::memcpy(request.Buffer, &size, sizeof size);
        used = sizeof size;
        if (base.Buffer) ExFreePool(base.Buffer);
        return STATUS_BUFFER_TOO_SMALL;
    }
    auto* const bytes = static_cast<uint8_t*>(request.Buffer);
    const WMIREGINFOW info = {size, 0, path_at, mof_at, context.GuidCount};
    std::memcpy(bytes, &info, sizeof info);
    for (ULONG i = 0; i < context.GuidCount; ++i) {
        const WMIGUIDREGINFO& one = context.GuidList[i];
        WMIREGGUIDW block = {*one.Guid, one.Flags, one.InstanceCount, {}};
        if (!(one.Flags & WMIREG_FLAG_REMOVE_GUID)) block.Flags |= flags & instance_names;
        if (block.Flags & WMIREG_FLAG_INSTANCE_PDO) {
            block.Pdo = reinterpret_cast<ULONG_PTR>(physical);
            object::reference(physical);  // WMI's, which gives it back
        } else if (block.Flags & WMIREG_FLAG_INSTANCE_BASENAME) {
            block.BaseNameOffset = base_at;
        }
        std::memcpy(bytes + sizeof info + i * sizeof block, &block, sizeof block);
    }
    put_text(bytes + base_at, &base);
    put_text(bytes + path_at, path);
    put_text(bytes + mof_at, &mof);
    if (base.Buffer) ExFreePool(base.Buffer);
    used = size;
    return STATUS_SUCCESS;
}

NTSTATUS query_all(const WMILIB_CONTEXT& context, PDEVICE_OBJECT device, PIRP irp, ULONG guid) {
    const auto& request = request_of(irp);
    auto& node = *static_cast<WNODE_ALL_DATA*>(request.Buffer);
    const ULONG count = context.GuidList[guid].InstanceCount;
    const ULONG data = rounded(offsetof(WNODE_ALL_DATA, OffsetInstanceDataAndLength) +
                               count * static_cast<ULONG>(sizeof(OFFSETINSTANCEDATAANDLENGTH)));
    node.InstanceCount = count;
    node.DataBlockOffset = data;
    const bool fits = request.BufferSize > data;
    auto* const bytes = static_cast<uint8_t*>(request.Buffer);
    // The lengths stand where they and the offsets will: WmiCompleteRequest spreads them.
    auto* const lengths = reinterpret_cast<PULONG>(node.OffsetInstanceDataAndLength);
    return call_driver(context.QueryWmiDataBlock, device, irp, guid, 0u, count, fits ? lengths : nullptr,
                       fits ? request.BufferSize - data : 0u, fits ? bytes + data : nullptr);
}

// Requests about one instance; the callback completes it.
NTSTATUS about_instance(const WMILIB_CONTEXT& context, PDEVICE_OBJECT device, PIRP irp, ULONG guid,
                        UCHAR minor) {
    const auto& request = request_of(irp);
    auto* const bytes = static_cast<uint8_t*>(request.Buffer);
    auto& single = *static_cast<WNODE_SINGLE_INSTANCE*>(request.Buffer);
    auto& item = *static_cast<WNODE_METHOD_ITEM*>(request.Buffer);
    const ULONG index = single.InstanceIndex;
    const auto room = [&](ULONG offset) {
        return request.BufferSize > offset ? request.BufferSize - offset : 0u;
    };
    switch (minor) {
        case IRP_MN_QUERY_SINGLE_INSTANCE: {
            ULONG length = 0;
            const ULONG avail = room(single.DataBlockOffset);
            return call_driver(context.QueryWmiDataBlock, device, irp, guid, index, 1u,
                               avail ? &length : nullptr, avail,
                               avail ? bytes + single.DataBlockOffset : nullptr);
        }
        case IRP_MN_CHANGE_SINGLE_INSTANCE:
            return call_driver(context.SetWmiDataBlock, device, irp, guid, index, single.SizeDataBlock,
                               bytes + single.DataBlockOffset);
        case IRP_MN_CHANGE_SINGLE_ITEM:
            return call_driver(context.SetWmiDataItem, device, irp, guid, index, item.MethodId,
                               item.SizeDataBlock, bytes + item.DataBlockOffset);
        default:
            return call_driver(context.ExecuteWmiMethod, device, irp, guid, index, item.MethodId,
                               item.SizeDataBlock, room(item.DataBlockOffset), bytes + item.DataBlockOffset);
    }
}

// STATUS_SUCCESS when the driver has a callback for the request and the instance exists.
NTSTATUS check(const WMILIB_CONTEXT& context, PIRP irp, ULONG guid, UCHAR minor) {
    switch (minor) {
        case IRP_MN_QUERY_ALL_DATA:
            return context.QueryWmiDataBlock ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_REQUEST;
        case IRP_MN_QUERY_SINGLE_INSTANCE:
            if (!context.QueryWmiDataBlock) return STATUS_INVALID_DEVICE_REQUEST;
            break;
        case IRP_MN_CHANGE_SINGLE_INSTANCE:
            if (!context.SetWmiDataBlock) return STATUS_WMI_READ_ONLY;
            break;
        case IRP_MN_CHANGE_SINGLE_ITEM:
            if (!context.SetWmiDataItem) return STATUS_WMI_READ_ONLY;
            break;
        default:
            if (!context.ExecuteWmiMethod) return STATUS_INVALID_DEVICE_REQUEST;
    }
    const auto& node = *static_cast<const WNODE_SINGLE_INSTANCE*>(request_of(irp).Buffer);
    const bool is_static = node.WnodeHeader.Flags & WNODE_FLAG_STATIC_INSTANCE_NAMES;
    return is_static && node.InstanceIndex < context.GuidList[guid].InstanceCount
               ? STATUS_SUCCESS
               : STATUS_WMI_INSTANCE_NOT_FOUND;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wmilib/nf-wmilib-wmisystemcontrol
NTSTATUS NTAPI WmiSystemControl(WMILIB_CONTEXT* context, PDEVICE_OBJECT device, PIRP irp,
                                SYSCTL_IRP_DISPOSITION* disposition) {
    const UCHAR minor = IoGetCurrentIrpStackLocation(irp)->MinorFunction;
    const bool registers = minor == IRP_MN_REGINFO || minor == IRP_MN_REGINFO_EX;
    const auto& request = request_of(irp);
    *disposition = IrpNotWmi;
    if (minor > IRP_MN_EXECUTE_METHOD && !registers) return STATUS_SUCCESS;
    *disposition = IrpForward;
    if (request.ProviderId != reinterpret_cast<ULONG_PTR>(device)) return STATUS_SUCCESS;
    if (registers) {
        ULONG_PTR used = 0;
        const NTSTATUS status = register_blocks(*context, device, irp, used);
        return not_completed(irp, disposition, status, used);
    }
    ULONG guid = 0;
    while (guid < context->GuidCount &&
           !(*context->GuidList[guid].Guid == *static_cast<LPCGUID>(request.DataPath)))
        ++guid;
    if (guid == context->GuidCount) return not_completed(irp, disposition, STATUS_WMI_GUID_NOT_FOUND);
    if (minor >= IRP_MN_ENABLE_EVENTS && minor <= IRP_MN_DISABLE_COLLECTION) {
        if (!context->WmiFunctionControl) return not_completed(irp, disposition, STATUS_SUCCESS);
        *disposition = IrpProcessed;
        const bool events = minor == IRP_MN_ENABLE_EVENTS || minor == IRP_MN_DISABLE_EVENTS;
        const bool enable = minor == IRP_MN_ENABLE_EVENTS || minor == IRP_MN_ENABLE_COLLECTION;
        return call_driver(context->WmiFunctionControl, device, irp, guid,
                           events ? WmiEventControl : WmiDataBlockControl, static_cast<BOOLEAN>(enable));
    }
    if (const NTSTATUS status = check(*context, irp, guid, minor); !NT_SUCCESS(status))
        return not_completed(irp, disposition, status);
    *disposition = IrpProcessed;
    return minor == IRP_MN_QUERY_ALL_DATA ? query_all(*context, device, irp, guid)
                                          : about_instance(*context, device, irp, guid, minor);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wmilib/nf-wmilib-wmicompleterequest
NTSTATUS NTAPI WmiCompleteRequest(PDEVICE_OBJECT, PIRP irp, NTSTATUS status, ULONG used, CCHAR boost) {
    const UCHAR minor = IoGetCurrentIrpStackLocation(irp)->MinorFunction;
    const auto& request = request_of(irp);
    auto& all = *static_cast<WNODE_ALL_DATA*>(request.Buffer);
    auto& single = *static_cast<WNODE_SINGLE_INSTANCE*>(request.Buffer);
    auto& method = *static_cast<WNODE_METHOD_ITEM*>(request.Buffer);
    const bool answers = minor <= IRP_MN_QUERY_SINGLE_INSTANCE || minor == IRP_MN_EXECUTE_METHOD;
    // Other requests may bring a node that is shorter.
    const ULONG offset = !answers                                ? 0
                         : minor == IRP_MN_QUERY_ALL_DATA        ? all.DataBlockOffset
                         : minor == IRP_MN_QUERY_SINGLE_INSTANCE ? single.DataBlockOffset
                                                                 : method.DataBlockOffset;
    ULONG_PTR information = 0;
    if (answers && status == STATUS_BUFFER_TOO_SMALL) {
        auto& small = *static_cast<WNODE_TOO_SMALL*>(request.Buffer);
        small.WnodeHeader.BufferSize = sizeof small;
        small.WnodeHeader.Flags |= WNODE_FLAG_TOO_SMALL;
        small.SizeNeeded = offset + used;
        information = sizeof small;
        status = STATUS_SUCCESS;
    } else if (answers && NT_SUCCESS(status)) {
        information = offset + used;
        all.WnodeHeader.BufferSize = static_cast<ULONG>(information);
        if (minor == IRP_MN_QUERY_SINGLE_INSTANCE) single.SizeDataBlock = used;
        if (minor == IRP_MN_EXECUTE_METHOD) method.SizeDataBlock = used;
        if (minor == IRP_MN_QUERY_ALL_DATA) {
            // From the last on, since an entry takes the place of two lengths.
            const auto* const lengths = reinterpret_cast<const ULONG*>(all.OffsetInstanceDataAndLength);
            ULONG at = offset;
            for (ULONG i = 0; i < all.InstanceCount; ++i) at += rounded(lengths[i]);
            for (ULONG i = all.InstanceCount; i-- > 0;) {
                const ULONG length = lengths[i];
                at -= rounded(length);
                all.OffsetInstanceDataAndLength[i] = {at, length};
            }
        }
    }
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = information;
    IofCompleteRequest(irp, boost);
    return status;
}

// Takes the data, which the driver allocated, in any case.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wmilib/nf-wmilib-wmifireevent
NTSTATUS NTAPI WmiFireEvent(PDEVICE_OBJECT device, LPCGUID guid, ULONG instance, ULONG size, PVOID data) {
    const ULONG offset = rounded(sizeof(WNODE_SINGLE_INSTANCE));
    auto* const event = static_cast<WNODE_SINGLE_INSTANCE*>(
        pool_allocate_zeroed(PoolKind::nonpaged, offset + size, event_tag, __builtin_return_address(0)));
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    if (event) {
        event->WnodeHeader.BufferSize = offset + size;
        event->WnodeHeader.ProviderId = IoWMIDeviceObjectToProviderId(device);
        event->WnodeHeader.Guid = *guid;
        event->WnodeHeader.Flags =
            WNODE_FLAG_SINGLE_INSTANCE | WNODE_FLAG_EVENT_ITEM | WNODE_FLAG_STATIC_INSTANCE_NAMES;
        KeQuerySystemTimePrecise(&event->WnodeHeader.TimeStamp);
        event->InstanceIndex = instance;
        event->DataBlockOffset = offset;
        event->SizeDataBlock = size;
        if (size) std::memcpy(reinterpret_cast<uint8_t*>(event) + offset, data, size);
        status = IoWMIWriteEvent(event);
        if (!NT_SUCCESS(status)) pool_free(event, event_tag);
    }
    if (data) ExFreePool(data);
    return status;
}

}  // extern "C"
