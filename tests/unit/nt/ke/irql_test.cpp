#include "nt/ke/irql.h"

#include <gtest/gtest.h>

#include "nt/ke/processor.h"
#include "nt/ke/thread.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_live;
using test::on_seeds;
using test::on_sim;

TEST(Irql, RaisesAndLowers) {
    on_sim([] {
        EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
        EXPECT_EQ(raise_irql(APC_LEVEL), PASSIVE_LEVEL);
        EXPECT_EQ(raise_irql_to_dispatch(), APC_LEVEL);
        EXPECT_EQ(ke::current_processor().owner(), ke::current_thread());
        EXPECT_EQ(raise_irql(HIGH_LEVEL), DISPATCH_LEVEL);
        lower_irql(DISPATCH_LEVEL);
        EXPECT_EQ(ke::current_processor().owner(), ke::current_thread());
        lower_irql(PASSIVE_LEVEL);
        EXPECT_EQ(ke::current_processor().owner(), nullptr);
    });
}

TEST(IrqlDeathTest, WrongDirectionsAreBugChecks) {
    EXPECT_EXIT(on_sim([] { lower_irql(DISPATCH_LEVEL); }), testing::ExitedWithCode(3), "STOP: 0x0000000a");
    EXPECT_EXIT(on_sim([] {
                    raise_irql(DISPATCH_LEVEL);
                    raise_irql(APC_LEVEL);
                }),
                testing::ExitedWithCode(3), "STOP: 0x00000009");
}

TEST(Irql, DriversSeeTheRegionThroughGs) {
    on_sim([] {
        uint64_t thread, self;
        uint32_t number;
        uint8_t legacy;
        asm volatile("movq %%gs:0x188, %0" : "=r"(thread));
        asm volatile("movq %%gs:0x18, %0" : "=r"(self));
        asm volatile("movl %%gs:0x1a4, %0" : "=r"(number));
        asm volatile("movb %%gs:0x184, %0" : "=r"(legacy));
        EXPECT_EQ(thread, reinterpret_cast<uint64_t>(ke::current_thread()));
        EXPECT_EQ(self, reinterpret_cast<uint64_t>(ke::gs_base()));
        EXPECT_EQ(number, ke::current_processor().number());
        EXPECT_EQ(legacy, number);
    });
}

// Data of a processor, touched at DISPATCH_LEVEL without a lock.
void count_per_processor(int rounds) {
    struct alignas(64) PerProcessor {
        bool busy = false;
        int count = 0;
    };
    PerProcessor data[2];
    std::vector<Thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.push_back(Thread::start("user", [&] {
            for (int round = 0; round < rounds; ++round) {
                const AtDispatch at_dispatch;
                PerProcessor& mine = data[ke::current_processor().number()];
                EXPECT_FALSE(std::exchange(mine.busy, true));
                engine::the().switch_point(engine::SwitchPoint::yield);
                ++mine.count;
                mine.busy = false;
            }
        }));
    }
    for (Thread& thread : threads) thread.join();
    EXPECT_EQ(data[0].count + data[1].count, 4 * rounds);
}

TEST(Irql, OneThreadAtATimeIsAtDispatchLevelOnAProcessor) {
    on_seeds(200, [] { count_per_processor(10); });
}

TEST(IrqlLive, OneThreadAtATimeIsAtDispatchLevelOnAProcessor) {
    on_live([] { count_per_processor(2000); });
}

}  // namespace
}  // namespace ndiskit::nt
