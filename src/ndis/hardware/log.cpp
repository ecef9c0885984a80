// The log of a miniport driver: a ring of bytes that programs read with IOCTL_NDIS_GET_LOG_DATA on the
// adapter's device. Records have no boundaries; what is not read in time is overwritten.
#include "ndis/hardware/log.h"

#include <algorithm>
#include <memory>
#include <new>

#include "ndis/adapter.h"
#include "ndis/hardware/hardware.h"
#include "ndis/library_state.h"

namespace ndiskit::ndis {

void MiniportLog::write(const void* data, uint32_t length) {
    const auto* bytes = static_cast<const uint8_t*>(data);
    ring_.with([&](Ring& ring) {
        for (uint32_t i = 0; i < length; ++i) {
            ring.bytes[ring.next] = bytes[i];
            ring.next = (ring.next + 1) % ring.bytes.size();
        }
        ring.filled = std::min(ring.filled + length, ring.bytes.size());
    });
}

size_t MiniportLog::read(void* buffer, size_t length) {
    auto* out = static_cast<uint8_t*>(buffer);
    return ring_.with([&](Ring& ring) {
        const size_t count = std::min(length, ring.filled), size = ring.bytes.size();
        const size_t first = (ring.next + size - ring.filled) % size;
        for (size_t i = 0; i < count; ++i) out[i] = ring.bytes[(first + i) % size];
        ring.filled -= count;
        return count;
    });
}

void MiniportLog::flush() {
    ring_.with([](Ring& ring) { ring.next = ring.filled = 0; });
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismcreatelog
NDIS_STATUS NTAPI NdisMCreateLog(NDIS_HANDLE MiniportAdapterHandle, UINT Size, PNDIS_HANDLE LogHandle) {
    Adapter& adapter = resolve<Adapter>(MiniportAdapterHandle, "NdisMCreateLog");
    *LogHandle = nullptr;
    if (Size == 0) return NDIS_STATUS_RESOURCES;
    auto log = std::make_unique<MiniportLog>(adapter, Size);
    MiniportLog* made = log.get();
    const bool first = adapter.hardware->claims.with([&](Hardware::Claims& claims) {
        if (claims.log) return false;
        claims.log = std::move(log);
        return true;
    });
    if (!first) return NDIS_STATUS_FAILURE;
    *LogHandle = made;
    return NDIS_STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismcloselog
VOID NTAPI NdisMCloseLog(NDIS_HANDLE LogHandle) {
    auto& log = resolve<MiniportLog>(LogHandle, "NdisMCloseLog");
    library().bury(
        log.adapter.hardware->claims.with([](Hardware::Claims& claims) { return std::move(claims.log); }));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismwritelogdata
NDIS_STATUS NTAPI NdisMWriteLogData(NDIS_HANDLE LogHandle, PVOID LogBuffer, UINT LogBufferSize) {
    auto& log = resolve<MiniportLog>(LogHandle, "NdisMWriteLogData");
    if (LogBufferSize > log.size) return NDIS_STATUS_BUFFER_OVERFLOW;
    log.write(LogBuffer, LogBufferSize);
    return NDIS_STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismflushlog
VOID NTAPI NdisMFlushLog(NDIS_HANDLE LogHandle) { resolve<MiniportLog>(LogHandle, "NdisMFlushLog").flush(); }

}  // extern "C"
