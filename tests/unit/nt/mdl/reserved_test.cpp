// Reserved mapping addresses, special memory, MDLs of newer functions.
#include <gtest/gtest.h>

#include <cstring>

#include "nt/mdl/api.h"
#include "nt/pool/pool.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_sim;

constexpr ULONG tag = 0x3158754D;
constexpr PHYSICAL_ADDRESS lowest = {.QuadPart = 0};
constexpr PHYSICAL_ADDRESS highest = {.QuadPart = -1};

TEST(Reserved, AnMdlIsMappedInARangeThatHoldsIt) {
    on_sim([] {
        PVOID const range = MmAllocateMappingAddress(PAGE_SIZE, tag);
        auto* const buffer = static_cast<char*>(MmAllocateNonCachedMemory(2 * PAGE_SIZE));
        ASSERT_TRUE(range && buffer);
        PMDL const fits = IoAllocateMdl(buffer + 16, 100, FALSE, FALSE, nullptr);
        PMDL const spans = IoAllocateMdl(buffer + 16, PAGE_SIZE, FALSE, FALSE, nullptr);
        MmProbeAndLockPages(fits, KernelMode, IoModifyAccess);
        MmProbeAndLockProcessPages(spans, nullptr, KernelMode, IoModifyAccess);
        EXPECT_EQ(MmMapLockedPagesWithReservedMapping(range, tag, spans, MmCached), nullptr);
        EXPECT_EQ(MmMapLockedPagesWithReservedMapping(range, tag, fits, MmCached), buffer + 16);
        EXPECT_EQ(MmMapLockedPagesWithReservedMapping(range, tag, fits, MmCached), nullptr);
        MmUnmapReservedMapping(range, tag, fits);
        MmFreeMappingAddress(range, tag);
        MmUnlockPages(fits);
        MmUnlockPages(spans);
        IoFreeMdl(fits);
        IoFreeMdl(spans);
        MmFreeNonCachedMemory(buffer, 2 * PAGE_SIZE);
    });
}

TEST(ReservedDeathTest, TheTagMustBeTheSame) {
    PVOID const range = MmAllocateMappingAddressEx(PAGE_SIZE, tag, 0);
    EXPECT_EXIT(MmFreeMappingAddress(range, tag + 1), testing::ExitedWithCode(3),
                "not reserved with this tag");
    MmFreeMappingAddress(range, tag);
}

TEST(Reserved, ContiguousMemoryChecksItsProtectionAndNode) {
    constexpr ULONG any_node = 0x80000000;
    EXPECT_EQ(MmAllocateContiguousNodeMemory(100, lowest, highest, lowest, PAGE_READONLY, any_node), nullptr);
    EXPECT_EQ(MmAllocateContiguousNodeMemory(100, lowest, highest, lowest, PAGE_READWRITE, 1), nullptr);
    PVOID const memory =
        MmAllocateContiguousNodeMemory(100, lowest, highest, lowest, PAGE_READWRITE | PAGE_NOCACHE, any_node);
    ASSERT_TRUE(memory);
    EXPECT_EQ(BYTE_OFFSET(memory), 0u);
    MmFreeContiguousMemory(memory);

    SIZE_T bytes = 100;
    PVOID base = nullptr;
    EXPECT_EQ(MmAllocateContiguousMemoryEx(&bytes, lowest, highest, lowest, any_node, PAGE_READWRITE, nullptr,
                                           tag, 0, &base),
              STATUS_SUCCESS);
    EXPECT_EQ(bytes, SIZE_T{PAGE_SIZE});
    EXPECT_EQ(pool_block_of(base).tag, tag);
    MmFreeContiguousMemory(base);
}

TEST(Reserved, CopyingFromNowhereIsAnError) {
    char target[64] = {};
    const char source[] = "abc";
    SIZE_T copied = 0;
    constexpr ULONG physical = 1, virtual_ = 2;
    EXPECT_EQ(
        MmCopyMemory(target, {.VirtualAddress = const_cast<char*>(source)}, sizeof source, virtual_, &copied),
        STATUS_SUCCESS);
    EXPECT_EQ(copied, sizeof source);
    EXPECT_STREQ(target, "abc");
    EXPECT_EQ(MmCopyMemory(target, {.PhysicalAddress = {.QuadPart = 16}}, 8, physical, &copied),
              STATUS_INVALID_ADDRESS);
    EXPECT_EQ(copied, 0u);
    EXPECT_EQ(MmCopyMemory(target, {.VirtualAddress = target}, 8, physical | virtual_, &copied),
              STATUS_INVALID_PARAMETER);
}

TEST(Reserved, TheMemoryOfTheMachineIsOneCachedRange) {
    on_sim([] {
        for (PPHYSICAL_MEMORY_RANGE ranges :
             {MmGetPhysicalMemoryRanges(), MmGetPhysicalMemoryRangesEx(nullptr),
              MmGetPhysicalMemoryRangesEx2(nullptr, 0)}) {
            ASSERT_TRUE(ranges);
            EXPECT_GT(ranges[0].NumberOfBytes.QuadPart, 0);
            EXPECT_EQ(ranges[1].NumberOfBytes.QuadPart, 0);
            ExFreePool(ranges);
        }
        MEMORY_CACHING_TYPE caching = MmNonCached;
        int here = 0;
        EXPECT_EQ(MmGetCacheAttribute(MmGetPhysicalAddress(&here), &caching), STATUS_SUCCESS);
        EXPECT_EQ(caching, MmCached);
        EXPECT_FALSE(MmIsIoSpaceActive(lowest, PAGE_SIZE));
        EXPECT_TRUE(MmIsNonPagedSystemAddressValid(&here));
        LARGE_INTEGER bytes = {.QuadPart = PAGE_SIZE};
        PHYSICAL_ADDRESS start = lowest;
        EXPECT_EQ(MmAddPhysicalMemory(&start, &bytes), STATUS_NOT_SUPPORTED);
        EXPECT_EQ(MmRemovePhysicalMemory(&start, &bytes), STATUS_NOT_SUPPORTED);
        EXPECT_EQ(MmCreateMirror(), STATUS_NOT_SUPPORTED);
    });
}

TEST(Reserved, NoDriverSeesAVerifier) {
    ULONG flags = 1;
    EXPECT_EQ(MmIsVerifierEnabled(&flags), STATUS_NOT_SUPPORTED);
    EXPECT_EQ(flags, 0u);
    EXPECT_FALSE(MmIsDriverVerifying(nullptr));
    EXPECT_FALSE(MmIsDriverVerifyingByAddress(&flags));
    EXPECT_FALSE(MmIsDriverSuspectForVerifier(nullptr));
    EXPECT_FALSE(MmIsRecursiveIoFault());
    EXPECT_EQ(MmProtectDriverSection(&flags, 0, 0), STATUS_INVALID_DEVICE_STATE);
}

PVOID seen;
void NTAPI see(PVOID context, PVOID address) {
    seen = address;
    *static_cast<int*>(context) += 1;
}

TEST(Reserved, MdlsAreMadeMappedAndToldOf) {
    on_sim([] {
        char buffer[100];
        PMDL const mdl = MmCreateMdl(nullptr, buffer, sizeof buffer);
        ASSERT_TRUE(mdl);
        EXPECT_EQ(MmCreateMdl(mdl, buffer, 50), mdl);
        EXPECT_EQ(mdl->ByteCount, 50u);
        MmProbeAndLockPages(mdl, KernelMode, IoReadAccess);
        int calls = 0;
        EXPECT_EQ(MmMapMdl(mdl, PAGE_READWRITE, see, &calls), STATUS_SUCCESS);
        EXPECT_EQ(calls, 1);
        EXPECT_EQ(seen, buffer);
        EXPECT_FALSE(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
        EXPECT_EQ(MmMdlPageContentsState(mdl, MmMdlPageContentsInvariant), MmMdlPageContentsDynamic);
        EXPECT_EQ(MmMdlPageContentsState(mdl, MmMdlPageContentsQuery), MmMdlPageContentsInvariant);
        EXPECT_EQ(MmMdlPageContentsState(mdl, MmMdlPageContentsDynamic), MmMdlPageContentsInvariant);
        EXPECT_TRUE(MmAreMdlPagesCached(mdl));
        MmUnlockPages(mdl);
        IoFreeMdl(mdl);
        PMDL none = mdl;
        EXPECT_EQ(MmAllocateMdlForIoSpace(nullptr, 0, &none), STATUS_INVALID_PARAMETER_1);
        EXPECT_EQ(none, nullptr);
    });
}

TEST(Reserved, PagesOfANodeAreThoseOfTheMachine) {
    on_sim([] {
        EXPECT_EQ(MmAllocateNodePagesForMdlEx(lowest, highest, lowest, 100, MmCached, 1, 0), nullptr);
        PMDL const mdl =
            MmAllocatePartitionNodePagesForMdlEx(lowest, highest, lowest, 100, MmCached, 0, 0, nullptr);
        ASSERT_TRUE(mdl);
        EXPECT_TRUE(mdl->MdlFlags & MDL_PAGES_LOCKED);
        MmFreePagesFromMdlEx(mdl, 0);
        ExFreePool(mdl);
    });
}

TEST(Reserved, NothingOfAFileHoldsItBack) {
    SECTION_OBJECT_POINTERS sections = {};
    EXPECT_TRUE(MmCanFileBeTruncated(&sections, nullptr));
    EXPECT_TRUE(MmFlushImageSection(&sections, MmFlushForWrite));
    EXPECT_TRUE(MmForceSectionClosed(&sections, FALSE));
    EXPECT_EQ(MmDoesFileHaveUserWritableReferences(&sections), 0u);
    EXPECT_FALSE(MmSetAddressRangeModified(&sections, sizeof sections));
}

}  // namespace
}  // namespace ndiskit::nt
