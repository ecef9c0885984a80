// MiniportShutdownEx on a bug check: of miniports that ask for it, and of those from before one could ask.
#include <gtest/gtest.h>

#include "fixture.h"
#include "nt/bugcheck.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

constexpr uint32_t manually_initiated = 0xE2;
const auto stopped = testing::ExitedWithCode(nt::bug_check_exit_status);
const char* const shut_down = "fixnic shuts down at IRQL 15";

// Of a death test's output.
class Lacks : public testing::MatcherInterface<const std::string&> {
  public:
    explicit Lacks(std::string text) : text_(std::move(text)) {}
    bool MatchAndExplain(const std::string& output, testing::MatchResultListener*) const override {
        return output.find(text_) == std::string::npos;
    }
    void DescribeTo(std::ostream* out) const override { *out << "lacks \"" << text_ << "\""; }

  private:
    const std::string text_;
};
testing::Matcher<const std::string&> lacks(const char* text) { return testing::MakeMatcher(new Lacks(text)); }

void stop_with(UCHAR minor_version, ULONG flags) {
    with_prepared_stack(
        [=] {
            behaviour().minor_version = minor_version;
            behaviour().attribute_flags = flags;
        },
        [] { nt::bug_check(manually_initiated); });
}

TEST(ShutdownCallback, AMiniportThatAsksForItIsShutDown) {
    EXPECT_EXIT(stop_with(30, NDIS_MINIPORT_ATTRIBUTES_REGISTER_BUGCHECK_CALLBACK), stopped, shut_down);
}

TEST(ShutdownCallback, AnOlderMiniportAlwaysIs) { EXPECT_EXIT(stop_with(20, 0), stopped, shut_down); }

TEST(ShutdownCallback, OtherMiniportsAreLeftAlone) {
    EXPECT_EXIT(stop_with(30, 0), stopped, lacks(shut_down));
}

// A halted adapter has no callbacks any more.
TEST(ShutdownCallback, AHaltedMiniportIsNot) {
    EXPECT_EXIT(with_prepared_stack([] { behaviour().minor_version = 20; },
                                    [] {
                                        ASSERT_TRUE(remove_adapter(guid_a).has_value());
                                        nt::bug_check(manually_initiated);
                                    }),
                stopped, lacks(shut_down));
}

}  // namespace
}  // namespace ndiskit::ndis
