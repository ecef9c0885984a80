// The kernel copies, as it can tell an address without memory: between processes, of which this one is
// both, and, where a sandbox forbids that (default seccomp profiles of containers do), into a pipe.
#include "base/memory_read.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace ndiskit {

namespace {

constexpr size_t page_size = 4096;

struct KeepErrno {
    int kept = errno;
    ~KeepErrno() { errno = kept; }
};

}  // namespace

size_t read_memory_through_pipe(void* to, const void* from, size_t size) noexcept {
    const KeepErrno keep;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return 0;
    size_t copied = 0;
    while (copied < size) {
        const char* const next = static_cast<const char*>(from) + copied;
        const size_t rest_of_page = page_size - reinterpret_cast<uintptr_t>(next) % page_size;
        const ssize_t written = write(ends[1], next, std::min(size - copied, rest_of_page));
        if (written <= 0) break;
        if (read(ends[0], static_cast<char*>(to) + copied, static_cast<size_t>(written)) != written) break;
        copied += static_cast<size_t>(written);
    }
    close(ends[0]);
    close(ends[1]);
    return copied;
}

size_t read_memory(void* to, const void* from, size_t size) noexcept {
    const KeepErrno keep;
    const iovec local = {to, size};
    const iovec remote = {const_cast<void*>(from), size};
    const ssize_t copied = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
    if (copied >= 0) return static_cast<size_t>(copied);
    return errno == EFAULT ? 0 : read_memory_through_pipe(to, from, size);
}

}  // namespace ndiskit
