// What a driver answers to IRP_MN_REGINFO_EX, as blocks.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "nt/wmi/provider.h"

namespace ndiskit::nt::wmi {

// Nothing when the structures do not lie inside the answer. References of physical device objects that the
// driver took for WMI are given back.
std::optional<std::vector<Block>> parse_registration(std::span<const uint8_t> answer);

}  // namespace ndiskit::nt::wmi
