// Check-for-hang and reset. Protocols hear NDIS_STATUS_RESET_START and _END around MiniportResetEx. When the driver says
// that addressing was reset, NDIS restores the packet filter, the multicast list, the encapsulation of offloads and the
// wake-up patterns of old; what OID_PM_ADD_WOL_PATTERN set is the driver's own to restore. A reset does not change the
// adapter's state.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nc-ndis-miniport_reset
// https://learn.microsoft.com/windows-hardware/drivers/network/hardware-reset
#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/library.h"
#include "ndis/library_state.h"
#include "ndis/misuse.h"
#include "ndis/oid_combine.h"
#include "ndis/pnp_work.h"
#include "ndis/reset.h"
#include "ndis/settings.h"
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

void restore_settings(Adapter& adapter) {
    NDIS_OFFLOAD_ENCAPSULATION encapsulation =
        adapter.settings->offload.encapsulation.with([](const auto& e) { return e; });
    if (encapsulation.Header.Size != 0)
        request_oid(adapter, NdisRequestSetInformation, OID_OFFLOAD_ENCAPSULATION, &encapsulation,
                    sizeof(encapsulation));
    for (std::vector<std::byte>& pattern : adapter.settings->wake.old_patterns.all())
        request_oid(adapter, NdisRequestSetInformation, OID_PNP_ADD_WAKE_UP_PATTERN, pattern.data(),
                    static_cast<uint32_t>(pattern.size()));
}

// With soft errors the adapter has been reset all the same.
bool was_reset(NDIS_STATUS status) { return status == NDIS_STATUS_SUCCESS || status == NDIS_STATUS_SOFT_ERRORS; }

void end_reset(Adapter& adapter, NDIS_STATUS status, bool addressing_reset) {
    PnpHold hold(adapter.pnp);
    if (adapter.mark != Handle::live || !adapter.initialized())
        return;
    if (addressing_reset && was_reset(status)) {
        restore_addressing(adapter);
        restore_settings(adapter);
    }
    indicate_own_status(adapter, NDIS_STATUS_RESET_END, &status, sizeof(status));
}

// The driver has finished. False when no reset was pending.
bool take_pending(Adapter& adapter) {
    if (!adapter.reset_pending.exchange(false, std::memory_order_acq_rel))
        return false;
    KeSetEvent(&adapter.reset_over, 0, false);
    return true;
}

// A pause may come while the driver takes its time, so nothing waits here; a halt does.
void reset(Adapter& adapter) {
    PnpHold hold(adapter.pnp);
    const auto handler = adapter.driver.handlers.ResetHandlerEx;
    if (adapter.mark != Handle::live || handler == nullptr || !adapter.initialized() ||
        adapter.reset_pending.exchange(true, std::memory_order_acq_rel))
        return;
    KeClearEvent(&adapter.reset_over);
    indicate_own_status(adapter, NDIS_STATUS_RESET_START, nullptr, 0);
    BOOLEAN addressing_reset = false;
    const NDIS_STATUS status = handler(adapter.context, &addressing_reset);
    if (status == NDIS_STATUS_PENDING)
        return;
    take_pending(adapter);
    end_reset(adapter, status, addressing_reset);
}

// A suspended adapter is not asked, and not woken for it.
bool hangs(Adapter& adapter) {
    PnpHold hold(adapter.pnp, PnpHold::as_it_is);
    const auto handler = adapter.driver.handlers.CheckForHangHandlerEx;
    if (adapter.mark != Handle::live || handler == nullptr || !adapter.initialized() ||
        adapter.power != NdisDeviceStateD0 || !adapter.suspend.is_active())
        return false;
    const bool stuck = adapter.hang_watch.is_stuck(adapter.oids.running());
    if (stuck)
        log_error("ndis", "{} has not completed an OID request for two checks; its adapter {} is reset",
                  adapter.driver.name, narrow(adapter.config.guid));
    return handler(adapter.context) || stuck;
}

}  // namespace

void check_for_hang(Adapter& adapter) {
    if (hangs(adapter))
        reset(adapter);
}

void wait_for_reset(Adapter& adapter) {
    KeWaitForSingleObject(&adapter.reset_over, Executive, KernelMode, false, nullptr);
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismresetminiport
extern "C" void NTAPI NdisMResetMiniport(NDIS_HANDLE MiniportAdapterHandle) {
    queue_pnp_work([adapter = &resolve<Adapter>(MiniportAdapterHandle, "NdisMResetMiniport")] { reset(*adapter); });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismresetcomplete
extern "C" void NTAPI NdisMResetComplete(NDIS_HANDLE MiniportAdapterHandle, NDIS_STATUS Status,
                                         BOOLEAN AddressingReset) {
    auto& adapter = resolve<Adapter>(MiniportAdapterHandle, "NdisMResetComplete");
    if (!take_pending(adapter))
        misuse(Misuse::reset_complete_unexpected, "NdisMResetComplete without a reset that is pending",
               reinterpret_cast<uint64_t>(&adapter), static_cast<uint32_t>(Status), AddressingReset);
    queue_pnp_work([&adapter, Status, AddressingReset] { end_reset(adapter, Status, AddressingReset); });
}
