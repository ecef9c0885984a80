#include "nt/ke/machine.h"

#include <fmt/core.h>

#include <atomic>
#include <vector>

#include "nt/bugcheck.h"
#include "nt/exception/crash_report.h"
#include "nt/exception/raise.h"
#include "nt/ke/bugcheck_callbacks.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/dpc.h"
#include "nt/ke/irql.h"
#include "nt/ke/processor.h"
#include "nt/ke/timer.h"
#include "nt/ke/work_queue.h"
#include "nt/machine.h"

// Variables that drivers import; system_state.cpp.
extern "C" CCHAR nt_KeNumberProcessors;
extern "C" ULONG nt_NtBuildNumber;

namespace ndiskit::nt::ke {

bool deterministic = false;

namespace {

constexpr uint32_t driver_unloaded_with_pending_operations = 0xCE;
constexpr KPRIORITY dpc_task_priority = 31;
constexpr ULONG free_build = 0xF0000000;

std::atomic<bool> stop_begun = false;
std::vector<Thread> own_threads;

// GS follows the task: on live it is set when a thread begins, on sim at each switch.
void on_resume(engine::Task& task) {
    auto* const thread = static_cast<ThreadObject*>(task.context);
    set_gs_base(thread ? thread->pcr.get() : nullptr);
}

// Not from inside of a critical section of the kit's, whose lock a callback might want.
void call_drivers_on_bug_check(uint32_t) {
    if (!HeldRanks::none() || !gs_base()) return;
    // The report that follows tells the IRQL of the fault.
    const KIRQL irql = current_irql();
    gs_write<KIRQL, pcr_irql>(HIGH_LEVEL);
    run_bug_check_callbacks();
    gs_write<KIRQL, pcr_irql>(irql);
}

void start_processor_tasks(Processor& processor) {
    const ThreadOptions options{.priority = dpc_task_priority,
                                .affinity = KAFFINITY{1} << processor.number()};
    own_threads.push_back(Thread::start(
        fmt::format("dpc {}", processor.number()), [&processor] { run_dpc_task(processor); }, options));
    processor.dpc_task = thread_object(own_threads.back().object())->task;
    own_threads.push_back(Thread::start(
        fmt::format("threaded dpc {}", processor.number()),
        [&processor] { run_threaded_dpc_task(processor); }, options));
    processor.threaded_dpc_task = thread_object(own_threads.back().object())->task;
}

}  // namespace

bool stopping() { return stop_begun.load(std::memory_order_acquire); }

void start(Options options) {
    engine::Engine& engine = engine::the();
    deterministic = engine.deterministic();
    stop_begun.store(false, std::memory_order_release);
    engine.set_resume_hook(on_resume);
    exception::install_fault_handlers();
    exception::set_bug_check_hook(call_drivers_on_bug_check);
    create_processors(options.processors);
    attach_current_task("system");
    nt_KeNumberProcessors = static_cast<CCHAR>(options.processors);
    nt_NtBuildNumber = machine_options().release->build | free_build;
    for (uint32_t number = 0; number < options.processors; ++number) start_processor_tasks(processor(number));
    start_workers();
}

void stop() {
    ASSERT_THAT(current_irql() == PASSIVE_LEVEL, "a machine is stopped at PASSIVE_LEVEL");
    stop_workers();
    if (const auto left = living_driver_threads(); !left.empty())
        bug_check_because(
            fmt::format("{} thread(s) of drivers still run at the machine's end; the first is '{}'",
                        left.size(), left.front()),
            driver_unloaded_with_pending_operations);
    flush_dpcs();
    stop_begun.store(true, std::memory_order_release);
    for (uint32_t number = 0; number < processor_count(); ++number) {
        processor(number).kick();
        engine::the().unpark(*processor(number).threaded_dpc_task);
    }
    for (Thread& thread : own_threads) thread.join();
    own_threads.clear();
    drop_timers();
    detach_current_task();
    destroy_processors();
}

}  // namespace ndiskit::nt::ke
