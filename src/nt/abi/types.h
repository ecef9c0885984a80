// The base types of the NT kernel ABI, in explicit widths: Windows x64 is LLP64 and this host is LP64, so no
// type here is `long` or `wchar_t`. Every function that a driver can call or give is of the Microsoft calling
// convention (NTAPI). Layouts are compared with tests/facts/abi by tests/unit/nt/abi_test.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#define NTAPI __attribute__((ms_abi))
#define NTAPI_INLINE NTAPI
#define FASTCALL NTAPI
#define NTSYSAPI
#define NTKERNELAPI
#define NTHALAPI
#define CONST const
#define VOID void
#define DECLSPEC_ALIGN(n) __attribute__((aligned(n)))
#define DECLSPEC_CACHEALIGN DECLSPEC_ALIGN(64)
#define MEMORY_ALLOCATION_ALIGNMENT 16
#define DECLSPEC_NORETURN __attribute__((noreturn))
#define DECLSPEC_IMPORT
#define DECLSPEC_SELECTANY __attribute__((weak))
#define FORCEINLINE inline __attribute__((always_inline))
#define POINTER_ALIGNMENT DECLSPEC_ALIGN(8)
#define UNALIGNED
#define ANYSIZE_ARRAY 1

#define TRUE 1
#define FALSE 0
#ifndef NULL
#define NULL 0
#endif

#define FIELD_OFFSET(type, field) ((LONG) __builtin_offsetof(type, field))
#define RTL_SIZEOF_THROUGH_FIELD(type, field) (FIELD_OFFSET(type, field) + sizeof(((type*)0)->field))
#define RTL_FIELD_SIZE(type, field) (sizeof(((type*)0)->field))
#define RTL_NUMBER_OF(array) (sizeof(array) / sizeof((array)[0]))
#define ARRAYSIZE(array) RTL_NUMBER_OF(array)
#define CONTAINING_RECORD(address, type, field) ((type*)((char*)(address) - __builtin_offsetof(type, field)))
#define UNREFERENCED_PARAMETER(x) ((void)(x))

using CHAR = char;
using CCHAR = char;
using UCHAR = uint8_t;
using SHORT = int16_t;
using CSHORT = int16_t;
using USHORT = uint16_t;
using INT = int32_t;
using UINT = uint32_t;
using LONG = int32_t;
using ULONG = uint32_t;
using CLONG = uint32_t;
using LONGLONG = int64_t;
using ULONGLONG = uint64_t;
using LONG64 = int64_t;
using ULONG64 = uint64_t;
using INT64 = int64_t;
using UINT64 = uint64_t;
using LONG32 = int32_t;
using ULONG32 = uint32_t;
using INT32 = int32_t;
using UINT32 = uint32_t;
using INT16 = int16_t;
using UINT16 = uint16_t;
using INT8 = int8_t;
using UINT8 = uint8_t;
using BYTE = uint8_t;
using WORD = uint16_t;
using DWORD = uint32_t;
using DWORD64 = uint64_t;
using BOOL = int32_t;
using BOOLEAN = uint8_t;
using LOGICAL = uint32_t;
using WCHAR = char16_t;
using LONG_PTR = int64_t;
using ULONG_PTR = uint64_t;
using INT_PTR = int64_t;
using UINT_PTR = uint64_t;
using SIZE_T = uint64_t;
using SSIZE_T = int64_t;
using PVOID = void*;
using LPVOID = void*;
using PVOID64 = void*;
using HANDLE = void*;
using PCHAR = CHAR*;
using PSTR = CHAR*;
using LPSTR = CHAR*;
using PSZ = CHAR*;
using PCSTR = const CHAR*;
using PCSZ = const CHAR*;
using PCCH = const CHAR*;
using PCCHAR = CHAR*;
using PUCHAR = UCHAR*;
using PBYTE = BYTE*;
using PSHORT = SHORT*;
using PUSHORT = USHORT*;
using PINT = INT*;
using PUINT = UINT*;
using PLONG = LONG*;
using PULONG = ULONG*;
using PDWORD = DWORD*;
using PULONG32 = ULONG32*;
using PUINT32 = UINT32*;
using PUINT64 = UINT64*;
using PLONG64 = LONG64*;
using PULONG64 = ULONG64*;
using PLONGLONG = LONGLONG*;
using PULONGLONG = ULONGLONG*;
using PLONG_PTR = LONG_PTR*;
using PULONG_PTR = ULONG_PTR*;
using PSIZE_T = SIZE_T*;
using PBOOLEAN = BOOLEAN*;
using PHANDLE = HANDLE*;
using PWCHAR = WCHAR*;
using PWCH = WCHAR*;
using PWSTR = WCHAR*;
using PZZWSTR = WCHAR*;
using LPWSTR = WCHAR*;
using PCWCH = const WCHAR*;
using PCWSTR = const WCHAR*;
using LPCWSTR = const WCHAR*;

using NTSTATUS = LONG;
using PNTSTATUS = NTSTATUS*;
using KIRQL = UCHAR;
using PKIRQL = KIRQL*;
using KPROCESSOR_MODE = CCHAR;
using KPRIORITY = LONG;
using KAFFINITY = ULONG_PTR;
using PKAFFINITY = KAFFINITY*;
using KSPIN_LOCK = ULONG_PTR;
using PKSPIN_LOCK = KSPIN_LOCK*;
using EX_SPIN_LOCK = LONG;
using PEX_SPIN_LOCK = volatile LONG*;
using KSPIN_LOCK_QUEUE_NUMBER = ULONG_PTR;
using PFN_NUMBER = ULONG_PTR;
using PPFN_NUMBER = PFN_NUMBER*;
using PFN_COUNT = ULONG;
using NODE_REQUIREMENT = ULONG;
using ACCESS_MASK = ULONG;
using PACCESS_MASK = ACCESS_MASK*;
using DEVICE_TYPE = ULONG;
using LCID = ULONG;
using LANGID = USHORT;
using ERESOURCE_THREAD = ULONG_PTR;
using SECURITY_INFORMATION = ULONG;
using PSECURITY_INFORMATION = SECURITY_INFORMATION*;
using SECURITY_DESCRIPTOR_CONTROL = USHORT;
using PSECURITY_DESCRIPTOR_CONTROL = SECURITY_DESCRIPTOR_CONTROL*;
using SECURITY_CONTEXT_TRACKING_MODE = BOOLEAN;
using PSECURITY_DESCRIPTOR = PVOID;
using PSID = PVOID;
using PACCESS_TOKEN = PVOID;
using REGHANDLE = ULONGLONG;
using PREGHANDLE = REGHANDLE*;
using TRACEHANDLE = ULONG64;
using EXECUTION_STATE = ULONG;
using DEVPROPTYPE = ULONG;

typedef union _LARGE_INTEGER {
    struct {
        ULONG LowPart;
        LONG HighPart;
    };
    struct {
        ULONG LowPart;
        LONG HighPart;
    } u;
    LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;
using PHYSICAL_ADDRESS = LARGE_INTEGER;
using PPHYSICAL_ADDRESS = PHYSICAL_ADDRESS*;

typedef union _ULARGE_INTEGER {
    struct {
        ULONG LowPart;
        ULONG HighPart;
    };
    struct {
        ULONG LowPart;
        ULONG HighPart;
    } u;
    ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef struct _LUID {
    ULONG LowPart;
    LONG HighPart;
} LUID, *PLUID;

typedef struct _GUID {
    ULONG Data1;
    USHORT Data2;
    USHORT Data3;
    UCHAR Data4[8];
} GUID, *PGUID, *LPGUID;
using LPCGUID = const GUID*;
using REFGUID = const GUID&;
using CLSID = GUID;

typedef struct _LIST_ENTRY {
    struct _LIST_ENTRY* Flink;
    struct _LIST_ENTRY* Blink;
} LIST_ENTRY, *PLIST_ENTRY;
using PRLIST_ENTRY = PLIST_ENTRY;

typedef struct _SINGLE_LIST_ENTRY {
    struct _SINGLE_LIST_ENTRY* Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

typedef struct DECLSPEC_ALIGN(16) _SLIST_ENTRY {
    struct _SLIST_ENTRY* Next;
} SLIST_ENTRY, *PSLIST_ENTRY;

typedef union DECLSPEC_ALIGN(16) _SLIST_HEADER {
    struct {
        ULONGLONG Alignment;
        ULONGLONG Region;
    };
    struct {
        ULONGLONG Depth : 16;
        ULONGLONG Sequence : 48;
        ULONGLONG Reserved : 4;
        ULONGLONG NextEntry : 60;
    } HeaderX64;
} SLIST_HEADER, *PSLIST_HEADER;

typedef struct _UNICODE_STRING {
    USHORT Length;         // in bytes, without a terminator
    USHORT MaximumLength;  // in bytes
    PWCH Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
using PCUNICODE_STRING = const UNICODE_STRING*;

typedef struct _STRING {
    USHORT Length;
    USHORT MaximumLength;
    PCHAR Buffer;
} STRING, *PSTRING;
using ANSI_STRING = STRING;
using OEM_STRING = STRING;
using UTF8_STRING = STRING;
using PANSI_STRING = STRING*;
using POEM_STRING = STRING*;
using PUTF8_STRING = STRING*;
using PCSTRING = const STRING*;
using PCANSI_STRING = const STRING*;
using PCOEM_STRING = const STRING*;

typedef struct _CSTRING {
    USHORT Length;
    USHORT MaximumLength;
    const char* Buffer;
} CSTRING, *PCCSTRING;

typedef struct _IO_STATUS_BLOCK {
    union {
        NTSTATUS Status;
        PVOID Pointer;
    };
    ULONG_PTR Information;
} IO_STATUS_BLOCK, *PIO_STATUS_BLOCK;

typedef struct _DEVPROPKEY {
    GUID fmtid;
    ULONG pid;
} DEVPROPKEY, *PDEVPROPKEY;
using PDEVPROPTYPE = DEVPROPTYPE*;

// Literal of a UNICODE_STRING: RTL_CONSTANT_STRING(u"\\Device\\Mux").
#define RTL_CONSTANT_STRING(s) \
    { sizeof(s) - sizeof((s)[0]), sizeof(s), const_cast<std::remove_cvref_t<decltype((s)[0])>*>(s) }

#define NT_SUCCESS(status) ((NTSTATUS)(status) >= 0)
#define NT_INFORMATION(status) (((ULONG)(status) >> 30) == 1)
#define NT_WARNING(status) (((ULONG)(status) >> 30) == 2)
#define NT_ERROR(status) (((ULONG)(status) >> 30) == 3)

#define PASSIVE_LEVEL 0
#define LOW_LEVEL 0
#define APC_LEVEL 1
#define DISPATCH_LEVEL 2
#define CMCI_LEVEL 5
#define CLOCK_LEVEL 13
#define IPI_LEVEL 14
#define DRS_LEVEL 14
#define POWER_LEVEL 14
#define PROFILE_LEVEL 15
#define HIGH_LEVEL 15

#define PAGE_SIZE 0x1000
#define PAGE_SHIFT 12
#define BYTE_OFFSET(va) ((ULONG)((ULONG_PTR)(va) & (PAGE_SIZE - 1)))
#define PAGE_ALIGN(va) ((PVOID)((ULONG_PTR)(va) & ~(ULONG_PTR)(PAGE_SIZE - 1)))
#define ROUND_TO_PAGES(size) (((ULONG_PTR)(size) + PAGE_SIZE - 1) & ~(ULONG_PTR)(PAGE_SIZE - 1))
#define BYTES_TO_PAGES(size) (((size) >> PAGE_SHIFT) + (((size) & (PAGE_SIZE - 1)) != 0))
#define ADDRESS_AND_SIZE_TO_SPAN_PAGES(va, size) \
    ((ULONG)((((ULONG_PTR)(va) & (PAGE_SIZE - 1)) + (ULONG_PTR)(size) + (PAGE_SIZE - 1)) >> PAGE_SHIFT))
