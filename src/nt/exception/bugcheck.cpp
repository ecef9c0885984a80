// The end of a machine. The first thread that bug checks tells what happened and ends the process; others
// that come here wait for that. A fault inside the report ends the process with what was told so far.
#include "nt/bugcheck.h"

#include <fmt/core.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

#include "base/guarded.h"
#include "nt/exception/crash_report.h"
#include "nt/exception/frames_x64.h"
#include "nt/exception/status.h"

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif

namespace ndiskit::nt {
namespace {

using exception::Context;
using exception::Crash;

// The report needs more stack than a fiber may have left. In memory of its own, because the crashed stack is
// evidence.
constexpr size_t report_stack_size = 1 << 20;
alignas(64) std::byte report_stack[report_stack_size];

std::atomic<int> dying_thread = 0;
std::atomic<bool> reporting = false;
bool context_known = false;
bool told = false;
Crash the_crash;
void (*bug_check_hook)(uint32_t code) = nullptr;
std::atomic<void (*)(uint32_t code)> last_words = nullptr;

int host_thread() { return static_cast<int>(syscall(SYS_gettid)); }

// True for the thread that may tell; others stay here until the process has ended.
void claim_death() {
    int expected = 0;
    const int me = host_thread();
    if (dying_thread.compare_exchange_strong(expected, me) || expected == me) return;
    for (;;) pause();
}

void write_short(std::string_view text) {
    const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    (void)written;
}

[[noreturn]] void end_process() {
    if (const auto say = last_words.load()) say(the_crash.code);
    _exit(bug_check_exit_status);
}

void report_on_own_stack(void*) { exception::report_crash(the_crash); }

}  // namespace

namespace exception {

void set_crash_context(const Context& context) {
    claim_death();
    if (context_known) return;
    the_crash.context = context;
    context_known = true;
}

void set_crash_exception(const ExceptionRecord& record) {
    claim_death();
    the_crash.exception = record;
    the_crash.has_exception = true;
}

void set_bug_check_hook(void (*hook)(uint32_t code)) { bug_check_hook = hook; }

void set_last_words(void (*say)(uint32_t code)) { last_words = say; }

}  // namespace exception

void bug_check(uint32_t code, uint64_t p1, uint64_t p2, uint64_t p3, uint64_t p4) {
    bug_check_because({}, code, p1, p2, p3, p4);
}

void bug_check_because(std::string_view because, uint32_t code, uint64_t p1, uint64_t p2, uint64_t p3,
                       uint64_t p4) {
    claim_death();
    if (reporting.exchange(true)) {
        write_short(told ? "*** a bug check callback faulted; the machine ends here\n"
                         : "*** a second fault came while the first was being told; the machine ends here\n");
        end_process();
    }
    if (!context_known) ndiskit_capture(&the_crash.context);
    the_crash.code = code;
    the_crash.parameters[0] = p1;
    the_crash.parameters[1] = p2;
    the_crash.parameters[2] = p3;
    the_crash.parameters[3] = p4;
    the_crash.because = because;
    // In case the report cannot be finished, its first line is out.
    write_short(fmt::format("*** bug check {:#x} {}\n", code, exception::stop_code_name(code)));
#if __has_feature(address_sanitizer)
    __asan_handle_no_return();
#endif
    ndiskit_on_stack(report_stack + report_stack_size, report_on_own_stack, nullptr);
    // After the report: a callback that faults must not cost it. Not in the middle of a lock of the kit.
    told = true;
    if (bug_check_hook && HeldRanks::none()) bug_check_hook(code);
    fflush(nullptr);
    end_process();
}

}  // namespace ndiskit::nt
