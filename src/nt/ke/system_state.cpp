// What drivers ask of the machine as a whole: is a kernel debugger there, which firmware, which product.
#include "engine/engine.h"
#include "nt/ke/api.h"
#include "nt/ke/processor.h"
#include "nt/machine.h"

using namespace ndiskit::nt;

extern "C" {

// Variables that drivers import. The machine was booted with no debug controls.
BOOLEAN nt_KdDebuggerEnabled = FALSE;
BOOLEAN nt_KdDebuggerNotPresent = TRUE;
ULONG nt_InitSafeBootMode = 0;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kddisabledebugger
NTSTATUS NTAPI KdDisableDebugger() { return STATUS_DEBUGGER_INACTIVE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kdenabledebugger
NTSTATUS NTAPI KdEnableDebugger() { return STATUS_DEBUGGER_INACTIVE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kdchangeoption
NTSTATUS NTAPI KdChangeOption(KD_OPTION, ULONG, PVOID, ULONG, PVOID, PULONG) {
    return STATUS_DEBUGGER_INACTIVE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kdrefreshdebuggernotpresent
BOOLEAN NTAPI KdRefreshDebuggerNotPresent() { return nt_KdDebuggerNotPresent = TRUE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exgetfirmwaretype
FIRMWARE_TYPE NTAPI ExGetFirmwareType() { return FirmwareTypeBios; }

// A BIOS has no variables.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exgetfirmwareenvironmentvariable
NTSTATUS NTAPI ExGetFirmwareEnvironmentVariable(PUNICODE_STRING, LPGUID, PVOID, PULONG, PULONG) {
    return STATUS_NOT_IMPLEMENTED;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exsetfirmwareenvironmentvariable
NTSTATUS NTAPI ExSetFirmwareEnvironmentVariable(PUNICODE_STRING, LPGUID, PVOID, ULONG, ULONG) {
    return STATUS_NOT_IMPLEMENTED;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exissoftboot
BOOLEAN NTAPI ExIsSoftBoot() { return FALSE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-exismanufacturingmodeenabled
BOOLEAN NTAPI ExIsManufacturingModeEnabled() { return FALSE; }

// Remote administration is part of every Windows; no other suite is installed.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-exverifysuite
BOOLEAN NTAPI ExVerifySuite(SUITE_TYPE SuiteType) {
    return SuiteType == TerminalServer || SuiteType == SingleUserTS;
}

// A random one (version 4), which is unique everywhere.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-exuuidcreate
NTSTATUS NTAPI ExUuidCreate(GUID* Uuid) {
    for (auto* half = reinterpret_cast<uint64_t*>(Uuid); half != reinterpret_cast<uint64_t*>(Uuid + 1);
         ++half) {
        const auto word = [] { return ndiskit::engine::the().draw(uint64_t{1} << 32); };
        *half = word() << 32 | word();
    }
    Uuid->Data3 = static_cast<USHORT>((Uuid->Data3 & 0x0FFF) | 0x4000);
    Uuid->Data4[0] = static_cast<UCHAR>((Uuid->Data4[0] & 0x3F) | 0x80);
    return STATUS_SUCCESS;
}

}  // extern "C"
