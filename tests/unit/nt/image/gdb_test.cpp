// A debugging session as a driver developer has it, with a real gdb: tools/gdb/ndiskit.py is what `ndiskit
// debug` uses.
#include <gtest/gtest.h>

#include <cstdio>
#include <memory>
#include <string>

#include "support/driver_images.h"

using namespace ndiskit;

namespace {

std::string output_of(const std::string& command) {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    std::string output;
    char buffer[4096];
    while (const size_t size = fread(buffer, 1, sizeof(buffer), pipe.get())) output.append(buffer, size);
    return output;
}

TEST(Gdb, BreaksByLineInADriverAndWalksTheWholeStack) {
    if (output_of("command -v gdb").empty()) GTEST_SKIP() << "gdb is not installed";
    if (output_of("gdb -q -batch -ex run --args true 2>&1").find("exited normally") == std::string::npos)
        GTEST_SKIP() << "this system does not allow debugging";
    const std::string output =
        output_of("gdb -q -batch -x " NDISKIT_SOURCE_DIR
                  "/tools/gdb/ndiskit.py -ex 'break raise_below_finally' -ex run "
                  "-ex 'bt 20' --args " +
                  std::string("/proc/") + std::to_string(getpid()) +
                  "/exe --gtest_filter=Seh.FinallyBlocksRunBeforeTheHandlerInnermostFirst 2>&1");
    EXPECT_NE(output.find("raise_below_finally () at "), std::string::npos) << output;
    EXPECT_NE(output.find("in FinallyOrder () at "), std::string::npos) << output;
    // By file: the line tables of a sanitizer's build lack the names of lambdas.
    EXPECT_NE(output.find("support/nt_machine.h:"), std::string::npos) << output;
}

}  // namespace
