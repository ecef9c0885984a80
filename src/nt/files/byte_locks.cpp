#include "nt/files/byte_locks.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/guarded.h"

namespace ndiskit::nt::files {

namespace {

struct Lock {
    LockOwner owner;
    ByteRange range;
    bool exclusive;
};
Guarded<std::map<FileId, std::vector<Lock>>, LockRank::nt_leaf> locks;

}  // namespace

bool lock_range(const FileId& file, const LockOwner& owner, const ByteRange& range, bool exclusive) {
    return locks.with([&](auto& all) {
        std::vector<Lock>& of_file = all[file];
        // Not even the owner gets an exclusive lock over another.
        const bool refused = std::ranges::any_of(of_file, [&](const Lock& lock) {
            return lock.range.overlaps(range) && (exclusive || (lock.exclusive && lock.owner != owner));
        });
        if (!refused) of_file.push_back({owner, range, exclusive});
        return !refused;
    });
}

bool unlock_range(const FileId& file, const LockOwner& owner, const ByteRange& range) {
    return locks.with([&](auto& all) {
        std::vector<Lock>& of_file = all[file];
        const auto found = std::ranges::find_if(
            of_file, [&](const Lock& lock) { return lock.owner == owner && lock.range == range; });
        if (found == of_file.end()) return false;
        of_file.erase(found);
        return true;
    });
}

void unlock_all(const FileId& file, const void* open, const ULONG* key) {
    locks.with([&](auto& all) {
        const auto found = all.find(file);
        if (found == all.end()) return;
        std::erase_if(found->second, [&](const Lock& lock) {
            return lock.owner.open == open && (!key || lock.owner.key == *key);
        });
        if (found->second.empty()) all.erase(found);
    });
}

bool may_transfer(const FileId& file, const LockOwner& owner, const ByteRange& range, bool writes) {
    return locks.with([&](auto& all) {
        const auto found = all.find(file);
        return found == all.end() || std::ranges::none_of(found->second, [&](const Lock& lock) {
                   if (!lock.range.overlaps(range)) return false;
                   return lock.exclusive ? lock.owner != owner : writes;
               });
    });
}

}  // namespace ndiskit::nt::files
