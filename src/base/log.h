// What the kit tells a person while it runs, on standard error: one line an event, "level subject: text".
// The level is set once, by the command line. Nothing here is called per packet.
#pragma once

#include <fmt/format.h>

#include <string_view>

namespace ndiskit {

enum class LogLevel { error, warning, info, debug };

class Log {
  public:
    static void set_level(LogLevel level);
    static bool enabled(LogLevel level);
    static void write(LogLevel level, std::string_view subject, std::string_view text);
};

// log_info("nic", "{} is up", name): formats only when the level is on.
#define NDISKIT_DEFINE_LOG(name, level)                                                               \
    template <class... Arguments>                                                                     \
    void name(std::string_view subject, fmt::format_string<Arguments...> format,                      \
              Arguments&&... arguments) {                                                             \
        if (Log::enabled(level))                                                                      \
            Log::write(level, subject, fmt::format(format, std::forward<Arguments>(arguments)...));   \
    }
NDISKIT_DEFINE_LOG(log_error, LogLevel::error)
NDISKIT_DEFINE_LOG(log_warning, LogLevel::warning)
NDISKIT_DEFINE_LOG(log_info, LogLevel::info)
NDISKIT_DEFINE_LOG(log_debug, LogLevel::debug)
#undef NDISKIT_DEFINE_LOG

}  // namespace ndiskit
