// How drivers connect to interrupts, and run in step with their handlers.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/introduction-to-interrupt-service-routines
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

#include "nt/bugcheck.h"
#include "nt/hal/bus.h"
#include "nt/image/call_gate.h"
#include "nt/ke/irql.h"
#include "nt/ke/spin_lock.h"

using namespace ndiskit::nt;

namespace ndiskit::nt::hal {
namespace {

// What a message-based connection consists of; the driver has the table.
struct Messages {
    std::vector<std::unique_ptr<InterruptObject>> objects;
    std::vector<uint64_t> table;

    IO_INTERRUPT_MESSAGE_INFO& info() { return *reinterpret_cast<IO_INTERRUPT_MESSAGE_INFO*>(table.data()); }
};
Guarded<std::vector<std::unique_ptr<Messages>>, LockRank::nt_device>& connections() {
    static Guarded<std::vector<std::unique_ptr<Messages>>, LockRank::nt_device> all;
    return all;
}

struct LineRequest {
    Vector* vector;
    PKSERVICE_ROUTINE routine;
    PVOID context;
    PKSPIN_LOCK lock;
    KIRQL synchronize_irql;
    bool share;
    PKINTERRUPT* result;
};

NTSTATUS connect_line(const LineRequest& request) {
    if (!request.vector || !request.routine) return STATUS_INVALID_PARAMETER;
    auto object = std::make_unique<InterruptObject>();
    object->vector = request.vector;
    object->service = request.routine;
    object->context = request.context;
    if (request.lock) object->lock = request.lock;
    object->synchronize_irql = std::max(request.synchronize_irql, request.vector->irql);
    // The handler may be called before this returns, and finds its interrupt object.
    *request.result = kinterrupt(*object);
    if (!request.vector->connect(*object, request.share)) {
        *request.result = nullptr;
        return STATUS_INVALID_PARAMETER;
    }
    object.release();
    return STATUS_SUCCESS;
}

void disconnect(InterruptObject& object) { object.vector->disconnect(object); }

std::unique_ptr<Messages> prepare_messages(const Device& device,
                                           const IO_CONNECT_INTERRUPT_MESSAGE_BASED_PARAMETERS& p) {
    auto made = std::make_unique<Messages>();
    const size_t count = device.messages().size();
    made->table.assign(
        (offsetof(IO_INTERRUPT_MESSAGE_INFO, MessageInfo) + count * sizeof(IO_INTERRUPT_MESSAGE_INFO_ENTRY)) /
                sizeof(uint64_t) +
            1,
        0);
    IO_INTERRUPT_MESSAGE_INFO& info = made->info();
    info.MessageCount = static_cast<ULONG>(count);
    info.UnifiedIrql = p.SynchronizeIrql;
    for (const auto& vector : device.messages()) info.UnifiedIrql = std::max(info.UnifiedIrql, vector->irql);
    for (ULONG i = 0; i < count; ++i) {
        Vector& vector = *device.messages()[i];
        auto object = std::make_unique<InterruptObject>();
        object->vector = &vector;
        object->message_service = p.MessageServiceRoutine;
        object->context = p.ServiceContext;
        object->message = i;
        // With a lock of the driver's all messages exclude each other, at one IRQL.
        if (p.SpinLock) object->lock = p.SpinLock;
        object->synchronize_irql = p.SpinLock ? info.UnifiedIrql : std::max(vector.irql, p.SynchronizeIrql);
        IO_INTERRUPT_MESSAGE_INFO_ENTRY& entry = info.MessageInfo[i];
        entry.TargetProcessorSet = vector.affinity;
        entry.InterruptObject = kinterrupt(*object);
        entry.MessageData = vector.number;
        // Where the local APICs of x64 take messages.
        entry.MessageAddress.QuadPart = 0xFEE00000;
        entry.Vector = vector.number;
        entry.Irql = vector.irql;
        entry.Mode = Latched;
        entry.Polarity = InterruptActiveHigh;
        made->objects.push_back(std::move(object));
    }
    return made;
}

NTSTATUS connect_messages(IO_CONNECT_INTERRUPT_PARAMETERS& parameters) {
    const IO_CONNECT_INTERRUPT_MESSAGE_BASED_PARAMETERS p = parameters.MessageBased;
    Device* const device = device_of(p.PhysicalDeviceObject);
    if (!device) return STATUS_NOT_FOUND;
    if (device->messages().empty()) {
        if (!p.FallBackServiceRoutine) return STATUS_NOT_FOUND;
        parameters.Version = CONNECT_LINE_BASED;
        return connect_line({&device->line(), p.FallBackServiceRoutine, p.ServiceContext, p.SpinLock,
                             p.SynchronizeIrql, true, p.ConnectionContext.InterruptObject});
    }
    if (!p.MessageServiceRoutine) return STATUS_INVALID_PARAMETER;
    std::unique_ptr<Messages> made = prepare_messages(*device, p);
    *p.ConnectionContext.InterruptMessageTable = &made->info();
    for (const auto& object : made->objects) {
        if (object->vector->connect(*object, true)) continue;
        for (const auto& other : made->objects) disconnect(*other);
        *p.ConnectionContext.Generic = nullptr;
        return STATUS_INVALID_PARAMETER;
    }
    connections().with([&](auto& all) { all.push_back(std::move(made)); });
    return STATUS_SUCCESS;
}

NTSTATUS connect(IO_CONNECT_INTERRUPT_PARAMETERS& parameters) {
    switch (parameters.Version) {
        case CONNECT_FULLY_SPECIFIED:
        case CONNECT_FULLY_SPECIFIED_GROUP: {
            const auto& p = parameters.FullySpecified;
            if (parameters.Version == CONNECT_FULLY_SPECIFIED_GROUP && p.Group != 0)
                return STATUS_INVALID_PARAMETER;
            return connect_line({find_vector(p.Vector, p.ProcessorEnableMask), p.ServiceRoutine,
                                 p.ServiceContext, p.SpinLock, p.SynchronizeIrql, p.ShareVector != FALSE,
                                 p.InterruptObject});
        }
        case CONNECT_LINE_BASED: {
            const auto& p = parameters.LineBased;
            Device* const device = device_of(p.PhysicalDeviceObject);
            if (!device) return STATUS_NOT_FOUND;
            return connect_line({&device->line(), p.ServiceRoutine, p.ServiceContext, p.SpinLock,
                                 p.SynchronizeIrql, true, p.InterruptObject});
        }
        case CONNECT_MESSAGE_BASED:
            return connect_messages(parameters);
        default:
            return STATUS_INVALID_PARAMETER;
    }
}

std::unique_ptr<Messages> take_messages(const IO_INTERRUPT_MESSAGE_INFO* table) {
    return connections().with([&](auto& all) -> std::unique_ptr<Messages> {
        const auto found = std::ranges::find_if(all, [&](const auto& m) { return &m->info() == table; });
        if (found == all.end()) return nullptr;
        std::unique_ptr<Messages> taken = std::move(*found);
        all.erase(found);
        return taken;
    });
}

void set_active(InterruptObject& object, bool active) {
    object.active.store(active, std::memory_order_release);
    if (active) object.vector->look_again();
}

void set_active(const IO_DISCONNECT_INTERRUPT_PARAMETERS& parameters, bool active) {
    if (parameters.Version != CONNECT_MESSAGE_BASED)
        return set_active(interrupt_object(parameters.ConnectionContext.InterruptObject), active);
    const IO_INTERRUPT_MESSAGE_INFO& table = *parameters.ConnectionContext.InterruptMessageTable;
    for (ULONG i = 0; i < table.MessageCount; ++i)
        set_active(interrupt_object(table.MessageInfo[i].InterruptObject), active);
}

}  // namespace
}  // namespace ndiskit::nt::hal

using namespace ndiskit::nt::hal;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioconnectinterrupt
NTSTATUS NTAPI IoConnectInterrupt(PKINTERRUPT* InterruptObject, PKSERVICE_ROUTINE ServiceRoutine,
                                  PVOID ServiceContext, PKSPIN_LOCK SpinLock, ULONG Vector, KIRQL,
                                  KIRQL SynchronizeIrql, KINTERRUPT_MODE, BOOLEAN ShareVector,
                                  KAFFINITY ProcessorEnableMask, BOOLEAN) {
    return connect_line({find_vector(Vector, ProcessorEnableMask), ServiceRoutine, ServiceContext, SpinLock,
                         SynchronizeIrql, ShareVector != FALSE, InterruptObject});
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioconnectinterruptex
NTSTATUS NTAPI IoConnectInterruptEx(PIO_CONNECT_INTERRUPT_PARAMETERS Parameters) {
    return connect(*Parameters);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iodisconnectinterrupt
void NTAPI IoDisconnectInterrupt(PKINTERRUPT Interrupt) {
    const std::unique_ptr<InterruptObject> object(&interrupt_object(Interrupt));
    disconnect(*object);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iodisconnectinterruptex
void NTAPI IoDisconnectInterruptEx(PIO_DISCONNECT_INTERRUPT_PARAMETERS Parameters) {
    if (Parameters->Version != CONNECT_MESSAGE_BASED) {
        IoDisconnectInterrupt(Parameters->ConnectionContext.InterruptObject);
        return;
    }
    const auto messages = take_messages(Parameters->ConnectionContext.InterruptMessageTable);
    if (!messages) return;
    for (const auto& object : messages->objects) disconnect(*object);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioreportinterruptactive
void NTAPI IoReportInterruptActive(PIO_DISCONNECT_INTERRUPT_PARAMETERS Parameters) {
    set_active(*Parameters, true);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioreportinterruptinactive
void NTAPI IoReportInterruptInactive(PIO_DISCONNECT_INTERRUPT_PARAMETERS Parameters) {
    set_active(*Parameters, false);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetaffinityinterrupt
NTSTATUS NTAPI IoGetAffinityInterrupt(PKINTERRUPT Interrupt, PGROUP_AFFINITY GroupAffinity) {
    if (!Interrupt || !GroupAffinity) return STATUS_INVALID_PARAMETER;
    *GroupAffinity = {};
    GroupAffinity->Mask = interrupt_object(Interrupt).vector->affinity;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keacquireinterruptspinlock
KIRQL NTAPI KeAcquireInterruptSpinLock(PKINTERRUPT Interrupt) {
    InterruptObject& object = interrupt_object(Interrupt);
    const KIRQL old = raise_irql(object.synchronize_irql);
    ke::acquire_spin_lock(*object.lock);
    return old;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereleaseinterruptspinlock
void NTAPI KeReleaseInterruptSpinLock(PKINTERRUPT Interrupt, KIRQL OldIrql) {
    ke::release_spin_lock(*interrupt_object(Interrupt).lock);
    lower_irql(OldIrql);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kesynchronizeexecution
BOOLEAN NTAPI KeSynchronizeExecution(PKINTERRUPT Interrupt, PKSYNCHRONIZE_ROUTINE SynchronizeRoutine,
                                     PVOID SynchronizeContext) {
    const KIRQL old = KeAcquireInterruptSpinLock(Interrupt);
    const BOOLEAN result = call_driver(SynchronizeRoutine, SynchronizeContext);
    KeReleaseInterruptSpinLock(Interrupt, old);
    return result;
}

}  // extern "C"
