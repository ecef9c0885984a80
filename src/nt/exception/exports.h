// The rows of this family for the table of ntoskrnl.exe.
#pragma once

#include <span>

#include "nt/export_table.h"

namespace ndiskit::nt::exception {

std::span<const Export> exports();

}  // namespace ndiskit::nt::exception
