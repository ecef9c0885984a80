#include "setup/events.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "base/log.h"
#include "engine/engine.h"
#include "nt/abi.h"
#include "nt/ke/thread.h"
#include "setup/pnp_action.h"

namespace ndiskit::setup {
namespace {

engine::Time time_of(double seconds) { return static_cast<engine::Time>(seconds * engine::second); }

engine::Time late_by(const Event& event) {
    const engine::Time most = time_of(event.spread);
    return most == 0 ? 0 : static_cast<engine::Time>(engine::the().draw(static_cast<uint64_t>(most)));
}

struct Planned {
    const Event* event;
    std::vector<PnpAction> actions;
    engine::Time due;
    uint64_t times_left;
    EventReport report;

    bool over() const { return times_left == 0; }
};

}  // namespace

struct Events::Schedule {
    KEVENT ends;
    std::vector<Planned> plan;
    nt::Thread thread;

    // False when the events are to end first.
    bool wait_until(engine::Time due) {
        const engine::Time left = std::max<engine::Time>(due - engine::the().now(), 0);
        LARGE_INTEGER timeout = {.QuadPart = -(left / 100)};
        return KeWaitForSingleObject(&ends, Executive, KernelMode, FALSE, &timeout) == STATUS_TIMEOUT;
    }

    bool meet(Planned& one) {
        for (const PnpAction& action : one.actions) {
            if (&action != one.actions.data() && !wait_until(engine::the().now() + time_of(one.event->gap)))
                return false;
            const Result<> result = action.perform();
            ++(result ? one.report.done : one.report.failed);
            if (result) continue;
            log_error("event", "{}: {}", action.text(), result.error().text());
            if (one.report.error.empty()) one.report.error = result.error().text();
        }
        return true;
    }

    void run() {
        for (;;) {
            const auto next = std::ranges::min_element(plan, {}, [](const Planned& one) {
                return one.over() ? engine::never : one.due;
            });
            if (next == plan.end() || next->over()) return;
            if (!wait_until(next->due + late_by(*next->event)) || !meet(*next)) return;
            --next->times_left;
            if (next->event->every) next->due += time_of(*next->event->every);
        }
    }
};

Events::Events(const Description& description) {
    if (description.events.empty()) return;
    schedule_ = std::make_unique<Schedule>();
    KeInitializeEvent(&schedule_->ends, NotificationEvent, FALSE);
    for (const Event& event : description.events) {
        Planned one{&event, {}, engine::the().now() + time_of(event.at), event.times, {}};
        for (const std::string& text : event.actions)
            if (auto action = PnpAction::parse(description, text)) one.actions.push_back(std::move(*action));
        one.report.actions = fmt::format("{}", fmt::join(event.actions, ", "));
        schedule_->plan.push_back(std::move(one));
    }
    schedule_->thread = nt::Thread::start("events", [this] { schedule_->run(); });
}

Events::~Events() { stop(); }

std::vector<EventReport> Events::stop() {
    if (!schedule_) return {};
    KeSetEvent(&schedule_->ends, 0, FALSE);
    schedule_->thread.join();
    std::vector<EventReport> reports;
    for (const Planned& one : schedule_->plan) reports.push_back(one.report);
    schedule_.reset();
    return reports;
}

}  // namespace ndiskit::setup
