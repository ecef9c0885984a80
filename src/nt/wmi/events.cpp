// Events of WMI: a driver writes one, consumers are called back later, on a system worker thread. And what
// drivers ask about names and numbers of instances.
#include <cstring>
#include <map>

#include "base/guarded.h"
#include "nt/io/device_interface.h"
#include "nt/io/pnp.h"
#include "nt/ke/work_queue.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "nt/wmi/block.h"

using namespace ndiskit;
using namespace ndiskit::nt;

namespace {

constexpr ULONG largest_event = 1024;      // what the registry of Windows allows at first
constexpr uint32_t name_tag = 0x4E696D57;  // 'WmiN' in memory order

// The event that a reference stands for: the instance's data, asked from the driver.
wmi::Node event_of(const WNODE_EVENT_REFERENCE& reference) {
    const wmi::ProviderRef provider = wmi::provider_of(reference.WnodeHeader.ProviderId);
    std::u16string name;
    for (const wmi::Offer& offer : wmi::offers_of(reference.TargetGuid)) {
        if (offer.provider != provider) continue;
        if (!offer.block.is_static) {
            const USHORT* const length = reinterpret_cast<const USHORT*>(reference.TargetInstanceName);
            name.assign(reinterpret_cast<const char16_t*>(length + 1), *length / sizeof(WCHAR));
        } else if (reference.TargetInstanceIndex < offer.block.names.size()) {
            name = offer.block.names[reference.TargetInstanceIndex];
        }
    }
    wmi::Node node;
    if (!NT_SUCCESS(wmi::query_instance(reference.TargetGuid, name, node))) return {};
    auto& header = *reinterpret_cast<WNODE_HEADER*>(node.data());
    header.Guid = reference.WnodeHeader.Guid;
    header.TimeStamp = reference.WnodeHeader.TimeStamp;
    header.Flags |= WNODE_FLAG_EVENT_ITEM;
    return node;
}

void deliver(WNODE_HEADER* event) {
    if (event->Flags & WNODE_FLAG_EVENT_REFERENCE) {
        wmi::Node node = event_of(*reinterpret_cast<WNODE_EVENT_REFERENCE*>(event));
        if (!node.empty()) wmi::tell_event(*reinterpret_cast<WNODE_HEADER*>(node.data()));
    } else {
        wmi::tell_event(*event);
    }
    ExFreePool(event);
}

NTSTATUS give_name(std::u16string_view text, PUNICODE_STRING result) {
    const size_t bytes = text.size() * sizeof(WCHAR);
    auto* const buffer = static_cast<PWCH>(
        pool_allocate_zeroed(PoolKind::paged, bytes + sizeof(WCHAR), name_tag, __builtin_return_address(0)));
    if (!buffer) return STATUS_INSUFFICIENT_RESOURCES;
    std::memcpy(buffer, text.data(), bytes);
    *result = {static_cast<USHORT>(bytes), static_cast<USHORT>(bytes + sizeof(WCHAR)), buffer};
    return STATUS_SUCCESS;
}

// The first instance of a provider whose device is one for `fits`.
template <class Fits>
NTSTATUS find_name(PVOID object, Fits fits, PUNICODE_STRING result) {
    const wmi::DataBlock* const block = wmi::block_for(object, 0);
    if (!block) return STATUS_OBJECT_TYPE_MISMATCH;
    for (const wmi::Offer& offer : wmi::offers_of(block->guid))
        if (!offer.block.names.empty() && fits(offer.provider->device))
            return give_name(offer.block.names.front(), result);
    return STATUS_WMI_INSTANCE_NOT_FOUND;
}

// Numbers given out for each GUID, by its text.
using Numbers = std::map<std::string, ULONG>;
Guarded<Numbers, LockRank::nt_leaf>& numbers() {
    static auto* const it = new Guarded<Numbers, LockRank::nt_leaf>();
    return *it;
}

}  // namespace

extern "C" {

// No session collects traces on this machine. A driver keeps what is not taken.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmiwriteevent
NTSTATUS NTAPI IoWMIWriteEvent(PVOID item) {
    auto* const event = static_cast<WNODE_HEADER*>(item);
    if (event->Flags & WNODE_FLAG_TRACED_GUID) return STATUS_UNSUCCESSFUL;
    if (event->BufferSize > largest_event) return STATUS_BUFFER_OVERFLOW;
    ke::run_later([event] { deliver(event); });
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmideviceobjecttoinstancename
NTSTATUS NTAPI IoWMIDeviceObjectToInstanceName(PVOID object, PDEVICE_OBJECT device, PUNICODE_STRING name) {
    return find_name(
        object, [&](PDEVICE_OBJECT of) { return of == device; }, name);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmihandletoinstancename
NTSTATUS NTAPI IoWMIHandleToInstanceName(PVOID object, HANDLE handle, PUNICODE_STRING name) {
    void* body = nullptr;
    const NTSTATUS status = object::reference_by_handle(handle, 0, &object::file_type, false, &body);
    if (!NT_SUCCESS(status)) return status;
    PDEVICE_OBJECT const opened = IoGetDeviceAttachmentBaseRef(static_cast<PFILE_OBJECT>(body)->DeviceObject);
    const NTSTATUS result = find_name(
        object,
        [&](PDEVICE_OBJECT of) {
            PDEVICE_OBJECT const lowest = IoGetDeviceAttachmentBaseRef(of);
            object::dereference(lowest);
            return lowest == opened;
        },
        name);
    object::dereference(opened);
    object::dereference(body);
    return result;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmiallocateinstanceids
NTSTATUS NTAPI IoWMIAllocateInstanceIds(LPCGUID guid, ULONG count, ULONG* first) {
    *first = numbers().with([&](Numbers& all) {
        ULONG& next = all[guid_text(*guid)];
        next += count;
        return next - count;
    });
    return STATUS_SUCCESS;
}

// The device's description, the link's name, or both.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmisuggestinstancename
NTSTATUS NTAPI IoWMISuggestInstanceName(PDEVICE_OBJECT physical, PUNICODE_STRING link, BOOLEAN combine,
                                        PUNICODE_STRING result) {
    if (combine ? !physical || !link : !physical && !link) return STATUS_INVALID_PARAMETER;
    std::u16string name;
    if (physical) {
        const std::string instance = pnp::instance_of(*physical);
        if (instance.empty()) return STATUS_INVALID_PARAMETER;
        const auto described =
            registry::get_string("HKLM\\System\\CurrentControlSet\\Enum\\" + instance, "DeviceDesc");
        name = to_utf16(described.value_or(instance));
    }
    if (link && (combine || !physical)) {
        std::u16string_view text = view_of(link);
        if (text.starts_with(u"\\??\\")) text.remove_prefix(4);
        name += name.empty() ? std::u16string(text) : u" (" + std::u16string(text) + u")";
    }
    return give_name(name, result);
}

}  // extern "C"
