// Wide text functions of the kernel's C run-time.
#include "nt/rtl/crt.h"
#include "nt/rtl/crt_text.h"

using namespace ndiskit::nt;

extern "C" {

SIZE_T NTAPI nt_wcslen(const WCHAR* text) { return crt::length(text); }
SIZE_T NTAPI nt_wcsnlen(const WCHAR* text, SIZE_T most) { return crt::length(text, most); }
WCHAR* NTAPI nt_wcscpy(WCHAR* to, const WCHAR* from) { return crt::copy(to, from); }
WCHAR* NTAPI nt_wcsncpy(WCHAR* to, const WCHAR* from, SIZE_T count) {
    return crt::copy_counted(to, from, count);
}
WCHAR* NTAPI nt_wcscat(WCHAR* to, const WCHAR* from) { return crt::copy(to + crt::length(to), from), to; }
WCHAR* NTAPI nt_wcsncat(WCHAR* to, const WCHAR* from, SIZE_T count) {
    return crt::append_counted(to, from, count);
}
int NTAPI nt_wcscmp(const WCHAR* a, const WCHAR* b) { return crt::compare(a, b, ~SIZE_T{0}, false); }
int NTAPI nt_wcsncmp(const WCHAR* a, const WCHAR* b, SIZE_T count) {
    return crt::compare(a, b, count, false);
}
int NTAPI nt_wcsicmp(const WCHAR* a, const WCHAR* b) { return crt::compare(a, b, ~SIZE_T{0}, true); }
int NTAPI nt_wcsnicmp(const WCHAR* a, const WCHAR* b, SIZE_T count) {
    return crt::compare(a, b, count, true);
}
WCHAR* NTAPI nt_wcschr(const WCHAR* text, WCHAR c) { return crt::find(text, static_cast<WCHAR>(c)); }
WCHAR* NTAPI nt_wcsrchr(const WCHAR* text, WCHAR c) { return crt::find_last(text, static_cast<WCHAR>(c)); }
WCHAR* NTAPI nt_wcsstr(const WCHAR* text, const WCHAR* part) { return crt::find_part(text, part); }
SIZE_T NTAPI nt_wcsspn(const WCHAR* text, const WCHAR* set) { return crt::span(text, set, true); }
SIZE_T NTAPI nt_wcscspn(const WCHAR* text, const WCHAR* set) { return crt::span(text, set, false); }

WCHAR* NTAPI nt_wcslwr(WCHAR* text) {
    for (WCHAR* at = text; *at; ++at) *at = static_cast<WCHAR>(crt::lower(*at));
    return text;
}

WCHAR* NTAPI nt_wcsupr(WCHAR* text) {
    for (WCHAR* at = text; *at; ++at) *at = static_cast<WCHAR>(crt::upper(*at));
    return text;
}

INT NTAPI nt_wcscpy_s(WCHAR* to, SIZE_T size, const WCHAR* from) {
    return crt::copy_checked(to, size, from, crt::truncate - 1, 0);
}
INT NTAPI nt_wcscat_s(WCHAR* to, SIZE_T size, const WCHAR* from) {
    return crt::copy_checked(to, size, from, crt::truncate - 1, to ? crt::length(to, size) : 0);
}
INT NTAPI nt_wcsncpy_s(WCHAR* to, SIZE_T size, const WCHAR* from, SIZE_T count) {
    return crt::copy_checked(to, size, from, count, 0);
}
INT NTAPI nt_wcsncat_s(WCHAR* to, SIZE_T size, const WCHAR* from, SIZE_T count) {
    return crt::copy_checked(to, size, from, count, to ? crt::length(to, size) : 0);
}

WCHAR NTAPI nt_towlower(WCHAR c) { return downcase(c); }
WCHAR NTAPI nt_towupper(WCHAR c) { return upcase(c); }
int NTAPI nt_wtoi(const WCHAR* text) { return static_cast<int>(crt::parse<WCHAR>(text, nullptr, 10, ~0ull)); }
LONG NTAPI nt_wtol(const WCHAR* text) { return nt_wtoi(text); }
ULONG NTAPI nt_wcstoul(const WCHAR* text, WCHAR** end, int base) {
    return static_cast<ULONG>(crt::parse(text, end, base, 0xFFFFFFFF));
}

// The number of characters without the terminator; with no target only counted.
SIZE_T NTAPI nt_mbstowcs(WCHAR* to, const char* from, SIZE_T count) {
    SIZE_T n = 0;
    for (; from[n] && (!to || n < count); ++n)
        if (to) to[n] = ansi_to_unit(static_cast<unsigned char>(from[n]));
    if (to && n < count) to[n] = 0;
    return n;
}

SIZE_T NTAPI nt_wcstombs(char* to, const WCHAR* from, SIZE_T count) {
    SIZE_T n = 0;
    for (; from[n] && (!to || n < count); ++n)
        if (to) to[n] = static_cast<char>(unit_to_ansi(from[n]));
    if (to && n < count) to[n] = 0;
    return n;
}

}  // extern "C"
