#include "nt/exception/symbols.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "nt/image/pe.h"

extern char** environ;

namespace ndiskit::nt::exception {
namespace {

constexpr int symbolizer_patience_ms = 20'000;
constexpr const char* symbolizers[] = {"llvm-symbolizer-19", "llvm-symbolizer"};

std::string file_name(const std::string& path) { return std::filesystem::path(path).filename().string(); }

// Runs a program and returns what it wrote; empty when it could not be run or did not answer in time.
std::string output_of(std::vector<std::string> command) {
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0) return {};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipes[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    std::vector<char*> arguments;
    for (std::string& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    pid_t child = 0;
    const int failed = posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipes[1]);
    std::string output;
    char buffer[4096];
    pollfd ready = {pipes[0], POLLIN, 0};
    while (failed == 0 && poll(&ready, 1, symbolizer_patience_ms) == 1) {
        const ssize_t size = read(pipes[0], buffer, sizeof(buffer));
        if (size <= 0) break;
        output.append(buffer, static_cast<size_t>(size));
    }
    close(pipes[0]);
    if (failed == 0) waitpid(child, nullptr, 0);
    return output;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

// "file:line:column"
void read_place(std::string_view text, Symbol& symbol) {
    const size_t column = text.rfind(':');
    const size_t line = column == std::string_view::npos ? column : text.rfind(':', column - 1);
    if (line == std::string_view::npos || text.starts_with("??")) return;
    symbol.file = std::string(text.substr(0, line));
    symbol.line =
        static_cast<unsigned>(std::strtoul(std::string(text.substr(line + 1)).c_str(), nullptr, 10));
}

// The symbolizer answers each address with two lines and an empty one.
void ask_symbolizer(const image::Image& image, const std::vector<AddressQuery>& queries,
                    std::vector<Symbol>& symbols) {
    std::vector<size_t> asked;
    std::vector<std::string> command = {
        "", "--obj=" + image.path, "--relative-address", "--functions=linkage", "--demangle", "--no-inlines"};
    for (size_t n = 0; n < queries.size(); ++n) {
        if (symbols[n].module != image.name || !image.contains(reinterpret_cast<void*>(queries[n].address)))
            continue;
        asked.push_back(n);
        command.push_back(fmt::format("{:#x}", symbols[n].offset - (queries[n].is_return_address ? 1 : 0)));
    }
    if (asked.empty()) return;
    std::string output;
    for (const char* program : symbolizers) {
        command[0] = program;
        if (output = output_of(command); !output.empty()) break;
    }
    const auto lines = lines_of(output);
    size_t line = 0;
    for (const size_t n : asked) {
        if (line + 1 >= lines.size()) return;
        if (lines[line] != "??") symbols[n].function = std::string(lines[line]);
        read_place(lines[line + 1], symbols[n]);
        line += 3;
    }
}

void name_by_export(const image::Image& image, Symbol& symbol) {
    const image::ExportedName* best = nullptr;
    for (const image::ExportedName& row : image.pe().exports())
        if (row.rva <= symbol.offset && (!best || row.rva > best->rva)) best = &row;
    if (!best) return;
    symbol.function = best->name;
    symbol.function_offset = symbol.offset - best->rva;
}

Symbol host_symbol(const AddressQuery& query) {
    Symbol symbol;
    Dl_info info;
    const uint64_t address = query.address - (query.is_return_address ? 1 : 0);
    if (!dladdr(reinterpret_cast<void*>(address), &info) || !info.dli_fname) return symbol;
    symbol.module = file_name(info.dli_fname);
    symbol.offset = query.address - reinterpret_cast<uint64_t>(info.dli_fbase);
    if (!info.dli_sname) return symbol;
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> readable(
        abi::__cxa_demangle(info.dli_sname, nullptr, nullptr, &status), &std::free);
    symbol.function = status == 0 ? readable.get() : info.dli_sname;
    symbol.function_offset = query.address - reinterpret_cast<uint64_t>(info.dli_saddr);
    return symbol;
}

}  // namespace

std::string Symbol::text() const {
    if (module.empty()) return "(nowhere)";
    if (function.empty()) return fmt::format("{}+{:#x}", module, offset);
    std::string result = module + "!" + function;
    if (!file.empty()) return fmt::format("{} ({}:{})", result, file, line);
    if (function_offset != 0) result += fmt::format("+{:#x}", function_offset);
    return result;
}

std::vector<Symbol> symbolize(const std::vector<AddressQuery>& addresses) {
    std::vector<Symbol> symbols;
    for (const AddressQuery& query : addresses) {
        const Place place = image_of(reinterpret_cast<void*>(query.address));
        if (!place) {
            symbols.push_back(host_symbol(query));
            continue;
        }
        Symbol symbol;
        symbol.module = place.image->name;
        symbol.offset = place.offset;
        symbols.push_back(std::move(symbol));
    }
    for (const image::Image* image : image::images()) {
        ask_symbolizer(*image, addresses, symbols);
        for (size_t n = 0; n < symbols.size(); ++n)
            if (symbols[n].function.empty() && image->contains(reinterpret_cast<void*>(addresses[n].address)))
                name_by_export(*image, symbols[n]);
    }
    return symbols;
}

}  // namespace ndiskit::nt::exception
