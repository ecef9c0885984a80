// Sequenced lists: the header is 16 bytes that change in one cmpxchg16b. Its layout is the documented one of
// x64: depth, a sequence number that defeats reuse of an entry, and the first entry's address.
//
// A pop reads the link of an entry that another processor may have popped and freed meanwhile; the sequence
// number then makes its exchange fail. Windows does the same; the read is hidden from the sanitizers for that
// reason.
#include <utility>

#include "nt/abi.h"

namespace {

using Word = unsigned __int128;

union Header {
    SLIST_HEADER header;
    Word word;
    struct {
        uint64_t low, high;
    };
};

Header load(SLIST_HEADER* list) {
    Header seen;
    seen.low = __atomic_load_n(&list->Alignment, __ATOMIC_ACQUIRE);
    seen.high = __atomic_load_n(&list->Region, __ATOMIC_ACQUIRE);
    return seen;
}

// On failure `seen` becomes what is there.
bool swap(SLIST_HEADER* list, Header& seen, Header wanted) {
    return __atomic_compare_exchange_n(reinterpret_cast<Word*>(list), &seen.word, wanted.word, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

SLIST_ENTRY* first_of(const Header& header) {
    return reinterpret_cast<SLIST_ENTRY*>(header.header.HeaderX64.NextEntry << 4);
}

Header with_first(Header from, SLIST_ENTRY* first, int depth_change) {
    from.header.HeaderX64.Depth = static_cast<uint16_t>(from.header.HeaderX64.Depth + depth_change);
    ++from.header.HeaderX64.Sequence;
    from.header.HeaderX64.NextEntry = reinterpret_cast<uint64_t>(first) >> 4;
    return from;
}

__attribute__((no_sanitize("address", "thread"), noinline)) SLIST_ENTRY* next_of(const SLIST_ENTRY* entry) {
    return *const_cast<SLIST_ENTRY* const volatile*>(&entry->Next);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-initializeslisthead
void NTAPI InitializeSListHead(PSLIST_HEADER SListHead) {
    SListHead->Alignment = 0;
    SListHead->Region = 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exinterlockedpushentryslist
PSLIST_ENTRY NTAPI ExpInterlockedPushEntrySList(PSLIST_HEADER ListHead, PSLIST_ENTRY ListEntry) {
    Header seen = load(ListHead);
    do {
        __atomic_store_n(&ListEntry->Next, first_of(seen), __ATOMIC_RELAXED);
    } while (!swap(ListHead, seen, with_first(seen, ListEntry, 1)));
    return first_of(seen);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exinterlockedpopentryslist
PSLIST_ENTRY NTAPI ExpInterlockedPopEntrySList(PSLIST_HEADER ListHead) {
    Header seen = load(ListHead);
    SLIST_ENTRY* first;
    do {
        first = first_of(seen);
        if (!first) return nullptr;
    } while (!swap(ListHead, seen, with_first(seen, next_of(first), -1)));
    return first;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exinterlockedflushslist
PSLIST_ENTRY NTAPI ExpInterlockedFlushSList(PSLIST_HEADER ListHead) {
    Header seen = load(ListHead);
    Header empty;
    do {
        if (!first_of(seen)) return nullptr;
        empty = with_first(seen, nullptr, 0);
        empty.header.HeaderX64.Depth = 0;
    } while (!swap(ListHead, seen, empty));
    return first_of(seen);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exquerydepthslist
USHORT NTAPI ExQueryDepthSList(PSLIST_HEADER ListHead) {
    return static_cast<USHORT>(__atomic_load_n(&ListHead->Alignment, __ATOMIC_ACQUIRE));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlfirstentryslist
PSLIST_ENTRY NTAPI FirstEntrySList(PSLIST_HEADER ListHead) { return first_of(load(ListHead)); }

}  // extern "C"
