#include <gtest/gtest.h>

#include "nt/abi.h"
#include "nt/io/file.h"
#include "support/control_device.h"

extern "C" {
PVOID NTAPI IoRegisterBootDriverCallback(PVOID callback, PVOID context);
void NTAPI IoUnregisterBootDriverCallback(PVOID handle);
NTSTATUS NTAPI IoIncrementKeepAliveCount(PFILE_OBJECT file, PEPROCESS process);
NTSTATUS NTAPI IoDecrementKeepAliveCount(PFILE_OBJECT file, PEPROCESS process);
}

namespace ndiskit::nt {
namespace {

int calls = 0;
void NTAPI count() { ++calls; }

TEST(BootDrivers, ACallbackIsRegisteredAndHearsNothingAfterBoot) {
    test::on_sim([] {
        PVOID const first = IoRegisterBootDriverCallback(reinterpret_cast<PVOID>(count), nullptr);
        PVOID const second = IoRegisterBootDriverCallback(reinterpret_cast<PVOID>(count), nullptr);
        EXPECT_NE(first, nullptr);
        EXPECT_NE(first, second);
        test::with_control_device([] {});  // a driver that comes later is none of boot
        EXPECT_EQ(calls, 0);
        IoUnregisterBootDriverCallback(first);
        IoUnregisterBootDriverCallback(second);
    });
}

TEST(KeepAlive, CountsAreOfAFileAndItsProcess) {
    test::on_sim([] {
        FILE_OBJECT first = {}, second = {};
        PEPROCESS const process = IoGetCurrentProcess();
        EXPECT_EQ(IoDecrementKeepAliveCount(&first, process), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(IoIncrementKeepAliveCount(&first, process), STATUS_SUCCESS);
        EXPECT_EQ(IoIncrementKeepAliveCount(&first, process), STATUS_SUCCESS);
        EXPECT_EQ(IoDecrementKeepAliveCount(&second, process), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(IoDecrementKeepAliveCount(&first, process), STATUS_SUCCESS);
        EXPECT_EQ(IoDecrementKeepAliveCount(&first, process), STATUS_SUCCESS);
        EXPECT_EQ(IoDecrementKeepAliveCount(&first, process), STATUS_INVALID_PARAMETER);
    });
}

}  // namespace
}  // namespace ndiskit::nt
