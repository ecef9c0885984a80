// DbgPrint and its kin: to the log, at debug level, under the name of the driver that prints. Levels are
// filtered as on Windows: errors pass, the rest when their component's bit is set.
#include <array>
#include <atomic>
#include <vector>

#include "base/guarded.h"
#include "base/log.h"
#include "nt/abi.h"
#include "nt/exception/raise.h"
#include "nt/image/call_gate.h"
#include "nt/image/image.h"
#include "nt/rtl/printf.h"

using namespace ndiskit;
using namespace ndiskit::nt;

namespace {

constexpr ULONG components = 256;
constexpr ULONG error_bit = 1;
constexpr ULONG default_component = 101, information_level = 3;  // DPFLTR_DEFAULT_ID, DPFLTR_INFO_LEVEL
constexpr size_t longest_message = 512;

// One mask a component; what DbgPrint prints itself has the default component.
std::array<std::atomic<ULONG>, components> masks;

ULONG bit_of(ULONG level) { return level < 32 ? 1u << level : level; }

// Who hears what is printed, in the order of registration.
Guarded<std::vector<PDEBUG_PRINT_CALLBACK>, LockRank::nt_leaf>& listeners() {
    static auto* const it = new Guarded<std::vector<PDEBUG_PRINT_CALLBACK>, LockRank::nt_leaf>();
    return *it;
}

void tell_listeners(std::string& text, ULONG component, ULONG level) {
    const auto all = listeners().with([](auto& list) { return list; });
    const auto length = static_cast<USHORT>(text.size());
    for (const PDEBUG_PRINT_CALLBACK listener : all) {
        STRING output = {.Length = length, .MaximumLength = length, .Buffer = text.data()};
        call_driver(listener, &output, component, level);
    }
}

bool passes(ULONG component, ULONG level) {
    if (Log::enabled(LogLevel::debug)) return true;
    return (bit_of(level) & (error_bit | masks[component % components].load())) != 0;
}

ULONG print(const void* caller, const char* prefix, const char* format, __builtin_ms_va_list arguments,
            ULONG component = default_component, ULONG level = information_level) {
    std::string text = prefix + format_narrow(format, FormatArguments(arguments));
    if (text.size() > longest_message) text.resize(longest_message);
    tell_listeners(text, component, level);
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    const Place place = image_of(caller);
    log_debug(place.image ? place.image->name : "driver", "{}", text);
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-dbgprint
ULONG NTAPI DbgPrint(PCSTR format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const ULONG status = print(__builtin_return_address(0), "", format, arguments);
    __builtin_ms_va_end(arguments);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-dbgprintex
ULONG NTAPI DbgPrintEx(ULONG component, ULONG level, PCSTR format, ...) {
    if (!passes(component, level)) return STATUS_SUCCESS;
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const ULONG status = print(__builtin_return_address(0), "", format, arguments, component, level);
    __builtin_ms_va_end(arguments);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-vdbgprintex
ULONG NTAPI vDbgPrintEx(ULONG component, ULONG level, PCCH format, __builtin_ms_va_list arguments) {
    return passes(component, level)
               ? print(__builtin_return_address(0), "", format, arguments, component, level)
               : 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-vdbgprintexwithprefix
ULONG NTAPI vDbgPrintExWithPrefix(PCCH prefix, ULONG component, ULONG level, PCCH format,
                                  __builtin_ms_va_list arguments) {
    return passes(component, level)
               ? print(__builtin_return_address(0), prefix, format, arguments, component, level)
               : 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/debugger/reading-and-filtering-debugging-messages
NTSTATUS NTAPI DbgQueryDebugFilterState(ULONG component, ULONG level) { return passes(component, level); }

// https://learn.microsoft.com/windows-hardware/drivers/debugger/reading-and-filtering-debugging-messages
NTSTATUS NTAPI DbgSetDebugFilterState(ULONG component, ULONG level, BOOLEAN state) {
    if (component >= components) return STATUS_INVALID_PARAMETER_1;
    if (state)
        masks[component] |= bit_of(level);
    else
        masks[component] &= ~bit_of(level);
    return STATUS_SUCCESS;
}

// Hears what passes the filters, before it goes to the log. On by one call, off by another.
NTSTATUS NTAPI DbgSetDebugPrintCallback(PDEBUG_PRINT_CALLBACK callback, BOOLEAN enable) {
    if (!callback) return STATUS_INVALID_PARAMETER;
    return listeners().with([&](auto& all) -> NTSTATUS {
        const bool removed = std::erase(all, callback) != 0;
        if (enable) all.push_back(callback);
        return enable || removed ? STATUS_SUCCESS : STATUS_NOT_FOUND;
    });
}

// No debugger stands behind this machine, and nobody answers: no character is received.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-dbgprompt
ULONG NTAPI DbgPrompt(PCCH prompt, PCHAR, ULONG) {
    log_debug("driver", "{}", prompt);
    return 0;
}

// No debugger stands behind this machine: the breakpoint is an exception in the driver, which ends it when
// the driver handles none. https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-dbgbreakpoint
VOID NTAPI DbgBreakPoint() { exception::raise_status(static_cast<uint32_t>(STATUS_BREAKPOINT)); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-dbgbreakpointwithstatus
VOID NTAPI DbgBreakPointWithStatus(ULONG status) {
    const uint64_t parameter = status;
    exception::raise_status(static_cast<uint32_t>(STATUS_BREAKPOINT), {&parameter, 1});
}

ULONG NTAPI DbgPrintReturnControlC(PCCH format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const ULONG status = print(__builtin_return_address(0), "", format, arguments);
    __builtin_ms_va_end(arguments);
    return status;
}

// Checked builds of drivers call it when an assertion fails; without a debugger that is a breakpoint.
VOID NTAPI RtlAssert(PVOID text, PVOID file, ULONG line, PSTR message) {
    const auto* const name = static_cast<const char*>(file);
    log_error("driver", "assertion failed: {}{}{}, {} line {}", message ? message : "", message ? ": " : "",
              static_cast<const char*>(text), name ? name : "?", line);
    DbgBreakPoint();
}

}  // extern "C"
