// What the generated checks expand to, in C and in C++, for the host and for Windows targets. Included first,
// then ndis.h's facts (the generated source), by a translation unit that is compiled with optimization and
// never linked.
#pragma once

#include <ndis.h>

#ifdef __cplusplus
#define ABI_ASSERT(condition, text) static_assert(condition, text)
#define ABI_ALIGNOF(type) alignof(type)
#define ABI_SAME_TYPE(a, b) __is_same(a, b)
#define ABI_CONSTANT_VALUE(name) (long long)(name)
#else
#define ABI_ASSERT(condition, text) _Static_assert(condition, text)
#define ABI_ALIGNOF(type) _Alignof(type)
#define ABI_SAME_TYPE(a, b) __builtin_types_compatible_p(a, b)
#define ABI_CONSTANT_VALUE(name) (long long)(name)
#endif

#define ABI_JOIN_(a, b) a##b
#define ABI_JOIN(a, b) ABI_JOIN_(a, b)
#define ABI_UNIQUE(name) ABI_JOIN(name, __COUNTER__)

#define ABI_RECORD(type, size, align)                     \
    ABI_ASSERT(sizeof(type) == (size), "size of " #type); \
    ABI_ASSERT(ABI_ALIGNOF(type) == (align), "alignment of " #type);

#define ABI_FIELD(type, field, offset) \
    ABI_ASSERT(__builtin_offsetof(type, field) == (offset), "offset of " #type "." #field);

#define ABI_FIELD_SIZE(type, field, size) \
    ABI_ASSERT(sizeof(((type*)0)->field) == (size), "size of " #type "." #field);

#define ABI_CONSTANT(name, value) ABI_ASSERT(ABI_CONSTANT_VALUE(name) == (value), "value of " #name);

#define ABI_DECLARED(name) typedef __typeof__(name) ABI_UNIQUE(abi_declared_);

#define ABI_FUNCTION(name, result, arguments) \
    ABI_ASSERT(ABI_SAME_TYPE(__typeof__(&name), result(NTAPI*) arguments), "type of " #name);

// Bits first..last counted from the byte at `offset` must be the ones set, and no other. The load is of the
// aligned eight bytes they lie in, since the optimizer sees through nothing else.
#define ABI_BITS(type, field, offset, first, last)                                      \
    ABI_BITS_(type, field, (offset) & ~7, ((offset)&7) * 8 + (first), (last) - (first), \
              ABI_UNIQUE(abi_elsewhere_))
#define ABI_BITS_(type, field, word, first, count, elsewhere)                                       \
    __attribute__((error("place of " #type "." #field))) void elsewhere(void);                      \
    void ABI_JOIN(check_, elsewhere)(void) {                                                        \
        type record;                                                                                \
        __builtin_memset(&record, 0, sizeof(record));                                               \
        record.field = -1;                                                                          \
        unsigned long long got = 0;                                                                 \
        __builtin_memcpy(&got, (const char*)&record + (word), abi_min(sizeof(record) - (word), 8)); \
        if (got != (~0ULL >> (63 - (count))) << (first)) elsewhere();                               \
    }

#define abi_min(a, b) ((a) < (b) ? (a) : (b))

#pragma clang diagnostic ignored "-Wbitfield-constant-conversion"
#pragma clang diagnostic ignored "-Wmissing-prototypes"
