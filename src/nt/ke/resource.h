// Executive resources (ERESOURCE): reader/writer locks that know their owners, so that a thread may take one
// again that it holds. The writer stands in OwnerEntry, readers in OwnerEntry and in the table that
// OwnerTable points to, whose first entry gives its size. All of it is guarded by the lot's lock
// (wait_lot.h).
#pragma once

#include "nt/abi.h"

namespace ndiskit::nt::ke {

enum class SharedRule {
    behind_exclusive_waiters,      // ExAcquireResourceSharedLite
    ahead_of_exclusive_waiters,    // ExAcquireSharedStarveExclusive
    wait_for_exclusive_even_owner  // ExAcquireSharedWaitForExclusive
};

bool acquire_resource_exclusive(ERESOURCE& resource, bool wait);
bool acquire_resource_shared(ERESOURCE& resource, bool wait, SharedRule rule);
void release_resource(ERESOURCE& resource, ERESOURCE_THREAD owner);

}  // namespace ndiskit::nt::ke
