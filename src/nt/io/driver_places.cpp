// Where drivers keep their settings and files: registry keys of a service, directories on the machine's
// drive, the path of the image.
#include "nt/io/driver_places.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "nt/image/image.h"
#include "nt/io/device.h"
#include "nt/io/driver.h"
#include "nt/io/pnp.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/registry/key_handle.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit;
using namespace ndiskit::nt;

namespace {

constexpr uint32_t path_tag = 0x74506F49;  // 'IoPt' in memory order

NTSTATUS open_directory(const std::u16string& path, ULONG disposition, PHANDLE handle) {
    UNICODE_STRING name = unicode_string(path);
    OBJECT_ATTRIBUTES attributes = {};
    attributes.Length = sizeof attributes;
    attributes.ObjectName = &name;
    attributes.Attributes = OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE;
    IO_STATUS_BLOCK block = {};
    return ZwCreateFile(handle, FILE_LIST_DIRECTORY | FILE_TRAVERSE | FILE_ADD_FILE | SYNCHRONIZE,
                        &attributes, &block, nullptr, FILE_ATTRIBUTE_NORMAL,
                        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, disposition,
                        FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT, nullptr, 0);
}

// Makes what is missing below `base`, which is there.
NTSTATUS make_directory(std::u16string path, std::u16string_view below, PHANDLE handle) {
    while (!below.empty()) {
        const size_t end = std::min(below.find(u'\\'), below.size());
        path += u'\\';
        path += below.substr(0, end);
        below.remove_prefix(std::min(end + 1, below.size()));
        const NTSTATUS status = open_directory(path, FILE_OPEN_IF, handle);
        if (!NT_SUCCESS(status)) return status;
        if (!below.empty()) ZwClose(*handle);
    }
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioopendriverregistrykey
NTSTATUS NTAPI IoOpenDriverRegistryKey(PDRIVER_OBJECT driver, DRIVER_REGKEY_TYPE type, ACCESS_MASK access,
                                       ULONG flags, PHANDLE handle) {
    constexpr const char16_t* names[] = {u"\\Parameters", u"\\PersistentState", u"\\SharedPersistentState"};
    const std::string service = io::service_of(*driver);
    if (service.empty() || flags != 0 || static_cast<size_t>(type) >= std::size(names))
        return STATUS_INVALID_PARAMETER;
    return registry::open_path(u"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\" +
                                   to_utf16(service) + names[static_cast<size_t>(type)],
                               true, access, handle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetdriverdirectory
NTSTATUS NTAPI IoGetDriverDirectory(PDRIVER_OBJECT driver, DRIVER_DIRECTORY_TYPE type, ULONG flags,
                                    PHANDLE handle) {
    const std::string service = driver ? io::service_of(*driver) : std::string();
    if (service.empty() || flags != 0 || !handle) return STATUS_INVALID_PARAMETER;
    const std::u16string state = u"ServiceState\\" + to_utf16(service) + u"\\";
    switch (type) {
        case DriverDirectoryImage:
            return open_directory(u"\\SystemRoot\\System32\\drivers", FILE_OPEN, handle);
        case DriverDirectoryData:
            return make_directory(u"\\SystemRoot", state + u"Data", handle);
        case DriverDirectorySharedData:
            return make_directory(u"\\SystemRoot", state + u"SharedData", handle);
    }
    return STATUS_INVALID_PARAMETER;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetdevicedirectory
NTSTATUS NTAPI IoGetDeviceDirectory(PDEVICE_OBJECT physical, DEVICE_DIRECTORY_TYPE type, ULONG flags,
                                    PVOID reserved, PHANDLE handle) {
    const std::string instance = physical ? pnp::instance_of(*physical) : std::string();
    if (instance.empty() || type != DeviceDirectoryData || flags != 0 || reserved || !handle)
        return STATUS_INVALID_PARAMETER;
    std::u16string name = to_utf16(instance);
    std::ranges::replace(name, u'\\', u'#');
    return make_directory(u"\\SystemRoot", u"DeviceState\\" + name + u"\\Data", handle);
}

// Wherever the host keeps the file: a driver's place on Windows.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioqueryfulldriverpath
NTSTATUS NTAPI IoQueryFullDriverPath(PDRIVER_OBJECT driver, PUNICODE_STRING path) {
    if (!driver->DriverSection) return STATUS_NOT_FOUND;
    const std::u16string text = u"\\SystemRoot\\System32\\drivers\\" +
                                to_utf16(static_cast<const image::Image*>(driver->DriverSection)->name);
    const size_t bytes = text.size() * sizeof(WCHAR);
    auto* const buffer = static_cast<PWCH>(
        pool_allocate_zeroed(PoolKind::paged, bytes + sizeof(WCHAR), path_tag, __builtin_return_address(0)));
    if (!buffer) return STATUS_INSUFFICIENT_RESOURCES;
    std::memcpy(buffer, text.data(), bytes);
    *path = {static_cast<USHORT>(bytes), static_cast<USHORT>(bytes + sizeof(WCHAR)), buffer};
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ioenumeratedeviceobjectlist
NTSTATUS NTAPI IoEnumerateDeviceObjectList(PDRIVER_OBJECT driver, PDEVICE_OBJECT* list, ULONG size,
                                           PULONG count) {
    const ULONG room = list ? size / static_cast<ULONG>(sizeof *list) : 0;
    ULONG found = 0;
    for (PDEVICE_OBJECT device : io::devices_of(*driver)) {
        // A device that went in the meantime is in the list no more.
        if (found < room && !object::try_reference(device)) continue;
        if (found < room) list[found] = device;
        ++found;
    }
    *count = found;
    return found > room ? STATUS_BUFFER_TOO_SMALL : STATUS_SUCCESS;
}

// Drivers of disks, ports and the like count themselves in it.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iogetconfigurationinformation
PCONFIGURATION_INFORMATION NTAPI IoGetConfigurationInformation() {
    static CONFIGURATION_INFORMATION information = {.Version = sizeof(CONFIGURATION_INFORMATION)};
    return &information;
}

}  // extern "C"
