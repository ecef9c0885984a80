// Callbacks that drivers register once and the kit then calls for each chain of packets (the handlers of
// NDIS' characteristics). They are bound as imports are: with no observer, what is called is the function
// itself, and looking on costs nothing; with some, it is a stub that tells them before and after. What is
// called rarely goes through call_gate.h instead.
#pragma once

#include <cstddef>
#include <type_traits>

namespace ndiskit::nt::image {

// What to call instead of `function`: the same for the same function. Null stays null. Observers must have
// been added before.
const void* bind_callback(const void* function);
template <class Function>
requires std::is_function_v<Function> Function* bind_callback(Function* function) {
    return reinterpret_cast<Function*>(
        const_cast<void*>(bind_callback(reinterpret_cast<const void*>(function))));
}

// All pointers from `first` on, up to `end`.
void bind_callbacks(void* first, const void* end);

// The functions of an image that is unloaded; their stubs will serve others.
void forget_callbacks(const std::byte* image, size_t size);

// For tests: how many stubs are in use.
size_t bound_callbacks();

}  // namespace ndiskit::nt::image
