// The page at 0xFFFFF78000000000 that Windows keeps for everybody to read (KUSER_SHARED_DATA). Macros of
// wdm.h read the time in it, so drivers have its address compiled in; user mode cannot map it there, reads
// are emulated.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ndiskit::nt::exception {

constexpr uint64_t shared_data_address = 0xFFFF'F780'0000'0000;

// The page's bytes with the times of now.
const std::byte* current_shared_data();

}  // namespace ndiskit::nt::exception
