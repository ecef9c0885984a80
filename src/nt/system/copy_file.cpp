// Bytes of one file into another.
#include "nt/abi.h"
#include "nt/pool/pool.h"
#include "nt/system/set_information.h"

using namespace ndiskit::nt;

namespace {

constexpr uint32_t copy_tag = 0x79706F43;  // 'Copy' in memory order

// Waits for what was sent with the event of its own, so that it is of no account how the file was opened.
NTSTATUS finish(NTSTATUS status, HANDLE event, const IO_STATUS_BLOCK& block) {
    if (status == STATUS_PENDING) {
        ZwWaitForSingleObject(event, FALSE, nullptr);
        status = block.Status;
    }
    return status;
}

}  // namespace

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntcopyfilechunk
extern "C" NTSTATUS NTAPI NtCopyFileChunk(HANDLE source, HANDLE target, HANDLE event, PIO_STATUS_BLOCK result,
                                          ULONG length, PLARGE_INTEGER source_offset,
                                          PLARGE_INTEGER target_offset, PULONG source_key, PULONG target_key,
                                          ULONG flags) {
    if (flags) return STATUS_INVALID_PARAMETER;
    if (event) ZwClearEvent(event);
    HANDLE done = nullptr;
    NTSTATUS status = ZwCreateEvent(&done, EVENT_ALL_ACCESS, nullptr, SynchronizationEvent, FALSE);
    if (!NT_SUCCESS(status)) return status;
    void* const buffer =
        pool_allocate(PoolKind::nonpaged, length ? length : 1, copy_tag, __builtin_return_address(0));
    if (!buffer) {
        ZwClose(done);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    IO_STATUS_BLOCK block = {};
    status =
        finish(ZwReadFile(source, done, nullptr, nullptr, &block, buffer, length, source_offset, source_key),
               done, block);
    if (NT_SUCCESS(status)) {
        const auto bytes = static_cast<ULONG>(block.Information);
        block = {};
        status = finish(
            ZwWriteFile(target, done, nullptr, nullptr, &block, buffer, bytes, target_offset, target_key),
            done, block);
        if (NT_SUCCESS(status)) *result = block;
    }
    pool_free(buffer, copy_tag);
    ZwClose(done);
    if (NT_SUCCESS(status) && event) ZwSetEvent(event, nullptr);
    return status;
}
