// The requests that the I/O manager has made for a thread and that are on their way. A thread that ends has them
// cancelled and waits for them; what a driver keeps all the same is then nobody's.
//
// Who cancels an IRP here holds it: when it completes meanwhile, the canceller ends it in the completer's place,
// so that it is not gone under IoCancelIrp.
#pragma once

#include "nt/abi.h"

namespace ndiskit::nt::ke {
struct ThreadObject;
}

namespace ndiskit::nt::io {

// The calling thread's, from here to its end. IRPs of make_irp or IoBuildSynchronousFsdRequest.
void link_to_thread(IRP& irp);
// False when whoever cancels it will call end_irp() for it. No effect on others.
bool unlink_from_thread(IRP& irp);
// For an IRP that its driver frees before its end.
void forget_in_thread(IRP& irp);
// What is left to do for an IRP of the I/O manager that has come up (irp.cpp).
void end_irp(IRP& irp);

// The calling thread ends, or has asked for it: cancels its requests, those on `file` alone unless it is null, and
// waits until they are back. PASSIVE_LEVEL. How many there were.
size_t cancel_irps_of(ke::ThreadObject& thread, const FILE_OBJECT* file = nullptr);

}  // namespace ndiskit::nt::io
