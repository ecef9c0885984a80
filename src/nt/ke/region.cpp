// Critical regions, which hold normal kernel APCs off, and guarded regions, which hold all off. What came
// meanwhile is run on leaving.
#include "nt/bugcheck.h"
#include "nt/ke/apc.h"
#include "nt/ke/irql.h"
#include "nt/ke/thread.h"

using namespace ndiskit::nt;

namespace {

constexpr uint32_t apc_index_mismatch = 0x1;

void leave(int32_t& count, const char* what) {
    if (count == 0)
        bug_check_because(what, apc_index_mismatch, reinterpret_cast<uint64_t>(__builtin_return_address(0)),
                          0, 0, 0);
    if (++count == 0) ke::deliver_pending_apcs();
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keentercriticalregion
void NTAPI KeEnterCriticalRegion() { --ke::current_thread()->kernel_apc_disable; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keleavecriticalregion
void NTAPI KeLeaveCriticalRegion() {
    leave(ke::current_thread()->kernel_apc_disable,
          "KeLeaveCriticalRegion was called outside of a critical region");
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keenterguardedregion
void NTAPI KeEnterGuardedRegion() { --ke::current_thread()->special_apc_disable; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keleaveguardedregion
void NTAPI KeLeaveGuardedRegion() {
    leave(ke::current_thread()->special_apc_disable,
          "KeLeaveGuardedRegion was called outside of a guarded region");
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keareapcsdisabled
BOOLEAN NTAPI KeAreApcsDisabled() {
    const ke::ThreadObject& thread = *ke::current_thread();
    return thread.kernel_apc_disable != 0 || thread.special_apc_disable != 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keareallapcsdisabled
BOOLEAN NTAPI KeAreAllApcsDisabled() {
    return ke::current_thread()->special_apc_disable != 0 || current_irql() >= APC_LEVEL;
}

}  // extern "C"
