#include "build/compile_commands.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "build/json.h"

namespace ndiskit::build {
namespace {

constexpr std::string_view file_name = "compile_commands.json";

std::string entry_of(const CompileJob& job) {
    std::string arguments;
    for (const std::string& argument : job.command.arguments)
        arguments += (arguments.empty() ? "" : ", ") + json_string(argument);
    return fmt::format("{{\"directory\": {}, \"file\": {}, \"output\": {}, \"arguments\": [{}]}}",
                       json_string(job.command.folder.string()), json_string(job.source.string()),
                       json_string(job.object.string()), arguments);
}

// Only files of this kit's own making are joined: "[\n", entries, "\n]\n".
std::string entries_of(const std::string& text) {
    return text.size() > 5 ? text.substr(2, text.size() - 5) : std::string();
}

Result<std::string> join_parts(const fs::path& out) {
    std::vector<fs::path> parts;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(out, error))
        if (entry.path().extension() == ".build" && fs::exists(entry.path() / file_name, error))
            parts.push_back(entry.path() / file_name);
    std::ranges::sort(parts);
    std::string joined;
    for (const fs::path& part : parts) {
        const std::string entries = entries_of(TRY(read_text_file(part)));
        if (!entries.empty()) joined += (joined.empty() ? "" : ",\n") + entries;
    }
    return "[\n" + joined + "\n]\n";
}

}  // namespace

Result<> write_compile_commands(const fs::path& out, const fs::path& objects,
                                const std::vector<CompileJob>& jobs) {
    std::string text;
    for (const CompileJob& job : jobs) text += (text.empty() ? "" : ",\n") + entry_of(job);
    TRY(write_text_file(objects / file_name, "[\n" + text + "\n]\n"));
    // Several drivers may be built into one folder at once; the last to hold the lock sees every part.
    const int lock = open(out.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock >= 0) flock(lock, LOCK_EX);
    const Result<std::string> joined = join_parts(out);
    Result<> written = joined ? write_text_file(out / file_name, *joined) : std::unexpected(joined.error());
    if (lock >= 0) close(lock);
    return written;
}

}  // namespace ndiskit::build
