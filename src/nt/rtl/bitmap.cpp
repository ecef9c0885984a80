// Bitmaps: bit 0 is the least significant of the first word.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlinitializebitmap
#include <algorithm>

#include "nt/abi.h"

namespace {

constexpr ULONG none = 0xFFFFFFFF;

bool bit(const RTL_BITMAP& map, ULONG at) { return map.Buffer[at / 32] >> (at % 32) & 1; }

void put(RTL_BITMAP& map, ULONG at, bool value) {
    const ULONG mask = 1u << (at % 32);
    map.Buffer[at / 32] = value ? map.Buffer[at / 32] | mask : map.Buffer[at / 32] & ~mask;
}

bool all(const RTL_BITMAP& map, ULONG from, ULONG count, bool value) {
    if (count == 0 || from >= map.SizeOfBitMap || count > map.SizeOfBitMap - from) return false;
    for (ULONG at = from; at < from + count; ++at)
        if (bit(map, at) != value) return false;
    return true;
}

// The first run of `count` bits of the value that starts in [from, to).
ULONG find_between(const RTL_BITMAP& map, ULONG count, bool value, ULONG from, ULONG to) {
    ULONG length = 0;
    for (ULONG at = from; at < map.SizeOfBitMap; ++at) {
        if (bit(map, at) != value) {
            length = 0;
            if (at >= to) return none;
        } else if (++length == count) {
            return at + 1 - count < to ? at + 1 - count : none;
        }
    }
    return none;
}

// From the hint on, then from the start.
ULONG find(const RTL_BITMAP& map, ULONG count, ULONG hint, bool value) {
    if (hint >= map.SizeOfBitMap) hint = 0;
    if (count == 0) return hint & ~7u;
    if (count > map.SizeOfBitMap) return none;
    const ULONG found = find_between(map, count, value, hint, map.SizeOfBitMap);
    return found != none ? found : find_between(map, count, value, 0, hint);
}

void fill(RTL_BITMAP& map, ULONG from, ULONG count, bool value) {
    for (ULONG at = from; at < from + count; ++at) put(map, at, value);
}

ULONG run_length(const RTL_BITMAP& map, ULONG from, bool value) {
    ULONG at = from;
    while (at < map.SizeOfBitMap && bit(map, at) == value) ++at;
    return at - from;
}

}  // namespace

extern "C" {

VOID NTAPI RtlInitializeBitMap(PRTL_BITMAP map, PULONG buffer, ULONG bits) { *map = {bits, buffer}; }
VOID NTAPI RtlClearBit(PRTL_BITMAP map, ULONG at) { put(*map, at, false); }
VOID NTAPI RtlSetBit(PRTL_BITMAP map, ULONG at) { put(*map, at, true); }
BOOLEAN NTAPI RtlTestBit(PRTL_BITMAP map, ULONG at) { return bit(*map, at); }
VOID NTAPI RtlClearBits(PRTL_BITMAP map, ULONG from, ULONG count) { fill(*map, from, count, false); }
VOID NTAPI RtlSetBits(PRTL_BITMAP map, ULONG from, ULONG count) { fill(*map, from, count, true); }
BOOLEAN NTAPI RtlAreBitsClear(PRTL_BITMAP map, ULONG from, ULONG count) {
    return all(*map, from, count, false);
}
BOOLEAN NTAPI RtlAreBitsSet(PRTL_BITMAP map, ULONG from, ULONG count) { return all(*map, from, count, true); }
ULONG NTAPI RtlFindClearBits(PRTL_BITMAP map, ULONG count, ULONG hint) {
    return find(*map, count, hint, false);
}
ULONG NTAPI RtlFindSetBits(PRTL_BITMAP map, ULONG count, ULONG hint) { return find(*map, count, hint, true); }

// All words, also the part of the last one behind the map's end, as Windows does.
VOID NTAPI RtlClearAllBits(PRTL_BITMAP map) {
    for (ULONG word = 0; word < (map->SizeOfBitMap + 31) / 32; ++word) map->Buffer[word] = 0;
}
VOID NTAPI RtlSetAllBits(PRTL_BITMAP map) {
    for (ULONG word = 0; word < (map->SizeOfBitMap + 31) / 32; ++word) map->Buffer[word] = 0xFFFFFFFF;
}

ULONG NTAPI RtlFindClearBitsAndSet(PRTL_BITMAP map, ULONG count, ULONG hint) {
    const ULONG found = find(*map, count, hint, false);
    if (found != none) fill(*map, found, count, true);
    return found;
}
ULONG NTAPI RtlFindSetBitsAndClear(PRTL_BITMAP map, ULONG count, ULONG hint) {
    const ULONG found = find(*map, count, hint, true);
    if (found != none) fill(*map, found, count, false);
    return found;
}

ULONG NTAPI RtlNumberOfSetBits(PRTL_BITMAP map) {
    ULONG count = 0;
    for (ULONG at = 0; at < map->SizeOfBitMap; ++at) count += bit(*map, at);
    return count;
}
ULONG NTAPI RtlNumberOfClearBits(PRTL_BITMAP map) { return map->SizeOfBitMap - RtlNumberOfSetBits(map); }

// Gives the length of the run and where it starts; the length is 0 when there is none.
ULONG NTAPI RtlFindNextForwardRunClear(PRTL_BITMAP map, ULONG from, PULONG start) {
    while (from < map->SizeOfBitMap && bit(*map, from)) ++from;
    *start = from;
    return from < map->SizeOfBitMap ? run_length(*map, from, false) : 0;
}
ULONG NTAPI RtlFindFirstRunClear(PRTL_BITMAP map, PULONG start) {
    return RtlFindNextForwardRunClear(map, 0, start);
}

ULONG NTAPI RtlFindLongestRunClear(PRTL_BITMAP map, PULONG start) {
    ULONG longest = 0;
    *start = 0;
    for (ULONG at = 0, begin = 0; at < map->SizeOfBitMap;) {
        const ULONG length = RtlFindNextForwardRunClear(map, at, &begin);
        if (length == 0) break;
        if (length > longest) {
            longest = length;
            *start = begin;
        }
        at = begin + length;
    }
    return longest;
}

// Runs into the array, from the start on, or the longest ones, from the longest on; gives how many.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlfindclearruns
ULONG NTAPI RtlFindClearRuns(PRTL_BITMAP map, PRTL_BITMAP_RUN runs, ULONG size, BOOLEAN longest) {
    ULONG count = 0;
    for (ULONG at = 0, start = 0; at < map->SizeOfBitMap && (longest || count < size);) {
        const ULONG length = RtlFindNextForwardRunClear(map, at, &start);
        if (!length) break;
        at = start + length;
        ULONG place = count;
        while (longest && place && runs[place - 1].NumberOfBits < length) --place;
        if (place == size) continue;
        count += count < size ? 1 : 0;
        for (ULONG i = count - 1; i > place; --i) runs[i] = runs[i - 1];
        runs[place] = {start, length};
    }
    return count;
}

// The run that ends at or before `from`.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlfindlastbackwardrunclear
ULONG NTAPI RtlFindLastBackwardRunClear(PRTL_BITMAP map, ULONG from, PULONG start) {
    ULONG end = from < map->SizeOfBitMap ? from + 1 : map->SizeOfBitMap;
    while (end && bit(*map, end - 1)) --end;
    ULONG begin = end;
    while (begin && !bit(*map, begin - 1)) --begin;
    *start = begin;
    return end - begin;
}

// Puts the first bits of one map into another, from `at` on; as many as both have.
void NTAPI RtlCopyBitMap(PRTL_BITMAP from, PRTL_BITMAP to, ULONG at) {
    for (ULONG i = 0; i < from->SizeOfBitMap && at + i < to->SizeOfBitMap; ++i)
        put(*to, at + i, bit(*from, i));
}

// The other way: `count` bits from `at` on become the first of the other map.
void NTAPI RtlExtractBitMap(PRTL_BITMAP from, PRTL_BITMAP to, ULONG at, ULONG count) {
    for (ULONG i = 0; i < count && at + i < from->SizeOfBitMap && i < to->SizeOfBitMap; ++i)
        put(*to, i, bit(*from, at + i));
}

ULONG NTAPI RtlNumberOfSetBitsInRange(PRTL_BITMAP map, ULONG from, ULONG count) {
    ULONG set = 0;
    for (ULONG at = from; at - from < count && at < map->SizeOfBitMap; ++at) set += bit(*map, at);
    return set;
}
ULONG NTAPI RtlNumberOfClearBitsInRange(PRTL_BITMAP map, ULONG from, ULONG count) {
    const ULONG inside = from < map->SizeOfBitMap ? std::min(count, map->SizeOfBitMap - from) : 0;
    return inside - RtlNumberOfSetBitsInRange(map, from, count);
}

}  // extern "C"
