// The interface table and the interface stack table.
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-network-interface-architecture
#include "ndis/interfaces.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "ndis/adapter.h"
#include "ndis/lists.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/filter.h"
#include "ndis/library_state.h"
#include "ndis/misuse.h"
#include "ndis/oid_answers.h"
#include "nt/image/call_gate.h"

namespace ndiskit::ndis {

// What NdisIfRegisterProvider gives out.
struct InterfaceProvider : Handle {
    static constexpr HandleKind handle_kind = HandleKind::interface_provider;
    InterfaceProvider() : Handle(handle_kind) {}
    NDIS_IF_PROVIDER_CHARACTERISTICS handlers{};
    NDIS_HANDLE context = nullptr;
};

namespace {

struct Interface {
    InterfaceId id;
    const void* owner = nullptr;  // an Adapter, a FilterModule or an InterfaceProvider
    bool provided = false;        // by a driver, with NdisIfRegisterInterface
    NDIS_HANDLE context = nullptr;  // ProviderIfContext of such a one
};
struct StackEntry {
    NET_IFINDEX higher, lower;
    friend bool operator==(const StackEntry&, const StackEntry&) = default;
};
struct LuidIndex {
    NET_IFTYPE type;
    uint32_t index;
    friend bool operator==(const LuidIndex&, const LuidIndex&) = default;
};

struct Table {
    std::vector<Interface> interfaces;
    std::vector<StackEntry> stack;
    std::vector<LuidIndex> luid_indexes;
    std::vector<std::unique_ptr<InterfaceProvider>> providers;
    NET_IFINDEX next_index = 1;
};
Guarded<Table, LockRank::ndis_leaf>& table() {
    static Guarded<Table, LockRank::ndis_leaf> instance;
    return instance;
}

constexpr uint32_t index_limit = 1u << 24;
constexpr NDIS_STATUS status_duplicate_object_id = static_cast<NDIS_STATUS>(0xC000022A);

bool exists(const Table& t, NET_IFINDEX index) {
    return std::ranges::any_of(t.interfaces, [&](const Interface& i) { return i.id.index == index; });
}

// Whether `target` can be reached downwards from `from`.
bool reaches(const Table& t, NET_IFINDEX from, NET_IFINDEX target) {
    if (from == target)
        return true;
    return std::ranges::any_of(t.stack, [&](const StackEntry& e) {
        return e.higher == from && reaches(t, e.lower, target);
    });
}

uint32_t new_luid_index(Table& t, NET_IFTYPE type) {
    for (uint32_t index = 1; index < index_limit; index++) {
        if (contains(t.luid_indexes, LuidIndex{type, index}))
            continue;
        t.luid_indexes.push_back({type, index});
        return index;
    }
    return 0;
}

NET_LUID make_luid(NET_IFTYPE type, uint32_t index) {
    NET_LUID luid{};
    luid.Info.IfType = type;
    luid.Info.NetLuidIndex = index;
    return luid;
}

NET_IFINDEX add(Table& t, const void* owner, NET_LUID luid, bool provided, NDIS_HANDLE context = nullptr) {
    const NET_IFINDEX index = t.next_index++;
    t.interfaces.push_back({.id = {index, luid}, .owner = owner, .provided = provided, .context = context});
    return index;
}

// The interface of that index, if there is one.
std::optional<Interface> find(NET_IFINDEX index) {
    return table().with([&](const Table& t) -> std::optional<Interface> {
        for (const Interface& i : t.interfaces)
            if (i.id.index == index)
                return i;
        return std::nullopt;
    });
}

void remove(Table& t, NET_IFINDEX index) {
    std::erase_if(t.interfaces, [&](const Interface& i) { return i.id.index == index; });
    std::erase_if(t.stack, [&](const StackEntry& e) { return e.higher == index || e.lower == index; });
}

}  // namespace

void register_adapter_interface(Adapter& adapter) {
    const auto type = static_cast<NET_IFTYPE>(adapter.config.if_type);
    const uint32_t index = table().with([&](Table& t) {
        if (adapter.luid.Value == 0) {
            const uint32_t known = adapter.config.luid_index.value_or(0);
            if (known != 0 && !contains(t.luid_indexes, LuidIndex{type, known}))
                t.luid_indexes.push_back({type, known});
            adapter.luid = make_luid(type, known != 0 ? known : new_luid_index(t, type));
        }
        adapter.interface_index = add(t, &adapter, adapter.luid, false);
        return static_cast<uint32_t>(adapter.luid.Info.NetLuidIndex);
    });
    if (adapter.config.luid_index != index)
        write_luid_index(adapter.config, index);
}

void deregister_adapter_interface(Adapter& adapter) {
    table().with([&](Table& t) { remove(t, adapter.interface_index); });
    adapter.interface_index = 0;
}

InterfaceId register_filter_interface(const void* module) {
    return table().with([&](Table& t) {
        const NET_LUID luid = make_luid(IF_TYPE_ETHERNET_CSMACD, new_luid_index(t, IF_TYPE_ETHERNET_CSMACD));
        return InterfaceId{add(t, module, luid, false), luid};
    });
}

void stand_on(const InterfaceId& filter, NET_IFINDEX below) {
    table().with([&](Table& t) {
        std::erase_if(t.stack, [&](const StackEntry& entry) { return entry.higher == filter.index; });
        t.stack.push_back({filter.index, below});
    });
}

void deregister_filter_interface(const InterfaceId& id) {
    table().with([&](Table& t) {
        remove(t, id.index);
        std::erase(t.luid_indexes, LuidIndex{static_cast<NET_IFTYPE>(id.luid.Info.IfType),
                                             static_cast<uint32_t>(id.luid.Info.NetLuidIndex)});
    });
}

InterfaceId top_interface(const Adapter& adapter) {
    if (const auto filters = adapter.filters(); !filters.empty())
        return interface_of(*filters.back());
    return {adapter.interface_index, adapter.luid};
}

std::vector<NET_IFINDEX> interfaces_below(NET_IFINDEX higher) {
    return table().with([&](const Table& t) {
        std::vector<NET_IFINDEX> below;
        for (const StackEntry& entry : t.stack)
            if (entry.higher == higher)
                below.push_back(entry.lower);
        return below;
    });
}

NDIS_STATUS query_interface(NET_IFINDEX index, NDIS_OID object, void* buffer, ULONG& length) {
    const auto interface = find(index);
    if (!interface)
        return NDIS_STATUS_INTERFACE_NOT_FOUND;
    if (interface->provided) {
        const auto& provider = *static_cast<const InterfaceProvider*>(interface->owner);
        return nt::call_driver(provider.handlers.QueryObjectHandler, interface->context, object, &length, buffer);
    }
    for (const Adapter* adapter : library().adapters()) {
        if (adapter->interface_index != index)
            continue;
        NDIS_OID_REQUEST request{};
        request.RequestType = NdisRequestQueryInformation;
        request.DATA.QUERY_INFORMATION.Oid = object;
        request.DATA.QUERY_INFORMATION.InformationBuffer = buffer;
        request.DATA.QUERY_INFORMATION.InformationBufferLength = length;
        NDIS_STATUS status = NDIS_STATUS_NOT_SUPPORTED;
        answer_interface(*adapter, request, status);
        const auto& answer = request.DATA.QUERY_INFORMATION;
        length = status == NDIS_STATUS_SUCCESS ? answer.BytesWritten : answer.BytesNeeded;
        return status;
    }
    return NDIS_STATUS_NOT_SUPPORTED;
}

NDIS_STATUS set_interface(NET_IFINDEX index, NDIS_OID object, void* buffer, ULONG length) {
    const auto interface = find(index);
    if (!interface)
        return NDIS_STATUS_INTERFACE_NOT_FOUND;
    if (!interface->provided)
        return NDIS_STATUS_NOT_SUPPORTED;
    const auto& provider = *static_cast<const InterfaceProvider*>(interface->owner);
    return nt::call_driver(provider.handlers.SetObjectHandler, interface->context, object, length, buffer);
}

void forget_interfaces() {
    table().with([](Table& t) { t = Table{}; });
}

std::vector<std::string> interface_leaks() {
    return table().with([](const Table& t) {
        std::vector<std::string> lines;
        for (const Interface& i : t.interfaces)
            if (i.provided)
                lines.push_back(fmt::format("interface {} is still registered (NdisIfDeregisterInterface)", i.id.index));
        if (!t.providers.empty())
            lines.push_back(fmt::format("{} interface provider(s) still registered", t.providers.size()));
        return lines;
    });
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisifaddifstackentry
extern "C" NDIS_STATUS NTAPI NdisIfAddIfStackEntry(NET_IFINDEX HigherLayerIfIndex, NET_IFINDEX LowerLayerIfIndex) {
    enum class Outcome { added, unknown, loop };
    const Outcome outcome = table().with([&](Table& t) {
        if (!exists(t, HigherLayerIfIndex) || !exists(t, LowerLayerIfIndex))
            return Outcome::unknown;
        if (reaches(t, LowerLayerIfIndex, HigherLayerIfIndex))
            return Outcome::loop;
        const StackEntry entry{HigherLayerIfIndex, LowerLayerIfIndex};
        if (!contains(t.stack, entry))
            t.stack.push_back(entry);
        return Outcome::added;
    });
    if (outcome == Outcome::loop)
        misuse(Misuse::interface_stack_loop, "NdisIfAddIfStackEntry would close a circle", HigherLayerIfIndex,
               LowerLayerIfIndex);
    return outcome == Outcome::added ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INTERFACE_NOT_FOUND;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisifdeleteifstackentry
extern "C" void NTAPI NdisIfDeleteIfStackEntry(NET_IFINDEX HigherLayerIfIndex, NET_IFINDEX LowerLayerIfIndex) {
    table().with([&](Table& t) { std::erase(t.stack, StackEntry{HigherLayerIfIndex, LowerLayerIfIndex}); });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisifallocatenetluidindex
extern "C" NDIS_STATUS NTAPI NdisIfAllocateNetLuidIndex(NET_IFTYPE ifType, PUINT32 pNetLuidIndex) {
    const uint32_t index = table().with([&](Table& t) { return new_luid_index(t, ifType); });
    *pNetLuidIndex = index;
    return index != 0 ? NDIS_STATUS_SUCCESS : NDIS_STATUS_RESOURCES;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisiffreenetluidindex
extern "C" NDIS_STATUS NTAPI NdisIfFreeNetLuidIndex(NET_IFTYPE ifType, UINT32 NetLuidIndex) {
    const auto freed = table().with([&](Table& t) { return std::erase(t.luid_indexes, LuidIndex{ifType, NetLuidIndex}); });
    return freed != 0 ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_PARAMETER;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisifgetinterfaceindexfromnetluid
extern "C" NDIS_STATUS NTAPI NdisIfGetInterfaceIndexFromNetLuid(NET_LUID NetLuid, PNET_IFINDEX pIfIndex) {
    return table().with([&](const Table& t) {
        for (const Interface& i : t.interfaces) {
            if (i.id.luid.Value != NetLuid.Value)
                continue;
            *pIfIndex = i.id.index;
            return NDIS_STATUS_SUCCESS;
        }
        return NDIS_STATUS_INTERFACE_NOT_FOUND;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisifgetnetluidfrominterfaceindex
extern "C" NDIS_STATUS NTAPI NdisIfGetNetLuidFromInterfaceIndex(NET_IFINDEX ifIndex, PNET_LUID pNetLuid) {
    return table().with([&](const Table& t) {
        for (const Interface& i : t.interfaces) {
            if (i.id.index != ifIndex)
                continue;
            *pNetLuid = i.id.luid;
            return NDIS_STATUS_SUCCESS;
        }
        return NDIS_STATUS_INTERFACE_NOT_FOUND;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisifquerybindingifindex
extern "C" NDIS_STATUS NTAPI NdisIfQueryBindingIfIndex(NDIS_HANDLE NdisBindingHandle, PNET_IFINDEX pBoundIfIndex,
                                                       PNET_LUID pBoundIfNetLuid, PNET_IFINDEX pLowestIfIndex,
                                                       PNET_LUID pLowestIfNetLuid) {
    const Adapter& adapter = resolve<Binding>(NdisBindingHandle, "NdisIfQueryBindingIfIndex").adapter;
    const InterfaceId top = top_interface(adapter);
    *pBoundIfIndex = top.index;
    *pBoundIfNetLuid = top.luid;
    *pLowestIfIndex = adapter.interface_index;
    *pLowestIfNetLuid = adapter.luid;
    return NDIS_STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisifregisterprovider
extern "C" NDIS_STATUS NTAPI NdisIfRegisterProvider(PNDIS_IF_PROVIDER_CHARACTERISTICS ProviderCharacteristics,
                                                    NDIS_HANDLE IfProviderContext, PNDIS_HANDLE pNdisIfProviderHandle) {
    const NDIS_OBJECT_HEADER& header = ProviderCharacteristics->Header;
    if (header.Revision == 0 || header.Size < NDIS_SIZEOF_IF_PROVIDER_CHARACTERISTICS_REVISION_1)
        return NDIS_STATUS_NOT_SUPPORTED;
    if (header.Type != NDIS_OBJECT_TYPE_DEFAULT || ProviderCharacteristics->QueryObjectHandler == nullptr ||
        ProviderCharacteristics->SetObjectHandler == nullptr)
        return NDIS_STATUS_INVALID_PARAMETER;
    auto provider = std::make_unique<InterfaceProvider>();
    provider->handlers = *ProviderCharacteristics;
    provider->context = IfProviderContext;
    *pNdisIfProviderHandle = provider.get();
    table().with([&](Table& t) { t.providers.push_back(std::move(provider)); });
    return NDIS_STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisifderegisterprovider
extern "C" void NTAPI NdisIfDeregisterProvider(NDIS_HANDLE NdisProviderHandle) {
    auto& provider = resolve<InterfaceProvider>(NdisProviderHandle, "NdisIfDeregisterProvider");
    std::unique_ptr<InterfaceProvider> taken;
    const bool in_use = table().with([&](Table& t) {
        if (std::ranges::any_of(t.interfaces, [&](const Interface& i) { return i.owner == &provider; }))
            return true;
        const auto it = std::ranges::find_if(t.providers, [&](const auto& p) { return p.get() == &provider; });
        taken = std::move(*it);
        t.providers.erase(it);
        return false;
    });
    if (in_use)
        misuse(Misuse::interface_provider_deregister_unexpected,
               "NdisIfDeregisterProvider while interfaces of the provider are registered",
               reinterpret_cast<uint64_t>(NdisProviderHandle));
    library().bury(std::move(taken));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisifregisterinterface
extern "C" NDIS_STATUS NTAPI NdisIfRegisterInterface(NDIS_HANDLE NdisProviderHandle, NET_LUID NetLuid,
                                                     NDIS_HANDLE ProviderIfContext, PNET_IF_INFORMATION pIfInfo,
                                                     PNET_IFINDEX pfIndex) {
    auto& provider = resolve<InterfaceProvider>(NdisProviderHandle, "NdisIfRegisterInterface");
    if (pIfInfo == nullptr || NetLuid.Value == 0)
        return NDIS_STATUS_INVALID_PARAMETER;
    return table().with([&](Table& t) {
        if (std::ranges::any_of(t.interfaces, [&](const Interface& i) { return i.id.luid.Value == NetLuid.Value; }))
            return status_duplicate_object_id;
        *pfIndex = add(t, &provider, NetLuid, true, ProviderIfContext);
        return NDIS_STATUS_SUCCESS;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisifderegisterinterface
extern "C" void NTAPI NdisIfDeregisterInterface(NET_IFINDEX ifIndex) {
    table().with([&](Table& t) {
        // Those of adapters and filter modules are NDIS' own.
        if (std::ranges::any_of(t.interfaces, [&](const Interface& i) { return i.id.index == ifIndex && i.provided; }))
            remove(t, ifIndex);
    });
}
