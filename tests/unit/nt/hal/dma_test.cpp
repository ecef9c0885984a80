// DMA adapters: scatter-gather lists over MDL chains, devices that reach 4 GB only, channels and map
// registers.
#include "nt/hal/dma.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "nt/hal/low_memory.h"
#include "nt/ke/irql.h"
#include "support/nt_machine.h"

namespace ndiskit::nt::hal {
namespace {

struct Adapter {
    explicit Adapter(bool wide, bool scatter_gather = true, ULONG length = 64 * 1024) {
        DEVICE_DESCRIPTION description{};
        description.Version = DEVICE_DESCRIPTION_VERSION2;
        description.Master = true;
        description.ScatterGather = scatter_gather;
        description.Dma32BitAddresses = true;
        description.Dma64BitAddresses = wide;
        description.InterfaceType = PCIBus;
        description.MaximumLength = length;
        object = IoGetDmaAdapter(nullptr, &description, &map_registers);
    }
    ~Adapter() { operations().PutDmaAdapter(object); }
    const DMA_OPERATIONS& operations() const { return *object->DmaOperations; }

    PDMA_ADAPTER object;
    ULONG map_registers = 0;
};

// A buffer with its MDL, `size` bytes from `offset` in a page on.
struct Buffer {
    Buffer(size_t size, size_t offset) : memory(static_cast<char*>(std::aligned_alloc(4096, 64 * 1024))) {
        mdl = IoAllocateMdl(memory + offset, static_cast<ULONG>(size), FALSE, FALSE, nullptr);
        MmBuildMdlForNonPagedPool(mdl);
    }
    ~Buffer() {
        IoFreeMdl(mdl);
        std::free(memory);
    }
    char* data() const { return static_cast<char*>(MmGetMdlVirtualAddress(mdl)); }

    char* memory;
    PMDL mdl;
};

std::string read_as_device(const SCATTER_GATHER_LIST& list) {
    std::string bytes;
    for (ULONG i = 0; i < list.NumberOfElements; ++i)
        bytes.append(reinterpret_cast<const char*>(list.Elements[i].Address.QuadPart),
                     list.Elements[i].Length);
    return bytes;
}

DEVICE_OBJECT device{};

void NTAPI keep_list(PDEVICE_OBJECT, PIRP, PSCATTER_GATHER_LIST list, PVOID context) {
    EXPECT_EQ(current_irql(), DISPATCH_LEVEL);
    *static_cast<SCATTER_GATHER_LIST**>(context) = list;
}

SCATTER_GATHER_LIST* get_list(const Adapter& adapter, PMDL mdl, PVOID va, ULONG length, bool to_device) {
    SCATTER_GATHER_LIST* list = nullptr;
    const AtDispatch at_dispatch;
    const NTSTATUS status = adapter.operations().GetScatterGatherList(adapter.object, &device, mdl, va,
                                                                      length, keep_list, &list, to_device);
    EXPECT_EQ(status, STATUS_SUCCESS);
    return list;
}

TEST(Dma, ListsTheBytesOfAChainOfMdlsInOrder) {
    test::on_sim([] {
        const Adapter adapter(true);
        const Buffer first(5000, 4000), second(100, 10);
        first.mdl->Next = second.mdl;
        std::string expected;
        for (int i = 0; i < 5000; ++i) expected += first.data()[i] = static_cast<char>(i * 7);
        for (int i = 0; i < 100; ++i) expected += second.data()[i] = static_cast<char>(i * 3);
        SCATTER_GATHER_LIST* list = get_list(adapter, first.mdl, first.data(), 5100, true);
        EXPECT_EQ(read_as_device(*list), expected);
        EXPECT_GE(list->NumberOfElements, 2u);
        adapter.operations().PutScatterGatherList(adapter.object, list, TRUE);
        // CurrentVa is an index into the first MDL.
        list = get_list(adapter, first.mdl, first.data() + 4990, 60, true);
        EXPECT_EQ(read_as_device(*list), expected.substr(4990, 60));
        adapter.operations().PutScatterGatherList(adapter.object, list, TRUE);
    });
}

TEST(Dma, RefusesMoreThanTheMdlHolds) {
    test::on_sim([] {
        const Adapter adapter(true);
        const Buffer buffer(100, 0);
        ULONG size = 0, registers = 0;
        EXPECT_EQ(adapter.operations().CalculateScatterGatherList(adapter.object, buffer.mdl, buffer.data(),
                                                                  101, &size, &registers),
                  STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(adapter.operations().CalculateScatterGatherList(adapter.object, nullptr, nullptr,
                                                                  1024 * 1024, &size, &registers),
                  STATUS_INSUFFICIENT_RESOURCES);
    });
}

TEST(Dma, BuildsIntoTheCallersBufferWhenItIsLargeEnough) {
    test::on_sim([] {
        const Adapter adapter(true);
        const Buffer buffer(9000, 4095);
        ULONG size = 0, registers = 0;
        ASSERT_EQ(adapter.operations().CalculateScatterGatherList(adapter.object, buffer.mdl, buffer.data(),
                                                                  9000, &size, &registers),
                  STATUS_SUCCESS);
        EXPECT_EQ(registers, 4u);
        std::vector<uint64_t> room(size / 8 + 1);
        SCATTER_GATHER_LIST* list = nullptr;
        const AtDispatch at_dispatch;
        EXPECT_EQ(
            adapter.operations().BuildScatterGatherList(adapter.object, &device, buffer.mdl, buffer.data(),
                                                        9000, keep_list, &list, TRUE, room.data(), size - 1),
            STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(
            adapter.operations().BuildScatterGatherList(adapter.object, &device, buffer.mdl, buffer.data(),
                                                        9000, keep_list, &list, TRUE, room.data(), size),
            STATUS_SUCCESS);
        EXPECT_EQ(static_cast<void*>(list), room.data());
        PMDL seen = nullptr;
        EXPECT_EQ(adapter.operations().BuildMdlFromScatterGatherList(adapter.object, list, buffer.mdl, &seen),
                  STATUS_SUCCESS);
        EXPECT_EQ(seen, buffer.mdl);
        adapter.operations().PutScatterGatherList(adapter.object, list, TRUE);
    });
}

TEST(Dma, ADeviceWith32AddressLinesSeesCopiesBelow4GB) {
    test::on_sim([] {
        const Adapter adapter(false);
        const Buffer buffer(6000, 100);
        std::memset(buffer.data(), 'a', 6000);
        SCATTER_GATHER_LIST* out = get_list(adapter, buffer.mdl, buffer.data(), 6000, true);
        for (ULONG i = 0; i < out->NumberOfElements; ++i)
            EXPECT_LE(static_cast<uint64_t>(out->Elements[i].Address.QuadPart) + out->Elements[i].Length,
                      low_memory_end);
        EXPECT_EQ(read_as_device(*out), std::string(6000, 'a'));
        adapter.operations().PutScatterGatherList(adapter.object, out, TRUE);

        SCATTER_GATHER_LIST* in = get_list(adapter, buffer.mdl, buffer.data(), 6000, false);
        for (ULONG i = 0; i < in->NumberOfElements; ++i)
            std::memset(reinterpret_cast<void*>(in->Elements[i].Address.QuadPart), 'b',
                        in->Elements[i].Length);
        EXPECT_EQ(buffer.data()[0], 'a') << "seen before the list is put back";
        adapter.operations().PutScatterGatherList(adapter.object, in, FALSE);
        EXPECT_EQ(std::string(buffer.data(), 6000), std::string(6000, 'b'));
    });
}

TEST(Dma, CommonBuffersLieWhereTheDeviceReaches) {
    test::on_sim([] {
        for (const bool wide : {false, true}) {
            const Adapter adapter(wide);
            PHYSICAL_ADDRESS logical{};
            void* memory = adapter.operations().AllocateCommonBuffer(adapter.object, 10000, &logical, TRUE);
            ASSERT_NE(memory, nullptr);
            EXPECT_EQ(BYTE_OFFSET(memory), 0u);
            EXPECT_TRUE(wide || is_low(memory, 10000));
            std::memset(memory, 1, 10000);
            EXPECT_EQ(*reinterpret_cast<char*>(logical.QuadPart), 1);
            adapter.operations().FreeCommonBuffer(adapter.object, 10000, logical, memory, TRUE);
        }
    });
}

struct Seen {
    std::vector<int> order;
    IO_ALLOCATION_ACTION action = KeepObject;
    PVOID base = nullptr;
};

TEST(Dma, TheChannelServesOneAfterTheOther) {
    test::on_sim([] {
        const Adapter adapter(true);
        Seen first, second{.action = DeallocateObjectKeepRegisters};
        const auto routine = [](PDEVICE_OBJECT, PIRP, PVOID base, PVOID context) NTAPI {
            auto* seen = static_cast<Seen*>(context);
            seen->order.push_back(1);
            seen->base = base;
            return seen->action;
        };
        const AtDispatch at_dispatch;
        const DMA_OPERATIONS& dma = adapter.operations();
        EXPECT_EQ(
            dma.AllocateAdapterChannel(adapter.object, &device, adapter.map_registers + 1, routine, &first),
            STATUS_INSUFFICIENT_RESOURCES);
        EXPECT_EQ(dma.AllocateAdapterChannel(adapter.object, &device, 1, routine, &first), STATUS_SUCCESS);
        EXPECT_EQ(dma.AllocateAdapterChannel(adapter.object, &device, 1, routine, &second), STATUS_SUCCESS);
        EXPECT_EQ(first.order.size(), 1u);
        EXPECT_EQ(second.order.size(), 0u) << "the first keeps the channel";
        dma.FreeAdapterChannel(adapter.object);
        EXPECT_EQ(second.order.size(), 1u);
        dma.FreeMapRegisters(adapter.object, first.base, 1);
        dma.FreeMapRegisters(adapter.object, second.base, 1);
    });
}

TEST(Dma, MapTransferGoesPageByPageAndFlushBringsBackWhatTheDeviceWrote) {
    test::on_sim([] {
        for (const bool scatter_gather : {true, false}) {
            const Adapter adapter(false, scatter_gather);
            const Buffer buffer(6000, 200);
            Seen seen;
            const DMA_OPERATIONS& dma = adapter.operations();
            const AtDispatch at_dispatch;
            dma.AllocateAdapterChannel(
                adapter.object, &device, 3,
                [](PDEVICE_OBJECT, PIRP, PVOID base, PVOID context) NTAPI {
                    static_cast<Seen*>(context)->base = base;
                    return DeallocateObjectKeepRegisters;
                },
                &seen);
            ULONG done = 0;
            while (done < 6000) {
                ULONG length = 6000 - done;
                const PHYSICAL_ADDRESS at = dma.MapTransfer(adapter.object, buffer.mdl, seen.base,
                                                            buffer.data() + done, &length, FALSE);
                EXPECT_EQ(length, scatter_gather ? (done == 0 ? 3896u : 2104u) : 6000u);
                std::memset(reinterpret_cast<void*>(at.QuadPart), 'z', length);
                done += length;
            }
            EXPECT_TRUE(
                dma.FlushAdapterBuffers(adapter.object, buffer.mdl, seen.base, buffer.data(), 6000, FALSE));
            dma.FreeMapRegisters(adapter.object, seen.base, 3);
            EXPECT_EQ(std::string(buffer.data(), 6000), std::string(6000, 'z'));
        }
    });
}

TEST(Dma, GivesNoAdapterOfVersion3) {
    test::on_sim([] {
        DEVICE_DESCRIPTION description{};
        description.Version = 3;
        ULONG registers = 0;
        EXPECT_EQ(IoGetDmaAdapter(nullptr, &description, &registers), nullptr);
    });
}

}  // namespace
}  // namespace ndiskit::nt::hal
