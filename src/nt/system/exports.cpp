// What drivers ask about the system and tell its dumps, and events and waits through handles.
#include "nt/exports.h"
#include "nt/abi.h"
#include "nt/abi/firmware.h"
#include "nt/abi/triage.h"
#include "nt/system/set_information.h"

extern "C" {

// What the headers of drivers have inline or not at all.
NTSTATUS NTAPI ZwQuerySystemInformation(ULONG, PVOID, ULONG, PULONG);
NTSTATUS NTAPI ZwClearEvent(HANDLE);
NTSTATUS NTAPI ZwResetEvent(HANDLE, PLONG);
NTSTATUS NTAPI ZwPulseEvent(HANDLE, PLONG);
NTSTATUS NTAPI ZwWaitForMultipleObjects(ULONG, PHANDLE, WAIT_TYPE, BOOLEAN, PLARGE_INTEGER);

}  // extern "C"

namespace ndiskit::nt {

namespace {
constexpr std::string_view classes =
    "classes 0 (basic), 3 (time of day), 11 (modules), 35 (kernel debugger), 103 (code integrity)";
constexpr std::string_view priorities = "the priority is kept and not scheduled by";
}

static const Export rows[] = {
    // clang-format off
    {"ZwQuerySystemInformation", reinterpret_cast<const void*>(ZwQuerySystemInformation), MaxIrql::passive, Support::partial, classes},
    {"NtQuerySystemInformation", reinterpret_cast<const void*>(ZwQuerySystemInformation), MaxIrql::passive, Support::partial, classes},
    {"ZwClearEvent", reinterpret_cast<const void*>(ZwClearEvent), MaxIrql::passive},
    {"ZwResetEvent", reinterpret_cast<const void*>(ZwResetEvent), MaxIrql::passive},
    {"ZwPulseEvent", reinterpret_cast<const void*>(ZwPulseEvent), MaxIrql::passive},
    {"ZwWaitForMultipleObjects", reinterpret_cast<const void*>(ZwWaitForMultipleObjects), MaxIrql::passive},
    {"NtWaitForSingleObject", reinterpret_cast<const void*>(ZwWaitForSingleObject), MaxIrql::passive},
    {"NtCreateEvent", reinterpret_cast<const void*>(ZwCreateEvent), MaxIrql::passive},
    {"ExEnumerateSystemFirmwareTables", reinterpret_cast<const void*>(ExEnumerateSystemFirmwareTables), MaxIrql::passive},
    {"ExGetSystemFirmwareTable", reinterpret_cast<const void*>(ExGetSystemFirmwareTable), MaxIrql::passive},
    {"KeAddTriageDumpDataBlock", reinterpret_cast<const void*>(KeAddTriageDumpDataBlock), MaxIrql::any},
    {"ZwSetInformationThread", reinterpret_cast<const void*>(ZwSetInformationThread), MaxIrql::passive, Support::partial, priorities},
    {"NtSetInformationThread", reinterpret_cast<const void*>(ZwSetInformationThread), MaxIrql::passive, Support::partial, priorities},
    {"ZwSetInformationVirtualMemory", reinterpret_cast<const void*>(ZwSetInformationVirtualMemory), MaxIrql::passive},
    {"ZwPowerInformation", reinterpret_cast<const void*>(ZwPowerInformation), MaxIrql::passive},
    {"NtPowerInformation", reinterpret_cast<const void*>(ZwPowerInformation), MaxIrql::passive},
    {"ZwDisplayString", reinterpret_cast<const void*>(ZwDisplayString), MaxIrql::passive},
    {"NtCopyFileChunk", reinterpret_cast<const void*>(NtCopyFileChunk), MaxIrql::passive, Support::partial, "waits for the copy however the files were opened; its IRPs carry no copy information"},
    {"NtSetEvent", reinterpret_cast<const void*>(ZwSetEvent), MaxIrql::passive},
    // clang-format on
};

std::span<const Export> system_exports() { return rows; }

}  // namespace ndiskit::nt
