// All that the kernel layer exports to drivers, family by family.
#pragma once

#include <span>

#include "nt/export_table.h"

namespace ndiskit::nt {

// Adds the rows of every family of ntoskrnl.exe and hal.dll; again is nothing.
void register_nt_exports();

// Rows of ntoskrnl.exe, each in the exports.cpp of its folder.
std::span<const Export> pool_exports();
std::span<const Export> memory_exports();
std::span<const Export> object_exports();
std::span<const Export> registry_exports();
std::span<const Export> io_exports();
std::span<const Export> power_exports();
std::span<const Export> rtl_exports();
std::span<const Export> rtl_table_exports();
std::span<const Export> rtl_text_exports();
std::span<const Export> rtl_library_exports();
std::span<const Export> diagnosis_exports();
std::span<const Export> crt_exports();
std::span<const Export> security_exports();
std::span<const Export> file_exports();
std::span<const Export> system_exports();
std::span<const Export> hardware_exports();
// Rows of hal.dll.
std::span<const Export> hal_hardware_exports();

}  // namespace ndiskit::nt
