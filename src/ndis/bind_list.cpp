// Who processes requests that could go to one of several bindings asks for their order; the user sets it.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/netpnp/ns-netpnp-_net_pnp_event
#include "ndis/bind_list.h"

#include <algorithm>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"

namespace ndiskit::ndis {

namespace {

using Devices = std::vector<std::u16string>;

bool has(const Devices& list, const std::u16string& device) {
    return std::ranges::any_of(list, [&](const auto& d) { return same_name(d, device); });
}

bool is_reordered(const Devices& before, const Devices& now) {
    Devices expected;
    std::ranges::copy_if(before, std::back_inserter(expected), [&](const auto& d) { return has(now, d); });
    std::ranges::copy_if(now, std::back_inserter(expected), [&](const auto& d) { return !has(before, d); });
    return !std::ranges::equal(expected, now, [](const auto& a, const auto& b) { return same_name(a, b); });
}

}  // namespace

void BindList::set(Devices devices) {
    devices_.with([&](Devices& kept) { kept.swap(devices); });
}

bool BindList::reorder(const Devices& devices) {
    Devices next = devices;
    devices_.with([&](Devices& kept) { kept.swap(next); });
    return is_reordered(next, devices);
}

void tell_bind_order(ProtocolDriver& protocol) {
    const Devices devices = read_bind_list(protocol.service);
    if (!protocol.bind_list.reorder(devices) || protocol.deregistering)
        return;
    std::u16string buffer;
    for (const std::u16string& device : devices)
        buffer.append(device).push_back(u'\0');
    buffer.push_back(u'\0');
    tell_protocol(protocol, nullptr, NetEventBindList, buffer.data(),
                  static_cast<uint32_t>(buffer.size() * sizeof(char16_t)));
}

void tell_bind_failed(ProtocolDriver& protocol, const Adapter& adapter) {
    if (protocol.version < ndis_6_30 || protocol.deregistering)
        return;
    NDIS_BIND_FAILED_NOTIFICATION failed{};
    failed.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    failed.Header.Revision = NDIS_BIND_FAILED_NOTIFICATION_REVISION_1;
    failed.Header.Size = NDIS_SIZEOF_NDIS_BIND_FAILED_NOTIFICATION_REVISION_1;
    failed.MiniportNetLuid = adapter.luid;
    tell_protocol(protocol, nullptr, NetEventBindFailed, &failed, sizeof(failed));
}

}  // namespace ndiskit::ndis
