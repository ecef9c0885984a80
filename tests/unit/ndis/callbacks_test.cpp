// With an observer on the machine, every call from NDIS into a driver is shown to it; without, NDIS calls the
// drivers' functions themselves.
#include "ndis/callbacks.h"

#include <set>

#include "fixture.h"
#include "ndis/library_state.h"
#include "nt/image/import_hooks.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

// Calls as brackets, so that who called whom shows, and the functions that were called.
class Watcher : public nt::image::CallObserver {
  public:
    void before_driver(const void* function) override {
        if (!watching)
            return;
        calls += '(';
        functions.insert(function);
    }
    void after_driver(const void*, uint8_t irql) override {
        if (!watching)
            return;
        calls += ')';
        irql_at_call = irql;
    }
    std::string during(const std::function<void()>& body) {
        calls.clear();
        watching = true;
        body();
        watching = false;
        return calls;
    }

    bool watching = false;
    std::string calls;
    std::set<const void*> functions;
    uint8_t irql_at_call = 0;
};

TEST(Callbacks, AnObserverSeesBothDirectionsOfTheDataPath) {
    Watcher watcher;
    nt::image::add_observer(watcher);
    with_stack([&] {
        Open& open = open_of();
        open.set_filter(NDIS_PACKET_TYPE_BROADCAST | NDIS_PACKET_TYPE_DIRECTED);
        // MiniportSendNetBufferLists completes inside: ProtocolSendNetBufferListsComplete.
        EXPECT_EQ(watcher.during([&] { open.send(1); }), "(())");
        EXPECT_EQ(open.completed, 1);
        EXPECT_EQ(watcher.functions.size(), 2u);
        // ProtocolReceiveNetBufferLists returns inside: MiniportReturnNetBufferLists.
        EXPECT_EQ(watcher.during([&] { nic().indicate(1, broadcast); }), "(())");
        EXPECT_EQ(open.received, 1);
        EXPECT_EQ(watcher.functions.size(), 4u);
        // MiniportOidRequest, and ProtocolStatusEx with the new packet filter.
        uint32_t filter = NDIS_PACKET_TYPE_DIRECTED;
        EXPECT_EQ(watcher.during([&] { open.set_filter(filter); }).find("("), 0u);
        EXPECT_EQ(watcher.functions.size(), 6u);
    });
    nt::image::remove_observers();
}

TEST(Callbacks, AnObserverSeesPauseAndRestart) {
    Watcher watcher;
    nt::image::add_observer(watcher);
    with_stack([&] {
        // Protocol and miniport, in this order; then the other way round.
        EXPECT_EQ(watcher.during([&] { ASSERT_TRUE(pause_adapter(guid_a)); }), "()()");
        EXPECT_EQ(watcher.during([&] { ASSERT_TRUE(restart_adapter(guid_a)); }), "()()");
    });
    nt::image::remove_observers();
}

void NTAPI take_list(PDEVICE_OBJECT, PVOID, PSCATTER_GATHER_LIST list, PVOID context) {
    *static_cast<PSCATTER_GATHER_LIST*>(context) = list;
}
void NTAPI take_memory(NDIS_HANDLE, PVOID, PNDIS_PHYSICAL_ADDRESS, ULONG, PVOID) {}

TEST(Callbacks, AnObserverSeesWhatDmaCallsBack) {
    Watcher watcher;
    nt::image::add_observer(watcher);
    with_prepared_stack([] { behaviour().attribute_flags = NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER; },
                        [&] {
                            NDIS_SG_DMA_DESCRIPTION d{};
                            d.Header = {NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION, NDIS_SG_DMA_DESCRIPTION_REVISION_1,
                                        NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1};
                            d.MaximumPhysicalMapping = 4096;
                            d.ProcessSGListHandler = take_list;
                            d.SharedMemAllocateCompleteHandler = take_memory;
                            NDIS_HANDLE channel = nullptr;
                            ASSERT_EQ(NdisMRegisterScatterGatherDma(nic().handle, &d, &channel), NDIS_STATUS_SUCCESS);
                            char data[64];
                            const PMDL mdl = NdisAllocateMdl(nic().handle, data, sizeof(data));
                            NET_BUFFER buffer{};
                            buffer.CurrentMdl = buffer.MdlChain = mdl;
                            buffer.DataLength = sizeof(data);
                            PSCATTER_GATHER_LIST list = nullptr;
                            const KIRQL old = KfRaiseIrql(DISPATCH_LEVEL);
                            EXPECT_EQ(watcher.during([&] {
                                NdisMAllocateNetBufferSGList(channel, &buffer, &list, 0, nullptr, 0);
                            }),
                                      "()");
                            EXPECT_TRUE(watcher.functions.contains(reinterpret_cast<const void*>(take_list)));
                            NdisMFreeNetBufferSGList(channel, list, &buffer);
                            KeLowerIrql(old);
                            NdisFreeMdl(mdl);
                            NdisMDeregisterScatterGatherDma(channel);
                        });
    nt::image::remove_observers();
}

TEST(Callbacks, WithoutObserversTheyAreTheDriversOwn) {
    const size_t before = nt::image::bound_callbacks();
    with_stack([&] {
        for (const MiniportDriver* driver : library().miniport_drivers())
            EXPECT_EQ(bind_callback(driver->handlers.SendNetBufferListsHandler),
                      driver->handlers.SendNetBufferListsHandler);
        EXPECT_EQ(nt::image::bound_callbacks(), before);
    });
}

}  // namespace
}  // namespace ndiskit::ndis
