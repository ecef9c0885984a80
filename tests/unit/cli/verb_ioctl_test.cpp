// The ioctl verb against a machine in a child process.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/verbs.h"
#include "client/device.h"
#include "support/control_device.h"
#include "user_io/server.h"

namespace ndiskit::cli {
namespace {

using test::ControlDevice;

constexpr std::string_view device = "\\\\.\\ControlTest";

// A machine with the test driver, served on a socket until its programs or this end it.
struct Child {
    explicit Child(const std::string& socket) {
        int ready[2];
        EXPECT_EQ(::pipe(ready), 0);
        process = ::fork();
        if (process == 0) {
            ::close(STDERR_FILENO);
            test::on_live([&] {
                test::with_control_device([&] {
                    const auto server = user_io::Server::start(socket);
                    const bool told = ::write(ready[1], server ? "x" : "-", 1) == 1;
                    while (told) engine::the().park(engine::never);
                });
            });
            ::_exit(1);
        }
        char byte = 0;
        EXPECT_EQ(::read(ready[0], &byte, 1), 1);
        EXPECT_EQ(byte, 'x');
        ::close(ready[0]);
        ::close(ready[1]);
    }
    ~Child() {
        if (process == 0) return;
        ::kill(process, SIGKILL);
        ::waitpid(process, nullptr, 0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    int wait() {
        int status = 0;
        ::waitpid(std::exchange(process, 0), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    pid_t process = 0;
};

int ioctl(const std::string& socket, ULONG code) {
    int status = -1;
    const auto app = make_app(&status);
    app->parse(
        std::vector<std::string>{socket, "--machine", std::to_string(code), std::string(device), "ioctl"});
    return status;
}

TEST(VerbIoctl, AMachineThatBugChecksIsExitStatusThree) {
    const std::string socket = testing::TempDir() + "crash-" + std::to_string(::getpid()) + ".sock";
    Child child(socket);
    EXPECT_EQ(ioctl(socket, ControlDevice::buffered), exit_good);
    EXPECT_EQ(ioctl(socket, 0), exit_failed);
    // Every program of the machine hears of it, whoever made it crash.
    auto other = client::Machine::connect(socket);
    ASSERT_TRUE(other) << other.error();
    auto open = other->open(device);
    ASSERT_TRUE(open);
    std::vector<uint8_t> buffer(8);
    auto read = open->begin_read(buffer);
    EXPECT_EQ(other->stop_code(), std::nullopt);
    testing::internal::CaptureStderr();
    EXPECT_EQ(ioctl(socket, ControlDevice::crash), exit_bug_check);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("0xe2"), std::string::npos);
    EXPECT_EQ(child.wait(), 3);
    EXPECT_FALSE(read.wait().good());
    EXPECT_EQ(other->stop_code(), 0xE2u);
    EXPECT_EQ(open->control(ControlDevice::buffered, {}, {}).status, static_cast<int32_t>(0xC000020C));
    EXPECT_EQ(ioctl(socket, ControlDevice::buffered), exit_usage);
    ::unlink(socket.c_str());
}

TEST(VerbIoctl, AMachineThatIsKilledDidNotBugCheck) {
    const std::string socket = testing::TempDir() + "killed-" + std::to_string(::getpid()) + ".sock";
    Child child(socket);
    auto machine = client::Machine::connect(socket);
    ASSERT_TRUE(machine) << machine.error();
    auto open = machine->open(device);
    ASSERT_TRUE(open);
    std::vector<uint8_t> buffer(8);
    auto read = open->begin_read(buffer);
    ::kill(child.process, SIGKILL);
    EXPECT_FALSE(read.wait().good());
    EXPECT_EQ(machine->stop_code(), std::nullopt);
    ::unlink(socket.c_str());
}

}  // namespace
}  // namespace ndiskit::cli
