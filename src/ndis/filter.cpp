// The life of filter drivers and filter modules.
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-filter-drivers
#include "ndis/filter.h"

#include <algorithm>
#include <cstring>
#include <ranges>

#include "base/log.h"
#include "ndis/driver.h"
#include "ndis/library_state.h"
#include "ndis/misuse.h"
#include "ndis/pnp_work.h"
#include "ndis/restart_attributes.h"

namespace ndiskit::ndis {

FilterModule::FilterModule(Adapter& a, FilterDriver& d, std::u16string n)
    : Handle(handle_kind), adapter(a), driver(d), name(std::move(n)), handlers(d.handlers),
      edge_id(library().new_edge_id()), oids(*this) {}

void FilterModule::advance(FilterEvent event) {
    const auto next = next_state(state(), event);
    ASSERT_THAT(next, "filter module {} is {} when {}", narrow(name), state_name(state()), event_name(event));
    state_.store(*next, std::memory_order_release);
}

void FilterModule::connect_down(SendHop& send, ReturnHop& give_back, CancelSendHop& cancel) {
    lower_send = send;
    lower_return = give_back;
    lower_cancel = cancel;
    if (handlers.SendNetBufferListsHandler != nullptr)
        send = {handlers.SendNetBufferListsHandler, context};
    if (handlers.ReturnNetBufferListsHandler != nullptr)
        give_back = {handlers.ReturnNetBufferListsHandler, context};
    if (handlers.CancelSendNetBufferListsHandler != nullptr)
        cancel = {handlers.CancelSendNetBufferListsHandler, context};
}

void FilterModule::connect_up(ReceiveHop& receive, CompleteHop& complete) {
    upper_receive = receive;
    upper_complete = complete;
    if (handlers.ReceiveNetBufferListsHandler != nullptr)
        receive = {handlers.ReceiveNetBufferListsHandler, context};
    if (handlers.SendNetBufferListsCompleteHandler != nullptr)
        complete = {handlers.SendNetBufferListsCompleteHandler, context};
}

namespace {

constexpr Revision attach_revisions[] = {
    {ndis_6_0, NDIS_FILTER_ATTACH_PARAMETERS_REVISION_1, NDIS_SIZEOF_FILTER_ATTACH_PARAMETERS_REVISION_1},
    {ndis_6_1, NDIS_FILTER_ATTACH_PARAMETERS_REVISION_2, NDIS_SIZEOF_FILTER_ATTACH_PARAMETERS_REVISION_2},
    {ndis_6_20, NDIS_FILTER_ATTACH_PARAMETERS_REVISION_3, NDIS_SIZEOF_FILTER_ATTACH_PARAMETERS_REVISION_3},
    {ndis_6_30, NDIS_FILTER_ATTACH_PARAMETERS_REVISION_4, NDIS_SIZEOF_FILTER_ATTACH_PARAMETERS_REVISION_4},
};

UNICODE_STRING counted(const std::u16string& text) {
    UNICODE_STRING string{};
    string.Buffer = const_cast<WCHAR*>(text.data());
    string.Length = static_cast<USHORT>(text.size() * sizeof(WCHAR));
    string.MaximumLength = static_cast<USHORT>(string.Length + sizeof(WCHAR));
    return string;
}

// What a module is told about where it stands.
struct AttachParameters {
    explicit AttachParameters(FilterModule& m);

    UNICODE_STRING module_name, instance_name, miniport_name;
    const Indicated now;
    NDIS_FILTER_ATTACH_PARAMETERS parameters{};
};

AttachParameters::AttachParameters(FilterModule& m)
    : module_name(counted(m.name)), instance_name(counted(m.adapter.config.description)),
      miniport_name(counted(m.adapter.device_name)), now(m.adapter.attributes.indicated.get()) {
    const Adapter& adapter = m.adapter;
    const auto& general = adapter.attributes.general;
    auto& p = parameters;
    p.Header = header_for(NDIS_OBJECT_TYPE_FILTER_ATTACH_PARAMETERS, m.driver.version, attach_revisions);
    p.IfIndex = m.interface.index;
    p.NetLuid = m.interface.luid;
    p.FilterModuleGuidName = &module_name;
    p.BaseMiniportIfIndex = adapter.interface_index;
    p.BaseMiniportInstanceName = &instance_name;
    p.BaseMiniportName = &miniport_name;
    p.MediaConnectState = now.link.MediaConnectState;
    p.MediaDuplexState = static_cast<NET_IF_MEDIA_DUPLEX_STATE>(now.link.MediaDuplexState);
    p.XmitLinkSpeed = now.link.XmitLinkSpeed;
    p.RcvLinkSpeed = now.link.RcvLinkSpeed;
    p.MiniportMediaType = general.MediaType;
    p.MiniportPhysicalMediaType = general.PhysicalMediumType;
    p.DefaultOffloadConfiguration = now.default_offload.get<NDIS_OFFLOAD>();
    p.MacAddressLength = general.MacAddressLength;
    std::memcpy(p.CurrentMacAddress, general.CurrentMacAddress, sizeof(p.CurrentMacAddress));
    p.BaseMiniportNetLuid = adapter.luid;
    const InterfaceId below = top_interface(adapter);
    p.LowerIfIndex = below.index;
    p.LowerIfNetLuid = below.luid;
    p.HDSplitCurrentConfig = now.hd_split_current.get<NDIS_HD_SPLIT_CURRENT_CONFIG>();
    p.ReceiveFilterCapabilities = now.current_receive_filter.get<NDIS_RECEIVE_FILTER_CAPABILITIES>();
    p.MiniportPhysicalDeviceObject = adapter.pdo;
    p.NicSwitchCapabilities = now.current_nic_switch.get<NDIS_NIC_SWITCH_CAPABILITIES>();
    p.BaseMiniportIfConnectorPresent = general.IfConnectorPresent;
    p.SriovCapabilities = adapter.attributes.current_sriov.get<NDIS_SRIOV_CAPABILITIES>();
}

// The driver whose filter class GUID stands in a FilterList entry.
FilterDriver* driver_of(const std::u16string& entry) {
    for (FilterDriver* driver : library().filter_drivers())
        if (!driver->unique_name.empty() && entry.find(driver->unique_name) != std::u16string::npos)
            return driver;
    return nullptr;
}

void attach(Adapter& adapter, FilterDriver& driver, const std::u16string& name) {
    auto module = std::make_unique<FilterModule>(adapter, driver, name);
    module->interface = register_filter_interface(module.get(), top_interface(adapter).index);
    module->advance(FilterEvent::attach_called);
    AttachParameters parameters(*module);
    const NDIS_STATUS status = driver.handlers.AttachHandler(module.get(), driver.context, &parameters.parameters);
    if (status != NDIS_STATUS_SUCCESS || module->context == nullptr) {
        log_error("ndis", "filter {} does not attach to {}: 0x{:08x}", driver.name, narrow(adapter.config.guid),
                  static_cast<uint32_t>(status));
        module->advance(FilterEvent::attach_fails);
        deregister_filter_interface(module->interface);
        library().bury(std::move(module));
        return;
    }
    module->advance(FilterEvent::attach_succeeds);
    adapter.filters.push_back(module.release());
}

void detach(FilterModule& module) {
    module.advance(FilterEvent::detach_called);
    module.driver.handlers.DetachHandler(module.context);
    deregister_filter_interface(module.interface);
    library().bury(std::unique_ptr<FilterModule>(&module));
}

void pause(FilterModule& module, uint32_t reason) {
    module.advance(FilterEvent::pause_called);
    NDIS_FILTER_PAUSE_PARAMETERS parameters{};
    parameters.Header.Type = NDIS_OBJECT_TYPE_FILTER_PAUSE_PARAMETERS;
    parameters.Header.Revision = NDIS_FILTER_PAUSE_PARAMETERS_REVISION_1;
    parameters.Header.Size = NDIS_SIZEOF_FILTER_PAUSE_PARAMETERS_REVISION_1;
    parameters.PauseReason = reason;
    Completion done;
    module.pending_pause.store(&done, std::memory_order_release);
    done.settle(module.driver.handlers.PauseHandler(module.context, &parameters));
    module.pending_pause.store(nullptr, std::memory_order_release);
    module.advance(FilterEvent::pause_completes);
}

// A module may choose other data handlers for itself while it restarts.
void take_module_options(FilterModule& module) {
    if (module.driver.handlers.SetFilterModuleOptionsHandler == nullptr)
        return;
    const NDIS_STATUS status = module.driver.handlers.SetFilterModuleOptionsHandler(module.context);
    if (status != NDIS_STATUS_SUCCESS)
        log_error("ndis", "filter {} fails its module options: 0x{:08x}", module.driver.name,
                  static_cast<uint32_t>(status));
}

bool restart(FilterModule& module, RestartAttributes& attributes) {
    take_module_options(module);
    module.advance(FilterEvent::restart_called);
    const auto& general = module.adapter.attributes.general;
    NDIS_FILTER_RESTART_PARAMETERS parameters{};
    parameters.Header.Type = NDIS_OBJECT_TYPE_FILTER_RESTART_PARAMETERS;
    parameters.Header.Revision = NDIS_FILTER_RESTART_PARAMETERS_REVISION_1;
    parameters.Header.Size = NDIS_SIZEOF__FILTER_RESTART_PARAMETERS_REVISION_1;
    parameters.MiniportMediaType = general.MediaType;
    parameters.MiniportPhysicalMediaType = general.PhysicalMediumType;
    const InterfaceId lowest{module.adapter.interface_index, module.adapter.luid};
    parameters.LowerIfIndex = lowest.index;
    parameters.LowerIfNetLuid = lowest.luid;
    parameters.RestartAttributes = attributes.list();
    Completion done;
    module.pending_restart.store(&done, std::memory_order_release);
    const NDIS_STATUS status = done.settle(module.driver.handlers.RestartHandler(module.context, &parameters));
    module.pending_restart.store(nullptr, std::memory_order_release);
    attributes.adopt(parameters.RestartAttributes);
    module.advance(status == NDIS_STATUS_SUCCESS ? FilterEvent::restart_completes : FilterEvent::restart_fails);
    return status == NDIS_STATUS_SUCCESS;
}

bool filter_handlers_complete(const NDIS_FILTER_DRIVER_CHARACTERISTICS& h) {
    const bool required = h.AttachHandler && h.DetachHandler && h.RestartHandler && h.PauseHandler &&
                          h.UniqueName.Length != 0 && h.ServiceName.Length != 0;
    // Handlers of one direction come together with those that bring things back.
    const bool sends = !h.SendNetBufferListsHandler || h.SendNetBufferListsCompleteHandler;
    const bool receives = !h.ReceiveNetBufferListsHandler || h.ReturnNetBufferListsHandler;
    const bool oids = !h.OidRequestHandler || h.OidRequestCompleteHandler;
    return required && sends && receives && oids;
}

std::u16string to_u16(const UNICODE_STRING& string) {
    return std::u16string(string.Buffer, string.Length / sizeof(WCHAR));
}

// Takes all modules off and puts on what the registry lists: for a filter driver that comes or goes.
void rebuild_filters(Adapter& adapter) {
    PnpHold hold(adapter.pnp);
    if (adapter.mark != Handle::live || !adapter.initialized())
        return;
    pause_stack(adapter, NDIS_PAUSE_ATTACH_FILTER);
    detach_filters(adapter);
    attach_filters(adapter);
    restart_stack(adapter);
}

NDIS_STATUS register_filter(PDRIVER_OBJECT object, NDIS_HANDLE context, const NDIS_FILTER_DRIVER_CHARACTERISTICS& given,
                            NDIS_HANDLE& handle) {
    if (given.Header.Revision == 0 || given.Header.Size < NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_1)
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    const Version version{given.MajorNdisVersion, given.MinorNdisVersion};
    if (!is_known_version(version))
        return NDIS_STATUS_BAD_VERSION;
    auto driver = std::make_unique<FilterDriver>();
    std::memcpy(&driver->handlers, &given, std::min<size_t>(given.Header.Size, sizeof(driver->handlers)));
    if (!filter_handlers_complete(driver->handlers))
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    driver->service = to_u16(given.ServiceName);
    driver->unique_name = to_u16(given.UniqueName);
    driver->name = narrow(driver->service);
    driver->object = object;
    driver->context = context;
    driver->version = version;
    FilterDriver& kept = library().add(std::move(driver));
    handle = &kept;
    if (kept.handlers.SetOptionsHandler != nullptr) {
        const NDIS_STATUS status = kept.handlers.SetOptionsHandler(&kept, context);
        if (status != NDIS_STATUS_SUCCESS) {
            handle = nullptr;
            library().remove(kept);
            return status;
        }
    }
    queue_pnp_work([] {
        for (Adapter* adapter : library().adapters())
            rebuild_filters(*adapter);
    });
    return NDIS_STATUS_SUCCESS;
}

void deregister_filter(FilterDriver& driver) {
    driver.unique_name.clear();
    for (Adapter* adapter : library().adapters())
        rebuild_filters(*adapter);
    library().remove(driver);
}

}  // namespace

void attach_filters(Adapter& adapter) {
    for (const std::u16string& entry : std::views::reverse(adapter.config.filter_list))
        if (FilterDriver* driver = driver_of(entry))
            attach(adapter, *driver, entry);
    connect_layers(adapter);
}

void detach_filters(Adapter& adapter) {
    while (!adapter.filters.empty()) {
        FilterModule* top = adapter.filters.back();
        adapter.filters.pop_back();
        connect_layers(adapter);
        adapter.sections.quiesce();
        detach(*top);
    }
}

void pause_filters(Adapter& adapter, uint32_t reason) {
    for (FilterModule* module : std::views::reverse(adapter.filters))
        if (module->state() == FilterState::running)
            pause(*module, reason);
}

bool restart_filters(Adapter& adapter, RestartAttributes& attributes) {
    for (FilterModule* module : adapter.filters) {
        if (module->state() == FilterState::paused && !restart(*module, attributes)) {
            log_error("ndis", "filter {} does not restart on {}", module->driver.name, narrow(adapter.config.guid));
            return false;
        }
    }
    connect_layers(adapter);
    return true;
}

bool handles_oids(const FilterModule& module) { return module.handlers.OidRequestHandler != nullptr; }
OidQueue& oids_of(FilterModule& module) { return module.oids; }
InterfaceId interface_of(const FilterModule& module) { return module.interface; }

std::vector<uint8_t> filter_module_names(const Adapter& adapter) {
    std::vector<uint8_t> bytes;
    for (const FilterModule* module : std::views::reverse(adapter.filters)) {
        const auto length = static_cast<USHORT>(module->name.size() * sizeof(WCHAR));
        const auto* prefix = reinterpret_cast<const uint8_t*>(&length);
        const auto* text = reinterpret_cast<const uint8_t*>(module->name.data());
        bytes.insert(bytes.end(), prefix, prefix + sizeof(length));
        bytes.insert(bytes.end(), text, text + length);
    }
    return bytes;
}

ConfigurationPlace filter_place(const FilterModule& module) {
    return {service_key(module.driver.service) + u"\\Parameters\\Adapters\\" + module.adapter.config.guid,
            module.driver.name};
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfregisterfilterdriver
extern "C" NDIS_STATUS NTAPI NdisFRegisterFilterDriver(PDRIVER_OBJECT DriverObject, NDIS_HANDLE FilterDriverContext,
                                                       PNDIS_FILTER_DRIVER_CHARACTERISTICS Characteristics,
                                                       PNDIS_HANDLE NdisFilterDriverHandle) {
    return register_filter(DriverObject, FilterDriverContext, *Characteristics, *NdisFilterDriverHandle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfderegisterfilterdriver
extern "C" void NTAPI NdisFDeregisterFilterDriver(NDIS_HANDLE NdisFilterDriverHandle) {
    deregister_filter(resolve<FilterDriver>(NdisFilterDriverHandle, "NdisFDeregisterFilterDriver"));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfsetattributes
extern "C" NDIS_STATUS NTAPI NdisFSetAttributes(NDIS_HANDLE NdisFilterHandle, NDIS_HANDLE FilterModuleContext,
                                                PNDIS_FILTER_ATTRIBUTES FilterAttributes) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFSetAttributes");
    if (FilterAttributes->Header.Revision == 0 ||
        FilterAttributes->Header.Size < NDIS_SIZEOF_FILTER_ATTRIBUTES_REVISION_1)
        return NDIS_STATUS_BAD_VERSION;
    if (module.state() != FilterState::attaching || FilterModuleContext == nullptr)
        return NDIS_STATUS_INVALID_PARAMETER;
    module.context = FilterModuleContext;
    module.attribute_flags = FilterAttributes->Flags;
    return NDIS_STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfpausecomplete
extern "C" void NTAPI NdisFPauseComplete(NDIS_HANDLE NdisFilterHandle) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFPauseComplete");
    Completion* done = module.pending_pause.exchange(nullptr, std::memory_order_acq_rel);
    if (done == nullptr)
        misuse(Misuse::illegal_state_transition, "NdisFPauseComplete without a pause that is pending", 1);
    done->complete(NDIS_STATUS_SUCCESS);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfrestartcomplete
extern "C" void NTAPI NdisFRestartComplete(NDIS_HANDLE NdisFilterHandle, NDIS_STATUS Status) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFRestartComplete");
    Completion* done = module.pending_restart.exchange(nullptr, std::memory_order_acq_rel);
    if (done == nullptr)
        misuse(Misuse::illegal_state_transition, "NdisFRestartComplete without a restart that is pending", 2);
    done->complete(Status);
}

// Restarts the stack that the module is in, later, on a worker.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfrestartfilter
extern "C" NDIS_STATUS NTAPI NdisFRestartFilter(NDIS_HANDLE NdisFilterHandle) {
    Adapter& adapter = resolve<FilterModule>(NdisFilterHandle, "NdisFRestartFilter").adapter;
    queue_pnp_work([&adapter] {
        PnpHold hold(adapter.pnp);
        if (adapter.mark != Handle::live || adapter.state() != AdapterState::running)
            return;
        pause_stack(adapter, NDIS_PAUSE_FILTER_RESTART_STACK);
        restart_stack(adapter);
    });
    return NDIS_STATUS_SUCCESS;
}
