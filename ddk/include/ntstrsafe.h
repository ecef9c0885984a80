// The safe string functions, of which every source that includes them gets a copy of its own: mingw-w64's, whose
// copies clash in C when two sources of a driver have them, and which leaves them to a library that drivers do
// not have when nothing is optimised.
#pragma once

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <specstrings.h>

#pragma push_macro("__CRT__NO_INLINE")
#undef __CRT__NO_INLINE
#ifdef __cplusplus
#include_next <ntstrsafe.h>
#else
#pragma push_macro("extern")
#define extern static
#include_next <ntstrsafe.h>
#pragma pop_macro("extern")
#endif
#pragma pop_macro("__CRT__NO_INLINE")
