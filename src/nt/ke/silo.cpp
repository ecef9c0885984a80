// Silos: this machine has the host silo alone, which is no object; functions give a value that stands for it.
#include "nt/ke/api.h"

extern "C" {

static PVOID const host_silo = reinterpret_cast<PVOID>(~uintptr_t{0});

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgethostsilo
PVOID NTAPI PsGetHostSilo() { return host_silo; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psishostsilo
BOOLEAN NTAPI PsIsHostSilo(PVOID Silo) { return Silo == host_silo; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgetcurrentserversilo
PVOID NTAPI PsGetCurrentServerSilo() { return host_silo; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgetthreadserversilo
PVOID NTAPI PsGetThreadServerSilo(PETHREAD) { return host_silo; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgetparentsilo
PVOID NTAPI PsGetParentSilo(PVOID) { return host_silo; }

// Nobody is logged on but the services' session.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-psgetserversiloactiveconsoleid
ULONG NTAPI PsGetServerSiloActiveConsoleId(PVOID) { return 0; }

}  // extern "C"
