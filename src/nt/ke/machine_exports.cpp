// Services of the processor itself. What they are for on Windows the host does anyway, or does not have.
#include "nt/ke/api.h"
#include "nt/ke/thread.h"

using namespace ndiskit::nt;

namespace {

struct NmiCallback {
    PNMI_CALLBACK routine;
    PVOID context;
};

// PF_ numbers of what every x64 processor that Windows 10 runs on has: compare-and-exchange of 8 and 16
// bytes, MMX, SSE, the time stamp counter, PAE, no-execute, SSE2, SSE3, XSAVE.
constexpr ULONG common_features[] = {2, 3, 6, 8, 9, 10, 12, 13, 14, 17};

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kesaveextendedprocessorstate
// The extended state is a thread's own here: the host switches it, and no driver code interrupts another's.
NTSTATUS NTAPI KeSaveExtendedProcessorState(ULONG64 Mask, PXSTATE_SAVE XStateSave) {
    *XStateSave = {};
    XStateSave->Thread = ke::kthread(ke::current_thread());
    XStateSave->XStateContext.Mask = Mask;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kerestoreextendedprocessorstate
void NTAPI KeRestoreExtendedProcessorState(PXSTATE_SAVE XStateSave) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kesavefloatingpointstate
NTSTATUS NTAPI KeSaveFloatingPointState(PKFLOATING_SAVE FloatSave) { return STATUS_SUCCESS; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kerestorefloatingpointstate
NTSTATUS NTAPI KeRestoreFloatingPointState(PKFLOATING_SAVE FloatSave) { return STATUS_SUCCESS; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-keinvalidateallcaches
BOOLEAN NTAPI KeInvalidateAllCaches() { return TRUE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-keinvalidaterangeallcaches
void NTAPI KeInvalidateRangeAllCaches(PVOID BaseAddress, ULONG Length) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keflushwritebuffer
void NTAPI KeFlushWriteBuffer() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keregisternmicallback
// No such interrupt ever comes.
PVOID NTAPI KeRegisterNmiCallback(PNMI_CALLBACK CallbackRoutine, PVOID Context) {
    return new NmiCallback{CallbackRoutine, Context};
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kederegisternmicallback
NTSTATUS NTAPI KeDeregisterNmiCallback(PVOID Handle) {
    if (!Handle) return STATUS_INVALID_HANDLE;
    delete static_cast<NmiCallback*>(Handle);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exisprocessorfeaturepresent
BOOLEAN NTAPI ExIsProcessorFeaturePresent(ULONG ProcessorFeature) {
    for (const ULONG feature : common_features)
        if (feature == ProcessorFeature) return TRUE;
    return FALSE;
}

}  // extern "C"
