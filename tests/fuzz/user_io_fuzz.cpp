// fuzz: user_io
// Whatever a program sends, cut into frames as it likes: the machine's side answers, refuses or hangs up, and
// takes everything back at the end. A frame that is accepted says the same when it is made again. The driver
// beneath has every kind of buffer and reads that wait.
#include <cstdlib>
#include <vector>

#include "canary.h"
#include "support/control_device.h"
#include "user_io/connection.h"

using namespace ndiskit;

namespace {

void require(bool promise) {
    if (!promise) abort();
}

// Lengths that no frame has, or that ask for megabytes, are cut: they are tested elsewhere and slow here.
std::vector<uint8_t> small(std::span<const uint8_t> frame) {
    auto message = client::decode(frame);
    if (!message) return {frame.begin(), frame.end()};
    const auto again = client::encode(*message);
    require(std::equal(again.begin(), again.end(), frame.begin(), frame.end()));
    if (message->kind == client::Kind::read) message->room &= 0xFFFF;
    if (message->kind == client::Kind::control && message->first == message->bytes.size())
        message->room &= 0xFFFF;
    // A request that waits for nobody, or is never completed, is the driver's fault.
    if (message->code == test::ControlDevice::hold_up || message->code == test::ControlDevice::keep)
        message->code = 0;
    return client::encode(*message);
}

// Lets the machine's threads do what they were asked for.
void pause() {
    LARGE_INTEGER millisecond{.QuadPart = -10'000};
    KeDelayExecutionThread(KernelMode, FALSE, &millisecond);
}

void talk(std::span<const uint8_t> data) {
    size_t said = 0;
    user_io::Connection connection("program 7", client::Account::system,
                                   [&](const std::vector<uint8_t>& frame) {
                                       require(client::decode(frame).has_value());
                                       ++said;
                                   });
    client::Message hello;
    hello.kind = client::Kind::hello;
    hello.value = client::protocol_version;
    require(connection.receive(client::encode(hello)));
    client::Message open;
    open.kind = client::Kind::open;
    open.code = 0xC0000000;
    constexpr std::string_view name = "\\\\.\\ControlTest";
    open.bytes = {reinterpret_cast<const uint8_t*>(name.data()), name.size()};
    require(connection.receive(client::encode(open)));
    pause();
    client::Splitter splitter;
    splitter.add(data);
    const bool at_leisure = data.size() % 2 == 0;
    for (auto frame = splitter.next(); !frame.empty(); frame = splitter.next()) {
        if (!connection.receive(small(frame))) break;
        if (at_leisure) pause();
    }
    if (data.size() % 4 < 2) pause();
    require(connection.end().empty());
    require(said > 0);
    fuzz::canary(said > 3);  // more than hello and open were answered
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    test::device_under_test.device_flags = size % 3 == 0 ? DO_BUFFERED_IO : size % 3 == 1 ? DO_DIRECT_IO : 0;
    test::on_sim([&] {
        test::with_control_device([&] { talk({data, size}); });
        require(test::device_under_test.creates == test::device_under_test.closes);
    });
    return 0;
}
