// mux.sys on the live engine with real threads on every side: frames both ways all the time, and meanwhile
// everything that may happen to a stack. On sim all of it runs on one thread of the host; this is where a
// build with TSan sees the driver, NDIS and the edges race.
#include <gtest/gtest.h>

#include "mux_traffic.h"

namespace ndiskit::setup {
namespace {

constexpr int rounds = 12;

// Sends from one virtual miniport while it lives.
class Station {
  public:
    explicit Station(const char* name)
        : name_(name),
          endpoint_(transport::find_memory_endpoint(name)),
          thread_(nt::Thread::start(name, [this] {
              while (!stop_) send();
          })) {}

    Result<> finish() {
        stop_ = true;
        thread_.join();
        if (endpoint_->completed() != submitted_)
            return fail(fmt::format("{} sends of {} completed", endpoint_->completed(), submitted_), name_);
        return check_frames(name_, endpoint_->take());
    }

  private:
    void send() {
        std::vector<Frame> frames(1 + engine::the().draw(32));
        for (Frame& frame : frames)
            frame = make_frame(engine::the().draw(4) == 0 ? broadcast : peer, endpoint_->mac(), number_++);
        submitted_ += endpoint_->send(frames);
        if (engine::the().draw(4) == 0) nap();
    }

    const char* name_;
    MemoryEndpoint* endpoint_;
    uint64_t submitted_ = 0;
    uint32_t number_ = 0;
    std::atomic<bool> stop_ = false;
    nt::Thread thread_;
};

Result<> rebind(const char16_t* protocol, const std::u16string& adapter) {
    TRY(ndis::unbind(protocol, adapter));
    nap();
    return ndis::bind(protocol, adapter);
}

std::u16string guid_of_port(std::string_view name) {
    for (const auto& adapter : ndis::adapters())
        if (adapter.description == name) return {adapter.guid.begin(), adapter.guid.end()};
    return {};
}

Result<> live_a_round(nic::Probe& probe) {
    Station left("left"), right("right");
    Result<> result;
    for (int i = 0; i < 3 && result; ++i) {
        nap();
        result = one_disaster();
    }
    // One binding goes and comes back while the other carries traffic; then the driver's own, under what the
    // wire still sends.
    const Result<> left_done = left.finish();
    if (result) result = left_done;
    if (result) result = rebind(u"ndktransport", guid_of_port("left"));
    const Result<> right_done = right.finish();
    if (result) result = right_done;
    if (result) result = rebind(u"ndkmux", guid_of_port("lan"));
    if (result) result = check_frames("wire", probe.take());
    return result;
}

Result<> live(nic::Probe& probe) {
    Tally tally;
    std::vector<wire::MacAddress> stations;
    for (const char* name : {"left", "right"})
        stations.push_back(transport::find_memory_endpoint(name)->mac());
    auto wire_side = nt::Thread::start("wire", [&] { send_from_wire(probe, stations, tally); });
    Result<> result;
    for (int round = 0; round < rounds && result; ++round) result = live_a_round(probe);
    tally.stop = true;
    wire_side.join();
    return result;
}

TEST(MuxLive, CarriesTrafficBetweenThreadsThroughEveryDisaster) {
    run_machine(two_ports(), {}, [](Machine& machine) {
        const Result<> started = machine.start();
        ASSERT_TRUE(started) << started.error().text();
        {
            nic::Probe probe(nic::segment("hub"));
            const Result<> lived = live(probe);
            EXPECT_TRUE(lived) << lived.error().text();
            if (lived) {
                const Result<> flows = check_flow(probe);
                EXPECT_TRUE(flows) << flows.error().text();
            }
        }
        EXPECT_EQ(machine.stop(), std::vector<std::string>{});
    });
}

}  // namespace
}  // namespace ndiskit::setup
