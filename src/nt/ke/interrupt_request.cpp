#include "nt/ke/interrupt_request.h"

#include <fmt/core.h>

#include "engine/engine.h"
#include "nt/bugcheck.h"
#include "nt/ke/irql.h"
#include "nt/ke/processor.h"

namespace ndiskit::nt::ke {
namespace {

constexpr uint32_t irql_unexpected_value = 0xC8;

}  // namespace

void InterruptQueue::push(InterruptRequest& request) {
    InterruptRequest** at = &first_;
    while (*at && (*at)->irql >= request.irql) at = &(*at)->next;
    request.next = *at;
    *at = &request;
}

InterruptRequest* InterruptQueue::pop_above(KIRQL irql) {
    InterruptRequest* const request = first_;
    if (!request || request->irql <= irql) return nullptr;
    first_ = request->next;
    return request;
}

bool InterruptQueue::remove(InterruptRequest& request) {
    for (InterruptRequest** at = &first_; *at; at = &(*at)->next) {
        if (*at != &request) continue;
        *at = request.next;
        return true;
    }
    return false;
}

void request_interrupt(InterruptRequest& request, Processor& target) {
    if (current_irql() < DISPATCH_LEVEL) {
        // Taken on the way down when this is the processor.
        const AtDispatch at_dispatch;
        request_interrupt(request, target);
        return;
    }
    if (request.state.fetch_or(InterruptRequest::pending, std::memory_order_acq_rel) &
        InterruptRequest::pending)
        return;
    target.interrupts.with([&](InterruptQueue& queue) {
        queue.push(request);
        target.interrupts_pending.store(true, std::memory_order_release);
    });
    if (target.demand_attention()) target.kick();
}

void withdraw_interrupt(InterruptRequest& request) {
    // Delivering it may ask for it again, on any processor.
    for (uint32_t round = 0; request.state.load(std::memory_order_acquire) != 0; ++round) {
        // Queues end with their processors.
        bool removed = processor_count() == 0;
        for (uint32_t number = 0; number < processor_count() && !removed; ++number)
            removed =
                processor(number).interrupts.with([&](InterruptQueue& queue) { return queue.remove(request); });
        if (removed)
            request.state.fetch_and(~InterruptRequest::pending, std::memory_order_acq_rel);
        else
            engine::the().spin(round);
    }
}

void Processor::deliver_interrupts_slow() {
    while (interrupts_pending.load(std::memory_order_acquire)) {
        const KIRQL before = current_irql();
        InterruptRequest* const request = interrupts.with([&](InterruptQueue& queue) {
            InterruptRequest* const first = queue.pop_above(before);
            // From here on a request is a new one; one step, so that it never looks idle.
            if (first)
                first->state.fetch_add(InterruptRequest::delivering - InterruptRequest::pending,
                                       std::memory_order_acq_rel);
            if (queue.empty()) interrupts_pending.store(false, std::memory_order_relaxed);
            return first;
        });
        if (!request) return;
        const KIRQL irql = request->irql;
        gs_write<KIRQL, pcr_irql>(irql);
        request->deliver(*request);
        request->state.fetch_sub(InterruptRequest::delivering, std::memory_order_release);
        if (const KIRQL after = current_irql(); after != irql)
            bug_check_because(
                fmt::format("an interrupt was served at IRQL {} and its handler returned at {}", irql, after),
                irql_unexpected_value, uint64_t{after} << 16 | uint64_t{irql} << 8);
        gs_write<KIRQL, pcr_irql>(before);
    }
}

}  // namespace ndiskit::nt::ke
