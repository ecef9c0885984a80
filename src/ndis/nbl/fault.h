// Bug checks for misuse of packet structures, with the sentence that tells the driver's author what was seen.
#pragma once

#include <string>

#include "ndis/nbl/slab_pool.h"

namespace ndiskit::ndis {

// `object` was freed as a `kind` but is not a live one: freed before, part of another entry, or never one.
[[noreturn, gnu::cold]] void bad_free(const void* object, SlabKind kind);

// Anything else that a driver must not do with a packet structure and that has no stop code of its own.
[[noreturn, gnu::cold]] void misuse(const std::string& because, const void* object);

// A handle that is no pool of the kind asked for.
[[noreturn, gnu::cold]] void bad_pool_handle(const void* handle, const char* kind);

// A pool was freed while `outstanding` of its structures were not.
[[noreturn, gnu::cold]] void leaked(const std::string& pool, uint64_t outstanding, const void* first);

}  // namespace ndiskit::ndis
