// Lookaside lists: fixed-size blocks kept for the next one who wants one. Allocating and freeing are inline
// in drivers, on the list's SLIST and through its Allocate and Free; what is here makes and empties lists.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/using-lookaside-lists
#include "nt/abi.h"
#include "nt/image/call_gate.h"
#include "nt/pool/pool.h"

using namespace ndiskit::nt;

extern "C" {
PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE, SIZE_T, ULONG);
VOID NTAPI ExFreePool(PVOID);
PSLIST_ENTRY NTAPI ExpInterlockedPopEntrySList(PSLIST_HEADER);
PSLIST_ENTRY NTAPI ExpInterlockedPushEntrySList(PSLIST_HEADER, PSLIST_ENTRY);
}

namespace {

// How many free blocks a list keeps. Windows lets it grow from 4 to 256 as the list is used.
constexpr USHORT depth = 256;

PVOID NTAPI allocate_ex(POOL_TYPE type, SIZE_T size, ULONG tag, PLOOKASIDE_LIST_EX) {
    return ExAllocatePoolWithTag(type, size, tag);
}
VOID NTAPI free_ex(PVOID memory, PLOOKASIDE_LIST_EX) { ExFreePool(memory); }

void initialize(GENERAL_LOOKASIDE_POOL& list, ULONG type, SIZE_T size, ULONG tag) {
    list = {};
    list.Depth = depth;
    list.MaximumDepth = depth;
    list.Type = static_cast<POOL_TYPE>(type);
    list.Tag = tag;
    list.Size = static_cast<ULONG>(size);
    InitializeListHead(&list.ListEntry);
}

template <class Free>
void empty(GENERAL_LOOKASIDE_POOL& list, Free&& free) {
    while (PSLIST_ENTRY entry = ExpInterlockedPopEntrySList(&list.ListHead)) free(entry);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exinitializenpagedlookasidelist
void NTAPI ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST list, PALLOCATE_FUNCTION allocate,
                                           PFREE_FUNCTION free, ULONG flags, SIZE_T size, ULONG tag, USHORT) {
    initialize(list->L.Pool, NonPagedPool | flags, size, tag);
    list->L.Pool.Allocate = allocate ? allocate : ExAllocatePoolWithTag;
    list->L.Pool.Free = free ? free : ExFreePool;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exdeletenpagedlookasidelist
void NTAPI ExDeleteNPagedLookasideList(PNPAGED_LOOKASIDE_LIST list) {
    empty(list->L.Pool, [&](PVOID entry) { call_driver(list->L.Pool.Free, entry); });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exinitializepagedlookasidelist
void NTAPI ExInitializePagedLookasideList(PPAGED_LOOKASIDE_LIST list, PALLOCATE_FUNCTION allocate,
                                          PFREE_FUNCTION free, ULONG flags, SIZE_T size, ULONG tag, USHORT) {
    initialize(list->L.Pool, PagedPool | flags, size, tag);
    list->L.Pool.Allocate = allocate ? allocate : ExAllocatePoolWithTag;
    list->L.Pool.Free = free ? free : ExFreePool;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exdeletepagedlookasidelist
void NTAPI ExDeletePagedLookasideList(PPAGED_LOOKASIDE_LIST list) {
    empty(list->L.Pool, [&](PVOID entry) { call_driver(list->L.Pool.Free, entry); });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exinitializelookasidelistex
NTSTATUS NTAPI ExInitializeLookasideListEx(PLOOKASIDE_LIST_EX list, PALLOCATE_FUNCTION_EX allocate,
                                           PFREE_FUNCTION_EX free, POOL_TYPE type, ULONG flags, SIZE_T size,
                                           ULONG tag, USHORT) {
    constexpr ULONG raise_on_fail = 1, fail_no_raise = 2;
    if ((flags & ~(raise_on_fail | fail_no_raise)) || flags == (raise_on_fail | fail_no_raise))
        return STATUS_INVALID_PARAMETER_5;
    if (size > 0xFFFFFFFF) return STATUS_INVALID_PARAMETER;
    initialize(list->L, type | (flags == raise_on_fail ? 16u : 0u), size, tag);
    list->L.AllocateEx = allocate ? allocate : allocate_ex;
    list->L.FreeEx = free ? free : free_ex;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exdeletelookasidelistex
void NTAPI ExDeleteLookasideListEx(PLOOKASIDE_LIST_EX list) { ExFlushLookasideListEx(list); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exflushlookasidelistex
void NTAPI ExFlushLookasideListEx(PLOOKASIDE_LIST_EX list) {
    empty(list->L, [&](PVOID entry) { call_driver(list->L.FreeEx, entry, list); });
}

// What the inline functions of drivers do, for callers that import them.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exallocatefromlookasidelistex
PVOID NTAPI ExAllocateFromLookasideListEx(PLOOKASIDE_LIST_EX list) {
    ++list->L.TotalAllocates;
    if (PVOID entry = ExpInterlockedPopEntrySList(&list->L.ListHead)) return entry;
    ++list->L.AllocateMisses;
    return call_driver(list->L.AllocateEx, list->L.Type, SIZE_T{list->L.Size}, list->L.Tag, list);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exfreetolookasidelistex
void NTAPI ExFreeToLookasideListEx(PLOOKASIDE_LIST_EX list, PVOID entry) {
    ++list->L.TotalFrees;
    if (list->L.ListHead.HeaderX64.Depth < list->L.Depth) {
        ExpInterlockedPushEntrySList(&list->L.ListHead, static_cast<PSLIST_ENTRY>(entry));
        return;
    }
    ++list->L.FreeMisses;
    call_driver(list->L.FreeEx, entry, list);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exallocatefrompagedlookasidelist
PVOID NTAPI ExAllocateFromPagedLookasideList(PPAGED_LOOKASIDE_LIST list) {
    return ExAllocateFromLookasideListEx(reinterpret_cast<PLOOKASIDE_LIST_EX>(list));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exfreetopagedlookasidelist
void NTAPI ExFreeToPagedLookasideList(PPAGED_LOOKASIDE_LIST list, PVOID entry) {
    ExFreeToLookasideListEx(reinterpret_cast<PLOOKASIDE_LIST_EX>(list), entry);
}

}  // extern "C"
