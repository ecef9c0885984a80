// What lets others look into a driver: events, debug prompts, performance counters.
#include "nt/exports.h"
#include "nt/rtl/counter_sets.h"

extern "C" {

// What the headers of drivers have inline or not at all.
NTSTATUS NTAPI EtwWriteEx(REGHANDLE, PCEVENT_DESCRIPTOR, ULONG64, ULONG, LPCGUID, LPCGUID, ULONG,
                          PEVENT_DATA_DESCRIPTOR);
NTSTATUS NTAPI EtwActivityIdControl(ULONG, LPGUID);
NTSTATUS NTAPI WmiTraceMessageVa(TRACEHANDLE, ULONG, LPCGUID, USHORT, __builtin_ms_va_list);
ULONG NTAPI DbgPrompt(PCCH, PCHAR, ULONG);

}  // extern "C"

namespace ndiskit::nt {

static const Export rows[] = {
    // clang-format off
    {"EtwWriteEx", reinterpret_cast<const void*>(EtwWriteEx), MaxIrql::any},
    {"EtwActivityIdControl", reinterpret_cast<const void*>(EtwActivityIdControl), MaxIrql::any},
    {"WmiTraceMessageVa", reinterpret_cast<const void*>(WmiTraceMessageVa), MaxIrql::any},
    {"DbgPrompt", reinterpret_cast<const void*>(DbgPrompt), MaxIrql::any},
    {"PcwRegister", reinterpret_cast<const void*>(PcwRegister), MaxIrql::apc},
    {"PcwUnregister", reinterpret_cast<const void*>(PcwUnregister), MaxIrql::apc},
    {"PcwCreateInstance", reinterpret_cast<const void*>(PcwCreateInstance), MaxIrql::apc},
    {"PcwCloseInstance", reinterpret_cast<const void*>(PcwCloseInstance), MaxIrql::apc},
    {"PcwAddInstance", reinterpret_cast<const void*>(PcwAddInstance), MaxIrql::apc, Support::refuses, "nobody collects counters here, so that no buffer is handed out"},
    // clang-format on
};

std::span<const Export> diagnosis_exports() { return rows; }

}  // namespace ndiskit::nt
