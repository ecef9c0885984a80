// Locks on ranges of bytes, by the file and not by the open: those of a program's other opens hold, too. A
// shared lock lets others read, an exclusive one lets only its owner, which is an open with a key. Locks go
// with the open. https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwlockfile
#pragma once

#include <cstdint>
#include <utility>

#include "nt/abi/types.h"

namespace ndiskit::nt::files {

using FileId = std::pair<uint64_t, uint64_t>;

struct ByteRange {
    uint64_t start = 0, length = 0;
    bool operator==(const ByteRange&) const = default;
    bool overlaps(const ByteRange& other) const {
        return length && other.length && start <= other.last() && other.start <= last();
    }
    uint64_t last() const { return length - 1 > ~start ? ~uint64_t{0} : start + length - 1; }
};
struct LockOwner {
    const void* open = nullptr;
    ULONG key = 0;
    bool operator==(const LockOwner&) const = default;
};

// False when another lock is in the way.
bool lock_range(const FileId& file, const LockOwner& owner, const ByteRange& range, bool exclusive);
// False when there is no lock of just that range.
bool unlock_range(const FileId& file, const LockOwner& owner, const ByteRange& range);
// All of the open's; only those with the key when there is one.
void unlock_all(const FileId& file, const void* open, const ULONG* key = nullptr);
bool may_transfer(const FileId& file, const LockOwner& owner, const ByteRange& range, bool writes);

}  // namespace ndiskit::nt::files
