// A request that a miniport answers: its information buffer, with the counts that each answer owes.
#pragma once

#include <ndis.h>

namespace ndisxx {

class OidAnswer {
  public:
    explicit OidAnswer(NDIS_OID_REQUEST& request) noexcept : request_(request) {}

    bool is_set() const noexcept { return request_.RequestType == NdisRequestSetInformation; }
    bool is_query() const noexcept {
        return request_.RequestType == NdisRequestQueryInformation ||
               request_.RequestType == NdisRequestQueryStatistics;
    }
    NDIS_OID oid() const noexcept {
        return request_.RequestType == NdisRequestMethod ? request_.DATA.METHOD_INFORMATION.Oid
                                                         : request_.DATA.QUERY_INFORMATION.Oid;
    }

    NDIS_STATUS answer(const void* data, ULONG size) noexcept {
        auto& query = request_.DATA.QUERY_INFORMATION;
        query.BytesNeeded = size;
        if (query.InformationBufferLength < size) return NDIS_STATUS_BUFFER_TOO_SHORT;
        NdisMoveMemory(query.InformationBuffer, data, size);
        query.BytesWritten = size;
        return NDIS_STATUS_SUCCESS;
    }
    NDIS_STATUS answer(ULONG value) noexcept { return answer(&value, sizeof value); }
    // A counter: 64 bits where there is room, else the low 32, and always the news that there are 64.
    NDIS_STATUS answer_counter(ULONG64 value) noexcept {
        auto& query = request_.DATA.QUERY_INFORMATION;
        const ULONG size = query.InformationBufferLength >= sizeof value ? sizeof value : sizeof(ULONG);
        const NDIS_STATUS status = answer(&value, size);
        query.BytesNeeded = sizeof value;
        return status;
    }
    // The value of a set, or null when its buffer is too short.
    template <class T>
    const T* value() noexcept {
        auto& set = request_.DATA.SET_INFORMATION;
        set.BytesNeeded = sizeof(T);
        if (set.InformationBufferLength < sizeof(T)) return nullptr;
        set.BytesRead = sizeof(T);
        return static_cast<const T*>(set.InformationBuffer);
    }
    const UCHAR* bytes(ULONG& size) noexcept {
        auto& set = request_.DATA.SET_INFORMATION;
        size = set.InformationBufferLength;
        set.BytesRead = size;
        return static_cast<const UCHAR*>(set.InformationBuffer);
    }

  private:
    NDIS_OID_REQUEST& request_;
};

}  // namespace ndisxx
