// What PnP does to a device before its miniport adapter is initialised and after it is gone, for drivers that take
// part (NDIS_MINIPORT_PNP_CHARACTERISTICS): the device is added, its resource requirements are filtered, it is
// started; in the end it is removed. Devices of this machine have no resources of a bus, so the lists that the
// requests carry are empty.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/ns-ndis-_ndis_miniport_pnp_characteristics
#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/driver.h"

namespace ndiskit::ndis {

namespace {

// A PnP request to the adapter's device, as the driver sees it.
class PnpIrp {
  public:
    PnpIrp(const Adapter& adapter, UCHAR minor) : irp_(IoAllocateIrp(static_cast<CCHAR>(adapter.fdo->StackSize + 1), false)) {
        if (irp_ == nullptr)
            return;
        IoSetNextIrpStackLocation(irp_);
        PIO_STACK_LOCATION location = IoGetCurrentIrpStackLocation(irp_);
        location->MajorFunction = IRP_MJ_PNP;
        location->MinorFunction = minor;
        location->DeviceObject = adapter.fdo;
        irp_->IoStatus.Status = STATUS_SUCCESS;
    }
    ~PnpIrp() {
        if (irp_ == nullptr)
            return;
        // A list that the driver made is freed by the PnP manager.
        if (irp_->IoStatus.Information != 0)
            ExFreePool(reinterpret_cast<PVOID>(irp_->IoStatus.Information));
        IoFreeIrp(irp_);
    }
    PnpIrp(const PnpIrp&) = delete;
    PnpIrp& operator=(const PnpIrp&) = delete;

    PIRP get() const { return irp_; }

  private:
    PIRP irp_;
};

}  // namespace

NDIS_STATUS add_device(Adapter& adapter) {
    const NDIS_MINIPORT_PNP_CHARACTERISTICS& pnp = adapter.driver.pnp;
    if (pnp.MiniportAddDeviceHandler != nullptr) {
        const NDIS_STATUS added = pnp.MiniportAddDeviceHandler(&adapter, adapter.driver.context);
        if (added != NDIS_STATUS_SUCCESS)
            return added;
    }
    adapter.device_added = true;
    if (pnp.MiniportFilterResourceRequirementsHandler != nullptr) {
        const PnpIrp irp(adapter, IRP_MN_FILTER_RESOURCE_REQUIREMENTS);
        if (irp.get() == nullptr)
            return NDIS_STATUS_RESOURCES;
        // A failure means the requirements as the bus gave them.
        const NDIS_STATUS status = pnp.MiniportFilterResourceRequirementsHandler(adapter.add_device_context, irp.get());
        if (status != NDIS_STATUS_SUCCESS)
            log_debug("ndis", "{} does not filter resource requirements: 0x{:08x}", adapter.driver.name,
                      static_cast<uint32_t>(status));
    }
    if (pnp.MiniportStartDeviceHandler == nullptr)
        return NDIS_STATUS_SUCCESS;
    const PnpIrp irp(adapter, IRP_MN_START_DEVICE);
    return irp.get() == nullptr ? NDIS_STATUS_RESOURCES
                                : pnp.MiniportStartDeviceHandler(adapter.add_device_context, irp.get());
}

void remove_device(Adapter& adapter) {
    if (adapter.device_added && adapter.driver.pnp.MiniportRemoveDeviceHandler != nullptr)
        adapter.driver.pnp.MiniportRemoveDeviceHandler(adapter.add_device_context);
    adapter.device_added = false;
    adapter.add_device_context = nullptr;
}

}  // namespace ndiskit::ndis
