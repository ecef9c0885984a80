// The information buffer of an OID request, and the counts that an answer owes.
#pragma once

#include <algorithm>
#include <cstring>
#include <span>

#include "ndis/abi.h"
#include "ndis/attributes.h"

namespace ndiskit::ndis {

// Answers a query with `size` bytes. `too_short` is the status of the OID's page for a buffer without the room.
inline NDIS_STATUS put(NDIS_OID_REQUEST& request, const void* data, size_t size,
                       NDIS_STATUS too_short = NDIS_STATUS_BUFFER_TOO_SHORT) {
    auto& q = request.DATA.QUERY_INFORMATION;
    q.BytesWritten = 0;
    q.BytesNeeded = static_cast<ULONG>(size);
    if (q.InformationBufferLength < size)
        return too_short;
    if (size != 0)
        std::memcpy(q.InformationBuffer, data, size);
    q.BytesWritten = static_cast<ULONG>(size);
    q.BytesNeeded = 0;
    return NDIS_STATUS_SUCCESS;
}

template <class T>
NDIS_STATUS put_value(NDIS_OID_REQUEST& request, T value) {
    return put(request, &value, sizeof(value));
}

// A structure that begins with a header; NOT_SUPPORTED when the adapter gave none.
inline NDIS_STATUS put_copy(NDIS_OID_REQUEST& request, const HeaderedCopy& copy,
                            NDIS_STATUS too_short = NDIS_STATUS_BUFFER_TOO_SHORT) {
    const auto* header = copy.get<NDIS_OBJECT_HEADER>();
    return header == nullptr ? NDIS_STATUS_NOT_SUPPORTED : put(request, header, header->Size, too_short);
}

// A counter: 64 bits where there is room, else the low 32, and always the news that there are 64.
inline NDIS_STATUS put_counter(NDIS_OID_REQUEST& request, uint64_t value) {
    auto& q = request.DATA.QUERY_INFORMATION;
    const NDIS_STATUS status = put(request, &value, q.InformationBufferLength >= sizeof(value) ? sizeof(value) : 4);
    q.BytesNeeded = sizeof(value);
    return status;
}

// Answers a method request, whose buffer is both ways.
inline NDIS_STATUS put_output(NDIS_OID_REQUEST& request, const void* data, size_t size,
                              NDIS_STATUS too_short = NDIS_STATUS_INVALID_LENGTH) {
    auto& m = request.DATA.METHOD_INFORMATION;
    m.BytesWritten = 0;
    m.BytesNeeded = static_cast<ULONG>(size);
    if (m.OutputBufferLength < size)
        return too_short;
    std::memcpy(m.InformationBuffer, data, size);
    m.BytesWritten = static_cast<ULONG>(size);
    m.BytesNeeded = 0;
    return NDIS_STATUS_SUCCESS;
}

// What a set or a method request brings.
inline std::span<const std::byte> input_of(const NDIS_OID_REQUEST& request) {
    if (request.RequestType == NdisRequestMethod)
        return {static_cast<const std::byte*>(request.DATA.METHOD_INFORMATION.InformationBuffer),
                request.DATA.METHOD_INFORMATION.InputBufferLength};
    return {static_cast<const std::byte*>(request.DATA.SET_INFORMATION.InformationBuffer),
            request.DATA.SET_INFORMATION.InformationBufferLength};
}

// The structure that the input begins with. Its fit was checked before (oid_rules.h); a revision that is shorter
// than T is zero where it ends.
template <class T>
    requires requires(T t) { t.Header.Size; }
T read_input(const NDIS_OID_REQUEST& request) {
    T value{};
    const auto input = input_of(request);
    NDIS_OBJECT_HEADER header;
    std::memcpy(&header, input.data(), sizeof(header));
    std::memcpy(&value, input.data(), std::min({input.size(), sizeof(T), static_cast<size_t>(header.Size)}));
    return value;
}

// A lone number; its length was checked before.
inline uint32_t read_number(const NDIS_OID_REQUEST& request) {
    uint32_t number = 0;
    std::memcpy(&number, input_of(request).data(), sizeof(number));
    return number;
}

// Whether `count` elements of `element` bytes from `offset` on lie within `size` bytes.
inline bool lies_within(uint64_t offset, uint64_t count, uint64_t element, uint64_t size) {
    return offset <= size && count <= size && element <= size && count * element <= size - offset;
}

}  // namespace ndiskit::ndis
