// Where drivers keep settings and files, and lists of what they have.
#include "nt/io/driver_places.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "nt/files/file_system.h"
#include "nt/image/image.h"
#include "nt/io/driver.h"
#include "nt/io/pnp.h"
#include "nt/object/object.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

namespace fs = std::filesystem;

PDRIVER_OBJECT the_driver;

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    the_driver = driver;
    driver->DriverUnload = [](PDRIVER_OBJECT of) NTAPI {
        while (of->DeviceObject) IoDeleteDevice(of->DeviceObject);
    };
    driver->DriverExtension->AddDevice = [](PDRIVER_OBJECT, PDEVICE_OBJECT) NTAPI { return STATUS_SUCCESS; };
    return STATUS_SUCCESS;
}

void on_driver(const std::function<void()>& body) {
    test::on_sim([&] {
        io::register_builtin("placetest", entry);
        registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\placetest", "ImagePath",
                             "builtin:placetest");
        ASSERT_TRUE(io::start_service("placetest"));
        body();
        EXPECT_TRUE(io::stop_service("placetest"));
    });
}

TEST(DriverPlaces, EachKindOfSettingHasAKey) {
    on_driver([] {
        const std::string service = "HKLM\\System\\CurrentControlSet\\Services\\placetest";
        registry::set_dword(service + "\\Parameters", "Depth", 3);
        HANDLE parameters = nullptr, state = nullptr, shared = nullptr;
        EXPECT_EQ(IoOpenDriverRegistryKey(the_driver, DriverRegKeyParameters, KEY_READ, 0, &parameters),
                  STATUS_SUCCESS);
        EXPECT_EQ(
            IoOpenDriverRegistryKey(the_driver, DriverRegKeyPersistentState, KEY_READ | KEY_WRITE, 0, &state),
            STATUS_SUCCESS);
        EXPECT_EQ(
            IoOpenDriverRegistryKey(the_driver, DriverRegKeySharedPersistentState, KEY_READ, 0, &shared),
            STATUS_SUCCESS);
        UNICODE_STRING name = unicode_string(std::u16string_view(u"Depth"));
        ULONG value = 5, size = 0;
        std::vector<uint8_t> buffer(64);
        EXPECT_EQ(ZwQueryValueKey(parameters, &name, KeyValuePartialInformation, buffer.data(), 64, &size),
                  STATUS_SUCCESS);
        EXPECT_EQ(ZwQueryValueKey(state, &name, KeyValuePartialInformation, buffer.data(), 64, &size),
                  STATUS_OBJECT_NAME_NOT_FOUND);
        EXPECT_EQ(ZwSetValueKey(state, &name, 0, REG_DWORD, &value, 4), STATUS_SUCCESS);
        EXPECT_EQ(registry::get_dword(service + "\\Parameters", "Depth"), 3u);
        for (HANDLE handle : {parameters, state, shared}) ZwClose(handle);
        EXPECT_EQ(IoOpenDriverRegistryKey(the_driver, DriverRegKeyParameters, KEY_READ, 1, &parameters),
                  STATUS_INVALID_PARAMETER);
        EXPECT_EQ(
            IoOpenDriverRegistryKey(the_driver, static_cast<DRIVER_REGKEY_TYPE>(7), KEY_READ, 0, &parameters),
            STATUS_INVALID_PARAMETER);
    });
}

TEST(DriverPlaces, DirectoriesAreOnTheMachinesDrive) {
    char base[] = "/tmp/ndiskit-places-XXXXXX";
    const fs::path root = ::mkdtemp(base);
    fs::create_directories(root / "Windows" / "System32" / "drivers");
    on_driver([&] {
        HANDLE handle = nullptr;
        // Before there is a drive.
        EXPECT_FALSE(NT_SUCCESS(IoGetDriverDirectory(the_driver, DriverDirectoryData, 0, &handle)));
        ASSERT_TRUE(files::mount(root));
        registry::set_string("HKLM\\System\\CurrentControlSet\\Enum\\ROOT\\NET\\0000", "Service",
                             "placetest");
        const auto device = pnp::start_device("ROOT\\NET\\0000");
        ASSERT_TRUE(device) << device.error().text();
        std::vector<HANDLE> handles;
        for (const auto type : {DriverDirectoryImage, DriverDirectoryData, DriverDirectorySharedData}) {
            EXPECT_EQ(IoGetDriverDirectory(the_driver, type, 0, &handle), STATUS_SUCCESS);
            handles.push_back(handle);
        }
        EXPECT_EQ(IoGetDeviceDirectory(*device, DeviceDirectoryData, 0, nullptr, &handle), STATUS_SUCCESS);
        handles.push_back(handle);
        // Files are made relative to the handle.
        UNICODE_STRING name = unicode_string(std::u16string_view(u"state.bin"));
        OBJECT_ATTRIBUTES attributes = {};
        attributes.Length = sizeof attributes;
        attributes.RootDirectory = handles[1];
        attributes.ObjectName = &name;
        IO_STATUS_BLOCK block;
        HANDLE file = nullptr;
        EXPECT_EQ(ZwCreateFile(&file, FILE_WRITE_DATA | SYNCHRONIZE, &attributes, &block, nullptr, 0, 0,
                               FILE_CREATE, FILE_SYNCHRONOUS_IO_NONALERT, nullptr, 0),
                  STATUS_SUCCESS);
        handles.push_back(file);
        for (HANDLE each : handles) ZwClose(each);
        EXPECT_TRUE(fs::exists(root / "Windows/ServiceState/placetest/Data/state.bin"));
        EXPECT_TRUE(fs::exists(root / "Windows/DeviceState/ROOT#NET#0000/Data"));
        EXPECT_EQ(IoGetDriverDirectory(nullptr, DriverDirectoryData, 0, &handle), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(IoGetDriverDirectory(the_driver, DriverDirectoryData, 1, &handle),
                  STATUS_INVALID_PARAMETER);
        EXPECT_EQ(IoGetDriverDirectory(the_driver, DriverDirectoryData, 0, nullptr),
                  STATUS_INVALID_PARAMETER);
        EXPECT_EQ(IoGetDeviceDirectory(*device, DeviceDirectoryData, 0, the_driver, &handle),
                  STATUS_INVALID_PARAMETER);
        EXPECT_EQ(IoGetDeviceDirectory(nullptr, DeviceDirectoryData, 0, nullptr, &handle),
                  STATUS_INVALID_PARAMETER);
        EXPECT_TRUE(pnp::remove_device("ROOT\\NET\\0000"));
        EXPECT_TRUE(files::unmount());
    });
    fs::remove_all(root);
}

TEST(DriverPlaces, ThePathOfAnImage) {
    on_driver([] {
        UNICODE_STRING path;
        EXPECT_EQ(IoQueryFullDriverPath(the_driver, &path), STATUS_NOT_FOUND);  // a built-in one has no image
        image::Image loaded;
        loaded.name = "mux.sys";
        the_driver->DriverSection = &loaded;
        EXPECT_EQ(IoQueryFullDriverPath(the_driver, &path), STATUS_SUCCESS);
        the_driver->DriverSection = nullptr;
        EXPECT_EQ(view_of(&path), u"\\SystemRoot\\System32\\drivers\\mux.sys");
        ExFreePool(path.Buffer);
    });
}

TEST(DriverPlaces, DevicesOfADriverAreListedWithReferences) {
    on_driver([] {
        PDEVICE_OBJECT devices[3], list[3] = {};
        for (PDEVICE_OBJECT& device : devices)
            EXPECT_EQ(IoCreateDevice(the_driver, 0, nullptr, FILE_DEVICE_NETWORK, 0, FALSE, &device),
                      STATUS_SUCCESS);
        ULONG count = 0;
        EXPECT_EQ(IoEnumerateDeviceObjectList(the_driver, nullptr, 0, &count), STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(count, 3u);
        EXPECT_EQ(IoEnumerateDeviceObjectList(the_driver, list, 2 * sizeof *list, &count),
                  STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(count, 3u);
        EXPECT_EQ(list[2], nullptr);
        for (int i = 0; i < 2; ++i) object::dereference(list[i]);
        const int64_t before = object::reference_count(devices[0]);
        EXPECT_EQ(IoEnumerateDeviceObjectList(the_driver, list, sizeof list, &count), STATUS_SUCCESS);
        EXPECT_EQ(object::reference_count(devices[0]), before + 1);
        for (PDEVICE_OBJECT device : list) object::dereference(device);
    });
}

TEST(DriverPlaces, CountsOfDevicesAreShared) {
    on_driver([] {
        EXPECT_EQ(IoGetConfigurationInformation()->SerialCount, 0u);
        ++IoGetConfigurationInformation()->SerialCount;
        EXPECT_EQ(IoGetConfigurationInformation()->SerialCount, 1u);
        EXPECT_EQ(IoGetConfigurationInformation()->DiskCount, 0u);
    });
}

}  // namespace
}  // namespace ndiskit::nt
