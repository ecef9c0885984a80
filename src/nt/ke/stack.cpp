// Stack limits. Drivers are told of a stack of the size that x64 Windows gives its threads (24 KB); the
// host's is larger, so a callout on an expanded stack needs no other stack, only other limits.
#include <algorithm>

#include "nt/bugcheck.h"
#include "nt/ke/api.h"
#include "nt/ke/irql.h"
#include "nt/ke/thread.h"

using namespace ndiskit::nt;

namespace {

constexpr uint32_t irql_unexpected_value = 0xC8;
// What lies between the callout and its caller; the callout has all of what it asked for.
constexpr SIZE_T own_frames = 0x400;
constexpr SIZE_T maximum_expansion = 0x12000 - PAGE_SIZE / 2;

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetstacklimits
void NTAPI IoGetStackLimits(PULONG_PTR LowLimit, PULONG_PTR HighLimit) {
    const ke::ThreadObject& thread = *ke::current_thread();
    *LowLimit = thread.stack_limit;
    *HighLimit = thread.stack_base;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetremainingstacksize
ULONG_PTR NTAPI IoGetRemainingStackSize() {
    const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    const uintptr_t limit = ke::current_thread()->stack_limit;
    return here > limit ? here - limit : 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowithinstacklimits
ULONG NTAPI IoWithinStackLimits(ULONG_PTR RegionStart, SIZE_T RegionSize) {
    const ke::ThreadObject& thread = *ke::current_thread();
    return RegionStart >= thread.stack_limit && RegionStart + RegionSize <= thread.stack_base &&
           RegionStart + RegionSize >= RegionStart;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-keexpandkernelstackandcalloutex
NTSTATUS NTAPI KeExpandKernelStackAndCalloutEx(PEXPAND_STACK_CALLOUT Callout, PVOID Parameter, SIZE_T Size,
                                               BOOLEAN Wait, PVOID Context) {
    if (Size > maximum_expansion) return STATUS_INVALID_PARAMETER_3;
    ke::ThreadObject& thread = *ke::current_thread();
    const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    const uintptr_t limit_before = thread.stack_limit;
    const KIRQL irql_before = current_irql();
    thread.stack_limit = std::min(limit_before, here - Size - own_frames);
    Callout(Parameter);
    thread.stack_limit = limit_before;
    const KIRQL irql = current_irql();
    if (irql != irql_before)
        bug_check_because("a callout on an expanded stack returned at another IRQL", irql_unexpected_value,
                          uint64_t{irql} << 16 | uint64_t{irql_before} << 8 | 2,
                          reinterpret_cast<uint64_t>(Callout), reinterpret_cast<uint64_t>(Parameter));
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-keexpandkernelstackandcallout
NTSTATUS NTAPI KeExpandKernelStackAndCallout(PEXPAND_STACK_CALLOUT Callout, PVOID Parameter, SIZE_T Size) {
    return KeExpandKernelStackAndCalloutEx(Callout, Parameter, Size, TRUE, nullptr);
}

}  // extern "C"
