// Functions and data of the run-time library that drivers import and no header of theirs declares in a form that
// the host can use.
#pragma once

#include "nt/abi.h"

extern "C" {

extern BOOLEAN nt_NlsMbCodePageTag, nt_NlsMbOemCodePageTag;
ULONG NTAPI RtlNtStatusToDosErrorNoTeb(NTSTATUS);
ULONG NTAPI RtlNtStatusToDosError(NTSTATUS);
ULONGLONG NTAPI VerSetConditionMask(ULONGLONG, ULONG, UCHAR);
BOOLEAN NTAPI RtlGetNtProductType(PNT_PRODUCT_TYPE);
ULONG NTAPI RtlGetSuiteMask();
BOOLEAN NTAPI RtlIsMultiSessionSku();
BOOLEAN NTAPI RtlIsStateSeparationEnabled();
ULONG NTAPI RtlGetActiveConsoleId();
PCWSTR NTAPI RtlGetNtSystemRoot();
BOOLEAN NTAPI RtlCreateHashTableEx(PRTL_DYNAMIC_HASH_TABLE*, ULONG, ULONG, ULONG);
BOOLEAN NTAPI RtlInitStrongEnumerationHashTable(PRTL_DYNAMIC_HASH_TABLE, PRTL_DYNAMIC_HASH_TABLE_ENUMERATOR);
PRTL_DYNAMIC_HASH_TABLE_ENTRY NTAPI RtlStronglyEnumerateEntryHashTable(PRTL_DYNAMIC_HASH_TABLE,
                                                                       PRTL_DYNAMIC_HASH_TABLE_ENUMERATOR);
void NTAPI RtlEndStrongEnumerationHashTable(PRTL_DYNAMIC_HASH_TABLE, PRTL_DYNAMIC_HASH_TABLE_ENUMERATOR);
void NTAPI RtlDeleteElementGenericTableAvlEx(PRTL_AVL_TABLE, PVOID);
BOOLEAN NTAPI RtlIsValidOemCharacter(PWCHAR);
NTSTATUS NTAPI RtlQueryRegistryValueWithFallback(HANDLE, HANDLE, PUNICODE_STRING, ULONG, PULONG, PVOID,
                                                 PULONG);

}  // extern "C"
