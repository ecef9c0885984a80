// Threads as drivers make and ask for them.
#include <fmt/core.h>

#include <algorithm>

#include "nt/bugcheck.h"
#include "nt/ke/api.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/irql.h"
#include "nt/ke/process.h"
#include "nt/ke/thread.h"
#include "nt/object/handle_filters.h"

using namespace ndiskit::nt;
namespace engine = ndiskit::engine;

namespace {

constexpr uint32_t invalid_system_thread = 0x1;
constexpr uint32_t irql_not_less_or_equal = 0xA;
constexpr engine::Time time_unit = 100;

ke::ThreadObject& of(PETHREAD thread) { return *ke::thread_object(thread); }

void check_passive(const char* what, const void* routine) {
    if (const KIRQL irql = current_irql(); irql != PASSIVE_LEVEL)
        bug_check_because(fmt::format("{} was called at IRQL {}", what, irql), irql_not_less_or_equal,
                          reinterpret_cast<uint64_t>(routine), irql);
}

void make_thread(std::function<void()> body, ULONG access, CLIENT_ID* id, HANDLE* handle) {
    ke::ThreadObject& thread = ke::start_thread("driver thread", std::move(body), {.driver_thread = true});
    if (id) {
        id->UniqueProcess = reinterpret_cast<HANDLE>(ke::system_process_id);
        id->UniqueThread = reinterpret_cast<HANDLE>(thread.id);
    }
    *handle = object::open_filtered(ke::kthread(&thread), access, true);
    ke::dereference_thread(thread);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pscreatesystemthread
NTSTATUS NTAPI PsCreateSystemThread(PHANDLE ThreadHandle, ULONG DesiredAccess,
                                    POBJECT_ATTRIBUTES ObjectAttributes, HANDLE ProcessHandle,
                                    PCLIENT_ID ClientId, PKSTART_ROUTINE StartRoutine, PVOID StartContext) {
    check_passive("PsCreateSystemThread", reinterpret_cast<const void*>(StartRoutine));
    make_thread([=] { StartRoutine(StartContext); }, DesiredAccess, ClientId, ThreadHandle);
    return STATUS_SUCCESS;
}

// The object (of a driver or device) stays as long as the thread runs.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocreatesystemthread
NTSTATUS NTAPI IoCreateSystemThread(PVOID IoObject, PHANDLE ThreadHandle, ULONG DesiredAccess,
                                    POBJECT_ATTRIBUTES, HANDLE, PCLIENT_ID ClientId,
                                    PKSTART_ROUTINE StartRoutine, PVOID StartContext) {
    check_passive("IoCreateSystemThread", reinterpret_cast<const void*>(StartRoutine));
    object::reference(IoObject);
    const auto held = std::shared_ptr<void>(IoObject, object::dereference);
    make_thread([=] { StartRoutine(StartContext), static_cast<void>(held); }, DesiredAccess, ClientId,
                ThreadHandle);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-psterminatesystemthread
NTSTATUS NTAPI PsTerminateSystemThread(NTSTATUS ExitStatus) {
    if (!ke::current_thread()->body)
        bug_check_because(
            "PsTerminateSystemThread was called in a thread that is not a system thread of its own",
            invalid_system_thread);
    ke::terminate_current_thread(ExitStatus);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kegetcurrentthread
PKTHREAD NTAPI KeGetCurrentThread() { return ke::kthread(ke::current_thread()); }
PETHREAD NTAPI PsGetCurrentThread() { return reinterpret_cast<PETHREAD>(ke::current_thread()); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgetcurrentthreadid
HANDLE NTAPI PsGetCurrentThreadId() { return reinterpret_cast<HANDLE>(ke::current_thread()->id); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgetthreadid
HANDLE NTAPI PsGetThreadId(PETHREAD Thread) { return reinterpret_cast<HANDLE>(of(Thread).id); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgetthreadprocessid
HANDLE NTAPI PsGetThreadProcessId(PETHREAD Thread) { return PsGetCurrentProcessId(); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgetcurrentthreadteb
// Kernel threads have none.
PVOID NTAPI PsGetCurrentThreadTeb() { return nullptr; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgetthreadexitstatus
NTSTATUS NTAPI PsGetThreadExitStatus(PETHREAD Thread) {
    const ke::ThreadObject& thread = of(Thread);
    return ke::with_dispatcher(
        [&](ke::Dispatch&) { return thread.header.SignalState > 0 ? thread.exit_status : STATUS_PENDING; });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgetthreadcreatetime
LONGLONG NTAPI PsGetThreadCreateTime(PETHREAD Thread) { return of(Thread).create_time; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-psiscurrentthreadprefetching
BOOLEAN NTAPI PsIsCurrentThreadPrefetching() { return ke::current_thread()->prefetching; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-pssetcurrentthreadprefetching
BOOLEAN NTAPI PsSetCurrentThreadPrefetching(BOOLEAN Prefetching) {
    return std::exchange(ke::current_thread()->prefetching, Prefetching != FALSE);
}

// Stacks are never swapped out; what is kept is what the caller asked for.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-kesetkernelstackswapenable
BOOLEAN NTAPI KeSetKernelStackSwapEnable(BOOLEAN Enable) {
    return std::exchange(ke::current_thread()->stack_swap, Enable != FALSE);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-psissystemthread
BOOLEAN NTAPI PsIsSystemThread(PETHREAD Thread) { return TRUE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-psisthreadterminating
BOOLEAN NTAPI PsIsThreadTerminating(PETHREAD Thread) { return of(Thread).terminating; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-pslookupthreadbythreadid
NTSTATUS NTAPI PsLookupThreadByThreadId(HANDLE UniqueThreadId, PETHREAD* Thread) {
    ke::ThreadObject* const found = ke::find_thread(reinterpret_cast<uint64_t>(UniqueThreadId));
    if (!found) return STATUS_INVALID_PARAMETER;
    object::reference(found);
    ke::dereference_thread(*found);
    *Thread = reinterpret_cast<PETHREAD>(found);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-kesetprioritythread
// Priorities are kept and shown; the engine schedules without them.
KPRIORITY NTAPI KeSetPriorityThread(PKTHREAD Thread, KPRIORITY Priority) {
    return ke::thread_object(Thread)->priority.exchange(
        std::clamp(Priority, LOW_PRIORITY + 1, HIGH_PRIORITY));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequeryprioritythread
KPRIORITY NTAPI KeQueryPriorityThread(PKTHREAD Thread) { return ke::thread_object(Thread)->priority; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-kesetbaseprioritythread
LONG NTAPI KeSetBasePriorityThread(PKTHREAD Thread, LONG Increment) {
    constexpr KPRIORITY base_of_process = 8;
    const KPRIORITY wanted = std::clamp(base_of_process + Increment, LOW_PRIORITY + 1, HIGH_PRIORITY);
    return ke::thread_object(Thread)->priority.exchange(wanted) - base_of_process;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequeryruntimethread
// Threads have no user mode.
ULONG NTAPI KeQueryRuntimeThread(PKTHREAD Thread, PULONG UserTime) {
    if (UserTime) *UserTime = 0;
    const engine::Time tick = KeQueryTimeIncrement() * time_unit;
    return static_cast<ULONG>(ke::run_time_of(*ke::thread_object(Thread)) / tick);
}

// The cycle counter of this machine counts nanoseconds.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerytotalcycletimethread
ULONG64 NTAPI KeQueryTotalCycleTimeThread(PKTHREAD Thread, PULONG64 CycleTimeStamp) {
    *CycleTimeStamp = static_cast<ULONG64>(engine::the().now());
    return static_cast<ULONG64>(ke::run_time_of(*ke::thread_object(Thread)));
}

// There is one process.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-psquerytotalcycletimeprocess
ULONG64 NTAPI PsQueryTotalCycleTimeProcess(PEPROCESS, PULONG64 CycleTimeStamp) {
    *CycleTimeStamp = static_cast<ULONG64>(engine::the().now());
    return static_cast<ULONG64>(ke::run_time_of_all());
}

}  // extern "C"
