// Frames on their way up, gathered into one chain before they are indicated.
#pragma once

#include "nic/adapter.h"

namespace ndiskit::nic {

class ReceiveBatch {
  public:
    explicit ReceiveBatch(Adapter& adapter) : adapter_(adapter) {}

    void add(NET_BUFFER_LIST* nbl) {
        NET_BUFFER_LIST_NEXT_NBL(nbl) = nullptr;
        *end_ = nbl;
        end_ = &NET_BUFFER_LIST_NEXT_NBL(nbl);
        ++count_;
        bytes_ += NET_BUFFER_DATA_LENGTH(NET_BUFFER_LIST_FIRST_NB(nbl));
    }
    ULONG count() const { return count_; }
    const NET_BUFFER_LIST* first() const { return first_; }

    // Gives the chain away.
    NET_BUFFER_LIST* take() {
        NET_BUFFER_LIST* chain = first_;
        first_ = nullptr;
        end_ = &first_;
        count_ = 0;
        bytes_ = 0;
        return chain;
    }

    // At DISPATCH_LEVEL.
    void indicate() {
        if (count_ == 0) return;
        const ULONG count = count_;
        const uint64_t bytes = bytes_;
        adapter_.indicate(take(), count, bytes);
    }

  private:
    Adapter& adapter_;
    NET_BUFFER_LIST* first_ = nullptr;
    NET_BUFFER_LIST** end_ = &first_;
    ULONG count_ = 0;
    uint64_t bytes_ = 0;
};

}  // namespace ndiskit::nic
