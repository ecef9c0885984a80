// The x64 unwinder: from the registers in a function of a driver to those in its caller, by .pdata and
// .xdata. https://learn.microsoft.com/cpp/build/exception-handling-x64
//
// It reads a stack that may be damaged and tables that may be wrong; every read is checked, and a walk that
// makes no sense ends with an answer, never with a fault.
#pragma once

#include <cstdint>
#include <optional>

#include "base/memory_read.h"
#include "nt/exception/context_abi.h"
#include "nt/image/image.h"

namespace ndiskit::nt::exception {

// Reads memory of this process that may not be there.
inline bool read_memory(uint64_t address, void* to, size_t size) {
    return ndiskit::read_memory(to, reinterpret_cast<const void*>(address), size) == size;
}
template <class T>
std::optional<T> read_value(uint64_t address) {
    T value;
    if (!read_memory(address, &value, sizeof(value))) return std::nullopt;
    return value;
}

constexpr uint8_t unwind_exception_handler = 1;
constexpr uint8_t unwind_termination_handler = 2;

struct FunctionAt {
    const image::Image* image = nullptr;
    const RuntimeFunction* function = nullptr;  // null for a leaf function
    explicit operator bool() const { return image != nullptr; }
};
// The image and function of an address; no image outside all loaded ones.
FunctionAt find_function(uint64_t address);

struct Unwound {
    bool good = false;  // false: the stack or the tables could not be read; the context is unspecified
    uint64_t establisher_frame = 0;
    LanguageHandler handler = nullptr;  // of the kind asked for, when the address is in the function's body
    const void* handler_data = nullptr;
};
// KNONVOLATILE_CONTEXT_POINTERS: where on the stack the caller's registers were saved; null for what is still
// in its register.
struct SavedRegisters {
    void* xmm[16];
    uint64_t* general[16];
};
// Changes `context`, whose rip is in `at`, to the caller's. `saved` may be null.
Unwound virtual_unwind(const FunctionAt& at, Context& context, uint8_t handler_kinds,
                       SavedRegisters* saved = nullptr);

}  // namespace ndiskit::nt::exception
