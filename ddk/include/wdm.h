// wdm.h of mingw-w64 with what the kit adds: see wdm_more.h. Drivers include <wdm.h>, <ntddk.h> or <ntifs.h> as
// usual; each comes through here.
//
// mingw's interlocked bit functions are defined twice when its intrin.h is seen first, which C++ does not allow;
// the second pair gets names of its own. Its intrin.h also warns about a header for 3DNow! that nobody needs.
//
// Calls in a __try block are never inlined by clang. mingw's __forceinline functions have no body outside of their
// callers, so there they would be symbols that nobody defines; each source gets its own here.
#pragma once

#include <_mingw.h>
#undef __forceinline
#ifdef __cplusplus
#define __forceinline inline __attribute__((__always_inline__))
#else
#define __forceinline static __inline__ __attribute__((__always_inline__))
#endif

#include <driver_annotations.h>

#define _MM3DNOW_H_INCLUDED
#include <intrin.h>
#undef _MM3DNOW_H_INCLUDED

#define InterlockedBitTestAndSet ndiskit_second_bit_test_and_set
#define InterlockedBitTestAndReset ndiskit_second_bit_test_and_reset
#include_next <wdm.h>

#include <wdm_more.h>
