// Narrow text functions of the kernel's C run-time.
#include "nt/rtl/crt.h"
#include "nt/rtl/crt_text.h"

using namespace ndiskit::nt;

extern "C" {

SIZE_T NTAPI nt_strlen(const char* text) { return crt::length(text); }
SIZE_T NTAPI nt_strnlen(const char* text, SIZE_T most) { return crt::length(text, most); }
char* NTAPI nt_strcpy(char* to, const char* from) { return crt::copy(to, from); }
char* NTAPI nt_strncpy(char* to, const char* from, SIZE_T count) {
    return crt::copy_counted(to, from, count);
}
char* NTAPI nt_strcat(char* to, const char* from) { return crt::copy(to + crt::length(to), from), to; }
char* NTAPI nt_strncat(char* to, const char* from, SIZE_T count) {
    return crt::append_counted(to, from, count);
}
int NTAPI nt_strcmp(const char* a, const char* b) { return crt::compare(a, b, ~SIZE_T{0}, false); }
int NTAPI nt_strncmp(const char* a, const char* b, SIZE_T count) { return crt::compare(a, b, count, false); }
int NTAPI nt_stricmp(const char* a, const char* b) { return crt::compare(a, b, ~SIZE_T{0}, true); }
int NTAPI nt_strnicmp(const char* a, const char* b, SIZE_T count) { return crt::compare(a, b, count, true); }
char* NTAPI nt_strchr(const char* text, int c) { return crt::find(text, static_cast<char>(c)); }
char* NTAPI nt_strrchr(const char* text, int c) { return crt::find_last(text, static_cast<char>(c)); }
char* NTAPI nt_strstr(const char* text, const char* part) { return crt::find_part(text, part); }
SIZE_T NTAPI nt_strspn(const char* text, const char* set) { return crt::span(text, set, true); }

char* NTAPI nt_strlwr(char* text) {
    for (char* at = text; *at; ++at) *at = static_cast<char>(crt::lower(*at));
    return text;
}

char* NTAPI nt_strupr(char* text) {
    for (char* at = text; *at; ++at) *at = static_cast<char>(crt::upper(*at));
    return text;
}

INT NTAPI nt_strcpy_s(char* to, SIZE_T size, const char* from) {
    return crt::copy_checked(to, size, from, crt::truncate - 1, 0);
}
INT NTAPI nt_strcat_s(char* to, SIZE_T size, const char* from) {
    return crt::copy_checked(to, size, from, crt::truncate - 1, to ? crt::length(to, size) : 0);
}
INT NTAPI nt_strncpy_s(char* to, SIZE_T size, const char* from, SIZE_T count) {
    return crt::copy_checked(to, size, from, count, 0);
}
INT NTAPI nt_strncat_s(char* to, SIZE_T size, const char* from, SIZE_T count) {
    return crt::copy_checked(to, size, from, count, to ? crt::length(to, size) : 0);
}

int NTAPI nt_tolower(int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
int NTAPI nt_toupper(int c) { return c >= 'a' && c <= 'z' ? c - 32 : c; }
int NTAPI nt_isdigit(int c) { return c >= '0' && c <= '9'; }
int NTAPI nt_islower(int c) { return c >= 'a' && c <= 'z'; }
int NTAPI nt_isupper(int c) { return c >= 'A' && c <= 'Z'; }
int NTAPI nt_isspace(int c) { return c == ' ' || (c >= 9 && c <= 13); }
int NTAPI nt_isprint(int c) { return c >= 0x20 && c < 0x7F; }
int NTAPI nt_isxdigit(int c) { return nt_isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
int NTAPI nt_atoi(const char* text) { return static_cast<int>(crt::parse<char>(text, nullptr, 10, ~0ull)); }
LONG NTAPI nt_atol(const char* text) { return nt_atoi(text); }
ULONGLONG NTAPI nt_strtoui64(const char* text, char** end, int base) {
    return crt::parse(text, end, base, ~0ull);
}

}  // extern "C"
