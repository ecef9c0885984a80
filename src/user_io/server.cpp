#include "user_io/server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/log.h"
#include "client/device.h"
#include "client/link.h"
#include "engine/engine.h"
#include "nt/exception/crash_report.h"
#include "user_io/connection.h"

namespace ndiskit::user_io {

namespace {

constexpr int most_programs = 64;

client::Account account_of(const ucred& peer) {
    if (peer.uid == 0) return client::Account::system;
    return peer.uid == ::geteuid() ? client::Account::administrator : client::Account::user;
}

Result<sockaddr_un> address_of(const std::string& path) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return fail("the path is too long for a socket", path);
    std::ranges::copy(path, address.sun_path);
    return address;
}

bool listens(const std::string& path) { return client::connect_socket(path).has_value(); }

// Ours alone when it is made here. In one of another user's, that user could put a socket in place of ours.
Result<> make_folder(const std::string& folder) {
    std::error_code error;
    if (std::filesystem::create_directories(folder, error)) ::chmod(folder.c_str(), 0700);
    if (error) return fail("cannot make the folder of sockets: " + error.message(), folder);
    struct stat about = {};
    if (::stat(folder.c_str(), &about) != 0)
        return fail_errno("cannot look at the folder of sockets", folder);
    if (about.st_uid != ::geteuid() && about.st_uid != 0)
        return fail("the folder of sockets belongs to another user", folder,
                    "set NDISKIT_SOCKETS to one of your own");
    return {};
}

// The first of NAME, NAME-2, NAME-3 ... on which nobody listens; what a killed machine left is taken over.
Result<std::string> free_path(const std::string& name) {
    if (name.find('/') != name.npos) {
        if (listens(name)) return fail("another machine listens there", name);
        return name;
    }
    const std::string folder = client::socket_folder();
    TRY(make_folder(folder));
    for (int number = 1; number < 1000; ++number) {
        const std::string path = number == 1 ? fmt::format("{}/{}.sock", folder, name)
                                             : fmt::format("{}/{}-{}.sock", folder, name, number);
        if (!listens(path)) return path;
    }
    return fail("too many machines have this name", name);
}

bool send_all(int socket, const std::vector<uint8_t>& frame) {
    for (size_t at = 0; at < frame.size();) {
        const ssize_t sent = ::send(socket, frame.data() + at, frame.size() - at, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        at += static_cast<size_t>(sent);
    }
    return true;
}

// The sockets of the programs, for a machine that dies: no lock, since one may be held then.
std::array<std::atomic<int>, most_programs> sockets;  // + 1, so that 0 is none
std::array<uint8_t, client::head_size> last_words;

void remember(int socket) {
    for (auto& place : sockets)
        if (int none = 0; place.compare_exchange_strong(none, socket + 1)) return;
}
void forget(int socket) {
    for (auto& place : sockets)
        if (int mine = socket + 1; place.compare_exchange_strong(mine, 0)) return;
}

// Into what room the socket has: a program that does not read must not hold up the machine's end. A frame
// that another thread is in the middle of stays cut, and the program sees no more than that the machine is
// gone.
void tell_programs(uint32_t stop_code) {
    std::memcpy(last_words.data() + client::code_place, &stop_code, sizeof stop_code);
    for (const auto& place : sockets)
        if (const int socket = place.load(); socket != 0)
            (void)::send(socket - 1, last_words.data(), last_words.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

// The frame is made beforehand: a dying machine cannot count on its heap.
void prepare_last_words() {
    client::Message message;
    message.kind = client::Kind::crashed;
    std::ranges::copy(client::encode(message), last_words.begin());
    nt::exception::set_last_words(tell_programs);
}

}  // namespace

// One program's socket, and the thread that reads it.
class Program {
  public:
    Program(int socket, const ucred& peer)
        : socket_(socket),
          connection_(std::make_unique<Connection>(
              fmt::format("program {}", peer.pid), account_of(peer),
              // A program that is gone, or does not read, is ended by the reading thread.
              [socket](const std::vector<uint8_t>& frame) { send_all(socket, frame); })) {
        remember(socket_);
    }
    ~Program() {
        forget(socket_);
        ::close(socket_);
    }

    void start() {
        thread_ = nt::Thread::start("program's reader", [this] { read(); });
    }
    void hang_up() { ::shutdown(socket_, SHUT_RDWR); }
    bool is_over() const { return over_; }
    // When it is over, or after hang_up: what did not come back.
    std::vector<std::string> join() {
        thread_.join();
        return std::move(stuck_);
    }

  private:
    void read() {
        client::Splitter splitter;
        std::array<uint8_t, 65536> bytes;
        bool good = true;
        while (good && !splitter.broken()) {
            engine::the().wait_readable(socket_, engine::never);
            const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
            if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
            if (got <= 0) break;
            splitter.add(std::span(bytes).first(static_cast<size_t>(got)));
            for (auto frame = splitter.next(); good && !frame.empty(); frame = splitter.next())
                good = connection_->receive(frame);
        }
        hang_up();
        stuck_ = connection_->end();
        // Drivers still have requests of it.
        if (!stuck_.empty()) (void)connection_.release();
        over_ = true;
    }

    const int socket_;
    std::unique_ptr<Connection> connection_;
    nt::Thread thread_;
    std::vector<std::string> stuck_;
    std::atomic<bool> over_ = false;
};

Result<std::unique_ptr<Server>> Server::start(const std::string& name_or_path) {
    const std::string path = TRY(free_path(name_or_path));
    const sockaddr_un address = TRY(address_of(path));
    ::unlink(path.c_str());
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const mode_t before = ::umask(0177);
    const bool bound = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::umask(before);
    if (!bound || ::listen(socket, most_programs) != 0) {
        const auto error = fail_errno("cannot listen for programs", path);
        ::close(socket);
        return error;
    }
    std::unique_ptr<Server> server(new Server(socket, path));
    prepare_last_words();
    server->listener_ = nt::Thread::start("programs' listener", [it = server.get()] { it->listen(); });
    return server;
}

Server::Server(int socket, std::string path) : socket_(socket), path_(std::move(path)) {}

Server::~Server() {
    stop();
    ::close(socket_);
}

void Server::listen() {
    for (;;) {
        engine::the().wait_readable(socket_, engine::never);
        const int socket = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0 && (errno == EINTR || errno == EAGAIN || errno == ECONNABORTED)) continue;
        if (socket < 0 && (errno == EMFILE || errno == ENFILE)) {
            // The program waits until a descriptor is free.
            engine::the().park(engine::the().now() + 10 * engine::millisecond);
            continue;
        }
        if (socket < 0) return;
        forget_the_gone();
        ucred peer = {};
        socklen_t size = sizeof peer;
        const bool known = ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
        const size_t programs = programs_.with([](Programs& p) { return p.all.size(); });
        if (!known || programs >= most_programs) {
            log_warning("io", "a program is turned away: there are {} already", programs);
            ::close(socket);
            continue;
        }
        auto program = std::make_unique<Program>(socket, peer);
        program->start();
        programs_.with([&](Programs& p) { p.all.push_back(std::move(program)); });
    }
}

void Server::forget_the_gone() {
    std::vector<std::unique_ptr<Program>> gone;
    programs_.with([&](Programs& p) {
        const auto over =
            std::ranges::partition(p.all, [](const auto& program) { return !program->is_over(); });
        std::ranges::move(over, std::back_inserter(gone));
        p.all.erase(over.begin(), over.end());
    });
    std::vector<std::string> lines;
    for (const auto& program : gone) std::ranges::move(program->join(), std::back_inserter(lines));
    programs_.with([&](Programs& p) { std::ranges::move(lines, std::back_inserter(p.stuck)); });
}

std::vector<std::string> Server::stop() {
    if (std::exchange(stopped_, true)) return {};
    ::shutdown(socket_, SHUT_RDWR);  // wakes the listener
    listener_.join();
    ::unlink(path_.c_str());
    auto [programs, stuck] =
        programs_.with([](Programs& p) { return std::pair(std::move(p.all), std::move(p.stuck)); });
    for (const auto& program : programs) program->hang_up();
    for (const auto& program : programs) std::ranges::move(program->join(), std::back_inserter(stuck));
    return stuck;
}

}  // namespace ndiskit::user_io
