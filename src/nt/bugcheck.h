// Bug checks: how a fault of a driver ends its machine. The process that is the machine ends with exit status
// `bug_check_exit_status`, after a report: stop code and name, the four parameters, the driver at fault, IRQL,
// and the stack with symbols.
#pragma once

#include <cstdint>
#include <string_view>

namespace ndiskit::nt {

constexpr int bug_check_exit_status = 3;

// Ends the machine with a Windows stop code and its parameters, as the documentation of that code lists them.
[[noreturn]] void bug_check(uint32_t code, uint64_t p1 = 0, uint64_t p2 = 0, uint64_t p3 = 0, uint64_t p4 = 0);
// As above, with a sentence for the report that says what was seen and what to do.
[[noreturn]] void bug_check_because(std::string_view because, uint32_t code, uint64_t p1 = 0, uint64_t p2 = 0,
                                    uint64_t p3 = 0, uint64_t p4 = 0);

}  // namespace ndiskit::nt
