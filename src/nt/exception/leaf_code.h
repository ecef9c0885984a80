// Code of the host that changes none of the registers a driver expects to be kept, and calls none that does:
// functions of this attribute that call one another at most. A fault in it is raised in the driver that
// called it, without the thunk that other functions need for that (raise.h), so that copying costs nothing
// more.
#pragma once

#include <cstdint>

#define NDISKIT_LEAF_CODE [[gnu::section("ndiskit_leaf_code")]]

extern "C" {
// Of the linker; null in a program that has no such code.
[[gnu::weak]] extern const char __start_ndiskit_leaf_code[], __stop_ndiskit_leaf_code[];
}

namespace ndiskit::nt::exception {

inline bool in_leaf_code(uint64_t address) {
    return address >= reinterpret_cast<uint64_t>(__start_ndiskit_leaf_code) &&
           address < reinterpret_cast<uint64_t>(__stop_ndiskit_leaf_code);
}

}  // namespace ndiskit::nt::exception
