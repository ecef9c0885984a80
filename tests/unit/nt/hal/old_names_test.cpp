// The HAL under the names that older drivers import, and what it has beside DMA and buses.
#include "nt/hal/old_names.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "fixture_device.h"
#include "nt/abi/hal_functions.h"
#include "nt/ke/irql.h"
#include "support/nt_machine.h"

namespace ndiskit::nt::hal {
namespace {

constexpr ULONG max_length = 64 * 1024;

PADAPTER_OBJECT get_adapter(bool wide, ULONG& map_registers) {
    DEVICE_DESCRIPTION description{};
    description.Version = DEVICE_DESCRIPTION_VERSION2;
    description.Master = true;
    description.ScatterGather = true;
    description.Dma32BitAddresses = true;
    description.Dma64BitAddresses = wide;
    description.InterfaceType = PCIBus;
    description.MaximumLength = max_length;
    return HalGetAdapter(&description, &map_registers);
}
PDMA_ADAPTER table_of(PADAPTER_OBJECT adapter) { return reinterpret_cast<PDMA_ADAPTER>(adapter); }

// Two pages with their MDL, the data 200 bytes into the first.
struct Buffer {
    static constexpr ULONG size = 6000;
    Buffer() : memory(static_cast<char*>(std::aligned_alloc(4096, 8192))) {
        mdl = IoAllocateMdl(memory + 200, size, FALSE, FALSE, nullptr);
        MmBuildMdlForNonPagedPool(mdl);
    }
    ~Buffer() {
        IoFreeMdl(mdl);
        std::free(memory);
    }
    char* data() const { return memory + 200; }
    char* memory;
    PMDL mdl;
};

DEVICE_OBJECT device{};

void NTAPI keep_list(PDEVICE_OBJECT, PIRP, PSCATTER_GATHER_LIST list, PVOID context) {
    EXPECT_EQ(current_irql(), DISPATCH_LEVEL);
    *static_cast<SCATTER_GATHER_LIST**>(context) = list;
}

TEST(OldHal, AnAdapterOfTheOldNameHasTheTableOfTheNew) {
    test::on_sim([] {
        ULONG registers = 0;
        const PADAPTER_OBJECT adapter = get_adapter(true, registers);
        ASSERT_NE(adapter, nullptr);
        EXPECT_EQ(registers, max_length / PAGE_SIZE + 1);
        EXPECT_EQ(table_of(adapter)->DmaOperations->Size, sizeof(DMA_OPERATIONS));
        EXPECT_EQ(HalReadDmaCounter(table_of(adapter)), 0u);  // no transfer of a system DMA controller is under way
        HalPutDmaAdapter(adapter);
    });
}

TEST(OldHal, CommonBuffersAreWholePagesThatBothSidesSee) {
    test::on_sim([] {
        for (const bool wide : {true, false}) {
            ULONG registers = 0;
            const PADAPTER_OBJECT adapter = get_adapter(wide, registers);
            PHYSICAL_ADDRESS logical{};
            auto* memory = static_cast<char*>(HalAllocateCommonBuffer(table_of(adapter), 5000, &logical, TRUE));
            ASSERT_NE(memory, nullptr);
            EXPECT_EQ(logical.QuadPart % PAGE_SIZE, 0);
            if (!wide) {
                EXPECT_LT(logical.QuadPart, LONGLONG{1} << 32);
            }
            memory[4999] = 'x';
            EXPECT_EQ(reinterpret_cast<const char*>(logical.QuadPart)[4999], 'x');
            HalFreeCommonBuffer(table_of(adapter), 5000, logical, memory, TRUE);
            HalPutDmaAdapter(adapter);
        }
    });
}

TEST(OldHal, ListsAreMadeAtDispatchLevelAndGivenBack) {
    test::on_sim([] {
        ULONG registers = 0;
        const PADAPTER_OBJECT adapter = get_adapter(true, registers);
        const Buffer buffer;
        std::memset(buffer.data(), 'q', Buffer::size);
        SCATTER_GATHER_LIST* list = nullptr;
        const AtDispatch at_dispatch;
        EXPECT_EQ(HalGetScatterGatherList(adapter, &device, buffer.mdl, buffer.data(), Buffer::size, keep_list, &list,
                                          TRUE),
                  STATUS_SUCCESS);
        ULONG bytes = 0;
        for (ULONG i = 0; i < list->NumberOfElements; ++i) {
            EXPECT_EQ(*reinterpret_cast<const char*>(list->Elements[i].Address.QuadPart), 'q');
            bytes += list->Elements[i].Length;
        }
        EXPECT_EQ(bytes, Buffer::size);
        HalPutScatterGatherList(adapter, list, TRUE);
        EXPECT_EQ(HalGetScatterGatherList(adapter, &device, buffer.mdl, buffer.data(), 4 * Buffer::size, keep_list,
                                          &list, TRUE),
                  STATUS_BUFFER_TOO_SMALL);
        HalPutDmaAdapter(adapter);
    });
    EXPECT_EXIT(test::on_sim([] {
                    ULONG registers = 0;
                    const Buffer buffer;
                    SCATTER_GATHER_LIST* list = nullptr;
                    HalGetScatterGatherList(get_adapter(true, registers), &device, buffer.mdl, buffer.data(), 1,
                                            keep_list, &list, TRUE);
                }),
                testing::ExitedWithCode(3), "at DISPATCH_LEVEL and nowhere else");
}

TEST(OldHal, ThereIsNoIommu) {
    test::on_sim([] { EXPECT_EQ(IoGetIommuInterface(1, nullptr), STATUS_NOT_SUPPORTED); });
}

TEST(OldHal, ATransferIsMappedPieceByPieceAndFlushed) {
    test::on_sim([] {
        ULONG registers = 0;
        const PADAPTER_OBJECT adapter = get_adapter(false, registers);
        const Buffer buffer;
        PVOID base = nullptr;
        const AtDispatch at_dispatch;
        EXPECT_EQ(IoAllocateAdapterChannel(
                      table_of(adapter), &device, 3,
                      [](PDEVICE_OBJECT, PIRP, PVOID registers, PVOID context) NTAPI {
                          *static_cast<PVOID*>(context) = registers;
                          return KeepObject;
                      },
                      &base),
                  STATUS_SUCCESS);
        for (ULONG done = 0; done < Buffer::size;) {
            ULONG length = Buffer::size - done;
            const PHYSICAL_ADDRESS at =
                IoMapTransfer(table_of(adapter), buffer.mdl, base, buffer.data() + done, &length, FALSE);
            EXPECT_EQ(length, done == 0 ? 3896u : 2104u);  // to the end of a page
            std::memset(reinterpret_cast<void*>(at.QuadPart), 'z', length);
            done += length;
        }
        EXPECT_TRUE(IoFlushAdapterBuffers(table_of(adapter), buffer.mdl, base, buffer.data(), Buffer::size, FALSE));
        EXPECT_EQ(std::string(buffer.data(), Buffer::size), std::string(Buffer::size, 'z'));
        IoFreeMapRegisters(table_of(adapter), base, 3);
        IoFreeAdapterChannel(table_of(adapter));
        // The channel is free again: the next is served at once.
        PVOID next = nullptr;
        table_of(adapter)->DmaOperations->AllocateAdapterChannel(
            table_of(adapter), &device, 1,
            [](PDEVICE_OBJECT, PIRP, PVOID registers, PVOID context) NTAPI {
                *static_cast<PVOID*>(context) = registers;
                return DeallocateObject;
            },
            &next);
        EXPECT_NE(next, nullptr);
        HalPutDmaAdapter(adapter);
    });
}

TEST(OldHal, CrashDumpRegistersStayTheAdapters) {
    test::on_sim([] {
        ULONG registers = 0;
        const PADAPTER_OBJECT adapter = get_adapter(false, registers);
        ULONG many = registers + 1;
        EXPECT_EQ(HalAllocateCrashDumpRegisters(adapter, &many), nullptr);
        const PVOID base = HalAllocateCrashDumpRegisters(adapter, &registers);
        EXPECT_NE(base, nullptr);
        EXPECT_EQ(HalAllocateCrashDumpRegisters(adapter, &registers), base);
        const Buffer buffer;
        ULONG length = 100;
        const PHYSICAL_ADDRESS at = IoMapTransfer(table_of(adapter), buffer.mdl, base, buffer.data(), &length, TRUE);
        EXPECT_LT(at.QuadPart, LONGLONG{1} << 32);
        HalPutDmaAdapter(adapter);
    });
}

TEST(OldHal, BusDataIsWrittenFromTheStart) {
    test::on_sim([] {
        const auto& card = fixture::plug_card("PCI\\CARD\\0", 2);
        USHORT head[3] = {0, 0, 0x0006};
        EXPECT_EQ(HalSetBusData(PCIConfiguration, 0, card.slot(), head, sizeof(head)), sizeof(head));
        EXPECT_EQ(HalGetBusData(PCIConfiguration, 0, card.slot(), head, sizeof(head)), sizeof(head));
        EXPECT_EQ(head[0], 0x1234) << "ids cannot be written";
        EXPECT_EQ(head[2], 0x0006);
        EXPECT_EQ(HalSetBusData(PCIConfiguration, 1, card.slot(), head, sizeof(head)), 0u) << "no such bus";
        unplug_all();
    });
}

TEST(OldHal, WritesAreSeenInOrderBehindAFlush) {
    test::on_live([] {
        static std::atomic<int> first, second;
        first = second = 0;
        first.store(1, std::memory_order_relaxed);
        KeFlushWriteBuffer();
        second.store(1, std::memory_order_relaxed);
        EXPECT_EQ(first + second, 2);
    });
}

TEST(HardwareCounters, AreOwnedByOneAtATimeOnAProcessor) {
    test::on_sim([] {
        HANDLE all = nullptr, other = &all;
        ASSERT_EQ(HalAllocateHardwareCounters(nullptr, 0, nullptr, &all), STATUS_SUCCESS);
        ASSERT_NE(all, nullptr);
        EXPECT_EQ(HalAllocateHardwareCounters(nullptr, 0, nullptr, &other), STATUS_INSUFFICIENT_RESOURCES);
        EXPECT_EQ(other, nullptr);
        EXPECT_EQ(HalFreeHardwareCounters(all), STATUS_SUCCESS);
        EXPECT_EQ(HalFreeHardwareCounters(all), STATUS_INVALID_PARAMETER);
        GROUP_AFFINITY first{.Mask = 1}, second{.Mask = 2}, absent{.Mask = 1 << 5};
        HANDLE on_first = nullptr, on_second = nullptr;
        EXPECT_EQ(HalAllocateHardwareCounters(&first, 1, nullptr, &on_first), STATUS_SUCCESS);
        EXPECT_EQ(HalAllocateHardwareCounters(&second, 1, nullptr, &on_second), STATUS_SUCCESS);
        EXPECT_EQ(HalAllocateHardwareCounters(&first, 1, nullptr, &other), STATUS_INSUFFICIENT_RESOURCES);
        EXPECT_EQ(HalAllocateHardwareCounters(&absent, 1, nullptr, &other), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(HalAllocateHardwareCounters(nullptr, 1, nullptr, &other), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(HalFreeHardwareCounters(on_first), STATUS_SUCCESS);
        EXPECT_EQ(HalFreeHardwareCounters(on_second), STATUS_SUCCESS);
    });
}

TEST(HardwareCounters, APartOfAUnitIsNotSupported) {
    test::on_sim([] {
        alignas(8) char list[64] = {};
        HANDLE handle = list;
        EXPECT_EQ(HalAllocateHardwareCounters(nullptr, 0, reinterpret_cast<PPHYSICAL_COUNTER_RESOURCE_LIST>(list),
                                              &handle),
                  STATUS_NOT_SUPPORTED);
        EXPECT_EQ(handle, nullptr);
    });
}

TEST(OldHal, AnErrorOfTheHardwareEndsTheMachineWithItsSource) {
    EXPECT_EXIT(test::on_sim([] {
                    ULONG source[8] = {sizeof(source), 1, 4 /* PCI Express */};
                    char record[16];
                    HalBugCheckSystem(reinterpret_cast<PWHEA_ERROR_SOURCE_DESCRIPTOR>(source),
                                      reinterpret_cast<PWHEA_ERROR_RECORD>(record));
                }),
                testing::ExitedWithCode(3), "0x00000124");
}

}  // namespace
}  // namespace ndiskit::nt::hal
