#include "ndis/hardware/interrupt.h"

#include <algorithm>
#include <bit>

#include "ndis/adapter.h"
#include "ndis/driver.h"
#include "ndis/hardware/hardware.h"
#include "ndis/library_state.h"
#include "ndis/versions.h"
#include "nt/hal/bus.h"
#include "nt/image/call_gate.h"
#include "nt/ke/irql.h"
#include "nt/ke/processor.h"

namespace ndiskit::ndis {
namespace {

constexpr ULONG all_nbls = ~ULONG{0};

bool is_whole(const NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS& c) {
    if (!c.InterruptHandler || !c.InterruptDpcHandler || !c.DisableInterruptHandler ||
        !c.EnableInterruptHandler)
        return false;
    return !c.MsiSupported || (c.MessageInterruptHandler && c.MessageInterruptDpcHandler &&
                               c.DisableMessageInterruptHandler && c.EnableMessageInterruptHandler);
}

}  // namespace

Interrupt::Interrupt(Adapter& a, NDIS_HANDLE context, const NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS& handlers)
    : Handle(handle_kind), adapter(a), context_(context), handlers_(handlers) {}

PKINTERRUPT Interrupt::object_of(ULONG message) const {
    return is_message_based() ? table_->MessageInfo[std::min(message, messages() - 1)].InterruptObject
                              : line_;
}

NTSTATUS Interrupt::connect(PDEVICE_OBJECT physical, NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS& told) {
    // Before anything is connected: a handler may run at once.
    const nt::hal::Device* device = nt::hal::device_of(physical);
    const size_t messages =
        handlers_.MsiSupported && device ? std::max<size_t>(1, device->messages().size()) : 1;
    processors_ = nt::ke::processor_count();
    dpcs_ = std::make_unique<Dpc[]>(messages * processors_);
    for (ULONG i = 0; i < messages * processors_; ++i) {
        Dpc& entry = dpcs_[i];
        KeInitializeDpc(&entry.dpc, run_dpc, &entry);
        KeSetTargetProcessorDpc(&entry.dpc, static_cast<CCHAR>(i % processors_));
        entry.interrupt = this;
        entry.message = i / processors_;
    }
    IO_CONNECT_INTERRUPT_PARAMETERS p{};
    if (handlers_.MsiSupported) {
        p.Version = connected_ = CONNECT_MESSAGE_BASED;
        p.MessageBased.PhysicalDeviceObject = physical;
        // The table first: a handler that runs at once asks which message it is for.
        p.MessageBased.ConnectionContext.Generic = reinterpret_cast<PVOID*>(&table_);
        p.MessageBased.MessageServiceRoutine = serve_message;
        p.MessageBased.FallBackServiceRoutine = serve_line;
        p.MessageBased.ServiceContext = this;
        p.MessageBased.SpinLock = handlers_.MsiSyncWithAllMessages ? &all_messages_ : nullptr;
    } else {
        p.Version = connected_ = CONNECT_LINE_BASED;
        p.LineBased.PhysicalDeviceObject = physical;
        p.LineBased.InterruptObject = &line_;
        p.LineBased.ServiceRoutine = serve_line;
        p.LineBased.ServiceContext = this;
    }
    const NTSTATUS status = IoConnectInterruptEx(&p);
    if (!NT_SUCCESS(status)) return status;
    connected_ = p.Version;
    if (!is_message_based() && handlers_.MsiSupported)
        line_ = reinterpret_cast<PKINTERRUPT>(std::exchange(table_, nullptr));
    told.InterruptType = is_message_based() ? NDIS_CONNECT_MESSAGE_BASED : NDIS_CONNECT_LINE_BASED;
    told.MessageInfoTable = table_;
    return STATUS_SUCCESS;
}

void Interrupt::disconnect() {
    IO_DISCONNECT_INTERRUPT_PARAMETERS p{};
    p.Version = connected_;
    p.ConnectionContext.Generic = is_message_based() ? static_cast<PVOID>(table_) : line_;
    const ULONG count = messages() * processors_;
    IoDisconnectInterruptEx(&p);
    // A DPC may queue another one until the last has run.
    KeFlushQueuedDpcs();
    for (ULONG i = 0; i < count; ++i) KeRemoveQueueDpc(&dpcs_[i].dpc);
    KeFlushQueuedDpcs();
}

KAFFINITY Interrupt::queue_dpcs(ULONG message, KAFFINITY processors, PVOID context) {
    KAFFINITY queued = 0;
    if (message >= messages()) return 0;
    for (ULONG number = 0; number < processors_; ++number) {
        const KAFFINITY bit = KAFFINITY{1} << number;
        if ((processors & bit) != 0 &&
            KeInsertQueueDpc(&dpcs_[message * processors_ + number].dpc, context, nullptr))
            queued |= bit;
    }
    return queued;
}

void Interrupt::finish_service(ULONG message, BOOLEAN queue_default, ULONG targets) {
    if (queue_default)
        queue_dpcs(message, KAFFINITY{1} << nt::ke::current_processor().number(), nullptr);
    else if (targets != 0)
        queue_dpcs(message, targets, nullptr);
}

BOOLEAN NTAPI Interrupt::serve_line(PKINTERRUPT, PVOID self) {
    auto& interrupt = *static_cast<Interrupt*>(self);
    BOOLEAN queue_default = FALSE;
    ULONG targets = 0;
    const BOOLEAN ours =
        nt::call_driver(interrupt.handlers_.InterruptHandler, interrupt.context_, &queue_default, &targets);
    interrupt.finish_service(0, queue_default, targets);
    return ours;
}

BOOLEAN NTAPI Interrupt::serve_message(PKINTERRUPT, PVOID self, ULONG message) {
    auto& interrupt = *static_cast<Interrupt*>(self);
    BOOLEAN queue_default = FALSE;
    ULONG targets = 0;
    const BOOLEAN ours = nt::call_driver(interrupt.handlers_.MessageInterruptHandler, interrupt.context_,
                                         message, &queue_default, &targets);
    interrupt.finish_service(message, queue_default, targets);
    return ours;
}

// A driver of 6.20 and later is told how much it may indicate at once; the rest it keeps for the next DPC,
// which NDIS queues when it says that there is more.
void NTAPI Interrupt::run_dpc(PKDPC, PVOID entry, PVOID context, PVOID) {
    const Dpc& dpc = *static_cast<Dpc*>(entry);
    Interrupt& interrupt = *dpc.interrupt;
    NDIS_RECEIVE_THROTTLE_PARAMETERS throttle{};
    throttle.MaxNblsToIndicate = all_nbls;
    PVOID const throttled = interrupt.adapter.driver.version >= ndis_6_20 ? &throttle : nullptr;
    if (interrupt.is_message_based())
        nt::call_driver(interrupt.handlers_.MessageInterruptDpcHandler, interrupt.context_, dpc.message,
                        context, throttled, nullptr);
    else
        nt::call_driver(interrupt.handlers_.InterruptDpcHandler, interrupt.context_, context, throttled,
                        nullptr);
    if (throttle.MoreNblsPending)
        interrupt.queue_dpcs(dpc.message, KAFFINITY{1} << nt::ke::current_processor().number(), context);
}

BOOLEAN Interrupt::synchronize(ULONG message, MINIPORT_SYNCHRONIZE_INTERRUPT_HANDLER routine, PVOID context) {
    return KeSynchronizeExecution(object_of(message), reinterpret_cast<PKSYNCHRONIZE_ROUTINE>(routine),
                                  context);
}

void Interrupt::set_enabled(bool enabled) {
    for (ULONG message = 0; message < messages(); ++message) {
        PKINTERRUPT const object = object_of(message);
        const KIRQL old = KeAcquireInterruptSpinLock(object);
        if (is_message_based())
            nt::call_driver(
                enabled ? handlers_.EnableMessageInterruptHandler : handlers_.DisableMessageInterruptHandler,
                context_, message);
        else
            nt::call_driver(enabled ? handlers_.EnableInterruptHandler : handlers_.DisableInterruptHandler,
                            context_);
        KeReleaseInterruptSpinLock(object, old);
    }
}

namespace {

NDIS_STATUS register_interrupt(Adapter& adapter, NDIS_HANDLE context,
                               NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS& given, NDIS_HANDLE& handle) {
    handle = nullptr;
    if (given.Header.Type != NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT ||
        given.Header.Revision < NDIS_MINIPORT_INTERRUPT_REVISION_1 ||
        given.Header.Size < NDIS_SIZEOF_MINIPORT_INTERRUPT_CHARACTERISTICS_REVISION_1)
        return NDIS_STATUS_BAD_VERSION;
    if (!adapter.attributes.registered || !is_whole(given)) return NDIS_STATUS_BAD_CHARACTERISTICS;
    auto interrupt = std::make_unique<Interrupt>(adapter, context, given);
    // The driver's handler may use the handle before this function returns.
    handle = interrupt.get();
    const NTSTATUS status = interrupt->connect(adapter.pdo, given);
    if (!NT_SUCCESS(status)) {
        handle = nullptr;
        return status;
    }
    adapter.hardware->claims.with(
        [&](Hardware::Claims& claims) { claims.interrupts.push_back(std::move(interrupt)); });
    return NDIS_STATUS_SUCCESS;
}

void deregister_interrupt(Interrupt& interrupt) {
    interrupt.disconnect();
    auto taken = interrupt.adapter.hardware->claims.with([&](Hardware::Claims& claims) {
        const auto found =
            std::ranges::find_if(claims.interrupts, [&](const auto& i) { return i.get() == &interrupt; });
        std::unique_ptr<Interrupt> own = std::move(*found);
        claims.interrupts.erase(found);
        return own;
    });
    library().bury(std::move(taken));
}

NDIS_STATUS configure_message(Adapter& adapter, const NDIS_MSIX_CONFIG_PARAMETERS& p) {
    nt::hal::Device* device = nt::hal::device_of(adapter.pdo);
    if (p.Header.Type != NDIS_OBJECT_TYPE_DEFAULT ||
        p.Header.Revision < NDIS_MSIX_CONFIG_PARAMETERS_REVISION_1 ||
        p.Header.Size < NDIS_SIZEOF_MSIX_CONFIG_PARAMETERS_REVISION_1 || device == nullptr)
        return NDIS_STATUS_INVALID_PARAMETER;
    bool done = false;
    switch (p.ConfigOperation) {
        case NdisMSIXTableConfigSetTableEntry:
            done = device->map_message(p.TableEntry, p.MessageNumber);
            break;
        case NdisMSIXTableConfigMaskTableEntry:
            done = device->mask_message(p.TableEntry, true);
            break;
        case NdisMSIXTableConfigUnmaskTableEntry:
            done = device->mask_message(p.TableEntry, false);
            break;
        default:
            break;
    }
    return done ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_PARAMETER;
}

}  // namespace
}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismregisterinterruptex
NDIS_STATUS NTAPI
NdisMRegisterInterruptEx(NDIS_HANDLE MiniportAdapterHandle, NDIS_HANDLE MiniportInterruptContext,
                         PNDIS_MINIPORT_INTERRUPT_CHARACTERISTICS MiniportInterruptCharacteristics,
                         PNDIS_HANDLE NdisInterruptHandle) {
    return register_interrupt(resolve<Adapter>(MiniportAdapterHandle, "NdisMRegisterInterruptEx"),
                              MiniportInterruptContext, *MiniportInterruptCharacteristics,
                              *NdisInterruptHandle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismderegisterinterruptex
VOID NTAPI NdisMDeregisterInterruptEx(NDIS_HANDLE NdisInterruptHandle) {
    deregister_interrupt(resolve<Interrupt>(NdisInterruptHandle, "NdisMDeregisterInterruptEx"));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismqueuedpc
ULONG NTAPI NdisMQueueDpc(NDIS_HANDLE NdisInterruptHandle, ULONG MessageId, ULONG TargetProcessors,
                          PVOID MiniportDpcContext) {
    return static_cast<ULONG>(resolve<Interrupt>(NdisInterruptHandle, "NdisMQueueDpc")
                                  .queue_dpcs(MessageId, TargetProcessors, MiniportDpcContext));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismqueuedpcex
// All processors are in group 0.
KAFFINITY NTAPI NdisMQueueDpcEx(NDIS_HANDLE NdisInterruptHandle, ULONG MessageId,
                                PGROUP_AFFINITY TargetProcessors, PVOID MiniportDpcContext) {
    auto& interrupt = resolve<Interrupt>(NdisInterruptHandle, "NdisMQueueDpcEx");
    if (TargetProcessors->Group != 0) return 0;
    return interrupt.queue_dpcs(MessageId, TargetProcessors->Mask, MiniportDpcContext);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismsynchronizewithinterruptex
BOOLEAN NTAPI NdisMSynchronizeWithInterruptEx(NDIS_HANDLE NdisInterruptHandle, ULONG MessageId,
                                              MINIPORT_SYNCHRONIZE_INTERRUPT_HANDLER SynchronizeFunction,
                                              PVOID SynchronizeContext) {
    return resolve<Interrupt>(NdisInterruptHandle, "NdisMSynchronizeWithInterruptEx")
        .synchronize(MessageId, SynchronizeFunction, SynchronizeContext);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismconfigmsixtableentry
NDIS_STATUS NTAPI NdisMConfigMSIXTableEntry(NDIS_HANDLE NdisMiniportHandle,
                                            PNDIS_MSIX_CONFIG_PARAMETERS MSIXConfigParameters) {
    return configure_message(resolve<Adapter>(NdisMiniportHandle, "NdisMConfigMSIXTableEntry"),
                             *MSIXConfigParameters);
}

}  // extern "C"
