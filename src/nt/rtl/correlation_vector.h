// CORRELATION_VECTOR, which follows one operation through components that write events.
#pragma once

#include "nt/abi/types.h"

typedef struct _CORRELATION_VECTOR {
    CHAR Version;
    CHAR Vector[129];
} CORRELATION_VECTOR, *PCORRELATION_VECTOR;

extern "C" {
ULONG NTAPI RtlInitializeCorrelationVector(PCORRELATION_VECTOR CorrelationVector, int Version,
                                           const GUID* Guid);
ULONG NTAPI RtlValidateCorrelationVector(PCORRELATION_VECTOR Vector);
ULONG NTAPI RtlIncrementCorrelationVector(PCORRELATION_VECTOR CorrelationVector);
ULONG NTAPI RtlExtendCorrelationVector(PCORRELATION_VECTOR CorrelationVector);
}
