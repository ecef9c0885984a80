// Virtual miniports between the two events that bring them up (intermediate.cpp).
#pragma once

namespace ndiskit::ndis {

class Adapter;
struct MiniportDriver;

// Hands a request that came before the device over to the adapter, if there is one.
void take_waiting_request(Adapter& adapter);
// The driver goes; so do its requests.
void forget_waiting_requests(const MiniportDriver& driver);

}  // namespace ndiskit::ndis
