// Dispatcher objects and waiting, as NT has them: every object that can be waited for begins with a
// DISPATCHER_HEADER, in the driver's memory; a thread that waits hangs KWAIT_BLOCKs into the WaitListHeads.
// One lock guards all headers, wait lists and wait states (rank nt_dispatcher). Whoever makes an object
// signalled satisfies waiters on the spot, in the order in which they came, and unparks them when the lock is
// free again.
//
// Functions with a `Dispatch&` parameter are called inside with_dispatcher alone.
#pragma once

#include "base/guarded.h"
#include "engine/engine.h"
#include "nt/abi.h"
#include "nt/ke/thread.h"

namespace ndiskit::nt::ke {

enum ObjectType : uint8_t {
    event_notification = 0,
    event_synchronization = 1,
    mutant = 2,
    process = 3,
    queue = 4,
    semaphore = 5,
    thread = 6,
    gate = 7,
    timer_notification = 8,
    timer_synchronization = 9,
};

// Proof that the dispatcher lock is held, and the list of threads to unpark when it is released. A thread on
// the list cannot end before: it waits for `wake_pending` to fall.
class Dispatch {
  public:
    void wake(ThreadObject& thread);
    void deliver();

  private:
    ThreadObject* first_ = nullptr;
    ThreadObject** last_ = &first_;
};

struct DispatcherDatabase {};
extern Guarded<DispatcherDatabase, LockRank::nt_dispatcher> dispatcher;

// Calls body(Dispatch&) under the dispatcher lock, then unparks the threads whose waits it satisfied.
template <class Body>
auto with_dispatcher(Body&& body) {
    Dispatch dispatch;
    if constexpr (std::is_void_v<decltype(body(dispatch))>) {
        dispatcher.with([&](DispatcherDatabase&) { body(dispatch); });
        dispatch.deliver();
    } else {
        auto result = dispatcher.with([&](DispatcherDatabase&) { return body(dispatch); });
        dispatch.deliver();
        return result;
    }
}

void initialize_header(DISPATCHER_HEADER& header, ObjectType type, size_t size, LONG signal_state);

// Satisfies waiters of an object that has become signalled, as far as its state reaches.
void satisfy_waiters(Dispatch& dispatch, DISPATCHER_HEADER& header);
// Sets the state to 1 and satisfies waiters; gives what the state was.
LONG signal(Dispatch& dispatch, DISPATCHER_HEADER& header);

// Ends the wait of a thread that waits, whatever it waits for.
void satisfy_wait(Dispatch& dispatch, ThreadObject& thread, NTSTATUS status);

// An absolute time of NT (positive) or a relative one (0 or negative), in 100 ns, as time of the engine.
engine::Time deadline_of(LONGLONG due);

// What ends a wait from within when a kernel APC is to run; the wait is taken up again.
constexpr NTSTATUS status_kernel_apc = 0x100;

// KeWaitForMultipleObjects without its checks. `timeout` may be null. `blocks` has room for `count` objects.
NTSTATUS wait(PVOID* objects, uint32_t count, WAIT_TYPE type, const LARGE_INTEGER* timeout,
              KWAIT_BLOCK* blocks, WaitKind kind = {});
// Waits for one object for ever; for the kit's own use, below DISPATCH_LEVEL.
void wait_for(void* object);
// Bug checks when the calling thread may not wait here; `what` names the function.
void check_may_wait(const char* what, const void* object);
// Tells the scheduler of NT that the thread was off its processor: on sim it may come back on another one.
void rescheduled();

}  // namespace ndiskit::nt::ke
