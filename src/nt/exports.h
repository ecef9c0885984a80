// All that the kernel layer exports to drivers, family by family.
#pragma once

#include <span>

#include "nt/export_table.h"

namespace ndiskit::nt {

// Adds the rows of every family of ntoskrnl.exe and hal.dll, once.
void register_nt_exports();

}  // namespace ndiskit::nt
