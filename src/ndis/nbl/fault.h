// Bug checks for misuse of packet structures, with the sentence that tells the driver's author what was seen.
#pragma once

#include <string>

#include "ndis/nbl/slab_pool.h"

namespace ndiskit::ndis {

// `object` was freed as a `kind` but is not a live one: freed before, part of another entry, or never one.
[[noreturn, gnu::cold]] void NTAPI bad_free(const void* object, SlabKind kind) noexcept;

// Anything else that a driver must not do with a packet structure and that has no stop code of its own.
[[noreturn, gnu::cold]] void NTAPI misuse(const std::string& because, const void* object) noexcept;

// A handle that is no pool of the kind asked for.
[[noreturn, gnu::cold]] void NTAPI bad_pool_handle(const void* handle, const char* kind) noexcept;

// A pool was freed while `outstanding` of its structures were not.
[[noreturn, gnu::cold]] void NTAPI leaked(const std::string& pool, uint64_t outstanding,
                                          const void* first) noexcept;

}  // namespace ndiskit::ndis
