// Share access, and what drivers ask about requests.
#include <gtest/gtest.h>

#include "nt/abi.h"
#include "nt/ke/thread.h"
#include "support/nt_machine.h"

extern "C" void NTAPI IoSetMasterIrpStatus(PIRP, NTSTATUS);
extern "C" PIRP NTAPI IoAllocateIrpEx(PDEVICE_OBJECT, CCHAR, BOOLEAN);

namespace ndiskit::nt {
namespace {

constexpr ULONG share_all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

NTSTATUS check(ACCESS_MASK desired, ULONG share, FILE_OBJECT& file, SHARE_ACCESS& access) {
    return IoCheckShareAccess(desired, share, &file, &access, TRUE);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocheckshareaccess
TEST(ShareAccess, BothSidesMustShareWhatTheOtherDoes) {
    FILE_OBJECT first = {}, second = {};
    SHARE_ACCESS access = {};
    IoSetShareAccess(FILE_READ_DATA, FILE_SHARE_READ, &first, &access);
    EXPECT_EQ(access.OpenCount, 1u);
    EXPECT_EQ(access.Readers, 1u);
    EXPECT_EQ(access.SharedRead, 1u);
    EXPECT_EQ(check(FILE_WRITE_DATA, share_all, second, access),
              STATUS_SHARING_VIOLATION);  // not shared by the first
    EXPECT_EQ(check(FILE_READ_DATA, FILE_SHARE_WRITE, second, access),
              STATUS_SHARING_VIOLATION);  // nor by the second
    EXPECT_EQ(access.OpenCount, 1u);
    EXPECT_EQ(check(FILE_READ_DATA, FILE_SHARE_READ, second, access), STATUS_SUCCESS);
    EXPECT_EQ(access.OpenCount, 2u);
    IoRemoveShareAccess(&first, &access);
    IoRemoveShareAccess(&second, &access);
    EXPECT_EQ(access.OpenCount, 0u);
    EXPECT_EQ(access.Readers, 0u);
    EXPECT_EQ(access.SharedRead, 0u);
    EXPECT_EQ(check(FILE_WRITE_DATA, 0, second, access), STATUS_SUCCESS);
}

TEST(ShareAccess, WhoOnlyAsksForAttributesTakesNoPart) {
    FILE_OBJECT first = {}, second = {};
    SHARE_ACCESS access = {};
    IoSetShareAccess(FILE_WRITE_DATA, 0, &first, &access);
    EXPECT_EQ(check(FILE_READ_ATTRIBUTES, 0, second, access), STATUS_SUCCESS);
    EXPECT_EQ(access.OpenCount, 1u);
    IoRemoveShareAccess(&second, &access);
    EXPECT_EQ(access.OpenCount, 1u);
}

TEST(ShareAccess, WithoutUpdateItOnlyLooks) {
    FILE_OBJECT file = {};
    SHARE_ACCESS access = {};
    EXPECT_EQ(IoCheckShareAccess(FILE_READ_DATA, share_all, &file, &access, FALSE), STATUS_SUCCESS);
    EXPECT_EQ(access.OpenCount, 0u);
    IoUpdateShareAccess(&file, &access);
    EXPECT_EQ(access.OpenCount, 1u);
}

TEST(ShareAccess, WritersOfWhatCannotBeWrittenDoNotCount) {
    FILE_OBJECT first = {}, second = {};
    SHARE_ACCESS access = {};
    IoSetShareAccess(FILE_WRITE_DATA, FILE_SHARE_READ, &first, &access);
    BOOLEAN writable = TRUE;
    EXPECT_EQ(IoCheckShareAccessEx(FILE_READ_DATA, FILE_SHARE_READ, &second, &access, FALSE, &writable),
              STATUS_SHARING_VIOLATION);
    writable = FALSE;
    EXPECT_EQ(IoCheckShareAccessEx(FILE_READ_DATA, FILE_SHARE_READ, &second, &access, FALSE, &writable),
              STATUS_SUCCESS);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iosetmasterirpstatus
TEST(IrpQueries, TheMoreSevereStatusIsTheMasters) {
    IRP master = {};
    IoSetMasterIrpStatus(&master, STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(master.IoStatus.Status, STATUS_BUFFER_OVERFLOW);
    IoSetMasterIrpStatus(&master, STATUS_UNSUCCESSFUL);
    EXPECT_EQ(master.IoStatus.Status, STATUS_UNSUCCESSFUL);
    IoSetMasterIrpStatus(&master, STATUS_SUCCESS);
    IoSetMasterIrpStatus(&master, STATUS_ACCESS_DENIED);
    EXPECT_EQ(master.IoStatus.Status, STATUS_UNSUCCESSFUL);
    IoSetMasterIrpStatus(&master, static_cast<NTSTATUS>(0x80000016));  // STATUS_VERIFY_REQUIRED
    EXPECT_EQ(master.IoStatus.Status, static_cast<NTSTATUS>(0x80000016));
}

TEST(IrpQueries, PrioritiesAreKept) {
    IRP irp = {};
    EXPECT_EQ(IoGetIoPriorityHint(&irp), IoPriorityNormal);
    for (const IO_PRIORITY_HINT hint : {IoPriorityVeryLow, IoPriorityLow, IoPriorityNormal, IoPriorityHigh}) {
        EXPECT_EQ(IoSetIoPriorityHint(&irp, hint), STATUS_SUCCESS);
        EXPECT_EQ(IoGetIoPriorityHint(&irp), hint);
    }
    EXPECT_EQ(IoSetIoPriorityHint(&irp, MaxIoPriorityTypes), STATUS_INVALID_PARAMETER);
}

TEST(IrpQueries, DesiredAccessIsMappedAndCompared) {
    ACCESS_MASK desired = GENERIC_READ;
    EXPECT_EQ(IoCheckDesiredAccess(&desired, FILE_GENERIC_READ), STATUS_SUCCESS);
    EXPECT_EQ(desired, static_cast<ACCESS_MASK>(FILE_GENERIC_READ));
    desired = GENERIC_WRITE;
    EXPECT_EQ(IoCheckDesiredAccess(&desired, FILE_GENERIC_READ), STATUS_ACCESS_DENIED);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iovalidatedeviceiocontrolaccess
TEST(IrpQueries, TheFileMustBeOpenForWhatTheDriverRequires) {
    test::on_sim([] {
        FILE_OBJECT file = {};
        PIRP irp = IoAllocateIrpEx(nullptr, 1, FALSE);
        IoSetNextIrpStackLocation(irp);
        IoGetCurrentIrpStackLocation(irp)->FileObject = &file;
        EXPECT_EQ(IoValidateDeviceIoControlAccess(irp, FILE_WRITE_ACCESS), STATUS_SUCCESS);  // KernelMode
        irp->RequestorMode = UserMode;
        EXPECT_EQ(IoValidateDeviceIoControlAccess(irp, FILE_WRITE_ACCESS), STATUS_ACCESS_DENIED);
        file.WriteAccess = TRUE;
        EXPECT_EQ(IoValidateDeviceIoControlAccess(irp, FILE_WRITE_ACCESS), STATUS_SUCCESS);
        EXPECT_EQ(IoValidateDeviceIoControlAccess(irp, FILE_READ_ACCESS), STATUS_ACCESS_DENIED);
        EXPECT_EQ(IoValidateDeviceIoControlAccess(irp, 4), STATUS_INVALID_PARAMETER);
        EXPECT_FALSE(IoIs32bitProcess(irp));
        EXPECT_FALSE(IoIsOperationSynchronous(irp));
        file.Flags = FO_SYNCHRONOUS_IO;
        EXPECT_TRUE(IoIsOperationSynchronous(irp));
        EXPECT_EQ(IoGetRequestorProcess(irp), nullptr);
        irp->Tail.Overlay.Thread = reinterpret_cast<PETHREAD>(ke::kthread(ke::current_thread()));
        EXPECT_EQ(IoGetRequestorProcess(irp), IoGetCurrentProcess());
        EXPECT_EQ(IoGetRequestorProcessId(irp), reinterpret_cast<ULONG_PTR>(PsGetCurrentProcessId()));
        IoFreeIrp(irp);
    });
}

}  // namespace
}  // namespace ndiskit::nt
