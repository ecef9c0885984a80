// What drivers ask NDIS about an adapter, and the attributes that they give.
#include <cstring>

#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/library_state.h"
#include "ndis/pnp_work.h"
#include "nt/hal/bus.h"

namespace ndiskit::ndis {

namespace {

// A copy in pool memory, which the caller frees with NdisFreeMemory.
NDIS_STATUS give_string(const std::u16string& text, NDIS_STRING& string) {
    constexpr ULONG tag = 0x6d6e644e;  // "Ndnm"
    const size_t size = (text.size() + 1) * sizeof(WCHAR);
    auto* buffer = static_cast<WCHAR*>(ExAllocatePoolWithTag(NonPagedPoolNx, size, tag));
    if (buffer == nullptr)
        return NDIS_STATUS_RESOURCES;
    std::memcpy(buffer, text.c_str(), size);
    string.Buffer = buffer;
    string.Length = static_cast<USHORT>(size - sizeof(WCHAR));
    string.MaximumLength = static_cast<USHORT>(size);
    return NDIS_STATUS_SUCCESS;
}

void remove_failed_adapter(Adapter& adapter) {
    log_error("ndis", "{} gives up adapter {} (NdisMRemoveMiniport)", adapter.driver.name,
              narrow(adapter.config.guid));
    queue_pnp_work([adapter = &adapter] {
        PnpHold hold(adapter->pnp);
        if (adapter->mark == Handle::live)
            bring_down(*adapter, NdisHaltDeviceFailed);
    });
}

}  // namespace
}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismsetminiportattributes
extern "C" NDIS_STATUS NTAPI NdisMSetMiniportAttributes(NDIS_HANDLE NdisMiniportHandle,
                                                        PNDIS_MINIPORT_ADAPTER_ATTRIBUTES MiniportAttributes) {
    auto& adapter = resolve<Adapter>(NdisMiniportHandle, "NdisMSetMiniportAttributes");
    // From MiniportAddDevice, before there is an initialised adapter to have attributes.
    if (MiniportAttributes->Header.Type == NDIS_OBJECT_TYPE_MINIPORT_ADD_DEVICE_REGISTRATION_ATTRIBUTES) {
        adapter.add_device_context = MiniportAttributes->AddDeviceRegistrationAttributes.MiniportAddDeviceContext;
        return NDIS_STATUS_SUCCESS;
    }
    const NDIS_STATUS status = adapter.attributes.set(*MiniportAttributes, adapter.driver.version);
    if (status == NDIS_STATUS_SUCCESS && adapter.context == nullptr)
        adapter.context = adapter.attributes.registration.MiniportAdapterContext;
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismqueryadapterinstancename
extern "C" NDIS_STATUS NTAPI NdisMQueryAdapterInstanceName(PNDIS_STRING pAdapterInstanceName,
                                                           NDIS_HANDLE NdisMiniportHandle) {
    return give_string(resolve<Adapter>(NdisMiniportHandle, "NdisMQueryAdapterInstanceName").config.description,
                       *pAdapterInstanceName);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisqueryadapterinstancename
extern "C" NDIS_STATUS NTAPI NdisQueryAdapterInstanceName(PNDIS_STRING pAdapterInstanceName,
                                                          NDIS_HANDLE NdisBindingHandle) {
    return give_string(resolve<Binding>(NdisBindingHandle, "NdisQueryAdapterInstanceName").adapter.config.description,
                       *pAdapterInstanceName);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisquerybindinstancename
extern "C" NDIS_STATUS NTAPI NdisQueryBindInstanceName(PNDIS_STRING pAdapterInstanceName, NDIS_HANDLE BindingContext) {
    return give_string(
        resolve<BindOperation>(BindingContext, "NdisQueryBindInstanceName").binding.adapter.config.description,
        *pAdapterInstanceName);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismgetdeviceproperty
extern "C" void NTAPI NdisMGetDeviceProperty(NDIS_HANDLE MiniportAdapterHandle, PDEVICE_OBJECT* PhysicalDeviceObject,
                                             PDEVICE_OBJECT* FunctionalDeviceObject, PDEVICE_OBJECT* NextDeviceObject,
                                             PCM_RESOURCE_LIST* AllocatedResources,
                                             PCM_RESOURCE_LIST* AllocatedResourcesTranslated) {
    const auto& adapter = resolve<Adapter>(MiniportAdapterHandle, "NdisMGetDeviceProperty");
    if (PhysicalDeviceObject != nullptr)
        *PhysicalDeviceObject = adapter.pdo;
    if (FunctionalDeviceObject != nullptr)
        *FunctionalDeviceObject = adapter.fdo;
    if (NextDeviceObject != nullptr)
        *NextDeviceObject = adapter.pdo;
    const ndiskit::nt::hal::Device* device = ndiskit::nt::hal::device_of(adapter.pdo);
    if (AllocatedResources != nullptr)
        *AllocatedResources = device ? const_cast<PCM_RESOURCE_LIST>(device->raw_resources()) : nullptr;
    if (AllocatedResourcesTranslated != nullptr)
        *AllocatedResourcesTranslated =
            device ? const_cast<PCM_RESOURCE_LIST>(device->translated_resources()) : nullptr;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgetdevicereservedextension
extern "C" PVOID NTAPI NdisGetDeviceReservedExtension(PDEVICE_OBJECT DeviceObject) {
    return DeviceObject->DeviceExtension;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismremoveminiport
extern "C" NDIS_STATUS NTAPI NdisMRemoveMiniport(NDIS_HANDLE MiniportHandle) {
    remove_failed_adapter(resolve<Adapter>(MiniportHandle, "NdisMRemoveMiniport"));
    return NDIS_STATUS_SUCCESS;
}
