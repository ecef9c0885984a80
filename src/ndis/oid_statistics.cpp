// Which member of NDIS_STATISTICS_INFO each counter is.
#include "ndis/oid_statistics.h"

#include <algorithm>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/oid_buffer.h"
#include "ndis/structures.h"

namespace ndiskit::ndis {

namespace {

using Info = NDIS_STATISTICS_INFO;

// A counter is the sum of members; those that are not there are null.
struct Counter {
    NDIS_OID oid;
    ULONG flags;  // all must be set in SupportedStatistics
    ULONG64 Info::*members[3];
};

constexpr ULONG frames_received = NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_RCV |
                                  NDIS_STATISTICS_FLAGS_VALID_MULTICAST_FRAMES_RCV |
                                  NDIS_STATISTICS_FLAGS_VALID_BROADCAST_FRAMES_RCV;
constexpr ULONG frames_sent = NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_XMIT |
                              NDIS_STATISTICS_FLAGS_VALID_MULTICAST_FRAMES_XMIT |
                              NDIS_STATISTICS_FLAGS_VALID_BROADCAST_FRAMES_XMIT;

constexpr Counter counters[] = {
    {OID_GEN_RCV_OK, frames_received, {&Info::ifHCInUcastPkts, &Info::ifHCInMulticastPkts, &Info::ifHCInBroadcastPkts}},
    {OID_GEN_XMIT_OK, frames_sent, {&Info::ifHCOutUcastPkts, &Info::ifHCOutMulticastPkts, &Info::ifHCOutBroadcastPkts}},
    {OID_GEN_RCV_ERROR, NDIS_STATISTICS_FLAGS_VALID_RCV_ERROR, {&Info::ifInErrors}},
    {OID_GEN_XMIT_ERROR, NDIS_STATISTICS_FLAGS_VALID_XMIT_ERROR, {&Info::ifOutErrors}},
    {OID_GEN_RCV_NO_BUFFER, NDIS_STATISTICS_FLAGS_VALID_RCV_DISCARDS, {&Info::ifInDiscards}},
    {OID_GEN_RCV_DISCARDS, NDIS_STATISTICS_FLAGS_VALID_RCV_DISCARDS, {&Info::ifInDiscards}},
    {OID_GEN_XMIT_DISCARDS, NDIS_STATISTICS_FLAGS_VALID_XMIT_DISCARDS, {&Info::ifOutDiscards}},
    {OID_GEN_BYTES_RCV, NDIS_STATISTICS_FLAGS_VALID_BYTES_RCV, {&Info::ifHCInOctets}},
    {OID_GEN_BYTES_XMIT, NDIS_STATISTICS_FLAGS_VALID_BYTES_XMIT, {&Info::ifHCOutOctets}},
    {OID_GEN_DIRECTED_BYTES_XMIT, NDIS_STATISTICS_FLAGS_VALID_DIRECTED_BYTES_XMIT, {&Info::ifHCOutUcastOctets}},
    {OID_GEN_DIRECTED_FRAMES_XMIT, NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_XMIT, {&Info::ifHCOutUcastPkts}},
    {OID_GEN_MULTICAST_BYTES_XMIT, NDIS_STATISTICS_FLAGS_VALID_MULTICAST_BYTES_XMIT, {&Info::ifHCOutMulticastOctets}},
    {OID_GEN_MULTICAST_FRAMES_XMIT, NDIS_STATISTICS_FLAGS_VALID_MULTICAST_FRAMES_XMIT, {&Info::ifHCOutMulticastPkts}},
    {OID_GEN_BROADCAST_BYTES_XMIT, NDIS_STATISTICS_FLAGS_VALID_BROADCAST_BYTES_XMIT, {&Info::ifHCOutBroadcastOctets}},
    {OID_GEN_BROADCAST_FRAMES_XMIT, NDIS_STATISTICS_FLAGS_VALID_BROADCAST_FRAMES_XMIT, {&Info::ifHCOutBroadcastPkts}},
    {OID_GEN_DIRECTED_BYTES_RCV, NDIS_STATISTICS_FLAGS_VALID_DIRECTED_BYTES_RCV, {&Info::ifHCInUcastOctets}},
    {OID_GEN_DIRECTED_FRAMES_RCV, NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_RCV, {&Info::ifHCInUcastPkts}},
    {OID_GEN_MULTICAST_BYTES_RCV, NDIS_STATISTICS_FLAGS_VALID_MULTICAST_BYTES_RCV, {&Info::ifHCInMulticastOctets}},
    {OID_GEN_MULTICAST_FRAMES_RCV, NDIS_STATISTICS_FLAGS_VALID_MULTICAST_FRAMES_RCV, {&Info::ifHCInMulticastPkts}},
    {OID_GEN_BROADCAST_BYTES_RCV, NDIS_STATISTICS_FLAGS_VALID_BROADCAST_BYTES_RCV, {&Info::ifHCInBroadcastOctets}},
    {OID_GEN_BROADCAST_FRAMES_RCV, NDIS_STATISTICS_FLAGS_VALID_BROADCAST_FRAMES_RCV, {&Info::ifHCInBroadcastPkts}},
};

// The request goes down as OID_GEN_STATISTICS with a buffer of the step's own.
class StatisticStep : public OidStep {
  public:
    explicit StatisticStep(const Counter& counter) : counter_(counter) {}

    NDIS_STATUS begin(Binding&, NDIS_OID_REQUEST& request) override {
        auto& query = request.DATA.QUERY_INFORMATION;
        buffer_ = query.InformationBuffer;
        length_ = query.InformationBufferLength;
        info_.Header = statistics_structure.header(ndis_6_0);
        query.Oid = OID_GEN_STATISTICS;
        query.InformationBuffer = &info_;
        query.InformationBufferLength = info_.Header.Size;
        return NDIS_STATUS_SUCCESS;
    }

    NDIS_STATUS end(Binding&, NDIS_OID_REQUEST& request, NDIS_STATUS status) override {
        auto& query = request.DATA.QUERY_INFORMATION;
        query.Oid = counter_.oid;
        query.InformationBuffer = buffer_;
        query.InformationBufferLength = length_;
        query.BytesWritten = 0;
        if (status != NDIS_STATUS_SUCCESS)
            return status;
        if ((info_.SupportedStatistics & counter_.flags) != counter_.flags)
            return NDIS_STATUS_NOT_SUPPORTED;
        ULONG64 sum = 0;
        for (const auto member : counter_.members)
            sum += member != nullptr ? info_.*member : 0;
        return put_counter(request, sum);
    }

  private:
    const Counter& counter_;
    Info info_{};
    PVOID buffer_ = nullptr;
    ULONG length_ = 0;
};

}  // namespace

std::unique_ptr<OidStep> make_statistic_step(Binding& binding, const NDIS_OID_REQUEST& request) {
    const NDIS_OID oid = oid_of(request);
    const bool asks_itself = (oid == OID_GEN_XMIT_OK || oid == OID_GEN_RCV_OK) &&
                             binding.adapter.attributes.supports_oid(oid);
    const auto counter = std::ranges::find(counters, oid, &Counter::oid);
    if (asks_itself || counter == std::end(counters))
        return nullptr;
    return std::make_unique<StatisticStep>(*counter);
}

}  // namespace ndiskit::ndis
