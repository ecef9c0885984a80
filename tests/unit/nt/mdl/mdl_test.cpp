#include <gtest/gtest.h>

#include "nt/abi.h"
#include "nt/bugcheck.h"
#include "nt/pool/pool.h"
#include "support/nt_machine.h"

extern "C" {
PVOID NTAPI ExAllocatePool2(ULONG64 flags, SIZE_T size, ULONG tag);
}

namespace ndiskit::nt {
namespace {

using test::on_sim;
constexpr ULONG test_tag = 0x74736554;

TEST(Mdl, DescribesABuffer) {
    on_sim([] {
        auto* buffer = static_cast<char*>(ExAllocatePool2(POOL_FLAG_NON_PAGED, 10000, test_tag));
        PMDL mdl = IoAllocateMdl(buffer + 100, 9000, FALSE, FALSE, nullptr);
        MmBuildMdlForNonPagedPool(mdl);
        EXPECT_EQ(MmGetMdlByteOffset(mdl), 100u);
        EXPECT_EQ(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority), buffer + 100);
        EXPECT_EQ(mdl->Size, static_cast<CSHORT>(sizeof(MDL) + 3 * sizeof(PFN_NUMBER)));
        EXPECT_EQ(MmGetMdlPfnArray(mdl)[1], MmGetMdlPfnArray(mdl)[0] + 1);
        PMDL part = IoAllocateMdl(buffer + 5000, 4100, FALSE, FALSE, nullptr);
        IoBuildPartialMdl(mdl, part, buffer + 5000, 50);
        EXPECT_EQ(MmGetMdlVirtualAddress(part), buffer + 5000);
        EXPECT_EQ(MmGetSystemAddressForMdlSafe(part, NormalPagePriority), buffer + 5000);
        EXPECT_TRUE(part->MdlFlags & MDL_PARTIAL);
        IoBuildPartialMdl(mdl, part, buffer + 5000, 0);
        EXPECT_EQ(MmGetMdlByteCount(part), 4100u);  // the rest of the source
        IoFreeMdl(part);
        IoFreeMdl(mdl);
        ExFreePoolWithTag(buffer, test_tag);
    });
}

TEST(Mdl, LockedPagesAreUnlockedOnce) {
    on_sim([] {
        char buffer[64];
        PMDL mdl = IoAllocateMdl(buffer, sizeof buffer, FALSE, FALSE, nullptr);
        MmProbeAndLockPages(mdl, UserMode, IoWriteAccess);
        EXPECT_TRUE(mdl->MdlFlags & MDL_PAGES_LOCKED);
        EXPECT_EQ(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority), buffer);
        EXPECT_TRUE(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA);
        EXPECT_EXIT(IoFreeMdl(mdl), testing::ExitedWithCode(bug_check_exit_status), "0x0000004[eE]");
        MmUnlockPages(mdl);
        EXPECT_FALSE(mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_MAPPED_TO_SYSTEM_VA));
        EXPECT_EXIT(MmUnlockPages(mdl), testing::ExitedWithCode(bug_check_exit_status), "0x00000076");
        IoFreeMdl(mdl);
    });
}

TEST(Mdl, PagesOfTheirOwnComeZeroed) {
    on_sim([] {
        PMDL mdl = MmAllocatePagesForMdlEx({}, {.QuadPart = -1}, {}, 5000, MmCached, 0);
        ASSERT_TRUE(mdl);
        auto* memory = static_cast<char*>(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
        EXPECT_EQ(memory[4999], 0);
        MmFreePagesFromMdl(mdl);
        IoFreeMdl(mdl);
        EXPECT_FALSE(MmIsAddressValid(nullptr));
    });
}

TEST(PoolCalls, FlagsAndIrqlAreChecked) {
    on_sim([] {
        EXPECT_EQ(ExAllocatePool2(POOL_FLAG_NON_PAGED, 16, 0), nullptr);
        EXPECT_EQ(ExAllocatePool2(POOL_FLAG_NON_PAGED | POOL_FLAG_PAGED, 16, test_tag), nullptr);
        EXPECT_EQ(ExAllocatePool2(0x10000 | POOL_FLAG_NON_PAGED, 16, test_tag), nullptr);
        auto* zeroed = static_cast<char*>(ExAllocatePool2(POOL_FLAG_PAGED, 600, test_tag));
        EXPECT_EQ(zeroed[599], 0);
        ExFreePoolWithTag(zeroed, test_tag);
        KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
        PVOID memory = ExAllocatePoolWithTag(NonPagedPoolNx, 16, test_tag);
        EXPECT_TRUE(memory);
        ExFreePoolWithTag(memory, 0);
        EXPECT_EXIT(ExAllocatePoolWithTag(PagedPool, 16, test_tag),
                    testing::ExitedWithCode(bug_check_exit_status), "0x000000[cC]2");
        KeLowerIrql(irql);
    });
}

}  // namespace
}  // namespace ndiskit::nt
