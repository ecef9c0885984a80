// The link over a local socket: a thread of its own reads frames.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

#include "client/link.h"
#include "client/protocol.h"

namespace ndiskit::client {

namespace {

class SocketLink : public Link {
  public:
    explicit SocketLink(int socket) : socket_(socket) {}
    ~SocketLink() override { ::close(socket_); }

    void start(Receiver& receiver) override {
        reader_ = std::thread([this, &receiver] { read(receiver); });
    }

    bool send(const std::vector<uint8_t>& frame) override {
        const std::lock_guard whole(sending_);
        for (size_t at = 0; at < frame.size();) {
            const ssize_t sent = ::send(socket_, frame.data() + at, frame.size() - at, MSG_NOSIGNAL);
            if (sent < 0 && errno == EINTR) continue;
            if (sent <= 0) return false;
            at += static_cast<size_t>(sent);
        }
        return true;
    }

    void hang_up() override {
        ::shutdown(socket_, SHUT_RDWR);
        if (reader_.joinable()) reader_.join();
    }

    void start_thread(std::function<void()> body) override { threads_.emplace_back(std::move(body)); }

    void join_threads() override {
        for (std::thread& thread : threads_) thread.join();
        threads_.clear();
    }

    void lock() override { mutex_.lock(); }
    void unlock() override { mutex_.unlock(); }
    void wake() override { changed_.notify_all(); }
    Milliseconds now() override {
        return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
    }
    void wait(std::optional<Milliseconds> deadline) override {
        std::unique_lock held(mutex_, std::adopt_lock);
        if (deadline)
            changed_.wait_until(held, std::chrono::steady_clock::time_point(*deadline));
        else
            changed_.wait(held);
        held.release();
    }

  private:
    void read(Receiver& receiver) {
        Splitter splitter;
        std::array<uint8_t, 65536> bytes;
        for (;;) {
            const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), 0);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0 || splitter.broken()) break;
            splitter.add(std::span(bytes).first(static_cast<size_t>(got)));
            for (auto frame = splitter.next(); !frame.empty(); frame = splitter.next()) receiver.take(frame);
        }
        receiver.gone();
    }

    const int socket_;
    std::mutex mutex_, sending_;
    std::condition_variable changed_;
    std::thread reader_;
    std::vector<std::thread> threads_;
};

}  // namespace

std::expected<std::unique_ptr<Link>, std::string> connect_socket(const std::string& path) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        return std::unexpected(path + ": the path is too long for a socket");
    std::memcpy(address.sun_path, path.data(), path.size());
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket >= 0 && ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0)
        return std::make_unique<SocketLink>(socket);
    const std::string why = std::strerror(errno);
    if (socket >= 0) ::close(socket);
    return std::unexpected(path + ": " + why);
}

}  // namespace ndiskit::client
