#include "nt/ke/timer.h"

#include <array>
#include <vector>

#include "nt/bugcheck.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/dpc.h"

namespace ndiskit::nt::ke {
namespace {

constexpr uint32_t timer_or_dpc_invalid = 0xC7;

struct Entry {
    engine::Time due;
    uint64_t order;
    KTIMER* timer;
    engine::Time period;
    bool before(const Entry& other) const { return due != other.due ? due < other.due : order < other.order; }
};

// Touched under the dispatcher lock alone.
class TimerHeap {
  public:
    bool empty() const { return entries_.empty(); }
    const Entry& first() const { return entries_.front(); }
    const std::vector<Entry>& all() const { return entries_; }
    void clear() { entries_.clear(); }

    void insert(Entry entry) {
        entries_.push_back(entry);
        rise(entries_.size() - 1);
    }
    void remove(KTIMER& timer) {
        const size_t place = place_of(timer);
        if (place >= entries_.size() || entries_[place].timer != &timer)
            bug_check_because("a KTIMER was overwritten while it was in the queue, or was never initialized",
                              timer_or_dpc_invalid, 0, reinterpret_cast<uint64_t>(&timer));
        const Entry last = entries_.back();
        entries_.pop_back();
        if (last.timer == &timer) return;
        put(place, last);
        rise(place);
        sink(place_of(*last.timer));
    }

  private:
    static size_t place_of(const KTIMER& timer) {
        return reinterpret_cast<size_t>(timer.TimerListEntry.Flink);
    }
    void put(size_t place, Entry entry) {
        entries_[place] = entry;
        entry.timer->TimerListEntry.Flink = reinterpret_cast<LIST_ENTRY*>(place);
    }
    void rise(size_t place) {
        const Entry entry = entries_[place];
        while (place > 0 && entry.before(entries_[(place - 1) / 2])) {
            put(place, entries_[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        put(place, entry);
    }
    void sink(size_t place) {
        const Entry entry = entries_[place];
        for (;;) {
            size_t child = 2 * place + 1;
            if (child >= entries_.size()) break;
            if (child + 1 < entries_.size() && entries_[child + 1].before(entries_[child])) ++child;
            if (!entries_[child].before(entry)) break;
            put(place, entries_[child]);
            place = child;
        }
        put(place, entry);
    }

    std::vector<Entry> entries_;
};

struct Timers {
    std::array<TimerHeap, 64> heaps;
    uint64_t next_order = 0;
};
Timers timers;

void insert(KTIMER& timer, engine::Time due, engine::Time period) {
    timer.DueTime.QuadPart = static_cast<ULONGLONG>(due) / 100;
    timer.Header.Inserted = 1;
    timers.heaps[timer.Processor].insert({due, timers.next_order++, &timer, period});
}

bool take_out(KTIMER& timer) {
    if (!timer.Header.Inserted) return false;
    timers.heaps[timer.Processor].remove(timer);
    timer.Header.Inserted = 0;
    return true;
}

// A DPC that was queued under the lock and is to be announced outside.
struct Queued {
    Processor* target = nullptr;
    bool threaded = false;
};

Queued expire(Dispatch& dispatch, KTIMER& timer, engine::Time due, engine::Time period) {
    if (period != 0) {
        // Periods that were missed are not made up for.
        const engine::Time now = engine::the().now();
        insert(timer, due + period > now ? due + period : now + period, period);
    }
    signal(dispatch, timer.Header);
    if (!timer.Dpc) return {};
    Queued queued{.threaded = is_threaded(*timer.Dpc)};
    const auto time = static_cast<ULONGLONG>(engine::the().system_time());
    queued.target = enqueue_dpc(*timer.Dpc, reinterpret_cast<PVOID>(time & 0xffffffff),
                                reinterpret_cast<PVOID>(time >> 32), processor(timer.Processor));
    return queued;
}

}  // namespace

bool set_timer(KTIMER& timer, LONGLONG due, engine::Time period, KDPC* dpc) {
    const engine::Time deadline = deadline_of(due);
    Queued queued;
    Processor* to_kick = nullptr;
    const bool was_inserted = with_dispatcher([&](Dispatch& dispatch) {
        const bool inserted = take_out(timer);
        Processor& here = current_processor();
        timer.Header.SignalState = 0;
        timer.Header.Absolute = due > 0;
        timer.Dpc = dpc;
        timer.Period = static_cast<ULONG>(period / engine::millisecond);
        timer.Processor = here.number();
        if (deadline <= engine::the().now()) {
            queued = expire(dispatch, timer, deadline, period);
        } else {
            insert(timer, deadline, period);
        }
        const TimerHeap& heap = timers.heaps[here.number()];
        if (!heap.empty() && heap.first().timer == &timer) to_kick = &here;
        return inserted;
    });
    if (queued.target) announce_dpc(queued.threaded, *queued.target);
    if (to_kick && to_kick->dpc_task != &engine::the().current()) to_kick->kick();
    return was_inserted;
}

bool cancel_timer(KTIMER& timer) {
    return with_dispatcher([&](Dispatch&) { return take_out(timer); });
}

engine::Time first_timer_deadline(Processor& processor) {
    return with_dispatcher([&](Dispatch&) {
        const TimerHeap& heap = timers.heaps[processor.number()];
        return heap.empty() ? engine::never : heap.first().due;
    });
}

void expire_timers(Processor& processor) {
    const engine::Time now = engine::the().now();
    for (bool more = true; more;) {
        Queued queued;
        more = with_dispatcher([&](Dispatch& dispatch) {
            const TimerHeap& heap = timers.heaps[processor.number()];
            if (heap.empty() || heap.first().due > now) return false;
            const Entry first = heap.first();
            take_out(*first.timer);
            queued = expire(dispatch, *first.timer, first.due, first.period);
            return true;
        });
        if (queued.target) announce_dpc(queued.threaded, *queued.target);
    }
}

KTIMER* find_inserted_timer(const void* begin, size_t size) {
    const auto first = reinterpret_cast<uintptr_t>(begin);
    return with_dispatcher([&](Dispatch&) -> KTIMER* {
        for (const TimerHeap& heap : timers.heaps)
            for (const Entry& entry : heap.all())
                if (reinterpret_cast<uintptr_t>(entry.timer) - first < size) return entry.timer;
        return nullptr;
    });
}

void drop_timers() {
    with_dispatcher([&](Dispatch&) {
        for (TimerHeap& heap : timers.heaps) heap.clear();
    });
}

}  // namespace ndiskit::nt::ke

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keinitializetimerex
void NTAPI KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type) {
    ke::initialize_header(
        Timer->Header, Type == NotificationTimer ? ke::timer_notification : ke::timer_synchronization, 0, 0);
    Timer->DueTime.QuadPart = 0;
    Timer->TimerListEntry = {};
    Timer->Dpc = nullptr;
    Timer->Processor = 0;
    Timer->Period = 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keinitializetimer
void NTAPI KeInitializeTimer(PKTIMER Timer) { KeInitializeTimerEx(Timer, NotificationTimer); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kesettimerex
BOOLEAN NTAPI KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc) {
    return ke::set_timer(*Timer, DueTime.QuadPart, Period * ndiskit::engine::millisecond, Dpc);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kesettimer
BOOLEAN NTAPI KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc) {
    return ke::set_timer(*Timer, DueTime.QuadPart, 0, Dpc);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kesetcoalescabletimer
// The tolerable delay permits a later expiry and does not ask for one.
BOOLEAN NTAPI KeSetCoalescableTimer(PKTIMER Timer, LARGE_INTEGER DueTime, ULONG Period, ULONG TolerableDelay,
                                    PKDPC Dpc) {
    return ke::set_timer(*Timer, DueTime.QuadPart, Period * ndiskit::engine::millisecond, Dpc);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kecanceltimer
BOOLEAN NTAPI KeCancelTimer(PKTIMER Timer) { return ke::cancel_timer(*Timer); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereadstatetimer
BOOLEAN NTAPI KeReadStateTimer(PKTIMER Timer) {
    return ke::with_dispatcher([&](ke::Dispatch&) { return Timer->Header.SignalState > 0; });
}

}  // extern "C"
