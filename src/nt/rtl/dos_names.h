// Short names and code page tables: prototypes that nt/abi.h lacks.
#pragma once

#include "nt/abi.h"

extern "C" {

typedef struct _GENERATE_NAME_CONTEXT {
    USHORT Checksum;
    BOOLEAN CheckSumInserted;
    UCHAR NameLength;
    WCHAR NameBuffer[8];
    ULONG ExtensionLength;
    WCHAR ExtensionBuffer[4];
    ULONG LastIndexValue;
} GENERATE_NAME_CONTEXT, *PGENERATE_NAME_CONTEXT;

NTSTATUS NTAPI RtlGenerate8dot3Name(PCUNICODE_STRING Name, BOOLEAN AllowExtendedCharacters,
                                    PGENERATE_NAME_CONTEXT Context, PUNICODE_STRING Name8dot3);
BOOLEAN NTAPI RtlIsNameLegalDOS8Dot3(PCUNICODE_STRING Name, POEM_STRING OemName, PBOOLEAN NameContainsSpaces);

typedef struct _CPTABLEINFO {
    USHORT CodePage;
    USHORT MaximumCharacterSize;
    USHORT DefaultChar;
    USHORT UniDefaultChar;
    USHORT TransDefaultChar;
    USHORT TransUniDefaultChar;
    USHORT DBCSCodePage;
    UCHAR LeadByte[12];
    PUSHORT MultiByteTable;
    PVOID WideCharTable;
    PUSHORT DBCSRanges;
    PUSHORT DBCSOffsets;
} CPTABLEINFO, *PCPTABLEINFO;

void NTAPI RtlInitCodePageTable(PUSHORT TableBase, PCPTABLEINFO CodePageTable);
NTSTATUS NTAPI RtlCustomCPToUnicodeN(PCPTABLEINFO CustomCP, PWCH UnicodeString, ULONG MaxBytesInUnicodeString,
                                     PULONG BytesInUnicodeString, PCHAR CustomCPString,
                                     ULONG BytesInCustomCPString);
NTSTATUS NTAPI RtlUnicodeToCustomCPN(PCPTABLEINFO CustomCP, PCHAR CustomCPString,
                                     ULONG MaxBytesInCustomCPString, PULONG BytesInCustomCPString,
                                     PWCH UnicodeString, ULONG BytesInUnicodeString);
NTSTATUS NTAPI RtlUpcaseUnicodeToCustomCPN(PCPTABLEINFO CustomCP, PCHAR CustomCPString,
                                           ULONG MaxBytesInCustomCPString, PULONG BytesInCustomCPString,
                                           PWCH UnicodeString, ULONG BytesInUnicodeString);

typedef enum _STATE_LOCATION_TYPE : int {
    LocationTypeRegistry = 0,
    LocationTypeFileSystem,
    LocationTypeMaximum
} STATE_LOCATION_TYPE;

NTSTATUS NTAPI RtlGetPersistedStateLocation(PCWSTR SourceID, PCWSTR CustomValue, PCWSTR DefaultPath,
                                            STATE_LOCATION_TYPE StateLocationType, PWCHAR TargetPath,
                                            ULONG BufferLengthIn, PULONG BufferLengthOut);

}  // extern "C"
