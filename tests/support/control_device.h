// A driver with a control device, as tests of programs' I/O need one: every method, reads that wait, a
// request that holds its thread up, one that is never completed, and counts of what came.
#pragma once

#include <cstring>
#include <functional>

#include "nt/io/driver.h"
#include "nt/ke/thread.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "support/irp.h"
#include "support/nt_machine.h"

extern "C" NTSTATUS NTAPI WdmlibIoCreateDeviceSecure(PDRIVER_OBJECT, ULONG, PUNICODE_STRING, ULONG, ULONG,
                                                     BOOLEAN, PCUNICODE_STRING, LPCGUID, PDEVICE_OBJECT*);

namespace ndiskit::test {

struct ControlDevice {
    static constexpr ULONG buffered = CTL_CODE(FILE_DEVICE_NETWORK, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS);
    static constexpr ULONG in_direct =
        CTL_CODE(FILE_DEVICE_NETWORK, 0x801, METHOD_IN_DIRECT, FILE_ANY_ACCESS);
    static constexpr ULONG out_direct =
        CTL_CODE(FILE_DEVICE_NETWORK, 0x802, METHOD_OUT_DIRECT, FILE_ANY_ACCESS);
    static constexpr ULONG neither = CTL_CODE(FILE_DEVICE_NETWORK, 0x803, METHOD_NEITHER, FILE_ANY_ACCESS);
    static constexpr ULONG hold_up = CTL_CODE(FILE_DEVICE_NETWORK, 0x804, METHOD_BUFFERED, FILE_ANY_ACCESS);
    static constexpr ULONG let_go = CTL_CODE(FILE_DEVICE_NETWORK, 0x805, METHOD_BUFFERED, FILE_ANY_ACCESS);
    static constexpr ULONG keep = CTL_CODE(FILE_DEVICE_NETWORK, 0x806, METHOD_BUFFERED, FILE_ANY_ACCESS);
    static constexpr ULONG needs_write =
        CTL_CODE(FILE_DEVICE_NETWORK, 0x807, METHOD_BUFFERED, FILE_WRITE_ACCESS);
    static constexpr ULONG too_much = CTL_CODE(FILE_DEVICE_NETWORK, 0x808, METHOD_BUFFERED, FILE_ANY_ACCESS);
    static constexpr ULONG crash = CTL_CODE(FILE_DEVICE_NETWORK, 0x809, METHOD_BUFFERED, FILE_ANY_ACCESS);

    IO_CSQ csq;
    LIST_ENTRY queue;
    KSPIN_LOCK lock;
    KEVENT held;
    PIRP kept;
    int creates, cleanups, closes, cancelled;
    KPROCESSOR_MODE mode;  // of the last device control
    // To be set before the driver starts:
    ULONG device_flags;
    ULONG characteristics = FILE_DEVICE_SECURE_OPEN;
    const char16_t* sddl;  // null: IoCreateDevice
};
inline ControlDevice device_under_test;

namespace control {

inline NTSTATUS NTAPI count(PDEVICE_OBJECT, PIRP irp) {
    const UCHAR major = IoGetCurrentIrpStackLocation(irp)->MajorFunction;
    ++(major == IRP_MJ_CREATE    ? device_under_test.creates
       : major == IRP_MJ_CLEANUP ? device_under_test.cleanups
                                 : device_under_test.closes);
    return complete(irp, STATUS_SUCCESS);
}

inline NTSTATUS NTAPI control(PDEVICE_OBJECT, PIRP irp) {
    const auto& parameters = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl;
    auto* const bytes = static_cast<uint8_t*>(irp->AssociatedIrp.SystemBuffer);
    const ULONG in = parameters.InputBufferLength, out = parameters.OutputBufferLength;
    device_under_test.mode = irp->RequestorMode;
    switch (parameters.IoControlCode) {
        case ControlDevice::buffered:
            for (ULONG i = 0; i < in; ++i) ++bytes[i];
            return complete(irp, STATUS_SUCCESS, in < out ? in : out);
        case ControlDevice::in_direct:  // answers with the sum of the other buffer
            for (ULONG i = 0; i < out; ++i)
                bytes[0] += static_cast<uint8_t*>(
                    MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority))[i];
            return complete(irp, bytes[0] == 10 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL, 0);
        case ControlDevice::out_direct:
            std::memset(MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority), bytes[0], out);
            return complete(irp, STATUS_SUCCESS, out);
        case ControlDevice::neither:
            for (ULONG i = 0; i < out; ++i)
                static_cast<uint8_t*>(irp->UserBuffer)[i] +=
                    static_cast<uint8_t*>(parameters.Type3InputBuffer)[i % in];
            return complete(irp, STATUS_SUCCESS, out);
        case ControlDevice::hold_up:
            KeWaitForSingleObject(&device_under_test.held, Executive, KernelMode, FALSE, nullptr);
            return complete(irp, STATUS_SUCCESS);
        case ControlDevice::let_go:
            KeSetEvent(&device_under_test.held, 0, FALSE);
            return complete(irp, STATUS_SUCCESS);
        case ControlDevice::keep:
            IoMarkIrpPending(irp);
            device_under_test.kept = irp;
            return STATUS_PENDING;
        case ControlDevice::crash:
            KeBugCheckEx(0xE2, 1, 2, 3, 4);
        case ControlDevice::too_much:
            return complete(irp, STATUS_SUCCESS, out + 1000);
        default:
            return complete(irp, parameters.IoControlCode == ControlDevice::needs_write
                                     ? STATUS_SUCCESS
                                     : STATUS_INVALID_DEVICE_REQUEST);
    }
}

inline NTSTATUS NTAPI read(PDEVICE_OBJECT, PIRP irp) {
    IoCsqInsertIrp(&device_under_test.csq, irp, nullptr);
    return STATUS_PENDING;
}

// What is written reaches the oldest read that waits.
inline NTSTATUS NTAPI write(PDEVICE_OBJECT, PIRP irp) {
    const ULONG length = IoGetCurrentIrpStackLocation(irp)->Parameters.Write.Length;
    const auto address = [](PIRP of) {
        if (of->MdlAddress) return MmGetSystemAddressForMdlSafe(of->MdlAddress, NormalPagePriority);
        return of->AssociatedIrp.SystemBuffer ? of->AssociatedIrp.SystemBuffer : of->UserBuffer;
    };
    if (PIRP reader = IoCsqRemoveNextIrp(&device_under_test.csq, nullptr)) {
        const ULONG room = IoGetCurrentIrpStackLocation(reader)->Parameters.Read.Length;
        const ULONG size = length < room ? length : room;
        std::memcpy(address(reader), address(irp), size);
        complete(reader, STATUS_SUCCESS, size);
    }
    return complete(irp, STATUS_SUCCESS, length);
}

inline void NTAPI insert(PIO_CSQ, PIRP irp) {
    InsertTailList(&device_under_test.queue, &irp->Tail.Overlay.ListEntry);
}
inline void NTAPI remove(PIO_CSQ, PIRP irp) { RemoveEntryList(&irp->Tail.Overlay.ListEntry); }
inline PIRP NTAPI peek(PIO_CSQ, PIRP irp, PVOID) {
    PLIST_ENTRY const head = &device_under_test.queue;
    PLIST_ENTRY const next = irp ? irp->Tail.Overlay.ListEntry.Flink : head->Flink;
    return next == head ? nullptr : CONTAINING_RECORD(next, IRP, Tail.Overlay.ListEntry);
}
inline void NTAPI acquire(PIO_CSQ, PKIRQL irql) {
    *irql = KeAcquireSpinLockRaiseToDpc(&device_under_test.lock);
}
inline void NTAPI release(PIO_CSQ, KIRQL irql) { KeReleaseSpinLock(&device_under_test.lock, irql); }
inline void NTAPI complete_cancelled(PIO_CSQ, PIRP irp) {
    ++device_under_test.cancelled;
    complete(irp, STATUS_CANCELLED);
}

inline void NTAPI unload(PDRIVER_OBJECT driver) {
    UNICODE_STRING link = nt::unicode_string(u"\\DosDevices\\ControlTest");
    IoDeleteSymbolicLink(&link);
    while (driver->DeviceObject) IoDeleteDevice(driver->DeviceObject);
}

inline NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    device_under_test = {.device_flags = device_under_test.device_flags,
                         .characteristics = device_under_test.characteristics,
                         .sddl = device_under_test.sddl};
    InitializeListHead(&device_under_test.queue);
    KeInitializeEvent(&device_under_test.held, SynchronizationEvent, FALSE);
    IoCsqInitialize(&device_under_test.csq, insert, remove, peek, acquire, release, complete_cancelled);
    driver->DriverUnload = unload;
    for (int major : {IRP_MJ_CREATE, IRP_MJ_CLEANUP, IRP_MJ_CLOSE}) driver->MajorFunction[major] = count;
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = control;
    driver->MajorFunction[IRP_MJ_READ] = read;
    driver->MajorFunction[IRP_MJ_WRITE] = write;
    UNICODE_STRING name = nt::unicode_string(u"\\Device\\ControlTest");
    UNICODE_STRING link = nt::unicode_string(u"\\DosDevices\\ControlTest");
    PDEVICE_OBJECT device;
    const ULONG type = FILE_DEVICE_NETWORK, characteristics = device_under_test.characteristics;
    NTSTATUS status;
    if (device_under_test.sddl) {
        UNICODE_STRING sddl = nt::unicode_string(std::u16string_view(device_under_test.sddl));
        status = WdmlibIoCreateDeviceSecure(driver, 0, &name, type, characteristics, FALSE, &sddl, nullptr,
                                            &device);
    } else {
        status = IoCreateDevice(driver, 0, &name, type, characteristics, FALSE, &device);
    }
    if (!NT_SUCCESS(status)) return status;
    device->Flags |= device_under_test.device_flags;
    return IoCreateSymbolicLink(&link, &name);
}

}  // namespace control

// The body while the driver runs, on a machine that is there already.
inline void with_control_device(const std::function<void()>& body) {
    nt::io::register_builtin("control-test", control::entry);
    nt::registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\ctltest", "ImagePath",
                             "builtin:control-test");
    const auto started = nt::io::start_service("ctltest");
    ASSERT_TRUE(started) << started.error().text();
    body();
    const auto stopped = nt::io::stop_service("ctltest");
    EXPECT_TRUE(stopped) << stopped.error().text();
}

}  // namespace ndiskit::test
