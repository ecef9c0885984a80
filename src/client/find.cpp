// Which machines run, and where their sockets are: NAME.sock in one folder of the user's.
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "client/link.h"

namespace ndiskit::client {

namespace {

constexpr std::string_view suffix = ".sock";

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::expected<std::string, std::string> path_of(std::string_view name) {
    if (name.find('/') != name.npos) return std::string(name);
    const auto machines = running_machines();
    if (!name.empty()) {
        if (std::ranges::find(machines, name) != machines.end())
            return socket_folder() + "/" + std::string(name) + std::string(suffix);
        return std::unexpected("no machine '" + std::string(name) +
                               "' runs; there are: " + (machines.empty() ? "none" : joined(machines)));
    }
    if (machines.empty()) return std::unexpected("no machine runs: start one with `ndiskit run`");
    if (machines.size() > 1)
        return std::unexpected("several machines run, so say which: " + joined(machines));
    return socket_folder() + "/" + machines[0] + std::string(suffix);
}

}  // namespace

std::string socket_folder() {
    if (const char* folder = std::getenv("NDISKIT_SOCKETS"); folder && *folder) return folder;
    if (const char* folder = std::getenv("XDG_RUNTIME_DIR"); folder && *folder)
        return std::string(folder) + "/ndiskit";
    return "/tmp/ndiskit-" + std::to_string(::getuid());
}

std::vector<std::string> running_machines() {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(socket_folder(), error)) {
        std::string name = entry.path().filename().string();
        // What nobody listens on was left by a machine that was killed.
        if (!name.ends_with(suffix) || !connect_socket(entry.path().string())) continue;
        name.resize(name.size() - suffix.size());
        names.push_back(std::move(name));
    }
    std::ranges::sort(names);
    return names;
}

std::expected<Machine, std::string> Machine::connect(std::string_view name, Account account) {
    if (const char* given = std::getenv("NDISKIT_MACHINE"); name.empty() && given) name = given;
    const auto path = path_of(name);
    if (!path) return std::unexpected(path.error());
    auto link = connect_socket(*path);
    if (!link) return std::unexpected(link.error());
    return over(std::move(*link), account);
}

}  // namespace ndiskit::client
