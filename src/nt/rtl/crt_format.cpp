// printf and its kin into buffers. The old functions return -1 when the text does not fit and then leave it
// without a terminator; the _s ones empty the buffer.
#include <algorithm>

#include "engine/engine.h"
#include "nt/rtl/crt.h"
#include "nt/rtl/crt_text.h"
#include "nt/rtl/printf.h"

using namespace ndiskit::nt;

namespace {

template <class C>
int put_counted(C* to, SIZE_T count, const std::basic_string<C>& text) {
    const SIZE_T fit = std::min<SIZE_T>(count, text.size());
    std::copy_n(text.data(), fit, to);
    if (fit < count) to[fit] = 0;
    return text.size() > count ? -1 : static_cast<int>(text.size());
}

template <class C>
int put_checked(C* to, SIZE_T size, SIZE_T count, const std::basic_string<C>& text) {
    if (!to || !size) return -1;
    const SIZE_T wanted = std::min<SIZE_T>(text.size(), count);
    if (wanted >= size && count != crt::truncate) {
        to[0] = 0;
        return -1;
    }
    const SIZE_T fit = std::min<SIZE_T>(wanted, size - 1);
    std::copy_n(text.data(), fit, to);
    to[fit] = 0;
    return fit < text.size() ? -1 : static_cast<int>(fit);
}

}  // namespace

extern "C" {

int NTAPI nt_vsnprintf(char* to, SIZE_T count, const char* format, __builtin_ms_va_list arguments) {
    return put_counted(to, count, format_narrow(format, FormatArguments(arguments)));
}
int NTAPI nt_snprintf(char* to, SIZE_T count, const char* format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const int result = nt_vsnprintf(to, count, format, arguments);
    __builtin_ms_va_end(arguments);
    return result;
}

int NTAPI nt_vsprintf(char* to, const char* format, __builtin_ms_va_list arguments) {
    return put_counted(to, ~SIZE_T{0}, format_narrow(format, FormatArguments(arguments)));
}
int NTAPI nt_sprintf(char* to, const char* format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const int result = nt_vsprintf(to, format, arguments);
    __builtin_ms_va_end(arguments);
    return result;
}

int NTAPI nt_vsprintf_s(char* to, SIZE_T size, const char* format, __builtin_ms_va_list arguments) {
    return put_checked(to, size, ~SIZE_T{0} - 1, format_narrow(format, FormatArguments(arguments)));
}
int NTAPI nt_sprintf_s(char* to, SIZE_T size, const char* format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const int result = nt_vsprintf_s(to, size, format, arguments);
    __builtin_ms_va_end(arguments);
    return result;
}

int NTAPI nt_vsnprintf_s(char* to, SIZE_T size, SIZE_T count, const char* format,
                         __builtin_ms_va_list arguments) {
    return put_checked(to, size, count, format_narrow(format, FormatArguments(arguments)));
}
int NTAPI nt_snprintf_s(char* to, SIZE_T size, SIZE_T count, const char* format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const int result = nt_vsnprintf_s(to, size, count, format, arguments);
    __builtin_ms_va_end(arguments);
    return result;
}

int NTAPI nt_vsnwprintf(WCHAR* to, SIZE_T count, const WCHAR* format, __builtin_ms_va_list arguments) {
    return put_counted(to, count, format_wide(format, FormatArguments(arguments)));
}
int NTAPI nt_snwprintf(WCHAR* to, SIZE_T count, const WCHAR* format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const int result = nt_vsnwprintf(to, count, format, arguments);
    __builtin_ms_va_end(arguments);
    return result;
}

int NTAPI nt_vswprintf(WCHAR* to, const WCHAR* format, __builtin_ms_va_list arguments) {
    return put_counted(to, ~SIZE_T{0}, format_wide(format, FormatArguments(arguments)));
}
int NTAPI nt_swprintf(WCHAR* to, const WCHAR* format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const int result = nt_vswprintf(to, format, arguments);
    __builtin_ms_va_end(arguments);
    return result;
}

int NTAPI nt_vswprintf_s(WCHAR* to, SIZE_T size, const WCHAR* format, __builtin_ms_va_list arguments) {
    return put_checked(to, size, ~SIZE_T{0} - 1, format_wide(format, FormatArguments(arguments)));
}
int NTAPI nt_swprintf_s(WCHAR* to, SIZE_T size, const WCHAR* format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const int result = nt_vswprintf_s(to, size, format, arguments);
    __builtin_ms_va_end(arguments);
    return result;
}

int NTAPI nt_vsnwprintf_s(WCHAR* to, SIZE_T size, SIZE_T count, const WCHAR* format,
                          __builtin_ms_va_list arguments) {
    return put_checked(to, size, count, format_wide(format, FormatArguments(arguments)));
}
int NTAPI nt_snwprintf_s(WCHAR* to, SIZE_T size, SIZE_T count, const WCHAR* format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const int result = nt_vsnwprintf_s(to, size, count, format, arguments);
    __builtin_ms_va_end(arguments);
    return result;
}

int NTAPI nt_rand() { return static_cast<int>(ndiskit::engine::the().draw(0x8000)); }

// The machine's seed decides already.
void NTAPI nt_srand(unsigned) {}

}  // extern "C"
