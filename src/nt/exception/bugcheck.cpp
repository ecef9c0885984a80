#include "nt/bugcheck.h"

#include <fmt/core.h>
#include <unistd.h>

namespace ndiskit::nt {

void bug_check(uint32_t code, uint64_t p1, uint64_t p2, uint64_t p3, uint64_t p4) {
    bug_check_because({}, code, p1, p2, p3, p4);
}

void bug_check_because(std::string_view because, uint32_t code, uint64_t p1, uint64_t p2, uint64_t p3, uint64_t p4) {
    fmt::print(stderr, "*** STOP: {:#010x} ({:#x}, {:#x}, {:#x}, {:#x})\n{}\n", code, p1, p2, p3, p4, because);
    _exit(bug_check_exit_status);
}

}  // namespace ndiskit::nt
