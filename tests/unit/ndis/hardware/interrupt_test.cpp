// Interrupts, registers and logs as miniport drivers use them, over a simulated device.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <vector>

#include "../../nt/hal/fixture_device.h"
#include "../fixture.h"
#include "nt/ke/irql.h"
#include "nt/ke/processor.h"
#include "nt/registry/registry.h"

namespace ndiskit::ndis::fixture {
namespace {

using nt::hal::fixture::Card;

struct Interrupts {
    Card* card = nullptr;
    NDIS_HANDLE handle = nullptr;
    NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS told{};
    PNDIS_RESOURCE_LIST resources = nullptr;
    std::vector<ULONG> served, dpcs;
    std::vector<uint32_t> dpc_processors;
    KIRQL irql = 0;
    PVOID dpc_context = nullptr;
    bool more = false;
    bool queue_default = true;
};
Interrupts* state;

BOOLEAN serve(ULONG message, PBOOLEAN queue_default, PULONG targets) {
    state->served.push_back(message);
    state->irql = nt::current_irql();
    state->card->set_line(false);
    *queue_default = state->queue_default;
    *targets = 0;
    return TRUE;
}
void run_dpc(ULONG message, PVOID context, PVOID throttle) {
    EXPECT_EQ(nt::current_irql(), DISPATCH_LEVEL);
    ASSERT_NE(throttle, nullptr);
    state->dpcs.push_back(message);
    state->dpc_processors.push_back(nt::ke::current_processor().number());
    state->dpc_context = context;
    static_cast<PNDIS_RECEIVE_THROTTLE_PARAMETERS>(throttle)->MoreNblsPending =
        std::exchange(state->more, false);
}

NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS characteristics() {
    NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS c{};
    c.Header = {NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT, NDIS_MINIPORT_INTERRUPT_REVISION_1,
                NDIS_SIZEOF_MINIPORT_INTERRUPT_CHARACTERISTICS_REVISION_1};
    c.InterruptHandler = [](NDIS_HANDLE, PBOOLEAN queue, PULONG targets)
                             NTAPI { return serve(0, queue, targets); };
    c.InterruptDpcHandler = [](NDIS_HANDLE, PVOID context, PVOID throttle, PVOID)
                                NTAPI { run_dpc(0, context, throttle); };
    c.DisableInterruptHandler = [](NDIS_HANDLE) NTAPI {};
    c.EnableInterruptHandler = [](NDIS_HANDLE) NTAPI {};
    c.MsiSupported = TRUE;
    c.MessageInterruptHandler = [](NDIS_HANDLE, ULONG message, PBOOLEAN queue, PULONG targets)
                                    NTAPI { return serve(message, queue, targets); };
    c.MessageInterruptDpcHandler = [](NDIS_HANDLE, ULONG message, PVOID context, PVOID throttle, PVOID)
                                       NTAPI { run_dpc(message, context, throttle); };
    c.DisableMessageInterruptHandler = [](NDIS_HANDLE, ULONG) NTAPI {};
    c.EnableMessageInterruptHandler = [](NDIS_HANDLE, ULONG) NTAPI {};
    return c;
}

void nap() { NdisMSleep(1000); }

struct Options {
    unsigned messages = 3;
    bool deregisters = true;
    bool fails_afterwards = false;
};

// The fixture miniport over a card, its interrupt registered from MiniportInitializeEx to MiniportHaltEx.
void with_interrupt(const Options& options, const std::function<void()>& body, uint64_t seed = 1) {
    Interrupts all;
    state = &all;
    const auto prepare = [&] {
        nt::hal::unplug_all();  // what another machine of this process left
        all.card = &nt::hal::fixture::plug_card("ROOT\\NET\\0001", options.messages);
        behaviour().attribute_flags =
            NDIS_MINIPORT_ATTRIBUTES_HARDWARE_DEVICE | NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER;
        behaviour().on_initialize = [&](Nic& n, const NDIS_MINIPORT_INIT_PARAMETERS& parameters) {
            all.resources = parameters.AllocatedResources;
            all.told = characteristics();
            const NDIS_STATUS status = NdisMRegisterInterruptEx(n.handle, &n, &all.told, &all.handle);
            EXPECT_EQ(status, NDIS_STATUS_SUCCESS);
            return options.fails_afterwards ? NDIS_STATUS_FAILURE : status;
        };
        behaviour().on_halt = [&](Nic&) {
            if (options.deregisters) NdisMDeregisterInterruptEx(all.handle);
        };
    };
    with_prepared_stack(prepare, body, seed);
}

TEST(NdisInterrupt, MessagesAreServedAtTheirIrqlAndTheirDpcsFollow) {
    for (uint64_t seed = 1; seed <= 20; ++seed)
        with_interrupt(
            {},
            [] {
                EXPECT_EQ(state->told.InterruptType, NDIS_CONNECT_MESSAGE_BASED);
                ASSERT_NE(state->told.MessageInfoTable, nullptr);
                EXPECT_EQ(state->told.MessageInfoTable->MessageCount, 3u);
                state->card->interrupt(2);
                while (state->dpcs.empty()) nap();
                EXPECT_EQ(state->served, std::vector<ULONG>{2});
                EXPECT_EQ(state->irql, state->told.MessageInfoTable->MessageInfo[2].Irql);
                EXPECT_EQ(state->dpcs, std::vector<ULONG>{2});
                EXPECT_EQ(state->dpc_context, nullptr);
                // The driver says that it has more than it may indicate.
                state->more = true;
                state->card->interrupt(0);
                while (state->dpcs.size() < 3) nap();
                EXPECT_EQ(state->dpcs, (std::vector<ULONG>{2, 0, 0}));
            },
            seed);
}

TEST(NdisInterrupt, ADeviceWithoutMessagesInterruptsByItsLine) {
    with_interrupt({.messages = 0}, [] {
        EXPECT_EQ(state->told.InterruptType, NDIS_CONNECT_LINE_BASED);
        EXPECT_EQ(state->told.MessageInfoTable, nullptr);
        state->card->set_line(true);
        while (state->dpcs.empty()) nap();
        EXPECT_EQ(state->served, std::vector<ULONG>{0});
        const bool result = NdisMSynchronizeWithInterruptEx(
            state->handle, 0,
            [](NDIS_HANDLE context) NTAPI -> BOOLEAN {
                *static_cast<KIRQL*>(context) = nt::current_irql();
                return TRUE;
            },
            &state->irql);
        EXPECT_TRUE(result);
        EXPECT_GT(state->irql, DISPATCH_LEVEL);
    });
}

TEST(NdisInterrupt, DpcsAreQueuedOnTheProcessorsAskedForOnceEach) {
    with_interrupt({}, [] {
        int context;
        {
            const nt::AtDispatch at_dispatch;
            const uint32_t here = nt::ke::current_processor().number();
            const ULONG mine = ULONG{1} << here;
            EXPECT_EQ(NdisMQueueDpc(state->handle, 1, mine, &context), mine);
            EXPECT_EQ(NdisMQueueDpc(state->handle, 1, mine, &context), 0u) << "it is queued already";
            GROUP_AFFINITY other_group{.Mask = 1, .Group = 1};
            EXPECT_EQ(NdisMQueueDpcEx(state->handle, 1, &other_group, &context), 0u);
        }
        GROUP_AFFINITY both{.Mask = 3};
        EXPECT_EQ(NdisMQueueDpcEx(state->handle, 2, &both, &context), 3u);
        KeFlushQueuedDpcs();
        EXPECT_EQ(state->dpcs.size(), 3u);
        EXPECT_EQ(state->dpc_context, &context);
        EXPECT_NE(state->dpc_processors[1], state->dpc_processors[2]);
    });
}

TEST(NdisInterrupt, TheMessageTableIsConfiguredThroughNdis) {
    with_interrupt({}, [] {
        NDIS_MSIX_CONFIG_PARAMETERS p{};
        p.Header = {NDIS_OBJECT_TYPE_DEFAULT, NDIS_MSIX_CONFIG_PARAMETERS_REVISION_1,
                    NDIS_SIZEOF_MSIX_CONFIG_PARAMETERS_REVISION_1};
        p.ConfigOperation = NdisMSIXTableConfigSetTableEntry;
        p.TableEntry = 0;
        p.MessageNumber = 2;
        EXPECT_EQ(NdisMConfigMSIXTableEntry(nic().handle, &p), NDIS_STATUS_SUCCESS);
        p.ConfigOperation = NdisMSIXTableConfigMaskTableEntry;
        EXPECT_EQ(NdisMConfigMSIXTableEntry(nic().handle, &p), NDIS_STATUS_SUCCESS);
        state->card->interrupt(0);
        nap();
        EXPECT_TRUE(state->served.empty());
        p.ConfigOperation = NdisMSIXTableConfigUnmaskTableEntry;
        EXPECT_EQ(NdisMConfigMSIXTableEntry(nic().handle, &p), NDIS_STATUS_SUCCESS);
        while (state->dpcs.empty()) nap();
        EXPECT_EQ(state->served, std::vector<ULONG>{2});
        p.TableEntry = 3;
        EXPECT_EQ(NdisMConfigMSIXTableEntry(nic().handle, &p), NDIS_STATUS_INVALID_PARAMETER);
    });
}

TEST(NdisInterrupt, MustBeDeregisteredByHaltAndByAFailedInitialization) {
    EXPECT_EXIT(with_interrupt({.deregisters = false}, [] {}), testing::ExitedWithCode(3), "0x0000007c");
    EXPECT_EXIT(with_interrupt({.fails_afterwards = true}, [] {}), testing::ExitedWithCode(3),
                "leaves its interrupt registered");
}

TEST(NdisInterrupt, NeedsADeviceThatInterrupts) {
    nt::hal::unplug_all();
    with_stack([] {
        NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS c = characteristics();
        NDIS_HANDLE handle = nullptr;
        EXPECT_NE(NdisMRegisterInterruptEx(nic().handle, nullptr, &c, &handle), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(handle, nullptr);
        c.MessageInterruptHandler = nullptr;
        EXPECT_EQ(NdisMRegisterInterruptEx(nic().handle, nullptr, &c, &handle),
                  NDIS_STATUS_BAD_CHARACTERISTICS);
    });
}

TEST(NdisDevice, ItsResourcesAreMappedAndItsConfigurationSpaceRead) {
    with_interrupt({}, [] {
        ASSERT_NE(state->resources, nullptr);
        EXPECT_EQ(state->resources->Count, 6u);
        const auto& memory = state->resources->PartialDescriptors[0].u.Memory;
        void* mapped = nullptr;
        const NDIS_HANDLE handle = nic().handle;
        EXPECT_EQ(NdisMMapIoSpace(&mapped, handle, memory.Start, memory.Length), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(reinterpret_cast<LONGLONG>(mapped), memory.Start.QuadPart);
        NdisMUnmapIoSpace(handle, mapped, memory.Length);
        int of_host = 0;
        EXPECT_EQ(NdisMMapIoSpace(&mapped, handle, MmGetPhysicalAddress(&of_host), 4), NDIS_STATUS_FAILURE);
        EXPECT_EQ(mapped, nullptr);

        const auto& ports = state->resources->PartialDescriptors[1].u.Port;
        void* first = nullptr;
        EXPECT_EQ(NdisMRegisterIoPortRange(&first, handle, ports.Start.LowPart, ports.Length),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(first), ports.Start.LowPart);
        NdisMDeregisterIoPortRange(handle, ports.Start.LowPart, ports.Length, first);
        EXPECT_EQ(NdisMRegisterIoPortRange(&first, handle, 0x60, 4), NDIS_STATUS_FAILURE);

        USHORT ids[2] = {};
        EXPECT_EQ(NdisMGetBusData(handle, PCI_WHICHSPACE_CONFIG, 0, ids, 4), 4u);
        EXPECT_EQ(ids[0], 0x1234);
        EXPECT_EQ(NdisMGetBusData(handle, 0x52696350, 0, ids, 4), 0u)
            << "the expansion ROM, of which there is none";
        UCHAR line = 9;
        EXPECT_EQ(NdisMSetBusData(handle, PCI_WHICHSPACE_CONFIG, 0x3c, &line, 1), 1u);
        ULONG bars[PCI_TYPE0_ADDRESSES];
        EXPECT_EQ(NdisMQueryProbedBars(handle, bars), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(bars[0], 0xfffff000u);
        PCM_RESOURCE_LIST raw = nullptr, translated = nullptr;
        NdisMGetDeviceProperty(handle, nullptr, nullptr, nullptr, &raw, &translated);
        EXPECT_EQ(&translated->List[0].PartialResourceList, state->resources);
        EXPECT_NE(raw, nullptr);
    });
}

TEST(NdisDevice, HasNoVirtualFunctions) {
    with_interrupt({}, [] {
        const NDIS_HANDLE handle = nic().handle;
        EXPECT_EQ(NdisMEnableVirtualization(handle, 4, FALSE, FALSE, TRUE), NDIS_STATUS_NOT_SUPPORTED);
        EXPECT_EQ(NdisMEnableVirtualization(handle, 4, FALSE, FALSE, FALSE), NDIS_STATUS_INVALID_PARAMETER);
        char buffer[16];
        EXPECT_EQ(NdisMGetVirtualFunctionBusData(handle, 0, buffer, 0, 16), 0u);
        EXPECT_EQ(NdisMSetVirtualFunctionBusData(handle, 0, buffer, 0, 16), 0u);
        EXPECT_EQ(NdisMReadConfigBlock(handle, 0, buffer, 16), NDIS_STATUS_FAILURE);
        EXPECT_EQ(NdisMWriteConfigBlock(handle, 0, buffer, 16), NDIS_STATUS_FAILURE);
        NdisMInvalidateConfigBlock(handle, 0, 1);
        USHORT segment = 9;
        UCHAR bus = 9, function = 9;
        NdisMGetVirtualFunctionLocation(handle, 0, &segment, &bus, &function);
        EXPECT_EQ(segment + bus + function, 0);
        bus = 9;
        NdisMGetVirtualDeviceLocation(handle, 0, &segment, &bus, nullptr, &function);
        EXPECT_EQ(bus, 0);
    });
}

TEST(NdisLog, KeepsTheLastBytesAndIsOneAnAdapter) {
    with_stack([] {
        NDIS_HANDLE log = nullptr, second = nullptr;
        ASSERT_EQ(NdisMCreateLog(nic().handle, 8, &log), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(NdisMCreateLog(nic().handle, 8, &second), NDIS_STATUS_FAILURE);
        char text[] = "abcdefghij";
        EXPECT_EQ(NdisMWriteLogData(log, text, 9), NDIS_STATUS_BUFFER_OVERFLOW);
        EXPECT_EQ(NdisMWriteLogData(log, text, 6), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(NdisMWriteLogData(log, text + 6, 4), NDIS_STATUS_SUCCESS);
        NdisMFlushLog(log);
        NdisMCloseLog(log);
        EXPECT_EQ(NdisMCreateLog(nic().handle, 8, &log), NDIS_STATUS_SUCCESS)
            << "after closing there may be another";
        NdisMCloseLog(log);
    });
}

}  // namespace
}  // namespace ndiskit::ndis::fixture
