// What drivers ask the PnP manager: properties and registry keys of their device.
#include <cstring>

#include "nt/io/pnp.h"
#include "nt/object/object.h"
#include "nt/registry/key_handle.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit::nt;

namespace {

// The value under the device's key that holds a property; null for the properties that are none.
const char* value_of(DEVICE_REGISTRY_PROPERTY property) {
    switch (static_cast<int>(property)) {
        case DevicePropertyDeviceDescription:
            return "DeviceDesc";
        case DevicePropertyHardwareID:
            return "HardwareID";
        case DevicePropertyCompatibleIDs:
            return "CompatibleIDs";
        case DevicePropertyClassName:
            return "Class";
        case DevicePropertyClassGuid:
            return "ClassGUID";
        case DevicePropertyDriverKeyName:
            return "Driver";
        case DevicePropertyManufacturer:
            return "Mfg";
        case DevicePropertyFriendlyName:
            return "FriendlyName";
        case DevicePropertyLocationInformation:
            return "LocationInformation";
        case DevicePropertyUINumber:
            return "UINumber";
        default:
            return nullptr;
    }
}

NTSTATUS answer(const std::vector<uint8_t>& data, ULONG size, PVOID buffer, PULONG needed) {
    *needed = static_cast<ULONG>(data.size());
    if (size < data.size()) return STATUS_BUFFER_TOO_SMALL;
    std::memcpy(buffer, data.data(), data.size());
    return STATUS_SUCCESS;
}

std::string device_key(const DEVICE_OBJECT& device) {
    const std::string instance = pnp::instance_of(device);
    return instance.empty() ? std::string() : "HKLM\\System\\CurrentControlSet\\Enum\\" + instance;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetdeviceproperty
NTSTATUS NTAPI IoGetDeviceProperty(PDEVICE_OBJECT device, DEVICE_REGISTRY_PROPERTY property, ULONG size,
                                   PVOID buffer, PULONG needed) {
    const std::string key = device_key(*device);
    if (key.empty()) return STATUS_INVALID_DEVICE_REQUEST;
    if (property == DevicePropertyPhysicalDeviceObjectName)
        return answer(registry::data_of(object::name_of(device)), size, buffer, needed);
    if (property == DevicePropertyEnumeratorName) {
        const std::string instance = pnp::instance_of(*device);
        return answer(registry::data_of(to_utf16(instance.substr(0, instance.find('\\')))), size, buffer,
                      needed);
    }
    const char* const name = value_of(property);
    if (!name) return STATUS_OBJECT_NAME_NOT_FOUND;
    const auto value = registry::get(key, name);
    return value ? answer(value->data, size, buffer, needed) : STATUS_OBJECT_NAME_NOT_FOUND;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioopendeviceregistrykey
NTSTATUS NTAPI IoOpenDeviceRegistryKey(PDEVICE_OBJECT device, ULONG type, ACCESS_MASK access,
                                       PHANDLE handle) {
    const std::string key = device_key(*device);
    if (key.empty()) return STATUS_INVALID_DEVICE_REQUEST;
    std::string path = key + "\\Device Parameters";
    if ((type & 3) == 2) {  // PLUGPLAY_REGKEY_DRIVER
        const auto driver = registry::get_string(key, "Driver");
        if (!driver) return STATUS_OBJECT_NAME_NOT_FOUND;
        path = "HKLM\\System\\CurrentControlSet\\Control\\Class\\" + *driver;
    }
    return registry::open_path(u"\\Registry\\Machine\\" + to_utf16(path.substr(5)), true, access, handle);
}

// All processors of this machine are on one node.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetdevicenumanode
NTSTATUS NTAPI IoGetDeviceNumaNode(PDEVICE_OBJECT physical, PUSHORT node) {
    if (!physical || pnp::instance_of(*physical).empty()) return STATUS_INVALID_PARAMETER;
    *node = 0;
    return STATUS_SUCCESS;
}

}  // extern "C"
