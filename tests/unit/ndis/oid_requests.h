// OID requests of tests: structures with their headers, sent through the fixture's binding.
#pragma once

#include <cstring>
#include <vector>

#include "fixture.h"
#include "ndis/structures.h"

namespace ndiskit::ndis::fixture {

inline NDIS_OID_REQUEST request_of(NDIS_REQUEST_TYPE type, NDIS_OID oid, void* buffer, uint32_t length) {
    NDIS_OID_REQUEST request{};
    request.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
    request.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
    request.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
    request.RequestType = type;
    request.DATA.QUERY_INFORMATION.Oid = oid;
    request.DATA.QUERY_INFORMATION.InformationBuffer = buffer;
    request.DATA.QUERY_INFORMATION.InformationBufferLength = length;
    if (type == NdisRequestMethod)
        request.DATA.METHOD_INFORMATION.OutputBufferLength = length;
    return request;
}

inline NDIS_STATUS set(NDIS_OID oid, void* buffer, uint32_t length, const std::string& protocol = "fixproto") {
    return open_of(protocol).oid(NdisRequestSetInformation, oid, buffer, length);
}
inline NDIS_STATUS query(NDIS_OID oid, void* buffer, uint32_t length, const std::string& protocol = "fixproto") {
    return open_of(protocol).oid(NdisRequestQueryInformation, oid, buffer, length);
}
inline NDIS_STATUS method(NDIS_OID oid, void* buffer, uint32_t length, const std::string& protocol = "fixproto") {
    NDIS_OID_REQUEST request = request_of(NdisRequestMethod, oid, buffer, length);
    return open_of(protocol).oid(request);
}

// The miniport takes every request; `seen` collects which.
inline void take_all(std::vector<NDIS_OID>* seen = nullptr) {
    behaviour().on_oid = [seen](NDIS_OID_REQUEST& request) -> std::optional<NDIS_STATUS> {
        if (request.DATA.QUERY_INFORMATION.Oid == OID_GEN_CURRENT_PACKET_FILTER)
            return std::nullopt;
        if (seen != nullptr)
            seen->push_back(request.DATA.QUERY_INFORMATION.Oid);
        return NDIS_STATUS_SUCCESS;
    };
}

template <class T>
T with_header(const StructureKind& kind, Version version = ndis_6_89) {
    T value{};
    value.Header = kind.header(version);
    return value;
}

}  // namespace ndiskit::ndis::fixture
