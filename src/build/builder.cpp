#include "build/builder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <thread>

#include "base/file.h"
#include "build/compile_commands.h"
#include "build/folder.h"
#include "build/generated.h"
#include "build/link.h"
#include "build/redeclaration.h"
#include "build/resource.h"
#include "build/vcxproj.h"

namespace ndiskit::build {
namespace {

// Runs a program whose words matter only when it fails.
Result<bool> run_aloud(const Command& command) {
    const Finished finished = TRY(run(command));
    if (finished.exit_code != 0) std::fwrite(finished.output.data(), 1, finished.output.size(), stderr);
    return finished.exit_code == 0;
}

class Build {
  public:
    Build(const Options& options, const Toolchain& tools, Project project)
        : options_(options), tools_(tools), project_(std::move(project)) {}

    Result<Report> run();

  private:
    Result<> prepare_folders();
    Result<bool> compile();
    Result<bool> compile_resources();
    Result<bool> link();
    void say(const std::string& line) const;
    bool finish_compile(const CompileJob& job, Finished finished);
    Finished retry_without_redeclarations(const CompileJob& job, Finished finished);

    const Options& options_;
    const Toolchain& tools_;
    Project project_;
    Report report_;
    fs::path out_, objects_;
    std::vector<CompileJob> jobs_;
    std::vector<fs::path> resources_;
};

void Build::say(const std::string& line) const {
    if (options_.progress) fmt::print(stderr, "{}\n", line);
}

Result<> Build::prepare_folders() {
    std::error_code error;
    out_ = options_.out.empty() ? project_.folder / "build" : fs::absolute(options_.out);
    out_ = out_.lexically_normal();
    objects_ = out_ / (project_.name + ".build");
    fs::create_directories(objects_, error);
    if (error) return fail("cannot make the output folder: " + error.message(), objects_.string());
    report_.image = out_ / (project_.name + ".sys");
    report_.source_root = source_root(project_);
    // Debuggers put this in front of the relative paths in the image.
    return write_text_file(objects_ / "source-root", report_.source_root.string() + "\n");
}

// A source that fails for Microsoft's leniency with pointers alone is compiled again without what conflicts.
Finished Build::retry_without_redeclarations(const CompileJob& job, Finished finished) {
    const fs::path copies = objects_ / "redeclared" / job.object.filename();
    const Result<std::optional<Command>> again =
        without_redeclarations(job.command, finished.output, copies, report_.notes);
    if (!again || !*again) return finished;
    Result<Finished> second = build::run(**again);
    if (!second) return finished;
    return std::move(*second);
}

// What the compiler said reaches the user as it is, warnings included.
bool Build::finish_compile(const CompileJob& job, Finished finished) {
    const size_t known_notes = report_.notes.size();
    if (finished.exit_code != 0 && project_.foreign)
        finished = retry_without_redeclarations(job, std::move(finished));
    for (size_t i = known_notes; i < report_.notes.size(); ++i) say("note: " + report_.notes[i]);
    std::fwrite(finished.output.data(), 1, finished.output.size(), stderr);
    if (finished.exit_code != 0) return false;
    if (Result<> written = write_text_file(job.command_file, job.command.text()); !written)
        say(written.error().text());
    return true;
}

Result<bool> Build::compile() {
    const CompileContext context{tools_,   project_,           report_.source_root,
                                 objects_, options_.sanitizer, isatty(STDERR_FILENO) == 1};
    std::vector<Command> commands;
    std::vector<size_t> stale;
    for (const SourceFile& source : project_.sources) jobs_.push_back(compile_job(context, source));
    TRY(write_compile_commands(out_, objects_, jobs_));
    for (size_t i = 0; i < jobs_.size(); ++i) {
        if (up_to_date(jobs_[i])) continue;
        commands.push_back(jobs_[i].command);
        stale.push_back(i);
    }
    bool good = true;
    const Watcher watcher{[&](size_t i) {
                              say(fmt::format("[{}/{}] {}", i + 1, commands.size(),
                                              jobs_[stale[i]].source.filename().string()));
                          },
                          [&](size_t i, Finished finished) {
                              const bool compiled = finish_compile(jobs_[stale[i]], std::move(finished));
                              good &= compiled;
                              report_.compiled += compiled;
                              return true;  // one run shows the errors of all sources
                          }};
    const unsigned jobs = options_.jobs ? options_.jobs : std::max(1u, std::thread::hardware_concurrency());
    TRY(run_all(commands, jobs, watcher));
    return good;
}

// A resource is preprocessed every time, which is quick, and compiled when that gave something new.
Result<bool> Build::compile_resources() {
    for (const ResourceFile& resource : project_.resources) {
        const ResourceJob job = resource_job(tools_, project_, resource, objects_);
        resources_.push_back(job.result);
        const Result<std::string> before = read_text_file(job.preprocessed);
        if (!TRY(run_aloud(job.preprocess))) return false;
        std::error_code error;
        if (before && *before == TRY(read_text_file(job.preprocessed)) && fs::exists(job.result, error))
            continue;
        if (!TRY(run_aloud(job.compile))) {
            fs::remove(job.result, error);
            return false;
        }
    }
    return true;
}

Result<bool> Build::link() {
    std::vector<fs::path> objects;
    for (const CompileJob& job : jobs_) objects.push_back(job.object);
    objects.insert(objects.end(), resources_.begin(), resources_.end());
    const Command command = TRY(link_command(tools_, project_, objects, report_.image));
    const fs::path command_file = objects_ / "link.cmd";
    const Result<std::string> last = read_text_file(command_file);
    std::error_code error;
    bool stale = !last || *last != command.text() || report_.compiled > 0;
    const fs::file_time_type made = fs::last_write_time(report_.image, error);
    stale |= static_cast<bool>(error);
    for (const fs::path& object : objects) stale = stale || fs::last_write_time(object, error) > made;
    if (!stale) return true;
    const Finished finished = TRY(build::run(command));
    std::fwrite(finished.output.data(), 1, finished.output.size(), stderr);
    if (finished.exit_code != 0) {
        // An image of older sources must not pass for this one.
        fs::remove(report_.image, error);
        return false;
    }
    report_.linked = true;
    TRY(write_text_file(command_file, command.text()));
    return true;
}

Result<Report> Build::run() {
    const auto begin = std::chrono::steady_clock::now();
    report_.sources = project_.sources.size();
    report_.notes = project_.notes;
    for (const std::string& note : report_.notes) say("note: " + note);
    TRY(prepare_folders());
    TRY(generate_headers(project_, tools_, objects_ / "include"));
    report_.built = TRY(compile()) && TRY(compile_resources()) && TRY(link());
    report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (report_.built)
        say(fmt::format("{} {}", report_.image.string(),
                        report_.linked ? fmt::format("({:.1f} s)", report_.seconds) : "is up to date"));
    return report_;
}

// The Windows kit has hundreds of libraries. What a driver really uses of one that is not here shows when it
// is linked, as the names of the missing functions.
void drop_unknown_libraries(Project& project, const Toolchain& tools) {
    std::erase_if(project.libraries, [&](const std::string& name) {
        const bool known = name.find('/') != std::string::npos || has_library(tools, name);
        if (!known) project.notes.push_back(fmt::format("the library {} is not part of the kit", name));
        return !known;
    });
}

}  // namespace

Result<Project> load_project(const Options& options, const Toolchain& tools) {
    std::error_code error;
    if (!fs::exists(options.input, error))
        return fail("no such file or folder", options.input.string(),
                    "name a folder of sources or a .vcxproj file");
    const bool folder = fs::is_directory(options.input, error);
    const ProjectChoice choice{options.configuration, options.platform, tools.ddk};
    Project project = TRY(folder ? project_from_folder(options.input, options.configuration)
                                 : project_from_vcxproj(options.input, choice));
    if (!options.name.empty()) project.name = options.name;
    for (SourceFile& source : project.sources) {
        source.defines.insert(source.defines.end(), options.defines.begin(), options.defines.end());
        for (const fs::path& folder : options.includes) source.includes.push_back(fs::absolute(folder));
    }
    drop_unknown_libraries(project, tools);
    if (options.sanitizer != Sanitizer::none) project.libraries.emplace_back("sanitizer");
    return project;
}

Result<Report> build_driver(const Options& options) {
    const Toolchain tools = TRY(find_toolchain());
    Project project = TRY(load_project(options, tools));
    return Build(options, tools, std::move(project)).run();
}

}  // namespace ndiskit::build
