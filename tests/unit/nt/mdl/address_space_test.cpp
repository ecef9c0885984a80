// Virtual memory, sections, and what must stay accessible.
#include <gtest/gtest.h>

#include <cstring>

#include "nt/mdl/section_api.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_sim;

constexpr ULONG mem_commit = 0x1000, mem_reserve = 0x2000, mem_decommit = 0x4000, mem_release = 0x8000;
constexpr ULONG sec_commit = 0x8000000;
const HANDLE this_process = reinterpret_cast<HANDLE>(-1);

NTSTATUS allocate(PVOID& base, SIZE_T& size, ULONG type, ULONG protect = PAGE_READWRITE) {
    return ZwAllocateVirtualMemory(this_process, &base, 0, &size, type, protect);
}

NTSTATUS free_memory(PVOID base, SIZE_T size, ULONG type) {
    return ZwFreeVirtualMemory(this_process, &base, &size, type);
}

MEMORY_BASIC_INFORMATION query(PVOID address) {
    MEMORY_BASIC_INFORMATION information = {};
    SIZE_T returned = 0;
    EXPECT_EQ(ZwQueryVirtualMemory(this_process, address, 0, &information, sizeof information, &returned),
              STATUS_SUCCESS);
    EXPECT_EQ(returned, sizeof information);
    return information;
}

TEST(VirtualMemory, IsReservedThenCommittedAndGoesBackTheSameWay) {
    on_sim([] {
        PVOID base = nullptr;
        SIZE_T size = 100 * 1000;
        ASSERT_EQ(allocate(base, size, mem_reserve), STATUS_SUCCESS);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(base) % 0x10000, 0u);
        EXPECT_EQ(size, 25u * PAGE_SIZE);
        EXPECT_EQ(query(base).State, mem_reserve);

        PVOID second = static_cast<char*>(base) + PAGE_SIZE + 10;
        SIZE_T one = 20;
        ASSERT_EQ(allocate(second, one, mem_commit), STATUS_SUCCESS);
        EXPECT_EQ(second, static_cast<char*>(base) + PAGE_SIZE);
        EXPECT_EQ(one, SIZE_T{PAGE_SIZE});
        std::memset(second, 1, one);
        const MEMORY_BASIC_INFORMATION information = query(second);
        EXPECT_EQ(information.State, mem_commit);
        EXPECT_EQ(information.Protect, ULONG{PAGE_READWRITE});
        EXPECT_EQ(information.AllocationBase, base);
        EXPECT_EQ(information.RegionSize, SIZE_T{PAGE_SIZE});

        EXPECT_EQ(free_memory(second, 1, mem_decommit), STATUS_SUCCESS);
        EXPECT_EQ(query(second).State, mem_reserve);
        EXPECT_EQ(free_memory(second, 0, mem_release), STATUS_FREE_VM_NOT_AT_BASE);
        EXPECT_EQ(free_memory(base, PAGE_SIZE, mem_release), STATUS_UNABLE_TO_FREE_VM);
        EXPECT_EQ(free_memory(base, 0, mem_release), STATUS_SUCCESS);
        EXPECT_EQ(free_memory(base, 0, mem_release), STATUS_MEMORY_NOT_ALLOCATED);
    });
}

TEST(VirtualMemory, AddressesInUseAndBadRequestsAreRefused) {
    on_sim([] {
        PVOID base = nullptr;
        SIZE_T size = PAGE_SIZE;
        ASSERT_EQ(allocate(base, size, mem_reserve | mem_commit), STATUS_SUCCESS);
        *static_cast<int*>(base) = 1;
        PVOID again = base;
        EXPECT_EQ(allocate(again, size, mem_reserve), STATUS_CONFLICTING_ADDRESSES);
        PVOID nowhere = reinterpret_cast<PVOID>(0x10000);
        EXPECT_EQ(allocate(nowhere, size, mem_commit), STATUS_CONFLICTING_ADDRESSES);
        EXPECT_EQ(allocate(base, size, mem_commit, 3), STATUS_INVALID_PAGE_PROTECTION);
        EXPECT_EQ(allocate(base, size, 0), STATUS_INVALID_PARAMETER_5);
        EXPECT_EQ(free_memory(base, 0, mem_release | mem_decommit), STATUS_INVALID_PARAMETER_4);
        EXPECT_EQ(ZwAllocateVirtualMemory(nullptr, &base, 0, &size, mem_commit, PAGE_READWRITE),
                  STATUS_INVALID_HANDLE);
        SIZE_T none = 0;
        EXPECT_EQ(allocate(base, none, mem_commit), STATUS_INVALID_PARAMETER_4);
        MEMORY_BASIC_INFORMATION information;
        EXPECT_EQ(ZwQueryVirtualMemory(this_process, base, 1, &information, sizeof information, nullptr),
                  STATUS_INVALID_INFO_CLASS);
        EXPECT_EQ(ZwQueryVirtualMemory(this_process, base, 0, &information, 4, nullptr),
                  STATUS_INFO_LENGTH_MISMATCH);
        EXPECT_EQ(free_memory(base, 0, mem_release), STATUS_SUCCESS);
    });
}

TEST(VirtualMemory, WhatIsSecuredStaysAccessible) {
    on_sim([] {
        PVOID base = nullptr;
        SIZE_T size = 2 * PAGE_SIZE;
        ASSERT_EQ(allocate(base, size, mem_reserve | mem_commit, PAGE_READONLY), STATUS_SUCCESS);
        EXPECT_EQ(MmSecureVirtualMemory(base, size, PAGE_READWRITE), nullptr);
        EXPECT_EQ(MmSecureVirtualMemory(base, size, PAGE_NOACCESS), nullptr);
        const HANDLE secured = MmSecureVirtualMemory(base, size, PAGE_READONLY);
        ASSERT_NE(secured, nullptr);
        EXPECT_EQ(free_memory(base, 0, mem_release), STATUS_INVALID_PAGE_PROTECTION);
        EXPECT_EQ(free_memory(base, PAGE_SIZE, mem_decommit), STATUS_INVALID_PAGE_PROTECTION);
        MmUnsecureVirtualMemory(secured);
        MmUnsecureVirtualMemory(MmSecureVirtualMemoryEx(base, size, PAGE_READONLY, 0));
        EXPECT_EQ(free_memory(base, 0, mem_release), STATUS_SUCCESS);
    });
}

NTSTATUS create(HANDLE& section, LONGLONG size, ULONG protect, POBJECT_ATTRIBUTES attributes = nullptr) {
    LARGE_INTEGER most = {.QuadPart = size};
    return ZwCreateSection(&section, 0, attributes, &most, protect, sec_commit, nullptr);
}

NTSTATUS map(HANDLE section, PVOID& base, SIZE_T& size, LONGLONG offset = 0, ULONG protect = PAGE_READWRITE) {
    LARGE_INTEGER at = {.QuadPart = offset};
    return ZwMapViewOfSection(section, this_process, &base, 0, 0, &at, &size, ViewUnmap, 0, protect);
}

TEST(Section, ViewsShowTheSameMemory) {
    on_sim([] {
        HANDLE section = nullptr;
        ASSERT_EQ(create(section, 200'000, PAGE_READWRITE), STATUS_SUCCESS);
        PVOID whole = nullptr, part = nullptr, copy = nullptr;
        SIZE_T whole_size = 0, part_size = PAGE_SIZE, copy_size = PAGE_SIZE;
        ASSERT_EQ(map(section, whole, whole_size), STATUS_SUCCESS);
        EXPECT_EQ(whole_size, 49u * PAGE_SIZE);
        ASSERT_EQ(map(section, part, part_size, 0x10000 + 5), STATUS_SUCCESS);
        ASSERT_EQ(map(section, copy, copy_size, 0x10000, PAGE_WRITECOPY), STATUS_SUCCESS);
        static_cast<char*>(whole)[0x10000] = 'a';
        EXPECT_EQ(*static_cast<char*>(part), 'a');
        *static_cast<char*>(copy) = 'b';
        EXPECT_EQ(*static_cast<char*>(part), 'a');
        // Views keep the section.
        ZwClose(section);
        EXPECT_EQ(ZwUnmapViewOfSection(this_process, static_cast<char*>(part) + 5), STATUS_SUCCESS);
        EXPECT_EQ(ZwUnmapViewOfSection(this_process, part), STATUS_NOT_MAPPED_VIEW);
        EXPECT_EQ(ZwUnmapViewOfSection(this_process, copy), STATUS_SUCCESS);
        EXPECT_EQ(ZwUnmapViewOfSection(this_process, whole), STATUS_SUCCESS);
    });
}

TEST(Section, RefusesWhatItsProtectionAndSizeDoNotAllow) {
    on_sim([] {
        HANDLE section = nullptr;
        EXPECT_EQ(create(section, 0, PAGE_READWRITE), STATUS_INVALID_PARAMETER_4);
        EXPECT_EQ(create(section, 100, PAGE_NOACCESS), STATUS_INVALID_PAGE_PROTECTION);
        LARGE_INTEGER size = {.QuadPart = 100};
        EXPECT_EQ(ZwCreateSection(&section, 0, nullptr, &size, PAGE_READWRITE, sec_commit, this_process),
                  STATUS_INVALID_FILE_FOR_SECTION);
        ASSERT_EQ(create(section, PAGE_SIZE, PAGE_READONLY), STATUS_SUCCESS);
        PVOID base = nullptr;
        SIZE_T view = 0, large = 2 * PAGE_SIZE;
        EXPECT_EQ(map(section, base, view), STATUS_SECTION_PROTECTION);
        EXPECT_EQ(map(section, base, large, 0, PAGE_READONLY), STATUS_INVALID_VIEW_SIZE);
        EXPECT_EQ(map(section, base, view, 0x10000, PAGE_READONLY), STATUS_INVALID_VIEW_SIZE);
        EXPECT_EQ(map(this_process, base, view), STATUS_OBJECT_TYPE_MISMATCH);
        EXPECT_EQ(map(section, base, view, 0, PAGE_READONLY), STATUS_SUCCESS);
        EXPECT_EQ(ZwUnmapViewOfSection(this_process, base), STATUS_SUCCESS);
        ZwClose(section);
    });
}

TEST(Section, IsFoundByItsNameAndMappedForTheSystem) {
    on_sim([] {
        UNICODE_STRING name = unicode_string(u"\\BaseNamedObjects\\Shared");
        OBJECT_ATTRIBUTES attributes;
        InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, nullptr);
        HANDLE section = nullptr, opened = nullptr;
        ASSERT_EQ(create(section, PAGE_SIZE, PAGE_READWRITE, &attributes), STATUS_SUCCESS);
        ASSERT_EQ(ZwOpenSection(&opened, 0, &attributes), STATUS_SUCCESS);
        PVOID body = nullptr;
        ASSERT_EQ(ObReferenceObjectByHandle(opened, 0, &object::section_type, KernelMode, &body, nullptr),
                  STATUS_SUCCESS);
        PVOID first = nullptr, second = nullptr;
        SIZE_T size = 0, other = 0;
        LARGE_INTEGER offset = {};
        ASSERT_EQ(MmMapViewInSystemSpace(body, &first, &size), STATUS_SUCCESS);
        ASSERT_EQ(MmMapViewInSystemSpaceEx(body, &second, &other, &offset, 0), STATUS_SUCCESS);
        *static_cast<char*>(first) = 'x';
        EXPECT_EQ(*static_cast<char*>(second), 'x');
        PVOID third = nullptr, flushed = static_cast<char*>(first) + 8;
        SIZE_T third_size = 0, flushed_size = 0, too_much = 2 * PAGE_SIZE;
        ASSERT_EQ(MmMapViewInSessionSpace(body, &third, &third_size), STATUS_SUCCESS);
        EXPECT_EQ(*static_cast<char*>(third), 'x');
        EXPECT_EQ(MmUnmapViewInSessionSpace(third), STATUS_SUCCESS);
        IO_STATUS_BLOCK io = {};
        EXPECT_EQ(ZwFlushVirtualMemory(this_process, &flushed, &too_much, &io), STATUS_INVALID_PARAMETER_2);
        EXPECT_EQ(ZwFlushVirtualMemory(this_process, &flushed, &flushed_size, &io), STATUS_SUCCESS);
        EXPECT_EQ(flushed, first);
        EXPECT_EQ(flushed_size, SIZE_T{PAGE_SIZE});
        EXPECT_EQ(ZwFlushVirtualMemory(this_process, &third, &third_size, &io), STATUS_NOT_MAPPED_VIEW);
        EXPECT_EQ(MmUnmapViewInSystemSpace(first), STATUS_SUCCESS);
        EXPECT_EQ(MmUnmapViewInSystemSpace(second), STATUS_SUCCESS);
        ObfDereferenceObject(body);
        ZwClose(opened);
        ZwClose(section);
    });
}

}  // namespace
}  // namespace ndiskit::nt
