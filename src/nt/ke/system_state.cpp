// What drivers ask of the machine as a whole: is a kernel debugger there, which firmware, which product.
#include <algorithm>
#include <vector>

#include "base/guarded.h"
#include "engine/engine.h"
#include "nt/ke/api.h"
#include "nt/ke/processor.h"
#include "nt/machine.h"

using namespace ndiskit::nt;

namespace {

constexpr ULONG most_hardware_counters = 16;

struct State {
    PVOID bound_callback = nullptr;
    std::vector<HARDWARE_COUNTER> counters;
};

ndiskit::Guarded<State, ndiskit::LockRank::nt_leaf>& state() {
    static auto* const it = new ndiskit::Guarded<State, ndiskit::LockRank::nt_leaf>();
    return *it;
}

}  // namespace

extern "C" {

// Variables that drivers import. The machine was booted with no debug controls.
BOOLEAN nt_KdDebuggerEnabled = FALSE;
BOOLEAN nt_KdDebuggerNotPresent = TRUE;
ULONG nt_InitSafeBootMode = 0;
CCHAR nt_KeNumberProcessors = 0;
ULONG nt_NtBuildNumber = 0;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kddisabledebugger
NTSTATUS NTAPI KdDisableDebugger() { return STATUS_DEBUGGER_INACTIVE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kdenabledebugger
NTSTATUS NTAPI KdEnableDebugger() { return STATUS_DEBUGGER_INACTIVE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kdchangeoption
NTSTATUS NTAPI KdChangeOption(KD_OPTION, ULONG, PVOID, ULONG, PVOID, PULONG) {
    return STATUS_DEBUGGER_INACTIVE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kdrefreshdebuggernotpresent
BOOLEAN NTAPI KdRefreshDebuggerNotPresent() { return nt_KdDebuggerNotPresent = TRUE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exgetfirmwaretype
FIRMWARE_TYPE NTAPI ExGetFirmwareType() { return FirmwareTypeBios; }

// A BIOS has no variables.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exgetfirmwareenvironmentvariable
NTSTATUS NTAPI ExGetFirmwareEnvironmentVariable(PUNICODE_STRING, LPGUID, PVOID, PULONG, PULONG) {
    return STATUS_NOT_IMPLEMENTED;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exsetfirmwareenvironmentvariable
NTSTATUS NTAPI ExSetFirmwareEnvironmentVariable(PUNICODE_STRING, LPGUID, PVOID, ULONG, ULONG) {
    return STATUS_NOT_IMPLEMENTED;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exissoftboot
BOOLEAN NTAPI ExIsSoftBoot() { return FALSE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-exismanufacturingmodeenabled
BOOLEAN NTAPI ExIsManufacturingModeEnabled() { return FALSE; }

// Remote administration is part of every Windows; no other suite is installed.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-exverifysuite
BOOLEAN NTAPI ExVerifySuite(SUITE_TYPE SuiteType) {
    return SuiteType == TerminalServer || SuiteType == SingleUserTS;
}

// A random one (version 4), which is unique everywhere.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-exuuidcreate
NTSTATUS NTAPI ExUuidCreate(GUID* Uuid) {
    for (auto* half = reinterpret_cast<uint64_t*>(Uuid); half != reinterpret_cast<uint64_t*>(Uuid + 1);
         ++half) {
        const auto word = [] { return ndiskit::engine::the().draw(uint64_t{1} << 32); };
        *half = word() << 32 | word();
    }
    Uuid->Data3 = static_cast<USHORT>((Uuid->Data3 & 0x0FFF) | 0x4000);
    Uuid->Data4[0] = static_cast<UCHAR>((Uuid->Data4[0] & 0x3F) | 0x80);
    return STATUS_SUCCESS;
}

// Bound exceptions come from user-mode code of 32 bits, which does not run here.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keregisterboundcallback
PVOID NTAPI KeRegisterBoundCallback(PVOID CallbackRoutine) {
    return state().with([&](State& s) -> PVOID {
        if (s.bound_callback) return nullptr;
        return s.bound_callback = CallbackRoutine;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kederegisterboundcallback
NTSTATUS NTAPI KeDeregisterBoundCallback(PVOID Handle) {
    return state().with([&](State& s) {
        if (!Handle || s.bound_callback != Handle) return STATUS_INVALID_HANDLE;
        s.bound_callback = nullptr;
        return STATUS_SUCCESS;
    });
}

// What a profiler of threads would count by; no thread is profiled.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-kesethardwarecounterconfiguration
NTSTATUS NTAPI KeSetHardwareCounterConfiguration(PHARDWARE_COUNTER CounterArray, ULONG Count) {
    if (Count > most_hardware_counters) return STATUS_INVALID_PARAMETER;
    state().with([&](State& s) { s.counters.assign(CounterArray, CounterArray + Count); });
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-kequeryhardwarecounterconfiguration
NTSTATUS NTAPI KeQueryHardwareCounterConfiguration(PHARDWARE_COUNTER CounterArray, ULONG MaximumCount,
                                                   PULONG Count) {
    return state().with([&](State& s) {
        *Count = static_cast<ULONG>(s.counters.size());
        if (MaximumCount < *Count) return STATUS_BUFFER_TOO_SMALL;
        std::copy(s.counters.begin(), s.counters.end(), CounterArray);
        return STATUS_SUCCESS;
    });
}

}  // extern "C"
