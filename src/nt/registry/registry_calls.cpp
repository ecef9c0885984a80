// The registry as drivers call it. All at PASSIVE_LEVEL.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/using-the-registry-in-a-driver
#include <cstring>

#include "nt/registry/filter.h"
#include "nt/registry/key_handle.h"
#include "nt/registry/key_object.h"
#include "nt/registry/key_operation.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt {

using namespace registry;

namespace {

// Answers a query: a fixed part, then text and data. Windows fills what fits: nothing of it when the fixed
// part does not fit (STATUS_BUFFER_TOO_SMALL), else the fixed part and the start of the rest
// (STATUS_BUFFER_OVERFLOW).
class Answer {
  public:
    Answer(PVOID buffer, ULONG size, PULONG needed)
        : out_(static_cast<char*>(buffer)), size_(size), needed_(needed) {}

    bool misaligned() const { return reinterpret_cast<uintptr_t>(out_) % sizeof(ULONGLONG) != 0; }

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
    const bool aligned = what == KeyValueFullInformationAlign64 || what == KeyValuePartialInformationAlign64;
    if (aligned && answer.misaligned()) return STATUS_DATATYPE_MISALIGNMENT;
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
            const size_t align = what == KeyValueFullInformation ? sizeof(ULONG) : sizeof(ULONGLONG);
            const size_t data_at = size ? (name_end + align - 1) / align * align : name_end;
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

}  // namespace

}  // namespace ndiskit::nt

using namespace ndiskit::nt;

extern "C" {

// A key that somebody else has deleted already is deleted.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwdeletekey
NTSTATUS NTAPI ZwDeleteKey(HANDLE handle) {
    return operate(handle, RegNtPreDeleteKey, RegNtPostDeleteKey, REG_DELETE_KEY_INFORMATION{}, [](void* o) {
        const NTSTATUS status = change_key(o, registry::Change::names,
                                           [](registry::Key& key) { return registry::remove(key); });
        return status == STATUS_KEY_DELETED ? NTSTATUS{STATUS_SUCCESS} : status;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwqueryvaluekey
NTSTATUS NTAPI ZwQueryValueKey(HANDLE handle, PUNICODE_STRING name, KEY_VALUE_INFORMATION_CLASS what,
                               PVOID buffer, ULONG size, PULONG needed) {
    const REG_QUERY_VALUE_KEY_INFORMATION information = {nullptr, name,    what,    buffer, size,
                                                         needed,  nullptr, nullptr, nullptr};
    return operate(handle, RegNtPreQueryValueKey, RegNtPostQueryValueKey, information, [&](void* o) {
        return with_key(o, [&](registry::Key& key) -> NTSTATUS {
            const registry::Value* value = key.find_value(view_of(name));
            return value ? answer_value(*value, what, {buffer, size, needed}) : STATUS_OBJECT_NAME_NOT_FOUND;
        });
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwenumeratevaluekey
NTSTATUS NTAPI ZwEnumerateValueKey(HANDLE handle, ULONG index, KEY_VALUE_INFORMATION_CLASS what, PVOID buffer,
                                   ULONG size, PULONG needed) {
    const REG_ENUMERATE_VALUE_KEY_INFORMATION information = {nullptr, index,   what,    buffer, size,
                                                             needed,  nullptr, nullptr, nullptr};
    return operate(handle, RegNtPreEnumerateValueKey, RegNtPostEnumerateValueKey, information, [&](void* o) {
        return with_key(o, [&](registry::Key& key) -> NTSTATUS {
            if (index >= key.values.size()) return STATUS_NO_MORE_ENTRIES;
            return answer_value(key.values[index], what, {buffer, size, needed});
        });
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwsetvaluekey
NTSTATUS NTAPI ZwSetValueKey(HANDLE handle, PUNICODE_STRING name, ULONG title, ULONG type, PVOID data,
                             ULONG size) {
    const REG_SET_VALUE_KEY_INFORMATION information = {nullptr, name,    title,   type,   data,
                                                       size,    nullptr, nullptr, nullptr};
    return operate(handle, RegNtPreSetValueKey, RegNtPostSetValueKey, information, [&](void* o) {
        return change_key(o, registry::Change::values, [&](registry::Key& key) {
            return registry::set(key, view_of(name), type, data, size);
        });
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwdeletevaluekey
NTSTATUS NTAPI ZwDeleteValueKey(HANDLE handle, PUNICODE_STRING name) {
    const REG_DELETE_VALUE_KEY_INFORMATION information = {nullptr, name, nullptr, nullptr, nullptr};
    return operate(handle, RegNtPreDeleteValueKey, RegNtPostDeleteValueKey, information, [&](void* o) {
        return change_key(o, registry::Change::values,
                          [&](registry::Key& key) { return registry::remove_value(key, view_of(name)); });
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwquerykey
NTSTATUS NTAPI ZwQueryKey(HANDLE handle, KEY_INFORMATION_CLASS what, PVOID buffer, ULONG size,
                          PULONG needed) {
    const REG_QUERY_KEY_INFORMATION information = {nullptr, what,    buffer,  size,
                                                   needed,  nullptr, nullptr, nullptr};
    return operate(handle, RegNtPreQueryKey, RegNtPostQueryKey, information, [&](void* o) {
        return with_key(o, [&](registry::Key& key) { return answer_key(key, what, {buffer, size, needed}); });
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwenumeratekey
NTSTATUS NTAPI ZwEnumerateKey(HANDLE handle, ULONG index, KEY_INFORMATION_CLASS what, PVOID buffer,
                              ULONG size, PULONG needed) {
    const REG_ENUMERATE_KEY_INFORMATION information = {nullptr, index,   what,    buffer, size,
                                                       needed,  nullptr, nullptr, nullptr};
    return operate(handle, RegNtPreEnumerateKey, RegNtPostEnumerateKey, information, [&](void* o) {
        return with_key(o, [&](registry::Key& key) -> NTSTATUS {
            if (index >= key.subkeys.size()) return STATUS_NO_MORE_ENTRIES;
            return answer_key(*std::next(key.subkeys.begin(), index)->second, what, {buffer, size, needed});
        });
    });
}

// The tree is in memory; what keeps it in files does so when the machine ends.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwflushkey
NTSTATUS NTAPI ZwFlushKey(HANDLE handle) {
    return operate(handle, RegNtPreFlushKey, RegNtPostFlushKey, REG_FLUSH_KEY_INFORMATION{}, [](void* o) {
        return with_key(o, [](registry::Key&) -> NTSTATUS { return STATUS_SUCCESS; });
    });
}

}  // extern "C"
