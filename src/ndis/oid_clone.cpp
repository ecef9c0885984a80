// Clones of OID requests: how an intermediate driver or a filter module passes a request on. A clone has the
// original's data and buffer, and reserved areas of its own.
#include <algorithm>
#include <atomic>
#include <cstring>

#include <fmt/format.h>

#include "ndis/binding.h"
#include "ndis/filter.h"
#include "ndis/misuse.h"

namespace ndiskit::ndis {

namespace {
std::atomic<uint64_t> clones_out = 0;

NDIS_STATUS clone(const NDIS_OID_REQUEST& original, ULONG tag, PNDIS_OID_REQUEST& result) {
    result = nullptr;
    if (original.Header.Type != NDIS_OBJECT_TYPE_OID_REQUEST ||
        original.Header.Size < NDIS_SIZEOF_OID_REQUEST_REVISION_1)
        misuse(Misuse::invalid_object_header, "NdisAllocateCloneOidRequest of what is no NDIS_OID_REQUEST",
               reinterpret_cast<uint64_t>(&original), original.Header.Type, original.Header.Size);
    auto* copy = static_cast<PNDIS_OID_REQUEST>(ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(NDIS_OID_REQUEST), tag));
    if (copy == nullptr)
        return NDIS_STATUS_RESOURCES;
    std::memset(copy, 0, sizeof(*copy));
    std::memcpy(copy, &original, std::min<size_t>(original.Header.Size, sizeof(*copy)));
    std::memset(copy->NdisReserved, 0, sizeof(copy->NdisReserved));
    std::memset(copy->MiniportReserved, 0, sizeof(copy->MiniportReserved));
    std::memset(copy->SourceReserved, 0, sizeof(copy->SourceReserved));
    clones_out.fetch_add(1, std::memory_order_relaxed);
    result = copy;
    return NDIS_STATUS_SUCCESS;
}

bool may_clone(NDIS_HANDLE handle) { return is_handle_of<Binding>(handle) || is_handle_of<FilterModule>(handle); }
}  // namespace

std::vector<std::string> oid_leaks() {
    const uint64_t left = clones_out.load(std::memory_order_relaxed);
    if (left == 0)
        return {};
    return {fmt::format("{} cloned OID request(s) not freed (NdisFreeCloneOidRequest)", left)};
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisallocatecloneoidrequest
extern "C" NDIS_STATUS NTAPI NdisAllocateCloneOidRequest(NDIS_HANDLE SourceHandle, PNDIS_OID_REQUEST OidRequest,
                                                         UINT PoolTag, PNDIS_OID_REQUEST* ClonedOidRequest) {
    if (!may_clone(SourceHandle)) {
        *ClonedOidRequest = nullptr;
        return NDIS_STATUS_INVALID_PARAMETER;
    }
    return clone(*OidRequest, PoolTag, *ClonedOidRequest);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfreecloneoidrequest
extern "C" void NTAPI NdisFreeCloneOidRequest(NDIS_HANDLE SourceHandle, PNDIS_OID_REQUEST Request) {
    if (!may_clone(SourceHandle))
        bad_handle(SourceHandle, HandleKind::binding, "NdisFreeCloneOidRequest");
    clones_out.fetch_sub(1, std::memory_order_relaxed);
    ExFreePool(Request);
}
