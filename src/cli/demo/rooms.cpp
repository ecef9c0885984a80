#include "cli/demo/rooms.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <sstream>

#include "base/file.h"

namespace ndiskit::cli {
namespace {

constexpr std::string_view no_namespaces = "this system does not allow network namespaces";
constexpr Milliseconds namespace_patience{5000};

// Files of /proc take one write.
bool put(const char* path, const std::string& text) {
    const int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0) return false;
    const bool good = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    close(file);
    return good;
}

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> words{"ip"};
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

std::string network_of(pid_t process) { return fmt::format("/proc/{}/ns/net", process); }

// A named column of /proc/net/snmp, whose lines come in pairs: names, then numbers.
uint64_t snmp_counter(const std::string& text, std::string_view protocol, std::string_view name) {
    std::istringstream lines(text);
    for (std::string names, numbers; std::getline(lines, names) && std::getline(lines, numbers);) {
        std::istringstream name_words(names), number_words(numbers);
        std::string word, number;
        if (!(name_words >> word && number_words >> number) || word != protocol) continue;
        while (name_words >> word && number_words >> number)
            if (word == name) return std::strtoull(number.c_str(), nullptr, 10);
    }
    return 0;
}

// Dropped on receive and on transmit, over all interfaces of /proc/net/dev.
uint64_t interface_drops(const std::string& text) {
    constexpr int receive_drops = 3, transmit_drops = 11;
    uint64_t drops = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const size_t colon = line.find(':');
        if (colon == std::string::npos) continue;
        std::istringstream numbers(line.substr(colon + 1));
        uint64_t number = 0;
        for (int column = 0; numbers >> number; ++column)
            if (column == receive_drops || column == transmit_drops) drops += number;
    }
    return drops;
}

}  // namespace

Room::Room(Room&& other) noexcept
    : name_(std::move(other.name_)),
      network_(std::exchange(other.network_, -1)),
      holder_(std::move(other.holder_)) {}

Room::~Room() {
    if (network_ >= 0) close(network_);
}

Result<Room> Room::here() {
    if (geteuid() == 0) {
        if (unshare(CLONE_NEWNET) != 0) return fail_errno(std::string(no_namespaces));
    } else {
        const std::string user = std::to_string(geteuid()), group = std::to_string(getegid());
        if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return fail_errno(std::string(no_namespaces));
        if (!put("/proc/self/setgroups", "deny") || !put("/proc/self/uid_map", "0 " + user + " 1") ||
            !put("/proc/self/gid_map", "0 " + group + " 1"))
            return fail_errno("cannot become the administrator of a user namespace");
    }
    const int network = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (network < 0) return fail_errno(std::string(no_namespaces));
    Room room("machine", network);
    TRY(room.ip("link set lo up"));
    return room;
}

Result<Room> Room::create(const std::string& name) {
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) != 0) return fail_errno("cannot make a network namespace");
    auto holder = Child::function([&] {
        if (unshare(CLONE_NEWNET) != 0) return 1;
        if (write(ready[1], "", 1) != 1) return 1;
        for (;;) pause();
    });
    pollfd moved{.fd = ready[0], .events = POLLIN, .revents = 0};
    const bool good =
        holder && poll(&moved, 1, static_cast<int>(namespace_patience.count())) == 1 && holder->running();
    close(ready[0]);
    close(ready[1]);
    if (!good) return fail(std::string(no_namespaces));
    const int network = open(network_of(holder->id()).c_str(), O_RDONLY | O_CLOEXEC);
    if (network < 0) return fail_errno(std::string(no_namespaces));
    Room room(name, network);
    room.holder_ = std::move(*holder);
    TRY(room.ip("link set lo up"));
    return room;
}

uint64_t Room::host_drops() const {
    const auto snmp = read_text_file(fmt::format("/proc/{}/net/snmp", holder_.id()));
    const auto interfaces = read_text_file(fmt::format("/proc/{}/net/dev", holder_.id()));
    return (snmp ? snmp_counter(*snmp, "Udp:", "RcvbufErrors") : 0) +
           (interfaces ? interface_drops(*interfaces) : 0);
}

Result<> Room::ip(const std::string& words) const {
    TRY(run_program(words_of(words), network_));
    return {};
}

Result<> Room::give(const std::string& interface, const Room& to, const std::string& address) const {
    TRY(ip(fmt::format("link set {} netns {}", interface, to.holder_.id())));
    if (!address.empty()) TRY(to.ip(fmt::format("address add {} dev {}", address, interface)));
    return to.ip(fmt::format("link set {} up", interface));
}

}  // namespace ndiskit::cli
