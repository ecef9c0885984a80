// Random numbers that a seed decides wholly: the same seed gives the same sequence on every machine.
#pragma once

#include <cstdint>

namespace ndiskit {

// xoshiro256** (Blackman and Vigna), seeded through splitmix64. Not for secrets.
class Random {
  public:
    explicit Random(uint64_t seed);

    uint64_t next();
    // Uniform in [0, bound); bound must not be 0.
    uint64_t below(uint64_t bound);
    // True once in `n` times on average.
    bool one_in(uint64_t n) { return below(n) == 0; }

  private:
    uint64_t state_[4];
};

}  // namespace ndiskit
