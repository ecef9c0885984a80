// The I/O system, PnP and power.
#include "nt/exports.h"
#include "nt/abi.h"
#include "nt/io/activity.h"
#include "nt/io/container.h"
#include "nt/io/driver_places.h"

extern "C" {

// What the headers of drivers have inline or not at all.
NTSTATUS NTAPI WdmlibIoCreateDeviceSecure(PDRIVER_OBJECT driver, ULONG extension_size, PUNICODE_STRING name,
                                          ULONG type, ULONG characteristics, BOOLEAN exclusive,
                                          PCUNICODE_STRING, LPCGUID, PDEVICE_OBJECT* result);

NTSTATUS NTAPI IoGetRequestorSessionId(PIRP irp, PULONG session);
BOOLEAN NTAPI IoIsSystemThread(PETHREAD thread);
void NTAPI IoSetMasterIrpStatus(PIRP master, NTSTATUS status);
PIRP NTAPI IoAllocateIrpEx(PDEVICE_OBJECT device, CCHAR stack_size, BOOLEAN charge_quota);

NTSTATUS NTAPI IoSynchronousCallDriver(PDEVICE_OBJECT device, PIRP irp);
USHORT NTAPI IoSizeOfIrpEx(PDEVICE_OBJECT device, CCHAR stack_size);
void NTAPI IoInitializeIrpEx(PIRP irp, PDEVICE_OBJECT device, USHORT size, CCHAR stack_size);
PIRP NTAPI IoMakeAssociatedIrpEx(PIRP master, PDEVICE_OBJECT device, CCHAR stack_size);
void NTAPI IoCleanupIrp(PIRP irp);
PEPROCESS NTAPI IoGetInitiatorProcess(PFILE_OBJECT file);
BOOLEAN NTAPI IoTryQueueWorkItem(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE_EX routine, WORK_QUEUE_TYPE type,
                                 PVOID context);

NTSTATUS NTAPI IoGetDeviceInterfacePropertyData(PUNICODE_STRING link, const DEVPROPKEY* key, LCID language,
                                                ULONG flags, ULONG size, PVOID data, PULONG needed,
                                                PDEVPROPTYPE type);
NTSTATUS NTAPI IoSetDeviceInterfacePropertyData(PUNICODE_STRING link, const DEVPROPKEY* key, LCID language,
                                                ULONG flags, DEVPROPTYPE type, ULONG size, PVOID data);

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
    {"IoSetStartIoAttributes", reinterpret_cast<const void*>(IoSetStartIoAttributes), MaxIrql::any},
    {"IoStartPacket", reinterpret_cast<const void*>(IoStartPacket), MaxIrql::dispatch},
    {.name = "IoStartNextPacket", .address = reinterpret_cast<const void*>(IoStartNextPacket), .max_irql = MaxIrql::dispatch, .min_irql = 2},
    {.name = "IoStartNextPacketByKey", .address = reinterpret_cast<const void*>(IoStartNextPacketByKey), .max_irql = MaxIrql::dispatch, .min_irql = 2},
    {"IoInitializeTimer", reinterpret_cast<const void*>(IoInitializeTimer), MaxIrql::passive},
    {"IoStartTimer", reinterpret_cast<const void*>(IoStartTimer), MaxIrql::dispatch},
    {"IoStopTimer", reinterpret_cast<const void*>(IoStopTimer), MaxIrql::dispatch},
    {"IoCheckShareAccess", reinterpret_cast<const void*>(IoCheckShareAccess), MaxIrql::passive},
    {"IoCheckShareAccessEx", reinterpret_cast<const void*>(IoCheckShareAccessEx), MaxIrql::passive},
    {"IoSetShareAccess", reinterpret_cast<const void*>(IoSetShareAccess), MaxIrql::passive},
    {"IoSetShareAccessEx", reinterpret_cast<const void*>(IoSetShareAccessEx), MaxIrql::passive},
    {"IoUpdateShareAccess", reinterpret_cast<const void*>(IoUpdateShareAccess), MaxIrql::passive},
    {"IoRemoveShareAccess", reinterpret_cast<const void*>(IoRemoveShareAccess), MaxIrql::passive},
    {"IoRegisterDeviceInterface", reinterpret_cast<const void*>(IoRegisterDeviceInterface), MaxIrql::passive},
    {"IoSetDeviceInterfaceState", reinterpret_cast<const void*>(IoSetDeviceInterfaceState), MaxIrql::passive},
    {"IoGetDeviceInterfaces", reinterpret_cast<const void*>(IoGetDeviceInterfaces), MaxIrql::passive},
    {"IoGetDeviceInterfaceAlias", reinterpret_cast<const void*>(IoGetDeviceInterfaceAlias), MaxIrql::passive},
    {"IoOpenDeviceInterfaceRegistryKey", reinterpret_cast<const void*>(IoOpenDeviceInterfaceRegistryKey), MaxIrql::passive},
    {"IoRegisterPlugPlayNotification", reinterpret_cast<const void*>(IoRegisterPlugPlayNotification), MaxIrql::passive},
    {"IoUnregisterPlugPlayNotification", reinterpret_cast<const void*>(IoUnregisterPlugPlayNotification), MaxIrql::passive},
    {"IoUnregisterPlugPlayNotificationEx", reinterpret_cast<const void*>(IoUnregisterPlugPlayNotificationEx), MaxIrql::passive},
    {"IoReportTargetDeviceChange", reinterpret_cast<const void*>(IoReportTargetDeviceChange), MaxIrql::passive},
    {"IoGetDevicePropertyData", reinterpret_cast<const void*>(IoGetDevicePropertyData), MaxIrql::apc},
    {"IoSetDevicePropertyData", reinterpret_cast<const void*>(IoSetDevicePropertyData), MaxIrql::apc},
    {"IoGetRequestorProcess", reinterpret_cast<const void*>(IoGetRequestorProcess), MaxIrql::dispatch},
    {"IoGetRequestorProcessId", reinterpret_cast<const void*>(IoGetRequestorProcessId), MaxIrql::dispatch},
    {"IoGetRequestorSessionId", reinterpret_cast<const void*>(IoGetRequestorSessionId), MaxIrql::apc},
    {"IoIs32bitProcess", reinterpret_cast<const void*>(IoIs32bitProcess), MaxIrql::dispatch},
    {"IoIsSystemThread", reinterpret_cast<const void*>(IoIsSystemThread), MaxIrql::dispatch},
    {"IoIsOperationSynchronous", reinterpret_cast<const void*>(IoIsOperationSynchronous), MaxIrql::any},
    {"IoGetIoPriorityHint", reinterpret_cast<const void*>(IoGetIoPriorityHint), MaxIrql::any},
    {"IoSetIoPriorityHint", reinterpret_cast<const void*>(IoSetIoPriorityHint), MaxIrql::any},
    {"IoGetFileObjectGenericMapping", reinterpret_cast<const void*>(IoGetFileObjectGenericMapping), MaxIrql::passive},
    {"IoCheckDesiredAccess", reinterpret_cast<const void*>(IoCheckDesiredAccess), MaxIrql::any},
    {"IoValidateDeviceIoControlAccess", reinterpret_cast<const void*>(IoValidateDeviceIoControlAccess), MaxIrql::any},
    {"IoSetMasterIrpStatus", reinterpret_cast<const void*>(IoSetMasterIrpStatus), MaxIrql::any},
    {"IoAttachDeviceByPointer", reinterpret_cast<const void*>(IoAttachDeviceByPointer), MaxIrql::passive},
    {"IoAllocateIrpEx", reinterpret_cast<const void*>(IoAllocateIrpEx), MaxIrql::dispatch},
    {"PoRegisterPowerSettingCallback", reinterpret_cast<const void*>(PoRegisterPowerSettingCallback), MaxIrql::passive},
    {"PoUnregisterPowerSettingCallback", reinterpret_cast<const void*>(PoUnregisterPowerSettingCallback), MaxIrql::passive},
    {"IoCallDriver", reinterpret_cast<const void*>(IofCallDriver), MaxIrql::dispatch},
    {"IoCompleteRequest", reinterpret_cast<const void*>(IofCompleteRequest), MaxIrql::dispatch},
    {"IoAllocateErrorLogEntry", reinterpret_cast<const void*>(IoAllocateErrorLogEntry), MaxIrql::dispatch},
    {"IoFreeErrorLogEntry", reinterpret_cast<const void*>(IoFreeErrorLogEntry), MaxIrql::dispatch},
    {"IoWriteErrorLogEntry", reinterpret_cast<const void*>(IoWriteErrorLogEntry), MaxIrql::dispatch},
    {"IoSetActivityIdThread", reinterpret_cast<const void*>(IoSetActivityIdThread), MaxIrql::any},
    {"IoClearActivityIdThread", reinterpret_cast<const void*>(IoClearActivityIdThread), MaxIrql::any},
    {"IoGetActivityIdThread", reinterpret_cast<const void*>(IoGetActivityIdThread), MaxIrql::any},
    {"IoTransferActivityId", reinterpret_cast<const void*>(IoTransferActivityId), MaxIrql::any},
    {"IoSetActivityIdIrp", reinterpret_cast<const void*>(IoSetActivityIdIrp), MaxIrql::any},
    {"IoGetActivityIdIrp", reinterpret_cast<const void*>(IoGetActivityIdIrp), MaxIrql::any},
    {"IoPropagateActivityIdToThread", reinterpret_cast<const void*>(IoPropagateActivityIdToThread), MaxIrql::any},
    {"NtDeviceIoControlFile", reinterpret_cast<const void*>(ZwDeviceIoControlFile), MaxIrql::passive},
    {"NtCreateFile", reinterpret_cast<const void*>(ZwCreateFile), MaxIrql::passive},
    {"NtOpenFile", reinterpret_cast<const void*>(ZwOpenFile), MaxIrql::passive},
    {"NtReadFile", reinterpret_cast<const void*>(ZwReadFile), MaxIrql::passive},
    {"NtWriteFile", reinterpret_cast<const void*>(ZwWriteFile), MaxIrql::passive},
    {"IoSynchronousCallDriver", reinterpret_cast<const void*>(IoSynchronousCallDriver), MaxIrql::apc},
    {"IoSizeOfIrpEx", reinterpret_cast<const void*>(IoSizeOfIrpEx), MaxIrql::any},
    {"IoInitializeIrpEx", reinterpret_cast<const void*>(IoInitializeIrpEx), MaxIrql::dispatch},
    {"IoMakeAssociatedIrpEx", reinterpret_cast<const void*>(IoMakeAssociatedIrpEx), MaxIrql::dispatch},
    {"IoCleanupIrp", reinterpret_cast<const void*>(IoCleanupIrp), MaxIrql::dispatch},
    {"IoThreadToProcess", reinterpret_cast<const void*>(IoThreadToProcess), MaxIrql::dispatch},
    {"IoGetInitiatorProcess", reinterpret_cast<const void*>(IoGetInitiatorProcess), MaxIrql::dispatch},
    {"IoGetPagingIoPriority", reinterpret_cast<const void*>(IoGetPagingIoPriority), MaxIrql::any},
    {"IoGetTopLevelIrp", reinterpret_cast<const void*>(IoGetTopLevelIrp), MaxIrql::dispatch},
    {"IoSetTopLevelIrp", reinterpret_cast<const void*>(IoSetTopLevelIrp), MaxIrql::dispatch},
    {"IoGetInitialStack", reinterpret_cast<const void*>(IoGetInitialStack), MaxIrql::apc},
    {"IoTryQueueWorkItem", reinterpret_cast<const void*>(IoTryQueueWorkItem), MaxIrql::dispatch},
    {"IoSetIrpExtraCreateParameter", reinterpret_cast<const void*>(IoSetIrpExtraCreateParameter), MaxIrql::dispatch},
    {"IoGetIrpExtraCreateParameter", reinterpret_cast<const void*>(IoGetIrpExtraCreateParameter), MaxIrql::dispatch},
    {"IoClearIrpExtraCreateParameter", reinterpret_cast<const void*>(IoClearIrpExtraCreateParameter), MaxIrql::dispatch},
    {"IoRequestDeviceEject", reinterpret_cast<const void*>(IoRequestDeviceEject), MaxIrql::dispatch},
    {"IoRequestDeviceEjectEx", reinterpret_cast<const void*>(IoRequestDeviceEjectEx), MaxIrql::dispatch},
    {"IoReportTargetDeviceChangeAsynchronous", reinterpret_cast<const void*>(IoReportTargetDeviceChangeAsynchronous), MaxIrql::dispatch},
    {"IoGetDeviceInterfacePropertyData", reinterpret_cast<const void*>(IoGetDeviceInterfacePropertyData), MaxIrql::passive},
    {"IoSetDeviceInterfacePropertyData", reinterpret_cast<const void*>(IoSetDeviceInterfacePropertyData), MaxIrql::apc},
    {"IoRegisterContainerNotification", reinterpret_cast<const void*>(IoRegisterContainerNotification), MaxIrql::apc},
    {"IoUnregisterContainerNotification", reinterpret_cast<const void*>(IoUnregisterContainerNotification), MaxIrql::apc},
    {"IoGetContainerInformation", reinterpret_cast<const void*>(IoGetContainerInformation), MaxIrql::apc},
    {"IoOpenDriverRegistryKey", reinterpret_cast<const void*>(IoOpenDriverRegistryKey), MaxIrql::passive},
    {"IoGetDriverDirectory", reinterpret_cast<const void*>(IoGetDriverDirectory), MaxIrql::passive},
    {"IoGetDeviceDirectory", reinterpret_cast<const void*>(IoGetDeviceDirectory), MaxIrql::passive},
    {"IoQueryFullDriverPath", reinterpret_cast<const void*>(IoQueryFullDriverPath), MaxIrql::apc},
    {"IoEnumerateDeviceObjectList", reinterpret_cast<const void*>(IoEnumerateDeviceObjectList), MaxIrql::dispatch},
    {"IoGetConfigurationInformation", reinterpret_cast<const void*>(IoGetConfigurationInformation), MaxIrql::passive},
    {"IoGetDeviceNumaNode", reinterpret_cast<const void*>(IoGetDeviceNumaNode), MaxIrql::passive},
    {"IoInvalidateDeviceRelations", reinterpret_cast<const void*>(IoInvalidateDeviceRelations), MaxIrql::dispatch, Support::partial, "a bus driver is asked for its children, which are not started"},
    // clang-format on
};

std::span<const Export> io_exports() { return rows; }

}  // namespace ndiskit::nt
