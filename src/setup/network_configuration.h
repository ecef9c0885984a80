// Writes a machine's network configuration into its registry: what the INF files of its drivers and Windows'
// network setup would write. NDIS learns from there, and from nowhere else, which adapters there are and what
// is bound to what; ndis/registry_layout.h lists the keys.
#pragma once

#include <string>
#include <string_view>

#include "setup/description.h"

namespace ndiskit::setup {

// Needs the kernel's registry; called before drivers start. `check` of the description has passed.
void write_network_configuration(const Description& description);

// NetCfgInstanceId of a NIC or virtual miniport.
std::string adapter_guid(const Description& description, std::string_view name);

// The device node of a NIC that has a simulated device: "PCI\VEN_1AF4&DEV_1041\0000".
std::string device_instance(const Description& description, const Nic& nic);

// The service of a NIC's miniport driver.
std::string nic_service(const Description& description, const Nic& nic);

// Services of the kit's own drivers.
inline constexpr std::string_view builtin_nic_service = "ndknic";
inline constexpr std::string_view builtin_transport_service = "ndktransport";

}  // namespace ndiskit::setup
