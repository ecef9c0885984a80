// Filling in NDIS_BIND_PARAMETERS.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/ns-ndis-_ndis_bind_parameters
#include "ndis/bind_parameters.h"

#include <algorithm>
#include <cstring>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/interfaces.h"
#include "ndis/task_offload.h"
#include "ndis/adapter_ports.h"
#include "ndis/structures.h"
#include "ndis/wake_user.h"

namespace ndiskit::ndis {

namespace {

constexpr Revision bind_revisions[] = {
    {ndis_6_0, NDIS_BIND_PARAMETERS_REVISION_1, NDIS_SIZEOF_BIND_PARAMETERS_REVISION_1},
    {ndis_6_1, NDIS_BIND_PARAMETERS_REVISION_2, NDIS_SIZEOF_BIND_PARAMETERS_REVISION_2},
    {ndis_6_20, NDIS_BIND_PARAMETERS_REVISION_3, NDIS_SIZEOF_BIND_PARAMETERS_REVISION_3},
    {ndis_6_30, NDIS_BIND_PARAMETERS_REVISION_4, NDIS_SIZEOF_BIND_PARAMETERS_REVISION_4},
};
UNICODE_STRING counted(std::u16string& text) {
    UNICODE_STRING string{};
    string.Buffer = text.data();
    string.Length = static_cast<USHORT>(text.size() * sizeof(WCHAR));
    string.MaximumLength = static_cast<USHORT>(string.Length + sizeof(WCHAR));
    return string;
}

}  // namespace

BindParameters::BindParameters(Binding& binding)
    : attributes_(binding.adapter.attributes), indicated_(attributes_.indicated.get()),
      section_(binding.protocol.service + u"\\Parameters\\Adapters\\" + binding.adapter.config.guid),
      device_(binding.adapter.device_name) {
    const NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES general = binding.adapter.general();
    NDIS_BIND_PARAMETERS& p = parameters_;
    p.Header = header_for(NDIS_OBJECT_TYPE_BIND_PARAMETERS, binding.protocol.version, bind_revisions);
    section_string_ = counted(section_);
    device_string_ = counted(device_);
    p.ProtocolSection = &section_string_;
    p.AdapterName = &device_string_;
    p.BoundAdapterName = &device_string_;
    p.PhysicalDeviceObject = binding.adapter.pdo;
    p.MediaType = general.MediaType;
    p.PhysicalMediumType = general.PhysicalMediumType;
    p.MtuSize = general.MtuSize;
    p.LookaheadSize = general.LookaheadSize;
    p.SupportedPacketFilters = general.SupportedPacketFilters;
    p.MaxMulticastListSize = general.MaxMulticastListSize;
    p.MacAddressLength = general.MacAddressLength;
    std::memcpy(p.CurrentMacAddress, general.CurrentMacAddress, sizeof(p.CurrentMacAddress));
    p.AccessType = general.AccessType;
    p.DirectionType = general.DirectionType;
    p.ConnectionType = general.ConnectionType;
    p.IfType = general.IfType;
    p.IfConnectorPresent = general.IfConnectorPresent;
    p.DataBackFillSize = general.DataBackFillSize;
    p.ContextBackFillSize = general.ContextBackFillSize;
    p.MacOptions = general.MacOptions;
    p.CompartmentId = NET_IF_COMPARTMENT_ID_PRIMARY;
    fill_link();
    fill_power(binding);
    fill_capabilities(binding);
    fill_interfaces(binding);
    ports_ = active_ports(binding.adapter);
    p.ActivePorts = ports_.empty() ? nullptr : ports_.data();
}

void BindParameters::fill_link() {
    const NDIS_LINK_STATE& link = indicated_.link;
    parameters_.MaxXmitLinkSpeed = attributes_.general.MaxXmitLinkSpeed;
    parameters_.MaxRcvLinkSpeed = attributes_.general.MaxRcvLinkSpeed;
    parameters_.XmitLinkSpeed = link.XmitLinkSpeed;
    parameters_.RcvLinkSpeed = link.RcvLinkSpeed;
    parameters_.MediaConnectState = link.MediaConnectState;
    parameters_.MediaDuplexState = link.MediaDuplexState;
}

// Up to 6.1 a protocol reads the old member without a look whether it is there; from 6.20 the old one is null, and the
// other one is there, all zero when the adapter can do nothing.
void BindParameters::fill_power(const Binding& binding) {
    pm_ = current_pm_capabilities(binding.adapter);
    if (binding.protocol.version < ndis_6_20) {
        if (const auto* pm = pm_.get<NDIS_PM_CAPABILITIES>()) {
            pnp_.WakeUpCapabilities.MinMagicPacketWakeUp = pm->MinMagicPacketWakeUp;
            pnp_.WakeUpCapabilities.MinPatternWakeUp = pm->MinPatternWakeUp;
            pnp_.WakeUpCapabilities.MinLinkChangeWakeUp = pm->MinLinkChangeWakeUp;
            const bool any = pm->MinMagicPacketWakeUp != NdisDeviceStateUnspecified ||
                             pm->MinPatternWakeUp != NdisDeviceStateUnspecified ||
                             pm->MinLinkChangeWakeUp != NdisDeviceStateUnspecified;
            pnp_.Flags = any ? NDIS_DEVICE_WAKE_UP_ENABLE : 0;
        }
        parameters_.PowerManagementCapabilities = &pnp_;
        return;
    }
    if (!pm_.present()) {
        NDIS_PM_CAPABILITIES none{};
        none.Header = pm_capabilities_structure.header(binding.protocol.version);
        pm_.assign_at_least(&none, sizeof(none));
    }
    limit(pm_, binding.protocol.version, pm_capabilities_structure);
    parameters_.PowerManagementCapabilitiesEx = pm_.get<NDIS_PM_CAPABILITIES>();
}

void BindParameters::fill_capabilities(const Binding& binding) {
    NDIS_BIND_PARAMETERS& p = parameters_;
    const Version version = binding.protocol.version;
    receive_scale_ = attributes_.receive_scale;
    limit(receive_scale_, version, receive_scale_capabilities_structure);
    p.RcvScaleCapabilities = receive_scale_.get<NDIS_RECEIVE_SCALE_CAPABILITIES>();
    offload_ = visible_offload(binding.adapter);
    limit(offload_, version, offload_structure);
    p.DefaultOffloadConfiguration = offload_.get<NDIS_OFFLOAD>();
    p.TcpConnectionOffloadCapabilities =
        attributes_.default_tcp_connection_offload.get<NDIS_TCP_CONNECTION_OFFLOAD>();
    if (version >= ndis_6_1)
        p.HDSplitCurrentConfig = indicated_.hd_split_current.get<NDIS_HD_SPLIT_CURRENT_CONFIG>();
    if (version >= ndis_6_20) {
        receive_filter_ = indicated_.current_receive_filter;
        limit(receive_filter_, version, receive_filter_capabilities_structure);
        p.ReceiveFilterCapabilities = receive_filter_.get<NDIS_RECEIVE_FILTER_CAPABILITIES>();
        nic_switch_ = indicated_.current_nic_switch;
        limit(nic_switch_, version, nic_switch_capabilities_structure);
        p.NicSwitchCapabilities = nic_switch_.get<NDIS_NIC_SWITCH_CAPABILITIES>();
    }
    if (version >= ndis_6_30) {
        p.NDKEnabled = attributes_.ndk_enabled;
        p.NDKCapabilities = attributes_.ndk_capabilities.get<NDIS_NDK_CAPABILITIES>();
        p.SriovCapabilities = attributes_.current_sriov.get<NDIS_SRIOV_CAPABILITIES>();
    }
}

void BindParameters::fill_interfaces(const Binding& binding) {
    const InterfaceId top = top_interface(binding.adapter);
    parameters_.BoundIfIndex = top.index;
    parameters_.BoundIfNetluid = top.luid;
    parameters_.LowestIfIndex = binding.adapter.interface_index;
    parameters_.LowestIfNetluid = binding.adapter.luid;
}

}  // namespace ndiskit::ndis
