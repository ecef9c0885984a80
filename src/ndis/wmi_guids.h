// What NDIS registers with WMI for a miniport adapter: a GUID, what a client does with it, and the OID or status that
// it stands for.
// https://learn.microsoft.com/windows-hardware/drivers/network/mapping-of-guids-to-oids-and-miniport-driver-status
#pragma once

#include <cstdint>
#include <span>

#include "ndis/abi.h"

namespace ndiskit::ndis {

enum class WmiUse : uint8_t {
    data,     // a block that is the OID's data; may be set where the OID may
    method,   // a method: NDIS_WMI_METHOD_HEADER in, the OID's data out
    set,      // NDIS_WMI_SET_HEADER and the OID's data
    event,    // a status: NDIS_WMI_EVENT_HEADER and the status' data
    old_event,  // of NDIS 5: the status' data alone
    adapter,  // the adapter's NDIS_WMI_ENUM_ADAPTER
    wake      // a BOOLEAN: whether the user lets the device wake the system
};

struct WmiGuid {
    const char* name;  // null: the miniport's own
    GUID guid;
    WmiUse use;
    uint32_t code;       // the OID or status
    uint32_t flags = 0;  // fNDIS_GUID_*
    uint32_t size = 0;   // of an item of an array
};

std::span<const WmiGuid> standard_wmi_guids();

}  // namespace ndiskit::ndis
