// The registry as drivers call it. All at PASSIVE_LEVEL.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/using-the-registry-in-a-driver
#include <cstring>
#include <new>

#include "nt/registry/key_handle.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt {

using namespace registry;

namespace {

struct KeyBody {
    KeyRef key;
};

void destroy_key(void* body) {
    static_cast<KeyBody*>(body)->~KeyBody();
    object::free_body(body);
}

// Answers a query: a fixed part, then text and data. Windows fills what fits: nothing of it when the fixed
// part does not fit (STATUS_BUFFER_TOO_SMALL), else the fixed part and the start of the rest
// (STATUS_BUFFER_OVERFLOW).
class Answer {
  public:
    Answer(PVOID buffer, ULONG size, PULONG needed)
        : out_(static_cast<char*>(buffer)), size_(size), needed_(needed) {}

    template <class T>
    NTSTATUS put(const T& fixed, size_t fixed_size, const void* tail, size_t tail_size) {
        *needed_ = static_cast<ULONG>(fixed_size + tail_size);
        if (size_ < fixed_size) return STATUS_BUFFER_TOO_SMALL;
        std::memcpy(out_, &fixed, fixed_size);
        const size_t fit = std::min(size_ - fixed_size, tail_size);
        if (fit) std::memcpy(out_ + fixed_size, tail, fit);
        return fit < tail_size ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
    }

  private:
    char* out_;
    size_t size_;
    PULONG needed_;
};

ULONG bytes_of(const std::u16string& text) { return static_cast<ULONG>(text.size() * sizeof(WCHAR)); }

NTSTATUS answer_value(const Value& value, KEY_VALUE_INFORMATION_CLASS what, Answer answer) {
    const auto size = static_cast<ULONG>(value.data.size());
    switch (static_cast<int>(what)) {
        case KeyValueBasicInformation: {
            const KEY_VALUE_BASIC_INFORMATION fixed = {0, value.type, bytes_of(value.name), {}};
            return answer.put(fixed, offsetof(KEY_VALUE_BASIC_INFORMATION, Name), value.name.data(),
                              bytes_of(value.name));
        }
        case KeyValueFullInformation:
        case KeyValueFullInformationAlign64: {
            const size_t name_end = offsetof(KEY_VALUE_FULL_INFORMATION, Name) + bytes_of(value.name);
            const size_t data_at = (name_end + 7) & ~size_t{7};
            const KEY_VALUE_FULL_INFORMATION fixed = {0,    value.type,           static_cast<ULONG>(data_at),
                                                      size, bytes_of(value.name), {}};
            std::vector<char> tail(data_at + size - offsetof(KEY_VALUE_FULL_INFORMATION, Name));
            std::memcpy(tail.data(), value.name.data(), bytes_of(value.name));
            if (size) std::memcpy(tail.data() + tail.size() - size, value.data.data(), size);
            return answer.put(fixed, offsetof(KEY_VALUE_FULL_INFORMATION, Name), tail.data(), tail.size());
        }
        case KeyValuePartialInformation: {
            const KEY_VALUE_PARTIAL_INFORMATION fixed = {0, value.type, size, {}};
            return answer.put(fixed, offsetof(KEY_VALUE_PARTIAL_INFORMATION, Data), value.data.data(), size);
        }
        case KeyValuePartialInformationAlign64: {
            const KEY_VALUE_PARTIAL_INFORMATION_ALIGN64 fixed = {value.type, size, {}};
            return answer.put(fixed, offsetof(KEY_VALUE_PARTIAL_INFORMATION_ALIGN64, Data), value.data.data(),
                              size);
        }
        default:
            return STATUS_INVALID_PARAMETER;
    }
}

KEY_FULL_INFORMATION full_information(const Key& key) {
    KEY_FULL_INFORMATION full = {};
    full.LastWriteTime.QuadPart = key.last_write;
    full.ClassOffset =
        key.class_name.empty() ? 0xFFFFFFFF : static_cast<ULONG>(offsetof(KEY_FULL_INFORMATION, Class));
    full.ClassLength = bytes_of(key.class_name);
    full.SubKeys = static_cast<ULONG>(key.subkeys.size());
    full.Values = static_cast<ULONG>(key.values.size());
    for (const auto& [name, subkey] : key.subkeys) {
        full.MaxNameLen = std::max(full.MaxNameLen, bytes_of(name));
        full.MaxClassLen = std::max(full.MaxClassLen, bytes_of(subkey->class_name));
    }
    for (const Value& value : key.values) {
        full.MaxValueNameLen = std::max(full.MaxValueNameLen, bytes_of(value.name));
        full.MaxValueDataLen = std::max(full.MaxValueDataLen, static_cast<ULONG>(value.data.size()));
    }
    return full;
}

NTSTATUS answer_key(const Key& key, KEY_INFORMATION_CLASS what, Answer answer) {
    const LARGE_INTEGER written = {.QuadPart = key.last_write};
    switch (static_cast<int>(what)) {
        case KeyBasicInformation: {
            const KEY_BASIC_INFORMATION fixed = {written, 0, bytes_of(key.name), {}};
            return answer.put(fixed, offsetof(KEY_BASIC_INFORMATION, Name), key.name.data(),
                              bytes_of(key.name));
        }
        case KeyNodeInformation: {
            const std::u16string tail = key.name + key.class_name;
            const auto class_at =
                static_cast<ULONG>(offsetof(KEY_NODE_INFORMATION, Name)) + bytes_of(key.name);
            const KEY_NODE_INFORMATION fixed = {written,
                                                0,
                                                key.class_name.empty() ? 0xFFFFFFFF : class_at,
                                                bytes_of(key.class_name),
                                                bytes_of(key.name),
                                                {}};
            return answer.put(fixed, offsetof(KEY_NODE_INFORMATION, Name), tail.data(), bytes_of(tail));
        }
        case KeyFullInformation:
            return answer.put(full_information(key), offsetof(KEY_FULL_INFORMATION, Class),
                              key.class_name.data(), bytes_of(key.class_name));
        case KeyNameInformation: {
            const std::u16string path = key.path();
            const KEY_NAME_INFORMATION fixed = {bytes_of(path), {}};
            return answer.put(fixed, offsetof(KEY_NAME_INFORMATION, Name), path.data(), bytes_of(path));
        }
        case KeyCachedInformation: {
            const KEY_FULL_INFORMATION full = full_information(key);
            const KEY_CACHED_INFORMATION fixed = {written,
                                                  0,
                                                  full.SubKeys,
                                                  full.MaxNameLen,
                                                  full.Values,
                                                  full.MaxValueNameLen,
                                                  full.MaxValueDataLen,
                                                  bytes_of(key.name)};
            return answer.put(fixed, sizeof fixed, nullptr, 0);
        }
        default:
            return STATUS_INVALID_PARAMETER;
    }
}

template <class Body>
NTSTATUS with_key(HANDLE handle, Body&& body) {
    KeyRef key;
    if (const NTSTATUS status = key_of(handle, key); !NT_SUCCESS(status)) return status;
    return tree().with([&](Tree&) -> NTSTATUS { return key->deleted ? STATUS_KEY_DELETED : body(*key); });
}

// As with_key; tells who waits for changes.
template <class Body>
NTSTATUS change_key(HANDLE handle, bool values, Body&& body) {
    KeyRef key;
    if (const NTSTATUS status = key_of(handle, key); !NT_SUCCESS(status)) return status;
    const NTSTATUS status =
        tree().with([&](Tree&) -> NTSTATUS { return key->deleted ? STATUS_KEY_DELETED : body(*key); });
    if (NT_SUCCESS(status)) notify(key, values);
    return status;
}

NTSTATUS open(PHANDLE handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES& attributes, CreateOptions options,
              PULONG disposition) {
    KeyRef from;
    if (attributes.RootDirectory)
        if (const NTSTATUS status = key_of(attributes.RootDirectory, from); !NT_SUCCESS(status))
            return status;
    options.open_link = attributes.Attributes & OBJ_OPENLINK;
    const Lookup found =
        tree().with([&](Tree& t) { return find(t, from, view_of(attributes.ObjectName), options); });
    if (!found.key) return found.status;
    *handle = open_handle(found.key, access, attributes.Attributes);
    if (disposition) *disposition = found.created ? REG_CREATED_NEW_KEY : REG_OPENED_EXISTING_KEY;
    if (found.created && found.key->parent) notify(found.key, false);
    return STATUS_SUCCESS;
}

}  // namespace

_OBJECT_TYPE object::key_type = {"Key", destroy_key, registry::handle_closed};

namespace registry {

NTSTATUS key_of(HANDLE handle, KeyRef& key) {
    void* body = nullptr;
    const NTSTATUS status = object::reference_by_handle(handle, 0, &object::key_type, false, &body);
    if (!NT_SUCCESS(status)) return status;
    key = static_cast<KeyBody*>(body)->key;
    object::dereference(body);
    return STATUS_SUCCESS;
}

HANDLE open_handle(const KeyRef& key, ACCESS_MASK access, ULONG attributes) {
    void* body = object::create(object::key_type, sizeof(KeyBody));
    new (body) KeyBody{key};
    const HANDLE handle = object::open_handle(body, access, attributes & OBJ_KERNEL_HANDLE);
    object::dereference(body);
    return handle;
}

NTSTATUS open_path(std::u16string_view path, bool create, ACCESS_MASK access, HANDLE* handle) {
    const Lookup found = tree().with(
        [&](Tree& t) { return find(t, nullptr, path, {.create = create, .create_parents = create}); });
    if (found.key) *handle = open_handle(found.key, access, OBJ_KERNEL_HANDLE);
    return found.status;
}

}  // namespace registry

}  // namespace ndiskit::nt

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwopenkey
NTSTATUS NTAPI ZwOpenKey(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes) {
    return open(handle, access, *attributes, {}, nullptr);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwopenkeyex
NTSTATUS NTAPI ZwOpenKeyEx(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes, ULONG options) {
    OBJECT_ATTRIBUTES copy = *attributes;
    if (options & REG_OPTION_OPEN_LINK) copy.Attributes |= OBJ_OPENLINK;
    return open(handle, access, copy, {}, nullptr);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwcreatekey
NTSTATUS NTAPI ZwCreateKey(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes, ULONG,
                           PUNICODE_STRING key_class, ULONG options, PULONG disposition) {
    return open(handle, access, *attributes,
                {.create = true,
                 .is_volatile = (options & REG_OPTION_VOLATILE) != 0,
                 .is_link = (options & REG_OPTION_CREATE_LINK) != 0,
                 .class_name = view_of(key_class)},
                disposition);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwdeletekey
NTSTATUS NTAPI ZwDeleteKey(HANDLE handle) {
    return change_key(handle, false, [](registry::Key& key) { return registry::remove(key); });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwqueryvaluekey
NTSTATUS NTAPI ZwQueryValueKey(HANDLE handle, PUNICODE_STRING name, KEY_VALUE_INFORMATION_CLASS what,
                               PVOID buffer, ULONG size, PULONG needed) {
    return with_key(handle, [&](registry::Key& key) -> NTSTATUS {
        const registry::Value* value = key.find_value(view_of(name));
        return value ? answer_value(*value, what, {buffer, size, needed}) : STATUS_OBJECT_NAME_NOT_FOUND;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwenumeratevaluekey
NTSTATUS NTAPI ZwEnumerateValueKey(HANDLE handle, ULONG index, KEY_VALUE_INFORMATION_CLASS what, PVOID buffer,
                                   ULONG size, PULONG needed) {
    return with_key(handle, [&](registry::Key& key) -> NTSTATUS {
        if (index >= key.values.size()) return STATUS_NO_MORE_ENTRIES;
        return answer_value(key.values[index], what, {buffer, size, needed});
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwsetvaluekey
NTSTATUS NTAPI ZwSetValueKey(HANDLE handle, PUNICODE_STRING name, ULONG, ULONG type, PVOID data, ULONG size) {
    return change_key(handle, true, [&](registry::Key& key) {
        return registry::set(key, view_of(name), type, data, size);
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwdeletevaluekey
NTSTATUS NTAPI ZwDeleteValueKey(HANDLE handle, PUNICODE_STRING name) {
    return change_key(handle, true,
                      [&](registry::Key& key) { return registry::remove_value(key, view_of(name)); });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwquerykey
NTSTATUS NTAPI ZwQueryKey(HANDLE handle, KEY_INFORMATION_CLASS what, PVOID buffer, ULONG size,
                          PULONG needed) {
    return with_key(handle, [&](registry::Key& key) {
        return answer_key(key, what, {buffer, size, needed});
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwenumeratekey
NTSTATUS NTAPI ZwEnumerateKey(HANDLE handle, ULONG index, KEY_INFORMATION_CLASS what, PVOID buffer,
                              ULONG size, PULONG needed) {
    return with_key(handle, [&](registry::Key& key) -> NTSTATUS {
        if (index >= key.subkeys.size()) return STATUS_NO_MORE_ENTRIES;
        return answer_key(*std::next(key.subkeys.begin(), index)->second, what, {buffer, size, needed});
    });
}

// The tree is in memory; what keeps it in files does so when the machine ends.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwflushkey
NTSTATUS NTAPI ZwFlushKey(HANDLE handle) {
    return with_key(handle, [](registry::Key&) -> NTSTATUS { return STATUS_SUCCESS; });
}

}  // extern "C"
