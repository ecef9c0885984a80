// The interlocked operations without a fence, and those of 64 bits that mingw-w64's wdm.h lacks: on x64 each
// locked instruction is a full barrier for the processor, so the order that is not asked for is the
// compiler's to choose.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-interlockedadd
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

#define NDISKIT_INTERLOCKED(order, suffix, type)                                                             \
    FORCEINLINE type InterlockedAdd##suffix(type volatile* Addend, type Value) {                             \
        return __atomic_add_fetch(Addend, Value, order);                                                     \
    }                                                                                                        \
    FORCEINLINE type InterlockedIncrement##suffix(type volatile* Addend) {                                   \
        return __atomic_add_fetch(Addend, 1, order);                                                         \
    }                                                                                                        \
    FORCEINLINE type InterlockedDecrement##suffix(type volatile* Addend) {                                   \
        return __atomic_sub_fetch(Addend, 1, order);                                                         \
    }                                                                                                        \
    FORCEINLINE type InterlockedExchange##suffix(type volatile* Target, type Value) {                        \
        return __atomic_exchange_n(Target, Value, order);                                                    \
    }                                                                                                        \
    FORCEINLINE type InterlockedExchangeAdd##suffix(type volatile* Addend, type Value) {                     \
        return __atomic_fetch_add(Addend, Value, order);                                                     \
    }                                                                                                        \
    FORCEINLINE type InterlockedCompareExchange##suffix(type volatile* Target, type Value, type Comparand) { \
        __atomic_compare_exchange_n(Target, &Comparand, Value, 0, order, __ATOMIC_RELAXED);                  \
        return Comparand;                                                                                    \
    }                                                                                                        \
    FORCEINLINE type InterlockedAnd##suffix(type volatile* Target, type Value) {                             \
        return __atomic_fetch_and(Target, Value, order);                                                     \
    }                                                                                                        \
    FORCEINLINE type InterlockedOr##suffix(type volatile* Target, type Value) {                              \
        return __atomic_fetch_or(Target, Value, order);                                                      \
    }                                                                                                        \
    FORCEINLINE type InterlockedXor##suffix(type volatile* Target, type Value) {                             \
        return __atomic_fetch_xor(Target, Value, order);                                                     \
    }

NDISKIT_INTERLOCKED(__ATOMIC_RELAXED, NoFence, LONG)
NDISKIT_INTERLOCKED(__ATOMIC_RELAXED, NoFence64, LONG64)
NDISKIT_INTERLOCKED(__ATOMIC_ACQUIRE, Acquire, LONG)
NDISKIT_INTERLOCKED(__ATOMIC_ACQUIRE, Acquire64, LONG64)
NDISKIT_INTERLOCKED(__ATOMIC_RELEASE, Release, LONG)
NDISKIT_INTERLOCKED(__ATOMIC_RELEASE, Release64, LONG64)
#undef NDISKIT_INTERLOCKED

FORCEINLINE PVOID InterlockedExchangePointerNoFence(PVOID volatile* Target, PVOID Value) {
    return __atomic_exchange_n(Target, Value, __ATOMIC_RELAXED);
}
FORCEINLINE PVOID InterlockedCompareExchangePointerNoFence(PVOID volatile* Target, PVOID Value,
                                                           PVOID Comparand) {
    __atomic_compare_exchange_n(Target, &Comparand, Value, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    return Comparand;
}

#ifdef __cplusplus
}
#endif
