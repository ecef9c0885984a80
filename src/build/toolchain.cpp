#include "build/toolchain.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/file.h"
#include "build/process.h"

namespace ndiskit::build {
namespace {

// Kernel code: no FPU state is implied, no library but ours is there, and the cookie is checked.
const char* const kernel_options[] = {
    "--target=x86_64-w64-windows-gnu",
    "-nostdlibinc",
    "-ffreestanding",
    "-fms-extensions",
    "-fno-auto-import",  // the kernel's data imports are declared as such; no run-time relocations by mingw
    "-fno-strict-aliasing",
    // __try guards every load and store in it, not only calls: in a driver it is a read that faults.
    "-Xclang",
    "-fasync-exceptions",
    "-fno-omit-frame-pointer",
    "-fno-ident",
    "-fasynchronous-unwind-tables",  // .pdata for every function: exceptions and stack traces need it
    "-gdwarf",
    "-D_AMD64_=1",
    "-DAMD64=1",
    "-DWINNT=1",
};

// The C++ library of the compiler that builds the host; a driver may use what of it is freestanding.
const char* const libstdcxx = "/usr/include/c++/12";
const char* const libstdcxx_target = "/usr/include/x86_64-linux-gnu/c++/12";

fs::path environment_path(const char* name, const fs::path& otherwise) {
    const char* value = std::getenv(name);
    return value && *value ? fs::path(value) : otherwise;
}

fs::path default_cache() {
    const char* home = std::getenv("HOME");
    const fs::path fallback = home && *home ? fs::path(home) / ".cache" : fs::path("/tmp");
    return environment_path("NDISKIT_CACHE", environment_path("XDG_CACHE_HOME", fallback) / "ndiskit");
}

bool on_path(const std::string& program) {
    const char* path = std::getenv("PATH");
    std::string rest = path ? path : "/usr/bin:/bin";
    for (size_t begin = 0; begin <= rest.size();) {
        const size_t end = std::min(rest.find(':', begin), rest.size());
        if (access((fs::path(rest.substr(begin, end - begin)) / program).c_str(), X_OK) == 0) return true;
        begin = end + 1;
    }
    return false;
}

Result<> run_tool(const Command& command, const std::string& purpose) {
    const Finished finished = TRY(run(command));
    if (finished.exit_code != 0) return fail(purpose + " failed: " + finished.output, command.text());
    return {};
}

// Makes `target` by `make(temporary)` unless it is there; others may do the same at the same time.
template <class Make>
Result<> make_once(const fs::path& target, Make&& make) {
    std::error_code error;
    if (fs::exists(target, error)) return {};
    fs::create_directories(target.parent_path(), error);
    if (error) return fail("cannot make the cache folder: " + error.message(), target.parent_path());
    const fs::path temporary = target.string() + fmt::format(".{}.tmp", getpid());
    TRY(make(temporary));
    fs::rename(temporary, target, error);
    if (error) return fail("cannot write the library: " + error.message(), target);
    return {};
}

Result<fs::path> import_library(const Toolchain& tools, const fs::path& definition, const std::string& name) {
    const std::string text = TRY(read_text_file(definition));
    const fs::path target = tools.cache / fmt::format("{}-{}.lib", name, content_hash(text));
    TRY(make_once(target, [&](const fs::path& out) {
        return run_tool({{tools.dlltool, "-m", "i386:x86-64", "-d", definition, "-l", out}, {}},
                        "making an import library");
    }));
    return target;
}

std::vector<fs::path> library_sources(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

std::vector<std::string> library_options(const Toolchain& tools, bool cxx) {
    std::vector<std::string> options = {cxx ? tools.clangxx : tools.clang};
    for (std::string& option : target_options(tools, cxx)) options.push_back(std::move(option));
    for (const char* option :
         {"-D_WIN32_WINNT=0x0A00", "-DNTDDI_VERSION=0x0A000010", "-O2", "-fno-stack-protector", "-Wall",
          "-Werror", "-fdebug-compilation-dir=.", "-fno-file-reproducible"})
        options.emplace_back(option);
    options.push_back(fmt::format("-ffile-prefix-map={}/=ddk/", tools.ddk.string()));
    return options;
}

Result<> compile_library(const Toolchain& tools, const std::vector<fs::path>& files, const fs::path& out) {
    const fs::path objects = out.string() + ".objects";
    std::error_code error;
    fs::create_directories(objects, error);
    std::vector<std::string> librarian = {tools.lld_link, "/lib", "/nologo", "/out:" + out.string()};
    for (const fs::path& file : files) {
        if (file.extension() == ".h") continue;
        const fs::path object = objects / (file.stem().string() + ".o");
        Command command{library_options(tools, file.extension() == ".cpp"), {}};
        command.arguments.insert(command.arguments.end(), {"-c", file, "-o", object});
        TRY(run_tool(command, "compiling start-up code"));
        librarian.push_back(object);
    }
    TRY(run_tool({librarian, {}}, "making a library"));
    fs::remove_all(objects, error);
    return {};
}

Result<fs::path> source_library(const Toolchain& tools, const fs::path& folder, const std::string& name) {
    const std::vector<fs::path> files = library_sources(folder);
    std::string content;
    for (const fs::path& file : files) content += file.filename().string() + TRY(read_text_file(file));
    for (const bool cxx : {false, true}) content += Command{library_options(tools, cxx), {}}.text();
    const fs::path target = tools.cache / fmt::format("{}-code-{}.lib", name, content_hash(content));
    TRY(make_once(target, [&](const fs::path& out) { return compile_library(tools, files, out); }));
    return target;
}

}  // namespace

std::string content_hash(std::string_view text) {
    uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
    for (unsigned char c : text) hash = (hash ^ c) * 0x100000001b3;
    return fmt::format("{:016x}", hash);
}

Result<Toolchain> find_toolchain() {
    Toolchain tools{"clang-19", "clang++-19", "lld-link-19",  "llvm-dlltool-19", "llvm-rc-19", {},
                    {},         {},           default_cache()};
    for (const std::string& program : {tools.clang, tools.clangxx, tools.lld_link, tools.dlltool})
        if (!on_path(program))
            return fail("this program is missing: " + program, {}, "apt-get install clang-19 lld-19 llvm-19");
    std::error_code error;
    tools.ddk = fs::weakly_canonical(environment_path("NDISKIT_DDK", NDISKIT_DDK_DIR), error);
    if (!fs::is_directory(tools.ddk / "lib", error))
        return fail("the kit's ddk folder is missing", tools.ddk.string(), "set NDISKIT_DDK to it");
    for (const char* candidate : {"/usr/share/mingw-w64/include", "/usr/x86_64-w64-mingw32/include"})
        if (tools.mingw_include.empty() && fs::exists(fs::path(candidate) / "ddk/wdm.h", error))
            tools.mingw_include = candidate;
    if (tools.mingw_include.empty())
        return fail("the headers of mingw-w64 are missing", {}, "apt-get install mingw-w64-x86-64-dev");
    const Finished asked = TRY(run({{tools.clang, "-print-resource-dir"}, {}}));
    tools.clang_include = fs::path(asked.output.substr(0, asked.output.find('\n'))) / "include";
    return tools;
}

std::vector<std::string> target_options(const Toolchain& tools, bool cxx) {
    std::vector<std::string> options(std::begin(kernel_options), std::end(kernel_options));
    if (cxx)
        for (const char* option :
             {"-std=c++23", "-nostdinc++", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics",
              "-fno-use-cxa-atexit", "-fno-sized-deallocation"})
            options.emplace_back(option);
    else
        options.emplace_back("-std=gnu17");
    for (const fs::path& folder : {tools.ddk / "include", tools.ddk})
        options.insert(options.end(), {"-isystem", folder.string()});
    std::vector<fs::path> system = {tools.mingw_include, tools.mingw_include / "ddk"};
    // Last, so that its wrappers of C headers do not stand before the C headers themselves.
    if (cxx) system.insert(system.end(), {tools.ddk / "cxx", libstdcxx, libstdcxx_target});
    for (const fs::path& folder : system)
        options.insert(options.end(), {"-Xclang", "-internal-isystem", "-Xclang", folder.string()});
    return options;
}

bool has_library(const Toolchain& tools, const std::string& name) {
    std::error_code error;
    return fs::exists(tools.ddk / "lib" / (name + ".def"), error) ||
           fs::is_directory(tools.ddk / "lib" / name, error);
}

Result<std::vector<fs::path>> library(const Toolchain& tools, const std::string& name) {
    std::vector<fs::path> files;
    std::error_code error;
    const fs::path definition = tools.ddk / "lib" / (name + ".def");
    if (fs::exists(definition, error)) files.push_back(TRY(import_library(tools, definition, name)));
    const fs::path folder = tools.ddk / "lib" / name;
    if (fs::is_directory(folder, error)) files.push_back(TRY(source_library(tools, folder, name)));
    return files;
}

}  // namespace ndiskit::build
