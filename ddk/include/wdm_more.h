// What the Windows kernel headers have and mingw-w64's wdm.h (Windows 7 level) lacks. Included by wdm.h.
#pragma once

// clang knows #pragma alloc_text; mingw's header announces it to Microsoft's compiler alone.
#ifndef ALLOC_PRAGMA
#define ALLOC_PRAGMA 1
#endif
#ifndef ALLOC_DATA_PRAGMA
#define ALLOC_DATA_PRAGMA 1
#endif
