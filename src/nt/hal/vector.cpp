#include "nt/hal/vector.h"

#include <algorithm>
#include <array>
#include <bit>

#include "engine/engine.h"
#include "nt/bugcheck.h"
#include "nt/image/call_gate.h"
#include "nt/ke/irql.h"
#include "nt/ke/processor.h"
#include "nt/ke/spin_lock.h"

namespace ndiskit::nt::hal {
namespace {

constexpr uint32_t hardware_interrupt_storm = 0xF2;
constexpr uint32_t storm = 10'000;
constexpr size_t most_sharers = 32;

bool serve(InterruptObject& object) {
    const KIRQL irql = current_irql();
    if (object.synchronize_irql > irql) write_irql(object.synchronize_irql);
    ke::acquire_spin_lock(*object.lock);
    const bool claimed =
        object.message_service
            ? call_driver(object.message_service, kinterrupt(object), object.context, object.message)
            : call_driver(object.service, kinterrupt(object), object.context);
    ke::release_spin_lock(*object.lock);
    if (object.synchronize_irql > irql) ke::gs_write<KIRQL, ke::pcr_irql>(irql);
    return claimed;
}

// One of the processors that may take it: any on sim, where the seed decides, the lowest on live.
ke::Processor& choose(KAFFINITY affinity) {
    const KAFFINITY there = affinity & ke::all_processors();
    ASSERT_THAT(there != 0, "an interrupt has no processor");
    uint64_t skip =
        engine::the().deterministic() ? engine::the().draw(static_cast<uint64_t>(std::popcount(there))) : 0;
    KAFFINITY left = there;
    for (; skip > 0; --skip) left &= left - 1;
    return ke::processor(static_cast<uint32_t>(std::countr_zero(left)));
}

}  // namespace

Vector::Vector(ULONG vector_number, bool is_level, KAFFINITY processors)
    : number(vector_number),
      irql(static_cast<KIRQL>(vector_number >> 4)),
      level(is_level),
      affinity(processors) {
    request_.vector = this;
    request_.irql = irql;
    request_.deliver = [](ke::InterruptRequest& request) {
        static_cast<Request&>(request).vector->deliver();
    };
}

Vector::~Vector() { ke::withdraw_interrupt(request_); }

void Vector::request() { ke::request_interrupt(request_, choose(affinity)); }

void Vector::deliver() {
    running_.fetch_add(1, std::memory_order_seq_cst);
    std::array<InterruptObject*, most_sharers> objects;
    const size_t count = connected_.with([&](const Connected& connected) {
        std::ranges::copy(connected.objects, objects.begin());
        return connected.objects.size();
    });
    bool claimed = false, asked = false;
    for (size_t i = 0; i < count && !(level && claimed); ++i) {
        if (!objects[i]->active.load(std::memory_order_acquire)) continue;
        asked = true;
        claimed |= serve(*objects[i]);
    }
    // With nobody to ask the line stays masked.
    const bool again = level && asked && held_.load(std::memory_order_acquire) > 0;
    in_a_row_ = again ? in_a_row_ + 1 : 0;
    if (in_a_row_ > storm)
        bug_check_because(
            "a device holds its interrupt line though its handler was called again and again: it must be "
            "told to let go",
            hardware_interrupt_storm, reinterpret_cast<uint64_t>(objects[0]->service), 0, 0, number);
    running_.fetch_sub(1, std::memory_order_release);
    if (again) request();
}

bool Vector::connect(InterruptObject& object, bool share) {
    const bool connected = connected_.with([&](Connected& all) {
        if (!all.objects.empty() && !(share && all.shared)) return false;
        if (all.objects.size() == most_sharers) return false;
        all.objects.push_back(&object);
        all.shared = share;
        return true;
    });
    // It may be held already, and nobody has taken notice.
    if (connected) look_again();
    return connected;
}

void Vector::look_again() {
    if (level && held_.load(std::memory_order_acquire) > 0) request();
}

void Vector::disconnect(InterruptObject& object) {
    connected_.with([&](Connected& all) {
        std::erase(all.objects, &object);
        if (all.objects.empty()) all.shared = true;
    });
    for (uint32_t round = 0; running_.load(std::memory_order_seq_cst) != 0; ++round)
        engine::the().spin(round);
}

}  // namespace ndiskit::nt::hal
