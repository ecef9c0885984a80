// The I/O system, PnP and power.
#include "nt/abi.h"
#include "nt/exports.h"

extern "C" {

// What the headers of drivers have inline or not at all.
NTSTATUS NTAPI WdmlibIoCreateDeviceSecure(PDRIVER_OBJECT driver, ULONG extension_size, PUNICODE_STRING name, ULONG type, ULONG characteristics, BOOLEAN exclusive, PCUNICODE_STRING, LPCGUID, PDEVICE_OBJECT* result);

}  // extern "C"

namespace ndiskit::nt {

static const Export rows[] = {
// clang-format off
    {"IoAcquireCancelSpinLock", reinterpret_cast<const void*>(IoAcquireCancelSpinLock), MaxIrql::dispatch},
    {"IoReleaseCancelSpinLock", reinterpret_cast<const void*>(IoReleaseCancelSpinLock), MaxIrql::dispatch},
    {"IoCancelIrp", reinterpret_cast<const void*>(IoCancelIrp), MaxIrql::dispatch},
    {"IoCsqInitialize", reinterpret_cast<const void*>(IoCsqInitialize), MaxIrql::any},
    {"IoCsqInitializeEx", reinterpret_cast<const void*>(IoCsqInitializeEx), MaxIrql::any},
    {"IoCsqInsertIrpEx", reinterpret_cast<const void*>(IoCsqInsertIrpEx), MaxIrql::dispatch},
    {"IoCsqInsertIrp", reinterpret_cast<const void*>(IoCsqInsertIrp), MaxIrql::dispatch},
    {"IoCsqRemoveIrp", reinterpret_cast<const void*>(IoCsqRemoveIrp), MaxIrql::dispatch},
    {"IoCsqRemoveNextIrp", reinterpret_cast<const void*>(IoCsqRemoveNextIrp), MaxIrql::dispatch},
    {"IoCreateDevice", reinterpret_cast<const void*>(IoCreateDevice), MaxIrql::apc},
    {"WdmlibIoCreateDeviceSecure", reinterpret_cast<const void*>(WdmlibIoCreateDeviceSecure), MaxIrql::passive},
    {"IoDeleteDevice", reinterpret_cast<const void*>(IoDeleteDevice), MaxIrql::apc},
    {"IoCreateSymbolicLink", reinterpret_cast<const void*>(IoCreateSymbolicLink), MaxIrql::passive},
    {"IoCreateUnprotectedSymbolicLink", reinterpret_cast<const void*>(IoCreateUnprotectedSymbolicLink), MaxIrql::passive},
    {"IoDeleteSymbolicLink", reinterpret_cast<const void*>(IoDeleteSymbolicLink), MaxIrql::passive},
    {"IoAttachDeviceToDeviceStack", reinterpret_cast<const void*>(IoAttachDeviceToDeviceStack), MaxIrql::dispatch},
    {"IoAttachDeviceToDeviceStackSafe", reinterpret_cast<const void*>(IoAttachDeviceToDeviceStackSafe), MaxIrql::dispatch},
    {"IoAttachDevice", reinterpret_cast<const void*>(IoAttachDevice), MaxIrql::passive},
    {"IoDetachDevice", reinterpret_cast<const void*>(IoDetachDevice), MaxIrql::passive},
    {"IoGetAttachedDevice", reinterpret_cast<const void*>(IoGetAttachedDevice), MaxIrql::dispatch},
    {"IoGetAttachedDeviceReference", reinterpret_cast<const void*>(IoGetAttachedDeviceReference), MaxIrql::dispatch},
    {"IoGetLowerDeviceObject", reinterpret_cast<const void*>(IoGetLowerDeviceObject), MaxIrql::dispatch},
    {"IoGetDeviceAttachmentBaseRef", reinterpret_cast<const void*>(IoGetDeviceAttachmentBaseRef), MaxIrql::dispatch},
    {"IoRegisterShutdownNotification", reinterpret_cast<const void*>(IoRegisterShutdownNotification), MaxIrql::passive},
    {"IoRegisterLastChanceShutdownNotification", reinterpret_cast<const void*>(IoRegisterLastChanceShutdownNotification), MaxIrql::passive},
    {"IoUnregisterShutdownNotification", reinterpret_cast<const void*>(IoUnregisterShutdownNotification), MaxIrql::passive},
    {"ZwLoadDriver", reinterpret_cast<const void*>(ZwLoadDriver), MaxIrql::passive},
    {"ZwUnloadDriver", reinterpret_cast<const void*>(ZwUnloadDriver), MaxIrql::passive},
    {"IoAllocateDriverObjectExtension", reinterpret_cast<const void*>(IoAllocateDriverObjectExtension), MaxIrql::dispatch},
    {"IoGetDriverObjectExtension", reinterpret_cast<const void*>(IoGetDriverObjectExtension), MaxIrql::dispatch},
    {"IoRegisterDriverReinitialization", reinterpret_cast<const void*>(IoRegisterDriverReinitialization), MaxIrql::passive},
    {"IoRegisterBootDriverReinitialization", reinterpret_cast<const void*>(IoRegisterBootDriverReinitialization), MaxIrql::passive},
    {"ZwCreateFile", reinterpret_cast<const void*>(ZwCreateFile), MaxIrql::passive},
    {"ZwOpenFile", reinterpret_cast<const void*>(ZwOpenFile), MaxIrql::passive},
    {"ZwDeviceIoControlFile", reinterpret_cast<const void*>(ZwDeviceIoControlFile), MaxIrql::passive},
    {"ZwReadFile", reinterpret_cast<const void*>(ZwReadFile), MaxIrql::passive},
    {"ZwWriteFile", reinterpret_cast<const void*>(ZwWriteFile), MaxIrql::passive},
    {"IoGetDeviceObjectPointer", reinterpret_cast<const void*>(IoGetDeviceObjectPointer), MaxIrql::passive},
    {"IoGetRelatedDeviceObject", reinterpret_cast<const void*>(IoGetRelatedDeviceObject), MaxIrql::dispatch},
    {"IoInitializeIrp", reinterpret_cast<const void*>(IoInitializeIrp), MaxIrql::dispatch},
    {"IoAllocateIrp", reinterpret_cast<const void*>(IoAllocateIrp), MaxIrql::dispatch},
    {"IoFreeIrp", reinterpret_cast<const void*>(IoFreeIrp), MaxIrql::dispatch},
    {"IoReuseIrp", reinterpret_cast<const void*>(IoReuseIrp), MaxIrql::dispatch},
    {"IoMakeAssociatedIrp", reinterpret_cast<const void*>(IoMakeAssociatedIrp), MaxIrql::dispatch},
    {"IofCallDriver", reinterpret_cast<const void*>(IofCallDriver), MaxIrql::dispatch},
    {"IofCompleteRequest", reinterpret_cast<const void*>(IofCompleteRequest), MaxIrql::dispatch},
    {"IoBuildAsynchronousFsdRequest", reinterpret_cast<const void*>(IoBuildAsynchronousFsdRequest), MaxIrql::apc},
    {"IoBuildSynchronousFsdRequest", reinterpret_cast<const void*>(IoBuildSynchronousFsdRequest), MaxIrql::apc},
    {"IoBuildDeviceIoControlRequest", reinterpret_cast<const void*>(IoBuildDeviceIoControlRequest), MaxIrql::apc},
    {"IoForwardIrpSynchronously", reinterpret_cast<const void*>(IoForwardIrpSynchronously), MaxIrql::apc},
    {"IoSetCompletionRoutineEx", reinterpret_cast<const void*>(IoSetCompletionRoutineEx), MaxIrql::dispatch},
    {"IoGetDeviceProperty", reinterpret_cast<const void*>(IoGetDeviceProperty), MaxIrql::passive},
    {"IoOpenDeviceRegistryKey", reinterpret_cast<const void*>(IoOpenDeviceRegistryKey), MaxIrql::passive},
    {"IoInvalidateDeviceState", reinterpret_cast<const void*>(IoInvalidateDeviceState), MaxIrql::dispatch},
    {"PoCallDriver", reinterpret_cast<const void*>(PoCallDriver), MaxIrql::any},
    {"PoStartNextPowerIrp", reinterpret_cast<const void*>(PoStartNextPowerIrp), MaxIrql::dispatch},
    {"PoRequestPowerIrp", reinterpret_cast<const void*>(PoRequestPowerIrp), MaxIrql::dispatch},
    {"PoSetPowerState", reinterpret_cast<const void*>(PoSetPowerState), MaxIrql::any},
    {"PoSetSystemState", reinterpret_cast<const void*>(PoSetSystemState), MaxIrql::dispatch},
    {"IoInitializeRemoveLockEx", reinterpret_cast<const void*>(IoInitializeRemoveLockEx), MaxIrql::any},
    {"IoAcquireRemoveLockEx", reinterpret_cast<const void*>(IoAcquireRemoveLockEx), MaxIrql::any},
    {"IoReleaseRemoveLockEx", reinterpret_cast<const void*>(IoReleaseRemoveLockEx), MaxIrql::any},
    {"IoReleaseRemoveLockAndWaitEx", reinterpret_cast<const void*>(IoReleaseRemoveLockAndWaitEx), MaxIrql::any},
    {"IoSizeofWorkItem", reinterpret_cast<const void*>(IoSizeofWorkItem), MaxIrql::any},
    {"IoInitializeWorkItem", reinterpret_cast<const void*>(IoInitializeWorkItem), MaxIrql::any},
    {"IoUninitializeWorkItem", reinterpret_cast<const void*>(IoUninitializeWorkItem), MaxIrql::any},
    {"IoAllocateWorkItem", reinterpret_cast<const void*>(IoAllocateWorkItem), MaxIrql::dispatch},
    {"IoFreeWorkItem", reinterpret_cast<const void*>(IoFreeWorkItem), MaxIrql::dispatch},
    {"IoQueueWorkItem", reinterpret_cast<const void*>(IoQueueWorkItem), MaxIrql::dispatch},
    {"IoQueueWorkItemEx", reinterpret_cast<const void*>(IoQueueWorkItemEx), MaxIrql::dispatch},
    {"NtDeviceIoControlFile", reinterpret_cast<const void*>(ZwDeviceIoControlFile), MaxIrql::passive},
    {"NtCreateFile", reinterpret_cast<const void*>(ZwCreateFile), MaxIrql::passive},
    {"NtOpenFile", reinterpret_cast<const void*>(ZwOpenFile), MaxIrql::passive},
    {"NtReadFile", reinterpret_cast<const void*>(ZwReadFile), MaxIrql::passive},
    {"NtWriteFile", reinterpret_cast<const void*>(ZwWriteFile), MaxIrql::passive},
// clang-format on
};

std::span<const Export> io_exports() { return rows; }

}  // namespace ndiskit::nt
