// printf and its kin into buffers.
#include <algorithm>

#include "nt/rtl/crt.h"
#include "nt/rtl/printf.h"

namespace ndiskit::nt::crt {

namespace {

std::string formatted(const char* format, __builtin_ms_va_list arguments) {
    return format_narrow(format, FormatArguments(arguments));
}
std::u16string formatted(const char16_t* format, __builtin_ms_va_list arguments) {
    return format_wide(format, FormatArguments(arguments));
}

template <class C>
int put_counted(C* to, SIZE_T count, const std::basic_string<C>& text) {
    // A null target with no room asks how long the text is.
    if (!to && !count) return static_cast<int>(text.size());
    const SIZE_T fit = std::min<SIZE_T>(count, text.size());
    std::copy_n(text.data(), fit, to);
    if (fit < count) to[fit] = 0;
    return text.size() > count ? -1 : static_cast<int>(text.size());
}

template <class C>
int put_checked(C* to, SIZE_T size, SIZE_T count, const C* format, __builtin_ms_va_list arguments) {
    if (!to || !size || !format) return -1;
    const std::basic_string<C> text = formatted(format, arguments);
    const SIZE_T wanted = std::min<SIZE_T>(text.size(), count);
    if (wanted >= size && count != truncate) {
        to[0] = 0;
        return -1;
    }
    const SIZE_T fit = std::min<SIZE_T>(wanted, size - 1);
    std::copy_n(text.data(), fit, to);
    to[fit] = 0;
    return fit < text.size() ? -1 : static_cast<int>(fit);
}

}  // namespace

template <class C>
int NTAPI Print<C>::to_buffer_v(C* to, SIZE_T count, const C* format, __builtin_ms_va_list arguments) {
    return put_counted(to, count, formatted(format, arguments));
}
template <class C>
int NTAPI Print<C>::to_buffer(C* to, SIZE_T count, const C* format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const int result = to_buffer_v(to, count, format, arguments);
    __builtin_ms_va_end(arguments);
    return result;
}

template <class C>
int NTAPI Print<C>::unbounded_v(C* to, const C* format, __builtin_ms_va_list arguments) {
    return put_counted(to, ~SIZE_T{0}, formatted(format, arguments));
}
template <class C>
int NTAPI Print<C>::unbounded(C* to, const C* format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const int result = unbounded_v(to, format, arguments);
    __builtin_ms_va_end(arguments);
    return result;
}

template <class C>
int NTAPI Print<C>::checked_v(C* to, SIZE_T size, const C* format, __builtin_ms_va_list arguments) {
    return put_checked(to, size, truncate - 1, format, arguments);
}
template <class C>
int NTAPI Print<C>::checked(C* to, SIZE_T size, const C* format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const int result = checked_v(to, size, format, arguments);
    __builtin_ms_va_end(arguments);
    return result;
}

template <class C>
int NTAPI Print<C>::counted_v(C* to, SIZE_T size, SIZE_T count, const C* format,
                              __builtin_ms_va_list arguments) {
    return put_checked(to, size, count, format, arguments);
}
template <class C>
int NTAPI Print<C>::counted(C* to, SIZE_T size, SIZE_T count, const C* format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const int result = counted_v(to, size, count, format, arguments);
    __builtin_ms_va_end(arguments);
    return result;
}

template struct Print<char>;
template struct Print<WCHAR>;

}  // namespace ndiskit::nt::crt
