// Requests that are taken back: what waits is not delivered any more, what runs is waited for.
#include <gtest/gtest.h>

#include <memory>

#include "nt/ke/interrupt_request.h"
#include "nt/ke/irql.h"
#include "nt/ke/processor.h"
#include "nt/ke/thread.h"
#include "support/nt_machine.h"

namespace ndiskit::nt::ke {
namespace {

struct Counted : InterruptRequest {
    std::atomic<int> delivered = 0;
    int again = 0;  // how often delivering it asks for it once more
    std::atomic<bool> gone = false;

    explicit Counted(KIRQL at) {
        irql = at;
        deliver = [](InterruptRequest& request) {
            auto& self = static_cast<Counted&>(request);
            EXPECT_FALSE(self.gone) << "delivered after it was withdrawn";
            ++self.delivered;
            engine::the().switch_point(engine::SwitchPoint::yield);
            if (self.again-- > 0) request_interrupt(self, processor(self.delivered % processor_count()));
            EXPECT_FALSE(self.gone) << "withdrawn while it was delivered";
        };
    }
};

TEST(InterruptRequest, WhatIsWithdrawnWhileItWaitsIsNotDelivered) {
    test::on_seeds(20, [] {
        Counted first(5), second(7), third(5);
        std::atomic<bool> withdrawing = false;
        auto thread = Thread::start("withdraw", [&] {
            while (!withdrawing) engine::the().spin(0);
            withdraw_interrupt(second);
        });
        const KIRQL old = raise_irql(DISPATCH_LEVEL);
        Processor& here = current_processor();
        for (Counted* request : {&first, &second, &third}) request_interrupt(*request, here);
        withdrawing = true;
        while (second.state != 0) engine::the().spin(0);
        lower_irql(old);
        thread.join();
        EXPECT_EQ(first.delivered, 1);
        EXPECT_EQ(third.delivered, 1);
        EXPECT_EQ(second.delivered, 0);
        withdraw_interrupt(first);  // neither waits nor runs
    });
}

TEST(InterruptRequest, WithdrawingWaitsForTheProcessorThatDeliversIt) {
    const auto body = [] {
        for (int round = 0; round < 50; ++round) {
            auto request = std::make_unique<Counted>(KIRQL{6});
            request->again = round % 4;
            auto thread = Thread::start("device", [&] {
                request_interrupt(*request, processor(static_cast<uint32_t>(round) % processor_count()));
            });
            thread.join();
            withdraw_interrupt(*request);
            EXPECT_EQ(request->state, 0u);
            request->gone = true;
        }
    };
    test::on_seeds(10, body);
    test::on_live(body);
}

}  // namespace
}  // namespace ndiskit::nt::ke
