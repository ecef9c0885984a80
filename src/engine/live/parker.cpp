#include "engine/live/parker.h"

#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/assert.h"

namespace ndiskit::engine {
namespace {

// A spin that did not pay halves the budget down to this; one that did doubles it.
constexpr Time least_spin = 1 * microsecond;
constexpr int pauses_a_look = 16;
// From here on the spinner lets others on this core run first: one of them may be who shall unpark it.
constexpr Time spin_without_yield = 5 * microsecond;

timespec to_timespec(Time time) { return {time / second, time % second}; }

// Sleeps while `word` is `value`, until a wake or `deadline`; true on the latter.
bool futex_sleep(std::atomic<uint32_t>& word, uint32_t value, Time deadline) {
    const timespec until = to_timespec(deadline);
    // FUTEX_WAIT_BITSET takes an absolute time of the monotonic clock.
    const long result = ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, value,
                                  deadline == never ? nullptr : &until, nullptr, FUTEX_BITSET_MATCH_ANY);
    return result != 0 && errno == ETIMEDOUT;
}

bool is_readable(int fd) {
    pollfd poll{fd, POLLIN, 0};
    return ::poll(&poll, 1, 0) > 0;
}

}  // namespace

Time monotonic_now() {
    timespec time;
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * second + time.tv_nsec;
}

Parker::~Parker() {
    if (event_fd_ >= 0) ::close(event_fd_);
}

bool Parker::take_permit() {
    return word_.load(std::memory_order_relaxed) == permit &&
           word_.exchange(empty, std::memory_order_acquire) == permit;
}

template <class Stop>
bool Parker::spin(Time deadline, Stop stop) {
    if (spin_budget_ == 0) return false;
    const Time start = monotonic_now();
    const Time end = std::min(deadline, start + spin_budget_);
    for (Time now = start; now < end; now = monotonic_now()) {
        for (int i = 0; i < pauses_a_look; ++i) {
            if (word_.load(std::memory_order_relaxed) == permit) {
                spin_budget_ = std::min(spin_limit_, spin_budget_ * 2);
                return true;
            }
            __builtin_ia32_pause();
        }
        if (stop()) {
            spin_budget_ = std::min(spin_limit_, spin_budget_ * 2);
            return true;
        }
        if (now - start > spin_without_yield) ::sched_yield();
    }
    spin_budget_ = std::max(std::min(least_spin, spin_limit_), spin_budget_ / 2);
    return false;
}

Wake Parker::park(Time deadline) {
    if (take_permit()) return Wake::unparked;
    if (deadline != never && deadline <= monotonic_now()) return Wake::deadline;
    spin(deadline, [] { return false; });
    uint32_t expected = empty;
    if (word_.compare_exchange_strong(expected, asleep, std::memory_order_acquire)) {
        while (word_.load(std::memory_order_relaxed) == asleep)
            if (futex_sleep(word_, asleep, deadline)) break;
    }
    return word_.exchange(empty, std::memory_order_acquire) == permit ? Wake::unparked : Wake::deadline;
}

void Parker::unpark() {
    switch (word_.exchange(permit, std::memory_order_acq_rel)) {
        case asleep:
            ::syscall(SYS_futex, &word_, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, nullptr, nullptr, 0);
            break;
        case polling: {
            const uint64_t one = 1;
            [[maybe_unused]] const ssize_t ignored =
                ::write(event_fd_.load(std::memory_order_relaxed), &one, sizeof one);
            break;
        }
        default:
            break;
    }
}

int Parker::event_fd() {
    if (event_fd_.load(std::memory_order_relaxed) < 0) {
        event_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        ASSERT_THAT(event_fd_ >= 0, "no file descriptor is left for a task that waits for one");
    }
    return event_fd_.load(std::memory_order_relaxed);
}

Engine::FdWake Parker::wait_readable(int fd, Time deadline) {
    using FdWake = Engine::FdWake;
    if (take_permit()) return FdWake::unparked;
    if (is_readable(fd)) return FdWake::readable;
    bool readable = false;
    spin(deadline, [&] { return readable = is_readable(fd); });
    if (take_permit()) return FdWake::unparked;
    if (readable) return FdWake::readable;

    pollfd polls[] = {{fd, POLLIN, 0}, {event_fd(), POLLIN, 0}};
    uint32_t expected = empty;
    if (word_.compare_exchange_strong(expected, polling, std::memory_order_acq_rel)) {
        // The eventfd may still hold the write of an unpark whose permit was taken before: then go round
        // again.
        while (word_.load(std::memory_order_relaxed) == polling) {
            const Time left = deadline == never ? 0 : std::max<Time>(0, deadline - monotonic_now());
            const timespec timeout = to_timespec(left);
            const int ready = ::ppoll(polls, 2, deadline == never ? nullptr : &timeout, nullptr);
            if (ready == 0) break;
            if (ready < 0) continue;
            if (polls[1].revents != 0) {
                uint64_t drained;
                [[maybe_unused]] const ssize_t ignored = ::read(polls[1].fd, &drained, sizeof drained);
            }
            if (polls[0].revents != 0) {
                readable = true;
                break;
            }
        }
    }
    if (word_.exchange(empty, std::memory_order_acquire) == permit) return FdWake::unparked;
    return readable ? FdWake::readable : FdWake::deadline;
}

}  // namespace ndiskit::engine
