// A target with a planted crash, four comparisons deep: if libFuzzer does not find it within seconds, coverage
// does not reach the targets and the silence of the others means nothing.
// fuzz: base
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size >= 4 && data[0] == 'N' && data[1] == 'D' && data[2] == 'I' && data[3] == 'S') {
        std::fputs("canary: the planted crash\n", stderr);
        std::abort();
    }
    return 0;
}
