// Strings of NDIS, which are the counted strings of NT. ndis.sys exports these functions for drivers of old;
// the ones of today call the run-time library of the kernel.
#pragma once

#include "ndis/types.h"

NDIS_BEGIN_DECLS

#define NDIS_STRING_CONST(x) \
    { sizeof(L##x) - 2, sizeof(L##x), (PWCH)L##x }
#define NdisFreeString(String)  NdisFreeMemory((String).Buffer, (String).MaximumLength, 0)
#define NdisPrintString(String) DbgPrint("%ls", (String).Buffer)
#define NdisEqualUnicodeString(_String1, _String2, _CaseInsensitive) \
    RtlEqualUnicodeString((_String1), (_String2), (_CaseInsensitive))

#ifdef _WIN32
#define NdisInitAnsiString(_as, s)    RtlInitAnsiString((_as), (s))
#define NdisInitUnicodeString(_us, s) RtlInitUnicodeString((_us), (s))
#define NdisEqualString(_String1, _String2, _CaseInsensitive) \
    RtlEqualUnicodeString((_String1), (_String2), (_CaseInsensitive))
#define NdisAnsiStringToUnicodeString(_us, _as) RtlAnsiStringToUnicodeString((_us), (_as), FALSE)
#define NdisUnicodeStringToAnsiString(_as, _us) RtlUnicodeStringToAnsiString((_as), (_us), FALSE)
#define NdisUpcaseUnicodeString(_d, _s)         RtlUpcaseUnicodeString((_d), (_s), FALSE)
#else
NDISAPI VOID NTAPI NdisInitAnsiString(PANSI_STRING DestinationString, PCSTR SourceString);
NDISAPI VOID NTAPI NdisInitUnicodeString(PNDIS_STRING DestinationString, PCWSTR SourceString);
NDISAPI BOOLEAN NTAPI NdisEqualString(PNDIS_STRING String1, PNDIS_STRING String2, BOOLEAN CaseInsensitive);
NDISAPI NDIS_STATUS NTAPI NdisAnsiStringToUnicodeString(PNDIS_STRING DestinationString,
                                                        PANSI_STRING SourceString);
NDISAPI NDIS_STATUS NTAPI NdisUnicodeStringToAnsiString(PANSI_STRING DestinationString,
                                                        PNDIS_STRING SourceString);
NDISAPI NDIS_STATUS NTAPI NdisUpcaseUnicodeString(PUNICODE_STRING DestinationString,
                                                  PUNICODE_STRING SourceString);
#endif

NDIS_END_DECLS
