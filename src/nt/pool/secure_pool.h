// Prototypes of secure pools, which nt/abi.h lacks.
#pragma once

#include "nt/abi.h"

extern "C" {

NTSTATUS NTAPI ExCreatePool(ULONG Flags, ULONG_PTR Tag, PVOID Params, HANDLE* PoolHandle);
void NTAPI ExDestroyPool(HANDLE PoolHandle);
NTSTATUS NTAPI ExSecurePoolUpdate(HANDLE SecurePoolHandle, ULONG Tag, PVOID Allocation, ULONG_PTR Cookie,
                                  SIZE_T Offset, SIZE_T Size, PVOID Buffer);
LOGICAL NTAPI ExSecurePoolValidate(HANDLE SecurePoolHandle, ULONG Tag, PVOID Allocation, ULONG_PTR Cookie);

}  // extern "C"
