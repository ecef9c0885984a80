// What drivers set of threads and of memory, ask about power, and show to who starts the machine.
#include <sys/mman.h>

#include "base/log.h"
#include "nt/abi.h"
#include "nt/ke/thread.h"
#include "nt/mdl/address_space.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"
#include "nt/system/set_information.h"

using namespace ndiskit;
using namespace ndiskit::nt;

namespace {

constexpr ULONG thread_priority = 2, thread_base_priority = 3, thread_page_priority = 24,
                thread_power_throttling = 49;
constexpr ULONG platform_information = 66;
constexpr ACCESS_MASK thread_set_information = 0x0020;
const HANDLE current_thread = reinterpret_cast<HANDLE>(int64_t{-2});

template <class T>
NTSTATUS take(T& value, const void* information, ULONG size) {
    if (size != sizeof value) return STATUS_INFO_LENGTH_MISMATCH;
    if (!information) return STATUS_ACCESS_VIOLATION;
    __builtin_memcpy(&value, information, sizeof value);
    return STATUS_SUCCESS;
}

NTSTATUS set_priority(PKTHREAD thread, const void* information, ULONG size) {
    KPRIORITY priority = 0;
    if (const NTSTATUS status = take(priority, information, size); !NT_SUCCESS(status)) return status;
    if (priority <= LOW_PRIORITY || priority > HIGH_PRIORITY) return STATUS_INVALID_PARAMETER;
    KeSetPriorityThread(thread, priority);
    return STATUS_SUCCESS;
}

// Up to two above or below the process' own, or at the end of its class.
NTSTATUS set_base_priority(PKTHREAD thread, const void* information, ULONG size) {
    constexpr LONG most = 2, idle = -15, time_critical = 15;
    LONG increment = 0;
    if (const NTSTATUS status = take(increment, information, size); !NT_SUCCESS(status)) return status;
    const bool ordinary = increment >= -most && increment <= most;
    if (!ordinary && increment != idle && increment != time_critical) return STATUS_INVALID_PARAMETER;
    // The variable class is the priorities 1 to 15, of which the process has the middle.
    constexpr KPRIORITY base = 8, first = 1, last = 15;
    KeSetPriorityThread(thread, increment == idle            ? first
                                : increment == time_critical ? last
                                                             : base + increment);
    return STATUS_SUCCESS;
}

// Memory is never paged out, so that its priority has nothing to decide.
NTSTATUS set_page_priority(const void* information, ULONG size) {
    constexpr ULONG very_low = 1, normal = 5;
    ULONG priority = 0;
    if (const NTSTATUS status = take(priority, information, size); !NT_SUCCESS(status)) return status;
    return priority >= very_low && priority <= normal ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

// The machine does not slow its processors down.
NTSTATUS set_power_throttling(const void* information, ULONG size) {
    constexpr ULONG version = 1, execution_speed = 1;
    POWER_THROTTLING_THREAD_STATE state = {};
    if (const NTSTATUS status = take(state, information, size); !NT_SUCCESS(status)) return status;
    const bool known = state.Version == version && !(state.ControlMask & ~execution_speed);
    return known && !(state.StateMask & ~state.ControlMask) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

NTSTATUS set_thread(PKTHREAD thread, ULONG kind, const void* information, ULONG size) {
    switch (kind) {
        case thread_priority:
            return set_priority(thread, information, size);
        case thread_base_priority:
            return set_base_priority(thread, information, size);
        case thread_page_priority:
            return set_page_priority(information, size);
        case thread_power_throttling:
            return set_power_throttling(information, size);
        default:
            return STATUS_INVALID_INFO_CLASS;
    }
}

// A hint: pages that are not there are left out.
void prefetch(const MEMORY_RANGE_ENTRY& range) {
    const auto start = reinterpret_cast<uintptr_t>(range.VirtualAddress);
    const uintptr_t first = start & ~uintptr_t{PAGE_SIZE - 1};
    ::madvise(reinterpret_cast<void*>(first), ROUND_TO_PAGES(start + range.NumberOfBytes) - first,
              MADV_WILLNEED);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-zwsetinformationthread
NTSTATUS NTAPI ZwSetInformationThread(HANDLE handle, ULONG kind, PVOID information, ULONG size) {
    if (handle == current_thread)
        return set_thread(ke::kthread(ke::current_thread()), kind, information, size);
    void* body = nullptr;
    OBJECT_HANDLE_INFORMATION granted = {};
    NTSTATUS status = object::reference_by_handle(handle, 0, &object::thread_type, false, &body, &granted);
    if (!NT_SUCCESS(status)) return status;
    status = granted.GrantedAccess & (thread_set_information | GENERIC_WRITE | GENERIC_ALL)
                 ? set_thread(static_cast<PKTHREAD>(body), kind, information, size)
                 : STATUS_ACCESS_DENIED;
    object::dereference(body);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwsetinformationvirtualmemory
NTSTATUS NTAPI ZwSetInformationVirtualMemory(HANDLE process, ULONG kind, ULONG_PTR count,
                                             PMEMORY_RANGE_ENTRY ranges, PVOID information, ULONG size) {
    constexpr ULONG prefetch_information = 0;
    if (const NTSTATUS status = address_space::check_process(process); !NT_SUCCESS(status)) return status;
    if (kind != prefetch_information) return STATUS_INVALID_PARAMETER_2;
    if (count == 0) return STATUS_INVALID_PARAMETER_3;
    if (!ranges) return STATUS_INVALID_PARAMETER_4;
    ULONG flags = 0;
    if (size != sizeof flags) return STATUS_INVALID_PARAMETER_6;
    if (!information || !NT_SUCCESS(take(flags, information, size)) || flags)
        return STATUS_INVALID_PARAMETER_5;
    for (ULONG_PTR i = 0; i < count; ++i) prefetch(ranges[i]);
    return STATUS_SUCCESS;
}

// The machine sleeps as of old and knows no connected standby.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-zwpowerinformation
NTSTATUS NTAPI ZwPowerInformation(ULONG level, PVOID input, ULONG input_size, PVOID output,
                                  ULONG output_size) {
    if (level != platform_information || input || input_size || !output) return STATUS_INVALID_PARAMETER;
    if (output_size < sizeof(POWER_PLATFORM_INFORMATION)) return STATUS_BUFFER_TOO_SMALL;
    *static_cast<PPOWER_PLATFORM_INFORMATION>(output) = {};
    return STATUS_SUCCESS;
}

// To the screen of a machine that starts, which here is the log.
NTSTATUS NTAPI ZwDisplayString(PUNICODE_STRING text) {
    std::string line = to_utf8(view_of(*text));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    log_info("display", "{}", line);
    return STATUS_SUCCESS;
}

}  // extern "C"
