// Memory for devices, addresses, locked code, variables of the memory manager.
#include <gtest/gtest.h>

#include <cstring>

#include "nt/abi.h"
#include "nt/ke/irql.h"
#include "nt/pool/pool.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::KernelExport;
using test::on_sim;

const KernelExport<PVOID(PHYSICAL_ADDRESS, SIZE_T, ULONG)> nt_MmMapIoSpaceEx{"MmMapIoSpaceEx"};

constexpr PHYSICAL_ADDRESS any = {.QuadPart = -1}, below_4gb = {.QuadPart = 0xFFFFFFFF}, none = {};

template <class T>
T variable(const char* name) {
    return *static_cast<const T*>(test::kernel_export(name));
}

const auto nt_MmHighestUserAddress = [] { return variable<uintptr_t>("MmHighestUserAddress"); };
const auto nt_MmUserProbeAddress = [] { return variable<uintptr_t>("MmUserProbeAddress"); };
const auto nt_MmSystemRangeStart = [] { return variable<uintptr_t>("MmSystemRangeStart"); };
const auto nt_MmBadPointer = [] { return variable<uintptr_t>("MmBadPointer"); };
const auto nt_MmSectionObjectType = [] { return variable<POBJECT_TYPE>("MmSectionObjectType"); };
const KernelExport<BOOLEAN()> nt_MmIsThisAnNtAsSystem{"MmIsThisAnNtAsSystem"};

TEST(Memory, ContiguousMemoryLiesWhereItsDeviceReaches) {
    on_sim([] {
        const KIRQL old = raise_irql(DISPATCH_LEVEL);
        void* const anywhere = MmAllocateContiguousMemory(5000, any);
        ASSERT_TRUE(anywhere);
        EXPECT_EQ(BYTE_OFFSET(anywhere), 0u);
        EXPECT_EQ(MmGetVirtualForPhysical(MmGetPhysicalAddress(anywhere)), anywhere);
        MmFreeContiguousMemory(anywhere);
        lower_irql(old);
        void* const low =
            MmAllocateContiguousMemorySpecifyCache(3 * PAGE_SIZE, none, below_4gb, none, MmCached);
        ASSERT_TRUE(low);
        EXPECT_LE(MmGetPhysicalAddress(low).QuadPart + 3 * PAGE_SIZE - 1, below_4gb.QuadPart);
        std::memset(low, 0x5A, 3 * PAGE_SIZE);
        MmFreeContiguousMemorySpecifyCache(low, 3 * PAGE_SIZE, MmCached);
        void* const node =
            MmAllocateContiguousMemorySpecifyCacheNode(100, none, below_4gb, none, MmNonCached, 0);
        ASSERT_TRUE(node);
        EXPECT_LE(MmGetPhysicalAddress(node).QuadPart, below_4gb.QuadPart);
        MmFreeContiguousMemory(node);
        EXPECT_EQ(MmAllocateContiguousMemory(PAGE_SIZE, {.QuadPart = 0xFFF}), nullptr)
            << "the first page is nobody's";
    });
}

TEST(Memory, PagesForAnMdlMayBeManyAndLow) {
    on_sim([] {
        constexpr SIZE_T large = 48u << 20;
        PMDL mdl = MmAllocatePagesForMdl(none, any, none, large);
        ASSERT_TRUE(mdl);
        EXPECT_EQ(MmGetMdlByteCount(mdl), large);
        auto* const pages = static_cast<char*>(MmMapLockedPages(mdl, KernelMode));
        EXPECT_EQ(pages[0], 0);
        EXPECT_EQ(pages[large - 1], 0);
        EXPECT_EQ(MmGetMdlPfnArray(mdl)[large / PAGE_SIZE - 1],
                  MmGetPhysicalAddress(pages + large - 1).QuadPart >> PAGE_SHIFT);
        MmUnmapLockedPages(pages, mdl);
        EXPECT_FALSE(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
        MmFreePagesFromMdl(mdl);
        ExFreePool(mdl);
        mdl = MmAllocatePagesForMdl(none, below_4gb, none, 2 * PAGE_SIZE);
        ASSERT_TRUE(mdl);
        EXPECT_LE(MmGetMdlPfnArray(mdl)[1], ULONG_PTR{0xFFFFF});
        MmFreePagesFromMdl(mdl);
        ExFreePool(mdl);
        EXPECT_EQ(MmAllocatePagesForMdl(none, any, none, 0), nullptr);
    });
}

TEST(Memory, MdlsAreSizedAdvancedMappedAndProtected) {
    on_sim([] {
        alignas(4096) static char buffer[3 * PAGE_SIZE];
        EXPECT_EQ(MmSizeOfMdl(buffer, PAGE_SIZE), sizeof(MDL) + sizeof(PFN_NUMBER));
        EXPECT_EQ(MmSizeOfMdl(buffer + 1, PAGE_SIZE), sizeof(MDL) + 2 * sizeof(PFN_NUMBER));
        PMDL mdl = IoAllocateMdl(buffer, sizeof buffer, FALSE, FALSE, nullptr);
        MmProbeAndLockPages(mdl, KernelMode, IoWriteAccess);
        EXPECT_EQ(MmProtectMdlSystemAddress(mdl, PAGE_READONLY), STATUS_NOT_MAPPED_VIEW);
        void* const mapped =
            MmMapLockedPagesSpecifyCache(mdl, KernelMode, MmCached, nullptr, FALSE, NormalPagePriority);
        EXPECT_EQ(mapped, mdl->MappedSystemVa);
        EXPECT_TRUE(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
        EXPECT_EQ(MmProtectMdlSystemAddress(mdl, PAGE_READWRITE), STATUS_SUCCESS);
        EXPECT_EQ(MmAdvanceMdl(mdl, PAGE_SIZE + 10), STATUS_SUCCESS);
        EXPECT_EQ(MmGetMdlByteCount(mdl), 2 * PAGE_SIZE - 10);
        EXPECT_EQ(MmGetMdlVirtualAddress(mdl), buffer + PAGE_SIZE + 10);
        EXPECT_EQ(MmGetMdlByteOffset(mdl), 10u);
        EXPECT_EQ(MmAdvanceMdl(mdl, 2 * PAGE_SIZE), STATUS_INVALID_PARAMETER_2);
        MmUnmapLockedPages(mdl->MappedSystemVa, mdl);
        EXPECT_EQ(mdl->MappedSystemVa, nullptr);
        MmUnlockPages(mdl);
        IoFreeMdl(mdl);
    });
}

TEST(Memory, IoSpaceIsSeenWhereThereIsSomething) {
    on_sim([] {
        void* const memory = MmAllocateContiguousMemory(PAGE_SIZE, any);
        const PHYSICAL_ADDRESS physical = MmGetPhysicalAddress(memory);
        auto* const seen = static_cast<char*>(nt_MmMapIoSpaceEx(physical, PAGE_SIZE, PAGE_READWRITE));
        ASSERT_TRUE(seen);
        seen[5] = 'x';
        EXPECT_EQ(static_cast<char*>(memory)[5], 'x');
        MmUnmapIoSpace(seen, PAGE_SIZE);
        MmFreeContiguousMemory(memory);
        EXPECT_EQ(nt_MmMapIoSpaceEx({.QuadPart = 0x1000}, PAGE_SIZE, PAGE_READWRITE), nullptr);
    });
}

TEST(Memory, CodeOfDriversStaysWhereItIs) {
    on_sim([] {
        static int data = 7;
        void* const section = MmLockPagableDataSection(&data);
        EXPECT_NE(section, nullptr) << "the handle that the section is unlocked by";
        MmLockPagableSectionByHandle(section);
        MmUnlockPagableImageSection(section);
        MmUnlockPagableImageSection(section);
        EXPECT_EQ(MmPageEntireDriver(&data), &data) << "the base of the driver's image";
        MmResetDriverPaging(&data);
        EXPECT_EQ(data, 7);
        EXPECT_EQ(MmQuerySystemSize(), MmLargeSystem);
    });
}

TEST(Memory, VariablesSayWhereUserModeEnds) {
    const auto highest = nt_MmHighestUserAddress();
    const auto probe = nt_MmUserProbeAddress();
    const auto system = nt_MmSystemRangeStart();
    EXPECT_EQ(highest, 0x7FFFFFFEFFFFu);
    EXPECT_EQ(probe, highest + 1);
    EXPECT_GT(system, probe);
    EXPECT_GT(nt_MmBadPointer(), system) << "nothing is ever there";
    EXPECT_EQ(nt_MmSectionObjectType() == nullptr, false);
    EXPECT_FALSE(nt_MmIsThisAnNtAsSystem()) << "a client edition";
}

}  // namespace
}  // namespace ndiskit::nt
