// wmilib.sys: the library with which drivers serve WMI's requests without knowing their structures. The
// driver passes its IRP_MJ_SYSTEM_CONTROL requests to WmiSystemControl with a list of its blocks and
// callbacks; a callback ends in WmiCompleteRequest.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/calling-wmisystemcontrol-to-handle-wmi-irps
#pragma once

#include <span>

#include "nt/export_table.h"
#include "nt/wmi/abi.h"

extern "C" {

typedef enum _SYSCTL_IRP_DISPOSITION : int {
    IrpProcessed,
    IrpNotCompleted,
    IrpNotWmi,
    IrpForward,
} SYSCTL_IRP_DISPOSITION;

typedef enum _WMIENABLEDISABLECONTROL : int {
    WmiEventControl,
    WmiDataBlockControl,
} WMIENABLEDISABLECONTROL;

typedef struct _WMIGUIDREGINFO {
    LPCGUID Guid;
    ULONG InstanceCount;
    ULONG Flags;
} WMIGUIDREGINFO;

typedef struct _WMILIB_CONTEXT {
    ULONG GuidCount;
    WMIGUIDREGINFO* GuidList;
    NTSTATUS(NTAPI* QueryWmiRegInfo)
    (PDEVICE_OBJECT, PULONG flags, PUNICODE_STRING instance, PUNICODE_STRING* path, PUNICODE_STRING mof,
     PDEVICE_OBJECT* physical);
    NTSTATUS(NTAPI* QueryWmiDataBlock)
    (PDEVICE_OBJECT, PIRP, ULONG guid, ULONG instance, ULONG count, PULONG lengths, ULONG room,
     PUCHAR buffer);
    NTSTATUS(NTAPI* SetWmiDataBlock)
    (PDEVICE_OBJECT, PIRP, ULONG guid, ULONG instance, ULONG size, PUCHAR buffer);
    NTSTATUS(NTAPI* SetWmiDataItem)
    (PDEVICE_OBJECT, PIRP, ULONG guid, ULONG instance, ULONG item, ULONG size, PUCHAR buffer);
    NTSTATUS(NTAPI* ExecuteWmiMethod)
    (PDEVICE_OBJECT, PIRP, ULONG guid, ULONG instance, ULONG method, ULONG in_size, ULONG out_size,
     PUCHAR buffer);
    NTSTATUS(NTAPI* WmiFunctionControl)
    (PDEVICE_OBJECT, PIRP, ULONG guid, WMIENABLEDISABLECONTROL what, BOOLEAN enable);
} WMILIB_CONTEXT;

NTSTATUS NTAPI WmiSystemControl(WMILIB_CONTEXT* context, PDEVICE_OBJECT device, PIRP irp,
                                SYSCTL_IRP_DISPOSITION* disposition);
NTSTATUS NTAPI WmiCompleteRequest(PDEVICE_OBJECT device, PIRP irp, NTSTATUS status, ULONG used, CCHAR boost);
NTSTATUS NTAPI WmiFireEvent(PDEVICE_OBJECT device, LPCGUID guid, ULONG instance, ULONG size, PVOID data);

}  // extern "C"

namespace ndiskit::nt::wmi {

// Of wmilib.sys.
std::span<const Export> library_exports();

}  // namespace ndiskit::nt::wmi
