// The registry.
#include "nt/exports.h"
#include "nt/abi.h"
#include "nt/abi/registry_filter.h"

extern "C" {

// What the headers of drivers have inline or not at all.
NTSTATUS NTAPI ZwOpenKeyEx(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes, ULONG options);
NTSTATUS NTAPI RtlQueryRegistryValuesEx(ULONG relative_to, PCWSTR path, PRTL_QUERY_REGISTRY_TABLE table,
                                        PVOID context, PVOID environment);

NTSTATUS NTAPI ZwRenameKey(HANDLE, PUNICODE_STRING);
NTSTATUS NTAPI ZwSetInformationKey(HANDLE, ULONG, PVOID, ULONG);
NTSTATUS NTAPI ZwSaveKey(HANDLE, HANDLE);
NTSTATUS NTAPI ZwSaveKeyEx(HANDLE, HANDLE, ULONG);
NTSTATUS NTAPI ZwRestoreKey(HANDLE, HANDLE, ULONG);
NTSTATUS NTAPI ZwCreateKeyTransacted(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, ULONG, PUNICODE_STRING, ULONG,
                                     HANDLE, PULONG);
NTSTATUS NTAPI ZwOpenKeyTransacted(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, HANDLE);
NTSTATUS NTAPI ZwOpenKeyTransactedEx(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, ULONG, HANDLE);

}  // extern "C"

namespace ndiskit::nt {

static constexpr std::string_view no_transactions =
    "the machine has no transactions, so that no handle is one's";

static const Export rows[] = {
    // clang-format off
    {"ZwOpenKey", reinterpret_cast<const void*>(ZwOpenKey), MaxIrql::passive},
    {"ZwOpenKeyEx", reinterpret_cast<const void*>(ZwOpenKeyEx), MaxIrql::passive},
    {"ZwCreateKey", reinterpret_cast<const void*>(ZwCreateKey), MaxIrql::passive},
    {"ZwDeleteKey", reinterpret_cast<const void*>(ZwDeleteKey), MaxIrql::passive},
    {"ZwQueryValueKey", reinterpret_cast<const void*>(ZwQueryValueKey), MaxIrql::passive},
    {"ZwEnumerateValueKey", reinterpret_cast<const void*>(ZwEnumerateValueKey), MaxIrql::passive},
    {"ZwSetValueKey", reinterpret_cast<const void*>(ZwSetValueKey), MaxIrql::passive},
    {"ZwDeleteValueKey", reinterpret_cast<const void*>(ZwDeleteValueKey), MaxIrql::passive},
    {"ZwQueryKey", reinterpret_cast<const void*>(ZwQueryKey), MaxIrql::passive},
    {"ZwEnumerateKey", reinterpret_cast<const void*>(ZwEnumerateKey), MaxIrql::passive},
    {"ZwFlushKey", reinterpret_cast<const void*>(ZwFlushKey), MaxIrql::passive},
    {"ZwNotifyChangeKey", reinterpret_cast<const void*>(ZwNotifyChangeKey), MaxIrql::passive},
    {"RtlQueryRegistryValues", reinterpret_cast<const void*>(RtlQueryRegistryValues), MaxIrql::passive},
    {"RtlQueryRegistryValuesEx", reinterpret_cast<const void*>(RtlQueryRegistryValuesEx), MaxIrql::passive},
    {"RtlWriteRegistryValue", reinterpret_cast<const void*>(RtlWriteRegistryValue), MaxIrql::passive},
    {"RtlDeleteRegistryValue", reinterpret_cast<const void*>(RtlDeleteRegistryValue), MaxIrql::passive},
    {"RtlCheckRegistryKey", reinterpret_cast<const void*>(RtlCheckRegistryKey), MaxIrql::passive},
    {"RtlCreateRegistryKey", reinterpret_cast<const void*>(RtlCreateRegistryKey), MaxIrql::passive},
    {"CmRegisterCallback", reinterpret_cast<const void*>(CmRegisterCallback), MaxIrql::apc},
    {"CmRegisterCallbackEx", reinterpret_cast<const void*>(CmRegisterCallbackEx), MaxIrql::apc},
    {"CmUnRegisterCallback", reinterpret_cast<const void*>(CmUnRegisterCallback), MaxIrql::apc},
    {"CmSetCallbackObjectContext", reinterpret_cast<const void*>(CmSetCallbackObjectContext), MaxIrql::apc},
    {"CmCallbackGetKeyObjectID", reinterpret_cast<const void*>(CmCallbackGetKeyObjectID), MaxIrql::apc},
    {"CmCallbackGetKeyObjectIDEx", reinterpret_cast<const void*>(CmCallbackGetKeyObjectIDEx), MaxIrql::apc},
    {"CmCallbackReleaseKeyObjectIDEx", reinterpret_cast<const void*>(CmCallbackReleaseKeyObjectIDEx), MaxIrql::apc},
    {"CmGetBoundTransaction", reinterpret_cast<const void*>(CmGetBoundTransaction), MaxIrql::apc},
    {"CmGetCallbackVersion", reinterpret_cast<const void*>(CmGetCallbackVersion), MaxIrql::apc},
    {"ZwRenameKey", reinterpret_cast<const void*>(ZwRenameKey), MaxIrql::passive},
    {"ZwSetInformationKey", reinterpret_cast<const void*>(ZwSetInformationKey), MaxIrql::passive},
    {"ZwSaveKey", reinterpret_cast<const void*>(ZwSaveKey), MaxIrql::passive},
    {"ZwSaveKeyEx", reinterpret_cast<const void*>(ZwSaveKeyEx), MaxIrql::passive},
    {"ZwRestoreKey", reinterpret_cast<const void*>(ZwRestoreKey), MaxIrql::passive},
    {"ZwCreateKeyTransacted", reinterpret_cast<const void*>(ZwCreateKeyTransacted), MaxIrql::passive, Support::refuses, no_transactions},
    {"ZwOpenKeyTransacted", reinterpret_cast<const void*>(ZwOpenKeyTransacted), MaxIrql::passive, Support::refuses, no_transactions},
    {"ZwOpenKeyTransactedEx", reinterpret_cast<const void*>(ZwOpenKeyTransactedEx), MaxIrql::passive, Support::refuses, no_transactions},
    // clang-format on
};

std::span<const Export> registry_exports() { return rows; }

}  // namespace ndiskit::nt
