#include "nt/io/device_interface.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/guarded.h"
#include "nt/io/pnp.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/registry/key_handle.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::pnp {

namespace {

constexpr ULONG link_tag = 0x66496F49;  // 'IoIf' in memory order

Guarded<std::vector<Interface>, LockRank::nt_leaf>& table() {
    static auto* const it = new Guarded<std::vector<Interface>, LockRank::nt_leaf>();
    return *it;
}

// \??\ROOT#NET#0000#{GUID}\REFERENCE; names of one directory have no backslash.
std::u16string link_of(const std::string& instance, const GUID& device_class, std::u16string_view reference) {
    std::u16string link = to_utf16(instance);
    std::ranges::replace(link, u'\\', u'#');
    link = u"\\??\\" + link + u"#" + to_utf16(guid_text(device_class));
    if (!reference.empty()) link += u"\\" + std::u16string(reference);
    return link;
}

// The object manager's name of the link is without the reference, which goes to the driver.
std::u16string_view without_reference(std::u16string_view link) {
    const size_t end = link.find(u'}');
    return end == link.npos ? link : link.substr(0, end + 1);
}

// HKLM\...\DeviceClasses\{GUID}\##?#ROOT#NET#0000#{GUID}\#REFERENCE
std::string key_of(const Interface& item) {
    std::string device = to_utf8(without_reference(item.link).substr(4));
    const std::string reference = to_utf8(item.link.substr(without_reference(item.link).size()));
    return "HKLM\\System\\CurrentControlSet\\Control\\DeviceClasses\\" + guid_text(item.device_class) +
           "\\##?#" + device + "\\#" + (reference.empty() ? "" : reference.substr(1));
}

std::optional<Interface> find(std::u16string_view link) {
    return table().with([&](auto& all) -> std::optional<Interface> {
        for (const Interface& item : all)
            if (same_text(item.link, link)) return item;
        return std::nullopt;
    });
}

bool copy_out(std::u16string_view text, UNICODE_STRING& result, const void* caller) {
    const size_t bytes = text.size() * sizeof(WCHAR);
    auto* buffer =
        static_cast<PWCH>(pool_allocate_zeroed(PoolKind::paged, bytes + sizeof(WCHAR), link_tag, caller));
    if (!buffer) return false;
    std::memcpy(buffer, text.data(), bytes);
    result = {static_cast<USHORT>(bytes), static_cast<USHORT>(bytes + sizeof(WCHAR)), buffer};
    return true;
}

NTSTATUS enable(const Interface& item, bool on) {
    if (item.enabled == on) return on ? STATUS_OBJECT_NAME_EXISTS : STATUS_OBJECT_NAME_NOT_FOUND;
    // Interfaces of one class and device that differ in their references share the link.
    const std::u16string name(without_reference(item.link));
    const bool shared = table().with([&](auto& all) {
        return std::ranges::any_of(all, [&](const Interface& other) {
            return other.enabled && other.link != item.link && same_text(without_reference(other.link), name);
        });
    });
    if (!shared) {
        const NTSTATUS status = on ? object::create_link(name, item.target) : object::delete_link(name);
        if (!NT_SUCCESS(status)) return status;
    }
    table().with([&](auto& all) {
        for (Interface& one : all)
            if (one.link == item.link) one.enabled = on;
    });
    registry::set_dword(key_of(item) + "\\Control", "Linked", on);
    tell_interface_change(item, on);
    return STATUS_SUCCESS;
}

}  // namespace

std::vector<Interface> interfaces(const GUID* device_class, bool enabled_only) {
    return table().with([&](auto& all) {
        std::vector<Interface> found;
        for (const Interface& item : all)
            if ((!device_class || item.device_class == *device_class) && (item.enabled || !enabled_only))
                found.push_back(item);
        return found;
    });
}

std::string interface_key(std::u16string_view link) {
    const auto item = find(link);
    return item ? key_of(*item) : std::string();
}

void disable_interfaces(const std::string& instance) {
    for (const Interface& item : interfaces(nullptr, true))
        if (item.instance == instance) enable(item, false);
    // A device that comes back registers anew; its name may be another.
    table().with(
        [&](auto& all) { std::erase_if(all, [&](const Interface& i) { return i.instance == instance; }); });
}

}  // namespace ndiskit::nt::pnp

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioregisterdeviceinterface
NTSTATUS NTAPI IoRegisterDeviceInterface(PDEVICE_OBJECT physical, const GUID* device_class,
                                         PUNICODE_STRING reference, PUNICODE_STRING link) {
    const std::string instance = pnp::instance_of(*physical);
    if (instance.empty()) return STATUS_INVALID_DEVICE_REQUEST;
    const std::u16string_view behind = reference ? view_of(reference) : std::u16string_view();
    if (behind.find_first_of(u"/\\") != behind.npos) return STATUS_INVALID_DEVICE_REQUEST;
    pnp::Interface item = {.link = pnp::link_of(instance, *device_class, behind),
                           .instance = instance,
                           .target = object::name_of(physical),
                           .device_class = *device_class};
    if (!pnp::copy_out(item.link, *link, __builtin_return_address(0))) return STATUS_INSUFFICIENT_RESOURCES;
    if (pnp::find(item.link)) return STATUS_SUCCESS;
    const std::string key = pnp::key_of(item);
    registry::set_string(key.substr(0, key.rfind("\\#")), "DeviceInstance", instance);
    registry::set_string(key, "SymbolicLink", to_utf8(item.link));
    pnp::table().with([&](auto& all) { all.push_back(std::move(item)); });
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iosetdeviceinterfacestate
NTSTATUS NTAPI IoSetDeviceInterfaceState(PUNICODE_STRING link, BOOLEAN on) {
    const auto item = pnp::find(view_of(link));
    return item ? pnp::enable(*item, on != FALSE) : STATUS_OBJECT_NAME_NOT_FOUND;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetdeviceinterfaces
NTSTATUS NTAPI IoGetDeviceInterfaces(const GUID* device_class, PDEVICE_OBJECT physical, ULONG flags,
                                     PZZWSTR* list) {
    *list = nullptr;
    const std::string instance = physical ? pnp::instance_of(*physical) : std::string();
    if (physical && instance.empty()) return STATUS_INVALID_DEVICE_REQUEST;
    std::u16string text;
    for (const auto& item : pnp::interfaces(device_class, !(flags & DEVICE_INTERFACE_INCLUDE_NONACTIVE)))
        if (!physical || item.instance == instance) text += item.link + u'\0';
    UNICODE_STRING copied;
    // The terminator of the list is the one that copy_out adds; an empty list has two as well.
    if (text.empty()) text = u'\0';
    if (!pnp::copy_out(text, copied, __builtin_return_address(0))) return STATUS_INSUFFICIENT_RESOURCES;
    *list = reinterpret_cast<PZZWSTR>(copied.Buffer);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetdeviceinterfacealias
NTSTATUS NTAPI IoGetDeviceInterfaceAlias(PUNICODE_STRING link, const GUID* other_class,
                                         PUNICODE_STRING alias) {
    const auto item = pnp::find(view_of(link));
    if (!item) return STATUS_OBJECT_NAME_NOT_FOUND;
    std::u16string_view reference =
        std::u16string_view(item->link).substr(pnp::without_reference(item->link).size());
    if (!reference.empty()) reference.remove_prefix(1);
    const auto other = pnp::find(pnp::link_of(item->instance, *other_class, reference));
    if (!other) return STATUS_OBJECT_NAME_NOT_FOUND;
    return pnp::copy_out(other->link, *alias, __builtin_return_address(0)) ? STATUS_SUCCESS
                                                                           : STATUS_INSUFFICIENT_RESOURCES;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioopendeviceinterfaceregistrykey
NTSTATUS NTAPI IoOpenDeviceInterfaceRegistryKey(PUNICODE_STRING link, ACCESS_MASK access, PHANDLE handle) {
    const auto item = pnp::find(view_of(link));
    if (!item) return STATUS_OBJECT_NAME_NOT_FOUND;
    const std::string path = pnp::key_of(*item) + "\\Device Parameters";
    return registry::open_path(u"\\Registry\\Machine\\" + to_utf16(path.substr(5)), true, access, handle);
}

}  // extern "C"
