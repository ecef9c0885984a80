// DMA and shared memory as miniport drivers use them.
#include <gtest/gtest.h>

#include <cstring>

#include "../fixture.h"
#include "nt/ke/irql.h"

namespace ndiskit::ndis::fixture {
namespace {

struct Lists {
    SCATTER_GATHER_LIST* last = nullptr;
    int calls = 0;
    int memory_calls = 0;
    void* memory = nullptr;
    PHYSICAL_ADDRESS logical{};
    ULONG length = 0;
} lists;

void NTAPI process_list(PDEVICE_OBJECT, PVOID, PSCATTER_GATHER_LIST list, PVOID context) {
    EXPECT_EQ(nt::current_irql(), DISPATCH_LEVEL);
    auto* to = static_cast<Lists*>(context);
    to->last = list;
    ++to->calls;
}

void NTAPI memory_complete(NDIS_HANDLE, PVOID memory, PNDIS_PHYSICAL_ADDRESS logical, ULONG length,
                           PVOID context) {
    EXPECT_EQ(nt::current_irql(), PASSIVE_LEVEL);
    auto* to = static_cast<Lists*>(context);
    to->memory = memory;
    to->logical = *logical;
    to->length = length;
    ++to->memory_calls;
}

NDIS_SG_DMA_DESCRIPTION description() {
    NDIS_SG_DMA_DESCRIPTION d{};
    d.Header = {NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION, NDIS_SG_DMA_DESCRIPTION_REVISION_1,
                NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1};
    d.Flags = NDIS_SG_DMA_64_BIT_ADDRESS;
    d.MaximumPhysicalMapping = 64 * 1024;
    d.ProcessSGListHandler = process_list;
    d.SharedMemAllocateCompleteHandler = memory_complete;
    return d;
}

// With an adapter that is a bus master, and its channel.
void with_channel(void (*body)(NDIS_HANDLE channel, const NDIS_SG_DMA_DESCRIPTION& description)) {
    const auto be_bus_master = [] {
        behaviour().attribute_flags =
            NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER | NDIS_MINIPORT_ATTRIBUTES_HARDWARE_DEVICE;
    };
    with_prepared_stack(be_bus_master, [&] {
        lists = {};
        NDIS_SG_DMA_DESCRIPTION d = description();
        NDIS_HANDLE channel = nullptr;
        ASSERT_EQ(NdisMRegisterScatterGatherDma(nic().handle, &d, &channel), NDIS_STATUS_SUCCESS);
        EXPECT_GE(d.ScatterGatherListSize, sizeof(SCATTER_GATHER_LIST) + 17 * sizeof(SCATTER_GATHER_ELEMENT));
        body(channel, d);
        NdisMDeregisterScatterGatherDma(channel);
    });
}

TEST(NdisDma, IsForBusMastersOnly) {
    with_stack([] {
        NDIS_SG_DMA_DESCRIPTION d = description();
        NDIS_HANDLE channel = nullptr;
        EXPECT_EQ(NdisMRegisterScatterGatherDma(nic().handle, &d, &channel), NDIS_STATUS_NOT_SUPPORTED);
        d.Header.Revision = 0;
        EXPECT_EQ(NdisMRegisterScatterGatherDma(nic().handle, &d, &channel), NDIS_STATUS_BAD_VERSION);
    });
}

TEST(NdisDma, AListBeginsWhereTheCurrentMdlDoes) {
    with_channel([](NDIS_HANDLE channel, const NDIS_SG_DMA_DESCRIPTION& d) {
        alignas(4096) static char data[8192];
        PMDL mdl = NdisAllocateMdl(nic().handle, data + 100, 6000);
        NET_BUFFER buffer{};
        NET_BUFFER_FIRST_MDL(&buffer) = NET_BUFFER_CURRENT_MDL(&buffer) = mdl;
        NET_BUFFER_CURRENT_MDL_OFFSET(&buffer) = NET_BUFFER_DATA_OFFSET(&buffer) = 40;
        NET_BUFFER_DATA_LENGTH(&buffer) = 5000;
        std::vector<uint64_t> room(d.ScatterGatherListSize / 8 + 1);
        {
            const nt::AtDispatch at_dispatch;
            EXPECT_EQ(NdisMAllocateNetBufferSGList(channel, &buffer, &lists, NDIS_SG_LIST_WRITE_TO_DEVICE,
                                                   room.data(), d.ScatterGatherListSize),
                      NDIS_STATUS_SUCCESS);
            ASSERT_EQ(lists.calls, 1);
            EXPECT_EQ(static_cast<void*>(lists.last), room.data());
            EXPECT_EQ(lists.last->Elements[0].Address.QuadPart, reinterpret_cast<LONGLONG>(data + 100));
            ULONG total = 0;
            for (ULONG i = 0; i < lists.last->NumberOfElements; ++i) total += lists.last->Elements[i].Length;
            EXPECT_EQ(total, 5040u);
            NdisMFreeNetBufferSGList(channel, lists.last, &buffer);
            // Too small a buffer: NDIS takes one of its own.
            EXPECT_EQ(NdisMAllocateNetBufferSGList(channel, &buffer, &lists, 0, room.data(), 8),
                      NDIS_STATUS_SUCCESS);
            EXPECT_NE(static_cast<void*>(lists.last), room.data());
            NdisMFreeNetBufferSGList(channel, lists.last, &buffer);
        }
        NdisFreeMdl(mdl);
    });
}

TEST(NdisDma, BuildSaysHowMuchRoomAListNeeds) {
    with_channel([](NDIS_HANDLE, const NDIS_SG_DMA_DESCRIPTION&) {
        alignas(4096) static char data[8192];
        PMDL mdl = NdisAllocateMdl(nic().handle, data, 8192);
        NDIS_SCATTER_GATHER_LIST_PARAMETERS p{};
        p.Header = {NDIS_OBJECT_TYPE_DEFAULT, NDIS_SCATTER_GATHER_LIST_PARAMETERS_REVISION_1,
                    NDIS_SIZEOF_SCATTER_GATHER_LIST_PARAMETERS_REVISION_1};
        p.Mdl = mdl;
        p.CurrentVa = data;
        p.Length = 8192;
        p.ProcessSGListHandler = process_list;
        p.Context = &lists;
        {
            const nt::AtDispatch at_dispatch;
            EXPECT_EQ(NdisBuildScatterGatherList(nic().handle, &p), NDIS_STATUS_BUFFER_TOO_SHORT);
            std::vector<uint64_t> room(p.ScatterGatherListBufferSizeNeeded / 8 + 1);
            p.ScatterGatherListBuffer = reinterpret_cast<PSCATTER_GATHER_LIST>(room.data());
            p.ScatterGatherListBufferSize = p.ScatterGatherListBufferSizeNeeded;
            // A protocol driver passes its binding.
            EXPECT_EQ(NdisBuildScatterGatherList(open_of().handle, &p), NDIS_STATUS_SUCCESS);
            EXPECT_EQ(lists.calls, 1);
            NdisFreeScatterGatherList(open_of().handle, lists.last, FALSE);
        }
        NdisFreeMdl(mdl);
    });
}

TEST(NdisDma, SharedMemoryIsSeenByBothSides) {
    with_channel([](NDIS_HANDLE channel, const NDIS_SG_DMA_DESCRIPTION&) {
        void* memory = nullptr;
        PHYSICAL_ADDRESS logical{};
        NdisMAllocateSharedMemory(nic().handle, 5000, TRUE, &memory, &logical);
        ASSERT_NE(memory, nullptr);
        std::memset(memory, 7, 5000);
        EXPECT_EQ(*reinterpret_cast<char*>(logical.QuadPart + 4999), 7);
        NdisMFreeSharedMemory(nic().handle, 5000, TRUE, memory, logical);

        EXPECT_EQ(NdisMAllocateSharedMemoryAsyncEx(channel, 8192, TRUE, &lists), NDIS_STATUS_PENDING);
        while (lists.memory_calls == 0) NdisMSleep(1000);
        EXPECT_EQ(lists.length, 8192u);
        NdisMFreeSharedMemory(nic().handle, 8192, TRUE, lists.memory, lists.logical);
        EXPECT_EQ(NdisMGetDmaAlignment(nic().handle), 64u);
    });
}

TEST(NdisDma, WithoutAChannelThereIsNoSharedMemoryForADevice) {
    with_stack([] {
        void* memory = &lists;
        PHYSICAL_ADDRESS logical{};
        NdisMAllocateSharedMemory(nic().handle, 4096, TRUE, &memory, &logical);
        EXPECT_EQ(memory, nullptr);
    });
}

NDIS_SHARED_MEMORY_PARAMETERS parameters(std::vector<uint64_t>& room, ULONG length) {
    NDIS_SHARED_MEMORY_PARAMETERS p{};
    p.Header = {NDIS_OBJECT_TYPE_DEFAULT, NDIS_SHARED_MEMORY_PARAMETERS_REVISION_1,
                NDIS_SIZEOF_SHARED_MEMORY_PARAMETERS_REVISION_1};
    p.Usage = NdisSharedMemoryUsageReceive;
    p.Length = length;
    p.SGListBufferLength = static_cast<ULONG>(room.size() * 8);
    p.SGListBuffer = reinterpret_cast<PSCATTER_GATHER_LIST>(room.data());
    return p;
}

TEST(NdisSharedMemory, IsDescribedByPagesOrAsOneRange) {
    with_stack([] {
        std::vector<uint64_t> room(32);
        NDIS_SHARED_MEMORY_PARAMETERS p = parameters(room, 10000);
        NDIS_HANDLE allocation = nullptr;
        ASSERT_EQ(NdisAllocateSharedMemory(nic().handle, &p, &allocation), NDIS_STATUS_SUCCESS);
        EXPECT_NE(p.VirtualAddress, nullptr);
        EXPECT_NE(p.SharedMemoryHandle, nullptr);
        EXPECT_EQ(p.SGListBuffer->NumberOfElements, 3u);
        EXPECT_EQ(p.SGListBuffer->Elements[2].Length, 10000u - 8192u);
        NdisFreeSharedMemory(nic().handle, allocation);
        p = parameters(room, 10000);
        p.Flags = NDIS_SHARED_MEM_PARAMETERS_CONTIGUOUS;
        ASSERT_EQ(NdisAllocateSharedMemory(nic().handle, &p, &allocation), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(p.SGListBuffer->NumberOfElements, 1u);
        NdisFreeSharedMemory(nic().handle, allocation);
        p.Length = 0;
        EXPECT_EQ(NdisAllocateSharedMemory(nic().handle, &p, &allocation), NDIS_STATUS_INVALID_PARAMETER);
        EXPECT_EQ(allocation, nullptr);
    });
}

struct Provider {
    int allocated = 0, freed = 0;
    char memory[4096];
} provider;

TEST(NdisSharedMemory, ComesFromAProviderThatTheDriverRegistered) {
    with_stack([] {
        NDIS_SHARED_MEMORY_PROVIDER_CHARACTERISTICS c{};
        c.Header = {NDIS_OBJECT_TYPE_SHARED_MEMORY_PROVIDER_CHARACTERISTICS,
                    NDIS_SHARED_MEMORY_PROVIDER_CHARACTERISTICS_REVISION_1,
                    NDIS_SIZEOF_SHARED_MEMORY_PROVIDER_CHARACTERISTICS_REVISION_1};
        c.ProviderContext = &provider;
        c.AllocateSharedMemoryHandler = [](NDIS_HANDLE context, PNDIS_SHARED_MEMORY_PARAMETERS p,
                                           PNDIS_HANDLE allocation) NTAPI -> NDIS_STATUS {
            ++static_cast<Provider*>(context)->allocated;
            p->VirtualAddress = provider.memory;
            *allocation = provider.memory;
            return NDIS_STATUS_SUCCESS;
        };
        c.FreeSharedMemoryHandler = [](NDIS_HANDLE, NDIS_HANDLE allocation) NTAPI {
            EXPECT_EQ(allocation, provider.memory);
            ++provider.freed;
        };
        ASSERT_EQ(NdisSetOptionalHandlers(nic_driver(), reinterpret_cast<PNDIS_DRIVER_OPTIONAL_HANDLERS>(&c)),
                  NDIS_STATUS_SUCCESS);
        std::vector<uint64_t> room(32);
        NDIS_SHARED_MEMORY_PARAMETERS p = parameters(room, 4096);
        NDIS_HANDLE allocation = nullptr;
        ASSERT_EQ(NdisAllocateSharedMemory(nic().handle, &p, &allocation), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(p.VirtualAddress, provider.memory);
        NdisFreeSharedMemory(nic().handle, allocation);
        EXPECT_EQ(provider.allocated, 1);
        EXPECT_EQ(provider.freed, 1);
    });
}

TEST(NdisDma, AChannelOfTheSystemsControllerIsForSlaves) {
    const auto description_of = [] {
        NDIS_DMA_DESCRIPTION d{};
        d.DemandMode = TRUE;
        d.DmaChannel = 3;
        d.DmaWidth = Width16Bits;
        d.DmaSpeed = Compatible;
        return d;
    };
    with_stack([&] {
        NDIS_DMA_DESCRIPTION d = description_of();
        NDIS_HANDLE channel = nullptr;
        ASSERT_EQ(NdisMRegisterDmaChannel(&channel, nic().handle, 3, TRUE, &d, 4096), NDIS_STATUS_SUCCESS);
        ASSERT_NE(channel, nullptr);
        EXPECT_EQ(NdisMReadDmaCounter(channel), 0u) << "no transfer is under way";
        NdisMDeregisterDmaChannel(channel);
    });
    EXPECT_EXIT(with_stack([&] { NdisMReadDmaCounter(nic().handle); }), testing::ExitedWithCode(3),
                "NdisMReadDmaCounter");
}

TEST(NdisDma, ABusMasterHasNoChannelOfTheSystemsController) {
    with_channel([](NDIS_HANDLE, const NDIS_SG_DMA_DESCRIPTION&) {
        NDIS_DMA_DESCRIPTION d{};
        NDIS_HANDLE channel = &d;
        EXPECT_EQ(NdisMRegisterDmaChannel(&channel, nic().handle, 3, TRUE, &d, 4096), NDIS_STATUS_FAILURE);
        EXPECT_EQ(channel, nullptr);
    });
}

}  // namespace
}  // namespace ndiskit::ndis::fixture
