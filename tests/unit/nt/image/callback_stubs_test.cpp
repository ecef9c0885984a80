// Callbacks that are bound once: straight when nobody observes, through a stub otherwise.
#include "nt/image/callback_stubs.h"

#include <gtest/gtest.h>

#include "nt/image/import_hooks.h"
#include "support/driver_images.h"

using namespace ndiskit;
using nt::image::bind_callback;
using testing::ExitedWithCode;

namespace {

class Watcher : public nt::image::CallObserver {
  public:
    Watcher() { nt::image::add_observer(*this); }
    ~Watcher() override { nt::image::remove_observers(); }
    void before_import(const nt::image::ImportSite& site, const nt::image::CallArguments&) override {
        seen += "<" + site.name;
    }
    void before_driver(const void* what) override { seen += "(", function = what; }
    void after_driver(const void*, uint8_t at) override { seen += ")", irql = at; }

    std::string seen;
    const void* function = nullptr;
    uint8_t irql = 0xFF;
};

uint64_t NTAPI many(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, uint64_t f, uint64_t g,
                    uint64_t h, uint64_t i, uint64_t j, uint64_t k, uint64_t l) {
    uint64_t sum = 0;
    for (const uint64_t digit : {a, b, c, d, e, f, g, h, i, j, k, l}) sum = sum * 16 + digit;
    return sum;
}

TEST(CallbackStubs, WithoutObserversItIsTheFunction) { EXPECT_EQ(bind_callback(&many), &many); }

TEST(CallbackStubs, ArgumentsAndResultCross) {
    Watcher watcher;
    test::on_sim([&] {
        const auto bound = bind_callback(&many);
        EXPECT_NE(bound, &many);
        EXPECT_EQ(bound(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), 0x123456789abcu);
    });
    EXPECT_EQ(watcher.seen, "()");
    EXPECT_EQ(watcher.function, reinterpret_cast<const void*>(&many));
}

TEST(CallbackStubs, OneStubAFunctionAndNoneForNull) {
    Watcher watcher;
    EXPECT_EQ(bind_callback(&many), bind_callback(&many));
    EXPECT_EQ(bind_callback(nullptr), nullptr);
}

TEST(CallbackStubs, TheObserverLearnsTheIrqlOfTheCall) {
    Watcher watcher;
    test::on_sim([] {
        const auto bound = bind_callback(&many);
        const KIRQL old = nt::raise_irql(DISPATCH_LEVEL);
        bound(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        nt::lower_irql(old);
    });
    EXPECT_EQ(watcher.irql, DISPATCH_LEVEL);
}

// Into the driver, and from there into the kit.
TEST(CallbackStubs, BothDirectionsAreSeen) {
    Watcher watcher;
    test::with_drivers([&] {
        const nt::image::Image& image = test::load_driver("crash_irql");
        bind_callback(test::exported<void>(image, "WaitAtDispatch"))();
    });
    EXPECT_EQ(watcher.seen, "(<KeInitializeEvent<KeWaitForSingleObject)");
}

TEST(CallbackStubs, AreFreeAgainWhenTheirImageIsUnloaded) {
    Watcher watcher;
    test::with_drivers([] {
        const size_t before = nt::image::bound_callbacks();
        nt::image::Image& image = test::load_driver("crash_irql");
        bind_callback(test::exported<void>(image, "LeaveRaised"));
        bind_callback(test::exported<void>(image, "WaitAtDispatch"));
        EXPECT_EQ(nt::image::bound_callbacks(), before + 2);
        nt::image::unload(image);
        EXPECT_EQ(nt::image::bound_callbacks(), before);
    });
}

// More functions over a machine's life than there are stubs, never many at once.
TEST(CallbackStubs, ServeAgain) {
    Watcher watcher;
    alignas(4096) static std::byte image[4096];
    for (int round = 0; round < 8; ++round) {
        for (const std::byte& function : image)
            ASSERT_NE(bind_callback(static_cast<const void*>(&function)), nullptr);
        nt::image::forget_callbacks(image, sizeof image);
    }
    EXPECT_EQ(nt::image::bound_callbacks(), 0u);
}

TEST(CallbackStubsDeathTest, ACrashInACallbackIsToldThroughTheStub) {
    const auto body = [] {
        nt::image::add_observer(nt::image::irql_rules());
        test::with_drivers(
            [] { bind_callback(test::exported<void>(test::load_driver("privileged"), "CallNull"))(); });
    };
    EXPECT_EXIT(body(), ExitedWithCode(3), "0x0000007e .*privileged.sys!CallNull.*unit_nt.*unit_nt.*unit_nt");
}

TEST(CallbackStubsDeathTest, TheRulesNameWhoLeftTheIrqlRaised) {
    const auto body = [] {
        nt::image::add_observer(nt::image::irql_rules());
        test::with_drivers(
            [] { bind_callback(test::exported<void>(test::load_driver("crash_irql"), "LeaveRaised"))(); });
    };
    EXPECT_EXIT(body(), ExitedWithCode(3), "0x000000c4 .*0x2001d, .*crash_irql.sys.*returned at IRQL 2");
}

}  // namespace
