// What drivers learn of the filter modules of a stack. The answer is one block: the head, an entry a module from the
// top down, and behind them the texts that the entries point to.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/ns-ndis-_ndis_enum_filters
#include <algorithm>
#include <cstring>
#include <ranges>

#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/filter.h"

namespace ndiskit::ndis {

namespace {

constexpr Revision interface_revisions[] = {
    {ndis_6_0, NDIS_FILTER_INTERFACE_REVISION_1, NDIS_SIZEOF_FILTER_INTERFACE_REVISION_1},
    {ndis_6_30, NDIS_FILTER_INTERFACE_REVISION_2, NDIS_SIZEOF_FILTER_INTERFACE_REVISION_2},
};

// Whose stack, and what its owner knows.
struct Asker {
    const Adapter* adapter = nullptr;
    Version version;
};

Asker asker_of(NDIS_HANDLE handle) {
    if (is_handle_of<Adapter>(handle)) {
        const auto& adapter = resolve<Adapter>(handle, "NdisEnumerateFilterModules");
        return {&adapter, adapter.driver.version};
    }
    if (is_handle_of<Binding>(handle)) {
        const auto& binding = resolve<Binding>(handle, "NdisEnumerateFilterModules");
        return {&binding.adapter, binding.protocol.version};
    }
    if (is_handle_of<FilterModule>(handle)) {
        const auto& module = resolve<FilterModule>(handle, "NdisEnumerateFilterModules");
        return {&module.adapter, module.driver.version};
    }
    return {};
}

// The buffer as it is filled; texts are put where `texts` points.
struct Block {
    uint8_t* texts;

    UNICODE_STRING text(const std::u16string& text) {
        UNICODE_STRING string{};
        string.Length = string.MaximumLength = static_cast<USHORT>(text.size() * sizeof(WCHAR));
        string.Buffer = reinterpret_cast<PWSTR>(texts);
        std::memcpy(texts, text.data(), string.Length);
        texts += string.Length;
        return string;
    }
};

ULONG flags_of(const FilterModule& module, const NDIS_OBJECT_HEADER& header) {
    ULONG flags = NDIS_FILTER_INTERFACE_LW_FILTER;
    if (header.Revision < NDIS_FILTER_INTERFACE_REVISION_2)
        return flags;
    const auto& h = module.handlers;
    if (h.SendNetBufferListsHandler == nullptr && h.SendNetBufferListsCompleteHandler == nullptr)
        flags |= NDIS_FILTER_INTERFACE_SEND_BYPASS;
    if (h.ReceiveNetBufferListsHandler == nullptr && h.ReturnNetBufferListsHandler == nullptr)
        flags |= NDIS_FILTER_INTERFACE_RECEIVE_BYPASS;
    return flags;
}

NDIS_FILTER_INTERFACE describe(const FilterModule& module, Version version, Block& block) {
    NDIS_FILTER_INTERFACE f{};
    f.Header = header_for(NDIS_OBJECT_TYPE_DEFAULT, version, interface_revisions);
    f.Flags = flags_of(module, f.Header);
    f.FilterType = module.entry.config.type;
    f.FilterRunType = module.entry.config.run_type;
    f.IfIndex = module.interface.index;
    f.NetLuid = module.interface.luid;
    f.FilterClass = block.text(module.entry.config.filter_class);
    f.FilterInstanceName = block.text(module.entry.name);
    return f;
}

NDIS_STATUS enumerate(const Asker& asker, void* buffer, ULONG length, ULONG& needed, ULONG& written) {
    const std::vector<FilterModule*> modules = asker.adapter->filters();
    constexpr size_t head = FIELD_OFFSET(NDIS_ENUM_FILTERS, Filter);
    const size_t entries_end = head + modules.size() * sizeof(NDIS_FILTER_INTERFACE);
    const size_t texts = std::max(entries_end, size_t{NDIS_SIZEOF_ENUM_FILTERS_REVISION_1});
    size_t size = texts;
    for (const FilterModule* module : modules)
        size += (module->entry.config.filter_class.size() + module->entry.name.size()) * sizeof(WCHAR);
    needed = static_cast<ULONG>(size);
    written = 0;
    if (length < size || buffer == nullptr)
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    Block block{static_cast<uint8_t*>(buffer) + texts};
    auto& all = *static_cast<NDIS_ENUM_FILTERS*>(buffer);
    std::memset(buffer, 0, size);
    all.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    all.Header.Revision = NDIS_ENUM_FILTERS_REVISION_1;
    all.Header.Size = NDIS_SIZEOF_ENUM_FILTERS_REVISION_1;
    all.NumberOfFilters = static_cast<ULONG>(modules.size());
    all.OffsetFirstFilter = head;
    NDIS_FILTER_INTERFACE* entry = all.Filter;
    for (const FilterModule* module : std::views::reverse(modules))
        *entry++ = describe(*module, asker.version, block);
    written = needed;
    return NDIS_STATUS_SUCCESS;
}

}  // namespace
}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisenumeratefiltermodules
extern "C" NDIS_STATUS NTAPI NdisEnumerateFilterModules(NDIS_HANDLE NdisHandle, PVOID InterfaceBuffer,
                                                        ULONG InterfaceBufferLength, PULONG BytesNeeded,
                                                        PULONG BytesWritten) {
    const Asker asker = asker_of(NdisHandle);
    if (asker.adapter == nullptr)
        return NDIS_STATUS_INVALID_PARAMETER;
    return enumerate(asker, InterfaceBuffer, InterfaceBufferLength, *BytesNeeded, *BytesWritten);
}

// No adapter here is an extensible switch, which is what the documented answer tells an extension.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfgetoptionalswitchhandlers
extern "C" NDIS_STATUS NTAPI NdisFGetOptionalSwitchHandlers(NDIS_HANDLE NdisFilterHandle, PNDIS_SWITCH_CONTEXT,
                                                            PNDIS_SWITCH_OPTIONAL_HANDLERS) {
    resolve<FilterModule>(NdisFilterHandle, "NdisFGetOptionalSwitchHandlers");
    return NDIS_STATUS_NOT_SUPPORTED;
}
