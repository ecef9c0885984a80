// What the kernel's fast paths cost: IRQL, spin locks, events on one thread, on the live engine.
#include <benchmark/benchmark.h>

#include "engine/engine.h"
#include "nt/ke/api.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/irql.h"
#include "nt/ke/machine.h"
#include "nt/ke/thread.h"

namespace ndiskit::nt {
namespace {

void on_machine(benchmark::State& state, void (*body)(benchmark::State&)) {
    engine::install(engine::make_live_engine({}));
    engine::the().run([&] {
        ke::start({.processors = 2});
        body(state);
        ke::stop();
    });
    engine::uninstall();
}

void current(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(current_irql());
}

void raise_and_lower(benchmark::State& state) {
    for (auto _ : state) lower_irql(raise_irql_to_dispatch());
}

void spin_lock(benchmark::State& state) {
    KSPIN_LOCK lock = 0;
    for (auto _ : state) {
        const KIRQL old = KeAcquireSpinLockRaiseToDpc(&lock);
        KeReleaseSpinLock(&lock, old);
    }
}

void spin_lock_at_dpc_level(benchmark::State& state) {
    const AtDispatch at_dispatch;
    KSPIN_LOCK lock = 0;
    for (auto _ : state) {
        KeAcquireSpinLockAtDpcLevel(&lock);
        KeReleaseSpinLockFromDpcLevel(&lock);
    }
}

void reader_lock_at_dpc_level(benchmark::State& state) {
    const AtDispatch at_dispatch;
    EX_SPIN_LOCK lock = 0;
    for (auto _ : state) {
        ExAcquireSpinLockSharedAtDpcLevel(&lock);
        ExReleaseSpinLockSharedFromDpcLevel(&lock);
    }
}

void event_set_and_wait(benchmark::State& state) {
    KEVENT event;
    KeInitializeEvent(&event, SynchronizationEvent, FALSE);
    for (auto _ : state) {
        KeSetEvent(&event, 0, FALSE);
        KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, nullptr);
    }
}

void event_ping_pong(benchmark::State& state) {
    KEVENT ping, pong;
    KeInitializeEvent(&ping, SynchronizationEvent, FALSE);
    KeInitializeEvent(&pong, SynchronizationEvent, FALSE);
    bool over = false;
    Thread other = Thread::start("other", [&] {
        for (;;) {
            ke::wait_for(&ping);
            if (over) return;
            KeSetEvent(&pong, 0, FALSE);
        }
    });
    for (auto _ : state) {
        KeSetEvent(&ping, 0, FALSE);
        ke::wait_for(&pong);
    }
    over = true;
    KeSetEvent(&ping, 0, FALSE);
    other.join();
}

void dpc_on_own_processor(benchmark::State& state) {
    KDPC dpc;
    KeInitializeDpc(
        &dpc, [](KDPC*, PVOID, PVOID, PVOID) NTAPI {}, nullptr);
    for (auto _ : state) KeInsertQueueDpc(&dpc, nullptr, nullptr);
}

void timer_set_and_cancel(benchmark::State& state) {
    KTIMER timer;
    KeInitializeTimer(&timer);
    for (auto _ : state) {
        KeSetTimer(&timer, {.QuadPart = -100'000'000}, nullptr);
        KeCancelTimer(&timer);
    }
}

#define NDISKIT_BENCHMARK(name) BENCHMARK_CAPTURE(on_machine, name, name)
NDISKIT_BENCHMARK(current);
NDISKIT_BENCHMARK(raise_and_lower);
NDISKIT_BENCHMARK(spin_lock);
NDISKIT_BENCHMARK(spin_lock_at_dpc_level);
NDISKIT_BENCHMARK(reader_lock_at_dpc_level);
NDISKIT_BENCHMARK(event_set_and_wait);
NDISKIT_BENCHMARK(event_ping_pong);
NDISKIT_BENCHMARK(dpc_on_own_processor);
NDISKIT_BENCHMARK(timer_set_and_cancel);

}  // namespace
}  // namespace ndiskit::nt
