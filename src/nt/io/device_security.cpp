#include "nt/io/device_security.h"

#include "nt/io/device.h"
#include "nt/object/object.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "nt/security/access.h"

namespace ndiskit::nt::io {

namespace {

constexpr std::u16string_view by_default = u"D:(A;;GRGWGX;;;WD)(A;;GA;;;SY)(A;;GA;;;BA)";

// https://learn.microsoft.com/windows-hardware/drivers/kernel/setting-device-object-properties-in-the-registry
std::string properties_key(const GUID& device_class) {
    return "HKLM\\System\\CurrentControlSet\\Control\\Class\\" + guid_text(device_class) + "\\Properties";
}

}  // namespace

bool protect_by_default(DEVICE_OBJECT& device, const void* caller) {
    const auto descriptor = security::parse_sddl(by_default);
    return security::keep(device.SecurityDescriptor, *descriptor, caller);
}

NTSTATUS protect(DEVICE_OBJECT& device, std::u16string_view sddl, const GUID* device_class,
                 const void* caller) {
    auto descriptor = security::parse_sddl(sddl);
    if (!descriptor) return STATUS_INVALID_PARAMETER;
    if (device_class) {
        auto override = registry::get(properties_key(*device_class), "Security");
        if (override && security::valid_relative(override->data.data(), override->data.size()))
            descriptor = std::move(override->data);
    }
    return security::keep(device.SecurityDescriptor, *descriptor, caller) ? STATUS_SUCCESS
                                                                          : STATUS_INSUFFICIENT_RESOURCES;
}

DeviceProperties class_properties(const GUID* device_class, DeviceProperties otherwise) {
    if (!device_class) return otherwise;
    const std::string key = properties_key(*device_class);
    const auto value = [&](const char* name, ULONG without) {
        return registry::get_dword(key, name).value_or(without);
    };
    return {value("DeviceType", otherwise.type), value("DeviceCharacteristics", otherwise.characteristics),
            static_cast<BOOLEAN>(value("Exclusive", otherwise.exclusive) != 0)};
}

NTSTATUS check_open(DEVICE_OBJECT& device, bool behind, ACCESS_MASK desired, ACCESS_MASK& granted) {
    granted = security::map_generic(desired, security::file_mapping);
    if (behind) {
        DEVICE_OBJECT* const top = top_of_stack(device);
        const bool secure = top->Characteristics & FILE_DEVICE_SECURE_OPEN;
        object::dereference(top);
        if (!secure) return STATUS_SUCCESS;
    }
    const auto access = security::access_check(device.SecurityDescriptor, security::current_token(), desired,
                                               security::file_mapping);
    if (NT_SUCCESS(access.status)) granted = access.granted;
    return access.status;
}

}  // namespace ndiskit::nt::io
