// The thunks that stand between a driver's import slot and the kit's function.
#pragma once

#include <cstddef>
#include <cstdint>

#include "nt/image/import_hooks.h"
#include "nt/image/thunk_area_x64.h"

namespace ndiskit::nt::image {

// The frame of a hook thunk, from its rsp upwards. It keeps the driver's registers as they were at the call,
// so that a kit function that raises an exception, or bug checks, finds the driver's state without unwinding
// the host.
struct ThunkFrame {
    static constexpr uint64_t expected_mark = 0x6B6E756874696B64;  // "dkithunk"
    static constexpr size_t stack_arguments = 12;                  // more than any kit function takes

    uint64_t shadow[4];
    uint64_t stack[stack_arguments];
    uint64_t rcx, rdx, r8, r9;
    uint64_t xmm0to3[4][2];
    uint64_t rbx, rbp, rsi, rdi, r12, r13, r14, r15;
    uint64_t xmm6to15[10][2];
    uint64_t mark;
    const ImportSite* site;
    uint64_t result;
    uint64_t result_xmm[2];
    const void* return_address;  // in the driver; its rsp after return is the end of this frame

    uint64_t* caller_stack() { return reinterpret_cast<uint64_t*>(this + 1); }
};

// A pointer to put into the import slot: the target itself or a thunk.
const void* bind_target(ThunkArea& area, const ImportSite& site);
// A stub for an import that nobody exports: it bug checks with the name.
const void* bind_missing(ThunkArea& area, const ImportSite& site);
// A bridge to a function of the System V convention with up to six integer arguments.
const void* bind_system_v(ThunkArea& area, const void* target);

// The frame whose thunk has `address` as an address of its code and `stack` as rsp after its call; null when
// this is no such frame.
ThunkFrame* thunk_frame_at(const void* address, uint64_t stack);

}  // namespace ndiskit::nt::image
