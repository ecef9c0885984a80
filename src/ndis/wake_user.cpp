// The user's settings as a mask over what the hardware reports.
#include "ndis/wake_user.h"

#include <string_view>

#include "ndis/adapter.h"
#include "ndis/driver.h"
#include "ndis/events.h"
#include "ndis/registry_key.h"
#include "ndis/settings.h"
#include "ndis/status.h"
#include "ndis/structures.h"

namespace ndiskit::ndis {

namespace {

constexpr std::u16string_view pnp_capabilities_value = u"PnPCapabilities";
constexpr uint32_t pnp_disable_wake_up = 0x10;
constexpr uint32_t all_forbidden_patterns =
    NDIS_PM_WOL_BITMAP_PATTERN_SUPPORTED | NDIS_PM_WOL_IPV4_TCP_SYN_SUPPORTED | NDIS_PM_WOL_IPV6_TCP_SYN_SUPPORTED |
    NDIS_PM_WOL_IPV4_DEST_ADDR_WILDCARD_SUPPORTED | NDIS_PM_WOL_IPV6_DEST_ADDR_WILDCARD_SUPPORTED |
    NDIS_PM_WOL_EAPOL_REQUEST_ID_MESSAGE_SUPPORTED;

UserWake read(const Adapter& adapter) {
    UserWake user;
    const auto key = RegistryKey::open(adapter.config.key);
    if (!key)
        return user;
    const auto forbidden = [&](std::u16string_view keyword) { return key->number(keyword).value_or(1) == 0; };
    user.no_wake = (key->number(pnp_capabilities_value).value_or(0) & pnp_disable_wake_up) != 0;
    if (user.no_wake || forbidden(u"*WakeOnPattern"))
        user.patterns |= all_forbidden_patterns;
    if (user.no_wake || forbidden(u"*WakeOnMagicPacket"))
        user.patterns |= NDIS_PM_WOL_MAGIC_PACKET_SUPPORTED;
    if (forbidden(u"*PMARPOffload"))
        user.offloads |= NDIS_PM_PROTOCOL_OFFLOAD_ARP_SUPPORTED;
    if (forbidden(u"*PMNSOffload"))
        user.offloads |= NDIS_PM_PROTOCOL_OFFLOAD_NS_SUPPORTED;
    if (forbidden(u"*PMWiFiRekeyOffload"))
        user.offloads |= NDIS_PM_PROTOCOL_OFFLOAD_80211_RSN_REKEY_SUPPORTED;
    return user;
}

UserWake user_of(const Adapter& adapter) {
    return adapter.settings->wake.user.with([](const UserWake& user) { return user; });
}

void take_away(NDIS_PM_CAPABILITIES& capabilities, const UserWake& user) {
    capabilities.SupportedWoLPacketPatterns &= ~user.patterns;
    capabilities.SupportedProtocolOffloads &= ~user.offloads;
    if (user.patterns & NDIS_PM_WOL_MAGIC_PACKET_SUPPORTED)
        capabilities.MinMagicPacketWakeUp = NdisDeviceStateUnspecified;
    if (user.patterns & NDIS_PM_WOL_BITMAP_PATTERN_SUPPORTED)
        capabilities.MinPatternWakeUp = NdisDeviceStateUnspecified;
    if (!user.no_wake)
        return;
    capabilities.NumTotalWoLPatterns = 0;
    capabilities.MinLinkChangeWakeUp = NdisDeviceStateUnspecified;
    capabilities.SupportedWakeUpEvents = 0;
    capabilities.MediaSpecificWakeUpEvents = 0;
}

}  // namespace

void read_user_wake(Adapter& adapter) {
    const UserWake now = read(adapter);
    adapter.settings->wake.user.with([&](UserWake& user) { user = now; });
}

void change_user_wake(Adapter& adapter) {
    const UserWake before = user_of(adapter);
    read_user_wake(adapter);
    const UserWake now = user_of(adapter);
    if (now == before || !adapter.attributes.is_power_aware())
        return;
    if (now.no_wake != before.no_wake) {
        ULONG flags = now.no_wake ? 0 : NDIS_DEVICE_WAKE_UP_ENABLE;
        tell_bindings(adapter, NetEventPnPCapabilities, &flags, sizeof(flags));
    }
    const HeaderedCopy capabilities = current_pm_capabilities(adapter);
    auto* structure = capabilities.get<NDIS_PM_CAPABILITIES>();
    indicate_own_status(adapter, NDIS_STATUS_PM_CAPABILITIES_CHANGE, structure, structure->Header.Size);
}

bool may_wake(const Adapter& adapter) { return !user_of(adapter).no_wake; }

void write_may_wake(const Adapter& adapter, bool allowed) {
    auto key = RegistryKey::open(adapter.config.key);
    if (!key)
        return;
    uint32_t bits = key->number(pnp_capabilities_value).value_or(0) & ~pnp_disable_wake_up;
    if (!allowed)
        bits |= pnp_disable_wake_up;
    key->set(pnp_capabilities_value, REG_DWORD, &bits, sizeof(bits));
}

HeaderedCopy hardware_pm_capabilities(const Attributes& attributes) {
    HeaderedCopy copy = attributes.indicated.get(&Indicated::pm_capabilities);
    if (copy.present() || !attributes.has_pnp_capabilities)
        return copy;
    const NDIS_PM_WAKE_UP_CAPABILITIES& old = attributes.pnp_capabilities.WakeUpCapabilities;
    NDIS_PM_CAPABILITIES translated{};
    translated.Header = pm_capabilities_structure.header(machine_version());
    translated.MinMagicPacketWakeUp = old.MinMagicPacketWakeUp;
    translated.MinPatternWakeUp = old.MinPatternWakeUp;
    translated.MinLinkChangeWakeUp = old.MinLinkChangeWakeUp;
    copy.assign_at_least(&translated, sizeof(translated));
    return copy;
}

HeaderedCopy current_pm_capabilities(const Adapter& adapter) {
    HeaderedCopy copy = hardware_pm_capabilities(adapter.attributes);
    if (copy.present())
        take_away(*copy.get<NDIS_PM_CAPABILITIES>(), user_of(adapter));
    return copy;
}

}  // namespace ndiskit::ndis
