// Time as drivers ask for it. All of it derives from the engine's clock; the performance counter runs at 10
// MHz, as on Windows 10 and later.
#include <algorithm>

#include "base/guarded.h"
#include "nt/ke/api.h"
#include "nt/ke/irql.h"
#include "nt/ke/machine.h"
#include "nt/ke/processor.h"

#include "engine/engine.h"

using namespace ndiskit::nt;
namespace engine = ndiskit::engine;

namespace {

constexpr LONGLONG units_per_second = 10'000'000;
constexpr LONGLONG time_increment = 156'250;

// The clock's, which drivers change; those that do take it back.
constexpr ULONG finest_resolution = 5'000, coarsest_resolution = time_increment;
struct Resolution {
    ULONG current = coarsest_resolution;
    ULONG requests = 0;
};
ndiskit::Guarded<Resolution, ndiskit::LockRank::nt_leaf> resolution;

LONGLONG interrupt_time() { return engine::the().now() / 100; }

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequeryperformancecounter
LARGE_INTEGER NTAPI KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency) {
    if (PerformanceFrequency) PerformanceFrequency->QuadPart = units_per_second;
    return {.QuadPart = interrupt_time()};
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerytimeincrement
ULONG NTAPI KeQueryTimeIncrement() { return time_increment; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerytickcount
void NTAPI KeQueryTickCount(PLARGE_INTEGER CurrentCount) {
    CurrentCount->QuadPart = interrupt_time() / time_increment;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerysystemtime
void NTAPI KeQuerySystemTime(PLARGE_INTEGER CurrentTime) {
    CurrentTime->QuadPart = engine::the().system_time();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerysystemtimeprecise
void NTAPI KeQuerySystemTimePrecise(PLARGE_INTEGER CurrentTime) {
    CurrentTime->QuadPart = engine::the().system_time();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequeryinterrupttime
ULONGLONG NTAPI KeQueryInterruptTime() { return static_cast<ULONGLONG>(interrupt_time()); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequeryinterrupttimeprecise
ULONGLONG NTAPI KeQueryInterruptTimePrecise(PULONG64 QpcTimeStamp) {
    const auto now = static_cast<ULONGLONG>(interrupt_time());
    if (QpcTimeStamp) *QpcTimeStamp = now;
    return now;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequeryunbiasedinterrupttime
// The machine never sleeps, so there is no bias.
ULONGLONG NTAPI KeQueryUnbiasedInterruptTime() { return static_cast<ULONGLONG>(interrupt_time()); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequeryunbiasedinterrupttimeprecise
ULONGLONG NTAPI KeQueryUnbiasedInterruptTimePrecise(PULONG64 QpcTimeStamp) {
    return KeQueryInterruptTimePrecise(QpcTimeStamp);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kestallexecutionprocessor
// On sim the clock moves when nobody runs, so the stall is a sleep there; the caller keeps its processor and
// IRQL.
void NTAPI KeStallExecutionProcessor(ULONG MicroSeconds) {
    const engine::Time until = engine::the().now() + MicroSeconds * engine::microsecond;
    while (engine::the().now() < until) {
        if (ke::deterministic)
            engine::the().park(until);
        else
            __builtin_ia32_pause();
    }
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exsettimerresolution
// What was asked for is kept and told. Timers expire as finely as the host's in any case: a resolution says
// what is the coarsest.
ULONG NTAPI ExSetTimerResolution(ULONG DesiredTime, BOOLEAN SetResolution) {
    return resolution.with([&](Resolution& now) {
        if (SetResolution) {
            ++now.requests;
            now.current = std::clamp(DesiredTime, finest_resolution, now.current);
        } else if (now.requests > 0 && --now.requests == 0) {
            now.current = coarsest_resolution;
        }
        return now.current;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exquerytimerresolution
void NTAPI ExQueryTimerResolution(PULONG MaximumTime, PULONG MinimumTime, PULONG CurrentTime) {
    *MaximumTime = coarsest_resolution;
    *MinimumTime = finest_resolution;
    *CurrentTime = resolution.with([](const Resolution& now) { return now.current; });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exsystemtimetolocaltime
// The machine's time zone is UTC.
void NTAPI ExSystemTimeToLocalTime(PLARGE_INTEGER SystemTime, PLARGE_INTEGER LocalTime) {
    *LocalTime = *SystemTime;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exlocaltimetosystemtime
void NTAPI ExLocalTimeToSystemTime(PLARGE_INTEGER LocalTime, PLARGE_INTEGER SystemTime) {
    *SystemTime = *LocalTime;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequeryauxiliarycounterfrequency
NTSTATUS NTAPI KeQueryAuxiliaryCounterFrequency(PULONG64 AuxiliaryCounterFrequency) {
    return STATUS_NOT_SUPPORTED;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keconvertauxiliarycountertoperformancecounter
NTSTATUS NTAPI KeConvertAuxiliaryCounterToPerformanceCounter(ULONG64, PULONG64, PULONG64) {
    return STATUS_NOT_SUPPORTED;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keconvertperformancecountertoauxiliarycounter
NTSTATUS NTAPI KeConvertPerformanceCounterToAuxiliaryCounter(ULONG64, PULONG64, PULONG64) {
    return STATUS_NOT_SUPPORTED;
}

}  // extern "C"
