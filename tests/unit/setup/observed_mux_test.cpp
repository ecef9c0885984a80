// What an observer of a machine sees of mux.sys: each crossing between the driver and NDIS, in both
// directions.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "nt/exception/symbols.h"
#include "nt/image/import_hooks.h"
#include "setup/machine.h"
#include "setup/machine_file.h"
#include "setup/traffic.h"

namespace ndiskit::setup {
namespace {

class Crossings : public nt::image::CallObserver {
  public:
    void before_import(const nt::image::ImportSite& site, const nt::image::CallArguments&) override {
        into_kit.insert(site.name);
    }
    void before_driver(const void* function) override { ++into_driver[function]; }

    // Names of the driver's functions that were called.
    std::set<std::string> called() const {
        std::vector<nt::exception::AddressQuery> addresses;
        for (const auto& [function, times] : into_driver)
            addresses.push_back({.address = reinterpret_cast<uint64_t>(function)});
        std::set<std::string> names;
        for (const auto& symbol : nt::exception::symbolize(addresses)) names.insert(symbol.function);
        return names;
    }

    std::set<std::string> into_kit;
    std::map<const void*, int> into_driver;
};

TEST(ObservedMux, EveryCrossingIsSeen) {
    static Crossings crossings;
    nt::image::add_observer(crossings);
    auto description = read_machine_file(NDISKIT_SOURCE_DIR "/examples/memory.toml");
    ASSERT_TRUE(description) << description.error().text();
    for (Traffic& traffic : description->traffic) traffic.frames = 20;
    std::set<std::string> called;
    run_machine(*description, {.sim = true, .seed = 1}, [&](Machine& machine) {
        const Result<> started = machine.start();
        ASSERT_TRUE(started) << started.error().text();
        EXPECT_TRUE(run_traffic(*description));
        called = crossings.called();
        EXPECT_EQ(machine.stop(), std::vector<std::string>{});
    });
    for (const char* name :
         {"MuxProtocolBind", "MuxMiniportInitialize", "MuxMiniportRestart", "MuxMiniportOidRequest",
          "MuxMiniportSend", "MuxProtocolSendComplete", "MuxProtocolReceive", "MuxMiniportReturn"})
        EXPECT_TRUE(called.contains(name)) << name;
    for (const char* name : {"NdisSendNetBufferLists", "NdisMSendNetBufferListsComplete",
                             "NdisMIndicateReceiveNetBufferLists", "NdisReturnNetBufferLists"})
        EXPECT_TRUE(crossings.into_kit.contains(name)) << name;
}

}  // namespace
}  // namespace ndiskit::setup
