#include "base/log.h"

#include <unistd.h>

#include <atomic>

namespace ndiskit {
namespace {

std::atomic<LogLevel> current_level = LogLevel::warning;

constexpr std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::error: return "error";
        case LogLevel::warning: return "warning";
        case LogLevel::info: return "info";
        case LogLevel::debug: return "debug";
    }
    return "?";
}

}  // namespace

void Log::set_level(LogLevel level) { current_level = level; }
bool Log::enabled(LogLevel level) { return level <= current_level.load(std::memory_order_relaxed); }

void Log::write(LogLevel level, std::string_view subject, std::string_view text) {
    // One write call, so that lines of several threads do not mix.
    const std::string line = fmt::format("{} {}: {}\n", name_of(level), subject, text);
    [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace ndiskit
