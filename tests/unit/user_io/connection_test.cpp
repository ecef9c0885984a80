// Programs' requests on sim, through the client library and the machine's side of it.
#include "user_io/connection.h"

#include <gtest/gtest.h>

#include <atomic>

#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "support/control_device.h"
#include "user_io/in_process.h"

namespace ndiskit::user_io {
namespace {

using client::Completion;
using client::Device;
using client::Machine;
using client::Milliseconds;
using test::ControlDevice;
using test::device_under_test;
using Bytes = std::vector<uint8_t>;

constexpr std::string_view name = "\\\\.\\ControlTest";

Machine connect() {
    auto machine = Machine::over(in_process_link());
    EXPECT_TRUE(machine);
    return std::move(*machine);
}

Device open(Machine& machine) {
    auto device = machine.open(name);
    EXPECT_TRUE(device) << client::status_text(device.error());
    return std::move(*device);
}

// The body with the device open, under several schedules; nothing may be left.
void with_device(const std::function<void(Machine&, Device&)>& body, ULONG flags = DO_BUFFERED_IO) {
    device_under_test.device_flags = flags;
    test::on_seeds(20, [&] {
        test::with_control_device([&] {
            {
                Machine machine = connect();
                Device device = open(machine);
                body(machine, device);
            }
            EXPECT_EQ(device_under_test.creates, device_under_test.cleanups);
            EXPECT_EQ(device_under_test.creates, device_under_test.closes);
        });
        for (const nt::PoolUse& use : nt::pool_report()) ADD_FAILURE() << nt::pool_tag_text(use.tag);
    });
}

TEST(Connection, ABufferedControlHasOneBufferForBoth) {
    with_device([](Machine&, Device& device) {
        Bytes out(8, 0xEE);
        const Completion done = device.control(ControlDevice::buffered, Bytes{1, 2, 3}, out);
        EXPECT_EQ(done.status, STATUS_SUCCESS);
        EXPECT_EQ(done.bytes, 3u);
        EXPECT_EQ(out, (Bytes{2, 3, 4, 0xEE, 0xEE, 0xEE, 0xEE, 0xEE}));
        EXPECT_EQ(device_under_test.mode, UserMode);
    });
}

TEST(Connection, AnInDirectControlReadsTheOutputBuffer) {
    with_device([](Machine&, Device& device) {
        Bytes other{1, 2, 3, 4};
        EXPECT_EQ(device.control(ControlDevice::in_direct, Bytes{0}, other).status, STATUS_SUCCESS);
    });
}

TEST(Connection, AnOutDirectControlWritesTheOutputBuffer) {
    with_device([](Machine&, Device& device) {
        Bytes out(5000);
        const Completion done = device.control(ControlDevice::out_direct, Bytes{7}, out);
        EXPECT_EQ(done.bytes, out.size());
        EXPECT_EQ(out, Bytes(5000, 7));
    });
}

TEST(Connection, NeitherGivesTheDriverBothBuffersAsTheyAre) {
    with_device([](Machine&, Device& device) {
        Bytes out{10, 20, 30};
        EXPECT_TRUE(device.control(ControlDevice::neither, Bytes{1, 2}, out).good());
        EXPECT_EQ(out, (Bytes{11, 22, 31}));
    });
}

TEST(Connection, MoreInformationThanRoomDoesNotReachTheProgram) {
    with_device([](Machine&, Device& device) {
        Bytes out(4);
        EXPECT_EQ(device.control(ControlDevice::too_much, Bytes{1}, out).bytes, 4u);
    });
}

TEST(Connection, AReadWaitsForTheWriteWhateverTheDevicesBuffers) {
    for (const ULONG flags : {DO_BUFFERED_IO, DO_DIRECT_IO, 0})
        with_device(
            [](Machine&, Device& device) {
                Bytes buffer(16, 0xEE);
                auto read = device.begin_read(buffer);
                EXPECT_TRUE(read.is_pending());
                EXPECT_EQ(device.write(Bytes{5, 6}).bytes, 2u);
                const Completion done = read.wait();
                EXPECT_EQ(done.status, STATUS_SUCCESS);
                EXPECT_EQ(done.bytes, 2u);
                EXPECT_EQ((Bytes{buffer[0], buffer[1], buffer[2]}), (Bytes{5, 6, 0xEE}));
            },
            static_cast<ULONG>(flags));
}

TEST(Connection, ReadsKeepTheOrderOfTheirThread) {
    with_device([](Machine&, Device& device) {
        Bytes buffers[3] = {Bytes(1), Bytes(1), Bytes(1)};
        client::Request reads[3];
        for (int i = 0; i < 3; ++i) reads[i] = device.begin_read(buffers[i]);
        for (uint8_t i = 0; i < 3; ++i) device.write(Bytes{i});
        for (uint8_t i = 0; i < 3; ++i) {
            EXPECT_TRUE(reads[i].wait().good());
            EXPECT_EQ(buffers[i][0], i);
        }
    });
}

TEST(Connection, ACancelledReadEndsSo) {
    with_device([](Machine&, Device& device) {
        Bytes buffer(16);
        auto read = device.begin_read(buffer);
        EXPECT_EQ(read.wait_for(Milliseconds(5)), std::nullopt);
        read.cancel();
        EXPECT_EQ(read.wait().status, STATUS_CANCELLED);
        EXPECT_EQ(device.read(buffer, Milliseconds(3)).status, STATUS_CANCELLED);
        auto one = device.begin_read(buffer);
        Bytes second(16);
        auto two = device.begin_read(second);
        device.cancel_all();
        EXPECT_EQ(one.wait().status, STATUS_CANCELLED);
        EXPECT_EQ(two.wait().status, STATUS_CANCELLED);
        EXPECT_EQ(device_under_test.cancelled, 4);
    });
}

TEST(Connection, ADispatchRoutineThatWaitsHoldsUpItsOwnThreadAlone) {
    with_device([](Machine&, Device& device) {
        std::atomic<bool> over = false;
        auto thread = nt::Thread::start("held", [&] {
            EXPECT_TRUE(device.control(ControlDevice::hold_up).good());
            over = true;
        });
        EXPECT_TRUE(device.control(ControlDevice::buffered, Bytes{1}).good());
        EXPECT_FALSE(over);
        EXPECT_TRUE(device.control(ControlDevice::let_go).good());
        thread.join();
        EXPECT_TRUE(over);
    });
}

TEST(Connection, ACallbackIsCalledOnceAndMayCall) {
    with_device([](Machine&, Device& device) {
        int calls = 0;
        Bytes buffer(4);
        auto read = device.begin_read(buffer, [&](const Completion& done) {
            ++calls;
            EXPECT_EQ(done.bytes, 1u);
            EXPECT_TRUE(device.control(ControlDevice::buffered, Bytes{1}).good());
        });
        device.write(Bytes{9});
        read.wait();
        EXPECT_EQ(calls, 1);
        auto at_once = device.begin_control(ControlDevice::buffered, Bytes{1}, buffer,
                                            [&](const Completion&) { ++calls; });
        at_once.wait();
        EXPECT_EQ(calls, 2);
    });
}

// A program without the library, which can go at any moment.
struct Program {
    Connection connection{"program 7", client::Account::system, [this](const Bytes& frame) {
                              const auto message = client::decode(frame);
                              if (message->kind == client::Kind::pending) ++pending;
                              if (message->kind == client::Kind::done) ++done;
                          }};
    std::atomic<int> pending = 0, done = 0;
    uint64_t id = 0;

    Program() {
        client::Message message;
        message.kind = client::Kind::hello;
        message.value = client::protocol_version;
        EXPECT_TRUE(connection.receive(client::encode(message)));
        message = {};
        message.kind = client::Kind::open;
        message.code = GENERIC_READ | GENERIC_WRITE;
        message.bytes = {reinterpret_cast<const uint8_t*>(name.data()), name.size()};
        ask(message);
        wait_for(done, 1);
    }
    void ask(client::Message message) {
        message.id = ++id;
        EXPECT_TRUE(connection.receive(client::encode(message)));
    }
    void ask(client::Kind kind, uint32_t code, uint32_t room, uint16_t lane = 0) {
        client::Message message;
        message.kind = kind;
        message.lane = lane;
        message.handle = 1;
        message.code = code;
        message.room = room;
        ask(message);
    }
    static void wait_for(const std::atomic<int>& count, int wanted) {
        while (count < wanted) {
            LARGE_INTEGER time = {.QuadPart = -1000};
            KeDelayExecutionThread(KernelMode, FALSE, &time);
        }
    }
};

TEST(Connection, AProgramThatGoesLeavesNothing) {
    device_under_test.device_flags = DO_DIRECT_IO;
    test::on_seeds(100, [] {
        test::with_control_device([] {
            Program program;
            for (uint16_t lane = 0; lane < 4; ++lane) program.ask(client::Kind::read, 0, 100, lane);
            program.ask(client::Kind::control, ControlDevice::buffered, 4, 5);
            // At any moment of these requests.
            if (const auto moments = engine::the().draw(20)) {
                LARGE_INTEGER time = {.QuadPart = -static_cast<int64_t>(moments)};
                KeDelayExecutionThread(KernelMode, FALSE, &time);
            }
            EXPECT_TRUE(program.connection.end().empty());
            EXPECT_EQ(device_under_test.cleanups, 1);
            EXPECT_EQ(device_under_test.closes, 1);
        });
        for (const nt::PoolUse& use : nt::pool_report()) ADD_FAILURE() << nt::pool_tag_text(use.tag);
    });
}

TEST(Connection, WhatADriverNeverCompletesIsTold) {
    test::on_sim([] {
        test::with_control_device([] {
            Program program;
            program.ask(client::Kind::control, ControlDevice::keep, 0);
            Program::wait_for(program.pending, 1);
            const auto stuck = program.connection.end(10 * engine::millisecond);
            ASSERT_EQ(stuck.size(), 1u);
            EXPECT_NE(stuck[0].find("\\Device\\ControlTest: IRP_MJ_DEVICE_CONTROL 0x122018"),
                      std::string::npos)
                << stuck[0];
            EXPECT_EQ(device_under_test.cleanups, 1);
            EXPECT_EQ(device_under_test.closes, 0);
            test::complete(device_under_test.kept, STATUS_SUCCESS);
            EXPECT_TRUE(program.connection.end().empty());
            EXPECT_EQ(device_under_test.closes, 1);
        });
    });
}

TEST(Connection, MoreThanAProgramMayHaveIsRefused) {
    device_under_test.device_flags = DO_DIRECT_IO;
    test::on_sim([] {
        test::with_control_device([] {
            Program program;
            for (int i = 0; i < 9; ++i) program.ask(client::Kind::read, 0, client::most_bytes);
            Program::wait_for(program.done, 2);  // the open, and the read that is too much
            EXPECT_TRUE(program.connection.end().empty());
        });
    });
}

TEST(Connection, AnIdThatIsOnItsWayIsNotUsedTwice) {
    device_under_test.device_flags = DO_DIRECT_IO;
    test::on_seeds(20, [] {
        test::with_control_device([] {
            Program program;
            program.ask(client::Kind::read, 0, 4);
            program.id = 1;
            client::Message again;
            again.kind = client::Kind::read;
            again.handle = 1;
            again.lane = 1;
            again.room = 4;
            again.id = 2;
            program.connection.receive(client::encode(again));
            EXPECT_TRUE(program.connection.end().empty());
        });
    });
}

TEST(Connection, RightsOfTheHandleBindItsRequests) {
    with_device([](Machine& machine, Device& device) {
        EXPECT_TRUE(device.control(ControlDevice::needs_write).good());
        auto reader = machine.open(name, {.access = client::generic_read});
        ASSERT_TRUE(reader);
        EXPECT_EQ(reader->control(ControlDevice::needs_write).status, STATUS_ACCESS_DENIED);
        EXPECT_EQ(reader->write(Bytes{1}).status, STATUS_ACCESS_DENIED);
        auto writer = machine.open(name, {.access = client::generic_write});
        ASSERT_TRUE(writer);
        Bytes buffer(4);
        EXPECT_EQ(writer->read(buffer).status, STATUS_ACCESS_DENIED);
        EXPECT_TRUE(writer->write(Bytes{1}).good());
    });
}

TEST(Connection, ErrorsOfTheOpenAreTheDriversOrTheObjectManagers) {
    with_device([](Machine& machine, Device&) {
        EXPECT_EQ(machine.open("\\\\.\\NoSuch").error(), STATUS_OBJECT_NAME_NOT_FOUND);
        EXPECT_EQ(machine.open("\\Driver\\ctltest").error(), STATUS_OBJECT_TYPE_MISMATCH);
        EXPECT_EQ(machine.open("").error(), STATUS_INVALID_PARAMETER);
        EXPECT_TRUE(machine.open("\\Device\\ControlTest\\behind"));
    });
}

TEST(Connection, AClosedDeviceIsNoDevice) {
    with_device([](Machine&, Device& device) {
        device.close();
        EXPECT_EQ(device.control(ControlDevice::buffered).status, STATUS_INVALID_PARAMETER);
    });
}

TEST(Connection, NobodyTakesAnAccountAboveTheirOwn) {
    test::on_sim([] {
        EXPECT_FALSE(Machine::over(in_process_link(client::Account::user), client::Account::system));
        auto less = Machine::over(in_process_link(client::Account::system), client::Account::user);
        ASSERT_TRUE(less);
        EXPECT_EQ(less->account(), client::Account::user);
        auto own = Machine::over(in_process_link(client::Account::administrator));
        ASSERT_TRUE(own);
        EXPECT_EQ(own->account(), client::Account::administrator);
    });
}

// What an account may open a device for; `tail` stands behind the device's name.
int32_t opens(client::Account account, uint32_t access, std::string_view tail = "") {
    auto machine = Machine::over(in_process_link(), account);
    EXPECT_TRUE(machine);
    auto device = machine->open(std::string(name) + std::string(tail), {.access = access});
    return device ? STATUS_SUCCESS : device.error();
}

void with_descriptor(const char16_t* sddl, ULONG characteristics, const std::function<void()>& body) {
    device_under_test = {.device_flags = DO_BUFFERED_IO, .characteristics = characteristics, .sddl = sddl};
    test::on_sim([&] { test::with_control_device(body); });
    device_under_test = {};
}

using client::Account;

// https://learn.microsoft.com/windows-hardware/drivers/kernel/controlling-device-access
TEST(DeviceSecurity, ByDefaultEveryoneReadsAndWritesAndAdministratorsDoAnything) {
    with_descriptor(nullptr, FILE_DEVICE_SECURE_OPEN, [] {
        for (const Account account : {Account::user, Account::administrator, Account::system})
            EXPECT_EQ(opens(account, client::generic_read | client::generic_write), STATUS_SUCCESS);
        EXPECT_EQ(opens(Account::user, client::generic_all), STATUS_ACCESS_DENIED);
        EXPECT_EQ(opens(Account::administrator, client::generic_all), STATUS_SUCCESS);
        EXPECT_EQ(opens(Account::system, client::generic_all), STATUS_SUCCESS);
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/kernel/sddl-for-device-objects
TEST(DeviceSecurity, ADescriptorOfTheDriversKeepsOthersOut) {
    with_descriptor(u"D:P(A;;GA;;;SY)", FILE_DEVICE_SECURE_OPEN, [] {
        EXPECT_EQ(opens(Account::system, client::generic_all), STATUS_SUCCESS);
        EXPECT_EQ(opens(Account::administrator, client::generic_read), STATUS_ACCESS_DENIED);
        EXPECT_EQ(opens(Account::user, client::generic_read), STATUS_ACCESS_DENIED);
    });
    with_descriptor(u"D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GR;;;WD)", FILE_DEVICE_SECURE_OPEN, [] {
        EXPECT_EQ(opens(Account::administrator, client::generic_all), STATUS_SUCCESS);
        EXPECT_EQ(opens(Account::user, client::generic_read), STATUS_SUCCESS);
        EXPECT_EQ(opens(Account::user, client::generic_read | client::generic_write), STATUS_ACCESS_DENIED);
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/kernel/controlling-device-namespace-access
TEST(DeviceSecurity, NamesBehindTheDeviceAreCheckedWithSecureOpenAlone) {
    with_descriptor(u"D:P(A;;GA;;;SY)", FILE_DEVICE_SECURE_OPEN, [] {
        EXPECT_EQ(opens(Account::user, client::generic_read, "\\x"), STATUS_ACCESS_DENIED);
    });
    with_descriptor(u"D:P(A;;GA;;;SY)", 0, [] {
        EXPECT_EQ(opens(Account::user, client::generic_read), STATUS_ACCESS_DENIED);
        EXPECT_EQ(opens(Account::user, client::generic_read, "\\x"), STATUS_SUCCESS);
    });
}

TEST(DeviceSecurity, WhatIsNoSddlMakesNoDevice) {
    test::on_sim([] {
        device_under_test = {.sddl = u"no sddl"};
        nt::io::register_builtin("control-test", test::control::entry);
        nt::registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\ctltest", "ImagePath",
                                 "builtin:control-test");
        EXPECT_FALSE(nt::io::start_service("ctltest"));
        EXPECT_EQ(nt::object::lookup(u"\\Device\\ControlTest").status, STATUS_OBJECT_NAME_NOT_FOUND);
        device_under_test = {};
    });
}

TEST(Connection, ABreachOfTheProtocolEndsIt) {
    test::on_sim([] {
        Connection connection("program 7", client::Account::user, [](const Bytes&) {});
        client::Message message;
        message.kind = client::Kind::read;
        EXPECT_FALSE(connection.receive(client::encode(message)));  // no hello
        message.kind = client::Kind::hello;
        message.value = client::protocol_version + 1;
        EXPECT_FALSE(connection.receive(client::encode(message)));
        message.value = client::protocol_version;
        EXPECT_TRUE(connection.receive(client::encode(message)));
        EXPECT_FALSE(connection.receive(Bytes{1, 2, 3}));
        message.kind = client::Kind::done;
        message.value = 0;
        EXPECT_FALSE(connection.receive(client::encode(message)));
        EXPECT_TRUE(connection.end().empty());
    });
}

}  // namespace
}  // namespace ndiskit::user_io
