// Which processors there are and on which of them a thread may run. All processors are in group 0 and node 0.
#include <algorithm>
#include <bit>

#include "nt/ke/api.h"
#include "nt/ke/irql.h"
#include "nt/ke/processor.h"
#include "nt/ke/thread.h"
#include "nt/pool/pool.h"

using namespace ndiskit::nt;

struct _AFFINITY_TOKEN {
    KAFFINITY previous;  // 0: the thread's own
};

namespace {

constexpr USHORT all_groups = 0xffff;
constexpr ULONG invalid_index = 0xffffffff;

// Takes effect at once below DISPATCH_LEVEL, otherwise when the thread lowers.
void set_affinity(ke::ThreadObject& thread, KAFFINITY affinity) {
    thread.affinity = affinity;
    thread.attention.fetch_or(ke::ThreadObject::affinity_changed, std::memory_order_relaxed);
    if (current_irql() < DISPATCH_LEVEL) ke::obey_affinity(thread);
}

void revert(KAFFINITY previous) {
    ke::ThreadObject& thread = *ke::current_thread();
    thread.system_affinity = previous != 0;
    set_affinity(thread, previous ? previous : thread.user_affinity);
}

bool is_ours(USHORT group) { return group == 0 || group == all_groups; }

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kesetsystemaffinitythreadex
KAFFINITY NTAPI KeSetSystemAffinityThreadEx(KAFFINITY Affinity) {
    ke::ThreadObject& thread = *ke::current_thread();
    const KAFFINITY previous = thread.system_affinity ? thread.affinity : 0;
    if (Affinity == 0 || (Affinity & ~ke::all_processors())) return previous;
    thread.system_affinity = true;
    set_affinity(thread, Affinity);
    return previous;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kesetsystemaffinitythread
void NTAPI KeSetSystemAffinityThread(KAFFINITY Affinity) { KeSetSystemAffinityThreadEx(Affinity); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereverttouseraffinitythreadex
void NTAPI KeRevertToUserAffinityThreadEx(KAFFINITY Affinity) { revert(Affinity); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereverttouseraffinitythread
void NTAPI KeRevertToUserAffinityThread() { revert(0); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kesetsystemgroupaffinitythread
void NTAPI KeSetSystemGroupAffinityThread(PGROUP_AFFINITY Affinity, PGROUP_AFFINITY PreviousAffinity) {
    const bool valid =
        Affinity->Group == 0 && Affinity->Mask != 0 && !(Affinity->Mask & ~ke::all_processors());
    GROUP_AFFINITY previous = {};
    if (valid) previous.Mask = KeSetSystemAffinityThreadEx(Affinity->Mask);
    if (PreviousAffinity) *PreviousAffinity = previous;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereverttousergroupaffinitythread
void NTAPI KeRevertToUserGroupAffinityThread(PGROUP_AFFINITY PreviousAffinity) {
    revert(PreviousAffinity->Mask);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-psallocateaffinitytoken
NTSTATUS NTAPI PsAllocateAffinityToken(PAFFINITY_TOKEN* AffinityToken) {
    constexpr ULONG tag = 0x6B546641;  // 'AfTk' in memory order
    *AffinityToken = static_cast<PAFFINITY_TOKEN>(
        pool_allocate_zeroed(PoolKind::nonpaged, sizeof(AFFINITY_TOKEN), tag, __builtin_return_address(0)));
    return *AffinityToken ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-psfreeaffinitytoken
void NTAPI PsFreeAffinityToken(PAFFINITY_TOKEN AffinityToken) { pool_free(AffinityToken); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pssetsystemmultiplegroupaffinitythread
NTSTATUS NTAPI PsSetSystemMultipleGroupAffinityThread(PGROUP_AFFINITY GroupAffinities, USHORT GroupCount,
                                                      PAFFINITY_TOKEN AffinityToken) {
    KAFFINITY wanted = 0;
    for (USHORT i = 0; i < GroupCount; ++i) {
        if (GroupAffinities[i].Group != 0) return STATUS_INVALID_PARAMETER;
        wanted |= GroupAffinities[i].Mask;
    }
    if (wanted == 0 || (wanted & ~ke::all_processors())) return STATUS_INVALID_PARAMETER;
    AffinityToken->previous = KeSetSystemAffinityThreadEx(wanted);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-psreverttousermultiplegroupaffinitythread
void NTAPI PsRevertToUserMultipleGroupAffinityThread(PAFFINITY_TOKEN AffinityToken) {
    revert(AffinityToken->previous);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-kesetidealprocessorthread
// A hint: it is kept, and the thread runs where its affinity lets it.
UCHAR NTAPI KeSetIdealProcessorThread(PKTHREAD Thread, UCHAR Processor) {
    ke::ThreadObject& thread = *ke::thread_object(Thread);
    const UCHAR home = static_cast<UCHAR>(thread.pcr->number);
    // Of none that the machine has only the old one is told.
    const UCHAR before = Processor < ke::processor_count() ? thread.ideal_processor.exchange(Processor)
                                                           : thread.ideal_processor.load();
    return before == ke::no_ideal_processor ? home : before;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kegetcurrentprocessornumberex
ULONG NTAPI KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber) {
    const uint32_t number = ke::current_processor().number();
    if (ProcNumber) *ProcNumber = {.Group = 0, .Number = static_cast<UCHAR>(number), .Reserved = 0};
    return number;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-kegetcurrentprocessornumber
ULONG NTAPI KeGetCurrentProcessorNumber() { return ke::current_processor().number(); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kegetprocessornumberfromindex
NTSTATUS NTAPI KeGetProcessorNumberFromIndex(ULONG ProcIndex, PPROCESSOR_NUMBER ProcNumber) {
    if (ProcIndex >= ke::processor_count()) return STATUS_INVALID_PARAMETER;
    *ProcNumber = {.Group = 0, .Number = static_cast<UCHAR>(ProcIndex), .Reserved = 0};
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kegetprocessorindexfromnumber
ULONG NTAPI KeGetProcessorIndexFromNumber(PPROCESSOR_NUMBER ProcNumber) {
    const bool valid = ProcNumber->Group == 0 && ProcNumber->Number < ke::processor_count();
    return valid ? ProcNumber->Number : invalid_index;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequeryactiveprocessorcountex
ULONG NTAPI KeQueryActiveProcessorCountEx(USHORT GroupNumber) {
    return is_ours(GroupNumber) ? ke::processor_count() : 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequeryactiveprocessorcount
ULONG NTAPI KeQueryActiveProcessorCount(PKAFFINITY ActiveProcessors) {
    if (ActiveProcessors) *ActiveProcessors = ke::all_processors();
    return ke::processor_count();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerymaximumprocessorcountex
ULONG NTAPI KeQueryMaximumProcessorCountEx(USHORT GroupNumber) {
    return is_ours(GroupNumber) ? ke::processor_count() : 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerymaximumprocessorcount
ULONG NTAPI KeQueryMaximumProcessorCount() { return ke::processor_count(); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequeryactiveprocessors
KAFFINITY NTAPI KeQueryActiveProcessors() { return ke::all_processors(); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequeryactivegroupcount
USHORT NTAPI KeQueryActiveGroupCount() { return 1; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerymaximumgroupcount
USHORT NTAPI KeQueryMaximumGroupCount() { return 1; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerygroupaffinity
KAFFINITY NTAPI KeQueryGroupAffinity(USHORT GroupNumber) {
    return GroupNumber == 0 ? ke::all_processors() : 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kegetcurrentnodenumber
USHORT NTAPI KeGetCurrentNodeNumber() { return 0; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequeryhighestnodenumber
USHORT NTAPI KeQueryHighestNodeNumber() { return 0; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerynodeactiveaffinity
void NTAPI KeQueryNodeActiveAffinity(USHORT NodeNumber, PGROUP_AFFINITY Affinity, PUSHORT Count) {
    const bool valid = NodeNumber == 0;
    if (Affinity) *Affinity = {.Mask = valid ? ke::all_processors() : 0, .Group = 0, .Reserved = {}};
    if (Count) *Count = static_cast<USHORT>(valid ? ke::processor_count() : 0);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerynodeactiveaffinity2
NTSTATUS NTAPI KeQueryNodeActiveAffinity2(USHORT NodeNumber, PGROUP_AFFINITY GroupAffinities,
                                          USHORT GroupAffinitiesCount, PUSHORT GroupAffinitiesRequired) {
    if (NodeNumber != 0) return STATUS_INVALID_PARAMETER;
    *GroupAffinitiesRequired = 1;
    if (GroupAffinitiesCount < 1) return STATUS_BUFFER_TOO_SMALL;
    *GroupAffinities = {.Mask = ke::all_processors(), .Group = 0, .Reserved = {}};
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerynodemaximumprocessorcount
USHORT NTAPI KeQueryNodeMaximumProcessorCount(USHORT NodeNumber) {
    return static_cast<USHORT>(NodeNumber == 0 ? ke::processor_count() : 0);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerynodeactiveprocessorcount
ULONG NTAPI KeQueryNodeActiveProcessorCount(USHORT NodeNumber) {
    return NodeNumber == 0 ? ke::processor_count() : 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kegetrecommendedshareddataalignment
ULONG NTAPI KeGetRecommendedSharedDataAlignment() { return 64; }

}  // extern "C"
