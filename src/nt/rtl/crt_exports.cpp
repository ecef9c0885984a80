// The rows of the C run-time. What takes text is there for narrow and for wide characters: a pair of names,
// one template.
#include "nt/exception/leaf_code.h"
#include "nt/exports.h"
#include "nt/rtl/crt.h"

namespace ndiskit::nt {

namespace {

// The arguments of the two memory functions that a driver's headers otherwise have as macros stand in another
// order than the C run-time's.
NDISKIT_LEAF_CODE void NTAPI rtl_fill_memory(void* to, SIZE_T length, int value) {
    nt_memset(to, value, length);
}
NDISKIT_LEAF_CODE void NTAPI rtl_zero_memory(void* to, SIZE_T length) { nt_memset(to, 0, length); }

template <class Function>
const void* at(Function* function) {
    return reinterpret_cast<const void*>(function);
}

using namespace crt;

const Export rows[] = {
    // clang-format off
    {"memcpy", at(nt_memcpy)},
    {"memmove", at(nt_memmove)},
    {"memset", at(nt_memset)},
    {"memcmp", at(nt_memcmp)},
    {"memchr", at(nt_memchr)},
    {"memcpy_s", at(nt_memcpy_s)},
    {"memmove_s", at(nt_memmove_s)},
    {"qsort", at(nt_qsort)},
    {"bsearch", at(nt_bsearch)},
    {"isdigit", at(nt_isdigit)},
    {"islower", at(nt_islower)},
    {"isupper", at(nt_isupper)},
    {"isspace", at(nt_isspace)},
    {"isprint", at(nt_isprint)},
    {"isxdigit", at(nt_isxdigit)},
    {"mbstowcs", at(nt_mbstowcs)},
    {"wcstombs", at(nt_wcstombs)},
    {"rand", at(nt_rand)},
    {"srand", at(nt_srand)},
    {"RtlCopyMemory", at(nt_memcpy)},
    {"RtlMoveMemory", at(nt_memmove)},
    {"mbtowc", at(nt_mbtowc)},
    {"wctomb", at(nt_wctomb)},
    {"RtlFillMemory", at(rtl_fill_memory)},
    {"RtlZeroMemory", at(rtl_zero_memory)},
    {"RtlCopyMemoryNonTemporal", at(nt_memcpy)},
    {"strlen", at(Text<char>::length)},
    {"wcslen", at(Text<WCHAR>::length)},
    {"strnlen", at(Text<char>::bounded_length)},
    {"wcsnlen", at(Text<WCHAR>::bounded_length)},
    {"strcpy", at(Text<char>::copy)},
    {"wcscpy", at(Text<WCHAR>::copy)},
    {"strncpy", at(Text<char>::copy_n)},
    {"wcsncpy", at(Text<WCHAR>::copy_n)},
    {"strcat", at(Text<char>::append)},
    {"wcscat", at(Text<WCHAR>::append)},
    {"strncat", at(Text<char>::append_n)},
    {"wcsncat", at(Text<WCHAR>::append_n)},
    {"strcmp", at(Text<char>::compare)},
    {"wcscmp", at(Text<WCHAR>::compare)},
    {"strncmp", at(Text<char>::compare_n)},
    {"wcsncmp", at(Text<WCHAR>::compare_n)},
    {"_stricmp", at(Text<char>::compare_ignoring_case)},
    {"_wcsicmp", at(Text<WCHAR>::compare_ignoring_case)},
    {"_strnicmp", at(Text<char>::compare_n_ignoring_case)},
    {"_wcsnicmp", at(Text<WCHAR>::compare_n_ignoring_case)},
    {"strchr", at(Text<char>::find)},
    {"wcschr", at(Text<WCHAR>::find)},
    {"strrchr", at(Text<char>::find_last)},
    {"wcsrchr", at(Text<WCHAR>::find_last)},
    {"strstr", at(Text<char>::find_text)},
    {"wcsstr", at(Text<WCHAR>::find_text)},
    {"strspn", at(Text<char>::span)},
    {"wcsspn", at(Text<WCHAR>::span)},
    {"wcscspn", at(Text<WCHAR>::span_without)},
    {"_strlwr", at(Text<char>::to_lower)},
    {"_wcslwr", at(Text<WCHAR>::to_lower)},
    {"strlwr", at(Text<char>::to_lower)},
    {"wcslwr", at(Text<WCHAR>::to_lower)},
    {"_strupr", at(Text<char>::to_upper)},
    {"_wcsupr", at(Text<WCHAR>::to_upper)},
    {"_strrev", at(Text<char>::reverse)},
    {"_wcsrev", at(Text<WCHAR>::reverse)},
    {"_strset", at(Text<char>::set)},
    {"_strnset", at(Text<char>::set_n)},
    {"_wcsnset", at(Text<WCHAR>::set_n)},
    {"tolower", at(Text<char>::lower)},
    {"towlower", at(Text<WCHAR>::lower)},
    {"toupper", at(Text<char>::upper)},
    {"towupper", at(Text<WCHAR>::upper)},
    {"strcpy_s", at(Text<char>::copy_s)},
    {"wcscpy_s", at(Text<WCHAR>::copy_s)},
    {"strncpy_s", at(Text<char>::copy_n_s)},
    {"wcsncpy_s", at(Text<WCHAR>::copy_n_s)},
    {"strcat_s", at(Text<char>::append_s)},
    {"wcscat_s", at(Text<WCHAR>::append_s)},
    {"strncat_s", at(Text<char>::append_n_s)},
    {"wcsncat_s", at(Text<WCHAR>::append_n_s)},
    {"_strset_s", at(Text<char>::set_s)},
    {"_wcsset_s", at(Text<WCHAR>::set_s)},
    {"_strnset_s", at(Text<char>::set_n_s)},
    {"_wcsnset_s", at(Text<WCHAR>::set_n_s)},
    {"strtok_s", at(Text<char>::token_s)},
    {"atoi", at(Number<char>::to_int)},
    {"_wtoi", at(Number<WCHAR>::to_int)},
    {"atol", at(Number<char>::to_int)},
    {"_wtol", at(Number<WCHAR>::to_int)},
    {"wcstoul", at(Number<WCHAR>::to_ulong)},
    {"_strtoui64", at(Number<char>::to_uint64)},
    {"_itoa", at(Number<char>::from_int)},
    {"_itow", at(Number<WCHAR>::from_int)},
    {"_itoa_s", at(Number<char>::from_int_s)},
    {"_itow_s", at(Number<WCHAR>::from_int_s)},
    {"_ltoa_s", at(Number<char>::from_int_s)},
    {"_ltow_s", at(Number<WCHAR>::from_int_s)},
    {"_ultoa_s", at(Number<char>::from_ulong_s)},
    {"_ultow_s", at(Number<WCHAR>::from_ulong_s)},
    {"_i64toa_s", at(Number<char>::from_int64_s)},
    {"_i64tow_s", at(Number<WCHAR>::from_int64_s)},
    {"_ui64toa_s", at(Number<char>::from_uint64_s)},
    {"_ui64tow_s", at(Number<WCHAR>::from_uint64_s)},
    {"_vsnprintf", at(Print<char>::to_buffer_v)},
    {"_vsnwprintf", at(Print<WCHAR>::to_buffer_v)},
    {"_snprintf", at(Print<char>::to_buffer)},
    {"_snwprintf", at(Print<WCHAR>::to_buffer)},
    {"vsprintf", at(Print<char>::unbounded_v)},
    {"vswprintf", at(Print<WCHAR>::unbounded_v)},
    {"sprintf", at(Print<char>::unbounded)},
    {"swprintf", at(Print<WCHAR>::unbounded)},
    {"_vswprintf", at(Print<WCHAR>::unbounded_v)},
    {"_swprintf", at(Print<WCHAR>::unbounded)},
    {"vsprintf_s", at(Print<char>::checked_v)},
    {"vswprintf_s", at(Print<WCHAR>::checked_v)},
    {"sprintf_s", at(Print<char>::checked)},
    {"swprintf_s", at(Print<WCHAR>::checked)},
    {"_vsnprintf_s", at(Print<char>::counted_v)},
    {"_vsnwprintf_s", at(Print<WCHAR>::counted_v)},
    {"_snprintf_s", at(Print<char>::counted)},
    {"_snwprintf_s", at(Print<WCHAR>::counted)},
    {"sscanf_s", at(Scan<char>::all)},
    {"swscanf_s", at(Scan<WCHAR>::all)},
    {"_snscanf_s", at(Scan<char>::counted)},
    {"_snwscanf_s", at(Scan<WCHAR>::counted)},
    {"_splitpath_s", at(Path<char>::split)},
    {"_wsplitpath_s", at(Path<WCHAR>::split)},
    {"_makepath_s", at(Path<char>::make)},
    {"_wmakepath_s", at(Path<WCHAR>::make)},
    // clang-format on
};

}  // namespace

std::span<const Export> crt_exports() { return rows; }

}  // namespace ndiskit::nt
