// The two observers that the kit itself brings: sim's switch points and the IRQL rules.
//
// A breach of an IRQL rule is bug check 0xC4 (DRIVER_VERIFIER_DETECTED_VIOLATION), with the subcode that
// Driver Verifier has for the function where it has one, and 0xE5 (a kernel function called at a wrong IRQL)
// otherwise.
// https://learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-0xc4--driver-verifier-detected-violation
#include <fmt/core.h>

#include <cstring>

#include "engine/engine.h"
#include "nt/bugcheck.h"
#include "nt/image/call_gate.h"
#include "nt/image/import_hooks.h"
#include "nt/ke/apc.h"

namespace ndiskit::nt::image {
namespace {

constexpr uint32_t stop_driver_verifier = 0xC4;
constexpr uint64_t wrong_irql = 0xE5;
constexpr uint64_t callback_changed_irql = 0x0002001D;  // the rule IrqlReturn
constexpr uint8_t dispatch_level = 2;

struct Subcode {
    std::string_view function;
    uint64_t code;
};
constexpr Subcode subcodes[] = {
    {"KeAcquireSpinLockAtDpcLevel", 0x40},
    {"KefAcquireSpinLockAtDpcLevel", 0x40},
    {"KeReleaseSpinLockFromDpcLevel", 0x41},
    {"KefReleaseSpinLockFromDpcLevel", 0x41},
    {"KeAcquireSpinLock", 0x42},
    {"KeAcquireSpinLockRaiseToDpc", 0x42},
    {"KeReleaseSpinLock", 0x32},
    {"ExAcquireFastMutex", 0x33},
    {"ExReleaseFastMutex", 0x34},
    {"KeWaitForSingleObject", 0x3B},
    {"KeWaitForMultipleObjects", 0x3B},
    {"MmProbeAndLockPages", 0x70},
    {"MmMapIoSpace", 0x73},
    {"MmMapLockedPages", 0x74},
    {"MmMapLockedPagesSpecifyCache", 0x76},
    {"MmUnlockPages", 0x78},
    {"MmUnmapLockedPages", 0x79},
    {"MmUnmapIoSpace", 0x7B},
    {"MmAllocatePagesForMdl", 0x7E},
    {"MmAllocatePagesForMdlEx", 0x7E},
    {"KeSetEvent", 0x80},
    {"KeEnterCriticalRegion", 0x11A},
    {"KeLeaveCriticalRegion", 0x11B},
};

uint64_t subcode_of(std::string_view function) {
    for (const Subcode& row : subcodes)
        if (row.function == function) return row.code;
    return wrong_irql;
}

class SwitchPoints : public CallObserver {
  public:
    void before_import(const ImportSite&, const CallArguments&) override {
        engine::the().switch_point(engine::SwitchPoint::driver_call);
        ke::deliver_pending_apcs();
    }
    void before_driver(const void*) override { engine::the().switch_point(engine::SwitchPoint::driver_call); }
    void after_driver(const void*, uint8_t) override {
        engine::the().switch_point(engine::SwitchPoint::driver_return);
    }
};

class IrqlRules : public CallObserver {
  public:
    void before_import(const ImportSite& site, const CallArguments& arguments) override {
        if (!site.row) return;
        const uint8_t irql = current_irql();
        const auto max_irql = static_cast<uint8_t>(site.row->max_irql);
        if (irql > max_irql) breach(site, arguments, irql, fmt::format("at most {}", max_irql));
        if (irql < site.row->min_irql)
            breach(site, arguments, irql, fmt::format("at least {}", site.row->min_irql));
        if (irql == dispatch_level && waits(site, arguments))
            breach(site, arguments, irql, "below 2 for a wait whose timeout is not zero");
    }
    void after_driver(const void* function, uint8_t irql) override {
        const uint8_t now = current_irql();
        if (now == irql) return;
        bug_check_because(
            fmt::format("the driver's function {} was called at IRQL {} and returned at IRQL {}",
                        place_text(function), irql, now),
            stop_driver_verifier, callback_changed_irql, reinterpret_cast<uint64_t>(function), irql, now);
    }

  private:
    // A wait may be tried at DISPATCH_LEVEL, with a timeout of zero. The timeout is the last but one or the
    // last argument: KeWaitForSingleObject(object, reason, mode, alertable, timeout),
    // KeWaitForMultipleObjects(count, objects, type, reason, mode, alertable, timeout, blocks).
    static bool waits(const ImportSite& site, const CallArguments& arguments) {
        const bool single = site.name == "KeWaitForSingleObject" || site.name == "KeWaitForMutexObject";
        if (!single && site.name != "KeWaitForMultipleObjects") return false;
        const auto* timeout = reinterpret_cast<const int64_t*>(arguments.stack[single ? 0 : 2]);
        return timeout == nullptr || *timeout != 0;
    }
    [[noreturn]] static void breach(const ImportSite& site, const CallArguments& arguments, uint8_t irql,
                                    const std::string& allowed) {
        bug_check_because(fmt::format("{} called {} at IRQL {}; it may be called at {}",
                                      place_text(arguments.caller), site.name, irql, allowed),
                          stop_driver_verifier, subcode_of(site.name), irql,
                          reinterpret_cast<uint64_t>(arguments.caller),
                          reinterpret_cast<uint64_t>(site.target));
    }
};

}  // namespace

CallObserver& switch_points() {
    static SwitchPoints observer;
    return observer;
}

CallObserver& irql_rules() {
    static IrqlRules observer;
    return observer;
}

}  // namespace ndiskit::nt::image
