// Check-for-hang and reset. Protocols hear NDIS_STATUS_RESET_START and _END around MiniportResetEx; NDIS restores the
// packet filter and multicast list when the driver says that addressing was reset. A reset does not change the
// adapter's state.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nc-ndis-miniport_reset
#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/library.h"
#include "ndis/library_state.h"
#include "ndis/misuse.h"
#include "ndis/oid_combine.h"
#include "ndis/pnp_work.h"
#include "ndis/status.h"

namespace ndiskit::ndis {

void restore_addressing(Adapter& adapter) {
    uint32_t filter = adapter.packet_filter;
    request_oid(adapter, NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, &filter, sizeof(filter));
    std::vector<MacAddress> list = multicast_union(adapter);
    request_oid(adapter, NdisRequestSetInformation, OID_802_3_MULTICAST_LIST, list.data(),
                static_cast<uint32_t>(list.size() * sizeof(MacAddress)));
}

namespace {

void reset(Adapter& adapter) {
    const auto handler = adapter.driver.handlers.ResetHandlerEx;
    if (handler == nullptr || !adapter.initialized())
        return;
    indicate_own_status(adapter, NDIS_STATUS_RESET_START, nullptr, 0);
    ResetOperation operation;
    adapter.pending_reset.store(&operation, std::memory_order_release);
    BOOLEAN addressing_reset = false;
    NDIS_STATUS status = handler(adapter.context, &addressing_reset);
    if (status == NDIS_STATUS_PENDING) {
        status = operation.done.wait();
        addressing_reset = operation.addressing_reset;
    }
    adapter.pending_reset.store(nullptr, std::memory_order_release);
    if (addressing_reset && status == NDIS_STATUS_SUCCESS)
        restore_addressing(adapter);
    indicate_own_status(adapter, NDIS_STATUS_RESET_END, &status, sizeof(status));
}

void check(Adapter& adapter) {
    PnpHold hold(adapter.pnp);
    const auto handler = adapter.driver.handlers.CheckForHangHandlerEx;
    if (adapter.mark != Handle::live || handler == nullptr || !adapter.initialized() ||
        adapter.power != NdisDeviceStateD0)
        return;
    if (handler(adapter.context))
        reset(adapter);
}

}  // namespace

void check_for_hang() {
    for (Adapter* adapter : library().adapters())
        check(*adapter);
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismresetminiport
extern "C" void NTAPI NdisMResetMiniport(NDIS_HANDLE MiniportAdapterHandle) {
    queue_pnp_work([adapter = &resolve<Adapter>(MiniportAdapterHandle, "NdisMResetMiniport")] {
        PnpHold hold(adapter->pnp);
        if (adapter->mark == Handle::live)
            reset(*adapter);
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismresetcomplete
extern "C" void NTAPI NdisMResetComplete(NDIS_HANDLE MiniportAdapterHandle, NDIS_STATUS Status,
                                         BOOLEAN AddressingReset) {
    auto& adapter = resolve<Adapter>(MiniportAdapterHandle, "NdisMResetComplete");
    ResetOperation* operation = adapter.pending_reset.exchange(nullptr, std::memory_order_acq_rel);
    if (operation == nullptr)
        misuse(Misuse::reset_complete_unexpected, "NdisMResetComplete without a reset that is pending",
               reinterpret_cast<uint64_t>(&adapter), static_cast<uint32_t>(Status), AddressingReset);
    operation->addressing_reset = AddressingReset;
    operation->done.complete(Status);
}
