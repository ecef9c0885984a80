// Compares the types, constants, macros and prototypes of ddk/include with tests/facts/abi, by compiling
// checks that generate.py makes of the facts: for the host and for Windows targets, in C and in C++, and for
// each NDIS version a driver may be written for. Then makes single facts wrong, one of each kind, to see the
// comparison fail.
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

const std::string source_dir = NDISKIT_SOURCE_DIR;
const std::string test_dir = source_dir + "/tests/unit/abi";

struct Outcome {
    int status = -1;
    std::string output;
};

Outcome run(const std::string& command) {
    Outcome outcome;
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    if (!pipe) return outcome;
    std::array<char, 4096> chunk;
    while (size_t got = fread(chunk.data(), 1, chunk.size(), pipe)) outcome.output.append(chunk.data(), got);
    const int status = pclose(pipe);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

std::string read(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

// A compiler for which ndis.h must compile, and the NT base that it stands on there, which is precompiled
// because the tests compile many small units. The optimizer folds the checks of bit fields; on the host it
// does so only if each is accessed on its own.
struct Compiler {
    const char* name;
    std::string command;
    const char* language;
    const char* nt_base;
};

const std::string windows_target =
    " --target=x86_64-w64-windows-gnu -fms-extensions"
    " -isystem /usr/share/mingw-w64/include/ddk -isystem /usr/share/mingw-w64/include";
const std::string warnings =
    " -Wall -Wextra -Werror -Wno-microsoft -Wno-unused-parameter '-Wno-error=#warnings' '-Wno-#warnings'";
const Compiler windows_c = {"windows-c", "clang-19 -std=gnu17" + windows_target + warnings, "c", "ntddk.h"};
const Compiler windows_cpp = {"windows-cpp", "clang++-19 -std=c++23" + windows_target + warnings, "c++",
                              "ntddk.h"};
const Compiler host_cpp = {
    "host-cpp", "clang++-19 -std=c++23 -ffine-grained-bitfield-accesses -I" + source_dir + "/src" + warnings,
    "c++", "nt/abi.h"};
const std::array<Compiler, 3> compilers = {windows_c, windows_cpp, host_cpp};

const std::string level_of_facts = "#define NDIS680 1\n#define NDIS680_MINIPORT 1\n";
const std::string all_checks = level_of_facts + "#include \"checks.h\"\n#include \"facts.inc\"\n";

class Abi : public testing::Test {
  protected:
    Abi() : dir_(fmt::format("{}/abi-{}", NDISKIT_BUILD_DIR, getpid())) {
        std::filesystem::create_directories(dir_);
    }
    ~Abi() override { std::filesystem::remove_all(dir_); }

    // The checks made of the facts: `options` are those of generate.py.
    Outcome generate(const std::string& options = "",
                     const std::string& left_out = test_dir + "/left_out.tsv") {
        return run(
            fmt::format("python3 {0}/generate.py {1}/tests/facts/abi {1}/ddk/include {2} {3}/facts.inc {4}",
                        test_dir, source_dir, left_out, dir_, options));
    }

    // Compiles `text` on top of the compiler's NT base. `mode` is -fsyntax-only, or -O2 where bit fields are
    // checked.
    Outcome compile(const Compiler& compiler, const std::string& text,
                    const std::string& mode = "-fsyntax-only") {
        const std::string common = fmt::format("{} {} -I{}/ddk/include -I{} -I{}", compiler.command,
                                               mode == "-O2" ? mode : "", source_dir, test_dir, dir_);
        const std::string base = fmt::format("{}/{}{}.pch", dir_, compiler.name, mode);
        if (!std::filesystem::exists(base)) {
            std::ofstream(base + ".h") << fmt::format("#include <{}>\n", compiler.nt_base);
            const Outcome made =
                run(fmt::format("{0} -x {1}-header {2}.h -o {2}", common, compiler.language, base));
            if (made.status != 0) return made;
        }
        std::ofstream(dir_ + "/unit.c") << text;
        return run(fmt::format("{} {} -c -o /dev/null -include-pch {} -x {} {}/unit.c", common,
                               mode == "-O2" ? "" : mode, base, compiler.language, dir_));
    }

    void compare(const Compiler& compiler) {
        const Outcome facts = generate();
        ASSERT_EQ(facts.status, 0) << facts.output;
        const Outcome outcome = compile(compiler, all_checks, "-O2");
        EXPECT_EQ(outcome.status, 0) << outcome.output;
    }

    std::string dir_;
};

TEST_F(Abi, every_record_constant_macro_and_function_is_counted) {
    const Outcome facts = generate();
    ASSERT_EQ(facts.status, 0) << facts.output;
    EXPECT_NE(facts.output.find("record sizes 423\n"), std::string::npos) << facts.output;
    EXPECT_NE(facts.output.find("constants 3116\n"), std::string::npos) << facts.output;
}

TEST_F(Abi, windows_c_agrees_with_the_facts) { compare(windows_c); }
TEST_F(Abi, windows_cpp_agrees_with_the_facts) { compare(windows_cpp); }
TEST_F(Abi, host_agrees_with_the_facts) { compare(host_cpp); }

// The host takes all that the newest version has; what the facts know must not have moved.
TEST_F(Abi, host_at_the_newest_version_agrees_with_the_facts) {
    const Outcome facts = generate("--newer " + test_dir + "/newer.tsv");
    ASSERT_EQ(facts.status, 0) << facts.output;
    const Outcome outcome = compile(host_cpp, "#include \"checks.h\"\n#include \"facts.inc\"\n", "-O2");
    EXPECT_EQ(outcome.status, 0) << outcome.output;
}

TEST_F(Abi, each_version_compiles_and_shows_what_is_its_own) {
    for (const int minor : {0, 1, 20, 30, 40, 50, 51, 60, 70, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89}) {
        const std::string text = fmt::format(R"(
#define NDIS6{0} 1
#define NDIS6{0}_MINIPORT 1
#define ABI_MINOR {0}
#include "versions.h"
)",
                                             minor);
        for (const Compiler& compiler : compilers) {
            const Outcome outcome = compile(compiler, text);
            EXPECT_EQ(outcome.status, 0) << compiler.name << ", NDIS 6." << minor << "\n" << outcome.output;
        }
    }
}

TEST_F(Abi, either_kind_of_driver_alone_compiles) {
    for (const char* defines :
         {"#define NDIS60 1\n", "#define NDIS630 1\n", "#define NDIS680_MINIPORT 1\n",
          "#define NDIS60_MINIPORT 1\n#define NDIS_MINIPORT_DRIVER 1\n#define NDIS_WDM 1\n",
          "#define NDIS60_MINIPORT 1\n#define NDIS630 1\n", ""}) {
        for (const Compiler& compiler : compilers) {
            const Outcome outcome = compile(compiler, std::string(defines) + "#include <ndis.h>\n");
            EXPECT_EQ(outcome.status, 0) << compiler.name << "\n" << defines << outcome.output;
        }
    }
}

// As drivers have it: nothing precompiled before.
TEST_F(Abi, ndis_alone_is_enough_of_an_include) {
    std::ofstream(dir_ + "/unit.c") << "#include <ndis.h>\nNDIS_HANDLE handle;\n";
    for (const Compiler& compiler : compilers) {
        const Outcome outcome = run(fmt::format("{} -fsyntax-only -I{}/ddk/include -x {} {}/unit.c",
                                                compiler.command, source_dir, compiler.language, dir_));
        EXPECT_EQ(outcome.status, 0) << compiler.name << "\n" << outcome.output;
    }
}

TEST_F(Abi, each_header_compiles_alone) {
    const std::filesystem::path include = source_dir + "/ddk/include";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(include / "ndis")) {
        if (entry.path().extension() != ".h") continue;
        const std::string relative = std::filesystem::relative(entry.path(), include);
        const Outcome outcome = compile(windows_c, fmt::format("#include \"{}\"\n", relative));
        EXPECT_EQ(outcome.status, 0) << relative << "\n" << outcome.output;
    }
}

TEST_F(Abi, ndis_5_drivers_are_told_so) {
    const Outcome outcome = compile(windows_c, "#define NDIS51_MINIPORT 1\n#include <ndis.h>\n");
    EXPECT_NE(outcome.status, 0);
    EXPECT_NE(outcome.output.find("NDIS 5 drivers are not supported"), std::string::npos) << outcome.output;
}

// ndis.sys' import library must know each function that a driver may call.
TEST_F(Abi, each_declared_function_is_in_the_export_list) {
    const std::string exports = "\n" + read(source_dir + "/ddk/lib/ndis.def") + "\n";
    size_t declared = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(source_dir + "/ddk/include/ndis")) {
        const std::string text = read(entry.path());
        for (size_t at = text.find("\nNDISAPI "); at != std::string::npos;
             at = text.find("\nNDISAPI ", at + 1)) {
            const size_t end = text.find('(', at);
            const size_t begin = text.find_last_of(" \n", end) + 1;
            const std::string name = text.substr(begin, end - begin);
            EXPECT_NE(exports.find("\n" + name + "\n"), std::string::npos) << name << " of " << entry.path();
            declared++;
        }
    }
    EXPECT_GT(declared, 300u);
}

// ---- the comparison can fail

class AbiPerturbed : public Abi, public testing::WithParamInterface<const char*> {};

TEST_P(AbiPerturbed, a_wrong_fact_is_found) {
    ASSERT_EQ(generate(std::string("--perturb ") + GetParam()).status, 0);
    EXPECT_NE(compile(windows_c, all_checks, "-O2").status, 0);
    EXPECT_NE(compile(host_cpp, all_checks, "-O2").status, 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, AbiPerturbed,
                         testing::Values("size", "offset", "field-size", "bit", "constant", "function"));

TEST_F(Abi, what_is_listed_as_left_out_must_not_exist) {
    const std::string list = dir_ + "/left_out.tsv";
    std::filesystem::copy_file(test_dir + "/left_out.tsv", list);
    std::ofstream(list, std::ios::app) << "NdisSendNetBufferLists\tfor this test\n";
    const Outcome outcome = generate("", list);
    EXPECT_NE(outcome.status, 0);
    EXPECT_NE(outcome.output.find("NdisSendNetBufferLists"), std::string::npos) << outcome.output;
}

TEST_F(Abi, what_is_missing_must_be_listed) {
    const std::string list = dir_ + "/left_out.tsv";
    std::ofstream(list) << "# nothing is left out\n";
    ASSERT_EQ(generate("", list).status, 0);
    const Outcome outcome = compile(windows_c, all_checks, "-O2");
    EXPECT_NE(outcome.status, 0);
    EXPECT_NE(outcome.output.find("WanMiniportSend"), std::string::npos) << outcome.output;
}

}  // namespace
