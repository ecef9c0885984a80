// Registration of drivers: what NDIS checks and keeps of their characteristics, and what starts because of it.
//
// A miniport driver's unload goes through NDIS: registering puts NDIS' own DriverUnload in the driver object,
// which calls the UnloadHandler of the characteristics. A protocol driver is bound by a worker soon after it has
// registered; drivers must be ready for that from inside the call on.
#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "ndis/callbacks.h"
#include "ndis/device.h"
#include "ndis/filter.h"
#include "ndis/hardware/shared_memory.h"
#include "ndis/intermediate.h"
#include "ndis/library_state.h"
#include "ndis/set_options.h"
#include "ndis/lists.h"
#include "ndis/misuse.h"
#include "ndis/pnp_work.h"
#include "ndis/selective_suspend.h"
#include "nt/machine.h"

namespace ndiskit::ndis {

Version machine_version() {
    const auto* release = nt::machine_options().release;
    return {release->ndis_major, release->ndis_minor};
}

namespace {

std::u16string to_u16(const UNICODE_STRING& string) {
    return std::u16string(string.Buffer, string.Length / sizeof(WCHAR));
}

std::u16string last_part(const std::u16string& path) {
    const size_t slash = path.rfind(u'\\');
    return slash == std::u16string::npos ? path : path.substr(slash + 1);
}

// The copy is in the newest form, zero where the driver's revision ends: that of its structure, or of the version
// that it registers if that knows less (`most` bytes).
template <class Characteristics>
void keep(Characteristics& kept, const Characteristics& given, size_t most = sizeof(Characteristics)) {
    kept = Characteristics{};
    std::memcpy(&kept, &given, std::min<size_t>(given.Header.Size, most));
}

constexpr Revision miniport_revisions[] = {
    {ndis_6_0, NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1, NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1},
    {ndis_6_1, NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2, NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2},
    {ndis_6_80, NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_3,
     NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_3},
};
constexpr Revision protocol_revisions[] = {
    {ndis_6_0, NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_1, NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_1},
    {ndis_6_1, NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2, NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2},
};

// Old drivers say NDIS_OBJECT_TYPE_DEFAULT, and NDIS takes it.
bool header_is(const NDIS_OBJECT_HEADER& header, UCHAR type, size_t least_size) {
    return (header.Type == type || header.Type == NDIS_OBJECT_TYPE_DEFAULT) && header.Revision >= 1 &&
           header.Size >= least_size;
}

size_t miniport_size(UCHAR revision) {
    if (revision >= NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_3)
        return NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_3;
    if (revision == NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2)
        return NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2;
    return NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1;
}

bool miniport_handlers_complete(const NDIS_MINIPORT_DRIVER_CHARACTERISTICS& h) {
    const bool required = h.InitializeHandlerEx && h.HaltHandlerEx && h.UnloadHandler && h.PauseHandler &&
                          h.RestartHandler && h.OidRequestHandler && h.SendNetBufferListsHandler &&
                          h.ReturnNetBufferListsHandler && h.CancelSendHandler && h.DevicePnPEventNotifyHandler &&
                          h.ShutdownHandlerEx && h.CancelOidRequestHandler;
    const bool hang_has_reset = !h.CheckForHangHandlerEx || h.ResetHandlerEx;
    const bool direct_in_pairs = !h.DirectOidRequestHandler == !h.CancelDirectOidRequestHandler;
    return required && hang_has_reset && direct_in_pairs;
}

bool protocol_handlers_complete(const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS& h) {
    return h.Name.Length != 0 && h.BindAdapterHandlerEx && h.UnbindAdapterHandlerEx && h.OpenAdapterCompleteHandlerEx &&
           h.CloseAdapterCompleteHandlerEx && h.NetPnPEventHandler && h.OidRequestCompleteHandler &&
           h.ReceiveNetBufferListsHandler && h.SendNetBufferListsCompleteHandler;
}

void NTAPI unload_miniport_driver(PDRIVER_OBJECT object) {
    // A combined miniport and intermediate driver registered twice, usually with one handler.
    std::vector<MINIPORT_DRIVER_UNLOAD> called;
    for (MiniportDriver* driver : library().miniport_drivers()) {
        if (driver->object != object)
            continue;
        const auto handler = driver->handlers.UnloadHandler;
        if (contains(called, handler))
            continue;
        called.push_back(handler);
        handler(object);
    }
}

// Binds a new protocol, or one that asks again, to all adapters that the registry lists.
void bind_everywhere(ProtocolDriver* protocol) {
    for (Adapter* adapter : library().adapters()) {
        PnpHold hold(adapter->pnp);
        if (adapter->mark == Handle::live && adapter->initialized())
            reconcile_adapter(*adapter);
    }
    if (contains(library().protocol_drivers(), protocol))
        tell_binds_complete(*protocol);
}

}  // namespace

NDIS_STATUS register_miniport(PDRIVER_OBJECT object, PUNICODE_STRING registry_path, NDIS_HANDLE context,
                              const NDIS_MINIPORT_DRIVER_CHARACTERISTICS& given, NDIS_HANDLE& handle) {
    if (!header_is(given.Header, NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS,
                   miniport_size(given.Header.Revision)))
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    const Version version{given.MajorNdisVersion, given.MinorNdisVersion};
    if (!is_known_version(version))
        return NDIS_STATUS_BAD_VERSION;
    auto driver = std::make_unique<MiniportDriver>();
    keep(driver->handlers, given, header_for(0, version, miniport_revisions).Size);
    if (!miniport_handlers_complete(driver->handlers))
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    driver->registry_path = to_u16(*registry_path);
    driver->service = last_part(driver->registry_path);
    driver->name = narrow(driver->service);
    driver->object = object;
    driver->context = context;
    driver->version = version;
    driver->is_intermediate = (given.Flags & NDIS_INTERMEDIATE_DRIVER) != 0;
    // From 6.83 on virtual miniports must not have them; before they have no effect there.
    if (driver->is_intermediate) {
        if (version >= ndis_6_83 && (driver->handlers.CheckForHangHandlerEx || driver->handlers.ResetHandlerEx))
            return NDIS_STATUS_BAD_CHARACTERISTICS;
        driver->handlers.CheckForHangHandlerEx = nullptr;
    }
    bind_callbacks(driver->handlers);
    MiniportDriver& kept = library().add(std::move(driver));
    const NDIS_STATUS status = set_options(kept, handle, context);
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    object->DriverUnload = unload_miniport_driver;
    take_dispatch(object);
    log_debug("ndis", "driver {} registers a{} miniport, NDIS {}.{}", kept.name,
              kept.is_intermediate ? "n intermediate" : "", version.major, version.minor);
    return NDIS_STATUS_SUCCESS;
}

void deregister_miniport(MiniportDriver& driver) {
    for (Adapter* adapter : library().adapters()) {
        if (&adapter->driver != &driver)
            continue;
        {
            PnpHold hold(adapter->pnp);
            bring_down(*adapter, NdisHaltDeviceStopped);
            remove_device(*adapter);
            release_device(*adapter);
        }
        library().remove(*adapter);
    }
    forget_waiting_requests(driver);
    if (driver.associated != nullptr)
        driver.associated->associated = nullptr;
    library().remove(driver);
}

NDIS_STATUS register_protocol(NDIS_HANDLE context, const NDIS_PROTOCOL_DRIVER_CHARACTERISTICS& given,
                              NDIS_HANDLE& handle) {
    const size_t least = given.Header.Revision >= NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2
                             ? NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2
                             : NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_1;
    if (!header_is(given.Header, NDIS_OBJECT_TYPE_PROTOCOL_DRIVER_CHARACTERISTICS, least))
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    const Version version{given.MajorNdisVersion, given.MinorNdisVersion};
    if (!is_known_version(version))
        return NDIS_STATUS_BAD_VERSION;
    auto driver = std::make_unique<ProtocolDriver>();
    keep(driver->handlers, given, header_for(0, version, protocol_revisions).Size);
    if (!protocol_handlers_complete(driver->handlers))
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    driver->service = to_u16(given.Name);
    driver->handlers.Name = {};
    if (library().find_protocol_driver(driver->service) != nullptr)
        return NDIS_STATUS_FAILURE;
    driver->name = narrow(driver->service);
    driver->context = context;
    driver->version = version;
    bind_callbacks(driver->handlers);
    driver->bind_list.set(read_bind_list(driver->service));
    ProtocolDriver& kept = library().add(std::move(driver));
    const NDIS_STATUS status = set_options(kept, handle, context);
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    log_debug("ndis", "driver {} registers a protocol, NDIS {}.{}", kept.name, version.major, version.minor);
    queue_pnp_work([protocol = &kept] { bind_everywhere(protocol); });
    return NDIS_STATUS_SUCCESS;
}

void deregister_protocol(ProtocolDriver& driver) {
    driver.deregistering.store(true, std::memory_order_seq_cst);
    for (Adapter* adapter : library().adapters()) {
        PnpHold hold(adapter->pnp);
        if (adapter->mark == Handle::live)
            unbind_driver(*adapter, driver);
    }
    if (driver.associated != nullptr)
        driver.associated->associated = nullptr;
    library().remove(driver);
}

void rebind_protocol(ProtocolDriver& driver) {
    queue_pnp_work([protocol = &driver] { bind_everywhere(protocol); });
}

NDIS_STATUS set_optional_handlers(NDIS_HANDLE handle, const NDIS_OBJECT_HEADER& header) {
    if (is_handle_of<MiniportDriver>(handle)) {
        auto& driver = resolve<MiniportDriver>(handle, "NdisSetOptionalHandlers");
        if (header.Type == NDIS_OBJECT_TYPE_MINIPORT_PNP_CHARACTERISTICS) {
            keep(driver.pnp, reinterpret_cast<const NDIS_MINIPORT_PNP_CHARACTERISTICS&>(header));
            bind_callbacks(driver.pnp);
            return NDIS_STATUS_SUCCESS;
        }
        if (header.Type == NDIS_OBJECT_TYPE_SHARED_MEMORY_PROVIDER_CHARACTERISTICS)
            return set_shared_memory_provider(
                driver, reinterpret_cast<const NDIS_SHARED_MEMORY_PROVIDER_CHARACTERISTICS&>(header));
        if (header.Type == NDIS_OBJECT_TYPE_MINIPORT_SS_CHARACTERISTICS)
            return keep_suspend_handlers(driver.suspend, reinterpret_cast<const NDIS_MINIPORT_SS_CHARACTERISTICS&>(header));
        return NDIS_STATUS_NOT_SUPPORTED;
    }
    if (is_handle_of<FilterModule>(handle)) {
        auto& module = resolve<FilterModule>(handle, "NdisSetOptionalHandlers");
        if (header.Type != NDIS_OBJECT_TYPE_FILTER_PARTIAL_CHARACTERISTICS)
            return NDIS_STATUS_NOT_SUPPORTED;
        // Only from within FilterSetModuleOptions.
        if (!module.choosing_options || header.Size < NDIS_SIZEOF_FILTER_PARTIAL_CHARACTERISTICS_REVISION_1)
            return NDIS_STATUS_FAILURE;
        const auto& partial = reinterpret_cast<const NDIS_FILTER_PARTIAL_CHARACTERISTICS&>(header);
        module.handlers.SendNetBufferListsHandler = bind_callback(partial.SendNetBufferListsHandler);
        module.handlers.SendNetBufferListsCompleteHandler = bind_callback(partial.SendNetBufferListsCompleteHandler);
        module.handlers.CancelSendNetBufferListsHandler = bind_callback(partial.CancelSendNetBufferListsHandler);
        module.handlers.ReceiveNetBufferListsHandler = bind_callback(partial.ReceiveNetBufferListsHandler);
        module.handlers.ReturnNetBufferListsHandler = bind_callback(partial.ReturnNetBufferListsHandler);
        return NDIS_STATUS_SUCCESS;
    }
    if (is_handle_of<ProtocolDriver>(handle) || is_handle_of<Binding>(handle) || is_handle_of<FilterDriver>(handle))
        return NDIS_STATUS_NOT_SUPPORTED;
    bad_handle(handle, HandleKind::miniport_driver, "NdisSetOptionalHandlers");
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismregisterminiportdriver
extern "C" NDIS_STATUS NTAPI NdisMRegisterMiniportDriver(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath,
                                                         NDIS_HANDLE MiniportDriverContext,
                                                         PNDIS_MINIPORT_DRIVER_CHARACTERISTICS Characteristics,
                                                         PNDIS_HANDLE NdisMiniportDriverHandle) {
    return register_miniport(DriverObject, RegistryPath, MiniportDriverContext, *Characteristics,
                             *NdisMiniportDriverHandle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismderegisterminiportdriver
extern "C" void NTAPI NdisMDeregisterMiniportDriver(NDIS_HANDLE NdisMiniportDriverHandle) {
    deregister_miniport(resolve<MiniportDriver>(NdisMiniportDriverHandle, "NdisMDeregisterMiniportDriver"));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisregisterprotocoldriver
extern "C" NDIS_STATUS NTAPI NdisRegisterProtocolDriver(NDIS_HANDLE ProtocolDriverContext,
                                                        PNDIS_PROTOCOL_DRIVER_CHARACTERISTICS Characteristics,
                                                        PNDIS_HANDLE NdisProtocolHandle) {
    return register_protocol(ProtocolDriverContext, *Characteristics, *NdisProtocolHandle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisderegisterprotocoldriver
extern "C" void NTAPI NdisDeregisterProtocolDriver(NDIS_HANDLE NdisProtocolHandle) {
    deregister_protocol(resolve<ProtocolDriver>(NdisProtocolHandle, "NdisDeregisterProtocolDriver"));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndissetoptionalhandlers
extern "C" NDIS_STATUS NTAPI NdisSetOptionalHandlers(NDIS_HANDLE NdisHandle, PNDIS_DRIVER_OPTIONAL_HANDLERS Handlers) {
    return set_optional_handlers(NdisHandle, Handlers->Header);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisreenumerateprotocolbindings
extern "C" void NTAPI NdisReEnumerateProtocolBindings(NDIS_HANDLE NdisProtocolHandle) {
    rebind_protocol(resolve<ProtocolDriver>(NdisProtocolHandle, "NdisReEnumerateProtocolBindings"));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisimassociateminiport
extern "C" void NTAPI NdisIMAssociateMiniport(NDIS_HANDLE DriverHandle, NDIS_HANDLE ProtocolHandle) {
    auto& miniport = resolve<MiniportDriver>(DriverHandle, "NdisIMAssociateMiniport");
    auto& protocol = resolve<ProtocolDriver>(ProtocolHandle, "NdisIMAssociateMiniport");
    miniport.associated = &protocol;
    protocol.associated = &miniport;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgetversion
extern "C" UINT NTAPI NdisGetVersion(void) {
    const Version version = machine_version();
    return (uint32_t{version.major} << 16) | version.minor;
}
