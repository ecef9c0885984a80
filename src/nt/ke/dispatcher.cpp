#include "nt/ke/dispatcher.h"

#include <fmt/core.h>

#include <algorithm>

#include "nt/bugcheck.h"
#include "nt/ke/apc.h"
#include "nt/ke/irql.h"
#include "nt/ke/processor.h"
#include "nt/ke/queue.h"

namespace ndiskit::nt::ke {

Guarded<DispatcherDatabase, LockRank::nt_dispatcher> dispatcher;

namespace {

constexpr uint32_t attempted_switch_from_dpc = 0xB8;
constexpr uint32_t irql_not_less_or_equal = 0xA;
constexpr NTSTATUS status_abandoned = 0x80;
constexpr NTSTATUS status_timeout = 0x102;

bool is_signalled(const DISPATCHER_HEADER& header, const ThreadObject& thread) {
    if (header.Type == queue) return has_entry_for(reinterpret_cast<const KQUEUE&>(header));
    if (header.SignalState > 0) return true;
    return header.Type == mutant &&
           reinterpret_cast<const KMUTANT&>(header).OwnerThread == reinterpret_cast<const KTHREAD*>(&thread);
}

NTSTATUS take_mutant(KMUTANT& mutex, ThreadObject& thread) {
    if (--mutex.Header.SignalState != 0) return 0;
    mutex.OwnerThread = kthread(&thread);
    thread.kernel_apc_disable -= mutex.ApcDisable;
    InsertTailList(&thread.mutants, &mutex.MutantListEntry);
    return std::exchange(mutex.Abandoned, FALSE) ? status_abandoned : 0;
}

// What the end of a wait does to the object; gives 0 or the abandoned bit.
NTSTATUS consume(DISPATCHER_HEADER& header, ThreadObject& thread) {
    switch (header.Type) {
        case event_synchronization:
        case timer_synchronization:
            header.SignalState = 0;
            return 0;
        case semaphore:
            --header.SignalState;
            return 0;
        case mutant:
            return take_mutant(reinterpret_cast<KMUTANT&>(header), thread);
        case queue:
            return take_entry(reinterpret_cast<KQUEUE&>(header), thread);
        default:
            return 0;
    }
}

DISPATCHER_HEADER& object_of(const KWAIT_BLOCK& block) {
    return *static_cast<DISPATCHER_HEADER*>(block.Object);
}

void unlink_blocks(WaitState& wait) {
    for (uint32_t i = 0; i < wait.count; ++i) RemoveEntryList(&wait.blocks[i].WaitListEntry);
}

void end_wait(ThreadObject& thread, NTSTATUS status) {
    unlink_blocks(thread.wait);
    thread.wait.status = status;
    if (thread.queue) ++thread.queue->CurrentCount;
}

// Ends the wait of the thread if this object, in its present state, ends it.
bool try_satisfy(Dispatch& dispatch, KWAIT_BLOCK& block) {
    ThreadObject& thread = *thread_object(block.Thread);
    WaitState& wait = thread.wait;
    NTSTATUS status = 0;
    if (wait.type == WaitAny) {
        status = block.WaitKey | consume(object_of(block), thread);
    } else {
        for (uint32_t i = 0; i < wait.count; ++i)
            if (!is_signalled(object_of(wait.blocks[i]), thread)) return false;
        for (uint32_t i = 0; i < wait.count; ++i) status |= consume(object_of(wait.blocks[i]), thread);
    }
    end_wait(thread, status);
    dispatch.wake(thread);
    return true;
}

// The immediate part of a wait: true when it is over.
bool satisfied_at_once(PVOID* objects, uint32_t count, WAIT_TYPE type, ThreadObject& thread,
                       NTSTATUS& status) {
    const auto header = [&](uint32_t i) -> DISPATCHER_HEADER& {
        return *static_cast<DISPATCHER_HEADER*>(objects[i]);
    };
    if (type == WaitAny) {
        for (uint32_t i = 0; i < count; ++i) {
            if (!is_signalled(header(i), thread)) continue;
            status = static_cast<NTSTATUS>(i) | consume(header(i), thread);
            return true;
        }
        return false;
    }
    for (uint32_t i = 0; i < count; ++i)
        if (!is_signalled(header(i), thread)) return false;
    status = 0;
    for (uint32_t i = 0; i < count; ++i) status |= consume(header(i), thread);
    return true;
}

void link_blocks(PVOID* objects, uint32_t count, WAIT_TYPE type, KWAIT_BLOCK* blocks, ThreadObject& thread,
                 const WaitKind& kind) {
    for (uint32_t i = 0; i < count; ++i) {
        KWAIT_BLOCK& block = blocks[i];
        block.WaitType = static_cast<UCHAR>(type);
        block.BlockState = 0;
        block.WaitKey = static_cast<USHORT>(i);
        block.Thread = kthread(&thread);
        block.Object = objects[i];
        InsertTailList(&object_of(block).WaitListHead, &block.WaitListEntry);
    }
    thread.wait.blocks = blocks;
    thread.wait.count = count;
    thread.wait.type = type;
    thread.wait.kind = kind;
    thread.wait.waiting.store(true, std::memory_order_relaxed);
}

NTSTATUS sleep_until_satisfied(ThreadObject& thread, engine::Time deadline) {
    WaitState& wait = thread.wait;
    const OffProcessor waits(thread);
    while (wait.waiting.load(std::memory_order_acquire)) {
        if (engine::the().park(deadline) != engine::Wake::deadline) continue;
        with_dispatcher([&](Dispatch&) {
            if (!wait.waiting.load(std::memory_order_relaxed)) return;
            end_wait(thread, status_timeout);
            wait.waiting.store(false, std::memory_order_relaxed);
        });
    }
    for (uint32_t round = 0; wait.wake_pending.load(std::memory_order_acquire); ++round)
        engine::the().spin(round);
    return wait.status;
}

}  // namespace

void satisfy_wait(Dispatch& dispatch, ThreadObject& thread, NTSTATUS status) {
    end_wait(thread, status);
    dispatch.wake(thread);
}

void Dispatch::wake(ThreadObject& thread) {
    thread.wait.wake_pending.store(true, std::memory_order_relaxed);
    thread.wait.waiting.store(false, std::memory_order_release);
    thread.wait.next_to_wake = nullptr;
    *last_ = &thread;
    last_ = &thread.wait.next_to_wake;
}

void Dispatch::deliver() {
    while (first_) {
        ThreadObject& thread = *first_;
        first_ = thread.wait.next_to_wake;
        engine::the().unpark(*thread.task);
        thread.wait.wake_pending.store(false, std::memory_order_release);
    }
    last_ = &first_;
}

void initialize_header(DISPATCHER_HEADER& header, ObjectType type, size_t size, LONG signal_state) {
    header.LockNV = 0;
    header.Type = type;
    header.Size = static_cast<UCHAR>(size / sizeof(LONG));
    header.SignalState = signal_state;
    InitializeListHead(&header.WaitListHead);
}

void satisfy_waiters(Dispatch& dispatch, DISPATCHER_HEADER& header) {
    LIST_ENTRY* entry = header.WaitListHead.Flink;
    while (entry != &header.WaitListHead && header.SignalState > 0) {
        auto& block = *CONTAINING_RECORD(entry, KWAIT_BLOCK, WaitListEntry);
        // A satisfied wait takes its blocks out of this list, so begin again.
        entry = try_satisfy(dispatch, block) ? header.WaitListHead.Flink : entry->Flink;
    }
}

LONG signal(Dispatch& dispatch, DISPATCHER_HEADER& header) {
    const LONG before = header.SignalState;
    header.SignalState = 1;
    satisfy_waiters(dispatch, header);
    return before;
}

engine::Time deadline_of(LONGLONG due) {
    constexpr LONGLONG longest = INT64_MAX / 400;
    const engine::Time now = engine::the().now();
    const LONGLONG units = due > 0 ? due - engine::the().system_time() : -std::max(due, -longest);
    return now + std::clamp<LONGLONG>(units, 0, longest) * 100;
}

// While its APCs run, a thread that waits for an entry of its queue counts as one that works.
static void run_apcs_in_wait(ThreadObject& thread, PVOID object, bool slept) {
    const auto count = [&](int change) {
        with_dispatcher([&](Dispatch&) {
            if (thread.queue && thread.queue == object)
                thread.queue->CurrentCount += static_cast<ULONG>(change);
        });
    };
    if (!slept) count(1);
    deliver_apcs();
    count(-1);
}

void rescheduled() {
    engine::Engine& engine = engine::the();
    if (!engine.deterministic() || current_irql() >= DISPATCH_LEVEL) return;
    ThreadObject& thread = *current_thread();
    const auto number = static_cast<uint32_t>(engine.draw(processor_count()));
    if (thread.affinity >> number & 1) set_home(thread, number);
}

NTSTATUS wait(PVOID* objects, uint32_t count, WAIT_TYPE type, const LARGE_INTEGER* timeout,
              KWAIT_BLOCK* blocks, WaitKind kind) {
    ThreadObject& thread = *current_thread();
    kind.irql = current_irql();
    if (kind.irql < DISPATCH_LEVEL && engine::the().deterministic())
        engine::the().switch_point(engine::SwitchPoint::wait);
    engine::Time deadline = engine::never;
    for (;;) {
        NTSTATUS status = status_kernel_apc;
        const bool slept = !with_dispatcher([&](Dispatch& dispatch) {
            if (has_apc_to_run(thread, kind.irql)) return true;
            if (satisfied_at_once(objects, count, type, thread, status)) return true;
            status = take_alert(thread, kind);
            if (status == 0 && timeout && timeout->QuadPart == 0) status = status_timeout;
            if (status != 0) return true;
            link_blocks(objects, count, type, blocks, thread, kind);
            if (thread.queue && objects[0] != thread.queue) rest_from_queue(dispatch, thread);
            return false;
        });
        if (timeout && deadline == engine::never && (slept || status == status_kernel_apc))
            deadline = deadline_of(timeout->QuadPart);
        if (slept) {
            status = sleep_until_satisfied(thread, deadline);
            rescheduled();
        }
        if (status != status_kernel_apc) return status;
        run_apcs_in_wait(thread, objects[0], slept);
    }
}

void wait_for(void* object) {
    check_may_wait("a wait", object);
    wait(&object, 1, WaitAny, nullptr, current_thread()->wait.builtin);
}

void check_may_wait(const char* what, const void* object) {
    const KIRQL irql = current_irql();
    if (irql < DISPATCH_LEVEL) [[likely]]
        return;
    const auto object_number = reinterpret_cast<uint64_t>(object);
    if (gs_read<uint32_t, pcr_dpc_depth>() > 0)
        bug_check_because(fmt::format("{} was called in a DPC routine; a DPC cannot wait", what),
                          attempted_switch_from_dpc, reinterpret_cast<uint64_t>(current_thread()), 0,
                          object_number);
    bug_check_because(
        fmt::format("{} was called at IRQL {}; a thread can wait below DISPATCH_LEVEL only", what, irql),
        irql_not_less_or_equal, object_number, irql, 0,
        reinterpret_cast<uint64_t>(__builtin_return_address(0)));
}

}  // namespace ndiskit::nt::ke
