// Controller objects: a controller that several devices of one driver share, whose requests take turns.
#include "nt/abi.h"
#include "nt/image/call_gate.h"
#include "nt/pool/pool.h"

// As drivers see it.
struct _CONTROLLER_OBJECT {
    CSHORT Type;
    CSHORT Size;
    PVOID ControllerExtension;
    KDEVICE_QUEUE DeviceWaitQueue;
    ULONG Spare1;
    LARGE_INTEGER Spare2;
};
static_assert(sizeof(_CONTROLLER_OBJECT) == 72);

using namespace ndiskit::nt;

namespace {

constexpr uint32_t controller_tag = 0x74436F49;  // 'IoCt' in memory order
constexpr CSHORT type_of_controller = 2;         // IO_TYPE_CONTROLLER

IO_ALLOCATION_ACTION run(PDEVICE_OBJECT device, PDRIVER_CONTROL routine, PVOID context) {
    return call_driver(routine, device, device->CurrentIrp, static_cast<PVOID>(nullptr), context);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iocreatecontroller
PCONTROLLER_OBJECT NTAPI IoCreateController(ULONG size) {
    auto* const controller = static_cast<PCONTROLLER_OBJECT>(pool_allocate_zeroed(
        PoolKind::nonpaged, sizeof(_CONTROLLER_OBJECT) + size, controller_tag, __builtin_return_address(0)));
    if (!controller) return nullptr;
    controller->Type = type_of_controller;
    controller->Size = sizeof(_CONTROLLER_OBJECT);
    controller->ControllerExtension = controller + 1;
    KeInitializeDeviceQueue(&controller->DeviceWaitQueue);
    return controller;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iodeletecontroller
void NTAPI IoDeleteController(PCONTROLLER_OBJECT controller) { pool_free(controller, controller_tag); }

// A device waits for one controller at a time: its wait block is in the device object.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioallocatecontroller
void NTAPI IoAllocateController(PCONTROLLER_OBJECT controller, PDEVICE_OBJECT device, PDRIVER_CONTROL routine,
                                PVOID context) {
    WAIT_CONTEXT_BLOCK& block = device->Queue.Wcb;
    block.DeviceRoutine = routine;
    block.DeviceContext = context;
    block.DeviceObject = device;
    if (KeInsertDeviceQueue(&controller->DeviceWaitQueue, &block.WaitQueueEntry)) return;
    if (run(device, routine, context) == DeallocateObject) IoFreeController(controller);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iofreecontroller
void NTAPI IoFreeController(PCONTROLLER_OBJECT controller) {
    while (PKDEVICE_QUEUE_ENTRY const entry = KeRemoveDeviceQueue(&controller->DeviceWaitQueue)) {
        const auto* const block = CONTAINING_RECORD(entry, WAIT_CONTEXT_BLOCK, WaitQueueEntry);
        PDEVICE_OBJECT const device = static_cast<PDEVICE_OBJECT>(block->DeviceObject);
        if (run(device, block->DeviceRoutine, block->DeviceContext) != DeallocateObject) return;
    }
}

}  // extern "C"
