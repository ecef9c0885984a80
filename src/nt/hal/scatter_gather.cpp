#include "nt/hal/scatter_gather.h"

#include <algorithm>
#include <memory>

#include "engine/engine.h"
#include "nt/hal/map_registers.h"
#include "nt/pool/pool.h"

namespace ndiskit::nt::hal {
namespace {

constexpr ULONG_PTR owned_bit = 1;

// Calls visit(address, bytes) for each piece within one page; false when the MDLs end before.
template <class Visit>
bool for_each_piece(const MDL* mdl, PVOID va, ULONG length, Visit visit) {
    auto offset =
        static_cast<ULONG_PTR>(static_cast<char*>(va) - static_cast<char*>(MmGetMdlVirtualAddress(mdl)));
    for (; mdl && length > 0; mdl = mdl->Next) {
        if (offset >= mdl->ByteCount) {
            offset -= mdl->ByteCount;
            continue;
        }
        char* at = static_cast<char*>(MmGetMdlVirtualAddress(mdl)) + offset;
        ULONG left = std::min(length, mdl->ByteCount - static_cast<ULONG>(offset));
        offset = 0;
        length -= left;
        while (left > 0) {
            const ULONG bytes = std::min<ULONG>(left, PAGE_SIZE - BYTE_OFFSET(at));
            if (!visit(at, bytes)) return false;
            at += bytes;
            left -= bytes;
        }
    }
    return length == 0;
}

// Are the pages of two pieces neighbours in memory, too?
bool are_neighbours(const SCATTER_GATHER_ELEMENT& last, const void* next) {
    if (last.Address.QuadPart + last.Length != reinterpret_cast<LONGLONG>(next)) return false;
    return BYTE_OFFSET(next) != 0 || (engine::the().deterministic() && engine::the().draw(2) == 0);
}

}  // namespace

ULONG count_elements(const MDL* mdl, PVOID va, ULONG length) {
    ULONG count = 0;
    const bool whole = for_each_piece(mdl, va, length, [&](char*, ULONG) {
        ++count;
        return true;
    });
    return whole ? count : 0;
}

bool fill_list(const DmaAdapter& adapter, const Transfer& transfer, SCATTER_GATHER_LIST& list, bool owned) {
    std::unique_ptr<MapRegisters> registers;
    if (!adapter.wide) registers = std::make_unique<MapRegisters>();
    list.NumberOfElements = 0;
    const bool filled =
        for_each_piece(transfer.mdl, transfer.va, transfer.length, [&](char* at, ULONG bytes) {
            void* seen = registers ? registers->map(at, bytes, transfer.write_to_device) : at;
            if (!seen) return false;
            if (list.NumberOfElements > 0) {
                SCATTER_GATHER_ELEMENT& last = list.Elements[list.NumberOfElements - 1];
                if (are_neighbours(last, seen)) {
                    last.Length += bytes;
                    return true;
                }
            }
            SCATTER_GATHER_ELEMENT& element = list.Elements[list.NumberOfElements++];
            element.Address.QuadPart = reinterpret_cast<LONGLONG>(seen);
            element.Length = bytes;
            element.Reserved = 0;
            return true;
        });
    if (!filled) return false;
    list.Reserved = reinterpret_cast<ULONG_PTR>(registers.release()) | (owned ? owned_bit : 0);
    return true;
}

void put_list(SCATTER_GATHER_LIST& list) {
    const bool owned = (list.Reserved & owned_bit) != 0;
    const std::unique_ptr<MapRegisters> registers(
        reinterpret_cast<MapRegisters*>(list.Reserved & ~owned_bit));
    list.Reserved = 0;
    if (registers) registers->flush_all();
    if (owned) pool_free(&list);
}

char* piece_at(const MDL* mdl, PVOID va, ULONG& length) {
    char* found = nullptr;
    for_each_piece(mdl, va, length, [&](char* at, ULONG bytes) {
        found = at;
        length = bytes;
        return false;
    });
    return found;
}

ULONG scatter_gather_list_size(ULONG offset, ULONG length) {
    const auto first = reinterpret_cast<PVOID>(static_cast<uintptr_t>(offset));
    return static_cast<ULONG>(sizeof(SCATTER_GATHER_LIST) +
                              sizeof(SCATTER_GATHER_ELEMENT) * ADDRESS_AND_SIZE_TO_SPAN_PAGES(first, length));
}

}  // namespace ndiskit::nt::hal
