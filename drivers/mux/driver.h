// The driver as a whole: its two registrations with NDIS, and what all parts need to know of them.
#pragma once

#include <ndis.h>

namespace mux {

constexpr ULONG pool_tag = 'xuMN';

struct Driver {
    NDIS_HANDLE miniport = nullptr;
    NDIS_HANDLE protocol = nullptr;
    class LowerList* lowers = nullptr;  // while the protocol is registered
    // 6.30 where the system has it, otherwise 6.20: NDIS turns receive segment coalescing off over a MUX that
    // registers for less than 6.30.
    UCHAR minor_version = 30;

    bool at_least_630() const { return minor_version >= 30; }
};

extern Driver driver;

// The entry points of the two edges, each defined in the file of its subject.
extern "C" {
SET_OPTIONS MuxSetOptions;
MINIPORT_UNLOAD MuxUnload;

MINIPORT_INITIALIZE MuxMiniportInitialize;
MINIPORT_HALT MuxMiniportHalt;
MINIPORT_PAUSE MuxMiniportPause;
MINIPORT_RESTART MuxMiniportRestart;
MINIPORT_SHUTDOWN MuxMiniportShutdown;
MINIPORT_DEVICE_PNP_EVENT_NOTIFY MuxMiniportDevicePnPEvent;
MINIPORT_OID_REQUEST MuxMiniportOidRequest;
MINIPORT_CANCEL_OID_REQUEST MuxMiniportCancelOid;
MINIPORT_DIRECT_OID_REQUEST MuxMiniportDirectOid;
MINIPORT_CANCEL_DIRECT_OID_REQUEST MuxMiniportCancelDirectOid;
MINIPORT_SEND_NET_BUFFER_LISTS MuxMiniportSend;
MINIPORT_CANCEL_SEND MuxMiniportCancelSend;
MINIPORT_RETURN_NET_BUFFER_LISTS MuxMiniportReturn;

PROTOCOL_BIND_ADAPTER_EX MuxProtocolBind;
PROTOCOL_UNBIND_ADAPTER_EX MuxProtocolUnbind;
PROTOCOL_OPEN_ADAPTER_COMPLETE_EX MuxProtocolOpenComplete;
PROTOCOL_CLOSE_ADAPTER_COMPLETE_EX MuxProtocolCloseComplete;
PROTOCOL_NET_PNP_EVENT MuxProtocolNetPnPEvent;
PROTOCOL_OID_REQUEST_COMPLETE MuxProtocolOidComplete;
PROTOCOL_DIRECT_OID_REQUEST_COMPLETE MuxProtocolDirectOidComplete;
PROTOCOL_STATUS_EX MuxProtocolStatus;
PROTOCOL_RECEIVE_NET_BUFFER_LISTS MuxProtocolReceive;
PROTOCOL_SEND_NET_BUFFER_LISTS_COMPLETE MuxProtocolSendComplete;
}

}  // namespace mux
