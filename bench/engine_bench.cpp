// What the scheduler costs on each engine: a switch, a hand-off to another task and back, a task's life, and
// the small calls that every exported function may make.
#include <benchmark/benchmark.h>

#include <atomic>

#include "engine/engine.h"

namespace ndiskit::engine {
namespace {

enum Kind : int64_t { sim, live, live_without_spin };

void install_engine(benchmark::State& state) {
    switch (state.range(0)) {
        case sim:
            state.SetLabel("sim");
            return install(make_sim_engine({.schedule = Schedule::fifo}));
        case live:
            state.SetLabel("live");
            return install(make_live_engine({}));
        default:
            state.SetLabel("live, no spin before sleep");
            return install(make_live_engine({.spin_before_sleep = 0}));
    }
}

template <class Body>
void as_main(benchmark::State& state, Body body) {
    install_engine(state);
    the().run(body);
    uninstall();
}

// Two tasks that hand the turn to each other; an iteration is there and back.
void PingPong(benchmark::State& state) {
    std::atomic<int> turn = 0;
    as_main(state, [&] {
        Task* main = &the().current();
        Task& other = the().start("other", [&turn, main] {
            for (;;) {
                while (turn == 0) the().park(never);
                if (turn == 2) return;
                turn = 0;
                the().unpark(*main);
            }
        });
        for (auto _ : state) {
            turn = 1;
            the().unpark(other);
            while (turn == 1) the().park(never);
        }
        turn = 2;
        the().unpark(other);
    });
}
BENCHMARK(PingPong)->Arg(sim)->Arg(live)->Arg(live_without_spin)->UseRealTime();

// Sim only: tasks that do nothing but switch.
void Switch(benchmark::State& state) {
    install(make_sim_engine({.schedule = static_cast<Schedule>(state.range(0))}));
    bool done = false;
    the().run([&] {
        for (int64_t i = 1; i < state.range(1); ++i)
            the().start("other", [&] {
                while (!done) the().switch_point(SwitchPoint::yield);
            });
        for (auto _ : state) the().switch_point(SwitchPoint::yield);
        done = true;
    });
    uninstall();
    state.SetItemsProcessed(state.iterations() * state.range(1));  // each round is a switch a task
}
BENCHMARK(Switch)
    ->ArgsProduct({{int64_t(Schedule::uniform), int64_t(Schedule::fifo)}, {2, 16}})
    ->ArgNames({"schedule", "tasks"});

// A switch point at which nobody else can run: what an idle machine pays.
void SwitchPointAlone(benchmark::State& state) {
    as_main(state, [&] {
        for (auto _ : state) the().switch_point(SwitchPoint::driver_call);
    });
}
BENCHMARK(SwitchPointAlone)->Arg(sim)->Arg(live);

void StartAndEnd(benchmark::State& state) {
    std::atomic<bool> ended = false;
    as_main(state, [&] {
        Task* main = &the().current();
        for (auto _ : state) {
            ended = false;
            the().start("short", [&ended, main] {
                ended = true;
                the().unpark(*main);
            });
            while (!ended) the().park(never);
        }
    });
}
BENCHMARK(StartAndEnd)->Arg(sim)->Arg(live)->UseRealTime();

void UnparkAndParkOneself(benchmark::State& state) {
    as_main(state, [&] {
        for (auto _ : state) {
            the().unpark(the().current());
            the().park(never);
        }
    });
}
BENCHMARK(UnparkAndParkOneself)->Arg(sim)->Arg(live);

void SleepOnVirtualTime(benchmark::State& state) {
    as_main(state, [&] {
        for (auto _ : state) the().park(the().now() + second);
    });
}
BENCHMARK(SleepOnVirtualTime)->Arg(sim);

void Now(benchmark::State& state) {
    as_main(state, [&] {
        for (auto _ : state) benchmark::DoNotOptimize(the().now());
    });
}
BENCHMARK(Now)->Arg(sim)->Arg(live);

void Draw(benchmark::State& state) {
    as_main(state, [&] {
        for (auto _ : state) benchmark::DoNotOptimize(the().draw(100));
    });
}
BENCHMARK(Draw)->Arg(sim)->Arg(live);

}  // namespace
}  // namespace ndiskit::engine
