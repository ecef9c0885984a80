// Drivers as services: the registry names the image of each, the I/O manager loads it, makes its driver
// object and calls its DriverEntry. Built-in drivers (NICs and transports of the kit) are started the same
// way; their ImagePath is "builtin:NAME", and register_builtin knows the DriverEntry of a name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nt/abi.h"

namespace ndiskit::nt::io {

void register_builtin(std::string_view name, PDRIVER_INITIALIZE entry);

// How images come and go: the loader of nt/image, unless a test sets another. `load` takes an ImagePath, a
// path of the host.
struct LoadedImage {
    void* handle = nullptr;
    void* base = nullptr;
    uint32_t size = 0;
    PDRIVER_INITIALIZE entry = nullptr;
};
struct ImageLoader {
    Result<LoadedImage> (*load)(const std::string& path);
    void (*initialized)(void* handle);  // DriverEntry has returned: INIT sections go
    void (*unload)(void* handle);
};
void set_image_loader(const ImageLoader& loader);

// Starts the service HKLM\System\CurrentControlSet\Services\NAME, unless it runs. An Error says which of
// image and DriverEntry failed, and with what status.
Result<DRIVER_OBJECT*> start_service(std::string_view name);
// As start_service, as a status for drivers.
NTSTATUS start_service_status(std::string_view name, DRIVER_OBJECT** driver = nullptr);
// Calls DriverUnload and lets the image go. Fails when the driver has no DriverUnload or has devices left.
Result<> stop_service(std::string_view name);
// Null when it does not run.
DRIVER_OBJECT* find_service(std::string_view name);
std::vector<std::string> running_services();
// Whether its DriverEntry has returned.
bool is_initialized(const DRIVER_OBJECT& driver);
// The name of the driver's service: "mux".
std::string service_of(const DRIVER_OBJECT& driver);

}  // namespace ndiskit::nt::io
