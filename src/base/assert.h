// Asserts on the kit's own invariants, on in every build. A failed one is a defect of ndiskit, never of the
// driver under test or of the user's input; it prints the place, the condition and a backtrace, and aborts.
#pragma once

#include <fmt/core.h>

#include <string_view>

namespace ndiskit {

[[noreturn, gnu::cold]] void assert_failed(const char* file, int line, const char* condition,
                                           std::string_view message);

}  // namespace ndiskit

// ASSERT_THAT(condition) or ASSERT_THAT(condition, "format", arguments...).
#define ASSERT_THAT(condition, ...)                                                                \
    do {                                                                                           \
        if (!(condition)) [[unlikely]]                                                             \
            ::ndiskit::assert_failed(__FILE__, __LINE__, #condition,                               \
                                     ::ndiskit::detail::assert_message(__VA_ARGS__));              \
    } while (0)

#define UNREACHABLE(...) \
    ::ndiskit::assert_failed(__FILE__, __LINE__, "unreachable", ::ndiskit::detail::assert_message(__VA_ARGS__))

namespace ndiskit::detail {
inline std::string assert_message() { return {}; }
template <class... Arguments>
std::string assert_message(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    return fmt::format(format, std::forward<Arguments>(arguments)...);
}
}  // namespace ndiskit::detail
