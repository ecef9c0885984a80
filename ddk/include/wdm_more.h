// What the Windows kernel headers have and mingw-w64's wdm.h (Windows 7 level) lacks, as far as network drivers
// use it. Included by wdm.h, after mingw's.
#pragma once

// clang knows #pragma alloc_text; mingw's header announces it to Microsoft's compiler alone.
#ifndef ALLOC_PRAGMA
#define ALLOC_PRAGMA 1
#endif
#ifndef ALLOC_DATA_PRAGMA
#define ALLOC_DATA_PRAGMA 1
#endif

// mingw's assigns the parameter to itself, which const parameters and C++ references do not allow.
#undef UNREFERENCED_PARAMETER
#undef DBG_UNREFERENCED_PARAMETER
#undef UNREFERENCED_LOCAL_VARIABLE
#undef DBG_UNREFERENCED_LOCAL_VARIABLE
#define UNREFERENCED_PARAMETER(P) ((void)(P))
#define DBG_UNREFERENCED_PARAMETER(P) ((void)(P))
#define UNREFERENCED_LOCAL_VARIABLE(V) ((void)(V))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(V) ((void)(V))

// NT_ASSERT is an expression in Windows' headers, and may stand where mingw's statement cannot.
#undef NT_ASSERT
#undef NT_ASSERTMSG
#undef NT_ASSERTMSGW
#undef NT_VERIFY
#undef NT_VERIFYMSG
#undef NT_VERIFYMSGW
#if DBG
#define NT_ASSERT(e) ((!(e)) ? (DbgRaiseAssertionFailure(), FALSE) : TRUE)
#define NT_ASSERTMSG(message, e) NT_ASSERT(e)
#define NT_ASSERTMSGW(message, e) NT_ASSERT(e)
#define NT_VERIFY(e) NT_ASSERT(e)
#define NT_VERIFYMSG(message, e) NT_ASSERT(e)
#define NT_VERIFYMSGW(message, e) NT_ASSERT(e)
#else
#define NT_ASSERT(e) ((void)0)
#define NT_ASSERTMSG(message, e) ((void)0)
#define NT_ASSERTMSGW(message, e) ((void)0)
#define NT_VERIFY(e) ((e) ? TRUE : FALSE)
#define NT_VERIFYMSG(message, e) ((e) ? TRUE : FALSE)
#define NT_VERIFYMSGW(message, e) ((e) ? TRUE : FALSE)
#endif
#ifndef NT_ASSERT_ASSUME
#define NT_ASSERT_ASSUME(e) NT_ASSERT(e)
#endif
#ifndef NT_FRE_ASSERT
#define NT_FRE_ASSERT(e) ((!(e)) ? (DbgRaiseAssertionFailure(), FALSE) : TRUE)
#endif

#ifndef STATUS_ALREADY_INITIALIZED
#define STATUS_ALREADY_INITIALIZED ((NTSTATUS)0xC0000510L)
#endif

// Exception handling under the names that C sources of drivers use; in C++ they are the language's own.
#ifndef __cplusplus
#ifndef try
#define try __try
#define except __except
#define finally __finally
#define leave __leave
#endif
#endif

// A function that returns memory nothing else points to.
#ifndef DECLSPEC_RESTRICT
#define DECLSPEC_RESTRICT __attribute__((malloc))
#endif

// A dispatch routine that may lie in pageable code.
typedef NTSTATUS(NTAPI DRIVER_DISPATCH_PAGED)(struct _DEVICE_OBJECT* DeviceObject, struct _IRP* Irp);
typedef DRIVER_DISPATCH_PAGED* PDRIVER_DISPATCH_PAGED;

// Intrinsics of Microsoft's compiler; ddk/lib/startup has functions for who takes their address.
#include <stdlib.h>
#define _byteswap_ushort(Value) __builtin_bswap16(Value)
#define _byteswap_ulong(Value) __builtin_bswap32(Value)
#define _byteswap_uint64(Value) __builtin_bswap64(Value)

// Characters of either width, as the source chooses: ntdef.h's.
#ifndef _TCHAR_DEFINED
#define _TCHAR_DEFINED
#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR, TUCHAR, *PTUCHAR;
typedef LPWSTR PTCH, LPTCH, PTSTR, LPTSTR;
typedef LPCWSTR PCTSTR, LPCTSTR;
#define __TEXT(quote) L##quote
#else
typedef CHAR TCHAR, *PTCHAR;
typedef UCHAR TUCHAR, *PTUCHAR;
typedef LPSTR PTCH, LPTCH, PTSTR, LPTSTR;
typedef LPCSTR PCTSTR, LPCTSTR;
#define __TEXT(quote) quote
#endif
#ifndef TEXT
#define TEXT(quote) __TEXT(quote)
#endif
#endif

// The lookaside lists' callbacks as function types, to declare one's own with.
typedef PVOID(NTAPI ALLOCATE_FUNCTION)(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
typedef VOID(NTAPI FREE_FUNCTION)(PVOID Buffer);
typedef PVOID(NTAPI ALLOCATE_FUNCTION_EX)(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag,
                                          PLOOKASIDE_LIST_EX Lookaside);
typedef VOID(NTAPI FREE_FUNCTION_EX)(PVOID Buffer, PLOOKASIDE_LIST_EX Lookaside);

// Attributes of a mapping, given along with its priority.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmgetsystemaddressformdlsafe
#ifndef MdlMappingNoWrite
#define MdlMappingNoWrite 0x80000000
#define MdlMappingNoExecute 0x40000000
#define MdlMappingWithGuardPtes 0x20000000
#endif

// https://learn.microsoft.com/windows-hardware/drivers/kernel/no-execute-nonpaged-pool
#define DrvRtPoolNxOptIn 0x00000001
#ifndef POOL_NX_ALLOCATION
#define POOL_NX_ALLOCATION 512
#endif
#if defined(POOL_NX_OPTIN) && POOL_NX_OPTIN
// The switch to non-executable pool happens here, in the compiler: the kernel need not be asked.
#define NonPagedPool NonPagedPoolNx
#define NonPagedPoolCacheAligned NonPagedPoolNxCacheAligned
#endif
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exinitializedriverruntime
FORCEINLINE VOID ExInitializeDriverRuntime(ULONG RuntimeFlags) { (void)RuntimeFlags; }

#include <wdm_pool.h>
#include <wdm_memory_order.h>
#include <wdm_interlocked.h>

#ifdef __cplusplus
extern "C" {
#endif

// Reader-writer spin locks.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/reader-writer-spin-locks
typedef LONG EX_SPIN_LOCK, *PEX_SPIN_LOCK;
NTKERNELAPI KIRQL NTAPI ExAcquireSpinLockExclusive(PEX_SPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI ExAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock);
NTKERNELAPI KIRQL NTAPI ExAcquireSpinLockShared(PEX_SPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI ExAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI ExReleaseSpinLockExclusive(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql);
NTKERNELAPI VOID NTAPI ExReleaseSpinLockExclusiveFromDpcLevel(PEX_SPIN_LOCK SpinLock);
NTKERNELAPI VOID NTAPI ExReleaseSpinLockShared(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql);
NTKERNELAPI VOID NTAPI ExReleaseSpinLockSharedFromDpcLevel(PEX_SPIN_LOCK SpinLock);
NTKERNELAPI LOGICAL NTAPI ExTryAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock);
NTKERNELAPI LOGICAL NTAPI ExTryAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock);
NTKERNELAPI LOGICAL NTAPI ExTryConvertSharedSpinLockExclusive(PEX_SPIN_LOCK SpinLock);

// Clocks.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerysystemtimeprecise
NTKERNELAPI VOID NTAPI KeQuerySystemTimePrecise(PLARGE_INTEGER CurrentTime);
NTKERNELAPI ULONG64 NTAPI KeQueryInterruptTimePrecise(PULONG64 QpcTimeStamp);
NTKERNELAPI ULONG64 NTAPI KeQueryUnbiasedInterruptTimePrecise(PULONG64 QpcTimeStamp);

// Processors and threads.
NTKERNELAPI LOGICAL NTAPI KeShouldYieldProcessor(VOID);
NTKERNELAPI LOGICAL NTAPI KeIsExecutingDpc(VOID);

// Devices.
NTKERNELAPI PIRP NTAPI IoAllocateIrpEx(PDEVICE_OBJECT DeviceObject, CCHAR StackSize, BOOLEAN ChargeQuota);
NTKERNELAPI NTSTATUS NTAPI IoSynchronousCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTKERNELAPI BOOLEAN NTAPI IoTryQueueWorkItem(PIO_WORKITEM IoWorkItem, PIO_WORKITEM_ROUTINE_EX WorkerRoutine,
                                             WORK_QUEUE_TYPE QueueType, PVOID Context);
typedef enum _DRIVER_REGKEY_TYPE {
    DriverRegKeyParameters,
    DriverRegKeyPersistentState,
    DriverRegKeySharedPersistentState
} DRIVER_REGKEY_TYPE;
NTKERNELAPI NTSTATUS NTAPI IoOpenDriverRegistryKey(PDRIVER_OBJECT DriverObject, DRIVER_REGKEY_TYPE RegKeyType,
                                                   ACCESS_MASK DesiredAccess, ULONG Flags,
                                                   PHANDLE DriverRegKey);

// Objects.
NTKERNELAPI NTSTATUS NTAPI ObCloseHandle(HANDLE Handle, KPROCESSOR_MODE PreviousMode);

// Memory.
NTKERNELAPI PVOID NTAPI MmMapIoSpaceEx(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes, ULONG Protect);
NTKERNELAPI VOID NTAPI MmFreePagesFromMdlEx(PMDL MemoryDescriptorList, ULONG Flags);

// Strings.
NTSYSAPI BOOLEAN NTAPI RtlSuffixUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2,
                                              BOOLEAN CaseInSensitive);

// int 29h with the code in ECX: the kernel stops the machine at once, with bug check 0x139.
// https://learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-0x139--kernel-security-check-failure
__attribute__((noreturn)) FORCEINLINE VOID RtlFailFast(ULONG Code) {
    __asm__ volatile("int $0x29" : : "c"(Code) : "memory");
    __builtin_unreachable();
}

// mingw-w64's copy the other way: from the buffer to the register.
FORCEINLINE VOID NdiskitReadRegistersUchar(volatile UCHAR* Register, PUCHAR Buffer, ULONG Count) {
    for (ULONG Index = 0; Index < Count; ++Index) Buffer[Index] = Register[Index];
}
FORCEINLINE VOID NdiskitReadRegistersUshort(volatile USHORT* Register, PUSHORT Buffer, ULONG Count) {
    for (ULONG Index = 0; Index < Count; ++Index) Buffer[Index] = Register[Index];
}
FORCEINLINE VOID NdiskitReadRegistersUlong(volatile ULONG* Register, PULONG Buffer, ULONG Count) {
    for (ULONG Index = 0; Index < Count; ++Index) Buffer[Index] = Register[Index];
}
#define READ_REGISTER_BUFFER_UCHAR  NdiskitReadRegistersUchar
#define READ_REGISTER_BUFFER_USHORT NdiskitReadRegistersUshort
#define READ_REGISTER_BUFFER_ULONG  NdiskitReadRegistersUlong

// Registers of 64 bits.
FORCEINLINE ULONG64 READ_REGISTER_ULONG64(volatile ULONG64* Register) { return *Register; }
FORCEINLINE VOID WRITE_REGISTER_ULONG64(volatile ULONG64* Register, ULONG64 Value) {
    *Register = Value;
    __asm__ volatile("lock orl $0, (%%rsp)" : : : "memory", "cc");
}
FORCEINLINE VOID READ_REGISTER_BUFFER_ULONG64(volatile ULONG64* Register, PULONG64 Buffer, ULONG Count) {
    for (ULONG Index = 0; Index < Count; ++Index) Buffer[Index] = Register[Index];
}
FORCEINLINE VOID WRITE_REGISTER_BUFFER_ULONG64(volatile ULONG64* Register, PULONG64 Buffer, ULONG Count) {
    for (ULONG Index = 0; Index < Count; ++Index) Register[Index] = Buffer[Index];
}

FORCEINLINE VOID FatalListEntryError(PVOID P1, PVOID P2, PVOID P3) {
    (void)P1, (void)P2, (void)P3;
    RtlFailFast(3);
}

#ifdef __cplusplus
}
#endif

#include <wdm_pofx.h>
#include <wdm_triage.h>

// Microsoft's compiler reads SAL and pragmas that name whole regions; these are words to clang.
#ifndef __forceinline
#define __forceinline FORCEINLINE
#endif
#ifndef CFORCEINLINE
#define CFORCEINLINE FORCEINLINE
#endif
#ifndef DECLSPEC_CACHEALIGN
#define DECLSPEC_CACHEALIGN DECLSPEC_ALIGN(64)
#endif
#ifndef SYSTEM_CACHE_ALIGNMENT_SIZE
#define SYSTEM_CACHE_ALIGNMENT_SIZE 64
#endif
#ifndef RTL_NUMBER_OF_V2
#define RTL_NUMBER_OF_V2(A) (sizeof(A) / sizeof((A)[0]))
#endif
#ifndef RTL_NUMBER_OF_FIELD
#define RTL_NUMBER_OF_FIELD(type, field) (RTL_NUMBER_OF(((type*)0)->field))
#endif

// A source with `extern FORCEINLINE` functions wants them emitted, which mingw's definition forbids; the build
// tool sees such sources and defines this.
#ifdef NDISKIT_EXTERN_INLINE
#undef FORCEINLINE
#define FORCEINLINE __inline__ __attribute__((always_inline))
#endif
