#include "nt/hal/map_registers.h"

#include <cstring>

#include "nt/hal/low_memory.h"

namespace ndiskit::nt::hal {

MapRegisters::~MapRegisters() {
    for (const Copy& copy : copies_)
        if (copy.whole)
            free_low(PAGE_ALIGN(copy.low), BYTE_OFFSET(copy.low) + copy.bytes);
        else
            give_low_page(PAGE_ALIGN(copy.low));
}

void* MapRegisters::map(char* piece, ULONG bytes, bool write_to_device) {
    if (is_low(piece, bytes)) return piece;
    auto* page = static_cast<char*>(take_low_page());
    if (!page) return nullptr;
    char* low = page + BYTE_OFFSET(piece);
    if (write_to_device) std::memcpy(low, piece, bytes);
    copies_.push_back({piece, low, bytes, !write_to_device, false});
    return low;
}

void* MapRegisters::map_contiguous(char* range, ULONG bytes, bool write_to_device) {
    if (is_low(range, bytes)) return range;
    auto* memory = static_cast<char*>(allocate_low(BYTE_OFFSET(range) + bytes));
    if (!memory) return nullptr;
    char* low = memory + BYTE_OFFSET(range);
    if (write_to_device) std::memcpy(low, range, bytes);
    copies_.push_back({range, low, bytes, !write_to_device, true});
    return low;
}

void MapRegisters::flush(const char* first, SIZE_T bytes) {
    for (const Copy& copy : copies_)
        if (copy.from_device && copy.original >= first && copy.original < first + bytes)
            std::memcpy(copy.original, copy.low, copy.bytes);
}

void MapRegisters::flush_all() {
    for (const Copy& copy : copies_)
        if (copy.from_device) std::memcpy(copy.original, copy.low, copy.bytes);
}

}  // namespace ndiskit::nt::hal
