// The machine's socket, on live: real connections of the client library, and of those who do not speak its
// language.
#include "user_io/server.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "client/link.h"
#include "support/control_device.h"

namespace ndiskit::user_io {
namespace {

using client::Machine;
using client::Milliseconds;
using test::ControlDevice;
using test::device_under_test;
using Bytes = std::vector<uint8_t>;

constexpr std::string_view name = "\\\\.\\ControlTest";

// A folder of sockets of the test's own.
struct Folder {
    Folder() : path(testing::TempDir() + "sockets-" + std::to_string(::getpid())) {
        ::setenv("NDISKIT_SOCKETS", path.c_str(), 1);
        ::unsetenv("NDISKIT_MACHINE");
    }
    ~Folder() { std::filesystem::remove_all(path); }
    const std::string path;
};

void nap() {
    LARGE_INTEGER time = {.QuadPart = -10000};
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

void on_server(const std::function<void(Server&)>& body) {
    const Folder folder;
    device_under_test.device_flags = DO_BUFFERED_IO;
    test::on_live([&] {
        test::with_control_device([&] {
            auto server = Server::start("lab");
            ASSERT_TRUE(server) << server.error().text();
            body(**server);
            EXPECT_TRUE((*server)->stop().empty());
            EXPECT_EQ(device_under_test.creates, device_under_test.closes);
        });
    });
}

TEST(Server, AProgramReachesADeviceByTheMachinesName) {
    on_server([](Server& server) {
        EXPECT_TRUE(server.path().ends_with("/lab.sock"));
        for (const std::string& machine_name : {std::string("lab"), std::string(), server.path()}) {
            auto machine = Machine::connect(machine_name);
            ASSERT_TRUE(machine) << machine.error();
            auto device = machine->open(name);
            ASSERT_TRUE(device);
            Bytes out(3);
            EXPECT_EQ(device->control(ControlDevice::buffered, Bytes{1, 2, 3}, out).bytes, 3u);
            EXPECT_EQ(out, (Bytes{2, 3, 4}));
            Bytes buffer(100000);
            auto read = device->begin_read(buffer);
            EXPECT_EQ(read.wait_for(Milliseconds(1)), std::nullopt);
            EXPECT_TRUE(device->write(Bytes(90000, 5)).good());
            EXPECT_EQ(read.wait().bytes, 90000u);
            EXPECT_EQ(buffer[89999], 5);
            EXPECT_EQ(device->read(buffer, Milliseconds(1)).status, STATUS_CANCELLED);
        }
        EXPECT_FALSE(Machine::connect("no-such"));
    });
}

TEST(Server, AProgramThatDiesLeavesNothing) {
    on_server([](Server& server) {
        int ready[2];
        ASSERT_EQ(::pipe(ready), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            auto machine = Machine::connect(server.path());
            auto device = machine->open(name);
            Bytes buffer(8);
            auto read = device->begin_read(buffer);
            const bool told = ::write(ready[1], "x", 1) == 1;
            while (told) ::pause();
            ::_exit(1);
        }
        char byte;
        EXPECT_EQ(::read(ready[0], &byte, 1), 1);
        EXPECT_EQ(device_under_test.cleanups, 0);
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
        while (device_under_test.closes == 0) nap();
        EXPECT_EQ(device_under_test.cleanups, 1);
        EXPECT_EQ(device_under_test.cancelled, 1);
        ::close(ready[0]);
        ::close(ready[1]);
    });
}

TEST(Server, WhoTalksNonsenseIsHungUpOn) {
    on_server([](Server& server) {
        for (const Bytes& nonsense :
             {Bytes(200, 0xFF), Bytes(40, 0), client::encode({.kind = client::Kind::read})}) {
            const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
            sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
            server.path().copy(address.sun_path, sizeof address.sun_path - 1);
            ASSERT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
            EXPECT_EQ(::send(socket, nonsense.data(), nonsense.size(), MSG_NOSIGNAL),
                      static_cast<ssize_t>(nonsense.size()));
            char byte;
            EXPECT_LE(::recv(socket, &byte, 1, 0), 0);
            ::close(socket);
        }
    });
}

TEST(Server, ProgramsAreToldWhenTheMachineEnds) {
    on_server([](Server& server) {
        auto machine = Machine::connect();
        ASSERT_TRUE(machine);
        auto device = machine->open(name);
        Bytes buffer(8);
        auto read = device->begin_read(buffer);
        EXPECT_TRUE(server.stop().empty());
        EXPECT_FALSE(read.wait().good());
        EXPECT_FALSE(device->control(ControlDevice::buffered).good());
        EXPECT_FALSE(std::filesystem::exists(server.path()));
    });
}

TEST(Server, AFolderThatIsThereKeepsItsPermissions) {
    const Folder folder;
    std::filesystem::create_directory(folder.path);
    std::filesystem::permissions(folder.path, std::filesystem::perms(0755));
    test::on_live([&] {
        auto server = Server::start("lab");
        ASSERT_TRUE(server) << server.error().text();
        EXPECT_EQ(std::filesystem::status(folder.path).permissions(), std::filesystem::perms(0755));
        EXPECT_EQ(std::filesystem::status((*server)->path()).permissions(), std::filesystem::perms(0600));
        EXPECT_TRUE((*server)->stop().empty());
    });
}

TEST(Server, AFolderOfItsOwnIsForNobodyElse) {
    on_server([](Server& server) {
        EXPECT_EQ(std::filesystem::status(std::filesystem::path(server.path()).parent_path()).permissions(),
                  std::filesystem::perms(0700));
    });
}

TEST(Server, ANameThatIsTakenGetsANumber) {
    on_server([](Server&) {
        auto second = Server::start("lab");
        ASSERT_TRUE(second);
        EXPECT_TRUE((*second)->path().ends_with("/lab-2.sock"));
        EXPECT_EQ(client::running_machines(), (std::vector<std::string>{"lab", "lab-2"}));
        EXPECT_NE(Machine::connect().error().find("lab, lab-2"), std::string::npos);
        EXPECT_TRUE((*second)->stop().empty());
        EXPECT_EQ(client::running_machines(), std::vector<std::string>{"lab"});
        EXPECT_FALSE(Server::start("/no/such/folder/lab.sock"));
    });
}

}  // namespace
}  // namespace ndiskit::user_io
