// What a machine says of itself while a driver below does not give back what it was sent.
#include <gtest/gtest.h>

#include <algorithm>

#include "ndis/library.h"
#include "ndis/registry_layout.h"
#include "nic/adapter.h"
#include "nt/ke/thread.h"
#include "setup/machine.h"
#include "setup/network_configuration.h"
#include "transport/memory_endpoint.h"

namespace ndiskit::setup {
namespace {

// A NIC that keeps what it is to send until it is told.
class HoldingNic final : public nic::Nic {
  public:
    Result<nic::Facts> open(const nic::Configuration&, nic::Adapter& adapter) override {
        adapter_ = &adapter;
        instance = this;
        nic::Facts facts;
        facts.mac = {2, 0, 0, 0, 0, 1};
        return facts;
    }
    void start() override {}
    void stop() override {}
    void send(NET_BUFFER_LIST* chain, ULONG) override { held_ = chain; }
    void returned(NET_BUFFER_LIST*) override {}
    void let_go() { adapter_->complete_send(std::exchange(held_, nullptr), 0); }

    static inline HoldingNic* instance = nullptr;

  private:
    nic::Adapter* adapter_ = nullptr;
    NET_BUFFER_LIST* held_ = nullptr;
};

Description machine_of(const char* nic_type) {
    Description description;
    description.nics.push_back({.name = "lan", .type = nic_type, .interface = "hub"});
    description.transports.push_back({.name = "host", .type = "memory", .over = "lan", .interface = "host"});
    return description;
}

void let_others_run() {
    LARGE_INTEGER time;
    time.QuadPart = -10'000;
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

TEST(UnderWay, NamesTheBindingThatWaitsForItsSends) {
    nic::add_nic_type("holding", [] { return std::unique_ptr<nic::Nic>(new HoldingNic); });
    const Description description = machine_of("holding");
    run_machine(description, {.sim = true, .seed = 1}, [&](Machine& machine) {
        ASSERT_TRUE(machine.start());
        EXPECT_TRUE(ndis::under_way().empty());
        const std::vector<uint8_t> frame(60, 2);
        ASSERT_EQ(transport::find_memory_endpoint("host")->send({&frame, 1}), 1u);
        const auto out = ndis::under_way();
        ASSERT_EQ(out.size(), 1u);
        EXPECT_FALSE(out[0].changes_state);

        const std::u16string adapter = ndis::widen(adapter_guid(description, "lan"));
        auto pause = nt::Thread::start("pause", [&] { EXPECT_TRUE(ndis::pause_adapter(adapter)); });
        let_others_run();
        const auto items = ndis::under_way();
        const auto binding = std::ranges::find_if(items, [](const ndis::UnderWay& item) {
            return item.text.starts_with("binding of ndktransport to lan ");
        });
        ASSERT_NE(binding, items.end());
        EXPECT_TRUE(binding->changes_state);
        EXPECT_TRUE(binding->text.ends_with(" is Pausing: 1 send not completed")) << binding->text;

        HoldingNic::instance->let_go();
        pause.join();
        EXPECT_TRUE(ndis::under_way().empty());
        EXPECT_TRUE(ndis::restart_adapter(adapter));
        EXPECT_EQ(machine.stop(), std::vector<std::string>{});
    });
}

}  // namespace
}  // namespace ndiskit::setup
