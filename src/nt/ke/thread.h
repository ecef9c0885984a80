// NT threads. Each is one task of the engine; its object is a dispatcher object (signalled when the thread
// has ended), which drivers see as an opaque PKTHREAD/PETHREAD.
//
// A thread object lives while somebody references it: the thread itself until it ends, each Thread of the
// host, each handle, each ObReferenceObject.
#pragma once

#include <atomic>
#include <csetjmp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "base/guarded.h"
#include "nt/abi.h"
#include "nt/ke/pcr_x64.h"

namespace ndiskit::nt::ke {

struct ThreadObject;

// On whose behalf a thread waits: what may end the wait early, and what may break into it.
struct WaitKind {
    KPROCESSOR_MODE mode = KernelMode;
    bool alertable = false;
    KIRQL irql = PASSIVE_LEVEL;  // set by the wait
};

// What a thread waits for; guarded by the dispatcher lock while the thread waits.
struct WaitState {
    KWAIT_BLOCK builtin[THREAD_WAIT_OBJECTS + 1];
    KWAIT_BLOCK* blocks = nullptr;
    uint32_t count = 0;
    WAIT_TYPE type = WaitAny;
    WaitKind kind;
    NTSTATUS status = 0;
    std::atomic<bool> waiting = false;
    // Whoever satisfied the wait has still to unpark the thread; until then its task must not end.
    std::atomic<bool> wake_pending = false;
    ThreadObject* next_to_wake = nullptr;
};

// The APCs that wait for a thread, and its alerts; guarded by the dispatcher lock.
struct ApcQueues {
    LIST_ENTRY kernel = {&kernel, &kernel};
    LIST_ENTRY user = {&user, &user};
    bool kernel_alert = false;
    bool user_alert = false;
    bool closed = false;       // the thread ends
    bool normal_runs = false;  // it runs the normal routine of a kernel APC; its own

    bool& alert(KPROCESSOR_MODE mode) { return mode == KernelMode ? kernel_alert : user_alert; }
};

// A thread's place among the threads of a KQUEUE.
struct QueueLink {
    LIST_ENTRY link;
    ThreadObject* thread;
};

constexpr UCHAR no_ideal_processor = 0xFF;

// The requests of the I/O manager for one thread (io/thread_irps.h).
struct ThreadIrps {
    LIST_ENTRY list = {&list, &list};
    PIRP held = nullptr;  // who is being cancelled
    bool held_is_back = false;
};

struct ThreadObject {
    DISPATCHER_HEADER header;  // first: PKTHREAD points here
    WaitState wait;
    std::unique_ptr<Pcr> pcr;
    std::atomic<engine::Task*> task = nullptr;
    uint64_t id = 0;
    std::string name;
    bool driver_thread = false;  // made by PsCreateSystemThread
    bool prefetching = false;    // PsSetCurrentThreadPrefetching
    int64_t create_time = 0;     // of the system

    // What the thread may run on; changed by the thread itself alone.
    KAFFINITY affinity = 0;
    KAFFINITY user_affinity = 0;
    bool system_affinity = false;  // KeSetSystemAffinityThread is in force

    // What the thread is to see to when its IRQL falls.
    static constexpr uint8_t affinity_changed = 1;  // at DISPATCH_LEVEL
    static constexpr uint8_t kernel_apcs = 2;       // there are some in its queue
    std::atomic<uint8_t> attention = 0;
    ApcQueues apcs;
    // How long it has run, waits left out: until `runs_since`, which is below 0 while it waits.
    std::atomic<engine::Time> run_time = 0;
    std::atomic<engine::Time> runs_since = 0;
    // The timers that it set with routines (object/timer_object.h); guarded by the dispatcher lock.
    LIST_ENTRY apc_timers = {&apc_timers, &apc_timers};

    // A wish: where a thread runs depends on what it waits for and on its affinity.
    std::atomic<UCHAR> ideal_processor = no_ideal_processor;
    std::atomic<KPRIORITY> priority = 8;
    // Below 0: kernel APCs (critical regions), all APCs (guarded regions) are disabled.
    int32_t kernel_apc_disable = 0;
    int32_t special_apc_disable = 0;
    LIST_ENTRY mutants;  // mutexes that it owns; guarded by the dispatcher lock
    // The queue (KQUEUE) whose entries it serves, its place among the queue's threads, and the entry that
    // ended its last wait for it; guarded by the dispatcher lock.
    KQUEUE* queue = nullptr;
    QueueLink queue_link;
    LIST_ENTRY* queue_entry = nullptr;
    bool stack_swap = true;          // KeSetKernelStackSwapEnable
    PIRP top_level_irp = nullptr;    // IoSetTopLevelIrp
    Guarded<ThreadIrps, LockRank::nt_leaf> irps;
    bool hard_errors = true;         // IoSetThreadHardErrorMode
    const GUID* activity = nullptr;  // IoSetActivityIdThread
    GUID own_activity = {};          // EtwActivityIdControl keeps it here
    NTSTATUS exit_status = 0;
    bool terminating = false;

    std::function<void()> body;
    jmp_buf exit;
    uintptr_t stack_base = 0;
    uintptr_t stack_limit = 0;
    std::atomic<uint32_t> references = 1;
};

// The calling thread waits in its scope, which does not count as running.
class OffProcessor {
  public:
    explicit OffProcessor(ThreadObject& thread);
    ~OffProcessor();
    OffProcessor(const OffProcessor&) = delete;
    OffProcessor& operator=(const OffProcessor&) = delete;

  private:
    ThreadObject& thread_;
};
// How long a thread has run up to now; all that are and were.
engine::Time run_time_of(const ThreadObject& thread);
engine::Time run_time_of_all();

inline PKTHREAD kthread(ThreadObject* thread) { return reinterpret_cast<PKTHREAD>(thread); }
inline ThreadObject* thread_object(void* object) { return static_cast<ThreadObject*>(object); }
[[gnu::always_inline]] inline ThreadObject* current_thread() {
    return gs_read<ThreadObject*, pcr_current_thread>();
}

void reference_thread(ThreadObject& thread);
void dereference_thread(ThreadObject& thread);

// Makes the calling task an NT thread: the first thread of the machine, or a task that another layer started.
// It stays one until detach_current_task.
ThreadObject& attach_current_task(std::string name);
void detach_current_task();

struct ThreadOptions {
    KPRIORITY priority = 8;
    KAFFINITY affinity = 0;  // 0: all processors
    bool driver_thread = false;
};
// Starts a thread at PASSIVE_LEVEL; the caller owns one reference.
ThreadObject& start_thread(std::string name, std::function<void()> body, ThreadOptions options = {});
// Ends the calling thread at once, without unwinding what it was in.
[[noreturn]] void terminate_current_thread(NTSTATUS status);

// The thread, or null; with a reference of the caller's.
ThreadObject* find_thread(uint64_t id);
// Names of the threads that PsCreateSystemThread made and that still run.
std::vector<std::string> living_driver_threads();

// Puts the thread (the calling one, which owns the processor or is below DISPATCH_LEVEL) on a processor.
void set_home(ThreadObject& thread, uint32_t number);
// Its IRQL has fallen below DISPATCH_LEVEL, or to PASSIVE_LEVEL, and it has something to see to.
void attend(ThreadObject& thread);
// Moves the calling thread, below DISPATCH_LEVEL, to a processor that its affinity allows.
void obey_affinity(ThreadObject& thread);

}  // namespace ndiskit::nt::ke

namespace ndiskit::nt {

// A system thread of the kit's own layers. The thread is joined by join() alone; dropping the handle lets it
// run on.
class Thread {
  public:
    Thread() = default;
    static Thread start(std::string name, std::function<void()> body, ke::ThreadOptions options = {}) {
        return Thread(&ke::start_thread(std::move(name), std::move(body), options));
    }
    Thread(Thread&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    Thread& operator=(Thread&& other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }
    ~Thread() {
        if (object_) ke::dereference_thread(*object_);
    }

    // Waits until the thread has ended. At PASSIVE_LEVEL or APC_LEVEL.
    void join();
    PKTHREAD object() const { return ke::kthread(object_); }

  private:
    explicit Thread(ke::ThreadObject* object) : object_(object) {}
    ke::ThreadObject* object_ = nullptr;
};

}  // namespace ndiskit::nt
