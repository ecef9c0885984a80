// Error log entries and activity IDs.
#include <gtest/gtest.h>

#include "nt/io/driver.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "support/control_device.h"

extern "C" {
NTSTATUS NTAPI IoSetActivityIdIrp(PIRP irp, LPCGUID id);
NTSTATUS NTAPI IoGetActivityIdIrp(PIRP irp, LPGUID id);
NTSTATUS NTAPI IoPropagateActivityIdToThread(PIRP irp, LPGUID propagated, LPCGUID* original);
LPCGUID NTAPI IoSetActivityIdThread(LPCGUID id);
void NTAPI IoClearActivityIdThread(LPCGUID original);
LPCGUID NTAPI IoGetActivityIdThread();
}

namespace ndiskit::nt {
namespace {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioallocateerrorlogentry
TEST(ErrorLog, AnEntryIsWrittenOrFreedOnce) {
    test::on_sim([] {
        test::with_control_device([] {
            PDRIVER_OBJECT const driver = io::find_service("ctltest");
            constexpr UCHAR size = sizeof(IO_ERROR_LOG_PACKET) + 8;
            for (PVOID object : {static_cast<PVOID>(driver), static_cast<PVOID>(driver->DeviceObject)}) {
                auto* const entry = static_cast<PIO_ERROR_LOG_PACKET>(IoAllocateErrorLogEntry(object, size));
                ASSERT_NE(entry, nullptr);
                entry->ErrorCode = static_cast<NTSTATUS>(0xC0040001);
                entry->NumberOfStrings = 9;  // more than there are: the entry's end is theirs
                entry->StringOffset = sizeof(IO_ERROR_LOG_PACKET);
                testing::internal::CaptureStderr();
                IoWriteErrorLogEntry(entry);
                const std::string said = testing::internal::GetCapturedStderr();
                EXPECT_NE(said.find("ctltest"), std::string::npos) << said;
                EXPECT_NE(said.find("0xC0040001"), std::string::npos) << said;
            }
            IoFreeErrorLogEntry(IoAllocateErrorLogEntry(driver, size));
            EXPECT_EQ(IoAllocateErrorLogEntry(driver, 241), nullptr);
            EXPECT_EQ(IoAllocateErrorLogEntry(driver, 8), nullptr);
        });
        for (const PoolUse& use : pool_report()) ADD_FAILURE() << pool_tag_text(use.tag);
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iosetactivityidthread
TEST(ActivityId, AThreadHasItsOwn) {
    test::on_sim([] {
        const GUID one = {1, 0, 0, {}}, two = {2, 0, 0, {}};
        EXPECT_EQ(IoGetActivityIdThread(), nullptr);
        EXPECT_EQ(IoSetActivityIdThread(&one), nullptr);
        Thread::start("other", [] { EXPECT_EQ(IoGetActivityIdThread(), nullptr); }).join();
        EXPECT_EQ(IoSetActivityIdThread(&two), &one);
        EXPECT_EQ(IoGetActivityIdThread(), &two);
        IoClearActivityIdThread(&one);
        EXPECT_EQ(IoGetActivityIdThread(), &one);
        IoClearActivityIdThread(nullptr);
        EXPECT_EQ(IoGetActivityIdThread(), nullptr);
    });
}

}  // namespace
}  // namespace ndiskit::nt
