// Taking over what NdisMSetMiniportAttributes is given.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismsetminiportattributes
#include "ndis/attributes.h"
#include "ndis/lists.h"

#include <algorithm>
#include <cstring>

namespace ndiskit::ndis {

void HeaderedCopy::assign(const void* structure) { assign_at_least(structure, sizeof(NDIS_OBJECT_HEADER)); }

void HeaderedCopy::assign_at_least(const void* structure, size_t minimum) {
    bytes_.clear();
    if (structure == nullptr)
        return;
    const size_t given = static_cast<const NDIS_OBJECT_HEADER*>(structure)->Size;
    bytes_.resize((std::max(given, minimum) + 7) / 8);
    std::memcpy(bytes_.data(), structure, given);
}

namespace {

// Copies as much of a structure as its revision has into the newest form.
template <class T>
void copy_headered(T& to, const T& from) {
    to = T{};
    std::memcpy(&to, &from, std::min<size_t>(from.Header.Size, sizeof(T)));
}

bool reaches(const NDIS_OBJECT_HEADER& header, size_t end_of_field) { return header.Size >= end_of_field; }

HeaderedCopy copy_of(const void* structure, size_t minimum = sizeof(NDIS_OBJECT_HEADER)) {
    HeaderedCopy copy;
    copy.assign_at_least(structure, minimum);
    return copy;
}

NDIS_LINK_STATE link_of(const NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& given) {
    NDIS_LINK_STATE link{};
    link.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    link.Header.Revision = NDIS_LINK_STATE_REVISION_1;
    link.Header.Size = NDIS_SIZEOF_LINK_STATE_REVISION_1;
    link.MediaConnectState = given.MediaConnectState;
    link.MediaDuplexState = given.MediaDuplexState;
    link.XmitLinkSpeed = given.XmitLinkSpeed;
    link.RcvLinkSpeed = given.RcvLinkSpeed;
    link.PauseFunctions = static_cast<NDIS_SUPPORTED_PAUSE_FUNCTIONS>(given.SupportedPauseFunctions);
    link.AutoNegotiationFlags = given.AutoNegotiationFlags;
    return link;
}

}  // namespace

IndicatedCell& IndicatedCell::operator=(const IndicatedCell& other) {
    Indicated all = other.get();
    cell_.with([&](Indicated& mine) { std::swap(mine, all); });
    return *this;
}

NDIS_STATUS Attributes::set(const NDIS_MINIPORT_ADAPTER_ATTRIBUTES& attributes, Version driver) {
    const NDIS_OBJECT_HEADER& header = attributes.RegistrationAttributes.Header;
    if (header.Revision == 0)
        return NDIS_STATUS_BAD_VERSION;
    if (header.Type != NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES && !registered)
        return NDIS_STATUS_FAILURE;
    switch (header.Type) {
    case NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES:
        return set_registration(attributes.RegistrationAttributes);
    case NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES:
        return set_general(attributes.GeneralAttributes, driver);
    case NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES:
        return set_offload(attributes.OffloadAttributes);
    case NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_HARDWARE_ASSIST_ATTRIBUTES:
        return set_hardware_assist(attributes.HardwareAssistAttributes);
    case NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_NATIVE_802_11_ATTRIBUTES:
        native_802_11.assign(&attributes.Native_802_11_Attributes);
        return NDIS_STATUS_SUCCESS;
    case NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_NDK_ATTRIBUTES:
        ndk_enabled = attributes.NDKAttributes.Enabled;
        ndk_capabilities.assign(attributes.NDKAttributes.NdkCapabilities);
        return NDIS_STATUS_SUCCESS;
    case NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_PACKET_DIRECT_ATTRIBUTES:
        packet_direct.assign(&attributes.PacketDirectAttributes);
        return NDIS_STATUS_SUCCESS;
    default:
        return NDIS_STATUS_INVALID_PARAMETER;
    }
}

NDIS_STATUS Attributes::set_registration(const NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES& given) {
    if (!reaches(given.Header, NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1))
        return NDIS_STATUS_BAD_VERSION;
    copy_headered(registration, given);
    registered = true;
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS Attributes::set_general(const NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& given, Version driver) {
    if (!reaches(given.Header, NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1) ||
        given.MacAddressLength > NDIS_MAX_PHYS_ADDRESS_LENGTH)
        return NDIS_STATUS_BAD_VERSION;
    copy_headered(general, given);
    if (given.Header.Revision < NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2)
        general.PowerManagementCapabilitiesEx = nullptr;

    supported_oids.clear();
    if (given.SupportedOidList != nullptr)
        supported_oids.assign(given.SupportedOidList,
                              given.SupportedOidList + given.SupportedOidListLength / sizeof(NDIS_OID));
    general.SupportedOidList = supported_oids.data();
    general.SupportedOidListLength = static_cast<ULONG>(supported_oids.size() * sizeof(NDIS_OID));

    // From 6.20 on the Ex member counts and the old one is null.
    has_pnp_capabilities = driver < ndis_6_20 && given.PowerManagementCapabilities != nullptr;
    pnp_capabilities = has_pnp_capabilities ? *given.PowerManagementCapabilities : NDIS_PNP_CAPABILITIES{};
    general.PowerManagementCapabilities = has_pnp_capabilities ? &pnp_capabilities : nullptr;
    indicated.set(&Indicated::pm_capabilities,
                  copy_of(general.PowerManagementCapabilitiesEx, sizeof(NDIS_PM_CAPABILITIES)));
    general.PowerManagementCapabilitiesEx = nullptr;

    receive_scale.assign_at_least(given.RecvScaleCapabilities, sizeof(NDIS_RECEIVE_SCALE_CAPABILITIES));
    general.RecvScaleCapabilities = receive_scale.get<NDIS_RECEIVE_SCALE_CAPABILITIES>();

    indicated.set_link(link_of(given));
    general_set = true;
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS Attributes::set_offload(const NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES& given) {
    indicated.set(&Indicated::default_offload, copy_of(given.DefaultOffloadConfiguration, sizeof(NDIS_OFFLOAD)));
    indicated.set(&Indicated::hardware_offload, copy_of(given.HardwareOffloadCapabilities, sizeof(NDIS_OFFLOAD)));
    default_tcp_connection_offload.assign(given.DefaultTcpConnectionOffloadConfiguration);
    indicated.set(&Indicated::hardware_connection_offload, copy_of(given.TcpConnectionOffloadHardwareCapabilities));
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS Attributes::set_hardware_assist(const NDIS_MINIPORT_ADAPTER_HARDWARE_ASSIST_ATTRIBUTES& given) {
    NDIS_MINIPORT_ADAPTER_HARDWARE_ASSIST_ATTRIBUTES whole;
    copy_headered(whole, given);
    hd_split.assign(whole.HDSplitAttributes);
    indicated.set(&Indicated::hardware_receive_filter, copy_of(whole.HardwareReceiveFilterCapabilities, sizeof(NDIS_RECEIVE_FILTER_CAPABILITIES)));
    indicated.set(&Indicated::current_receive_filter, copy_of(whole.CurrentReceiveFilterCapabilities, sizeof(NDIS_RECEIVE_FILTER_CAPABILITIES)));
    indicated.set(&Indicated::hardware_nic_switch, copy_of(whole.HardwareNicSwitchCapabilities, sizeof(NDIS_NIC_SWITCH_CAPABILITIES)));
    indicated.set(&Indicated::current_nic_switch, copy_of(whole.CurrentNicSwitchCapabilities, sizeof(NDIS_NIC_SWITCH_CAPABILITIES)));
    hardware_sriov.assign(whole.HardwareSriovCapabilities);
    current_sriov.assign(whole.CurrentSriovCapabilities);
    hardware_qos.assign(whole.HardwareQosCapabilities);
    current_qos.assign(whole.CurrentQosCapabilities);
    hardware_gft.assign(whole.HardwareGftOffloadCapabilities);
    current_gft.assign(whole.CurrentGftOffloadCapabilities);
    return NDIS_STATUS_SUCCESS;
}

bool Attributes::supports_oid(NDIS_OID oid) const { return contains(supported_oids, oid); }

bool Attributes::is_power_aware() const { return has_pnp_capabilities || indicated.has(&Indicated::pm_capabilities); }

}  // namespace ndiskit::ndis
