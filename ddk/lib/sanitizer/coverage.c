// Ends of the tables that coverage instrumentation fills. The linker orders sections by what follows the `$`; the
// instrumented code expects eight bytes in front of the first entry.
#include <stdint.h>

#define ENDS(name, first, last)                                                                   \
    __attribute__((section(first), used)) uint64_t __start___sancov_##name = 0;                   \
    __attribute__((section(last), used)) uint64_t __stop___sancov_##name = 0

ENDS(guards, ".SCOV$GA", ".SCOV$GZ");
ENDS(cntrs, ".SCOV$CA", ".SCOV$CZ");
ENDS(bools, ".SCOV$BA", ".SCOV$BZ");

__attribute__((section(".SCOVP$A"), used)) const uint64_t __start___sancov_pcs = 0;
__attribute__((section(".SCOVP$Z"), used)) const uint64_t __stop___sancov_pcs = 0;
