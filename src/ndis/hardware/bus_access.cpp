// The device behind an adapter: its configuration space, its mapped registers, its ports.
#include <algorithm>

#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/driver.h"
#include "ndis/hardware/hardware.h"
#include "nt/hal/bus.h"

namespace ndiskit::ndis {
namespace {

using nt::hal::Device;

Device* device_behind(NDIS_HANDLE handle, const char* caller) {
    return nt::hal::device_of(resolve<Adapter>(handle, caller).pdo);
}

// The BAR of the device that a range lies in; null when it is in none, which the driver made up.
const Device::Bar* find_bar(const Device* device, uint64_t address, uint64_t length, bool ports) {
    if (device == nullptr || length == 0) return nullptr;
    for (const Device::Bar& bar : device->bars()) {
        if (bar.kind == nt::hal::BarKind::none || (bar.kind == nt::hal::BarKind::ports) != ports) continue;
        if (address >= bar.address && address + length <= bar.address + bar.size) return &bar;
    }
    return nullptr;
}

NDIS_STATUS claim(Adapter& adapter, std::vector<ClaimedRange> Hardware::Claims::*kind, ClaimedRange range) {
    return adapter.hardware->claims.with([&](Hardware::Claims& claims) {
        (claims.*kind).push_back(range);
        return NDIS_STATUS_SUCCESS;
    });
}

void disclaim(Adapter& adapter, std::vector<ClaimedRange> Hardware::Claims::*kind, ClaimedRange range) {
    adapter.hardware->claims.with([&](Hardware::Claims& claims) {
        auto& list = claims.*kind;
        const auto found = std::ranges::find(list, range);
        if (found != list.end()) list.erase(found);
    });
}

}  // namespace
}  // namespace ndiskit::ndis

using namespace ndiskit;
using namespace ndiskit::ndis;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismgetbusdata
ULONG NTAPI NdisMGetBusData(NDIS_HANDLE NdisMiniportHandle, ULONG WhichSpace, ULONG Offset, PVOID Buffer,
                            ULONG Length) {
    const auto* device = device_behind(NdisMiniportHandle, "NdisMGetBusData");
    return device && WhichSpace == PCI_WHICHSPACE_CONFIG ? device->read_config(Offset, Buffer, Length) : 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismsetbusdata
ULONG NTAPI NdisMSetBusData(NDIS_HANDLE NdisMiniportHandle, ULONG WhichSpace, ULONG Offset, PVOID Buffer,
                            ULONG Length) {
    auto* device = device_behind(NdisMiniportHandle, "NdisMSetBusData");
    return device && WhichSpace == PCI_WHICHSPACE_CONFIG ? device->write_config(Offset, Buffer, Length) : 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismmapiospace
// Registers answer at their physical addresses; what is no register of the adapter's device is no I/O space.
NDIS_STATUS NTAPI NdisMMapIoSpace(PVOID* VirtualAddress, NDIS_HANDLE MiniportAdapterHandle,
                                  NDIS_PHYSICAL_ADDRESS PhysicalAddress, UINT Length) {
    Adapter& adapter = resolve<Adapter>(MiniportAdapterHandle, "NdisMMapIoSpace");
    const auto address = static_cast<uint64_t>(PhysicalAddress.QuadPart);
    *VirtualAddress = nullptr;
    if (find_bar(nt::hal::device_of(adapter.pdo), address, Length, false) == nullptr) {
        log_error("ndis", "driver {}: NdisMMapIoSpace of {:#x}, which is no memory of its device",
                  adapter.driver.name, address);
        return NDIS_STATUS_FAILURE;
    }
    *VirtualAddress = reinterpret_cast<PVOID>(address);
    return claim(adapter, &Hardware::Claims::mapped, {address, Length});
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismunmapiospace
VOID NTAPI NdisMUnmapIoSpace(NDIS_HANDLE MiniportAdapterHandle, PVOID VirtualAddress, UINT Length) {
    disclaim(resolve<Adapter>(MiniportAdapterHandle, "NdisMUnmapIoSpace"), &Hardware::Claims::mapped,
             {reinterpret_cast<uint64_t>(VirtualAddress), Length});
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismregisterioportrange
NDIS_STATUS NTAPI NdisMRegisterIoPortRange(PVOID* PortOffset, NDIS_HANDLE MiniportAdapterHandle,
                                           UINT InitialPort, UINT NumberOfPorts) {
    Adapter& adapter = resolve<Adapter>(MiniportAdapterHandle, "NdisMRegisterIoPortRange");
    *PortOffset = nullptr;
    if (find_bar(nt::hal::device_of(adapter.pdo), InitialPort, NumberOfPorts, true) == nullptr) {
        log_error("ndis", "driver {}: NdisMRegisterIoPortRange of {:#x}, which is no port of its device",
                  adapter.driver.name, InitialPort);
        return NDIS_STATUS_FAILURE;
    }
    *PortOffset = reinterpret_cast<PVOID>(uintptr_t{InitialPort});
    return claim(adapter, &Hardware::Claims::ports, {InitialPort, NumberOfPorts});
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismderegisterioportrange
VOID NTAPI NdisMDeregisterIoPortRange(NDIS_HANDLE MiniportAdapterHandle, UINT InitialPort, UINT NumberOfPorts,
                                      PVOID) {
    disclaim(resolve<Adapter>(MiniportAdapterHandle, "NdisMDeregisterIoPortRange"), &Hardware::Claims::ports,
             {InitialPort, NumberOfPorts});
}

}  // extern "C"
