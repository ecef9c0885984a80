// Status indications, and what NDIS keeps of them.
#include <gtest/gtest.h>

#include <atomic>

#include "fixture.h"
#include "nt/ke/thread.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

NDIS_OFFLOAD offload_with(ULONG encapsulation) {
    NDIS_OFFLOAD offload{};
    offload.Header.Type = NDIS_OBJECT_TYPE_OFFLOAD;
    offload.Header.Revision = NDIS_OFFLOAD_REVISION_1;
    offload.Header.Size = NDIS_SIZEOF_NDIS_OFFLOAD_REVISION_1;
    offload.Checksum.IPv4Transmit.Encapsulation = encapsulation;
    offload.LsoV2.IPv6.Encapsulation = encapsulation;
    return offload;
}

void indicate_offload(ULONG encapsulation) {
    NDIS_OFFLOAD offload = offload_with(encapsulation);
    NDIS_STATUS_INDICATION status{};
    status.Header.Type = NDIS_OBJECT_TYPE_STATUS_INDICATION;
    status.Header.Revision = NDIS_STATUS_INDICATION_REVISION_1;
    status.Header.Size = NDIS_SIZEOF_STATUS_INDICATION_REVISION_1;
    status.SourceHandle = nic().handle;
    status.StatusCode = NDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG;
    status.StatusBuffer = &offload;
    status.StatusBufferSize = NDIS_SIZEOF_NDIS_OFFLOAD_REVISION_1;
    NdisMIndicateStatusEx(nic().handle, &status);
}

// A query sees one indication's structure, whole.
void query_offload() {
    NDIS_OFFLOAD seen{};
    ASSERT_EQ(open_of().oid(NdisRequestQueryInformation, OID_TCP_OFFLOAD_CURRENT_CONFIG, &seen, sizeof(seen)),
              NDIS_STATUS_SUCCESS);
    EXPECT_EQ(seen.Header.Size, NDIS_SIZEOF_NDIS_OFFLOAD_REVISION_1);
    EXPECT_EQ(seen.Checksum.IPv4Transmit.Encapsulation, seen.LsoV2.IPv6.Encapsulation);
}

TEST(StatusLive, QueriesAreAnsweredWhileIndicationsChangeTheAnswer) {
    with_live_stack([] {
        indicate_offload(1);
        std::atomic<bool> done = false;
        nt::Thread indicator = nt::Thread::start("indicator", [&] {
            for (ULONG i = 0; i < 2000; i++) {
                nic().indicate_link(i % 2 == 0);
                indicate_offload(1 + i % 7);
            }
            done = true;
        });
        while (!done) {
            query_offload();
            NDIS_LINK_STATE link{};
            ASSERT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_LINK_STATE, &link, sizeof(link)),
                      NDIS_STATUS_SUCCESS);
            EXPECT_EQ(view().link_speed, 1'000'000'000u);
        }
        indicator.join();
        EXPECT_FALSE(view().link_up);
    });
}

}  // namespace
}  // namespace ndiskit::ndis
