// The part of the C run-time that ntoskrnl.exe exports, under names of our own (the host's libc has the
// others). Wide characters have 16 bits. crt_memory.cpp, crt_text.cpp, crt_wide.cpp and crt_format.cpp define
// them; crt_exports.cpp maps the names.
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

SIZE_T NTAPI nt_strlen(const char* text);
SIZE_T NTAPI nt_strnlen(const char* text, SIZE_T most);
char* NTAPI nt_strcpy(char* to, const char* from);
char* NTAPI nt_strncpy(char* to, const char* from, SIZE_T count);
char* NTAPI nt_strcat(char* to, const char* from);
char* NTAPI nt_strncat(char* to, const char* from, SIZE_T count);
int NTAPI nt_strcmp(const char* a, const char* b);
int NTAPI nt_strncmp(const char* a, const char* b, SIZE_T count);
int NTAPI nt_stricmp(const char* a, const char* b);
int NTAPI nt_strnicmp(const char* a, const char* b, SIZE_T count);
char* NTAPI nt_strchr(const char* text, int c);
char* NTAPI nt_strrchr(const char* text, int c);
char* NTAPI nt_strstr(const char* text, const char* part);
SIZE_T NTAPI nt_strspn(const char* text, const char* set);
char* NTAPI nt_strlwr(char* text);
char* NTAPI nt_strupr(char* text);
INT NTAPI nt_strcpy_s(char* to, SIZE_T size, const char* from);
INT NTAPI nt_strcat_s(char* to, SIZE_T size, const char* from);
INT NTAPI nt_strncpy_s(char* to, SIZE_T size, const char* from, SIZE_T count);
INT NTAPI nt_strncat_s(char* to, SIZE_T size, const char* from, SIZE_T count);
int NTAPI nt_tolower(int c);
int NTAPI nt_toupper(int c);
int NTAPI nt_isdigit(int c);
int NTAPI nt_islower(int c);
int NTAPI nt_isupper(int c);
int NTAPI nt_isspace(int c);
int NTAPI nt_isprint(int c);
int NTAPI nt_isxdigit(int c);
int NTAPI nt_atoi(const char* text);
LONG NTAPI nt_atol(const char* text);
ULONGLONG NTAPI nt_strtoui64(const char* text, char** end, int base);

SIZE_T NTAPI nt_wcslen(const WCHAR* text);
SIZE_T NTAPI nt_wcsnlen(const WCHAR* text, SIZE_T most);
WCHAR* NTAPI nt_wcscpy(WCHAR* to, const WCHAR* from);
WCHAR* NTAPI nt_wcsncpy(WCHAR* to, const WCHAR* from, SIZE_T count);
WCHAR* NTAPI nt_wcscat(WCHAR* to, const WCHAR* from);
WCHAR* NTAPI nt_wcsncat(WCHAR* to, const WCHAR* from, SIZE_T count);
int NTAPI nt_wcscmp(const WCHAR* a, const WCHAR* b);
int NTAPI nt_wcsncmp(const WCHAR* a, const WCHAR* b, SIZE_T count);
int NTAPI nt_wcsicmp(const WCHAR* a, const WCHAR* b);
int NTAPI nt_wcsnicmp(const WCHAR* a, const WCHAR* b, SIZE_T count);
WCHAR* NTAPI nt_wcschr(const WCHAR* text, WCHAR c);
WCHAR* NTAPI nt_wcsrchr(const WCHAR* text, WCHAR c);
WCHAR* NTAPI nt_wcsstr(const WCHAR* text, const WCHAR* part);
SIZE_T NTAPI nt_wcsspn(const WCHAR* text, const WCHAR* set);
SIZE_T NTAPI nt_wcscspn(const WCHAR* text, const WCHAR* set);
WCHAR* NTAPI nt_wcslwr(WCHAR* text);
WCHAR* NTAPI nt_wcsupr(WCHAR* text);
INT NTAPI nt_wcscpy_s(WCHAR* to, SIZE_T size, const WCHAR* from);
INT NTAPI nt_wcscat_s(WCHAR* to, SIZE_T size, const WCHAR* from);
INT NTAPI nt_wcsncpy_s(WCHAR* to, SIZE_T size, const WCHAR* from, SIZE_T count);
INT NTAPI nt_wcsncat_s(WCHAR* to, SIZE_T size, const WCHAR* from, SIZE_T count);
WCHAR NTAPI nt_towlower(WCHAR c);
WCHAR NTAPI nt_towupper(WCHAR c);
int NTAPI nt_wtoi(const WCHAR* text);
LONG NTAPI nt_wtol(const WCHAR* text);
ULONG NTAPI nt_wcstoul(const WCHAR* text, WCHAR** end, int base);
SIZE_T NTAPI nt_mbstowcs(WCHAR* to, const char* from, SIZE_T count);
SIZE_T NTAPI nt_wcstombs(char* to, const WCHAR* from, SIZE_T count);

int NTAPI nt_vsnprintf(char* to, SIZE_T count, const char* format, __builtin_ms_va_list arguments);
int NTAPI nt_snprintf(char* to, SIZE_T count, const char* format, ...);
int NTAPI nt_vsprintf(char* to, const char* format, __builtin_ms_va_list arguments);
int NTAPI nt_sprintf(char* to, const char* format, ...);
int NTAPI nt_vsprintf_s(char* to, SIZE_T size, const char* format, __builtin_ms_va_list arguments);
int NTAPI nt_sprintf_s(char* to, SIZE_T size, const char* format, ...);
int NTAPI nt_vsnprintf_s(char* to, SIZE_T size, SIZE_T count, const char* format,
                         __builtin_ms_va_list arguments);
int NTAPI nt_snprintf_s(char* to, SIZE_T size, SIZE_T count, const char* format, ...);
int NTAPI nt_vsnwprintf(WCHAR* to, SIZE_T count, const WCHAR* format, __builtin_ms_va_list arguments);
int NTAPI nt_snwprintf(WCHAR* to, SIZE_T count, const WCHAR* format, ...);
int NTAPI nt_vswprintf(WCHAR* to, const WCHAR* format, __builtin_ms_va_list arguments);
int NTAPI nt_swprintf(WCHAR* to, const WCHAR* format, ...);
int NTAPI nt_vswprintf_s(WCHAR* to, SIZE_T size, const WCHAR* format, __builtin_ms_va_list arguments);
int NTAPI nt_swprintf_s(WCHAR* to, SIZE_T size, const WCHAR* format, ...);
int NTAPI nt_vsnwprintf_s(WCHAR* to, SIZE_T size, SIZE_T count, const WCHAR* format,
                          __builtin_ms_va_list arguments);
int NTAPI nt_snwprintf_s(WCHAR* to, SIZE_T size, SIZE_T count, const WCHAR* format, ...);
int NTAPI nt_rand();
void NTAPI nt_srand(unsigned seed);

}  // extern "C"
