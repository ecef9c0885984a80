// What a handle of a key stands for: the key object, one for each time that a key is opened or created.
// Registry callbacks know keys by it, so its end is told to them, at PASSIVE_LEVEL, before it goes.
#pragma once

#include <memory>

#include "nt/object/object.h"
#include "nt/registry/registry.h"

namespace ndiskit::nt::registry {

struct KeyBody {
    KeyRef key;
    bool quiet = false;  // callbacks do not hear of its end
    // What CmCallbackGetKeyObjectID gave out; stays as it is until the object goes.
    struct Name {
        std::u16string text;
        UNICODE_STRING string;
    };
    std::unique_ptr<Name> name;
    WORK_QUEUE_ITEM destroy_later;
};

// With one reference of the caller's; null when there is no memory.
KeyBody* make_key_object(const KeyRef& key);
// As key_of, the object itself with a reference.
NTSTATUS key_object_of(HANDLE handle, void** object);

}  // namespace ndiskit::nt::registry
