// What stands between a buffer and a device that cannot reach it: low pages, and which piece of the buffer
// each holds.
#pragma once

#include <vector>

#include "nt/abi.h"

namespace ndiskit::nt::hal {

class MapRegisters {
  public:
    MapRegisters() = default;
    ~MapRegisters();
    MapRegisters(const MapRegisters&) = delete;
    MapRegisters& operator=(const MapRegisters&) = delete;

    // The address at which a device finds the piece, which lies in one page: its own where that is low. Null
    // when there is no low memory.
    void* map(char* piece, ULONG bytes, bool write_to_device);
    // The same for a range that must be contiguous for the device, too.
    void* map_contiguous(char* range, ULONG bytes, bool write_to_device);
    // Copies what a device wrote to the pieces that lie in [first, first + bytes) of the process.
    void flush(const char* first, SIZE_T bytes);
    void flush_all();

  private:
    struct Copy {
        char* original;
        char* low;
        ULONG bytes;
        bool from_device;
        bool whole;  // a range of its own, not a page of the common supply
    };
    std::vector<Copy> copies_;
};

}  // namespace ndiskit::nt::hal
