// What is out of an edge, in frames or NBLs, and whether more may go out. The data path enters and leaves; a
// pause closes, and whoever leaves last tells it that all are back. One atomic word: no lock, and nothing
// between "closed" and "counted".
#pragma once

#include <atomic>
#include <cstdint>

namespace ndiskit::edge {

class Outstanding {
  public:
    // Begins closed.
    //
    // False when closed: then nothing is counted, and nobody will be told.
    [[nodiscard]] bool enter(int64_t count) {
        int64_t now = word_.load(std::memory_order_relaxed);
        do
            if (now & closed) [[unlikely]]
                return false;
        while (!word_.compare_exchange_weak(now, now + count * one, std::memory_order_acq_rel,
                                            std::memory_order_relaxed));
        return true;
    }
    // True for the one that was the last out of a closed edge; who gets it tells who waits.
    [[nodiscard]] bool leave(int64_t count) {
        return word_.fetch_sub(count * one, std::memory_order_acq_rel) == count * one + closed;
    }

    // True when nothing is out any more; else a leave() will say so.
    [[nodiscard]] bool close() { return word_.fetch_or(closed, std::memory_order_acq_rel) < one; }
    void open() { word_.fetch_and(~closed, std::memory_order_acq_rel); }

  private:
    static constexpr int64_t closed = 1, one = 2;
    std::atomic<int64_t> word_ = closed;  // the count, doubled, and the bit
};

}  // namespace ndiskit::edge
