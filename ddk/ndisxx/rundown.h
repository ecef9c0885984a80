// Counts what is under way, so that somebody can stop it and wait until the last one has gone: the sends and
// receives of an adapter that pauses, the requests of a binding that closes.
//
//     if (!traffic.enter()) return refuse();      // per chain, at any IRQL up to DISPATCH_LEVEL
//     ...
//     traffic.leave();
//
//     traffic.close();                            // at PASSIVE_LEVEL: from here enter fails; waits
//     traffic.open();                             // as at first
#pragma once

#include <ndisxx/atomic.h>
#include <ndisxx/event.h>

namespace ndisxx {

class Rundown {
  public:
    // Starts closed.
    Rundown() noexcept : drained_(true) {}

    // Counts `n` more; false when closed, and then nothing is counted.
    bool enter(LONG64 n = 1) noexcept {
        const LONG64 before = state_.fetch_add(n * one);
        if (before & closed) [[unlikely]] {
            leave(n);
            return false;
        }
        return true;
    }
    // Counts more where the caller is counted already, so that it cannot fail.
    void add(LONG64 n) noexcept { state_.fetch_add(n * one); }
    void leave(LONG64 n = 1) noexcept {
        if (state_.fetch_add(-n * one) == n * one + closed) drained_.set();
    }

    // From here on `enter` fails; returns when all that entered has left.
    void close() noexcept {
        drained_.clear();
        const LONG64 before = state_.fetch_or(closed);
        if ((before & ~closed) == 0) return;
        drained_.wait();
    }
    void open() noexcept { state_.fetch_and(~closed); }

    LONG64 count() const noexcept { return state_.load() / one; }

  private:
    static constexpr LONG64 closed = 1;
    static constexpr LONG64 one = 2;

    Atomic64 state_ = closed;
    Event drained_;
};

}  // namespace ndisxx
