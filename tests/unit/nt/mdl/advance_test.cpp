// Sizes of MDLs, and an MDL that begins later than it did.
#include <gtest/gtest.h>

#include <vector>

#include "nt/abi.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

TEST(MdlSize, ItHasAPlaceForEachPage) {
    auto* const page = reinterpret_cast<char*>(uintptr_t{PAGE_SIZE} * 16);
    const SIZE_T none = MmSizeOfMdl(page, 0), one = MmSizeOfMdl(page, 1);
    EXPECT_EQ(none, sizeof(MDL));
    EXPECT_EQ(one, sizeof(MDL) + sizeof(PFN_NUMBER));
    EXPECT_EQ(MmSizeOfMdl(page, PAGE_SIZE), one);
    EXPECT_EQ(MmSizeOfMdl(page, PAGE_SIZE + 1), one + sizeof(PFN_NUMBER));
    EXPECT_EQ(MmSizeOfMdl(page + PAGE_SIZE - 1, 2), one + sizeof(PFN_NUMBER));  // two bytes of two pages
}

TEST(MdlAdvance, TheEndStaysWhereItIs) {
    test::on_sim([] {
        auto* const memory = static_cast<char*>(ExAllocatePoolWithTag(NonPagedPoolNx, 3 * PAGE_SIZE, 'vdaM'));
        PMDL mdl = IoAllocateMdl(memory, 3 * PAGE_SIZE, FALSE, FALSE, nullptr);
        MmBuildMdlForNonPagedPool(mdl);
        ULONG gone = 0;
        for (const ULONG bytes : {10u, PAGE_SIZE - 10u, PAGE_SIZE + 5u}) {
            EXPECT_EQ(MmAdvanceMdl(mdl, bytes), STATUS_SUCCESS);
            gone += bytes;
            EXPECT_EQ(MmGetMdlVirtualAddress(mdl), memory + gone);
            EXPECT_EQ(MmGetMdlByteCount(mdl), 3 * PAGE_SIZE - gone);
            EXPECT_EQ(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority), memory + gone);
            EXPECT_EQ(MmGetMdlByteOffset(mdl), reinterpret_cast<uintptr_t>(memory + gone) % PAGE_SIZE);
        }
        EXPECT_EQ(MmAdvanceMdl(mdl, MmGetMdlByteCount(mdl) + 1), STATUS_INVALID_PARAMETER_2);
        EXPECT_EQ(MmGetMdlVirtualAddress(mdl), memory + gone);
        IoFreeMdl(mdl);
        ExFreePool(memory);
    });
}

}  // namespace
}  // namespace ndiskit::nt
