// Doubly and singly linked lists, whose links live in the caller's records. All are any IRQL and take no
// lock. https://learn.microsoft.com/windows-hardware/drivers/kernel/singly-and-doubly-linked-lists
#pragma once

#include "nt/abi/types.h"

inline void InitializeListHead(PLIST_ENTRY head) { head->Flink = head->Blink = head; }
inline BOOLEAN IsListEmpty(const LIST_ENTRY* head) { return head->Flink == head; }

// Windows ends the machine when a link of the entry does not point back: list corruption is found here first.
inline void nt_check_list_entry(const LIST_ENTRY* entry) {
    if (entry->Flink->Blink != entry || entry->Blink->Flink != entry) [[unlikely]]
        __builtin_trap();
}

inline BOOLEAN RemoveEntryList(PLIST_ENTRY entry) {
    nt_check_list_entry(entry);
    PLIST_ENTRY next = entry->Flink, previous = entry->Blink;
    previous->Flink = next;
    next->Blink = previous;
    return next == previous;
}

inline PLIST_ENTRY RemoveHeadList(PLIST_ENTRY head) {
    PLIST_ENTRY entry = head->Flink;
    RemoveEntryList(entry);
    return entry;
}

inline PLIST_ENTRY RemoveTailList(PLIST_ENTRY head) {
    PLIST_ENTRY entry = head->Blink;
    RemoveEntryList(entry);
    return entry;
}

inline void InsertTailList(PLIST_ENTRY head, PLIST_ENTRY entry) {
    nt_check_list_entry(head);
    PLIST_ENTRY last = head->Blink;
    entry->Flink = head;
    entry->Blink = last;
    last->Flink = entry;
    head->Blink = entry;
}

inline void InsertHeadList(PLIST_ENTRY head, PLIST_ENTRY entry) {
    nt_check_list_entry(head);
    PLIST_ENTRY first = head->Flink;
    entry->Flink = first;
    entry->Blink = head;
    first->Blink = entry;
    head->Flink = entry;
}

inline void AppendTailList(PLIST_ENTRY head, PLIST_ENTRY to_append) {
    PLIST_ENTRY last = head->Blink;
    nt_check_list_entry(head);
    nt_check_list_entry(to_append);
    last->Flink = to_append;
    head->Blink = to_append->Blink;
    to_append->Blink->Flink = head;
    to_append->Blink = last;
}

inline void PushEntryList(PSINGLE_LIST_ENTRY head, PSINGLE_LIST_ENTRY entry) {
    entry->Next = head->Next;
    head->Next = entry;
}

inline PSINGLE_LIST_ENTRY PopEntryList(PSINGLE_LIST_ENTRY head) {
    PSINGLE_LIST_ENTRY first = head->Next;
    if (first) head->Next = first->Next;
    return first;
}
