// The part of the C run-time that ntoskrnl.exe exports, under names of our own (the host's libc has the
// others). What exists for narrow and for wide characters, which have 16 bits, is written once, as the static
// functions of a template over the character; crt_exports.cpp maps the names.
#pragma once

#include "nt/abi/types.h"

extern "C" {

void* NTAPI nt_memcpy(void* to, const void* from, SIZE_T length);
void* NTAPI nt_memmove(void* to, const void* from, SIZE_T length);
void* NTAPI nt_memset(void* to, int value, SIZE_T length);
int NTAPI nt_memcmp(const void* a, const void* b, SIZE_T length);
void* NTAPI nt_memchr(const void* memory, int value, SIZE_T length);
INT NTAPI nt_memcpy_s(void* to, SIZE_T size, const void* from, SIZE_T length);
INT NTAPI nt_memmove_s(void* to, SIZE_T size, const void* from, SIZE_T length);
void NTAPI nt_qsort(void* base, SIZE_T count, SIZE_T size, INT(NTAPI* compare)(const void*, const void*));
void* NTAPI nt_bsearch(const void* key, const void* base, SIZE_T count, SIZE_T size,
                       INT(NTAPI* compare)(const void*, const void*));

int NTAPI nt_isdigit(int c);
int NTAPI nt_islower(int c);
int NTAPI nt_isupper(int c);
int NTAPI nt_isspace(int c);
int NTAPI nt_isprint(int c);
int NTAPI nt_isxdigit(int c);
SIZE_T NTAPI nt_mbstowcs(WCHAR* to, const char* from, SIZE_T count);
SIZE_T NTAPI nt_wcstombs(char* to, const WCHAR* from, SIZE_T count);
int NTAPI nt_mbtowc(WCHAR* to, const char* from, SIZE_T count);
int NTAPI nt_wctomb(char* to, WCHAR from);
int NTAPI nt_rand();
void NTAPI nt_srand(unsigned seed);

}  // extern "C"

namespace ndiskit::nt::crt {

constexpr INT einval = 22, erange = 34, truncated = 80;
constexpr SIZE_T truncate = ~SIZE_T{0};  // _TRUNCATE

// strlen, wcslen ...
template <class C>
struct Text {
    static SIZE_T NTAPI length(const C* text);
    static SIZE_T NTAPI bounded_length(const C* text, SIZE_T most);
    static C* NTAPI copy(C* to, const C* from);
    static C* NTAPI copy_n(C* to, const C* from, SIZE_T count);
    static C* NTAPI append(C* to, const C* from);
    static C* NTAPI append_n(C* to, const C* from, SIZE_T count);
    static int NTAPI compare(const C* a, const C* b);
    static int NTAPI compare_n(const C* a, const C* b, SIZE_T count);
    static int NTAPI compare_ignoring_case(const C* a, const C* b);
    static int NTAPI compare_n_ignoring_case(const C* a, const C* b, SIZE_T count);
    static C* NTAPI find(const C* text, int c);
    static C* NTAPI find_last(const C* text, int c);
    static C* NTAPI find_text(const C* text, const C* part);
    static SIZE_T NTAPI span(const C* text, const C* set);
    static SIZE_T NTAPI span_without(const C* text, const C* set);
    static C* NTAPI to_lower(C* text);
    static C* NTAPI to_upper(C* text);
    static C* NTAPI reverse(C* text);
    static C* NTAPI set(C* text, int c);
    static C* NTAPI set_n(C* text, int c, SIZE_T count);
    static int NTAPI lower(int c);
    static int NTAPI upper(int c);
    // The _s functions: `size` is the target's, in characters. EINVAL, ERANGE, or STRUNCATE.
    static INT NTAPI copy_s(C* to, SIZE_T size, const C* from);
    static INT NTAPI copy_n_s(C* to, SIZE_T size, const C* from, SIZE_T count);
    static INT NTAPI append_s(C* to, SIZE_T size, const C* from);
    static INT NTAPI append_n_s(C* to, SIZE_T size, const C* from, SIZE_T count);
    static INT NTAPI set_s(C* text, SIZE_T size, int c);
    static INT NTAPI set_n_s(C* text, SIZE_T size, int c, SIZE_T count);
    static C* NTAPI token_s(C* text, const C* separators, C** context);
};

// atoi, _itow_s ...
template <class C>
struct Number {
    static int NTAPI to_int(const C* text);
    static ULONG NTAPI to_ulong(const C* text, C** end, int base);
    static ULONGLONG NTAPI to_uint64(const C* text, C** end, int base);
    static C* NTAPI from_int(int value, C* to, int radix);
    static INT NTAPI from_int_s(int value, C* to, SIZE_T size, int radix);
    static INT NTAPI from_ulong_s(ULONG value, C* to, SIZE_T size, int radix);
    static INT NTAPI from_int64_s(LONGLONG value, C* to, SIZE_T size, int radix);
    static INT NTAPI from_uint64_s(ULONGLONG value, C* to, SIZE_T size, int radix);
};

// sprintf, _snwprintf_s ... The old functions return -1 when the text does not fit and then leave it without
// a terminator; the _s ones empty the buffer.
template <class C>
struct Print {
    static int NTAPI to_buffer_v(C* to, SIZE_T count, const C* format, __builtin_ms_va_list arguments);
    static int NTAPI to_buffer(C* to, SIZE_T count, const C* format, ...);
    static int NTAPI unbounded_v(C* to, const C* format, __builtin_ms_va_list arguments);
    static int NTAPI unbounded(C* to, const C* format, ...);
    static int NTAPI checked_v(C* to, SIZE_T size, const C* format, __builtin_ms_va_list arguments);
    static int NTAPI checked(C* to, SIZE_T size, const C* format, ...);
    static int NTAPI counted_v(C* to, SIZE_T size, SIZE_T count, const C* format,
                               __builtin_ms_va_list arguments);
    static int NTAPI counted(C* to, SIZE_T size, SIZE_T count, const C* format, ...);
};

// sscanf_s, _snwscanf_s: %c, %s and %[ have the size of their target behind it.
template <class C>
struct Scan {
    static int NTAPI all(const C* text, const C* format, ...);
    static int NTAPI counted(const C* text, SIZE_T count, const C* format, ...);
};

// _splitpath_s, _wmakepath_s.
template <class C>
struct Path {
    static INT NTAPI split(const C* path, C* drive, SIZE_T drive_size, C* folder, SIZE_T folder_size, C* name,
                           SIZE_T name_size, C* extension, SIZE_T extension_size);
    static INT NTAPI make(C* path, SIZE_T size, const C* drive, const C* folder, const C* name,
                          const C* extension);
};

extern template struct Text<char>;
extern template struct Text<WCHAR>;
extern template struct Number<char>;
extern template struct Number<WCHAR>;
extern template struct Print<char>;
extern template struct Print<WCHAR>;
extern template struct Scan<char>;
extern template struct Scan<WCHAR>;
extern template struct Path<char>;
extern template struct Path<WCHAR>;

}  // namespace ndiskit::nt::crt
