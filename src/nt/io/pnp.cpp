#include "nt/io/pnp.h"

#include <fmt/format.h>

#include <map>

#include "base/guarded.h"
#include "nt/image/call_gate.h"
#include "nt/io/device.h"
#include "nt/io/device_interface.h"
#include "nt/io/driver.h"
#include "nt/io/irp.h"
#include "nt/object/object.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::pnp {

namespace {

constexpr std::string_view manager = "PnpManager";
constexpr std::string_view enum_key = "HKLM\\System\\CurrentControlSet\\Enum\\";

struct Nodes {
    std::map<std::u16string, DEVICE_OBJECT*, LessIgnoringCase> started;
};
Guarded<Nodes, LockRank::nt_leaf>& nodes() {
    static auto* const it = new Guarded<Nodes, LockRank::nt_leaf>();
    return *it;
}

// What the bus says of a device of software: nothing but that it is there.
NTSTATUS pnp_of_bus(const IO_STACK_LOCATION& stack, IRP& irp) {
    switch (stack.MinorFunction) {
        case IRP_MN_START_DEVICE:
        case IRP_MN_QUERY_STOP_DEVICE:
        case IRP_MN_CANCEL_STOP_DEVICE:
        case IRP_MN_STOP_DEVICE:
        case IRP_MN_QUERY_REMOVE_DEVICE:
        case IRP_MN_CANCEL_REMOVE_DEVICE:
        case IRP_MN_SURPRISE_REMOVAL:
        case IRP_MN_REMOVE_DEVICE:
            return STATUS_SUCCESS;
        case IRP_MN_QUERY_CAPABILITIES: {
            DEVICE_CAPABILITIES& capabilities = *stack.Parameters.DeviceCapabilities.Capabilities;
            capabilities.SilentInstall = capabilities.SurpriseRemovalOK = 1;
            capabilities.Address = capabilities.UINumber = 0xFFFFFFFF;
            capabilities.DeviceState[PowerSystemWorking] = PowerDeviceD0;
            for (int state = PowerSystemSleeping1; state < PowerSystemMaximum; ++state)
                capabilities.DeviceState[state] = PowerDeviceD3;
            return STATUS_SUCCESS;
        }
        // What the bus does not know it leaves as it came.
        default:
            return irp.IoStatus.Status;
    }
}

NTSTATUS NTAPI dispatch(PDEVICE_OBJECT, PIRP irp) {
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    NTSTATUS status = STATUS_INVALID_DEVICE_REQUEST;
    if (stack.MajorFunction == IRP_MJ_PNP)
        status = pnp_of_bus(stack, *irp);
    else if (stack.MajorFunction == IRP_MJ_POWER)
        status = stack.MinorFunction == IRP_MN_SET_POWER || stack.MinorFunction == IRP_MN_QUERY_POWER
                     ? STATUS_SUCCESS
                     : irp->IoStatus.Status;
    else if (stack.MajorFunction == IRP_MJ_SYSTEM_CONTROL)
        status = irp->IoStatus.Status;  // the bus offers nothing to WMI
    irp->IoStatus.Status = status;
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

NTSTATUS NTAPI manager_entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    for (int major :
         {IRP_MJ_PNP, IRP_MJ_POWER, IRP_MJ_SYSTEM_CONTROL, IRP_MJ_CREATE, IRP_MJ_CLOSE, IRP_MJ_CLEANUP})
        driver->MajorFunction[major] = dispatch;
    return STATUS_SUCCESS;
}

Result<DRIVER_OBJECT*> manager_driver() {
    if (DRIVER_OBJECT* driver = io::find_service(manager)) return driver;
    io::register_builtin("pnp-manager", manager_entry);
    registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\PnpManager", "ImagePath",
                         "builtin:pnp-manager");
    return io::start_service(manager);
}

Error failed(std::string_view instance, std::string_view what, NTSTATUS status) {
    return {fmt::format("{} with status 0x{:08X}", what, static_cast<uint32_t>(status)),
            std::string(instance),
            {}};
}

// The services of the stack from the lowest up: lower filters, the function driver, upper filters.
Result<std::vector<std::string>> services_of(std::string_view instance) {
    const std::string key = std::string(enum_key) + std::string(instance);
    if (!registry::key_exists(key)) return fail("there is no such device", key);
    std::vector<std::string> services = registry::get_multi_string(key, "LowerFilters");
    if (const auto service = registry::get_string(key, "Service"))
        services.push_back(*service);
    else
        return fail("the device has no Service: no driver is installed for it", key);
    for (std::string& filter : registry::get_multi_string(key, "UpperFilters"))
        services.push_back(std::move(filter));
    return services;
}

void delete_physical(DEVICE_OBJECT& physical) {
    disable_interfaces(instance_of(physical));
    nodes().with(
        [&](Nodes& n) { std::erase_if(n.started, [&](auto& node) { return node.second == &physical; }); });
    // One that a driver gave is that driver's to delete.
    if (physical.DriverObject == io::find_service(manager)) IoDeleteDevice(&physical);
}

Result<> add_devices(DEVICE_OBJECT& physical, std::string_view instance,
                     const std::vector<std::string>& services) {
    for (const std::string& service : services) {
        DRIVER_OBJECT* const driver = TRY(io::start_service(service));
        PDRIVER_ADD_DEVICE const add = driver->DriverExtension->AddDevice;
        if (!add) return fail("the driver '" + service + "' has no AddDevice", std::string(instance));
        const NTSTATUS status = call_driver(add, driver, &physical);
        if (!NT_SUCCESS(status))
            return std::unexpected(failed(instance, "AddDevice of '" + service + "' failed", status));
    }
    return {};
}

IO_STACK_LOCATION pnp_request(UCHAR minor) {
    IO_STACK_LOCATION stack = {};
    stack.MajorFunction = IRP_MJ_PNP;
    stack.MinorFunction = minor;
    return stack;
}

Result<DEVICE_OBJECT*> started(std::string_view instance) {
    DEVICE_OBJECT* const physical = find_device(instance);
    if (!physical) return fail("the device is not started", std::string(instance));
    return physical;
}

Result<> finish_removal(DEVICE_OBJECT& physical, std::string_view instance) {
    const NTSTATUS status = send(physical, pnp_request(IRP_MN_REMOVE_DEVICE));
    const bool empty = !physical.AttachedDevice;
    delete_physical(physical);
    if (!NT_SUCCESS(status)) return std::unexpected(failed(instance, "IRP_MN_REMOVE_DEVICE ended", status));
    if (!empty)
        return fail("a driver left its device attached after IRP_MN_REMOVE_DEVICE", std::string(instance));
    return {};
}

}  // namespace

NTSTATUS send(DEVICE_OBJECT& physical, const IO_STACK_LOCATION& request, IO_STATUS_BLOCK* result) {
    DEVICE_OBJECT* const top = io::top_of_stack(physical);
    IRP* irp = io::make_irp(top->StackSize);
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    if (irp) {
        // Drivers must find it so: it means that nobody has handled the request.
        irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
        IO_STACK_LOCATION& stack = *IoGetNextIrpStackLocation(irp);
        stack.MajorFunction = request.MajorFunction;
        stack.MinorFunction = request.MinorFunction;
        stack.Parameters = request.Parameters;
        status = io::send_and_wait(*top, *irp, result);
    }
    object::dereference(top);
    return status;
}

Result<DEVICE_OBJECT*> adopt_device(std::string_view instance, DEVICE_OBJECT* physical) {
    if (!physical) {
        DRIVER_OBJECT* const driver = TRY(manager_driver());
        const NTSTATUS made = IoCreateDevice(driver, 0, nullptr, FILE_DEVICE_CONTROLLER,
                                             FILE_AUTOGENERATED_DEVICE_NAME, FALSE, &physical);
        if (!NT_SUCCESS(made))
            return std::unexpected(failed(instance, "cannot create the physical device object", made));
        physical->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
    }
    physical->Flags |= DO_BUS_ENUMERATED_DEVICE;
    nodes().with([&](Nodes& n) { n.started[to_utf16(instance)] = physical; });
    return physical;
}

void forget_device(DEVICE_OBJECT& physical) { delete_physical(physical); }

Result<DEVICE_OBJECT*> start_device(std::string_view instance) {
    if (DEVICE_OBJECT* running = find_device(instance)) return running;
    const std::vector<std::string> services = TRY(services_of(instance));
    DEVICE_OBJECT* const physical = TRY(adopt_device(instance, nullptr));
    auto added = add_devices(*physical, instance, services);
    const NTSTATUS status = added ? send(*physical, pnp_request(IRP_MN_START_DEVICE)) : STATUS_UNSUCCESSFUL;
    if (added && NT_SUCCESS(status)) return physical;
    if (physical->AttachedDevice) send(*physical, pnp_request(IRP_MN_REMOVE_DEVICE));
    delete_physical(*physical);
    return std::unexpected(
        added ? failed(instance, "the device did not start: IRP_MN_START_DEVICE ended", status)
              : std::move(added).error());
}

Result<> remove_device(std::string_view instance) {
    DEVICE_OBJECT* const physical = TRY(started(instance));
    const NTSTATUS status = send(*physical, pnp_request(IRP_MN_QUERY_REMOVE_DEVICE));
    if (!NT_SUCCESS(status)) {
        send(*physical, pnp_request(IRP_MN_CANCEL_REMOVE_DEVICE));
        return std::unexpected(failed(instance, "a driver refused IRP_MN_QUERY_REMOVE_DEVICE", status));
    }
    return finish_removal(*physical, instance);
}

Result<> surprise_remove_device(std::string_view instance) {
    DEVICE_OBJECT* const physical = TRY(started(instance));
    send(*physical, pnp_request(IRP_MN_SURPRISE_REMOVAL));
    return finish_removal(*physical, instance);
}

NTSTATUS set_device_power(std::string_view instance, DEVICE_POWER_STATE state) {
    DEVICE_OBJECT* const physical = find_device(instance);
    if (!physical) return STATUS_NO_SUCH_DEVICE;
    IO_STACK_LOCATION stack = {};
    stack.MajorFunction = IRP_MJ_POWER;
    stack.MinorFunction = IRP_MN_QUERY_POWER;
    stack.Parameters.Power.Type = DevicePowerState;
    stack.Parameters.Power.State.DeviceState = state;
    if (const NTSTATUS status = send(*physical, stack); !NT_SUCCESS(status) && status != STATUS_NOT_SUPPORTED)
        return status;
    stack.MinorFunction = IRP_MN_SET_POWER;
    return send(*physical, stack);
}

DEVICE_OBJECT* find_device(std::string_view instance) {
    return nodes().with([&](Nodes& n) {
        auto found = n.started.find(to_utf16(instance));
        return found == n.started.end() ? nullptr : found->second;
    });
}

std::vector<std::string> started_devices() {
    return nodes().with([](Nodes& n) {
        std::vector<std::string> names;
        for (const auto& [name, device] : n.started) names.push_back(to_utf8(name));
        return names;
    });
}

std::string instance_of(const DEVICE_OBJECT& physical) {
    return nodes().with([&](Nodes& n) {
        for (const auto& [name, device] : n.started)
            if (device == &physical) return to_utf8(name);
        return std::string();
    });
}

}  // namespace ndiskit::nt::pnp
