// WMI for programs: its device, what it lets whom do, and events that wait for their reader.
#include <gtest/gtest.h>

#include <cstring>

#include "nt/io/driver.h"
#include "nt/pool/pool.h"
#include "nt/wmi/data_device.h"
#include "nt/wmi/library.h"
#include "nt/wmi/security.h"
#include "support/nt_machine.h"
#include "user_io/in_process.h"

namespace ndiskit::user_io {
namespace {

using client::Account;
using client::Device;
using client::Machine;
using nt::wmi::DataCode;
using nt::wmi::DataRequest;
using nt::wmi::EventRecord;
using Bytes = std::vector<uint8_t>;

constexpr GUID guid = {0x77, 1, 2, {}};

void with_device(const std::function<void(Device&)>& body, Account account = Account::own) {
    test::on_seeds(10, [&] {
        const auto started = nt::wmi::start_data_device();
        ASSERT_TRUE(started) << started.error().text();
        {
            auto machine = Machine::over(in_process_link(), account);
            ASSERT_TRUE(machine);
            auto device = machine->open(nt::wmi::data_device_link);
            ASSERT_TRUE(device) << client::status_text(device.error());
            body(*device);
        }
        nt::wmi::allow_everybody(guid, 0);
        EXPECT_TRUE(nt::io::stop_service(nt::wmi::data_service));
        for (const nt::PoolUse& use : nt::pool_report()) ADD_FAILURE() << nt::pool_tag_text(use.tag);
    });
}

Bytes request(ULONG name_bytes = 0, ULONG data_bytes = 0, size_t follows = 0) {
    const DataRequest head = {guid, 0, name_bytes, data_bytes};
    Bytes bytes(sizeof head + follows);
    std::memcpy(bytes.data(), &head, sizeof head);
    return bytes;
}

int32_t control(Device& device, DataCode code, const Bytes& input) {
    Bytes out(256);
    return device.control(static_cast<uint32_t>(code), input, out).status;
}

void fire(uint8_t value) {
    auto* const data = static_cast<uint8_t*>(ExAllocatePoolWithTag(NonPagedPoolNx, 1, 'tset'));
    *data = value;
    EXPECT_EQ(WmiFireEvent(nullptr, &guid, 0, 1, data), STATUS_SUCCESS);
}

TEST(WmiDevice, NobodyOffersABlock) {
    with_device([](Device& device) {
        EXPECT_EQ(control(device, DataCode::list, {}), STATUS_SUCCESS);
        EXPECT_EQ(control(device, DataCode::get, request()), STATUS_WMI_GUID_NOT_FOUND);
        EXPECT_EQ(control(device, DataCode::set, request()), STATUS_WMI_GUID_NOT_FOUND);
        EXPECT_EQ(control(device, DataCode::call, request()), STATUS_WMI_GUID_NOT_FOUND);
    });
}

TEST(WmiDevice, RequestsThatLieAboutTheirSizeAreRefused) {
    with_device([](Device& device) {
        EXPECT_EQ(control(device, DataCode::get, {1, 2, 3}), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(control(device, DataCode::get, request(8, 0, 6)), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(control(device, DataCode::set, request(2, 0xffffffff, 6)), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(control(device, static_cast<DataCode>(0x222418), request()), STATUS_INVALID_DEVICE_REQUEST);
    });
}

TEST(WmiDevice, AUserMayWhatEverybodyMay) {
    with_device(
        [](Device& device) {
            EXPECT_EQ(control(device, DataCode::get, request()), STATUS_ACCESS_DENIED);
            EXPECT_EQ(control(device, DataCode::watch, request()), STATUS_ACCESS_DENIED);
            nt::wmi::allow_everybody(guid, WMIGUID_QUERY | WMIGUID_NOTIFICATION);
            EXPECT_EQ(control(device, DataCode::get, request()), STATUS_WMI_GUID_NOT_FOUND);
            EXPECT_EQ(control(device, DataCode::watch, request()), STATUS_SUCCESS);
            EXPECT_EQ(control(device, DataCode::set, request()), STATUS_ACCESS_DENIED);
            EXPECT_EQ(control(device, DataCode::call, request()), STATUS_ACCESS_DENIED);
        },
        Account::user);
}

TEST(WmiDevice, EventsAreKeptInOrderForTheirReader) {
    with_device([](Device& device) {
        ASSERT_EQ(control(device, DataCode::watch, request()), STATUS_SUCCESS);
        fire(1);
        fire(2);
        Bytes out(64);
        for (const uint8_t expected : {1, 2}) {
            const auto done = device.control(static_cast<uint32_t>(DataCode::next), {}, out);
            ASSERT_EQ(done.status, STATUS_SUCCESS);
            ASSERT_EQ(done.bytes, sizeof(EventRecord) + 1);
            EXPECT_EQ(out[sizeof(EventRecord)], expected);
        }
        // The reader waits first.
        auto next = device.begin_control(static_cast<uint32_t>(DataCode::next), {}, out);
        EXPECT_TRUE(next.is_pending());
        fire(3);
        EXPECT_EQ(next.wait().status, STATUS_SUCCESS);
        EXPECT_EQ(out[sizeof(EventRecord)], 3);
    });
}

TEST(WmiDevice, AReaderThatWaitsIsCancelledAndClosedWith) {
    with_device([](Device& device) {
        ASSERT_EQ(control(device, DataCode::watch, request()), STATUS_SUCCESS);
        Bytes out(64), other(64);
        auto next = device.begin_control(static_cast<uint32_t>(DataCode::next), {}, out);
        next.cancel();
        EXPECT_EQ(next.wait().status, STATUS_CANCELLED);
        auto last = device.begin_control(static_cast<uint32_t>(DataCode::next), {}, other);
        device.close();
        EXPECT_EQ(last.wait().status, STATUS_CANCELLED);
        fire(1);  // for nobody
        LARGE_INTEGER time = {.QuadPart = -100'000};
        KeDelayExecutionThread(KernelMode, FALSE, &time);
    });
}

}  // namespace
}  // namespace ndiskit::user_io
