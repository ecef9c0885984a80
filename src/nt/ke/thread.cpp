#include "nt/ke/thread.h"

#include <fmt/core.h>

#include <bit>
#include <map>

#include "base/guarded.h"
#include "nt/bugcheck.h"
#include "nt/exception/raise.h"
#include "nt/io/thread_irps.h"
#include "nt/ke/apc.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/irql.h"
#include "nt/ke/machine.h"
#include "nt/ke/notify.h"
#include "nt/ke/processor.h"
#include "nt/ke/queue.h"
#include "nt/object/timer_object.h"

namespace ndiskit::nt::ke {
namespace {

constexpr uint32_t irql_not_less_or_equal = 0xA;
constexpr uint32_t kernel_apc_pending_during_exit = 0x20;
constexpr uint32_t thread_terminate_held_mutex = 0x4000008A;
constexpr uint32_t kernel_stack_locked_at_exit = 0x94;
// KERNEL_STACK_SIZE of x64: what drivers are told of their stack, whatever the host gives.
constexpr uintptr_t kernel_stack_size = 0x6000;

struct Registry {
    std::map<uint64_t, ThreadObject*> threads;
    uint64_t next_id = 8;  // the system process has 4
    engine::Time run_time_of_ended = 0;
};
Guarded<Registry, LockRank::nt_leaf> registry;

ThreadObject& create_thread_object(std::string name, const ThreadOptions& options) {
    auto* const thread = new ThreadObject();
    initialize_header(thread->header, ObjectType::thread, sizeof(ThreadObject), 0);
    InitializeListHead(&thread->mutants);
    thread->name = std::move(name);
    thread->driver_thread = options.driver_thread;
    thread->create_time = engine::the().system_time();
    thread->priority = options.priority;
    thread->affinity = thread->user_affinity =
        options.affinity ? options.affinity & all_processors() : all_processors();
    thread->pcr = std::make_unique<Pcr>();
    Pcr& pcr = *thread->pcr;
    pcr.self = &pcr;
    pcr.current_prcb = &pcr.mxcsr;
    pcr.used_self = &pcr;
    pcr.major_version = 1;
    pcr.minor_version = 1;
    pcr.mxcsr = 0x1F80;
    pcr.current_thread = thread;
    registry.with([&](Registry& r) {
        thread->id = r.next_id;
        r.next_id += 4;
        r.threads.emplace(thread->id, thread);
    });
    // Threads are spread over the processors in the order in which they are made.
    const auto first = static_cast<int>(thread->id / 4 % processor_count());
    const KAFFINITY turned = std::rotr(thread->affinity, first);
    set_home(*thread, static_cast<uint32_t>(first + std::countr_zero(turned)) % 64);
    return *thread;
}

void bind_to_current_task(ThreadObject& thread) {
    engine::Task& task = engine::the().current();
    thread.task = &task;
    thread.runs_since = engine::the().now();
    task.context = &thread;
    const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    thread.stack_base = (here + 0xfff) & ~uintptr_t{0xfff};
    thread.stack_limit = thread.stack_base - kernel_stack_size;
    set_gs_base(thread.pcr.get());
    // On sim all threads share one of the host, which was prepared when the machine started.
    if (!deterministic) exception::prepare_host_thread();
}

void unbind_from_current_task() {
    if (!deterministic) exception::release_host_thread();
    engine::the().current().context = nullptr;
    set_gs_base(nullptr);
}

void check_clean_end(ThreadObject& thread) {
    const KIRQL irql = current_irql();
    if (irql != PASSIVE_LEVEL)
        bug_check_because(fmt::format("the thread '{}' ends at IRQL {}", thread.name, irql),
                          irql_not_less_or_equal, 0, irql);
    if (thread.kernel_apc_disable != 0 || thread.special_apc_disable != 0)
        bug_check_because(
            fmt::format("the thread '{}' ends inside a critical or guarded region", thread.name),
            kernel_apc_pending_during_exit, 0, static_cast<uint64_t>(thread.kernel_apc_disable), irql);
    if (!thread.stack_swap)
        bug_check_because(
            fmt::format("the thread '{}' ends while the swapping of its stack is disabled", thread.name),
            kernel_stack_locked_at_exit, reinterpret_cast<uint64_t>(&thread));
    const bool holds_mutex = with_dispatcher([&](Dispatch&) { return !IsListEmpty(&thread.mutants); });
    if (holds_mutex)
        bug_check_because(fmt::format("the thread '{}' ends while it owns a mutex", thread.name),
                          thread_terminate_held_mutex, reinterpret_cast<uint64_t>(&thread),
                          reinterpret_cast<uint64_t>(thread.mutants.Flink));
}

void run_down(ThreadObject& thread) {
    object::cancel_timers_of(thread);
    io::cancel_irps_of(thread);
    run_down_apcs(thread);
}

// Takes the thread out of the machine; the object is signalled last, because whoever waits for it may then
// stop the machine.
void end_thread(ThreadObject& thread) {
    unbind_from_current_task();
    const engine::Time ran = run_time_of(thread);
    registry.with([&](Registry& r) {
        r.threads.erase(thread.id);
        r.run_time_of_ended += ran;
    });
    with_dispatcher([&](Dispatch& dispatch) {
        leave_queue(dispatch, thread);
        signal(dispatch, thread.header);
    });
    dereference_thread(thread);
}

void run_thread(ThreadObject& thread) {
    bind_to_current_task(thread);
    if (_setjmp(thread.exit) == 0) {
        deliver_pending_apcs();
        thread.body();
    }
    ThreadObject& ending = *current_thread();
    check_clean_end(ending);
    notify_thread_ends(ending);
    run_down(ending);
    end_thread(ending);
}

}  // namespace

OffProcessor::OffProcessor(ThreadObject& thread) : thread_(thread) {
    const engine::Time now = engine::the().now();
    thread.run_time += now - thread.runs_since.exchange(-1);
}

OffProcessor::~OffProcessor() { thread_.runs_since = engine::the().now(); }

// A thread of another processor may begin or end a wait meanwhile; what is told is about right then.
engine::Time run_time_of(const ThreadObject& thread) {
    const engine::Time since = thread.runs_since, now = engine::the().now();
    return thread.run_time + (since < 0 || since > now || !thread.task.load() ? 0 : now - since);
}

engine::Time run_time_of_all() {
    return registry.with([](Registry& r) {
        engine::Time sum = r.run_time_of_ended;
        for (const auto& [id, thread] : r.threads) sum += run_time_of(*thread);
        return sum;
    });
}

void reference_thread(ThreadObject& thread) { thread.references.fetch_add(1, std::memory_order_relaxed); }

void dereference_thread(ThreadObject& thread) {
    if (thread.references.fetch_sub(1, std::memory_order_acq_rel) == 1) delete &thread;
}

ThreadObject& attach_current_task(std::string name) {
    ThreadObject& thread = create_thread_object(std::move(name), {});
    bind_to_current_task(thread);
    return thread;
}

void detach_current_task() {
    ThreadObject& thread = *current_thread();
    check_clean_end(thread);
    run_down(thread);
    end_thread(thread);
}

ThreadObject& start_thread(std::string name, std::function<void()> body, ThreadOptions options) {
    ThreadObject& thread = create_thread_object(std::move(name), options);
    thread.body = std::move(body);
    reference_thread(thread);
    notify_thread_made(thread);
    // The thread sets its task too: whichever comes first, the value is the same.
    thread.task = &engine::the().start(thread.name, [&thread] { run_thread(thread); });
    return thread;
}

void terminate_current_thread(NTSTATUS status) {
    ThreadObject& thread = *current_thread();
    thread.exit_status = status;
    thread.terminating = true;
    longjmp(thread.exit, 1);
}

ThreadObject* find_thread(uint64_t id) {
    return registry.with([&](Registry& r) -> ThreadObject* {
        const auto found = r.threads.find(id);
        if (found == r.threads.end()) return nullptr;
        reference_thread(*found->second);
        return found->second;
    });
}

std::vector<std::string> living_driver_threads() {
    return registry.with([](Registry& r) {
        std::vector<std::string> names;
        for (const auto& [id, thread] : r.threads)
            if (thread->driver_thread) names.push_back(thread->name);
        return names;
    });
}

void set_home(ThreadObject& thread, uint32_t number) {
    Pcr& pcr = *thread.pcr;
    pcr.home = &processor(number);
    pcr.number = number;
    pcr.legacy_number = static_cast<uint8_t>(number);
}

void obey_affinity(ThreadObject& thread) {
    thread.attention.fetch_and(static_cast<uint8_t>(~ThreadObject::affinity_changed),
                               std::memory_order_relaxed);
    if (thread.affinity >> thread.pcr->home->number() & 1) return;
    set_home(thread, static_cast<uint32_t>(std::countr_zero(thread.affinity)));
}

void attend(ThreadObject& thread) {
    if (thread.attention.load(std::memory_order_relaxed) & ThreadObject::affinity_changed)
        obey_affinity(thread);
    deliver_pending_apcs();
}

}  // namespace ndiskit::nt::ke

namespace ndiskit::nt {

void Thread::join() {
    ASSERT_THAT(object_, "a thread is joined once, and after it was started");
    ke::wait_for(&object_->header);
    ke::dereference_thread(*std::exchange(object_, nullptr));
}

}  // namespace ndiskit::nt
