// Keys of the tree as a hive has them, and back.
#pragma once

#include "nt/registry/hive.h"
#include "nt/security/token.h"

namespace ndiskit::nt::registry {

// Inside tree().with only. Without what is volatile; `system` as for descriptor_of.
HiveKey copy_of(Key& key, const security::Token& system);
// In place of all that the key has, its name and what is volatile below excepted.
void replace(Key& key, const HiveKey& with);

}  // namespace ndiskit::nt::registry
