// The ground all NDIS headers stand on: the NT base types, how functions are declared, and NDIS' own scalar
// types.
//
// On a Windows target the NT base is mingw-w64's ntddk.h, by way of wdm.h beside this folder (or what the
// driver included before: ntifs.h, wdm.h). In the host it is nt/abi.h, where each type has the width it has
// on Windows. mingw-w64 has NDIS 5 headers of the same names; their include guards are set here so that none
// of them is ever taken beside these.
#pragma once

#include "ndis/version.h"

#ifdef _WIN32
#if !defined(_WINDOWS_) && !defined(_WINDOWS_H)
#include <ntddk.h>
#endif
#else
#include "nt/abi.h"
#endif

#define _NDIS_
#define _NTDDNDIS_
#define __NET_PNP__

#ifdef __cplusplus
#define NDIS_BEGIN_DECLS extern "C" {
#define NDIS_END_DECLS   }
#else
#define NDIS_BEGIN_DECLS
#define NDIS_END_DECLS
#endif

// Exported by ndis.sys.
#ifdef _WIN32
#define NDISAPI      DECLSPEC_IMPORT
#define NDIS_VARARGS __cdecl
#else
#define NDISAPI
#define NDIS_VARARGS NTAPI
#endif

#include "ndis/nt_supplement.h"

NDIS_BEGIN_DECLS

typedef int NDIS_STATUS, *PNDIS_STATUS;
typedef PVOID NDIS_HANDLE, *PNDIS_HANDLE;
typedef UNICODE_STRING NDIS_STRING, *PNDIS_STRING;
typedef LARGE_INTEGER NDIS_PHYSICAL_ADDRESS, *PNDIS_PHYSICAL_ADDRESS;
typedef ULONG NDIS_ERROR_CODE, *PNDIS_ERROR_CODE;
typedef ULONG NDIS_OID, *PNDIS_OID;
typedef ULONG NDIS_PORT_NUMBER, *PNDIS_PORT_NUMBER;
typedef USHORT NET_FRAME_TYPE, *PNET_FRAME_TYPE;
typedef ULONG NDIS_AF, *PNDIS_AF;

NDIS_END_DECLS
