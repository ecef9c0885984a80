// Names for addresses in a crash report: function, source file and line. Drivers built by the kit carry
// DWARF; others have at least their exports. Host addresses are named by the dynamic linker's tables.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nt/image/image.h"

namespace ndiskit::nt::exception {

struct Symbol {
    std::string module;            // "mux.sys", or the host's file; empty when the address is nowhere
    uint64_t offset = 0;           // in the module
    std::string function;          // empty when unknown
    uint64_t function_offset = 0;  // from the function's start; 0 when only the line is known
    std::string file;              // empty when unknown
    unsigned line = 0;

    // "mux.sys!Receive (receive.cpp:120)", "mux.sys+0x1234".
    std::string text() const;
};

struct AddressQuery {
    uint64_t address = 0;
    bool is_return_address = false;  // the line is that of the call before it
};
// In the same order. Drivers' addresses are asked for all at once, from llvm-symbolizer if it is installed.
std::vector<Symbol> symbolize(const std::vector<AddressQuery>& addresses);

}  // namespace ndiskit::nt::exception
