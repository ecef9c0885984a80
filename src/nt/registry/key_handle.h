// Keys as objects with handles, for what drivers call.
#pragma once

#include "nt/object/object.h"
#include "nt/registry/registry.h"

namespace ndiskit::nt::registry {

// STATUS_INVALID_HANDLE or STATUS_OBJECT_TYPE_MISMATCH when the handle is no key's.
NTSTATUS key_of(HANDLE handle, KeyRef& key);
// Opens a key by its path, or creates it with those above it, for the kernel's own answers to drivers.
NTSTATUS open_path(std::u16string_view path, bool create, ACCESS_MASK access, HANDLE* handle);

// A handle of a key was closed: what it watches ends.
void handle_closed(void* body, bool last);

}  // namespace ndiskit::nt::registry
