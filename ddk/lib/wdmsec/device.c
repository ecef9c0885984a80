// The functions and constants of wdmsec.lib, which Windows links into drivers too. A device is made and gets its
// descriptor before anybody can open it: until DO_DEVICE_INITIALIZING is cleared the I/O manager refuses.
//
// Overrides that an administrator put into the registry for a device class are not looked up here: the default
// descriptor of the call is what counts.
#include "sddl.h"

#include <wdmsec.h>

#define SDDL_CONSTANT(name, text)                                                                         \
    static const WCHAR name##_TEXT[] = text;                                                              \
    const UNICODE_STRING name = {sizeof name##_TEXT - sizeof(WCHAR), sizeof name##_TEXT, (PWSTR)name##_TEXT}

SDDL_CONSTANT(SDDL_DEVOBJ_KERNEL_ONLY, L"D:P");
SDDL_CONSTANT(SDDL_DEVOBJ_SYS_ALL, L"D:P(A;;GA;;;SY)");
SDDL_CONSTANT(SDDL_DEVOBJ_SYS_ALL_ADM_ALL, L"D:P(A;;GA;;;SY)(A;;GA;;;BA)");
SDDL_CONSTANT(SDDL_DEVOBJ_SYS_ALL_ADM_RX, L"D:P(A;;GA;;;SY)(A;;GRGX;;;BA)");
SDDL_CONSTANT(SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_R, L"D:P(A;;GA;;;SY)(A;;GRGWGX;;;BA)(A;;GR;;;WD)");
SDDL_CONSTANT(SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_R_RES_R,
              L"D:P(A;;GA;;;SY)(A;;GRGWGX;;;BA)(A;;GR;;;WD)(A;;GR;;;RC)");
SDDL_CONSTANT(SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_RW_RES_R,
              L"D:P(A;;GA;;;SY)(A;;GRGWGX;;;BA)(A;;GRGW;;;WD)(A;;GR;;;RC)");
SDDL_CONSTANT(SDDL_DEVOBJ_SYS_ALL_ADM_RWX_WORLD_RWX_RES_RWX,
              L"D:P(A;;GA;;;SY)(A;;GRGWGX;;;BA)(A;;GRGWGX;;;WD)(A;;GRGWGX;;;RC)");

static NTSTATUS set_security(PDEVICE_OBJECT device, PSECURITY_DESCRIPTOR descriptor) {
    HANDLE handle;
    NTSTATUS status = ObOpenObjectByPointer(device, OBJ_KERNEL_HANDLE, NULL, WRITE_DAC, NULL, KernelMode, &handle);
    if (!NT_SUCCESS(status)) return status;
    status = ZwSetSecurityObject(handle, DACL_SECURITY_INFORMATION, descriptor);
    ZwClose(handle);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdmsec/nf-wdmsec-wdmlibiocreatedevicesecure
NTSTATUS WdmlibIoCreateDeviceSecure(PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize,
                                    PUNICODE_STRING DeviceName, DEVICE_TYPE DeviceType,
                                    ULONG DeviceCharacteristics, BOOLEAN Exclusive,
                                    PCUNICODE_STRING DefaultSDDLString, LPCGUID DeviceClassGuid,
                                    PDEVICE_OBJECT* DeviceObject) {
    UNREFERENCED_PARAMETER(DeviceClassGuid);
    PAGED_CODE();
    // A kilobyte and more is much on a kernel stack.
    sddl_descriptor* descriptor = ExAllocatePoolWithTag(PagedPool, sizeof *descriptor, 'ceSW');
    if (!descriptor) return STATUS_INSUFFICIENT_RESOURCES;
    NTSTATUS status = sddl_parse(DefaultSDDLString, descriptor);
    PDEVICE_OBJECT device = NULL;
    if (NT_SUCCESS(status))
        status = IoCreateDevice(DriverObject, DeviceExtensionSize, DeviceName, DeviceType, DeviceCharacteristics,
                                Exclusive, &device);
    if (NT_SUCCESS(status)) {
        status = set_security(device, &descriptor->descriptor);
        if (!NT_SUCCESS(status)) IoDeleteDevice(device);
    }
    ExFreePoolWithTag(descriptor, 'ceSW');
    if (NT_SUCCESS(status)) *DeviceObject = device;
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdmsec/nf-wdmsec-wdmlibiovalidatedeviceiocontrolaccess
NTSTATUS WdmlibIoValidateDeviceIoControlAccess(PIRP Irp, ULONG RequiredAccess) {
    const PIO_STACK_LOCATION stack = IoGetCurrentIrpStackLocation(Irp);
    if (stack->MajorFunction != IRP_MJ_DEVICE_CONTROL || (RequiredAccess & ~(FILE_READ_DATA | FILE_WRITE_DATA)))
        return STATUS_INVALID_PARAMETER;
    if (Irp->RequestorMode == KernelMode) return STATUS_SUCCESS;
    const PFILE_OBJECT file = stack->FileObject;
    const ULONG granted =
        file ? (file->ReadAccess ? FILE_READ_DATA : 0) | (file->WriteAccess ? FILE_WRITE_DATA : 0) : 0;
    return (granted & RequiredAccess) == RequiredAccess ? STATUS_SUCCESS : STATUS_ACCESS_DENIED;
}

NTSTATUS WdmlibRtlInitUnicodeStringEx(PUNICODE_STRING DestinationString, PCWSTR SourceString) {
    RtlZeroMemory(DestinationString, sizeof *DestinationString);
    if (!SourceString) return STATUS_SUCCESS;
    SIZE_T characters = 0;
    while (SourceString[characters]) ++characters;
    if (characters > (0xFFFF - sizeof(WCHAR)) / sizeof(WCHAR)) return STATUS_NAME_TOO_LONG;
    DestinationString->Buffer = (PWSTR)SourceString;
    DestinationString->Length = (USHORT)(characters * sizeof(WCHAR));
    DestinationString->MaximumLength = (USHORT)((characters + 1) * sizeof(WCHAR));
    return STATUS_SUCCESS;
}
