// Instructions that only ring 0 may execute, in code that runs in ring 3.
//
// `mov reg, cr8` and `mov cr8, reg` are how x64 reads and sets IRQL (KeGetCurrentIrql, KeRaiseIrql,
// KeLowerIrql are inline). Where the bytes around one allow, the loader replaces it by a jump to a thunk;
// elsewhere the processor traps and nt/exception emulates it. All others end the machine with their name.
//
// A site is replaced when .pdata names its function, the function decodes from end to end, has no computed
// jump and no exception handler (both can enter it in the middle of the replaced bytes), and the instructions
// that must move with it are not branches or their targets. Moved instructions can fault; original_place()
// gives back where they came from, so that unwinding and reports see the driver's own code.
#pragma once

#include <cstdint>
#include <vector>

#include "nt/image/pe.h"

namespace ndiskit::nt::image {

struct Image;

// An instruction that was moved into a thunk, or the return address of the call that a thunk makes.
struct Moved {
    uint32_t offset = 0;  // from the start of the thunk area
    Rva original = 0;
    bool is_call = false;  // the thunk's call; rbp is the thunk's frame
};

struct Cr8Rewrite {
    unsigned rewritten = 0;
    unsigned trapped = 0;      // sites left to the trap, in functions that .pdata names
    std::vector<Moved> moved;  // ascending by offset
};

// Replaces what CR8 accesses it can. The image is still writable.
Cr8Rewrite rewrite_cr8(Image& image);

// The moved instruction at an address in an image's thunks; null for every other address.
const Moved* moved_at(const Image& image, const void* address);

}  // namespace ndiskit::nt::image
