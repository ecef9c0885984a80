// PacketDirect. Who opens a miniport's provider (OID_PD_OPEN_PROVIDER goes through to it) gets the miniport's own
// dispatch table and calls it without NDIS between. NDIS stands in one way only: a client of its PacketDirect
// platform may wait until a queue has something to drain, and the miniport tells the platform so. This machine has
// no such client, so nobody has armed a queue and nobody hears of it.
// https://learn.microsoft.com/windows-hardware/drivers/network/introduction-to-ndis-pdpi
#include "ndis/abi.h"
#include "ndis/misuse.h"

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/ns-ndis-_ndis_pd_queue
extern "C" void NTAPI NdisMTriggerPDDrainNotification(NDIS_PD_QUEUE* Queue, BOOLEAN) {
    const NDIS_OBJECT_HEADER& header = Queue->Header;
    const bool is_queue =
        header.Type == NDIS_OBJECT_TYPE_PD_RECEIVE_QUEUE || header.Type == NDIS_OBJECT_TYPE_PD_TRANSMIT_QUEUE;
    if (!is_queue || header.Revision == 0 || header.Size < NDIS_SIZEOF_PD_QUEUE_REVISION_1)
        misuse(Misuse::invalid_object_header, "NdisMTriggerPDDrainNotification of what is no PacketDirect queue",
               reinterpret_cast<uint64_t>(Queue), header.Type, header.Revision);
}
