// Epilogues: version 1 unwind information does not describe them, their instructions do. The ABI allows few
// forms: an optional `add rsp, n` or `lea rsp, [frame + n]`, pops of nonvolatile registers, then `ret` or a
// tail jump. https://learn.microsoft.com/cpp/build/prolog-and-epilog
#pragma once

#include <cstdint>

#include "nt/exception/context_abi.h"
#include "nt/image/image.h"

namespace ndiskit::nt::exception {

struct SavedRegisters;

// When rip is in an epilogue: executes the rest of it on `context`, which is then the caller's, and returns
// true. Otherwise leaves the context alone and returns false.
bool finish_epilogue(const image::Image& image, const RuntimeFunction& function, uint8_t frame_register,
                     Context& context, SavedRegisters* saved);

}  // namespace ndiskit::nt::exception
