// A lower adapter comes and goes: ProtocolBindAdapterEx opens it and makes the virtual miniports of its
// UpperBindings, ProtocolUnbindAdapterEx takes all of it apart again, in the reverse order.

#include <ndisxx/configuration.h>
#include <ndisxx/memory.h>

#include "driver.h"
#include "lower.h"
#include "lower_list.h"
#include "public.h"

namespace mux {

LowerAttributes attributes_of(const NDIS_BIND_PARAMETERS& parameters) {
    LowerAttributes result;
    result.physical_medium = parameters.PhysicalMediumType;
    result.mtu = parameters.MtuSize;
    result.lookahead = parameters.LookaheadSize;
    result.max_xmit_speed = parameters.MaxXmitLinkSpeed;
    result.max_rcv_speed = parameters.MaxRcvLinkSpeed;
    result.packet_filters = parameters.SupportedPacketFilters;
    result.max_multicast = parameters.MaxMulticastListSize;
    result.mac_options = parameters.MacOptions;
    result.data_backfill = parameters.DataBackFillSize;
    result.context_backfill = parameters.ContextBackFillSize;
    result.access = parameters.AccessType;
    result.direction = parameters.DirectionType;
    result.connection = parameters.ConnectionType;
    result.if_index = parameters.BoundIfIndex;
    result.mac = MacAddress(parameters.CurrentMacAddress);
    if (parameters.PowerManagementCapabilitiesEx) {
        result.power_aware = true;
        NdisMoveMemory(&result.pm, parameters.PowerManagementCapabilitiesEx,
                       min(sizeof result.pm, size_t{parameters.PowerManagementCapabilitiesEx->Header.Size}));
    }
    if (parameters.DefaultOffloadConfiguration) {
        result.has_offload = true;
        NdisMoveMemory(
            &result.offload, parameters.DefaultOffloadConfiguration,
            min(sizeof result.offload, size_t{parameters.DefaultOffloadConfiguration->Header.Size}));
    }
    return result;
}

NDIS_STATUS Lower::bind(const NDIS_BIND_PARAMETERS& parameters) {
    attributes = attributes_of(parameters);
    link_state_.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    link_state_.Header.Revision = NDIS_LINK_STATE_REVISION_1;
    link_state_.Header.Size = NDIS_SIZEOF_LINK_STATE_REVISION_1;
    link_state_.MediaConnectState = parameters.MediaConnectState;
    link_state_.MediaDuplexState = parameters.MediaDuplexState;
    link_state_.XmitLinkSpeed = parameters.XmitLinkSpeed;
    link_state_.RcvLinkSpeed = parameters.RcvLinkSpeed;
    NDIS_STATUS status = table_lock.initialize(driver.protocol);
    if (status == NDIS_STATUS_SUCCESS) status = open(parameters);
    if (status == NDIS_STATUS_SUCCESS) status = create_virtuals();
    if (status != NDIS_STATUS_SUCCESS) return status;
    {
        ndisxx::SpinLock::Guard guard(state_lock_);
        virtuals_ready_ = true;
    }
    // A virtual miniport that cannot start does not keep the others from starting.
    for (VirtualMiniport& port : virtuals) port.start();
    driver.lowers->add(*this);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS Lower::open(const NDIS_BIND_PARAMETERS& parameters) {
    NDIS_MEDIUM media[] = {NdisMedium802_3};
    UINT selected = 0;
    NET_FRAME_TYPE* const all_frame_types = nullptr;
    NDIS_OPEN_PARAMETERS open_parameters = {};
    open_parameters.Header.Type = NDIS_OBJECT_TYPE_OPEN_PARAMETERS;
    open_parameters.Header.Revision = NDIS_OPEN_PARAMETERS_REVISION_1;
    open_parameters.Header.Size = NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1;
    open_parameters.AdapterName = parameters.AdapterName;
    open_parameters.MediumArray = media;
    open_parameters.MediumArraySize = ARRAYSIZE(media);
    open_parameters.SelectedMediumIndex = &selected;
    open_parameters.FrameTypeArray = all_frame_types;
    NDIS_STATUS status = NdisOpenAdapterEx(driver.protocol, this, &open_parameters, bind_context_, &binding);
    if (status == NDIS_STATUS_PENDING) {
        open_done_.wait();
        status = open_status_;
    }
    if (status != NDIS_STATUS_SUCCESS) binding = nullptr;
    return status;
}

void Lower::opened(NDIS_STATUS status) {
    open_status_ = status;
    open_done_.set();
}

void Lower::close() {
    if (!binding) return;
    ULONG no_filter = 0;
    ndisxx::SyncOid oid;
    if (in_d0()) oid.set(binding, OID_GEN_CURRENT_PACKET_FILTER, &no_filter, sizeof no_filter);
    if (NdisCloseAdapterEx(binding) == NDIS_STATUS_PENDING) close_done_.wait();
    binding = nullptr;
}

void Lower::closed() { close_done_.set(); }

NDIS_STATUS Lower::create_virtuals() {
    ndisxx::Configuration configuration;
    NDIS_STATUS status = configuration.open(binding);
    if (status != NDIS_STATUS_SUCCESS) return status;
    const NDIS_CONFIGURATION_PARAMETER* names =
        configuration.read(MUX_VALUE_UPPER_BINDINGS, NdisParameterMultiString);
    if (!names) return NDIS_STATUS_OPEN_FAILED;
    ULONG count = 0;
    status = ndisxx::for_each_string(*names, [&](const UNICODE_STRING& name) {
        auto* port = ndisxx::create<VirtualMiniport>(driver.miniport, pool_tag, *this);
        if (!port) return NDIS_STATUS_RESOURCES;
        virtuals.push_back(*port);
        return port->initialize(name, address_for(name, count++ == 0));
    });
    if (status == NDIS_STATUS_SUCCESS) status = table.initialize(driver.protocol, count);
    return status;
}

// The first virtual miniport takes the adapter's own address, so that a single one is transparent. The others
// get one that the adapter and the device name decide, so that it stays when the list changes.
MacAddress Lower::address_for(const UNICODE_STRING& name, bool first) {
    if (first) return attributes.mac;
    ULONG64 hash = 0xcbf29ce484222325ull;
    for (USHORT i = 0; i < name.Length / sizeof(WCHAR); ++i)
        hash = (hash ^ RtlUpcaseUnicodeChar(name.Buffer[i])) * 0x100000001b3ull;
    for (;; ++hash) {
        const MacAddress address = attributes.mac.derive(hash);
        bool taken = false;
        for (const VirtualMiniport& port : virtuals)
            if (port.permanent_mac == address) taken = true;
        if (!taken) return address;
    }
}

void Lower::unbind() {
    driver.lowers->remove(*this);
    for (VirtualMiniport& port : virtuals) port.stop();
    sends.close();
    close();
    while (VirtualMiniport* port = virtuals.pop_front()) ndisxx::destroy(port);
}

void Lower::enable(const UNICODE_STRING& device) {
    for (VirtualMiniport& port : virtuals)
        if (!port.initialised() && RtlEqualUnicodeString(&device, port.device_name.get(), TRUE)) port.start();
}

void Lower::attach(VirtualMiniport& member) {
    ndisxx::RwLock::WriteGuard guard(table_lock);
    member.running = true;
    table.add(member);
}

void Lower::detach(VirtualMiniport& member) {
    ndisxx::RwLock::WriteGuard guard(table_lock);
    if (member.running) table.remove(member);
    member.running = false;
}

NDIS_STATUS MuxProtocolBind(NDIS_HANDLE, NDIS_HANDLE bind_context, NDIS_BIND_PARAMETERS* parameters) {
    if (parameters->MediaType != NdisMedium802_3 || parameters->MacAddressLength != MacAddress::size)
        return NDIS_STATUS_UNSUPPORTED_MEDIA;
    ndisxx::Owned<Lower> lower(ndisxx::create<Lower>(driver.protocol, pool_tag, bind_context));
    if (!lower) return NDIS_STATUS_RESOURCES;
    const NDIS_STATUS status = lower->bind(*parameters);
    if (status != NDIS_STATUS_SUCCESS) {
        lower->unbind();
        return status;
    }
    lower.release();
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS MuxProtocolUnbind(NDIS_HANDLE, NDIS_HANDLE context) {
    ndisxx::Owned<Lower> lower(static_cast<Lower*>(context));
    lower->unbind();
    return NDIS_STATUS_SUCCESS;
}

VOID MuxProtocolOpenComplete(NDIS_HANDLE context, NDIS_STATUS status) {
    static_cast<Lower*>(context)->opened(status);
}

VOID MuxProtocolCloseComplete(NDIS_HANDLE context) { static_cast<Lower*>(context)->closed(); }

}  // namespace mux
