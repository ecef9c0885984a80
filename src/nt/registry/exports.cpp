// The registry.
#include "nt/exports.h"
#include "nt/abi.h"
#include "nt/abi/registry_filter.h"

extern "C" {

// What the headers of drivers have inline or not at all.
NTSTATUS NTAPI ZwOpenKeyEx(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes, ULONG options);
NTSTATUS NTAPI RtlQueryRegistryValuesEx(ULONG relative_to, PCWSTR path, PRTL_QUERY_REGISTRY_TABLE table,
                                        PVOID context, PVOID environment);

}  // extern "C"

namespace ndiskit::nt {

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
    {"RtlQueryRegistryValuesEx", reinterpret_cast<const void*>(RtlQueryRegistryValuesEx), MaxIrql::any},
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
    // clang-format on
};

std::span<const Export> registry_exports() { return rows; }

}  // namespace ndiskit::nt
