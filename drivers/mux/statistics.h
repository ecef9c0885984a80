// What OID_GEN_STATISTICS reports of a virtual miniport. Written once a chain, without
// locks.
#pragma once

#include <ndisxx/atomic.h>

#include "mac_address.h"

namespace mux {

struct Tally {
    ULONG64 frames[3] = {};  // unicast, multicast, broadcast
    ULONG64 bytes[3] = {};

    void count(const MacAddress& destination, ULONG64 size) {
        const int kind = !destination.is_group() ? 0 : destination.is_broadcast() ? 2 : 1;
        ++frames[kind];
        bytes[kind] += size;
    }
};

class Statistics {
  public:
    void add_sent(const Tally& tally) { add(sent_, tally); }
    void add_received(const Tally& tally) { add(received_, tally); }
    void add_send_errors(LONG64 n) { send_errors_.fetch_add(n); }
    void add_receive_discards(LONG64 n) { receive_discards_.fetch_add(n); }

    void report(NDIS_STATISTICS_INFO& info) const {
        info = {};
        info.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
        info.Header.Revision = NDIS_STATISTICS_INFO_REVISION_1;
        info.Header.Size = NDIS_SIZEOF_STATISTICS_INFO_REVISION_1;
        info.SupportedStatistics = supported;
        info.ifHCOutUcastPkts = sent_.frames[0].load();
        info.ifHCOutMulticastPkts = sent_.frames[1].load();
        info.ifHCOutBroadcastPkts = sent_.frames[2].load();
        info.ifHCOutUcastOctets = sent_.bytes[0].load();
        info.ifHCOutMulticastOctets = sent_.bytes[1].load();
        info.ifHCOutBroadcastOctets = sent_.bytes[2].load();
        info.ifHCOutOctets = sent_.bytes[0].load() + sent_.bytes[1].load() + sent_.bytes[2].load();
        info.ifHCInUcastPkts = received_.frames[0].load();
        info.ifHCInMulticastPkts = received_.frames[1].load();
        info.ifHCInBroadcastPkts = received_.frames[2].load();
        info.ifHCInUcastOctets = received_.bytes[0].load();
        info.ifHCInMulticastOctets = received_.bytes[1].load();
        info.ifHCInBroadcastOctets = received_.bytes[2].load();
        info.ifHCInOctets = received_.bytes[0].load() + received_.bytes[1].load() + received_.bytes[2].load();
        info.ifOutErrors = send_errors_.load();
        info.ifInDiscards = receive_discards_.load();
    }

    ULONG64 frames_sent() const {
        return sent_.frames[0].load() + sent_.frames[1].load() + sent_.frames[2].load();
    }
    ULONG64 frames_received() const {
        return received_.frames[0].load() + received_.frames[1].load() + received_.frames[2].load();
    }
    ULONG64 send_errors() const { return send_errors_.load(); }
    ULONG64 receive_discards() const { return receive_discards_.load(); }

    static constexpr ULONG supported =
        NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_RCV | NDIS_STATISTICS_FLAGS_VALID_MULTICAST_FRAMES_RCV |
        NDIS_STATISTICS_FLAGS_VALID_BROADCAST_FRAMES_RCV | NDIS_STATISTICS_FLAGS_VALID_BYTES_RCV |
        NDIS_STATISTICS_FLAGS_VALID_RCV_DISCARDS | NDIS_STATISTICS_FLAGS_VALID_RCV_ERROR |
        NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_XMIT | NDIS_STATISTICS_FLAGS_VALID_MULTICAST_FRAMES_XMIT |
        NDIS_STATISTICS_FLAGS_VALID_BROADCAST_FRAMES_XMIT | NDIS_STATISTICS_FLAGS_VALID_BYTES_XMIT |
        NDIS_STATISTICS_FLAGS_VALID_XMIT_ERROR | NDIS_STATISTICS_FLAGS_VALID_XMIT_DISCARDS |
        NDIS_STATISTICS_FLAGS_VALID_DIRECTED_BYTES_RCV | NDIS_STATISTICS_FLAGS_VALID_MULTICAST_BYTES_RCV |
        NDIS_STATISTICS_FLAGS_VALID_BROADCAST_BYTES_RCV | NDIS_STATISTICS_FLAGS_VALID_DIRECTED_BYTES_XMIT |
        NDIS_STATISTICS_FLAGS_VALID_MULTICAST_BYTES_XMIT | NDIS_STATISTICS_FLAGS_VALID_BROADCAST_BYTES_XMIT;

  private:
    struct Counters {
        ndisxx::Atomic64 frames[3];
        ndisxx::Atomic64 bytes[3];
    };
    static void add(Counters& counters, const Tally& tally) {
        for (int kind = 0; kind < 3; ++kind) {
            if (tally.frames[kind] == 0) continue;
            counters.frames[kind].fetch_add(static_cast<LONG64>(tally.frames[kind]));
            counters.bytes[kind].fetch_add(static_cast<LONG64>(tally.bytes[kind]));
        }
    }

    Counters sent_;
    Counters received_;
    ndisxx::Atomic64 send_errors_;
    ndisxx::Atomic64 receive_discards_;
};

}  // namespace mux
