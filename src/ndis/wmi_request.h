// What a WMI client asks of one adapter, as OID requests (wmi_request.cpp).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "ndis/abi.h"
#include "ndis/wmi_guids.h"

namespace ndiskit::ndis {

class Adapter;

using WmiBytes = std::vector<std::byte>;

// The miniport's custom GUIDs (OID_GEN_SUPPORTED_GUIDS), those that break a rule left out.
std::vector<WmiGuid> custom_wmi_guids(Adapter& adapter);

NTSTATUS wmi_query(Adapter& adapter, const WmiGuid& guid, WmiBytes& answer);
NTSTATUS wmi_set(Adapter& adapter, const WmiGuid& guid, std::span<const std::byte> data);
NTSTATUS wmi_method(Adapter& adapter, const WmiGuid& guid, ULONG method, std::span<const std::byte> input, ULONG room,
                    WmiBytes& answer);

}  // namespace ndiskit::ndis
