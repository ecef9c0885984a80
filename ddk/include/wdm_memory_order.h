// Single loads and stores of a stated memory order: NoFence and Raw are relaxed (Raw may tear on unaligned
// data), Acquire and Release are what they say. Each family is generated from one line.
//
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-readnofence
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

#define NDISKIT_MEMORY_ORDER(prefix, suffix, type)                                                         \
    FORCEINLINE type Read##prefix##Acquire##suffix(type const volatile* Source) {                          \
        return __atomic_load_n(Source, __ATOMIC_ACQUIRE);                                                  \
    }                                                                                                      \
    FORCEINLINE type Read##prefix##NoFence##suffix(type const volatile* Source) {                          \
        return __atomic_load_n(Source, __ATOMIC_RELAXED);                                                  \
    }                                                                                                      \
    FORCEINLINE type Read##prefix##Raw##suffix(type const volatile* Source) {                              \
        return *Source;                                                                                    \
    }                                                                                                      \
    FORCEINLINE void Write##prefix##Release##suffix(type volatile* Destination, type Value) {              \
        __atomic_store_n(Destination, Value, __ATOMIC_RELEASE);                                            \
    }                                                                                                      \
    FORCEINLINE void Write##prefix##NoFence##suffix(type volatile* Destination, type Value) {              \
        __atomic_store_n(Destination, Value, __ATOMIC_RELAXED);                                            \
    }                                                                                                      \
    FORCEINLINE void Write##prefix##Raw##suffix(type volatile* Destination, type Value) {                  \
        *Destination = Value;                                                                              \
    }

NDISKIT_MEMORY_ORDER(, , LONG)
NDISKIT_MEMORY_ORDER(, 8, CHAR)
NDISKIT_MEMORY_ORDER(, 16, SHORT)
NDISKIT_MEMORY_ORDER(, 64, LONG64)
NDISKIT_MEMORY_ORDER(Boolean, , BOOLEAN)
NDISKIT_MEMORY_ORDER(UChar, , UCHAR)
NDISKIT_MEMORY_ORDER(UShort, , USHORT)
NDISKIT_MEMORY_ORDER(Int32, , INT32)
NDISKIT_MEMORY_ORDER(UInt32, , UINT32)
NDISKIT_MEMORY_ORDER(ULong, , ULONG)
NDISKIT_MEMORY_ORDER(ULong64, , ULONG64)
#undef NDISKIT_MEMORY_ORDER

FORCEINLINE PVOID ReadPointerAcquire(PVOID const volatile* Source) {
    return __atomic_load_n(Source, __ATOMIC_ACQUIRE);
}
FORCEINLINE PVOID ReadPointerNoFence(PVOID const volatile* Source) {
    return __atomic_load_n(Source, __ATOMIC_RELAXED);
}
FORCEINLINE PVOID ReadPointerRaw(PVOID const volatile* Source) { return *Source; }
FORCEINLINE void WritePointerRelease(PVOID volatile* Destination, PVOID Value) {
    __atomic_store_n(Destination, Value, __ATOMIC_RELEASE);
}
FORCEINLINE void WritePointerNoFence(PVOID volatile* Destination, PVOID Value) {
    __atomic_store_n(Destination, Value, __ATOMIC_RELAXED);
}
FORCEINLINE void WritePointerRaw(PVOID volatile* Destination, PVOID Value) { *Destination = Value; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kememorybarrier
#ifndef KeMemoryBarrier
#define KeMemoryBarrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#endif
#ifndef MemoryBarrier
#define MemoryBarrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#endif
#ifndef KeMemoryBarrierWithoutFence
#define KeMemoryBarrierWithoutFence() __atomic_signal_fence(__ATOMIC_SEQ_CST)
#endif

FORCEINLINE void BarrierAfterRead(void) { __atomic_thread_fence(__ATOMIC_ACQUIRE); }

#ifdef __cplusplus
}
#endif
