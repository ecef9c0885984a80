// Dynamic hash tables: linear hashing over the caller's entries. The table grows and shrinks by one bucket
// at a time, when the caller says so; list heads never move, because contexts and enumerators point to them.
//
// Buckets stand in segments of 128, 128, 256, 512 ... in a directory. The entries of a bucket are sorted by
// signature, so that equal ones follow one another. An enumerator stands in the bucket that it looks at as an
// entry of signature 0, which nobody else may have.
// They have no pages of their own; ntddk.h declares them, with the inline functions over these fields.
#include <bit>

#include "nt/abi.h"
#include "nt/pool/pool.h"

namespace {

using namespace ndiskit::nt;
using Table = RTL_DYNAMIC_HASH_TABLE;
using Entry = RTL_DYNAMIC_HASH_TABLE_ENTRY;
using Enumerator = RTL_DYNAMIC_HASH_TABLE_ENUMERATOR;

constexpr ULONG hash_tag = 0x68735448;  // 'HTsh' in memory order
constexpr ULONG first_segment = 128, segments = 20;
constexpr ULONG most_buckets = first_segment << (segments - 1);
constexpr ULONG_PTR reserved = RTL_HASH_RESERVED_SIGNATURE, instead_of_reserved = 1;

struct Directory {
    LIST_ENTRY* segment[segments];
};
Directory& directory(const Table& table) { return *static_cast<Directory*>(table.Directory); }

// Segment 0 has the first 128 buckets; segment n as many as all before it.
ULONG segment_of(ULONG bucket) {
    return bucket < first_segment ? 0 : static_cast<ULONG>(std::bit_width(bucket / first_segment));
}
ULONG segment_start(ULONG segment) { return segment ? first_segment << (segment - 1) : 0; }
ULONG segment_size(ULONG segment) { return segment ? segment_start(segment) : first_segment; }

LIST_ENTRY* head_of(const Table& table, ULONG bucket) {
    const ULONG segment = segment_of(bucket);
    return &directory(table).segment[segment][bucket - segment_start(segment)];
}

bool add_segment(Table& table, ULONG segment, const void* caller) {
    auto*& heads = directory(table).segment[segment];
    if (heads) return true;
    heads = static_cast<LIST_ENTRY*>(
        pool_allocate(PoolKind::nonpaged, segment_size(segment) * sizeof(LIST_ENTRY), hash_tag, caller));
    if (!heads) return false;
    for (ULONG i = 0; i < segment_size(segment); ++i) InitializeListHead(&heads[i]);
    return true;
}

ULONG bucket_of(const Table& table, ULONG_PTR signature) {
    // Signatures are often addresses or small numbers: the multiplication spreads them over the low bits.
    const ULONG_PTR hash = ((signature >> table.Shift) * 0x9E3779B97F4A7C15u) >> 32;
    const auto bucket = static_cast<ULONG>(hash & table.DivisorMask);
    return bucket < table.Pivot ? static_cast<ULONG>(hash & (table.DivisorMask << 1 | 1)) : bucket;
}

Entry* entry_of(LIST_ENTRY* linkage) { return CONTAINING_RECORD(linkage, Entry, Linkage); }
bool is_enumerator(const Entry& entry) { return entry.Signature == reserved; }

LIST_ENTRY* skip_enumerators(LIST_ENTRY* head, LIST_ENTRY* at) {
    while (at != head && is_enumerator(*entry_of(at))) at = at->Flink;
    return at;
}
bool is_empty(LIST_ENTRY* head) { return skip_enumerators(head, head->Flink) == head; }

// Where in its bucket the signature is or would be: behind the last entry with a smaller one.
RTL_DYNAMIC_HASH_TABLE_CONTEXT place_of(const Table& table, ULONG_PTR signature) {
    LIST_ENTRY* const head = head_of(table, bucket_of(table, signature));
    LIST_ENTRY* before = head;
    for (LIST_ENTRY* at = head->Flink; at != head; at = at->Flink) {
        if (is_enumerator(*entry_of(at))) continue;
        if (entry_of(at)->Signature >= signature) break;
        before = at;
    }
    return {head, before, signature};
}

void insert_sorted(LIST_ENTRY* head, Entry& entry) {
    LIST_ENTRY* at = head->Flink;
    while (at != head && (is_enumerator(*entry_of(at)) || entry_of(at)->Signature < entry.Signature))
        at = at->Flink;
    InsertTailList(at, &entry.Linkage);
}

// Puts the entries of one bucket where they belong now; enumerators stay.
void redistribute(Table& table, LIST_ENTRY* from) {
    for (LIST_ENTRY *at = from->Flink, *next; at != from; at = next) {
        next = at->Flink;
        Entry& entry = *entry_of(at);
        if (is_enumerator(entry)) continue;
        LIST_ENTRY* const to = head_of(table, bucket_of(table, entry.Signature));
        if (to == from) continue;
        RemoveEntryList(at);
        table.NonEmptyBuckets += is_empty(to) ? 1 : 0;
        insert_sorted(to, entry);
        table.NonEmptyBuckets -= is_empty(from) ? 1 : 0;
    }
}

void begin(Table& table, Enumerator& enumerator) {
    enumerator.ChainHead = head_of(table, 0);
    enumerator.BucketIndex = 0;
    enumerator.HashEntry.Signature = reserved;
    InsertHeadList(enumerator.ChainHead, &enumerator.HashEntry.Linkage);
}

Entry* step(Table& table, Enumerator& enumerator) {
    for (;;) {
        LIST_ENTRY* const head = enumerator.ChainHead;
        LIST_ENTRY* const found = skip_enumerators(head, enumerator.HashEntry.Linkage.Flink);
        RemoveEntryList(&enumerator.HashEntry.Linkage);
        if (found != head) {
            InsertHeadList(found, &enumerator.HashEntry.Linkage);  // behind it
            return entry_of(found);
        }
        if (enumerator.BucketIndex + 1 >= table.TableSize) {
            InsertTailList(head, &enumerator.HashEntry.Linkage);
            return nullptr;
        }
        enumerator.ChainHead = head_of(table, ++enumerator.BucketIndex);
        InsertHeadList(enumerator.ChainHead, &enumerator.HashEntry.Linkage);
    }
}

void end(Enumerator& enumerator) {
    RemoveEntryList(&enumerator.HashEntry.Linkage);
    enumerator.ChainHead = nullptr;
}

}  // namespace

extern "C" {

static BOOLEAN create_table(PRTL_DYNAMIC_HASH_TABLE* result, ULONG buckets, ULONG shift, const void* caller) {
    const bool allocate = *result == nullptr;
    auto* const table =
        allocate ? static_cast<Table*>(pool_allocate(PoolKind::nonpaged, sizeof(Table), hash_tag, caller))
                 : *result;
    if (!table) return FALSE;
    *table = {};
    table->Flags = allocate ? RTL_HASH_ALLOCATED_HEADER : 0;
    table->Shift = shift;
    table->TableSize = buckets;
    table->DivisorMask = buckets - 1;
    table->Directory = pool_allocate_zeroed(PoolKind::nonpaged, sizeof(Directory), hash_tag, caller);
    bool complete = table->Directory != nullptr;
    for (ULONG segment = 0; complete && segment <= segment_of(buckets - 1); ++segment)
        complete = add_segment(*table, segment, caller);
    if (!complete) {
        if (table->Directory)
            for (LIST_ENTRY* heads : directory(*table).segment)
                if (heads) pool_free(heads, hash_tag);
        if (table->Directory) pool_free(table->Directory, hash_tag);
        if (allocate) pool_free(table, hash_tag);
        return FALSE;
    }
    *result = table;
    return TRUE;
}

BOOLEAN NTAPI RtlCreateHashTable(PRTL_DYNAMIC_HASH_TABLE* result, ULONG shift, ULONG) {
    return create_table(result, first_segment, shift, __builtin_return_address(0));
}

// With a number of buckets, a power of two, to begin with; 0 leaves it to the table.
BOOLEAN NTAPI RtlCreateHashTableEx(PRTL_DYNAMIC_HASH_TABLE* result, ULONG buckets, ULONG shift, ULONG flags) {
    if (!buckets) buckets = first_segment;
    if (flags || !std::has_single_bit(buckets) || buckets < first_segment || buckets > most_buckets)
        return FALSE;
    return create_table(result, buckets, shift, __builtin_return_address(0));
}

void NTAPI RtlDeleteHashTable(PRTL_DYNAMIC_HASH_TABLE table) {
    for (LIST_ENTRY* heads : directory(*table).segment)
        if (heads) pool_free(heads, hash_tag);
    pool_free(table->Directory, hash_tag);
    table->Directory = nullptr;
    if (table->Flags & RTL_HASH_ALLOCATED_HEADER) pool_free(table, hash_tag);
}

BOOLEAN NTAPI RtlInsertEntryHashTable(PRTL_DYNAMIC_HASH_TABLE table, PRTL_DYNAMIC_HASH_TABLE_ENTRY entry,
                                      ULONG_PTR signature, PRTL_DYNAMIC_HASH_TABLE_CONTEXT context) {
    if (signature == reserved) signature = instead_of_reserved;
    entry->Signature = signature;
    RTL_DYNAMIC_HASH_TABLE_CONTEXT own = {};
    if (!context) context = &own;
    if (!context->ChainHead) *context = place_of(*table, signature);
    if (is_empty(context->ChainHead)) ++table->NonEmptyBuckets;
    InsertHeadList(context->PrevLinkage, &entry->Linkage);
    ++table->NumEntries;
    return TRUE;
}

BOOLEAN NTAPI RtlRemoveEntryHashTable(PRTL_DYNAMIC_HASH_TABLE table, PRTL_DYNAMIC_HASH_TABLE_ENTRY entry,
                                      PRTL_DYNAMIC_HASH_TABLE_CONTEXT context) {
    const auto place = place_of(*table, entry->Signature);
    RemoveEntryList(&entry->Linkage);
    --table->NumEntries;
    if (is_empty(place.ChainHead)) --table->NonEmptyBuckets;
    if (context && !context->ChainHead) *context = place;
    return TRUE;
}

PRTL_DYNAMIC_HASH_TABLE_ENTRY NTAPI RtlLookupEntryHashTable(PRTL_DYNAMIC_HASH_TABLE table,
                                                            ULONG_PTR signature,
                                                            PRTL_DYNAMIC_HASH_TABLE_CONTEXT context) {
    if (signature == reserved) signature = instead_of_reserved;
    const auto place = place_of(*table, signature);
    if (context) *context = place;
    LIST_ENTRY* const at = skip_enumerators(place.ChainHead, place.PrevLinkage->Flink);
    return at != place.ChainHead && entry_of(at)->Signature == signature ? entry_of(at) : nullptr;
}

// The context stands before the entry that the last call gave.
PRTL_DYNAMIC_HASH_TABLE_ENTRY NTAPI RtlGetNextEntryHashTable(PRTL_DYNAMIC_HASH_TABLE,
                                                             PRTL_DYNAMIC_HASH_TABLE_CONTEXT context) {
    LIST_ENTRY* const head = context->ChainHead;
    LIST_ENTRY* const last = skip_enumerators(head, context->PrevLinkage->Flink);
    if (last == head) return nullptr;
    LIST_ENTRY* const next = skip_enumerators(head, last->Flink);
    if (next == head || entry_of(next)->Signature != context->Signature) return nullptr;
    context->PrevLinkage = last;
    return entry_of(next);
}

BOOLEAN NTAPI RtlInitEnumerationHashTable(PRTL_DYNAMIC_HASH_TABLE table,
                                          PRTL_DYNAMIC_HASH_TABLE_ENUMERATOR enumerator) {
    begin(*table, *enumerator);
    ++table->NumEnumerators;
    return TRUE;
}

PRTL_DYNAMIC_HASH_TABLE_ENTRY NTAPI
RtlEnumerateEntryHashTable(PRTL_DYNAMIC_HASH_TABLE table, PRTL_DYNAMIC_HASH_TABLE_ENUMERATOR enumerator) {
    return step(*table, *enumerator);
}

void NTAPI RtlEndEnumerationHashTable(PRTL_DYNAMIC_HASH_TABLE table,
                                      PRTL_DYNAMIC_HASH_TABLE_ENUMERATOR enumerator) {
    --table->NumEnumerators;
    end(*enumerator);
}

// A strong enumeration holds the table's size and gives each entry once, as the plain one does.
BOOLEAN NTAPI RtlInitStrongEnumerationHashTable(PRTL_DYNAMIC_HASH_TABLE table,
                                                PRTL_DYNAMIC_HASH_TABLE_ENUMERATOR enumerator) {
    return RtlInitEnumerationHashTable(table, enumerator);
}

PRTL_DYNAMIC_HASH_TABLE_ENTRY NTAPI RtlStronglyEnumerateEntryHashTable(
    PRTL_DYNAMIC_HASH_TABLE table, PRTL_DYNAMIC_HASH_TABLE_ENUMERATOR enumerator) {
    return step(*table, *enumerator);
}

void NTAPI RtlEndStrongEnumerationHashTable(PRTL_DYNAMIC_HASH_TABLE table,
                                            PRTL_DYNAMIC_HASH_TABLE_ENUMERATOR enumerator) {
    RtlEndEnumerationHashTable(table, enumerator);
}

// A weak enumeration lets the table grow and shrink; entries that move then may come twice or not at all.
BOOLEAN NTAPI RtlInitWeakEnumerationHashTable(PRTL_DYNAMIC_HASH_TABLE table,
                                              PRTL_DYNAMIC_HASH_TABLE_ENUMERATOR enumerator) {
    begin(*table, *enumerator);
    return TRUE;
}

PRTL_DYNAMIC_HASH_TABLE_ENTRY NTAPI RtlWeaklyEnumerateEntryHashTable(
    PRTL_DYNAMIC_HASH_TABLE table, PRTL_DYNAMIC_HASH_TABLE_ENUMERATOR enumerator) {
    return step(*table, *enumerator);
}

void NTAPI RtlEndWeakEnumerationHashTable(PRTL_DYNAMIC_HASH_TABLE,
                                          PRTL_DYNAMIC_HASH_TABLE_ENUMERATOR enumerator) {
    end(*enumerator);
}

BOOLEAN NTAPI RtlExpandHashTable(PRTL_DYNAMIC_HASH_TABLE table) {
    if (table->NumEnumerators || table->TableSize == most_buckets) return FALSE;
    if (!add_segment(*table, segment_of(table->TableSize), __builtin_return_address(0))) return FALSE;
    LIST_ENTRY* const split = head_of(*table, table->Pivot);
    ++table->TableSize;
    if (++table->Pivot == table->DivisorMask + 1) {
        table->DivisorMask = table->DivisorMask << 1 | 1;
        table->Pivot = 0;
    }
    redistribute(*table, split);
    return TRUE;
}

BOOLEAN NTAPI RtlContractHashTable(PRTL_DYNAMIC_HASH_TABLE table) {
    if (table->NumEnumerators || table->TableSize == first_segment) return FALSE;
    LIST_ENTRY* const last = head_of(*table, table->TableSize - 1);
    --table->TableSize;
    if (table->Pivot == 0) {
        table->DivisorMask >>= 1;
        table->Pivot = table->DivisorMask;
    } else {
        --table->Pivot;
    }
    redistribute(*table, last);
    return TRUE;
}

}  // extern "C"
