// Interrupts: at which IRQL and where handlers run, what they exclude, lines that are shared, messages that
// are masked.
#include <gtest/gtest.h>

#include <vector>

#include "fixture_device.h"
#include "nt/ke/irql.h"
#include "nt/ke/processor.h"
#include "nt/ke/thread.h"
#include "support/nt_machine.h"

extern "C" void NTAPI IoReportInterruptActive(PIO_DISCONNECT_INTERRUPT_PARAMETERS);
extern "C" void NTAPI IoReportInterruptInactive(PIO_DISCONNECT_INTERRUPT_PARAMETERS);

namespace ndiskit::nt::hal {
namespace {

using fixture::Card;
using fixture::plug_card;

// A physical device object is told from others by its address alone here.
DEVICE_OBJECT first_object, second_object;

struct Handler {
    Card* card = nullptr;
    std::atomic<int> calls = 0;
    std::atomic<int> dpcs = 0;
    std::vector<ULONG> messages;
    KIRQL irql = 0;
    uint32_t processor = 99;
    bool claims = true;
    bool lets_go = true;
    std::atomic<int> inside = 0;
    KDPC dpc;

    BOOLEAN serve(ULONG message) {
        EXPECT_EQ(inside.fetch_add(1), 0);
        ++calls;
        messages.push_back(message);
        irql = current_irql();
        processor = ke::current_processor().number();
        if (claims && lets_go && card) card->set_line(false);
        if (claims) KeInsertQueueDpc(&dpc, nullptr, nullptr);
        inside.fetch_sub(1);
        return claims;
    }
    Handler() {
        KeInitializeDpc(
            &dpc, [](PKDPC, PVOID self, PVOID, PVOID) NTAPI { ++static_cast<Handler*>(self)->dpcs; }, this);
    }
};

BOOLEAN NTAPI serve_line(PKINTERRUPT, PVOID self) { return static_cast<Handler*>(self)->serve(0); }
BOOLEAN NTAPI serve_message(PKINTERRUPT, PVOID self, ULONG message) {
    return static_cast<Handler*>(self)->serve(message);
}

IO_CONNECT_INTERRUPT_PARAMETERS messages_of(PDEVICE_OBJECT object, Handler& handler, PVOID& connection) {
    IO_CONNECT_INTERRUPT_PARAMETERS p{};
    p.Version = CONNECT_MESSAGE_BASED;
    p.MessageBased.PhysicalDeviceObject = object;
    p.MessageBased.ConnectionContext.Generic = &connection;
    p.MessageBased.MessageServiceRoutine = serve_message;
    p.MessageBased.FallBackServiceRoutine = serve_line;
    p.MessageBased.ServiceContext = &handler;
    return p;
}

void disconnect(ULONG version, PVOID connection) {
    IO_DISCONNECT_INTERRUPT_PARAMETERS p{};
    p.Version = version;
    p.ConnectionContext.Generic = connection;
    IoDisconnectInterruptEx(&p);
}

PKINTERRUPT connect_line(PDEVICE_OBJECT object, Handler& handler) {
    PKINTERRUPT interrupt = nullptr;
    IO_CONNECT_INTERRUPT_PARAMETERS p{};
    p.Version = CONNECT_LINE_BASED;
    p.LineBased.PhysicalDeviceObject = object;
    p.LineBased.InterruptObject = &interrupt;
    p.LineBased.ServiceRoutine = serve_line;
    p.LineBased.ServiceContext = &handler;
    EXPECT_EQ(IoConnectInterruptEx(&p), STATUS_SUCCESS);
    return interrupt;
}

void nap() {
    LARGE_INTEGER time{.QuadPart = -10'000};
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

// With a card of `messages` messages in the bus, under first_object.
template <class Body>
void with_card(unsigned messages, Body body) {
    test::on_seeds(20, [&] {
        Card& card = plug_card("PCI\\CARD\\0", messages);
        bind_device(&first_object, &card);
        body(card);
        unplug_all();
    });
}

TEST(Interrupt, AMessageIsServedAtItsIrqlOnItsProcessorAndItsDpcFollows) {
    with_card(4, [](Card& card) {
        Handler handler;
        PVOID connection = nullptr;
        auto p = messages_of(&first_object, handler, connection);
        ASSERT_EQ(IoConnectInterruptEx(&p), STATUS_SUCCESS);
        EXPECT_EQ(p.Version, ULONG{CONNECT_MESSAGE_BASED});
        const auto& table = *static_cast<PIO_INTERRUPT_MESSAGE_INFO>(connection);
        ASSERT_EQ(table.MessageCount, 4u);
        for (ULONG message = 0; message < 4; ++message) {
            card.interrupt(message);
            while (handler.calls != static_cast<int>(message) + 1) nap();
            EXPECT_EQ(handler.irql, table.MessageInfo[message].Irql);
            EXPECT_GT(handler.irql, DISPATCH_LEVEL);
            EXPECT_EQ(KAFFINITY{1} << handler.processor, table.MessageInfo[message].TargetProcessorSet);
        }
        EXPECT_EQ(handler.messages, (std::vector<ULONG>{0, 1, 2, 3}));
        KeFlushQueuedDpcs();
        EXPECT_EQ(handler.dpcs, 4);
        disconnect(CONNECT_MESSAGE_BASED, connection);
        card.interrupt(0);
        nap();
        EXPECT_EQ(handler.calls, 4) << "nobody is connected any more";
    });
}

TEST(Interrupt, WaitsForCodeAtDispatchLevelOfItsProcessor) {
    with_card(2, [](Card& card) {
        Handler handler;
        PVOID connection = nullptr;
        auto p = messages_of(&first_object, handler, connection);
        ASSERT_EQ(IoConnectInterruptEx(&p), STATUS_SUCCESS);
        {
            const AtDispatch at_dispatch;
            card.interrupt(ke::current_processor().number());
            card.interrupt(ke::current_processor().number());
            EXPECT_EQ(handler.calls, 0);
        }
        EXPECT_EQ(handler.calls, 1) << "two of a message that waits are one";
        EXPECT_EQ(handler.dpcs, 1);
        disconnect(CONNECT_MESSAGE_BASED, connection);
    });
}

TEST(Interrupt, SynchronizedCodeRunsAtTheHandlersIrqlAndBesideNoHandler) {
    with_card(2, [](Card& card) {
        Handler handler;
        PKINTERRUPT interrupt = connect_line(&first_object, handler);
        handler.card = &card;
        auto thread = Thread::start("device", [&] {
            for (int i = 0; i < 20; ++i) card.set_line(true);
        });
        for (int i = 0; i < 20; ++i)
            KeSynchronizeExecution(
                interrupt,
                [](PVOID context) NTAPI -> BOOLEAN {
                    auto& h = *static_cast<Handler*>(context);
                    EXPECT_EQ(h.inside.fetch_add(1), 0);
                    EXPECT_GT(current_irql(), DISPATCH_LEVEL);
                    engine::the().switch_point(engine::SwitchPoint::yield);
                    h.inside.fetch_sub(1);
                    return TRUE;
                },
                &handler);
        EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
        const KIRQL old = KeAcquireInterruptSpinLock(interrupt);
        EXPECT_EQ(old, PASSIVE_LEVEL);
        KeReleaseInterruptSpinLock(interrupt, old);
        thread.join();
        IoDisconnectInterrupt(interrupt);
        EXPECT_GT(handler.calls, 0);
    });
}

TEST(Interrupt, ALineIsServedUntilItIsLetGoByTheOneWhoseDeviceItIs) {
    test::on_seeds(20, [] {
        // Slots 1 and 5 have the same line.
        Card& card = plug_card("PCI\\CARD\\0");
        for (const char* name : {"PCI\\CARD\\1", "PCI\\CARD\\2", "PCI\\CARD\\3"}) plug_card(name);
        Card& other = plug_card("PCI\\CARD\\4");
        ASSERT_EQ(&card.line(), &other.line());
        bind_device(&first_object, &card);
        bind_device(&second_object, &other);
        Handler not_mine, mine;
        not_mine.claims = false;
        mine.card = &other;
        PKINTERRUPT a = connect_line(&first_object, not_mine), b = connect_line(&second_object, mine);
        other.set_line(true);
        while (mine.dpcs == 0) nap();
        EXPECT_EQ(mine.calls, 1);
        EXPECT_EQ(not_mine.calls, 1) << "asked first, and it was not its device";
        IoDisconnectInterrupt(a);
        IO_DISCONNECT_INTERRUPT_PARAMETERS p{};
        p.Version = CONNECT_LINE_BASED;
        p.ConnectionContext.InterruptObject = b;
        IoReportInterruptInactive(&p);
        other.set_line(true);
        nap();
        EXPECT_EQ(mine.calls, 1) << "inactive";
        IoReportInterruptActive(&p);
        while (mine.calls == 1) nap();
        IoDisconnectInterrupt(b);
        unplug_all();
    });
}

void storm() {
    test::on_sim([] {
        Card& card = plug_card("PCI\\CARD\\0");
        bind_device(&first_object, &card);
        Handler handler;
        connect_line(&first_object, handler);
        card.set_line(true);
        for (;;) nap();
    });
}

TEST(Interrupt, ALineThatNobodyLetsGoIsAStorm) {
    EXPECT_EXIT(storm(), testing::ExitedWithCode(3), "0x000000f2");
}

TEST(Interrupt, AMaskedMessageComesWhenItIsUnmasked) {
    with_card(2, [](Card& card) {
        Handler handler;
        PVOID connection = nullptr;
        auto p = messages_of(&first_object, handler, connection);
        ASSERT_EQ(IoConnectInterruptEx(&p), STATUS_SUCCESS);
        EXPECT_TRUE(card.map_message(0, 1));
        EXPECT_TRUE(card.mask_message(0, true));
        EXPECT_FALSE(card.mask_message(2, true));
        EXPECT_FALSE(card.map_message(0, 2));
        card.interrupt(0);
        nap();
        EXPECT_EQ(handler.calls, 0);
        card.mask_message(0, false);
        while (handler.calls == 0) nap();
        EXPECT_EQ(handler.messages, std::vector<ULONG>{1}) << "as the table maps the entry";
        disconnect(CONNECT_MESSAGE_BASED, connection);
    });
}

TEST(Interrupt, ADeviceWithoutMessagesFallsBackToItsLine) {
    with_card(0, [](Card& card) {
        Handler handler;
        handler.card = &card;
        PVOID connection = nullptr;
        auto p = messages_of(&first_object, handler, connection);
        ASSERT_EQ(IoConnectInterruptEx(&p), STATUS_SUCCESS);
        EXPECT_EQ(p.Version, ULONG{CONNECT_LINE_BASED});
        card.set_line(true);
        while (handler.calls == 0) nap();
        disconnect(CONNECT_LINE_BASED, connection);
        p = messages_of(&second_object, handler, connection);
        EXPECT_EQ(IoConnectInterruptEx(&p), STATUS_NOT_FOUND) << "no device stands behind this object";
    });
}

TEST(Interrupt, IsFoundByVectorAndSharedOnlyWhenAllAgree) {
    with_card(0, [](Card& card) {
        const auto& list = card.translated_resources()->List[0].PartialResourceList;
        const CM_PARTIAL_RESOURCE_DESCRIPTOR d = list.PartialDescriptors[list.Count - 1];
        ASSERT_EQ(d.Type, CmResourceTypeInterrupt);
        Handler handler, second;
        PKINTERRUPT interrupt = nullptr, refused = nullptr;
        const auto level = static_cast<KIRQL>(d.u.Interrupt.Level);
        const auto connect = [&](PKINTERRUPT& to, Handler& h, ULONG vector, BOOLEAN share) {
            return IoConnectInterrupt(&to, serve_line, &h, nullptr, vector, level, level, LevelSensitive,
                                      share, d.u.Interrupt.Affinity, FALSE);
        };
        EXPECT_EQ(connect(interrupt, handler, d.u.Interrupt.Vector, FALSE), STATUS_SUCCESS);
        EXPECT_EQ(connect(refused, second, d.u.Interrupt.Vector, TRUE), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(connect(refused, second, 0x33, TRUE), STATUS_INVALID_PARAMETER);
        GROUP_AFFINITY affinity{};
        EXPECT_EQ(IoGetAffinityInterrupt(interrupt, &affinity), STATUS_SUCCESS);
        EXPECT_EQ(affinity.Mask, d.u.Interrupt.Affinity);
        IoDisconnectInterrupt(interrupt);
    });
}

}  // namespace
}  // namespace ndiskit::nt::hal
