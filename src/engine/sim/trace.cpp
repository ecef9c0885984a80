#include "engine/sim/trace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <iterator>

#include "base/log.h"

namespace ndiskit::engine {
namespace {

constexpr size_t flush_at = 64 * 1024;

}  // namespace

void Trace::restart(const std::string& path) {
    // Lines not yet written stay with the machine that made them: after a fork, with the parent.
    lines_.clear();
    close();
    hash_ = start_hash;
    if (path.empty()) return;
    fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd_ < 0) log_error("engine", "cannot create the trace file {}; the run goes on without", path);
}

void Trace::close() {
    if (fd_ < 0) return;
    flush();
    ::close(fd_);
    fd_ = -1;
}

void Trace::write_line(int64_t time, uint32_t task, std::string_view event, uint64_t event_code, uint64_t a,
                       uint64_t b) {
    if (event.empty())
        fmt::format_to(std::back_inserter(lines_), "{} {} event{} {} {}\n", time, task, event_code, a, b);
    else
        fmt::format_to(std::back_inserter(lines_), "{} {} {} {} {}\n", time, task, event, a, b);
    if (lines_.size() >= flush_at) flush();
}

void Trace::flush() {
    if (fd_ < 0) return;
    size_t done = 0;
    while (done < lines_.size()) {
        const ssize_t put = ::write(fd_, lines_.data() + done, lines_.size() - done);
        if (put < 0) {
            log_error("engine", "the trace file cannot be written; it is incomplete");
            break;
        }
        done += static_cast<size_t>(put);
    }
    lines_.clear();
}

}  // namespace ndiskit::engine
