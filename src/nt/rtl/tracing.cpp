// Event tracing. Providers register and get a handle, and write; no session listens on this machine, so that
// a provider is never enabled and events go nowhere. Drivers skip their events then, as on a Windows without
// a session.
// https://learn.microsoft.com/windows-hardware/drivers/devtest/adding-event-tracing-to-kernel-mode-drivers
#include <atomic>

#include "base/log.h"
#include "nt/abi.h"
#include "nt/ke/api.h"
#include "nt/ke/thread.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit::nt;

namespace {
std::atomic<REGHANDLE> next_provider = 1;
}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-etwregister
NTSTATUS NTAPI EtwRegister(LPCGUID provider, PETWENABLECALLBACK, PVOID, PREGHANDLE handle) {
    if (!provider || !handle) return STATUS_INVALID_PARAMETER;
    *handle = next_provider.fetch_add(1);
    return STATUS_SUCCESS;
}

static NTSTATUS check(REGHANDLE handle) {
    return handle && handle < next_provider.load() ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-etwunregister
NTSTATUS NTAPI EtwUnregister(REGHANDLE handle) { return check(handle); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-etwwrite
NTSTATUS NTAPI EtwWrite(REGHANDLE handle, PCEVENT_DESCRIPTOR, LPCGUID, ULONG, PEVENT_DATA_DESCRIPTOR) {
    return check(handle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-etwwritetransfer
NTSTATUS NTAPI EtwWriteTransfer(REGHANDLE handle, PCEVENT_DESCRIPTOR, LPCGUID, LPCGUID, ULONG,
                                PEVENT_DATA_DESCRIPTOR) {
    return check(handle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-etwwritestring
NTSTATUS NTAPI EtwWriteString(REGHANDLE handle, UCHAR, ULONGLONG, LPCGUID, PCWSTR) { return check(handle); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-etwwriteex
NTSTATUS NTAPI EtwWriteEx(REGHANDLE handle, PCEVENT_DESCRIPTOR, ULONG64, ULONG flags, LPCGUID, LPCGUID,
                          ULONG count, PEVENT_DATA_DESCRIPTOR) {
    constexpr ULONG most_blocks = 128;
    if (flags != 0 || count > most_blocks) return STATUS_INVALID_PARAMETER;
    return check(handle);
}

// A driver was attacked where it is mended. The one event that somebody hears of anyway: the event log.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-seetwwritekmcveevent
NTSTATUS NTAPI SeEtwWriteKMCveEvent(PCUNICODE_STRING CveId, PCUNICODE_STRING AdditionalDetails) {
    constexpr NTSTATUS error_invalid_parameter = 87;  // which is no NTSTATUS, but what the page says
    if (view_of(CveId).empty()) return error_invalid_parameter;
    ndiskit::log_warning("event log", "Audit-CVE: {} {}", to_utf8(view_of(CveId)),
                         to_utf8(view_of(AdditionalDetails)));
    return STATUS_SUCCESS;
}

// The activity that the calling thread works for; the same that IoGetActivityIdThread gives.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-etwactivityidcontrol
NTSTATUS NTAPI EtwActivityIdControl(ULONG code, LPGUID id) {
    enum { get = 1, set = 2, create = 3, get_set = 4, create_set = 5 };
    if (!id || code < get || code > create_set) return STATUS_INVALID_PARAMETER;
    if (code == create) return ExUuidCreate(id);
    ke::ThreadObject& thread = *ke::current_thread();
    const GUID before = thread.activity ? *thread.activity : GUID{};
    if (code == get) {
        *id = before;
        return STATUS_SUCCESS;
    }
    GUID next = *id;
    if (code == create_set) ExUuidCreate(&next);
    if (code != set) *id = before;
    thread.own_activity = next;
    thread.activity = &thread.own_activity;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-etweventenabled
BOOLEAN NTAPI EtwEventEnabled(REGHANDLE, PCEVENT_DESCRIPTOR) { return FALSE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-etwproviderenabled
BOOLEAN NTAPI EtwProviderEnabled(REGHANDLE, UCHAR, ULONGLONG) { return FALSE; }

// What TraceLogging calls after EtwRegister.
NTSTATUS NTAPI EtwSetInformation(REGHANDLE handle, ULONG, PVOID, ULONG) { return check(handle); }

// Of WPP: no session has a logger.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-wmitracemessage
NTSTATUS NTAPI WmiTraceMessage(TRACEHANDLE, ULONG, LPCGUID, USHORT, ...) { return STATUS_SUCCESS; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-wmitracemessageva
NTSTATUS NTAPI WmiTraceMessageVa(TRACEHANDLE, ULONG, LPCGUID, USHORT, __builtin_ms_va_list) {
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-wmiquerytraceinformation
NTSTATUS NTAPI WmiQueryTraceInformation(TRACE_INFORMATION_CLASS, PVOID, ULONG, PULONG, PVOID) {
    return STATUS_NOT_FOUND;
}

}  // extern "C"
