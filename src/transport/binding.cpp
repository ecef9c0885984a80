#include "transport/binding.h"

#include <algorithm>

#include "base/log.h"
#include "edge/configuration.h"
#include "wire/frame.h"

namespace ndiskit::transport {
namespace {

void wait_for(KEVENT& event) { KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, nullptr); }

// Everything that the host's stack would leave to the adapter, or nothing.
bool offloads_all(const NDIS_OFFLOAD* offload) {
    if (!offload) return false;
    return offload->LsoV2.IPv4.MaxOffLoadSize >= 0x8000 && offload->LsoV2.IPv6.MaxOffLoadSize >= 0x8000 &&
           offload->Checksum.IPv4Transmit.TcpChecksum && offload->Checksum.IPv4Transmit.UdpChecksum &&
           offload->Checksum.IPv6Transmit.TcpChecksum && offload->Checksum.IPv6Transmit.UdpChecksum;
}

}  // namespace

NDIS_STATUS Binding::open(NDIS_HANDLE protocol, const NDIS_BIND_PARAMETERS& parameters) {
    KeInitializeEvent(&done_, SynchronizationEvent, FALSE);
    KeInitializeEvent(&drained_, NotificationEvent, FALSE);
    NDIS_STATUS status = open_adapter(protocol, parameters);
    if (status != NDIS_STATUS_SUCCESS) return status;
    status = open_endpoint(parameters);
    if (status == NDIS_STATUS_SUCCESS) return status;
    close();
    return status;
}

NDIS_STATUS Binding::open_adapter(NDIS_HANDLE protocol, const NDIS_BIND_PARAMETERS& parameters) {
    NDIS_MEDIUM medium = parameters.MediaType;
    UINT selected = 0;
    NDIS_OPEN_PARAMETERS open{};
    open.Header.Type = NDIS_OBJECT_TYPE_OPEN_PARAMETERS;
    open.Header.Revision = NDIS_OPEN_PARAMETERS_REVISION_1;
    open.Header.Size = NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1;
    open.AdapterName = parameters.AdapterName;
    open.MediumArray = &medium;
    open.MediumArraySize = 1;
    open.SelectedMediumIndex = &selected;
    NDIS_STATUS status = NdisOpenAdapterEx(protocol, this, &open, bind_context_, &handle_);
    if (status == NDIS_STATUS_PENDING) {
        wait_for(done_);
        status = status_;
    }
    return status;
}

NDIS_STATUS Binding::open_endpoint(const NDIS_BIND_PARAMETERS& parameters) {
    Configuration configuration;
    {
        edge::RegistryValues values(handle_);
        configuration.type = values.text("TransportType", "tap");
        configuration.interface = values.text("HostInterface", "");
        configuration.buffers = values.number("SendBuffers", configuration.buffers);
        configuration.chain = values.number("SendChain", configuration.chain);
        configuration.promiscuous = values.number("Promiscuous", 0) != 0;
        name_ = values.text("FriendlyName", configuration.interface);
        counters_ = &edge::lasting_counters(counted_as + name_);
    }
    Below below;
    below.ip = parameters.MediaType == NdisMediumIP;
    if (!below.ip) std::copy_n(parameters.CurrentMacAddress, below.mac.size(), below.mac.begin());
    below.mtu = parameters.MtuSize;
    below.link_up = parameters.MediaConnectState != MediaConnectStateDisconnected;
    below.offload = !below.ip && offloads_all(parameters.DefaultOffloadConfiguration);
    endpoint_ = make_endpoint(configuration.type);
    if (!endpoint_) {
        log_error("transport", "{}: there is no transport of type '{}'; the types are tap and memory", name_,
                  configuration.type);
        return NDIS_STATUS_FAILURE;
    }
    if (const Result<> opened = endpoint_->open(configuration, below, *this); !opened) {
        log_error("transport", "{}: {}", name_, opened.error().text());
        return NDIS_STATUS_OPEN_FAILED;
    }
    told_of_link_.store(endpoint_.get());
    if (const Link told = link_.load(); told != Link::not_told) endpoint_->link(told == Link::up);
    coalescing_ = below.offload;
    if (coalescing_) enable_coalescing();
    // The host's stack filters multicast itself.
    constexpr ULONG all_for_us = NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_BROADCAST |
                                 NDIS_PACKET_TYPE_MULTICAST | NDIS_PACKET_TYPE_ALL_MULTICAST;
    const ULONG wanted = configuration.promiscuous ? all_for_us | NDIS_PACKET_TYPE_PROMISCUOUS : all_for_us;
    // Virtual adapters that hand everything up often name fewer filters than that.
    set_packet_filter(wanted & parameters.SupportedPacketFilters);
    return NDIS_STATUS_SUCCESS;
}

void Binding::close() {
    if (running_.load()) pause();
    set_packet_filter(0);
    if (endpoint_) endpoint_->close();
    if (NdisCloseAdapterEx(handle_) == NDIS_STATUS_PENDING) wait_for(done_);
    handle_ = nullptr;
}

void Binding::opened(NDIS_STATUS status) {
    status_ = status;
    KeSetEvent(&done_, 0, FALSE);
}

void Binding::closed() { KeSetEvent(&done_, 0, FALSE); }

void Binding::oid_completed(NDIS_STATUS status) {
    status_ = status;
    KeSetEvent(&done_, 0, FALSE);
}

NDIS_STATUS Binding::set(NDIS_OID oid, void* data, ULONG size) {
    NDIS_OID_REQUEST request{};
    request.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
    request.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
    request.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
    request.RequestType = NdisRequestSetInformation;
    request.DATA.SET_INFORMATION.Oid = oid;
    request.DATA.SET_INFORMATION.InformationBuffer = data;
    request.DATA.SET_INFORMATION.InformationBufferLength = size;
    const NDIS_STATUS status = NdisOidRequest(handle_, &request);
    if (status != NDIS_STATUS_PENDING) return status;
    wait_for(done_);
    return status_;
}

void Binding::set_packet_filter(ULONG filter) {
    const NDIS_STATUS status = set(OID_GEN_CURRENT_PACKET_FILTER, &filter, sizeof filter);
    if (status != NDIS_STATUS_SUCCESS && filter != 0)
        log_error("transport", "{}: the adapter refuses the packet filter {:#x} with {:#010x}", name_, filter,
                  static_cast<uint32_t>(status));
}

// An adapter may indicate coalesced segments only when it was asked to.
void Binding::enable_coalescing() {
    NDIS_OFFLOAD_PARAMETERS parameters{};
    parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    parameters.Header.Revision = NDIS_OFFLOAD_PARAMETERS_REVISION_3;
    parameters.Header.Size = NDIS_SIZEOF_OFFLOAD_PARAMETERS_REVISION_3;
    parameters.RscIPv4 = NDIS_OFFLOAD_PARAMETERS_RSC_ENABLED;
    parameters.RscIPv6 = NDIS_OFFLOAD_PARAMETERS_RSC_ENABLED;
    set(OID_TCP_OFFLOAD_PARAMETERS, &parameters, sizeof parameters);
}

NDIS_STATUS Binding::pnp_event(NET_PNP_EVENT_NOTIFICATION& event) {
    switch (event.NetPnPEvent.NetEvent) {
        case NetEventPause:
            pause();
            return NDIS_STATUS_SUCCESS;
        case NetEventRestart:
            running_.store(true);
            out_.open();
            endpoint_->start();
            return NDIS_STATUS_SUCCESS;
        default:
            return NDIS_STATUS_SUCCESS;
    }
}

void Binding::status(const NDIS_STATUS_INDICATION& indication) {
    if (indication.StatusCode != NDIS_STATUS_LINK_STATE) return;
    if (indication.StatusBufferSize < NDIS_SIZEOF_LINK_STATE_REVISION_1) return;
    const auto* state = static_cast<const NDIS_LINK_STATE*>(indication.StatusBuffer);
    const bool up = state->MediaConnectState != MediaConnectStateDisconnected;
    link_.store(up ? Link::up : Link::down);
    if (Endpoint* endpoint = told_of_link_.load()) endpoint->link(up);
}

void Binding::pause() {
    if (!running_.exchange(false)) return;
    endpoint_->stop();
    KeClearEvent(&drained_);
    if (!out_.close()) wait_for(drained_);
}

bool Binding::send(NET_BUFFER_LIST* chain, uint64_t frames, uint64_t bytes, ULONG send_flags) {
    int64_t count = 0;
    for (NET_BUFFER_LIST* nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl)) ++count;
    if (!out_.enter(count)) {
        counters_->drop(edge::Drop::not_running, frames);
        return false;
    }
    counters_->down.add(static_cast<uint64_t>(count), frames, bytes);
    NdisSendNetBufferLists(handle_, chain, NDIS_DEFAULT_PORT_NUMBER, send_flags);
    return true;
}

void Binding::sent(NET_BUFFER_LIST* chain) {
    int64_t count = 0;
    for (NET_BUFFER_LIST* nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl), ++count)
        if (NET_BUFFER_LIST_STATUS(nbl) != NDIS_STATUS_SUCCESS) counters_->drop(edge::Drop::not_running);
    endpoint_->sent(chain);
    if (out_.leave(count)) KeSetEvent(&drained_, 0, FALSE);
}

void Binding::receive(NET_BUFFER_LIST* chain, ULONG flags) {
    uint64_t nbls = 0, frames = 0, bytes = 0;
    for (NET_BUFFER_LIST* nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl), ++nbls) {
        for (NET_BUFFER* nb = NET_BUFFER_LIST_FIRST_NB(nbl); nb; nb = NET_BUFFER_NEXT_NB(nb), ++frames) {
            bytes += NET_BUFFER_DATA_LENGTH(nb);
            endpoint_->receive(nbl, nb);
        }
    }
    counters_->up.add(nbls, frames, bytes);
    if (flags & NDIS_RECEIVE_FLAGS_RESOURCES) return;
    NdisReturnNetBufferLists(
        handle_, chain, (flags & NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL) ? NDIS_RETURN_FLAGS_DISPATCH_LEVEL : 0);
}

}  // namespace ndiskit::transport
