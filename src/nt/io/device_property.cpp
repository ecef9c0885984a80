// Properties of devices by key (DEVPKEY): those that Windows keeps as values of the device's key are read
// from there; what drivers set is kept under the device's Properties key.
// https://learn.microsoft.com/windows-hardware/drivers/install/using-device-properties
#include <fmt/format.h>

#include <cstring>

#include "nt/io/device_interface.h"
#include "nt/io/pnp.h"
#include "nt/object/object.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit::nt;

namespace {

constexpr ULONG type_string = 0x12, type_string_list = 0x2012;  // DEVPROP_TYPE_STRING, _STRING_LIST
constexpr LCID neutral = 0;

// The category of the properties of SetupAPI, whose numbers these are.
constexpr GUID device_category = {
    0xa45c254e, 0xdf1c, 0x4efd, {0x80, 0x20, 0x67, 0xd1, 0x46, 0xa8, 0x50, 0xe0}};
struct Known {
    ULONG number;
    DEVICE_REGISTRY_PROPERTY property;
    ULONG type;
};
constexpr Known known[] = {
    {2, DevicePropertyDeviceDescription, type_string},
    {3, DevicePropertyHardwareID, type_string_list},
    {4, DevicePropertyCompatibleIDs, type_string_list},
    {9, DevicePropertyClassName, type_string},
    {11, DevicePropertyDriverKeyName, type_string},
    {13, DevicePropertyManufacturer, type_string},
    {14, DevicePropertyFriendlyName, type_string},
    {15, DevicePropertyLocationInformation, type_string},
    {16, DevicePropertyPhysicalDeviceObjectName, type_string},
    {24, DevicePropertyEnumeratorName, type_string},
};

const Known* find_known(const DEVPROPKEY& key) {
    if (!(key.fmtid == device_category)) return nullptr;
    for (const Known& one : known)
        if (one.number == key.pid) return &one;
    return nullptr;
}

// Below the key of a device or an interface.
std::string property_key(const std::string& owner, const DEVPROPKEY& key, LCID language) {
    return fmt::format("{}\\Properties\\{}\\{:04X}\\{:08X}", owner, guid_text(key.fmtid), key.pid, language);
}

std::string device_key(const std::string& instance) {
    return "HKLM\\System\\CurrentControlSet\\Enum\\" + instance;
}

NTSTATUS answer(const std::vector<uint8_t>& data, ULONG size, PVOID buffer, PULONG needed) {
    *needed = static_cast<ULONG>(data.size());
    if (size < data.size()) return STATUS_BUFFER_TOO_SMALL;
    if (!data.empty()) std::memcpy(buffer, data.data(), data.size());
    return STATUS_SUCCESS;
}

// No data deletes the property.
NTSTATUS store(const std::string& path, LCID language, DEVPROPTYPE type, ULONG size, const void* data) {
    // Texts alone have a language.
    if (language != neutral && type != type_string && type != type_string_list)
        return STATUS_INVALID_PARAMETER;
    if (!data || size == 0) return registry::delete_key(path) ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
    const auto* const bytes = static_cast<const uint8_t*>(data);
    registry::set(path, "Data", 3 /* REG_BINARY */, {bytes, bytes + size});
    registry::set_dword(path, "Type", type);
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetdevicepropertydata
NTSTATUS NTAPI IoGetDevicePropertyData(PDEVICE_OBJECT physical, const DEVPROPKEY* key, LCID language, ULONG,
                                       ULONG size, PVOID data, PULONG needed, PDEVPROPTYPE type) {
    const std::string instance = pnp::instance_of(*physical);
    if (instance.empty()) return STATUS_INVALID_DEVICE_REQUEST;
    *needed = 0;
    const std::string path = property_key(device_key(instance), *key, language);
    if (const auto value = registry::get(path, "Data")) {
        *type = registry::get_dword(path, "Type").value_or(0);
        return answer(value->data, size, data, needed);
    }
    const Known* const one = find_known(*key);
    if (!one) return STATUS_OBJECT_NAME_NOT_FOUND;
    *type = one->type;
    return IoGetDeviceProperty(physical, one->property, size, data, needed);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iosetdevicepropertydata
NTSTATUS NTAPI IoSetDevicePropertyData(PDEVICE_OBJECT physical, const DEVPROPKEY* key, LCID language, ULONG,
                                       DEVPROPTYPE type, ULONG size, PVOID data) {
    const std::string instance = pnp::instance_of(*physical);
    if (instance.empty()) return STATUS_INVALID_DEVICE_REQUEST;
    return store(property_key(device_key(instance), *key, language), language, type, size, data);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetdeviceinterfacepropertydata
NTSTATUS NTAPI IoGetDeviceInterfacePropertyData(PUNICODE_STRING link, const DEVPROPKEY* key, LCID language,
                                                ULONG, ULONG size, PVOID data, PULONG needed,
                                                PDEVPROPTYPE type) {
    *needed = 0;
    const std::string owner = pnp::interface_key(view_of(link));
    if (owner.empty()) return STATUS_OBJECT_NAME_NOT_FOUND;
    const std::string path = property_key(owner, *key, language);
    const auto value = registry::get(path, "Data");
    if (!value) return STATUS_OBJECT_NAME_NOT_FOUND;
    *type = registry::get_dword(path, "Type").value_or(0);
    return answer(value->data, size, data, needed);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iosetdeviceinterfacepropertydata
NTSTATUS NTAPI IoSetDeviceInterfacePropertyData(PUNICODE_STRING link, const DEVPROPKEY* key, LCID language,
                                                ULONG, DEVPROPTYPE type, ULONG size, PVOID data) {
    const std::string owner = pnp::interface_key(view_of(link));
    if (owner.empty()) return STATUS_OBJECT_NAME_NOT_FOUND;
    return store(property_key(owner, *key, language), language, type, size, data);
}

}  // extern "C"
