// The exported functions of exceptions that are written in assembly (frames_x64.S); drivers call them by
// their ABI, the kit takes their addresses only.
#pragma once

#include "nt/abi.h"
#include "nt/exception/context_abi.h"

extern "C" {
[[noreturn]] void NTAPI RtlRaiseStatus(NTSTATUS status);
void NTAPI RtlRaiseException(ndiskit::nt::exception::ExceptionRecord* record);
void NTAPI RtlUnwind(PVOID target_frame, PVOID target_ip, ndiskit::nt::exception::ExceptionRecord* record,
                     PVOID return_value);
void NTAPI RtlUnwindEx(PVOID target_frame, PVOID target_ip, ndiskit::nt::exception::ExceptionRecord* record,
                       PVOID return_value, ndiskit::nt::exception::Context* context, PVOID history);
void NTAPI _local_unwind(PVOID frame, PVOID target_ip);
ULONG NTAPI RtlWalkFrameChain(PVOID* callers, ULONG count, ULONG flags);
}
