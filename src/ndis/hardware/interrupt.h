// The interrupt of a miniport adapter: a connection to the line or the messages of its device, and the DPCs
// that its handler asks for, one a message and processor.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "ndis/abi.h"
#include "ndis/handle.h"

namespace ndiskit::ndis {

class Adapter;

class Interrupt : public Handle {
  public:
    static constexpr HandleKind handle_kind = HandleKind::interrupt;
    Interrupt(Adapter& adapter, NDIS_HANDLE context, const NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS& handlers);

    // Connects to the messages of the device, if it has any and the driver can serve them, else to its line.
    NTSTATUS connect(PDEVICE_OBJECT physical, NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS& told);
    // On return neither handlers nor DPCs run any more. PASSIVE_LEVEL.
    void disconnect();

    // Queues the DPCs of a message on processors; returns those where none was queued already.
    KAFFINITY queue_dpcs(ULONG message, KAFFINITY processors, PVOID context);
    BOOLEAN synchronize(ULONG message, MINIPORT_SYNCHRONIZE_INTERRUPT_HANDLER routine, PVOID context);
    // MiniportDisableInterruptEx and MiniportEnableInterruptEx, or their forms for messages, at DIRQL.
    void set_enabled(bool enabled);

    Adapter& adapter;

  private:
    struct Dpc {
        KDPC dpc;
        Interrupt* interrupt;
        ULONG message;
    };

    bool is_message_based() const { return connected_ == CONNECT_MESSAGE_BASED; }
    ULONG messages() const { return is_message_based() ? table_->MessageCount : 1; }
    PKINTERRUPT object_of(ULONG message) const;
    void prepare_dpcs();
    void finish_service(ULONG message, BOOLEAN queue_default, ULONG targets);

    static BOOLEAN NTAPI serve_line(PKINTERRUPT object, PVOID self);
    static BOOLEAN NTAPI serve_message(PKINTERRUPT object, PVOID self, ULONG message);
    static void NTAPI run_dpc(PKDPC dpc, PVOID entry, PVOID context, PVOID);

    const NDIS_HANDLE context_;
    NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS handlers_{};
    ULONG connected_ = 0;  // CONNECT_LINE_BASED or CONNECT_MESSAGE_BASED
    PKINTERRUPT line_ = nullptr;
    PIO_INTERRUPT_MESSAGE_INFO table_ = nullptr;
    KSPIN_LOCK all_messages_ = 0;  // of a driver that wants its messages serialised
    std::unique_ptr<Dpc[]> dpcs_;  // by message, then processor
    ULONG processors_ = 0;
};

}  // namespace ndiskit::ndis
