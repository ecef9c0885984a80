#include "cli/demo/compared_stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "base/random.h"
#include "cli/children.h"

namespace ndiskit::cli {
namespace {

constexpr size_t block_size = 256 * 1024;
constexpr int connect_attempts = 500;
constexpr Milliseconds between_attempts{10};
constexpr uint64_t stream_seed = 0x6d7578;

sockaddr_in address_of(const std::string& text, int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, text.c_str(), &address.sin_addr);
    return address;
}

int complain(const char* what) {
    dprintf(STDERR_FILENO, "%s: %s", what, strerrordesc_np(errno));
    return 1;
}

void fill(std::vector<uint64_t>& block, Random& random) {
    for (uint64_t& word : block) word = random.next();
}

}  // namespace

int send_stream(const std::string& to, int port, uint64_t bytes) {
    const sockaddr_in address = address_of(to, port);
    int connection = -1;
    for (int attempt = 0;; ++attempt) {
        connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) break;
        close(connection);
        if (attempt == connect_attempts) return complain("cannot connect");
        wait_for(between_attempts);  // the receiver may not listen yet
    }
    Random random(stream_seed);
    std::vector<uint64_t> block(block_size / sizeof(uint64_t));
    for (uint64_t left = bytes; left > 0;) {
        fill(block, random);
        const size_t size = std::min<uint64_t>(left, block_size);
        for (size_t at = 0; at < size;) {
            const ssize_t sent =
                send(connection, reinterpret_cast<const char*>(block.data()) + at, size - at, MSG_NOSIGNAL);
            if (sent <= 0) return complain("cannot send");
            at += static_cast<size_t>(sent);
        }
        left -= size;
    }
    shutdown(connection, SHUT_WR);
    char end;
    return recv(connection, &end, 1, 0) == 0 ? 0 : complain("the receiver did not end");
}

int receive_stream(const std::string& at, int port, uint64_t bytes) {
    const sockaddr_in address = address_of(at, port);
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener, 1) != 0)
        return complain("cannot listen");
    const int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    const auto started = std::chrono::steady_clock::now();
    Random random(stream_seed);
    std::vector<uint64_t> wanted(block_size / sizeof(uint64_t)), got(wanted.size());
    for (uint64_t left = bytes; left > 0;) {
        fill(wanted, random);
        const size_t size = std::min<uint64_t>(left, block_size);
        if (recv(connection, got.data(), size, MSG_WAITALL) != static_cast<ssize_t>(size))
            return complain("the stream ended early");
        if (std::memcmp(got.data(), wanted.data(), size) != 0) {
            dprintf(STDERR_FILENO, "the bytes from %llu on are wrong",
                    static_cast<unsigned long long>(bytes - left));
            return 1;
        }
        left -= size;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    char more;
    if (recv(connection, &more, 1, 0) != 0) return complain("more came than was sent");
    dprintf(STDOUT_FILENO, "%f", took.count());
    return 0;
}

}  // namespace ndiskit::cli
