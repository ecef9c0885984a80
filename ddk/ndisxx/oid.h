// OID requests that a driver makes itself, and wait for.
//
// Every request that leaves a protocol edge carries in SourceReserved[0] the `PendingOid` that is to be told
// of its completion, so that ProtocolOidRequestComplete is one line: `PendingOid::completed(request,
// status)`.
#pragma once

#include <ndis.h>

#include <ndisxx/event.h>

namespace ndisxx {

struct PendingOid {
    using Complete = void (*)(PendingOid& pending, NDIS_OID_REQUEST* request, NDIS_STATUS status);
    Complete complete;

    static void attach(NDIS_OID_REQUEST* request, PendingOid* pending) noexcept {
        *reinterpret_cast<PendingOid**>(request->SourceReserved) = pending;
    }
    static void completed(NDIS_OID_REQUEST* request, NDIS_STATUS status) noexcept {
        PendingOid* pending = *reinterpret_cast<PendingOid**>(request->SourceReserved);
        pending->complete(*pending, request, status);
    }
};

// One request that the caller waits for, at PASSIVE_LEVEL.
class SyncOid : private PendingOid {
  public:
    SyncOid() noexcept {
        complete = [](PendingOid& self, NDIS_OID_REQUEST*, NDIS_STATUS status) {
            auto& sync = static_cast<SyncOid&>(self);
            sync.status_ = status;
            sync.done_.set();
        };
    }

    NDIS_STATUS set(NDIS_HANDLE binding, NDIS_OID oid, void* buffer, ULONG size) noexcept {
        prepare(NdisRequestSetInformation);
        request_.DATA.SET_INFORMATION.Oid = oid;
        request_.DATA.SET_INFORMATION.InformationBuffer = buffer;
        request_.DATA.SET_INFORMATION.InformationBufferLength = size;
        return send(binding);
    }
    NDIS_STATUS query(NDIS_HANDLE binding, NDIS_OID oid, void* buffer, ULONG size) noexcept {
        prepare(NdisRequestQueryInformation);
        request_.DATA.QUERY_INFORMATION.Oid = oid;
        request_.DATA.QUERY_INFORMATION.InformationBuffer = buffer;
        request_.DATA.QUERY_INFORMATION.InformationBufferLength = size;
        return send(binding);
    }

  private:
    void prepare(NDIS_REQUEST_TYPE type) noexcept {
        request_ = {};
        request_.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
        request_.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
        request_.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
        request_.RequestType = type;
        request_.RequestId = this;
        attach(&request_, this);
        done_.clear();
    }
    NDIS_STATUS send(NDIS_HANDLE binding) noexcept {
        const NDIS_STATUS status = NdisOidRequest(binding, &request_);
        if (status != NDIS_STATUS_PENDING) return status;
        done_.wait();
        return status_;
    }

    NDIS_OID_REQUEST request_;
    NDIS_STATUS status_ = NDIS_STATUS_SUCCESS;
    Event done_;
};

}  // namespace ndisxx
