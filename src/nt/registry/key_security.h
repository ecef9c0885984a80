// The security descriptors of keys. A key that was given none has what it gets from the keys above, as they
// were when it was made.
#pragma once

#include "nt/abi.h"
#include "nt/registry/registry.h"
#include "nt/security/token.h"

namespace ndiskit::nt::registry {

using Descriptor = std::shared_ptr<const std::vector<uint8_t>>;

// Inside tree().with only. Self-relative, with an owner, a group and a DACL. `system` is who makes the keys
// that nobody asked for: security::system_token(), had before.
Descriptor descriptor_of(Key& key, const security::Token& system);
// A new key's, of what its creator gives (may be null), the key above and the calling thread's token.
// STATUS_INVALID_OWNER, STATUS_PRIVILEGE_NOT_HELD.
NTSTATUS assign_descriptor(const KeyRef& key, const void* given);

// As the key type has them.
NTSTATUS query_key_name(void* object, POBJECT_NAME_INFORMATION name, ULONG size, PULONG needed);
NTSTATUS query_key_security(void* object, SECURITY_INFORMATION parts, PSECURITY_DESCRIPTOR buffer,
                            PULONG size);
NTSTATUS set_key_security(void* object, SECURITY_INFORMATION parts, PSECURITY_DESCRIPTOR from);

}  // namespace ndiskit::nt::registry
