// Ranges of memory and ports in resource descriptors. A length that 32 bits do not hold is kept with its low
// 8, 16 or 32 bits cut off, which then must be zero; the flags tell which.
#include <initializer_list>

#include "nt/abi.h"

namespace {

struct Form {
    UCHAR type;
    USHORT flags;
    unsigned shift;
};

// The smallest form that holds the value exactly; false when none does.
bool form_of(UCHAR type, ULONGLONG value, Form& form) {
    constexpr Form large[] = {{CmResourceTypeMemoryLarge, CM_RESOURCE_MEMORY_LARGE_40, 8},
                              {CmResourceTypeMemoryLarge, CM_RESOURCE_MEMORY_LARGE_48, 16},
                              {CmResourceTypeMemoryLarge, CM_RESOURCE_MEMORY_LARGE_64, 32}};
    form = {type == CmResourceTypeMemoryLarge ? UCHAR{CmResourceTypeMemory} : type, 0, 0};
    if (value <= 0xFFFFFFFF) return true;
    if (type == CmResourceTypePort) return false;
    for (const Form& one : large) {
        form = one;
        if (value >> one.shift <= 0xFFFFFFFF && value >> one.shift << one.shift == value) return true;
    }
    return false;
}

unsigned shift_of(UCHAR type, USHORT flags) {
    if (type != CmResourceTypeMemoryLarge) return 0;
    return flags & CM_RESOURCE_MEMORY_LARGE_40 ? 8 : flags & CM_RESOURCE_MEMORY_LARGE_48 ? 16 : 32;
}

bool is_range(UCHAR type) {
    return type == CmResourceTypeMemory || type == CmResourceTypeMemoryLarge || type == CmResourceTypePort;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlcmencodememioresource
NTSTATUS NTAPI RtlCmEncodeMemIoResource(PCM_PARTIAL_RESOURCE_DESCRIPTOR descriptor, UCHAR type,
                                        ULONGLONG length, ULONGLONG start) {
    if (!descriptor || !is_range(type)) return STATUS_INVALID_PARAMETER;
    Form form;
    if (!form_of(type, length, form)) return STATUS_UNSUCCESSFUL;
    descriptor->Type = form.type;
    descriptor->Flags = static_cast<USHORT>((descriptor->Flags & ~CM_RESOURCE_MEMORY_LARGE) | form.flags);
    descriptor->u.Generic.Start.QuadPart = static_cast<LONGLONG>(start);
    descriptor->u.Generic.Length = static_cast<ULONG>(length >> form.shift);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlcmdecodememioresource
ULONGLONG NTAPI RtlCmDecodeMemIoResource(PCM_PARTIAL_RESOURCE_DESCRIPTOR descriptor, PULONGLONG start) {
    if (start) *start = static_cast<ULONGLONG>(descriptor->u.Generic.Start.QuadPart);
    return ULONGLONG{descriptor->u.Generic.Length} << shift_of(descriptor->Type, descriptor->Flags);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlioencodememioresource
NTSTATUS NTAPI RtlIoEncodeMemIoResource(PIO_RESOURCE_DESCRIPTOR descriptor, UCHAR type, ULONGLONG length,
                                        ULONGLONG alignment, ULONGLONG lowest, ULONGLONG highest) {
    if (!descriptor || !is_range(type) || lowest > highest) return STATUS_INVALID_PARAMETER;
    // One form for both: that of what needs the larger one.
    Form form, of_length;
    if (!form_of(type, length, of_length) || !form_of(type, alignment, form)) return STATUS_UNSUCCESSFUL;
    if (of_length.shift > form.shift) form = of_length;
    const ULONGLONG low_bits = (ULONGLONG{1} << form.shift) - 1;
    if ((length | alignment) & low_bits) return STATUS_UNSUCCESSFUL;
    descriptor->Type = form.type;
    descriptor->Flags = static_cast<USHORT>((descriptor->Flags & ~CM_RESOURCE_MEMORY_LARGE) | form.flags);
    descriptor->u.Memory.Length = static_cast<ULONG>(length >> form.shift);
    descriptor->u.Memory.Alignment = static_cast<ULONG>(alignment >> form.shift);
    descriptor->u.Memory.MinimumAddress.QuadPart = static_cast<LONGLONG>(lowest);
    descriptor->u.Memory.MaximumAddress.QuadPart = static_cast<LONGLONG>(highest);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtliodecodememioresource
ULONGLONG NTAPI RtlIoDecodeMemIoResource(PIO_RESOURCE_DESCRIPTOR descriptor, PULONGLONG alignment,
                                         PULONGLONG lowest, PULONGLONG highest) {
    const unsigned shift = shift_of(descriptor->Type, descriptor->Flags);
    if (alignment) *alignment = ULONGLONG{descriptor->u.Memory.Alignment} << shift;
    if (lowest) *lowest = static_cast<ULONGLONG>(descriptor->u.Memory.MinimumAddress.QuadPart);
    if (highest) *highest = static_cast<ULONGLONG>(descriptor->u.Memory.MaximumAddress.QuadPart);
    return ULONGLONG{descriptor->u.Memory.Length} << shift;
}

// The smallest length at or above that a descriptor can hold.
NTSTATUS NTAPI RtlFindClosestEncodableLength(ULONGLONG length, PULONGLONG found) {
    for (const unsigned shift : {0u, 8u, 16u, 32u}) {
        const ULONGLONG low_bits = (ULONGLONG{1} << shift) - 1;
        const ULONGLONG rounded = (length + low_bits) & ~low_bits;
        if (rounded < length || rounded >> shift > 0xFFFFFFFF) continue;
        *found = rounded;
        return STATUS_SUCCESS;
    }
    return STATUS_UNSUCCESSFUL;
}

}  // extern "C"
