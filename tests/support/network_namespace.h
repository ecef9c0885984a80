// Network namespaces for tests: the calling process moves into a new one, of which it is the administrator,
// and nothing of the host is touched. Needs root, or user namespaces.
#pragma once

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace ndiskit::test {

// Files of /proc take one write and no rename.
inline bool put(const char* path, const std::string& text) {
    const int fd = open(path, O_WRONLY);
    if (fd < 0) return false;
    const bool good = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    close(fd);
    return good;
}

// False when this system does not allow it. Call before the process has threads.
inline bool enter_network_namespace() {
    if (geteuid() == 0) return unshare(CLONE_NEWNET) == 0;
    const std::string user = std::to_string(geteuid()), group = std::to_string(getegid());
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
    return put("/proc/self/setgroups", "deny") && put("/proc/self/uid_map", "0 " + user + " 1") &&
           put("/proc/self/gid_map", "0 " + group + " 1");
}

// Whether frames can be sent past the host's stack, in the namespace that was entered.
inline bool has_packet_sockets() {
    const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

// Whether a TAP can be made: a sandbox may have namespaces and no tun device.
inline bool has_tun() {
    const int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

// Runs a shell command; true when it exits with 0.
inline bool shell(const std::string& command) {
    return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

}  // namespace ndiskit::test
