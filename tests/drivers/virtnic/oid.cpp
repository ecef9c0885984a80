#include "virtnic.h"

namespace {

NDIS_STATUS answer(NDIS_OID_REQUEST& request, const void* data, ULONG size) {
    auto& query = request.DATA.QUERY_INFORMATION;
    query.BytesNeeded = size;
    if (query.InformationBufferLength < size) return NDIS_STATUS_BUFFER_TOO_SHORT;
    NdisMoveMemory(query.InformationBuffer, data, size);
    query.BytesWritten = size;
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS answer_count(Adapter& adapter, NDIS_OID_REQUEST& request, const ULONG64& counter) {
    NdisAcquireSpinLock(&adapter.lock);
    const ULONG64 count = counter;
    NdisReleaseSpinLock(&adapter.lock);
    return answer(request, &count, sizeof count);
}

NDIS_STATUS query(Adapter& adapter, NDIS_OID_REQUEST& request) {
    switch (request.DATA.QUERY_INFORMATION.Oid) {
        case OID_GEN_XMIT_OK:
            return answer_count(adapter, request, adapter.sent);
        case OID_GEN_RCV_OK:
            return answer_count(adapter, request, adapter.received);
        case OID_GEN_STATISTICS: {
            NDIS_STATISTICS_INFO statistics = {};
            statistics.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
            statistics.Header.Revision = NDIS_STATISTICS_INFO_REVISION_1;
            statistics.Header.Size = NDIS_SIZEOF_STATISTICS_INFO_REVISION_1;
            return answer(request, &statistics, sizeof statistics);
        }
        default:
            return NDIS_STATUS_NOT_SUPPORTED;
    }
}

NDIS_STATUS set(Adapter& adapter, NDIS_OID_REQUEST& request) {
    auto& set = request.DATA.SET_INFORMATION;
    switch (set.Oid) {
        case OID_GEN_CURRENT_PACKET_FILTER:
            if (set.InformationBufferLength < sizeof(ULONG)) return NDIS_STATUS_INVALID_LENGTH;
            NdisAcquireSpinLock(&adapter.lock);
            adapter.packet_filter = *(PULONG)set.InformationBuffer;
            NdisReleaseSpinLock(&adapter.lock);
            return NDIS_STATUS_SUCCESS;
        case OID_GEN_CURRENT_LOOKAHEAD:
        case OID_802_3_MULTICAST_LIST:
            set.BytesRead = set.InformationBufferLength;
            return NDIS_STATUS_SUCCESS;
        case OID_PNP_SET_POWER:
            // Paused, so nothing is out: the device forgets its rings, and gets them again.
            if (*(PNDIS_DEVICE_POWER_STATE)set.InformationBuffer == NdisDeviceStateD0)
                start_device(adapter);
            else
                reset_device(adapter);
            return NDIS_STATUS_SUCCESS;
        default:
            return NDIS_STATUS_NOT_SUPPORTED;
    }
}

}  // namespace

NDIS_STATUS oid_request(NDIS_HANDLE context, PNDIS_OID_REQUEST request) {
    Adapter& adapter = *(Adapter*)context;
    switch (request->RequestType) {
        case NdisRequestQueryInformation:
        case NdisRequestQueryStatistics:
            return query(adapter, *request);
        case NdisRequestSetInformation:
            return set(adapter, *request);
        default:
            return NDIS_STATUS_NOT_SUPPORTED;
    }
}
