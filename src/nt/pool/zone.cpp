// Zones: memory of the caller's, cut into blocks of one size that are kept on a list. Long superseded by
// lookaside lists. Taking and giving blocks is inline in drivers.
#include "nt/abi.h"

namespace {

constexpr ULONG alignment = 8;

bool is_valid(const void* segment, ULONG segment_size, ULONG block_size) {
    return reinterpret_cast<ULONG_PTR>(segment) % alignment == 0 && block_size % alignment == 0 &&
           block_size >= sizeof(SINGLE_LIST_ENTRY) &&
           segment_size >= sizeof(ZONE_SEGMENT_HEADER) + block_size;
}

void push(SINGLE_LIST_ENTRY& list, SINGLE_LIST_ENTRY* entry) {
    entry->Next = list.Next;
    list.Next = entry;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-exextendzone
NTSTATUS NTAPI ExExtendZone(PZONE_HEADER Zone, PVOID Segment, ULONG SegmentSize) {
    if (!is_valid(Segment, SegmentSize, Zone->BlockSize)) return STATUS_UNSUCCESSFUL;
    auto* const header = static_cast<PZONE_SEGMENT_HEADER>(Segment);
    push(Zone->SegmentList, &header->SegmentList);
    header->Reserved = nullptr;
    auto* const first = reinterpret_cast<char*>(header + 1);
    const ULONG room = SegmentSize - static_cast<ULONG>(sizeof(ZONE_SEGMENT_HEADER));
    for (ULONG at = 0; at + Zone->BlockSize <= room; at += Zone->BlockSize)
        push(Zone->FreeList, reinterpret_cast<SINGLE_LIST_ENTRY*>(first + at));
    Zone->TotalSegmentSize += SegmentSize;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-exinitializezone
NTSTATUS NTAPI ExInitializeZone(PZONE_HEADER Zone, ULONG BlockSize, PVOID InitialSegment,
                                ULONG InitialSegmentSize) {
    if (!is_valid(InitialSegment, InitialSegmentSize, BlockSize)) return STATUS_INVALID_PARAMETER;
    *Zone = {};
    Zone->BlockSize = BlockSize;
    return ExExtendZone(Zone, InitialSegment, InitialSegmentSize);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-exinterlockedextendzone
NTSTATUS NTAPI ExInterlockedExtendZone(PZONE_HEADER Zone, PVOID Segment, ULONG SegmentSize,
                                       PKSPIN_LOCK Lock) {
    const KIRQL irql = KeAcquireSpinLockRaiseToDpc(Lock);
    const NTSTATUS status = ExExtendZone(Zone, Segment, SegmentSize);
    KeReleaseSpinLock(Lock, irql);
    return status;
}

}  // extern "C"
