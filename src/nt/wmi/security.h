// Who may use a block from a program. The system and administrators may do everything; others what the provider has
// let everybody do. Drivers are not checked.
#pragma once

#include "nt/wmi/abi.h"

namespace ndiskit::nt::wmi {

// WMIGUID_QUERY and its kind; replaces what was said of the GUID before.
void allow_everybody(const GUID& guid, ULONG access);
ULONG access_of_everybody(const GUID& guid);

}  // namespace ndiskit::nt::wmi
