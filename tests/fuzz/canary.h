// Each target's own canary: a place that only an input which the parser takes whole comes to. With
// NDISKIT_FUZZ_CANARY in the environment it counts as a crash, and the target's seeds must run into it; if they do
// not, they stop short of what is to be fuzzed, or a broken promise would not be reported, and silence means nothing.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace ndiskit::fuzz {

inline void canary(bool taken_whole) {
    static const bool planted = std::getenv("NDISKIT_FUZZ_CANARY") != nullptr;
    if (!planted || !taken_whole) return;
    std::fputs("canary: the planted crash\n", stderr);
    std::abort();
}

}  // namespace ndiskit::fuzz
