// NDIS as a data provider of WMI. Each miniport adapter's functional device is registered when the adapter has been
// initialised and deregistered before it is halted; a client's request becomes an OID request to the adapter's stack,
// a status indication an event for whoever has asked for it. The one instance of each block has the adapter's name.
//
// Requests hold no PnP lock: deregistering waits until they are back.
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-support-for-wmi
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "ndis/abi.h"
#include "ndis/wmi_guids.h"

namespace ndiskit::ndis {

class Adapter;

// What one adapter has registered.
struct WmiBlocks {
    explicit WmiBlocks(std::vector<WmiGuid> all)
        : guids(std::move(all)), events(std::make_unique<std::atomic<bool>[]>(guids.size())) {}
    const std::vector<WmiGuid> guids;
    const std::unique_ptr<std::atomic<bool>[]> events;  // somebody waits for it
    std::atomic<int> connected = -1;                    // as MEDIA_CONNECT or _DISCONNECT said last
};

// PASSIVE_LEVEL. The second has no effect when the adapter is not registered.
void register_wmi(Adapter& adapter);
void deregister_wmi(Adapter& adapter);

// IRP_MJ_SYSTEM_CONTROL to the adapter's functional device.
NTSTATUS wmi_system_control(Adapter& adapter, PIRP irp);

// What the miniport or NDIS indicates; up to DISPATCH_LEVEL.
void status_to_wmi(Adapter& adapter, const NDIS_STATUS_INDICATION& status);

}  // namespace ndiskit::ndis
