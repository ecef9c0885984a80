#include "base/assert.h"

#include <execinfo.h>
#include <unistd.h>

#include <cstdlib>

namespace ndiskit {

void assert_failed(const char* file, int line, const char* condition, std::string_view message) {
    fmt::print(stderr, "ndiskit: internal fault at {}:{}: {}{}{}\n", file, line, condition,
               message.empty() ? "" : ": ", message);
    void* frames[64];
    backtrace_symbols_fd(frames, backtrace(frames, 64), STDERR_FILENO);
    std::abort();
}

}  // namespace ndiskit
