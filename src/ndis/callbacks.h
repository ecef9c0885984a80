// The handlers that drivers register are bound when NDIS copies their characteristics: straight, or to stubs that
// show each call to the machine's observers (nt/image/callback_stubs.h). From then on the library calls what the copy
// holds.
#pragma once

#include "ndis/abi.h"
#include "nt/image/callback_stubs.h"

namespace ndiskit::ndis {

using nt::image::bind_callback;

// From its first handler on, each of these structures holds handlers alone.
inline void bind_callbacks(NDIS_MINIPORT_DRIVER_CHARACTERISTICS& kept) {
    nt::image::bind_callbacks(&kept.SetOptionsHandler, &kept + 1);
}
inline void bind_callbacks(NDIS_PROTOCOL_DRIVER_CHARACTERISTICS& kept) {
    nt::image::bind_callbacks(&kept.SetOptionsHandler, &kept + 1);
}
inline void bind_callbacks(NDIS_FILTER_DRIVER_CHARACTERISTICS& kept) {
    nt::image::bind_callbacks(&kept.SetOptionsHandler, &kept + 1);
}
// Flags stand behind the handlers of this one.
inline void bind_callbacks(NDIS_MINIPORT_PNP_CHARACTERISTICS& kept) {
    nt::image::bind_callbacks(&kept.MiniportAddDeviceHandler, &kept.Flags);
}

inline void bind_callbacks(NDIS_MINIPORT_SS_CHARACTERISTICS& kept) {
    nt::image::bind_callbacks(&kept.IdleNotificationHandler, &kept + 1);
}

}  // namespace ndiskit::ndis
