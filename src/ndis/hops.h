// Hops: where a chain of NBLs goes next. A driver stack is a list of layers (bindings on top, filter modules, the
// miniport adapter), and each layer keeps, per direction, the entry point and context of its neighbour, so that
// passing a chain on is one indirect call. Filter modules without a handler for a direction are bypassed, because
// the hops are computed around them (stack.cpp), while the stack is paused.
#pragma once

#include "ndis/abi.h"

namespace ndiskit::ndis {

template <class Handler>
struct Hop {
    Handler call = nullptr;
    NDIS_HANDLE context = nullptr;
};

// Down: sends, and receives on their way back.
using SendHop = Hop<MINIPORT_SEND_NET_BUFFER_LISTS_HANDLER>;
using ReturnHop = Hop<MINIPORT_RETURN_NET_BUFFER_LISTS_HANDLER>;
using CancelSendHop = Hop<MINIPORT_CANCEL_SEND_HANDLER>;
// Up: receives, and sends on their way back.
using ReceiveHop = Hop<RECEIVE_NET_BUFFER_LISTS_HANDLER>;
using CompleteHop = Hop<SEND_NET_BUFFER_LISTS_COMPLETE_HANDLER>;

}  // namespace ndiskit::ndis
