// Single root I/O virtualization. Devices of this machine have no virtual functions and there is no guest to
// give one to, so what needs them is refused as the pages say; what concerns the physical function alone is
// answered.
#include <algorithm>

#include "ndis/adapter.h"
#include "nt/hal/bus.h"

using namespace ndiskit;
using namespace ndiskit::ndis;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismenablevirtualization
NDIS_STATUS NTAPI NdisMEnableVirtualization(NDIS_HANDLE NdisMiniportHandle, USHORT NumVFs, BOOLEAN, BOOLEAN,
                                            BOOLEAN EnableVirtualization) {
    resolve<Adapter>(NdisMiniportHandle, "NdisMEnableVirtualization");
    return !EnableVirtualization && NumVFs != 0 ? NDIS_STATUS_INVALID_PARAMETER : NDIS_STATUS_NOT_SUPPORTED;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismgetvirtualfunctionbusdata
ULONG NTAPI NdisMGetVirtualFunctionBusData(NDIS_HANDLE NdisMiniportHandle, NDIS_SRIOV_FUNCTION_ID, PVOID,
                                           ULONG, ULONG) {
    resolve<Adapter>(NdisMiniportHandle, "NdisMGetVirtualFunctionBusData");
    return 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismsetvirtualfunctionbusdata
ULONG NTAPI NdisMSetVirtualFunctionBusData(NDIS_HANDLE NdisMiniportHandle, NDIS_SRIOV_FUNCTION_ID, PVOID,
                                           ULONG, ULONG) {
    resolve<Adapter>(NdisMiniportHandle, "NdisMSetVirtualFunctionBusData");
    return 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismgetvirtualfunctionlocation
// The page has no way to fail: no place is all zeros, where the bus itself sits.
VOID NTAPI NdisMGetVirtualFunctionLocation(NDIS_HANDLE NdisMiniportHandle, NDIS_SRIOV_FUNCTION_ID,
                                           PUSHORT SegmentNumber, PUCHAR BusNumber, PUCHAR FunctionNumber) {
    resolve<Adapter>(NdisMiniportHandle, "NdisMGetVirtualFunctionLocation");
    *SegmentNumber = 0;
    *BusNumber = 0;
    *FunctionNumber = 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismgetvirtualdevicelocation
VOID NTAPI NdisMGetVirtualDeviceLocation(NDIS_HANDLE NdisMiniportHandle, NDIS_SRIOV_FUNCTION_ID VFId,
                                         PUSHORT SegmentNumber, PUCHAR BusNumber, PVOID,
                                         PUCHAR FunctionNumber) {
    NdisMGetVirtualFunctionLocation(NdisMiniportHandle, VFId, SegmentNumber, BusNumber, FunctionNumber);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismqueryprobedbars
NDIS_STATUS NTAPI NdisMQueryProbedBars(NDIS_HANDLE NdisMiniportHandle, PULONG BaseRegisterValues) {
    const auto* device = nt::hal::device_of(resolve<Adapter>(NdisMiniportHandle, "NdisMQueryProbedBars").pdo);
    if (device == nullptr) return NDIS_STATUS_FAILURE;
    std::ranges::copy(device->probed_bars(), BaseRegisterValues);
    return NDIS_STATUS_SUCCESS;
}

// The adapters of this machine are no virtual functions: nobody is at the other end of their back channel.

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismreadconfigblock
NDIS_STATUS NTAPI NdisMReadConfigBlock(NDIS_HANDLE NdisMiniportHandle, ULONG, PVOID, ULONG) {
    resolve<Adapter>(NdisMiniportHandle, "NdisMReadConfigBlock");
    return NDIS_STATUS_FAILURE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismwriteconfigblock
NDIS_STATUS NTAPI NdisMWriteConfigBlock(NDIS_HANDLE NdisMiniportHandle, ULONG, PVOID, ULONG) {
    resolve<Adapter>(NdisMiniportHandle, "NdisMWriteConfigBlock");
    return NDIS_STATUS_FAILURE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisminvalidateconfigblock
VOID NTAPI NdisMInvalidateConfigBlock(NDIS_HANDLE NdisMiniportHandle, NDIS_SRIOV_FUNCTION_ID, ULONGLONG) {
    resolve<Adapter>(NdisMiniportHandle, "NdisMInvalidateConfigBlock");
}

}  // extern "C"
