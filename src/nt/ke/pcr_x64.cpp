#include "nt/ke/pcr_x64.h"

#include <asm/prctl.h>
#include <immintrin.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/assert.h"

namespace ndiskit::nt::ke {
namespace {

// AT_HWCAP2 tells whether the kernel lets user mode use the instructions; CPUID alone does not.
bool has_fsgsbase() {
    constexpr unsigned long hwcap2_fsgsbase = 1 << 1;
    static const bool has = (getauxval(AT_HWCAP2) & hwcap2_fsgsbase) != 0;
    return has;
}

}  // namespace

void set_gs_base(Pcr* pcr) {
    if (has_fsgsbase()) {
        _writegsbase_u64(reinterpret_cast<uint64_t>(pcr));
        return;
    }
    const long result = syscall(SYS_arch_prctl, ARCH_SET_GS, pcr);
    ASSERT_THAT(result == 0, "the system refuses a GS base");
}

Pcr* gs_base() {
    if (has_fsgsbase()) return reinterpret_cast<Pcr*>(_readgsbase_u64());
    Pcr* pcr = nullptr;
    syscall(SYS_arch_prctl, ARCH_GET_GS, &pcr);
    return pcr;
}

}  // namespace ndiskit::nt::ke
