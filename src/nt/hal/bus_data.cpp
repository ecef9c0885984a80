// Configuration space by place on the bus, as drivers of older systems ask for it.
#include "nt/hal/bus.h"

using namespace ndiskit::nt::hal;

namespace {

constexpr USHORT no_device = PCI_INVALID_VENDORID;

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-halgetbusdatabyoffset
// 2: the bus is there and the slot is empty, which the vendor id says. 0: there is no such bus.
ULONG NTAPI HalGetBusDataByOffset(BUS_DATA_TYPE BusDataType, ULONG BusNumber, ULONG SlotNumber, PVOID Buffer,
                                  ULONG Offset, ULONG Length) {
    if (BusDataType != PCIConfiguration || BusNumber != 0) return 0;
    if (const Device* device = device_in_slot(SlotNumber)) return device->read_config(Offset, Buffer, Length);
    if (Length < sizeof no_device) return 0;
    *static_cast<USHORT*>(Buffer) = no_device;
    return sizeof no_device;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-halgetbusdata
ULONG NTAPI HalGetBusData(BUS_DATA_TYPE BusDataType, ULONG BusNumber, ULONG SlotNumber, PVOID Buffer,
                          ULONG Length) {
    return HalGetBusDataByOffset(BusDataType, BusNumber, SlotNumber, Buffer, 0, Length);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-halsetbusdatabyoffset
ULONG NTAPI HalSetBusDataByOffset(BUS_DATA_TYPE BusDataType, ULONG BusNumber, ULONG SlotNumber, PVOID Buffer,
                                  ULONG Offset, ULONG Length) {
    if (BusDataType != PCIConfiguration || BusNumber != 0) return 0;
    Device* device = device_in_slot(SlotNumber);
    return device ? device->write_config(Offset, Buffer, Length) : 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-halsetbusdata
ULONG NTAPI HalSetBusData(BUS_DATA_TYPE BusDataType, ULONG BusNumber, ULONG SlotNumber, PVOID Buffer,
                          ULONG Length) {
    return HalSetBusDataByOffset(BusDataType, BusNumber, SlotNumber, Buffer, 0, Length);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-haltranslatebusaddress
// Addresses on the bus are the process's own.
BOOLEAN NTAPI HalTranslateBusAddress(INTERFACE_TYPE, ULONG BusNumber, PHYSICAL_ADDRESS BusAddress, PULONG,
                                     PPHYSICAL_ADDRESS TranslatedAddress) {
    if (BusNumber != 0) return FALSE;
    *TranslatedAddress = BusAddress;
    return TRUE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keflushiobuffers
// Caches and devices agree on this machine.
void NTAPI KeFlushIoBuffers(PMDL, BOOLEAN, BOOLEAN) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

}  // extern "C"
