// Objects, handles, names, events, callbacks.
#include "nt/abi.h"
#include "nt/exports.h"
#include "nt/object/api.h"

extern "C" {

// What the headers of drivers have inline or not at all.
extern POBJECT_TYPE nt_ExEventObjectType;
extern POBJECT_TYPE nt_ExSemaphoreObjectType;
extern POBJECT_TYPE nt_PsProcessType;
extern POBJECT_TYPE nt_PsThreadType;
extern POBJECT_TYPE nt_IoFileObjectType;
extern POBJECT_TYPE nt_IoDeviceObjectType;
extern POBJECT_TYPE nt_IoDriverObjectType;
extern POBJECT_TYPE nt_CmKeyObjectType;

}  // extern "C"

namespace ndiskit::nt {

static const Export rows[] = {
// clang-format off
    {"ExCreateCallback", reinterpret_cast<const void*>(ExCreateCallback), MaxIrql::apc},
    {"ExRegisterCallback", reinterpret_cast<const void*>(ExRegisterCallback), MaxIrql::apc},
    {"ExUnregisterCallback", reinterpret_cast<const void*>(ExUnregisterCallback), MaxIrql::apc},
    {"ExNotifyCallback", reinterpret_cast<const void*>(ExNotifyCallback), MaxIrql::dispatch},
    {"ObfReferenceObject", reinterpret_cast<const void*>(ObfReferenceObject), MaxIrql::dispatch},
    {"ObfReferenceObjectWithTag", reinterpret_cast<const void*>(ObfReferenceObjectWithTag), MaxIrql::any},
    {"ObfDereferenceObject", reinterpret_cast<const void*>(ObfDereferenceObject), MaxIrql::any},
    {"ObfDereferenceObjectWithTag", reinterpret_cast<const void*>(ObfDereferenceObjectWithTag), MaxIrql::any},
    {"ObDereferenceObjectDeferDelete", reinterpret_cast<const void*>(ObDereferenceObjectDeferDelete), MaxIrql::dispatch},
    {"ObReferenceObjectByHandle", reinterpret_cast<const void*>(ObReferenceObjectByHandle), MaxIrql::passive},
    {"ObReferenceObjectByHandleWithTag", reinterpret_cast<const void*>(ObReferenceObjectByHandleWithTag), MaxIrql::passive},
    {"ObReferenceObjectByPointer", reinterpret_cast<const void*>(ObReferenceObjectByPointer), MaxIrql::dispatch},
    {"ObOpenObjectByPointer", reinterpret_cast<const void*>(ObOpenObjectByPointer), MaxIrql::apc},
    {"ObQueryNameString", reinterpret_cast<const void*>(ObQueryNameString), MaxIrql::apc},
    {"ObIsKernelHandle", reinterpret_cast<const void*>(ObIsKernelHandle), MaxIrql::apc},
    {"ObMakeTemporaryObject", reinterpret_cast<const void*>(ObMakeTemporaryObject), MaxIrql::any},
    {"ObCloseHandle", reinterpret_cast<const void*>(ObCloseHandle), MaxIrql::passive},
    {"ZwClose", reinterpret_cast<const void*>(ZwClose), MaxIrql::passive},
    {"ZwMakeTemporaryObject", reinterpret_cast<const void*>(ZwMakeTemporaryObject), MaxIrql::passive},
    {"ZwCreateDirectoryObject", reinterpret_cast<const void*>(ZwCreateDirectoryObject), MaxIrql::passive},
    {"ZwOpenSymbolicLinkObject", reinterpret_cast<const void*>(ZwOpenSymbolicLinkObject), MaxIrql::passive},
    {"ZwQuerySymbolicLinkObject", reinterpret_cast<const void*>(ZwQuerySymbolicLinkObject), MaxIrql::passive},
    {"ZwOpenEvent", reinterpret_cast<const void*>(ZwOpenEvent), MaxIrql::passive},
    {"ZwCreateEvent", reinterpret_cast<const void*>(ZwCreateEvent), MaxIrql::passive},
    {"IoCreateNotificationEvent", reinterpret_cast<const void*>(IoCreateNotificationEvent), MaxIrql::passive},
    {"IoCreateSynchronizationEvent", reinterpret_cast<const void*>(IoCreateSynchronizationEvent), MaxIrql::passive},
    {"ZwSetEvent", reinterpret_cast<const void*>(ZwSetEvent), MaxIrql::passive},
    {"ZwWaitForSingleObject", reinterpret_cast<const void*>(ZwWaitForSingleObject), MaxIrql::passive},
    {"ObReferenceObject", reinterpret_cast<const void*>(ObfReferenceObject), MaxIrql::dispatch},
    {"ObDereferenceObject", reinterpret_cast<const void*>(ObfDereferenceObject), MaxIrql::dispatch},
    {"NtClose", reinterpret_cast<const void*>(ZwClose), MaxIrql::passive},
    {"ZwQueryObject", reinterpret_cast<const void*>(ZwQueryObject), MaxIrql::passive},
    {"ZwDuplicateObject", reinterpret_cast<const void*>(ZwDuplicateObject), MaxIrql::passive},
    {"ZwOpenDirectoryObject", reinterpret_cast<const void*>(ZwOpenDirectoryObject), MaxIrql::passive},
    {"ZwOpenProcess", reinterpret_cast<const void*>(ZwOpenProcess), MaxIrql::passive},
    {"ZwTerminateProcess", reinterpret_cast<const void*>(ZwTerminateProcess), MaxIrql::passive, Support::refuses, "STATUS_ACCESS_DENIED: the only process is the system's"},
    {"ObReferenceObjectSafe", reinterpret_cast<const void*>(ObReferenceObjectSafe), MaxIrql::dispatch},
    {"ObReferenceObjectSafeWithTag", reinterpret_cast<const void*>(ObReferenceObjectSafeWithTag), MaxIrql::dispatch},
    {"ObReferenceObjectByPointerWithTag", reinterpret_cast<const void*>(ObReferenceObjectByPointerWithTag), MaxIrql::dispatch},
    {"ObDereferenceObjectDeferDeleteWithTag", reinterpret_cast<const void*>(ObDereferenceObjectDeferDeleteWithTag), MaxIrql::dispatch},
    {"ObQueryObjectAuditingByHandle", reinterpret_cast<const void*>(ObQueryObjectAuditingByHandle), MaxIrql::passive},
    {"ZwCreateTimer", reinterpret_cast<const void*>(ZwCreateTimer), MaxIrql::passive},
    {"ZwOpenTimer", reinterpret_cast<const void*>(ZwOpenTimer), MaxIrql::passive},
    {"ZwSetTimer", reinterpret_cast<const void*>(ZwSetTimer), MaxIrql::passive},
    {"ZwSetTimerEx", reinterpret_cast<const void*>(ZwSetTimerEx), MaxIrql::passive},
    {"ZwCancelTimer", reinterpret_cast<const void*>(ZwCancelTimer), MaxIrql::passive},
    {"ObGetFilterVersion", reinterpret_cast<const void*>(ObGetFilterVersion), MaxIrql::any},
    {"ObRegisterCallbacks", reinterpret_cast<const void*>(ObRegisterCallbacks), MaxIrql::apc},
    {"ObUnRegisterCallbacks", reinterpret_cast<const void*>(ObUnRegisterCallbacks), MaxIrql::apc},
    {"NtQueryObject", reinterpret_cast<const void*>(ZwQueryObject), MaxIrql::passive},
    {"NtOpenProcess", reinterpret_cast<const void*>(ZwOpenProcess), MaxIrql::passive},
    {.name = "PsProcessType", .address = &nt_PsProcessType, .is_data = true},
    {.name = "ExSemaphoreObjectType", .address = &nt_ExSemaphoreObjectType, .is_data = true},
    {.name = "ExEventObjectType", .address = &nt_ExEventObjectType, .is_data = true},
    {.name = "PsThreadType", .address = &nt_PsThreadType, .is_data = true},
    {.name = "IoFileObjectType", .address = &nt_IoFileObjectType, .is_data = true},
    {.name = "IoDeviceObjectType", .address = &nt_IoDeviceObjectType, .is_data = true},
    {.name = "IoDriverObjectType", .address = &nt_IoDriverObjectType, .is_data = true},
    {.name = "CmKeyObjectType", .address = &nt_CmKeyObjectType, .is_data = true},
// clang-format on
};

std::span<const Export> object_exports() { return rows; }

}  // namespace ndiskit::nt
