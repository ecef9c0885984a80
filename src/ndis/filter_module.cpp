// What one filter module goes through: attached, paused, restarted, detached; and what its driver says meanwhile.
// https://learn.microsoft.com/windows-hardware/drivers/network/module-states-of-a-filter-driver
#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "ndis/driver.h"
#include "ndis/filter.h"
#include "ndis/library_state.h"
#include "ndis/misuse.h"
#include "ndis/pnp_work.h"
#include "ndis/restart_attributes.h"

namespace ndiskit::ndis {

FilterModule::FilterModule(Adapter& a, FilterDriver& d, FilterEntry e)
    : Handle(handle_kind), adapter(a), driver(d), entry(std::move(e)), handlers(d.handlers),
      edge_id(library().new_edge({d.name + " on " + narrow(a.config.description), "filter module"})), oids(*this) {
    KeInitializeEvent(&direct_back_, SynchronizationEvent, false);
}

void FilterModule::advance(FilterEvent event) {
    const auto next = next_state(state(), event);
    ASSERT_THAT(next, "filter module {} is {} when {}", narrow(entry.name), state_name(state()), event_name(event));
    state_.store(*next, std::memory_order_release);
    takes_data.store(next_state(*next, FilterEvent::send_or_receive).has_value(), std::memory_order_release);
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

void FilterModule::leave_direct() {
    if (direct_inside_.fetch_sub(1, std::memory_order_acq_rel) == 1)
        KeSetEvent(&direct_back_, 0, false);
}

void FilterModule::drain_oids() {
    oids.drain();
    while (direct_inside_.load(std::memory_order_acquire) != 0)
        KeWaitForSingleObject(&direct_back_, Executive, KernelMode, false, nullptr);
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
    : module_name(counted(m.entry.name)), instance_name(counted(m.adapter.config.description)),
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
    p.LowerIfIndex = m.below.index;
    p.LowerIfNetLuid = m.below.luid;
    p.HDSplitCurrentConfig = now.hd_split_current.get<NDIS_HD_SPLIT_CURRENT_CONFIG>();
    p.ReceiveFilterCapabilities = now.current_receive_filter.get<NDIS_RECEIVE_FILTER_CAPABILITIES>();
    p.MiniportPhysicalDeviceObject = adapter.pdo;
    p.NicSwitchCapabilities = now.current_nic_switch.get<NDIS_NIC_SWITCH_CAPABILITIES>();
    p.BaseMiniportIfConnectorPresent = general.IfConnectorPresent;
    p.SriovCapabilities = adapter.attributes.current_sriov.get<NDIS_SRIOV_CAPABILITIES>();
}

}  // namespace

std::unique_ptr<FilterModule> attach_module(Adapter& adapter, FilterDriver& driver, const FilterEntry& entry,
                                            const InterfaceId& below) {
    auto module = std::make_unique<FilterModule>(adapter, driver, entry);
    module->interface = register_filter_interface(module.get());
    module->below = below;
    stand_on(module->interface, below.index);
    module->advance(FilterEvent::attach_called);
    AttachParameters parameters(*module);
    const NDIS_STATUS status = driver.handlers.AttachHandler(module.get(), driver.context, &parameters.parameters);
    if (status == NDIS_STATUS_SUCCESS && module->context != nullptr) {
        module->advance(FilterEvent::attach_succeeds);
        log_debug("ndis", "filter {} is attached to {}", driver.name, narrow(adapter.config.guid));
        return module;
    }
    if (status == NDIS_STATUS_SUCCESS)
        log_error("ndis", "filter {} attached to {} without calling NdisFSetAttributes", driver.name,
                  narrow(adapter.config.guid));
    else
        log_error("ndis", "filter {} does not attach to {}: 0x{:08x}", driver.name, narrow(adapter.config.guid),
                  static_cast<uint32_t>(status));
    module->advance(FilterEvent::attach_fails);
    deregister_filter_interface(module->interface);
    library().bury(std::move(module));
    return nullptr;
}

void detach_module(std::unique_ptr<FilterModule> module) {
    // Nobody finds the module any more; who had found it has left when this returns, and so has every request.
    module->adapter.sections.quiesce();
    module->drain_oids();
    module->adapter.sections.quiesce();
    module->advance(FilterEvent::detach_called);
    module->driver.handlers.DetachHandler(module->context);
    deregister_filter_interface(module->interface);
    log_debug("ndis", "filter {} is detached from {}", module->driver.name, narrow(module->adapter.config.guid));
    library().bury(std::move(module));
}

void pause_module(FilterModule& module, uint32_t reason) {
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

void take_module_options(FilterModule& module) {
    if (module.driver.handlers.SetFilterModuleOptionsHandler == nullptr)
        return;
    module.choosing_options = true;
    const NDIS_STATUS status = module.driver.handlers.SetFilterModuleOptionsHandler(module.context);
    module.choosing_options = false;
    if (status != NDIS_STATUS_SUCCESS)
        log_error("ndis", "filter {} fails its module options: 0x{:08x}", module.driver.name,
                  static_cast<uint32_t>(status));
}

bool restart_module(FilterModule& module, RestartAttributes& attributes) {
    module.advance(FilterEvent::restart_called);
    const auto& general = module.adapter.attributes.general;
    NDIS_FILTER_RESTART_PARAMETERS parameters{};
    parameters.Header.Type = NDIS_OBJECT_TYPE_FILTER_RESTART_PARAMETERS;
    parameters.Header.Revision = NDIS_FILTER_RESTART_PARAMETERS_REVISION_1;
    parameters.Header.Size = NDIS_SIZEOF__FILTER_RESTART_PARAMETERS_REVISION_1;
    parameters.MiniportMediaType = general.MediaType;
    parameters.MiniportPhysicalMediaType = general.PhysicalMediumType;
    parameters.LowerIfIndex = module.below.index;
    parameters.LowerIfNetLuid = module.below.luid;
    parameters.RestartAttributes = attributes.list();
    Completion done;
    module.pending_restart.store(&done, std::memory_order_release);
    const NDIS_STATUS status = done.settle(module.driver.handlers.RestartHandler(module.context, &parameters));
    module.pending_restart.store(nullptr, std::memory_order_release);
    attributes.adopt(parameters.RestartAttributes);
    module.advance(status == NDIS_STATUS_SUCCESS ? FilterEvent::restart_completes : FilterEvent::restart_fails);
    return status == NDIS_STATUS_SUCCESS;
}

InterfaceId interface_of(const FilterModule& module) { return module.interface; }

ConfigurationPlace filter_place(const FilterModule& module, bool instance) {
    const std::u16string parameters = service_key(module.driver.service) + u"\\Parameters\\";
    const std::u16string& guid = module.adapter.config.guid;
    if (!instance)
        return {parameters + u"Adapters\\" + guid, module.driver.name};
    // The instance is what follows the adapter's GUID in the module's name.
    return {parameters + u"NdisAdapters\\" + guid + u"\\" + module.entry.name.substr(guid.size() + 1),
            module.driver.name};
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfsetattributes
extern "C" NDIS_STATUS NTAPI NdisFSetAttributes(NDIS_HANDLE NdisFilterHandle, NDIS_HANDLE FilterModuleContext,
                                                PNDIS_FILTER_ATTRIBUTES FilterAttributes) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFSetAttributes");
    const bool good = FilterAttributes->Header.Revision != 0 &&
                      FilterAttributes->Header.Size >= NDIS_SIZEOF_FILTER_ATTRIBUTES_REVISION_1;
    if (!good || module.state() != FilterState::attaching || FilterModuleContext == nullptr)
        return NDIS_STATUS_FAILURE;
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
