// The Win32 base types (DWORD, BYTE, BOOL ...), which kernel-mode drivers may use too: mingw-w64's, without the
// winnt.h that it takes with it where the kernel's headers have defined the same already.
#pragma once

#if defined(_NTDEF_) && !defined(_WINNT_) && !defined(NT_INCLUDED)
#define NT_INCLUDED
#endif
#include_next <minwindef.h>
