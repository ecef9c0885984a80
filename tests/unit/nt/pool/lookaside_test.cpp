// Lookaside lists with routines of the driver's.
#include <gtest/gtest.h>

#include <vector>

#include "nt/abi.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::KernelExport;

constexpr ULONG tag = 0x656B6F4C;
int allocated, freed;
PLOOKASIDE_LIST_EX seen;

PVOID NTAPI allocate(POOL_TYPE type, SIZE_T size, ULONG its_tag, PLOOKASIDE_LIST_EX list) {
    ++allocated;
    seen = list;
    EXPECT_EQ(size, 64u);
    EXPECT_EQ(its_tag, tag);
    return ExAllocatePoolWithTag(type, size, its_tag);
}
void NTAPI release(PVOID entry, PLOOKASIDE_LIST_EX) {
    ++freed;
    ExFreePoolWithTag(entry, tag);
}

TEST(LookasideListEx, KeepsWhatIsFreedForTheNextAllocation) {
    test::on_sim([] {
        const KernelExport<PVOID(PLOOKASIDE_LIST_EX)> nt_ExAllocateFromLookasideListEx{
            "ExAllocateFromLookasideListEx"};
        const KernelExport<void(PLOOKASIDE_LIST_EX, PVOID)> nt_ExFreeToLookasideListEx{
            "ExFreeToLookasideListEx"};
        allocated = freed = 0;
        LOOKASIDE_LIST_EX list;
        ASSERT_EQ(ExInitializeLookasideListEx(&list, allocate, release, POOL_TYPE(512), 0, 64, tag, 0),
                  STATUS_SUCCESS);
        PVOID const first = nt_ExAllocateFromLookasideListEx(&list);
        ASSERT_NE(first, nullptr);
        EXPECT_EQ(allocated, 1) << "the list was empty";
        EXPECT_EQ(seen, &list);
        nt_ExFreeToLookasideListEx(&list, first);
        EXPECT_EQ(freed, 0) << "the list keeps it";
        EXPECT_EQ(nt_ExAllocateFromLookasideListEx(&list), first);
        EXPECT_EQ(allocated, 1);
        PVOID const second = nt_ExAllocateFromLookasideListEx(&list);
        EXPECT_NE(second, first);
        EXPECT_EQ(allocated, 2);
        nt_ExFreeToLookasideListEx(&list, first);
        nt_ExFreeToLookasideListEx(&list, second);
        ExFlushLookasideListEx(&list);
        EXPECT_EQ(freed, 2);
        ExDeleteLookasideListEx(&list);
    });
}

TEST(LookasideListEx, FreesWhatIsTooMuch) {
    test::on_sim([] {
        const KernelExport<PVOID(PLOOKASIDE_LIST_EX)> nt_ExAllocateFromLookasideListEx{
            "ExAllocateFromLookasideListEx"};
        const KernelExport<void(PLOOKASIDE_LIST_EX, PVOID)> nt_ExFreeToLookasideListEx{
            "ExFreeToLookasideListEx"};
        constexpr int many = 1000;
        allocated = freed = 0;
        LOOKASIDE_LIST_EX list;
        ASSERT_EQ(ExInitializeLookasideListEx(&list, allocate, release, POOL_TYPE(512), 0, 64, tag, 0),
                  STATUS_SUCCESS);
        std::vector<PVOID> entries;
        for (int i = 0; i < many; ++i) entries.push_back(nt_ExAllocateFromLookasideListEx(&list));
        for (PVOID entry : entries) nt_ExFreeToLookasideListEx(&list, entry);
        EXPECT_GT(freed, 0) << "its depth is limited";
        ExDeleteLookasideListEx(&list);
        EXPECT_EQ(freed, allocated);
    });
}

}  // namespace
}  // namespace ndiskit::nt
