// Devices that a driver found itself: they become root-enumerated devices, whose keys stay in the registry,
// so that the machine starts them the next time without being told.
#include <fmt/format.h>

#include "base/log.h"
#include "nt/io/driver.h"
#include "nt/io/pnp.h"
#include "nt/io/resource_claims.h"
#include "nt/ke/work_queue.h"
#include "nt/registry/registry.h"

using namespace ndiskit;
using namespace ndiskit::nt;

namespace {

constexpr std::string_view root = "HKLM\\System\\CurrentControlSet\\Enum\\";

// Of the first bus that the resources name.
std::string_view interface_name(const CM_RESOURCE_LIST* list) {
    constexpr std::string_view names[] = {
        "Internal", "Isa",  "Eisa",   "MicroChannel", "TurboChannel",      "PCI",           "VME",    "NuBus",
        "PCMCIA",   "CBus", "MPIBus", "MPSABus",      "ProcessorInternal", "InternalPower", "PNPISA", "PNP"};
    const auto type = list && list->Count ? static_cast<int>(list->List[0].InterfaceType) : 0;
    return type >= 0 && type < static_cast<int>(std::size(names)) ? names[type] : names[0];
}

std::string new_instance(const std::string& service) {
    for (int number = 0;; ++number) {
        std::string instance = fmt::format("ROOT\\{}\\{:04}", service, number);
        if (!registry::key_exists(std::string(root) + instance)) return instance;
    }
}

void start_later(const std::string& instance) {
    ke::run_later([instance] {
        if (const auto started = pnp::start_device(instance); !started)
            log_error("pnp", "{}", started.error().text());
    });
}

// After DriverEntry, which a driver usually calls from: AddDevice is set then.
void NTAPI start_reported(PDRIVER_OBJECT driver, PVOID, ULONG) {
    start_later("ROOT\\" + io::service_of(*driver) + "\\0000");
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioreportresourcefordetection
NTSTATUS NTAPI IoReportResourceForDetection(PDRIVER_OBJECT driver, PCM_RESOURCE_LIST driver_list,
                                            ULONG driver_size, PDEVICE_OBJECT device,
                                            PCM_RESOURCE_LIST device_list, ULONG device_size,
                                            PBOOLEAN conflict) {
    const bool of_device = device_list != nullptr;
    const CM_RESOURCE_LIST* const list = of_device ? device_list : driver_list;
    *conflict = FALSE;
    if (!list) return STATUS_UNSUCCESSFUL;
    const void* const owner = of_device && device ? static_cast<const void*>(device) : driver;
    const NTSTATUS status = io::claim_resources(owner, *list, of_device ? device_size : driver_size);
    *conflict = status == STATUS_CONFLICTING_ADDRESSES;
    return status;
}

// The driver's list has no size of its own: what its counts say.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioreportdetecteddevice
NTSTATUS NTAPI IoReportDetectedDevice(PDRIVER_OBJECT driver, INTERFACE_TYPE, ULONG, ULONG,
                                      PCM_RESOURCE_LIST resources, PIO_RESOURCE_REQUIREMENTS_LIST,
                                      BOOLEAN assigned, PDEVICE_OBJECT* physical) {
    const std::string service = io::service_of(*driver);
    if (service.empty()) return STATUS_INVALID_PARAMETER;
    const std::string instance = new_instance(service);
    const auto adopted = pnp::adopt_device(instance, *physical);
    if (!adopted) return STATUS_INSUFFICIENT_RESOURCES;
    if (resources && !assigned) {
        const NTSTATUS claimed = io::claim_resources(*adopted, *resources, size_t{1} << 16);
        if (!NT_SUCCESS(claimed)) {
            pnp::forget_device(**adopted);
            return claimed;
        }
    }
    const std::string key = std::string(root) + instance;
    registry::set_string(key, "Service", service);
    registry::set_multi_string(
        key, "CompatibleIDs",
        {fmt::format("DETECTED{}\\{}", interface_name(resources), service), "DETECTED\\" + service});
    *physical = *adopted;
    return STATUS_SUCCESS;
}

// One device a driver.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioreportrootdevice
NTSTATUS NTAPI IoReportRootDevice(PDRIVER_OBJECT driver) {
    const std::string service = io::service_of(*driver);
    if (service.empty()) return STATUS_INVALID_PARAMETER;
    const std::string instance = "ROOT\\" + service + "\\0000", key = std::string(root) + instance;
    registry::set_string(key, "Service", service);
    registry::set_multi_string(key, "HardwareID", {"ROOT\\" + service});
    if (io::is_initialized(*driver))
        start_later(instance);
    else
        IoRegisterDriverReinitialization(driver, start_reported, nullptr);
    return STATUS_SUCCESS;
}

}  // extern "C"
