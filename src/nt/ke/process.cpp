#include "nt/ke/process.h"

#include "engine/engine.h"
#include "nt/bugcheck.h"
#include "nt/ke/api.h"
#include "nt/ke/dispatcher.h"
#include "nt/machine.h"
#include "nt/object/object.h"

namespace ndiskit::nt::ke {
namespace {

struct ProcessObject {
    DISPATCHER_HEADER header;
    ProcessObject() { initialize_header(header, ObjectType::process, sizeof(ProcessObject), 0); }
};

}  // namespace

PEPROCESS system_process() {
    static ProcessObject process;
    return reinterpret_cast<PEPROCESS>(&process);
}

}  // namespace ndiskit::nt::ke

using namespace ndiskit::nt;

// What the variable PsInitialSystemProcess of ntoskrnl.exe holds.
PEPROCESS nt_PsInitialSystemProcess = ke::system_process();

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetcurrentprocess
PEPROCESS NTAPI IoGetCurrentProcess() { return ke::system_process(); }

// https://learn.microsoft.com/windows-hardware/drivers/kernel/mm64bitphysicaladdress
PEPROCESS NTAPI PsGetCurrentProcess() { return ke::system_process(); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgetcurrentprocessid
HANDLE NTAPI PsGetCurrentProcessId() { return reinterpret_cast<HANDLE>(ke::system_process_id); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgetprocessid
HANDLE NTAPI PsGetProcessId(PEPROCESS Process) { return PsGetCurrentProcessId(); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgetprocesscreatetimequadpart
// The system process is as old as the machine.
LONGLONG NTAPI PsGetProcessCreateTimeQuadPart(PEPROCESS Process) {
    ndiskit::engine::Engine& engine = ndiskit::engine::the();
    return engine.system_time() - engine.now() / 100;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgetprocessexitstatus
NTSTATUS NTAPI PsGetProcessExitStatus(PEPROCESS Process) { return STATUS_PENDING; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-psgetprocessexittime
LARGE_INTEGER NTAPI PsGetProcessExitTime() { return {}; }

// A number that no other process of this boot has had.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgetprocessstartkey
ULONGLONG NTAPI PsGetProcessStartKey(PEPROCESS Process) { return ke::system_process_id; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-pslookupprocessbyprocessid
NTSTATUS NTAPI PsLookupProcessByProcessId(HANDLE ProcessId, PEPROCESS* Process) {
    if (reinterpret_cast<uint64_t>(ProcessId) != ke::system_process_id) return STATUS_INVALID_CID;
    object::reference(ke::system_process());
    *Process = ke::system_process();
    return STATUS_SUCCESS;
}

// The system process has no quota to charge.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-pschargepoolquota
void NTAPI PsChargePoolQuota(PEPROCESS Process, POOL_TYPE PoolType, ULONG_PTR Amount) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-psreturnpoolquota
void NTAPI PsReturnPoolQuota(PEPROCESS Process, POOL_TYPE PoolType, ULONG_PTR Amount) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-psgetversion
BOOLEAN NTAPI PsGetVersion(PULONG MajorVersion, PULONG MinorVersion, PULONG BuildNumber,
                           PUNICODE_STRING CSDVersion) {
    const WindowsRelease& release = *machine_options().release;
    if (MajorVersion) *MajorVersion = release.major;
    if (MinorVersion) *MinorVersion = release.minor;
    if (BuildNumber) *BuildNumber = release.build;
    if (CSDVersion) *CSDVersion = {};
    return FALSE;  // a free build
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exgetpreviousmode
// Programs of the host reach drivers through requests that the I/O manager builds in kernel mode.
KPROCESSOR_MODE NTAPI ExGetPreviousMode() { return KernelMode; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-kestackattachprocess
// There is one address space, so there is nothing to change.
void NTAPI KeStackAttachProcess(PRKPROCESS Process, PKAPC_STATE ApcState) {}
void NTAPI KeUnstackDetachProcess(PKAPC_STATE ApcState) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-keattachprocess
void NTAPI KeAttachProcess(PKPROCESS Process) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-kedetachprocess
void NTAPI KeDetachProcess() {}

}  // extern "C"
