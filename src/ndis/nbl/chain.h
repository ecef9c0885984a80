// Chains of NBLs as the send and receive paths handle them: counting, appending, splitting. All of it is
// pointer work of the caller's chain; nothing allocates or locks.
#pragma once

#include <cstddef>

#include "ndis/nbl/abi.h"

namespace ndiskit::ndis {

// A chain that is being built: append in O(1), take as a whole.
class NblChain {
  public:
    NblChain() = default;
    // Takes a chain whose end is not known; walks it once.
    explicit NblChain(NET_BUFFER_LIST* first) { append_chain(first); }
    NblChain(const NblChain&) = delete;
    NblChain& operator=(const NblChain&) = delete;

    bool empty() const { return !first_; }
    size_t count() const { return count_; }
    NET_BUFFER_LIST* first() const { return first_; }
    NET_BUFFER_LIST* last() const { return last_; }

    // Appends one NBL, whatever its Next was.
    void append(NET_BUFFER_LIST* nbl) {
        nbl->Next = nullptr;
        *tail_ = nbl;
        tail_ = &nbl->Next;
        last_ = nbl;
        count_++;
    }
    // Appends all of a chain; gives how many NBLs that were.
    size_t append_chain(NET_BUFFER_LIST* first) {
        size_t added = 0;
        *tail_ = first;
        for (NET_BUFFER_LIST* nbl = first; nbl; nbl = nbl->Next) {
            tail_ = &nbl->Next;
            last_ = nbl;
            added++;
        }
        count_ += added;
        return added;
    }
    void append(NblChain& other) {
        if (other.empty()) return;
        *tail_ = other.first_;
        tail_ = other.tail_;
        last_ = other.last_;
        count_ += other.count_;
        other.forget();
    }
    // Takes the first NBL off; null when empty.
    NET_BUFFER_LIST* pop() {
        NET_BUFFER_LIST* nbl = first_;
        if (!nbl) return nullptr;
        first_ = nbl->Next;
        nbl->Next = nullptr;
        if (--count_ == 0) forget();
        return nbl;
    }
    // The whole chain, which is the caller's then.
    NET_BUFFER_LIST* release() {
        NET_BUFFER_LIST* first = first_;
        forget();
        return first;
    }

  private:
    void forget() {
        first_ = last_ = nullptr;
        tail_ = &first_;
        count_ = 0;
    }

    NET_BUFFER_LIST* first_ = nullptr;
    NET_BUFFER_LIST* last_ = nullptr;
    NET_BUFFER_LIST** tail_ = &first_;
    size_t count_ = 0;
};

inline size_t count_nbls(const NET_BUFFER_LIST* first) {
    size_t count = 0;
    for (; first; first = first->Next) count++;
    return count;
}

inline size_t count_net_buffers(const NET_BUFFER_LIST* nbl) {
    size_t count = 0;
    for (const NET_BUFFER* nb = nbl->FirstNetBuffer; nb; nb = nb->Next) count++;
    return count;
}

struct ChainSize {
    size_t nbls = 0;
    size_t net_buffers = 0;
    uint64_t bytes = 0;
};

// Reads each NB: for statistics and checks, not for the path itself.
inline ChainSize measure(const NET_BUFFER_LIST* first) {
    ChainSize size;
    for (; first; first = first->Next) {
        size.nbls++;
        for (const NET_BUFFER* nb = first->FirstNetBuffer; nb; nb = nb->Next) {
            size.net_buffers++;
            size.bytes += nb->DataLength;
        }
    }
    return size;
}

inline NET_BUFFER_LIST* last_nbl(NET_BUFFER_LIST* first) {
    while (first && first->Next) first = first->Next;
    return first;
}

inline void set_status(NET_BUFFER_LIST* first, NDIS_STATUS status) {
    for (; first; first = first->Next) first->Status = status;
}

inline void set_source(NET_BUFFER_LIST* first, NDIS_HANDLE source) {
    for (; first; first = first->Next) first->SourceHandle = source;
}

// The run at the beginning of a chain for which `key(nbl)` is the same.
struct NblRun {
    NET_BUFFER_LIST* first;
    NET_BUFFER_LIST* last;
    NET_BUFFER_LIST* rest;  // what follows; null at the end
    size_t count;
};

// Cuts that run off: its last NBL's Next is null, `rest` is the chain behind.
template <class Key>
NblRun cut_run(NET_BUFFER_LIST* first, Key&& key) {
    NblRun run{first, first, nullptr, 1};
    const auto wanted = key(first);
    while (run.last->Next && key(run.last->Next) == wanted) {
        run.last = run.last->Next;
        run.count++;
    }
    run.rest = run.last->Next;
    run.last->Next = nullptr;
    return run;
}

// Cuts a chain into runs of one SourceHandle each, in order, and hands each to `deliver(handle, run)`: how
// completions and returns find their way to whoever sent or indicated the NBLs.
template <class Deliver>
void for_each_source(NET_BUFFER_LIST* chain, Deliver&& deliver) {
    while (chain) {
        const NblRun run = cut_run(chain, [](const NET_BUFFER_LIST* nbl) { return nbl->SourceHandle; });
        chain = run.rest;
        deliver(run.first->SourceHandle, run);
    }
}

// Moves the NBLs for which `wanted(nbl)` holds from `chain` to `taken`; the order stays on both sides.
template <class Wanted>
NET_BUFFER_LIST* take_matching(NET_BUFFER_LIST* chain, NblChain& taken, Wanted&& wanted) {
    NblChain kept;
    while (chain) {
        NET_BUFFER_LIST* next = chain->Next;
        (wanted(chain) ? taken : kept).append(chain);
        chain = next;
    }
    return kept.release();
}

}  // namespace ndiskit::ndis
