// The pools as drivers call them: which flags and types mean what, at which IRQL, and what a failure does.
#include "nt/abi.h"
#include "nt/bugcheck.h"
#include "nt/ke/irql.h"
#include "nt/pool/pool.h"

using namespace ndiskit::nt;

namespace {

constexpr uint32_t bad_pool_caller = 0xC2;
constexpr ULONG default_tag = 0x656E6F4E;  // 'None' in memory order
constexpr ULONG zero_allocation = 1024;    // POOL_ZERO_ALLOCATION

struct Kind {
    PoolKind pool;
    bool zero;
    bool raises;  // when there is no memory
};

void check_irql(PoolKind kind, SIZE_T size, ULONG type) {
    const KIRQL irql = current_irql();
    if (irql > (kind == PoolKind::paged ? APC_LEVEL : DISPATCH_LEVEL))
        bug_check_because(kind == PoolKind::paged ? "paged pool is allocated at too high an IRQL"
                                                  : "pool is allocated above DISPATCH_LEVEL",
                          bad_pool_caller, 0x08, irql, type, size);
}

void* allocate(const Kind& kind, SIZE_T size, ULONG tag, ULONG type, const void* caller) {
    check_irql(kind.pool, size, type);
    return kind.zero ? pool_allocate_zeroed(kind.pool, size, tag, caller)
                     : pool_allocate(kind.pool, size, tag, caller);
}

// Bit 0 of a POOL_TYPE tells paged from nonpaged.
Kind kind_of(ULONG type) {
    return {type & 1 ? PoolKind::paged : PoolKind::nonpaged, (type & zero_allocation) != 0,
            (type & 16 /* POOL_RAISE_IF_ALLOCATION_FAILURE */) != 0};
}

// Of the functions that raise unless the type says that they are to fail (POOL_QUOTA_FAIL_INSTEAD_OF_RAISE).
Kind quota_kind_of(ULONG type) {
    Kind kind = kind_of(type);
    kind.raises = !(type & 8);
    return kind;
}

// The low half of the flags is required to be understood; the high half is optional.
bool flags_are_valid(ULONG64 flags) {
    constexpr ULONG64 pools = POOL_FLAG_NON_PAGED | POOL_FLAG_NON_PAGED_EXECUTE | POOL_FLAG_PAGED;
    constexpr ULONG64 known = pools | POOL_FLAG_USE_QUOTA | POOL_FLAG_UNINITIALIZED | POOL_FLAG_SESSION |
                              POOL_FLAG_CACHE_ALIGNED | POOL_FLAG_RAISE_ON_FAILURE;
    return (flags & 0xFFFFFFFF & ~known) == 0 && __builtin_popcountll(flags & pools) == 1;
}

bool is_served(const POOL_EXTENDED_PARAMETER& parameter) {
    constexpr ULONG any_node = 0x80000000;
    switch (parameter.Type) {
        case PoolExtendedParameterPriority:
            return true;
        case PoolExtendedParameterNumaNode:
            return parameter.PreferredNode == 0 || parameter.PreferredNode == any_node || parameter.Optional;
        default:
            return parameter.Type != PoolExtendedParameterInvalidType && parameter.Optional;
    }
}

bool are_served(const POOL_EXTENDED_PARAMETER* parameters, ULONG count) {
    if (count && !parameters) return false;
    for (ULONG i = 0; i < count; ++i)
        if (!is_served(parameters[i])) return false;
    return true;
}

void* allocate_by_flags(ULONG64 flags, SIZE_T size, ULONG tag, const void* caller) {
    const PoolKind pool = flags & POOL_FLAG_PAGED ? PoolKind::paged : PoolKind::nonpaged;
    // A cache line's alignment is had by asking for a page's when it matters; small blocks are 16-byte
    // aligned.
    if ((flags & POOL_FLAG_CACHE_ALIGNED) && size < PAGE_SIZE) size = PAGE_SIZE;
    return allocate({pool, !(flags & POOL_FLAG_UNINITIALIZED), false}, size, tag, static_cast<ULONG>(flags),
                    caller);
}

void free_checked(PVOID memory, ULONG tag) {
    const KIRQL irql = current_irql();
    if (irql > APC_LEVEL) [[unlikely]] {
        const PoolBlock block = pool_block_of(memory);
        if (irql > DISPATCH_LEVEL || (block.memory && block.kind == PoolKind::paged))
            bug_check_because("pool is freed at too high an IRQL", bad_pool_caller, 0x09, irql,
                              static_cast<uint64_t>(block.kind), reinterpret_cast<uint64_t>(memory));
    }
    pool_free(memory, tag);
}

// Where a function goes in place of returning when it is to raise: by then it has given all registers back,
// so that ExRaiseStatus finds the driver's, and no thunk has to keep them. The thunk would also stand where
// an allocation is attributed to the return address of its caller.
template <class... Arguments>
[[gnu::naked]] PVOID NTAPI raise_no_memory(Arguments...) {
    asm("movl $0xC000009A, %ecx\n jmp ExRaiseStatus");  // STATUS_INSUFFICIENT_RESOURCES
}
template <class... Arguments>
[[gnu::naked]] PVOID NTAPI raise_bad_parameter(Arguments...) {
    asm("movl $0xC000000D, %ecx\n jmp ExRaiseStatus");  // STATUS_INVALID_PARAMETER
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exallocatepool2
PVOID NTAPI ExAllocatePool2(ULONG64 flags, SIZE_T size, ULONG tag) {
    const bool raises = flags & POOL_FLAG_RAISE_ON_FAILURE;
    if (tag == 0 || !flags_are_valid(flags)) {
        if (raises) [[clang::musttail]]
            return raise_bad_parameter(flags, size, tag);
        return nullptr;
    }
    void* const memory = allocate_by_flags(flags, size, tag, __builtin_return_address(0));
    if (!memory && raises) [[clang::musttail]]
        return raise_no_memory(flags, size, tag);
    return memory;
}

// Memory is had at any priority; there is one node and no secure pool.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exallocatepool3
PVOID NTAPI ExAllocatePool3(ULONG64 flags, SIZE_T size, ULONG tag, const POOL_EXTENDED_PARAMETER* parameters,
                            ULONG count) {
    const bool raises = flags & POOL_FLAG_RAISE_ON_FAILURE;
    if (tag == 0 || !flags_are_valid(flags) || !are_served(parameters, count)) {
        if (raises) [[clang::musttail]]
            return raise_bad_parameter(flags, size, tag, parameters, count);
        return nullptr;
    }
    void* const memory = allocate_by_flags(flags, size, tag, __builtin_return_address(0));
    if (!memory && raises) [[clang::musttail]]
        return raise_no_memory(flags, size, tag, parameters, count);
    return memory;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exallocatepool
PVOID NTAPI ExAllocatePool(POOL_TYPE type, SIZE_T size) {
    const Kind kind = kind_of(type);
    void* const memory = allocate(kind, size, default_tag, type, __builtin_return_address(0));
    if (!memory && kind.raises) [[clang::musttail]]
        return raise_no_memory(type, size);
    return memory;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exallocatepoolwithtag
PVOID NTAPI ExAllocatePoolWithTag(POOL_TYPE type, SIZE_T size, ULONG tag) {
    const Kind kind = kind_of(type);
    void* const memory = allocate(kind, size, tag, type, __builtin_return_address(0));
    if (!memory && kind.raises) [[clang::musttail]]
        return raise_no_memory(type, size, tag);
    return memory;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exallocatepoolwithtagpriority
PVOID NTAPI ExAllocatePoolWithTagPriority(POOL_TYPE type, SIZE_T size, ULONG tag, EX_POOL_PRIORITY priority) {
    const Kind kind = kind_of(type);
    void* const memory = allocate(kind, size, tag, type, __builtin_return_address(0));
    if (!memory && kind.raises) [[clang::musttail]]
        return raise_no_memory(type, size, tag, priority);
    return memory;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exallocatepoolwithquotatag
PVOID NTAPI ExAllocatePoolWithQuotaTag(POOL_TYPE type, SIZE_T size, ULONG tag) {
    const Kind kind = quota_kind_of(type);
    void* const memory = allocate(kind, size, tag, type, __builtin_return_address(0));
    if (!memory && kind.raises) [[clang::musttail]]
        return raise_no_memory(type, size, tag);
    return memory;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exallocatepoolwithquota
PVOID NTAPI ExAllocatePoolWithQuota(POOL_TYPE type, SIZE_T size) {
    const Kind kind = quota_kind_of(type);
    void* const memory = allocate(kind, size, default_tag, type, __builtin_return_address(0));
    if (!memory && kind.raises) [[clang::musttail]]
        return raise_no_memory(type, size);
    return memory;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-exfreepool
VOID NTAPI ExFreePool(PVOID memory) { free_checked(memory, 0); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exfreepoolwithtag
VOID NTAPI ExFreePoolWithTag(PVOID memory, ULONG tag) { free_checked(memory, tag); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exfreepool2
VOID NTAPI ExFreePool2(PVOID memory, ULONG tag, const POOL_EXTENDED_PARAMETER*, ULONG) {
    free_checked(memory, tag);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-exquerypoolblocksize
SIZE_T NTAPI ExQueryPoolBlockSize(PVOID memory, PBOOLEAN quota_charged) {
    *quota_charged = FALSE;
    return pool_block_of(memory).size;
}

}  // extern "C"
