// Scatter-gather lists. `Reserved` of a list is the kit's: the map registers behind it, if any, and in the
// lowest bit whether the list's memory came from GetScatterGatherList and goes with it.
#pragma once

#include "nt/hal/dma.h"

namespace ndiskit::nt::hal {

// How many elements `length` bytes at `va` (an index into `mdl`, of which more may hang behind) take at most;
// 0 when the MDLs are shorter than that.
ULONG count_elements(const MDL* mdl, PVOID va, ULONG length);

struct Transfer {
    PMDL mdl;
    PVOID va;
    ULONG length;
    bool write_to_device;
};
// Fills `list`, which has room for count_elements. False when there are no map registers.
bool fill_list(const DmaAdapter& adapter, const Transfer& transfer, SCATTER_GATHER_LIST& list, bool owned);
// Flushes and releases what is behind the list, and its memory when that is owned.
void put_list(SCATTER_GATHER_LIST& list);

// The piece at `va` that lies in one page, at most `length` bytes: its address in the process. Null outside
// of the MDLs.
char* piece_at(const MDL* mdl, PVOID va, ULONG& length);

}  // namespace ndiskit::nt::hal
