// From signals to NT exceptions. The handler runs on a stack of its own (a stack overflow must be told, too);
// it does no more than copy the registers to the faulting thread's stack and send the thread to
// dispatch_fault there. So handlers of drivers run on the thread's own stack, on a fiber as on a thread of
// the host, with no signal pending.
#include <dlfcn.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstring>

#include "base/assert.h"
#include "base/log.h"
#include "nt/bugcheck.h"
#include "nt/exception/crash_report.h"
#include "nt/exception/dispatch.h"
#include "nt/exception/fault.h"
#include "nt/exception/frames_x64.h"
#include "nt/exception/raise.h"
#include "nt/exception/stack_walk_x64.h"
#include "nt/exception/status.h"
#include "nt/exception/unhandled.h"
#include "nt/image/image_list.h"

namespace ndiskit::nt::exception {
namespace {

constexpr int fault_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
constexpr size_t signal_stack_size = 64 * 1024;
constexpr size_t red_zone = 128;
struct sigaction previous[NSIG];

constexpr int general_order[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                 REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

void fill_context(Context& context, const mcontext_t& machine) {
    context.context_flags = context_full;
    for (unsigned n = 0; n < 16; ++n)
        context.general(n) = static_cast<uint64_t>(machine.gregs[general_order[n]]);
    context.rip = static_cast<uint64_t>(machine.gregs[REG_RIP]);
    context.eflags = static_cast<uint32_t>(machine.gregs[REG_EFL]);
    context.seg_cs = static_cast<uint16_t>(machine.gregs[REG_CSGSFS]);
    std::memcpy(&context.flt_save, machine.fpregs, sizeof(context.flt_save));
    context.mx_csr = context.flt_save.mx_csr;
}

// The kernel writes the signal mask to where it is told, or refuses: a probe that cannot fault.
bool is_writable(void* address) {
    return syscall(SYS_rt_sigprocmask, SIG_BLOCK, nullptr, address, size_t{8}) == 0;
}

[[noreturn]] void report_stack_overflow(const Context& context, uint64_t address) {
    set_crash_context(context);
    constexpr uint64_t double_fault = 8;
    bug_check_because("the kernel stack overflowed", stop_unexpected_kernel_mode_trap, double_fault, address,
                      context.rsp, context.rip);
}

void on_signal(int signal, siginfo_t* info, void* user_context) {
    auto& machine = static_cast<ucontext_t*>(user_context)->uc_mcontext;
    const auto stack = static_cast<uint64_t>(machine.gregs[REG_RSP]);
    // Below the faulting frame, with room to spare so that a nearly full stack counts as overflown here, not
    // later.
    constexpr size_t needed = 16 * 1024;
    auto* fault = reinterpret_cast<Fault*>((stack - red_zone - sizeof(Fault)) & ~uint64_t{63});
    if (!is_writable(fault) || !is_writable(reinterpret_cast<std::byte*>(fault) - needed)) {
        static Fault last;
        fill_context(last.context, machine);
        report_stack_overflow(last.context, reinterpret_cast<uint64_t>(info->si_addr));
    }
    fill_context(fault->context, machine);
    fault->signal = signal;
    fault->signal_code = info->si_code;
    fault->trap = static_cast<uint32_t>(machine.gregs[REG_TRAPNO]);
    fault->error = static_cast<uint32_t>(machine.gregs[REG_ERR]);
    fault->address = fault->trap == trap_page_fault ? static_cast<uint64_t>(machine.gregs[REG_CR2])
                                                    : reinterpret_cast<uint64_t>(info->si_addr);
    machine.gregs[REG_RBX] = reinterpret_cast<greg_t>(fault);
    machine.gregs[REG_RSP] = reinterpret_cast<greg_t>(fault);
    machine.gregs[REG_RIP] = reinterpret_cast<greg_t>(ndiskit_fault_entry);
    machine.gregs[REG_EFL] &= ~(greg_t{1} << 8 | greg_t{1} << 10);  // no single step, direction up
}

// A fault of the kit itself: no driver is in sight. Whoever handled the signal before (the default, a
// sanitizer) gets it again.
[[noreturn]] void give_back(const Fault& fault) {
    log_error("fault", "signal {} at {:#x} in the kit itself", fault.signal, fault.context.rip);
    sigaction(fault.signal, &previous[fault.signal], nullptr);
    ndiskit_restore(&fault.context);
}

}  // namespace

bool in_driver(uint64_t address) {
    return image::slot_owner(reinterpret_cast<const void*>(address)) != nullptr;
}

void install_fault_handlers() {
    static bool installed = false;
    if (installed) return;
    installed = true;
    prepare_host_thread();
    for (const int signal : fault_signals) {
        struct sigaction action = {};
        action.sa_sigaction = on_signal;
        // Not masked while it runs: a fault of the handler itself must end the process, not hang it.
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
        sigemptyset(&action.sa_mask);
        const int failed = sigaction(signal, &action, &previous[signal]);
        ASSERT_THAT(failed == 0, "cannot handle signal {}", signal);
    }
}

void prepare_host_thread() {
    stack_t current;
    if (sigaltstack(nullptr, &current) == 0 && !(current.ss_flags & SS_DISABLE)) return;
    void* memory =
        mmap(nullptr, signal_stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_THAT(memory != MAP_FAILED, "cannot get a signal stack");
    const stack_t mine = {.ss_sp = memory, .ss_flags = 0, .ss_size = signal_stack_size};
    const int failed = sigaltstack(&mine, nullptr);
    ASSERT_THAT(failed == 0, "cannot set the signal stack");
}

void release_host_thread() {
    stack_t current;
    // Another size is another owner's: a sanitizer has its own.
    if (sigaltstack(nullptr, &current) != 0 || current.ss_size != signal_stack_size) return;
    const stack_t none = {.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
    sigaltstack(&none, nullptr);
    munmap(current.ss_sp, signal_stack_size);
}

[[noreturn]] void raise_in_driver(Fault& fault, ExceptionRecord& record) {
    Context& context = fault.context;
    // A call through a bad pointer belongs to the caller; when that is the kit, the pointer was still a
    // driver's.
    Context caller = context;
    const bool bad_call = leave_bad_address(caller);
    if (bad_call && !in_driver(caller.rip)) bug_check_unhandled(record, context);
    if (bad_call) context = caller;
    if (in_driver(context.rip)) {
        dispatch(record, context);
        bug_check_unhandled(record, context);
    }
    Context driver;
    if (find_driver_call(context, driver)) {
        dispatch(record, driver);
        bug_check_unhandled(record, context);
    }
    if (called_by_driver(context)) bug_check_unhandled(record, context);
    give_back(fault);
}

}  // namespace ndiskit::nt::exception
