#include "nt/io/driver.h"
#include "nt/ke/notify.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "base/guarded.h"
#include "base/log.h"
#include "nt/image/call_gate.h"
#include "nt/image/image.h"
#include "nt/io/device.h"
#include "nt/io/irp.h"
#include "nt/object/object.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt {

namespace {

constexpr std::string_view services = "HKLM\\System\\CurrentControlSet\\Services\\";

struct ClientExtension {
    PVOID id;
    std::unique_ptr<std::byte[]> memory;
};

// What goes with a driver object, beside it.
struct Service {
    std::string name;
    DRIVER_OBJECT* driver = nullptr;
    io::LoadedImage image;
    bool builtin = false, initialized = false;
    std::u16string driver_name, service_key, registry_path, hardware_path;
    UNICODE_STRING hardware_database;
    std::vector<ClientExtension> extensions;
    std::vector<std::pair<PDRIVER_REINITIALIZE, PVOID>> reinitialize;
};

Result<io::LoadedImage> load_driver_image(const std::string& path) {
    image::Image* const loaded = TRY(image::load(path));
    ke::notify_image_loaded(loaded->path, loaded->base, loaded->size);
    return io::LoadedImage{loaded, loaded->base, loaded->size,
                           reinterpret_cast<PDRIVER_INITIALIZE>(const_cast<void*>(loaded->entry))};
}

struct Services {
    std::map<std::u16string, std::unique_ptr<Service>, LessIgnoringCase> running;
    std::map<std::string, PDRIVER_INITIALIZE> builtins;
    io::ImageLoader loader = {
        load_driver_image,
        [](void* handle) { image::discard_init(*static_cast<image::Image*>(handle)); },
        [](void* handle) { image::unload(*static_cast<image::Image*>(handle)); },
    };
};
Guarded<Services, LockRank::nt_leaf>& table() {
    static auto* const it = new Guarded<Services, LockRank::nt_leaf>();
    return *it;
}

// What a dispatch entry is that the driver did not set.
NTSTATUS NTAPI invalid_request(PDEVICE_OBJECT, PIRP irp) {
    irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
    irp->IoStatus.Information = 0;
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_INVALID_DEVICE_REQUEST;
}

Result<io::LoadedImage> load_image(const std::string& name, bool& builtin) {
    const auto path = registry::get_string(std::string(services) + name, "ImagePath");
    if (!path) return fail("the service '" + name + "' has no ImagePath", std::string(services) + name);
    constexpr std::string_view prefix = "builtin:";
    builtin = path->starts_with(prefix);
    if (builtin) {
        const std::string wanted = path->substr(prefix.size());
        const PDRIVER_INITIALIZE entry = table().with([&](Services& s) {
            auto found = s.builtins.find(wanted);
            return found == s.builtins.end() ? nullptr : found->second;
        });
        if (!entry) return fail("there is no built-in driver '" + wanted + "'", std::string(services) + name);
        return io::LoadedImage{nullptr, reinterpret_cast<void*>(entry), 0, entry};
    }
    const io::ImageLoader loader = table().with([](Services& s) { return s.loader; });
    if (!loader.load) return fail("no image loader is set", *path);
    return loader.load(*path);
}

DRIVER_OBJECT* make_driver(Service& service) {
    const std::u16string name = to_utf16(service.name);
    service.driver_name = u"\\Driver\\" + name;
    service.service_key = name;
    service.registry_path = u"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\" + name;
    service.hardware_path = u"\\Registry\\Machine\\Hardware\\Description\\System";
    auto* driver = static_cast<DRIVER_OBJECT*>(
        object::create(object::driver_type, sizeof(DRIVER_OBJECT) + sizeof(DRIVER_EXTENSION)));
    if (!driver) return nullptr;
    driver->Type = IO_TYPE_DRIVER;
    driver->Size = sizeof(DRIVER_OBJECT);
    driver->Flags = 2;  // DRVO_LEGACY_DRIVER, until AddDevice is set
    driver->DriverStart = service.image.base;
    driver->DriverSize = service.image.size;
    driver->DriverSection = service.image.handle;
    driver->DriverExtension = reinterpret_cast<PDRIVER_EXTENSION>(driver + 1);
    driver->DriverExtension->DriverObject = driver;
    driver->DriverExtension->ServiceKeyName = unicode_string(service.service_key);
    driver->DriverName = unicode_string(service.driver_name);
    service.hardware_database = unicode_string(service.hardware_path);
    driver->HardwareDatabase = &service.hardware_database;
    driver->DriverInit = service.image.entry;
    for (PDRIVER_DISPATCH& entry : driver->MajorFunction) entry = invalid_request;
    return driver;
}

void unload_image(const io::LoadedImage& image, bool builtin) {
    const io::ImageLoader loader = table().with([](Services& s) { return s.loader; });
    if (!builtin && loader.unload) loader.unload(image.handle);
}

void forget(Service& service) {
    object::remove_name(service.driver);
    object::dereference(service.driver);
    unload_image(service.image, service.builtin);
    table().with([&](Services& s) {
        auto found = s.running.find(to_utf16(service.name));
        std::unique_ptr<Service> keep = std::move(found->second);
        s.running.erase(found);
        return keep;
    });
}

void run_reinitializers(Service& service) {
    for (ULONG count = 1; !service.reinitialize.empty(); ++count) {
        const auto list = table().with([&](Services&) { return std::exchange(service.reinitialize, {}); });
        service.driver->DriverExtension->Count = count;
        for (const auto& [routine, context] : list) call_driver(routine, service.driver, context, count);
    }
}

Service* service_of_driver(Services& s, const DRIVER_OBJECT* driver) {
    for (auto& [name, service] : s.running)
        if (service->driver == driver) return service.get();
    return nullptr;
}

}  // namespace

_OBJECT_TYPE object::driver_type = {"Driver", object::free_body, nullptr};

namespace io {

void register_builtin(std::string_view name, PDRIVER_INITIALIZE entry) {
    table().with([&](Services& s) { s.builtins[std::string(name)] = entry; });
}

void set_image_loader(const ImageLoader& loader) {
    table().with([&](Services& s) { s.loader = loader; });
}

DRIVER_OBJECT* find_service(std::string_view name) {
    return table().with([&](Services& s) {
        auto found = s.running.find(to_utf16(name));
        return found == s.running.end() ? nullptr : found->second->driver;
    });
}

std::vector<std::string> running_services() {
    return table().with([](Services& s) {
        std::vector<std::string> names;
        for (const auto& [name, service] : s.running) names.push_back(service->name);
        return names;
    });
}

bool is_initialized(const DRIVER_OBJECT& driver) {
    return table().with([&](Services& s) {
        const Service* service = service_of_driver(s, &driver);
        return service && service->initialized;
    });
}

std::string service_of(const DRIVER_OBJECT& driver) {
    return table().with([&](Services& s) {
        const Service* service = service_of_driver(s, &driver);
        return service ? service->name : std::string();
    });
}

static Result<DRIVER_OBJECT*> start(std::string_view name, NTSTATUS& status) {
    status = STATUS_IMAGE_ALREADY_LOADED;
    if (DRIVER_OBJECT* running = find_service(name)) return running;
    status = STATUS_OBJECT_NAME_NOT_FOUND;
    auto fresh = std::make_unique<Service>();
    Service& service = *fresh;
    service.name = name;
    service.image = TRY(load_image(service.name, service.builtin));
    status = STATUS_DRIVER_ENTRYPOINT_NOT_FOUND;
    if (!service.image.entry) {
        unload_image(service.image, service.builtin);
        return fail("the image of '" + service.name + "' has no entry point");
    }
    status = STATUS_INSUFFICIENT_RESOURCES;
    service.driver = make_driver(service);
    if (!service.driver) {
        unload_image(service.image, service.builtin);
        return fail("no memory for the driver object of '" + service.name + "'");
    }
    object::insert(service.driver_name, service.driver);
    table().with([&](Services& s) { s.running[to_utf16(name)] = std::move(fresh); });
    UNICODE_STRING path = unicode_string(service.registry_path);
    status = call_driver(service.image.entry, service.driver, &path);
    if (!NT_SUCCESS(status)) {
        Error error{fmt::format("DriverEntry of '{}' returned status 0x{:08X}", service.name,
                                static_cast<uint32_t>(status)),
                    {},
                    {}};
        forget(service);
        return std::unexpected(std::move(error));
    }
    // The driver's devices are ready when DriverEntry has returned; those of AddDevice say so themselves.
    for (DEVICE_OBJECT* device : devices_of(*service.driver))
        device->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
    for (PDRIVER_DISPATCH& entry : service.driver->MajorFunction)
        if (!entry) entry = invalid_request;
    const ImageLoader loader = table().with([](Services& s) { return s.loader; });
    if (!service.builtin && loader.initialized) loader.initialized(service.image.handle);
    table().with([&](Services&) { service.initialized = true; });
    run_reinitializers(service);
    log_debug("io", "{} is started", service.name);
    return service.driver;
}

Result<DRIVER_OBJECT*> start_service(std::string_view name) {
    NTSTATUS status;
    return start(name, status);
}

NTSTATUS start_service_status(std::string_view name, DRIVER_OBJECT** driver) {
    NTSTATUS status;
    const auto result = start(name, status);
    if (!result) {
        log_error("io", "{}", result.error().text());
        return status;
    }
    if (driver) *driver = *result;
    return status;
}

Result<> stop_service(std::string_view name) {
    Service* const service = table().with([&](Services& s) {
        auto found = s.running.find(to_utf16(name));
        return found == s.running.end() ? nullptr : found->second.get();
    });
    if (!service) return fail("the service '" + std::string(name) + "' does not run");
    if (!service->driver->DriverUnload)
        return fail("'" + service->name + "' has no DriverUnload and stays loaded");
    const bool used = std::ranges::any_of(devices_of(*service->driver), [](DEVICE_OBJECT* device) {
        return device->ReferenceCount != 0 || device->AttachedDevice ||
               device->DeviceObjectExtension->AttachedTo;
    });
    if (used) return fail("devices of '" + service->name + "' are in use");
    call_driver(service->driver->DriverUnload, service->driver);
    if (!devices_of(*service->driver).empty())
        log_warning("io", "{} left devices behind in its DriverUnload", service->name);
    log_debug("io", "{} is stopped", service->name);
    forget(*service);
    return {};
}

}  // namespace io

}  // namespace ndiskit::nt

using namespace ndiskit::nt;

// The last part of \Registry\Machine\System\CurrentControlSet\Services\NAME.
static std::string service_name(PUNICODE_STRING path) {
    const auto text = view_of(path);
    return to_utf8(text.substr(text.rfind(u'\\') + 1));
}

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwloaddriver
NTSTATUS NTAPI ZwLoadDriver(PUNICODE_STRING path) { return io::start_service_status(service_name(path)); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwunloaddriver
NTSTATUS NTAPI ZwUnloadDriver(PUNICODE_STRING path) {
    const std::string name = service_name(path);
    if (!io::find_service(name)) return STATUS_OBJECT_NAME_NOT_FOUND;
    return io::stop_service(name) ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_REQUEST;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioallocatedriverobjectextension
NTSTATUS NTAPI IoAllocateDriverObjectExtension(PDRIVER_OBJECT driver, PVOID id, ULONG size,
                                               PVOID* extension) {
    *extension = nullptr;
    auto memory = std::make_unique<std::byte[]>(size);
    return table().with([&](Services& s) -> NTSTATUS {
        Service* service = service_of_driver(s, driver);
        if (!service) return STATUS_INVALID_PARAMETER;
        if (std::ranges::any_of(service->extensions, [&](auto& one) { return one.id == id; }))
            return STATUS_OBJECT_NAME_COLLISION;
        *extension = memory.get();
        service->extensions.push_back({id, std::move(memory)});
        return STATUS_SUCCESS;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetdriverobjectextension
PVOID NTAPI IoGetDriverObjectExtension(PDRIVER_OBJECT driver, PVOID id) {
    return table().with([&](Services& s) -> PVOID {
        if (Service* service = service_of_driver(s, driver))
            for (auto& one : service->extensions)
                if (one.id == id) return one.memory.get();
        return nullptr;
    });
}

// Called when DriverEntry has returned.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioregisterdriverreinitialization
void NTAPI IoRegisterDriverReinitialization(PDRIVER_OBJECT driver, PDRIVER_REINITIALIZE routine,
                                            PVOID context) {
    table().with([&](Services& s) {
        if (Service* service = service_of_driver(s, driver))
            service->reinitialize.emplace_back(routine, context);
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioregisterbootdriverreinitialization
void NTAPI IoRegisterBootDriverReinitialization(PDRIVER_OBJECT driver, PDRIVER_REINITIALIZE routine,
                                                PVOID context) {
    IoRegisterDriverReinitialization(driver, routine, context);
}

}  // extern "C"
