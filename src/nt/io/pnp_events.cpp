// What drivers tell the PnP manager of their devices: a state or relations that changed, a button that was
// pressed. The manager asks and acts later, on a system worker thread, so that drivers may tell at
// DISPATCH_LEVEL and in the middle of another request of PnP.
#include "base/log.h"
#include "nt/image/call_gate.h"
#include "nt/io/pnp.h"
#include "nt/ke/work_queue.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"

using namespace ndiskit;
using namespace ndiskit::nt;

namespace {

// `work` gets the device's instance, unless the device is gone by then.
template <class Work>
void for_device_later(PDEVICE_OBJECT physical, Work work) {
    object::reference(physical);
    ke::run_later([physical, work] {
        const std::string instance = pnp::instance_of(*physical);
        if (!instance.empty()) work(*physical, instance);
        object::dereference(physical);
    });
}

IO_STACK_LOCATION pnp_request(UCHAR minor) {
    IO_STACK_LOCATION stack = {};
    stack.MajorFunction = IRP_MJ_PNP;
    stack.MinorFunction = minor;
    return stack;
}

void act_on_state(DEVICE_OBJECT& physical, const std::string& instance) {
    IO_STATUS_BLOCK block = {};
    if (!NT_SUCCESS(pnp::send(physical, pnp_request(IRP_MN_QUERY_PNP_DEVICE_STATE), &block))) return;
    if (!(block.Information & (PNP_DEVICE_FAILED | PNP_DEVICE_REMOVED))) return;
    log_warning("pnp", "{}: a driver says that the device {}", instance,
                block.Information & PNP_DEVICE_REMOVED ? "is gone" : "has failed");
    if (const auto removed = pnp::surprise_remove_device(instance); !removed)
        log_error("pnp", "{}", removed.error().text());
}

// The children that the answer names belong to the driver's bus; setup's registry says which devices there
// are, so none is started here.
void ask_for_relations(DEVICE_OBJECT& physical, DEVICE_RELATION_TYPE type) {
    IO_STACK_LOCATION stack = pnp_request(IRP_MN_QUERY_DEVICE_RELATIONS);
    stack.Parameters.QueryDeviceRelations.Type = type;
    IO_STATUS_BLOCK block = {};
    if (!NT_SUCCESS(pnp::send(physical, stack, &block)) || !block.Information) return;
    auto* const relations = reinterpret_cast<PDEVICE_RELATIONS>(block.Information);
    for (ULONG i = 0; i < relations->Count; ++i) object::dereference(relations->Objects[i]);
    ExFreePool(relations);
}

NTSTATUS eject(DEVICE_OBJECT& physical, const std::string& instance) {
    DEVICE_CAPABILITIES capabilities = {};
    capabilities.Size = sizeof capabilities;
    capabilities.Version = 1;
    IO_STACK_LOCATION query = pnp_request(IRP_MN_QUERY_CAPABILITIES);
    query.Parameters.DeviceCapabilities.Capabilities = &capabilities;
    pnp::send(physical, query);
    if (const auto removed = pnp::remove_device(instance); !removed) {
        log_warning("pnp", "{} is not ejected: {}", instance, removed.error().text());
        return STATUS_UNSUCCESSFUL;
    }
    // Function and filter drivers are gone: the bus has the physical device object to itself.
    if (capabilities.EjectSupported) pnp::send(physical, pnp_request(IRP_MN_EJECT));
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioinvalidatedevicestate
void NTAPI IoInvalidateDeviceState(PDEVICE_OBJECT physical) { for_device_later(physical, act_on_state); }

// The manager asks for ejection and removal relations when it needs them.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioinvalidatedevicerelations
void NTAPI IoInvalidateDeviceRelations(PDEVICE_OBJECT physical, DEVICE_RELATION_TYPE type) {
    if (type == EjectionRelations || type == RemovalRelations) return;
    for_device_later(physical,
                     [type](DEVICE_OBJECT& device, const std::string&) { ask_for_relations(device, type); });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iorequestdeviceeject
void NTAPI IoRequestDeviceEject(PDEVICE_OBJECT physical) {
    for_device_later(physical,
                     [](DEVICE_OBJECT& device, const std::string& instance) { eject(device, instance); });
}

// As IoRequestDeviceEject, and tells how it went.
NTSTATUS NTAPI IoRequestDeviceEjectEx(PDEVICE_OBJECT physical, PIO_DEVICE_EJECT_CALLBACK callback,
                                      PVOID context, PDRIVER_OBJECT driver) {
    if (pnp::instance_of(*physical).empty()) return STATUS_INVALID_DEVICE_REQUEST;
    // The callback is the driver's: it stays until then.
    if (driver) object::reference(driver);
    object::reference(physical);
    ke::run_later([=] {
        const std::string instance = pnp::instance_of(*physical);
        const NTSTATUS status = instance.empty() ? STATUS_NO_SUCH_DEVICE : eject(*physical, instance);
        if (callback) call_driver(callback, status, context);
        object::dereference(physical);
        if (driver) object::dereference(driver);
    });
    return STATUS_SUCCESS;
}

}  // extern "C"
