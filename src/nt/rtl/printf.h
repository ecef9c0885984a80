// The kernel's printf: the formats of Microsoft's C run-time, which differ from the host's. A `long` has 32
// bits, %s of a wide format is wide, %S is of the other width, %I64 %I32 %I %w %h are sizes, %Z and %wZ print
// counted strings, %p prints 16 digits. One engine for narrow and wide output.
#pragma once

#include <string>

#include "nt/abi/types.h"

namespace ndiskit::nt {

// A va_list of the Microsoft convention: each argument has a slot of 8 bytes.
class FormatArguments {
  public:
    explicit FormatArguments(__builtin_ms_va_list list) : at_(list) {}
    template <class T>
    T next() {
        static_assert(sizeof(T) <= 8);
        T value;
        __builtin_memcpy(&value, at_, sizeof(T));
        at_ += 8;
        return value;
    }

  private:
    char* at_;
};

std::string format_narrow(const char* format, FormatArguments arguments);
std::u16string format_wide(const char16_t* format, FormatArguments arguments);

}  // namespace ndiskit::nt
