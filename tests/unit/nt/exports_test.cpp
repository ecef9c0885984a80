#include "nt/exports.h"

#include <gtest/gtest.h>

#include "nt/abi.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt {
namespace {

// What drivers of each kind import from the kernel by name.
constexpr const char* imports[] = {
    "DbgPrint",
    "DbgPrintEx",
    "ExAllocatePool2",
    "ExAllocatePoolWithTag",
    "ExCreateCallback",
    "ExFreePool",
    "ExFreePoolWithTag",
    "ExNotifyCallback",
    "ExRegisterCallback",
    "ExUnregisterCallback",
    "ExInitializeNPagedLookasideList",
    "ExDeleteNPagedLookasideList",
    "EtwRegister",
    "EtwWrite",
    "EtwUnregister",
    "IoAllocateIrp",
    "IoAllocateMdl",
    "IoAllocateWorkItem",
    "IoBuildDeviceIoControlRequest",
    "IoCreateDevice",
    "IoCreateSymbolicLink",
    "IoDeleteDevice",
    "IoDeleteSymbolicLink",
    "IoFreeIrp",
    "IoFreeMdl",
    "IoFreeWorkItem",
    "IoGetDeviceObjectPointer",
    "IoQueueWorkItem",
    "IoReleaseCancelSpinLock",
    "IoAcquireCancelSpinLock",
    "IofCallDriver",
    "IofCompleteRequest",
    "MmBuildMdlForNonPagedPool",
    "MmGetSystemRoutineAddress",
    "MmMapLockedPagesSpecifyCache",
    "MmProbeAndLockPages",
    "MmUnlockPages",
    "ObReferenceObjectByHandle",
    "ObfDereferenceObject",
    "RtlCompareMemory",
    "RtlCopyUnicodeString",
    "RtlEqualUnicodeString",
    "RtlGetVersion",
    "RtlInitUnicodeString",
    "RtlIntegerToUnicodeString",
    "RtlQueryRegistryValues",
    "RtlUnicodeStringToInteger",
    "WmiTraceMessage",
    "WmiQueryTraceInformation",
    "ZwClose",
    "ZwOpenKey",
    "ZwQueryValueKey",
    "ZwSetValueKey",
    "_snprintf",
    "_vsnprintf",
    "_vsnwprintf",
    "memcmp",
    "memcpy",
    "memmove",
    "memset",
    "strlen",
    "wcslen",
    "swprintf",
    "KeSetEvent",
    "KeWaitForSingleObject",
};

TEST(Exports, DriversFindTheirImports) {
    register_nt_exports();
    register_nt_exports();
    for (const char* name : imports) EXPECT_TRUE(find_export("ntoskrnl.exe", name)) << name;
    EXPECT_TRUE(find_export("ntoskrnl.exe", "IoFileObjectType")->is_data);
    EXPECT_EQ(find_export("ntoskrnl.exe", "ExAllocatePool2")->max_irql, MaxIrql::dispatch);
    EXPECT_EQ(find_export("ntoskrnl.exe", "ZwOpenKey")->max_irql, MaxIrql::passive);
}

TEST(Exports, RoutinesAreFoundByNameAtRunTime) {
    register_nt_exports();
    UNICODE_STRING name = unicode_string(u"RtlGetVersion"), missing = unicode_string(u"NoSuchRoutine");
    EXPECT_EQ(MmGetSystemRoutineAddress(&name), reinterpret_cast<PVOID>(RtlGetVersion));
    EXPECT_EQ(MmGetSystemRoutineAddress(&missing), nullptr);
}

}  // namespace
}  // namespace ndiskit::nt
