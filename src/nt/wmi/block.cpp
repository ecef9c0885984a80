#include "nt/wmi/block.h"

#include <algorithm>
#include <cstring>

#include "base/guarded.h"
#include "nt/image/call_gate.h"
#include "nt/ke/irql.h"
#include "nt/ke/work_queue.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::wmi {

namespace {

constexpr ACCESS_MASK data_access = WMIGUID_QUERY | WMIGUID_SET | WMIGUID_EXECUTE;

// Those that are open, for events.
using Blocks = std::vector<DataBlock*>;
Guarded<Blocks, LockRank::nt_leaf>& open_blocks() {
    static auto* const it = new Guarded<Blocks, LockRank::nt_leaf>();
    return *it;
}

void destroy(void* body) {
    auto* const block = static_cast<DataBlock*>(body);
    const GUID guid = block->guid;
    const bool data = block->access & data_access, events = block->access & WMIGUID_NOTIFICATION;
    open_blocks().with([&](Blocks& all) { std::erase(all, block); });
    object::free_body(body);
    if (current_irql() == PASSIVE_LEVEL)
        want_no_more(guid, data, events);
    else
        ke::run_later([=] { want_no_more(guid, data, events); });
}

_OBJECT_TYPE block_type = {"WmiGuid", destroy, nullptr};

// All of them, one behind the other, each with the way to the next.
NTSTATUS give(std::vector<Node> nodes, PULONG size, PVOID buffer) {
    size_t needed = 0;
    for (const Node& node : nodes) needed += (node.size() + 7) & ~size_t{7};
    const bool fits = buffer && *size >= needed;
    *size = static_cast<ULONG>(needed);
    if (!fits) return needed == 0 ? STATUS_SUCCESS : STATUS_BUFFER_TOO_SMALL;
    auto* at = static_cast<uint8_t*>(buffer);
    for (Node& node : nodes) {
        node.resize((node.size() + 7) & ~size_t{7});
        const ULONG linkage = &node == &nodes.back() ? 0 : static_cast<ULONG>(node.size());
        std::memcpy(node.data() + offsetof(WNODE_HEADER, Linkage), &linkage, sizeof linkage);
        at = std::ranges::copy(node, at).out;
    }
    return STATUS_SUCCESS;
}

std::u16string_view text_of(const UNICODE_STRING* text) {
    return {reinterpret_cast<const char16_t*>(text->Buffer), text->Length / sizeof(WCHAR)};
}

// Changes an instance or an item of it.
NTSTATUS change(PVOID object, PUNICODE_STRING name, InstanceRequest request, ULONG size, PVOID values) {
    const DataBlock* const block = block_for(object, WMIGUID_SET);
    if (!block) return STATUS_ACCESS_DENIED;
    request.data = {static_cast<const uint8_t*>(values), size};
    Node node;
    std::span<const uint8_t> data;
    return ask_instance(block->guid, text_of(name), request, node, data);
}

}  // namespace

DataBlock* block_for(PVOID object, ACCESS_MASK access) {
    if (object::type_of(object) != &block_type) return nullptr;
    auto* const block = static_cast<DataBlock*>(object);
    return (block->access & access) == access ? block : nullptr;
}

void tell_event(WNODE_HEADER& event) {
    // With references: a consumer may close its block in the callback.
    Blocks listeners;
    open_blocks().with([&](Blocks& all) {
        std::ranges::copy_if(all, std::back_inserter(listeners),
                             [&](DataBlock* block) { return block->callback && block->guid == event.Guid; });
    });
    for (DataBlock* block : listeners) {
        if (!object::try_reference(block)) continue;
        const auto [callback, context] =
            open_blocks().with([&](Blocks&) { return std::pair(block->callback, block->context); });
        if (callback) call_driver(callback, static_cast<PVOID>(&event), context);
        object::dereference(block);
    }
}

}  // namespace ndiskit::nt::wmi

using namespace ndiskit::nt;

extern "C" {

// Whether anybody offers the block shows when it is used: providers come and go.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmiopenblock
NTSTATUS NTAPI IoWMIOpenBlock(LPCGUID guid, ULONG access, PVOID* object) {
    auto* const block = static_cast<wmi::DataBlock*>(object::create(wmi::block_type, sizeof(wmi::DataBlock)));
    if (!block) return STATUS_INSUFFICIENT_RESOURCES;
    *block = {*guid, access, nullptr, nullptr};
    wmi::open_blocks().with([&](wmi::Blocks& all) { all.push_back(block); });
    wmi::want(*guid, access & wmi::data_access, access & WMIGUID_NOTIFICATION);
    *object = block;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmisetnotificationcallback
NTSTATUS NTAPI IoWMISetNotificationCallback(PVOID object, WMI_NOTIFICATION_CALLBACK callback, PVOID context) {
    wmi::DataBlock* const block = wmi::block_for(object, WMIGUID_NOTIFICATION);
    if (!block) return STATUS_ACCESS_DENIED;
    wmi::open_blocks().with([&](wmi::Blocks&) {
        block->callback = callback;
        block->context = context;
    });
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmiqueryalldata
NTSTATUS NTAPI IoWMIQueryAllData(PVOID object, PULONG size, PVOID buffer) {
    const wmi::DataBlock* const block = wmi::block_for(object, WMIGUID_QUERY);
    if (!block) return STATUS_ACCESS_DENIED;
    std::vector<wmi::Node> nodes;
    const NTSTATUS status = wmi::query_all(block->guid, nodes);
    return NT_SUCCESS(status) ? wmi::give(std::move(nodes), size, buffer) : status;
}

// What nobody offers is left out.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmiqueryalldatamultiple
NTSTATUS NTAPI IoWMIQueryAllDataMultiple(PVOID* objects, ULONG count, PULONG size, PVOID buffer) {
    std::vector<wmi::Node> nodes;
    for (ULONG i = 0; i < count; ++i) {
        const wmi::DataBlock* const block = wmi::block_for(objects[i], WMIGUID_QUERY);
        if (!block) return STATUS_ACCESS_DENIED;
        wmi::query_all(block->guid, nodes);
    }
    return wmi::give(std::move(nodes), size, buffer);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmiquerysingleinstance
NTSTATUS NTAPI IoWMIQuerySingleInstance(PVOID object, PUNICODE_STRING name, PULONG size, PVOID buffer) {
    const wmi::DataBlock* const block = wmi::block_for(object, WMIGUID_QUERY);
    if (!block) return STATUS_ACCESS_DENIED;
    std::vector<wmi::Node> nodes(1);
    const NTSTATUS status = wmi::query_instance(block->guid, wmi::text_of(name), nodes[0]);
    return NT_SUCCESS(status) ? wmi::give(std::move(nodes), size, buffer) : status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmiquerysingleinstancemultiple
NTSTATUS NTAPI IoWMIQuerySingleInstanceMultiple(PVOID* objects, PUNICODE_STRING names, ULONG count,
                                                PULONG size, PVOID buffer) {
    std::vector<wmi::Node> nodes;
    for (ULONG i = 0; i < count; ++i) {
        const wmi::DataBlock* const block = wmi::block_for(objects[i], WMIGUID_QUERY);
        if (!block) return STATUS_ACCESS_DENIED;
        wmi::Node node;
        if (NT_SUCCESS(wmi::query_instance(block->guid, wmi::text_of(&names[i]), node)))
            nodes.push_back(std::move(node));
    }
    return wmi::give(std::move(nodes), size, buffer);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmisetsingleinstance
NTSTATUS NTAPI IoWMISetSingleInstance(PVOID object, PUNICODE_STRING name, ULONG version, ULONG size,
                                      PVOID values) {
    return wmi::change(
        object, name,
        {.minor = IRP_MN_CHANGE_SINGLE_INSTANCE, .flag = WNODE_FLAG_SINGLE_INSTANCE, .version = version},
        size, values);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmisetsingleitem
NTSTATUS NTAPI IoWMISetSingleItem(PVOID object, PUNICODE_STRING name, ULONG item, ULONG version, ULONG size,
                                  PVOID value) {
    return wmi::change(
        object, name,
        {.minor = IRP_MN_CHANGE_SINGLE_ITEM, .flag = WNODE_FLAG_SINGLE_ITEM, .id = item, .version = version},
        size, value);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmiexecutemethod
NTSTATUS NTAPI IoWMIExecuteMethod(PVOID object, PUNICODE_STRING name, ULONG method, ULONG in_size,
                                  PULONG out_size, PUCHAR buffer) {
    const wmi::DataBlock* const block = wmi::block_for(object, WMIGUID_EXECUTE);
    if (!block) return STATUS_ACCESS_DENIED;
    wmi::Node node;
    std::span<const uint8_t> data;
    const NTSTATUS status = wmi::ask_instance(block->guid, wmi::text_of(name),
                                              {.minor = IRP_MN_EXECUTE_METHOD,
                                               .flag = WNODE_FLAG_METHOD_ITEM,
                                               .id = method,
                                               .data = {buffer, in_size},
                                               .room = *out_size},
                                              node, data);
    if (!NT_SUCCESS(status)) return status;
    const bool fits = data.size() <= *out_size;
    *out_size = static_cast<ULONG>(data.size());
    if (!fits) return STATUS_BUFFER_TOO_SMALL;
    std::ranges::copy(data, buffer);
    return STATUS_SUCCESS;
}

}  // extern "C"
