// GUIDs that follow from names, so that a machine has the same ones on each run and each engine.
#pragma once

#include <string>
#include <string_view>

namespace ndiskit::setup {

// "{XXXXXXXX-XXXX-8XXX-XXXX-XXXXXXXXXXXX}": version 8 of RFC 9562, a hash over the parts in their order.
std::string guid_of(std::string_view machine, std::string_view kind, std::string_view name);

// "{...}" with digits in place.
bool is_guid(std::string_view text);

}  // namespace ndiskit::setup
