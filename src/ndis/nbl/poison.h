// Marks memory that a driver must not touch now. In builds with AddressSanitizer an instrumented driver (or
// the kit itself) that reads a freed NBL, NB, MDL or context is stopped at the access; in other builds this
// is nothing.
#pragma once

#include <cstddef>

#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif

namespace ndiskit::ndis {

#if __has_feature(address_sanitizer)
constexpr bool poisons = true;
inline void poison(const void* address, size_t size) { ASAN_POISON_MEMORY_REGION(address, size); }
inline void unpoison(const void* address, size_t size) { ASAN_UNPOISON_MEMORY_REGION(address, size); }
#else
constexpr bool poisons = false;
inline void poison(const void*, size_t) {}
inline void unpoison(const void*, size_t) {}
#endif

}  // namespace ndiskit::ndis
