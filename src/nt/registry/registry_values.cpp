// RtlQueryRegistryValues and its kin: registry values by path, without handles.
#include <cstring>

#include "nt/image/call_gate.h"
#include "nt/machine.h"
#include "nt/pool/pool.h"
#include "nt/registry/key_handle.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt {

using namespace registry;

namespace {

constexpr ULONG string_tag = 0x72745352;  // 'RStr' in memory order
constexpr ULONG system_root_length = 12;

std::u16string_view base_of(ULONG relative_to) {
    switch (relative_to & 0xFFFF) {
        case RTL_REGISTRY_SERVICES:
            return u"\\Registry\\Machine\\System\\CurrentControlSet\\Services";
        case RTL_REGISTRY_CONTROL:
            return u"\\Registry\\Machine\\System\\CurrentControlSet\\Control";
        case RTL_REGISTRY_WINDOWS_NT:
            return u"\\Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion";
        case RTL_REGISTRY_DEVICEMAP:
            return u"\\Registry\\Machine\\Hardware\\DeviceMap";
        case RTL_REGISTRY_USER:
            return u"\\Registry\\User\\.Default";
        default:
            return u"";
    }
}

NTSTATUS find_key(ULONG relative_to, PCWSTR path, bool create, KeyRef& key) {
    if (relative_to & RTL_REGISTRY_HANDLE)
        return key_of(reinterpret_cast<HANDLE>(const_cast<PWSTR>(path)), key);
    std::u16string full(base_of(relative_to));
    if (path && *path) full += (full.empty() ? u"" : u"\\") + std::u16string(path);
    const Lookup found = tree().with(
        [&](Tree& t) { return find(t, nullptr, full, {.create = create, .create_parents = create}); });
    key = found.key;
    return found.status;
}

// %SystemRoot% is the one variable that the kernel's environment has.
std::u16string expanded(const std::u16string& text) {
    constexpr std::u16string_view variable = u"%SystemRoot%";
    for (size_t at = 0; at + system_root_length <= text.size(); ++at)
        if (same_text(std::u16string_view(text).substr(at, system_root_length), variable))
            return text.substr(0, at) + u"C:\\Windows" + text.substr(at + system_root_length);
    return text;
}

// RTL_QUERY_REGISTRY_DIRECT: puts a string into a UNICODE_STRING.
NTSTATUS store_string(UNICODE_STRING& target, const void* data, size_t size) {
    if (size > 0xFFFE) return STATUS_BUFFER_OVERFLOW;
    const bool terminated = size >= 2 && !std::memcmp(static_cast<const char*>(data) + size - 2, "\0", 2);
    if (!target.Buffer) {
        target.Buffer = static_cast<PWCH>(pool_allocate(PoolKind::paged, size, string_tag, nullptr));
        if (!target.Buffer) return STATUS_NO_MEMORY;
        target.MaximumLength = static_cast<USHORT>(size);
    } else if (target.MaximumLength < size) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    std::memcpy(target.Buffer, data, size);
    target.Length = static_cast<USHORT>(terminated ? size - 2 : size);
    return STATUS_SUCCESS;
}

NTSTATUS store_direct(PVOID target, uint32_t type, const std::vector<uint8_t>& data) {
    if (type == string || type == expand_string || type == multi_string)
        return store_string(*static_cast<PUNICODE_STRING>(target), data.data(), data.size());
    if (data.size() <= sizeof(ULONG)) {
        std::memcpy(target, data.data(), data.size());
        return STATUS_SUCCESS;
    }
    // The buffer begins with its size; a negative one asks for the data alone.
    auto* const words = static_cast<LONG*>(target);
    const LONG size = *words;
    if (size < 0) {
        if (static_cast<size_t>(-static_cast<int64_t>(size)) < data.size()) return STATUS_BUFFER_TOO_SMALL;
        std::memcpy(target, data.data(), data.size());
        return STATUS_SUCCESS;
    }
    if (static_cast<size_t>(size) < data.size() + 2 * sizeof(ULONG)) return STATUS_BUFFER_TOO_SMALL;
    words[0] = static_cast<LONG>(data.size());
    words[1] = static_cast<LONG>(type);
    std::memcpy(words + 2, data.data(), data.size());
    return STATUS_SUCCESS;
}

NTSTATUS call_routine(const RTL_QUERY_REGISTRY_TABLE& row, PVOID context, const std::u16string& name,
                      uint32_t type, const void* data, size_t size) {
    const NTSTATUS status =
        call_driver(row.QueryRoutine, const_cast<PWSTR>(name.c_str()), type, const_cast<PVOID>(data),
                    static_cast<ULONG>(size), context, row.EntryContext);
    return status == STATUS_BUFFER_TOO_SMALL ? STATUS_SUCCESS : status;
}

// Gives one value to the row: stores it, or calls the routine once or once a string.
NTSTATUS deliver(const RTL_QUERY_REGISTRY_TABLE& row, PVOID context, const Value& value) {
    const bool expand = !(row.Flags & RTL_QUERY_REGISTRY_NOEXPAND);
    if (row.Flags & RTL_QUERY_REGISTRY_DIRECT) {
        if (value.type == multi_string && expand) return STATUS_INVALID_PARAMETER;
        const bool to_expand = value.type == expand_string && expand;
        return store_direct(row.EntryContext, value.type,
                            to_expand ? data_of(expanded(text_of(value))) : value.data);
    }
    if (value.type == multi_string && expand) {
        const auto* at = reinterpret_cast<const char16_t*>(value.data.data());
        const auto* const end = at + value.data.size() / sizeof(char16_t);
        while (at < end && *at) {
            const std::u16string one(at, std::find(at, end, u'\0'));
            const NTSTATUS status =
                call_routine(row, context, value.name, string, one.c_str(), (one.size() + 1) * sizeof(WCHAR));
            if (!NT_SUCCESS(status)) return status;
            at += one.size() + 1;
        }
        return STATUS_SUCCESS;
    }
    if (value.type == expand_string && expand) {
        const auto data = data_of(expanded(text_of(value)));
        return call_routine(row, context, value.name, string, data.data(), data.size());
    }
    return call_routine(row, context, value.name, value.type, value.data.data(), value.data.size());
}

// The row's default, which counts as a value of that name.
NTSTATUS deliver_default(const RTL_QUERY_REGISTRY_TABLE& row, PVOID context) {
    Value value{row.Name, row.DefaultType & 0xFF, {}};
    if (value.type == none)
        return row.Flags & RTL_QUERY_REGISTRY_REQUIRED ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_SUCCESS;
    size_t size = row.DefaultLength;
    const auto* text = static_cast<const char16_t*>(row.DefaultData);
    if (size == 0 && text && (value.type == string || value.type == expand_string)) {
        size = (std::u16string_view(text).size() + 1) * sizeof(WCHAR);
    } else if (size == 0 && text && value.type == multi_string) {
        const char16_t* end = text;
        while (*end) end += std::u16string_view(end).size() + 1;
        size = static_cast<size_t>(end + 1 - text) * sizeof(WCHAR);
    }
    const auto* bytes = static_cast<const uint8_t*>(row.DefaultData);
    value.data.assign(bytes, bytes + size);
    return deliver(row, context, value);
}

NTSTATUS query_row(const RTL_QUERY_REGISTRY_TABLE& row, PVOID context, const KeyRef& key) {
    if (row.Flags & RTL_QUERY_REGISTRY_DIRECT && (!row.Name || row.QueryRoutine))
        return STATUS_INVALID_PARAMETER;
    if (row.Flags & RTL_QUERY_REGISTRY_NOVALUE)
        return call_routine(row, context, row.Name ? row.Name : u"", none, nullptr, 0);
    const std::vector<Value> values = tree().with([&](Tree&) {
        if (!row.Name) return key->values;
        const Value* value = key->find_value(row.Name);
        return value ? std::vector<Value>{*value} : std::vector<Value>{};
    });
    if (values.empty()) {
        if (row.Name) return deliver_default(row, context);
        return row.Flags & RTL_QUERY_REGISTRY_REQUIRED ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_SUCCESS;
    }
    for (const Value& value : values) {
        if ((row.Flags & RTL_QUERY_REGISTRY_TYPECHECK) && (row.DefaultType >> 24) != value.type)
            return STATUS_OBJECT_TYPE_MISMATCH;
        if (const NTSTATUS status = deliver(row, context, value); !NT_SUCCESS(status)) return status;
        if (row.Flags & RTL_QUERY_REGISTRY_DELETE)
            tree().with([&](Tree&) { registry::remove_value(*key, value.name); });
    }
    return STATUS_SUCCESS;
}

}  // namespace

}  // namespace ndiskit::nt

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlqueryregistryvalues
NTSTATUS NTAPI RtlQueryRegistryValues(ULONG relative_to, PCWSTR path, PRTL_QUERY_REGISTRY_TABLE table,
                                      PVOID context, PVOID) {
    registry::KeyRef top;
    NTSTATUS status = find_key(relative_to, path, false, top);
    if (!NT_SUCCESS(status)) return relative_to & RTL_REGISTRY_OPTIONAL ? STATUS_SUCCESS : status;
    registry::KeyRef key = top;
    for (; table->QueryRoutine || (table->Flags & (RTL_QUERY_REGISTRY_SUBKEY | RTL_QUERY_REGISTRY_DIRECT));
         ++table) {
        if (table->Flags & (RTL_QUERY_REGISTRY_SUBKEY | RTL_QUERY_REGISTRY_TOPKEY)) key = top;
        if (table->Flags & RTL_QUERY_REGISTRY_SUBKEY) {
            if (!table->Name) return STATUS_INVALID_PARAMETER;
            const auto found =
                registry::tree().with([&](registry::Tree& t) { return registry::find(t, top, table->Name); });
            if (!found.key) {
                if (table->Flags & RTL_QUERY_REGISTRY_REQUIRED) return STATUS_OBJECT_NAME_NOT_FOUND;
                // What follows is for that key: up to the next change of key there is nothing.
                while (table[1].QueryRoutine || table[1].Flags & RTL_QUERY_REGISTRY_DIRECT) {
                    if (table[1].Flags & (RTL_QUERY_REGISTRY_SUBKEY | RTL_QUERY_REGISTRY_TOPKEY)) break;
                    ++table;
                }
                continue;
            }
            key = found.key;
            if (!table->QueryRoutine) continue;
            RTL_QUERY_REGISTRY_TABLE all = *table;
            all.Name = nullptr;
            status = query_row(all, context, key);
        } else {
            status = query_row(*table, context, key);
        }
        if (!NT_SUCCESS(status)) return status;
    }
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlqueryregistryvalues
NTSTATUS NTAPI RtlQueryRegistryValuesEx(ULONG relative_to, PCWSTR path, PRTL_QUERY_REGISTRY_TABLE table,
                                        PVOID context, PVOID environment) {
    return RtlQueryRegistryValues(relative_to, path, table, context, environment);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlwriteregistryvalue
NTSTATUS NTAPI RtlWriteRegistryValue(ULONG relative_to, PCWSTR path, PCWSTR name, ULONG type, PVOID data,
                                     ULONG size) {
    registry::KeyRef key;
    NTSTATUS status = find_key(relative_to, path, true, key);
    if (!NT_SUCCESS(status)) return status;
    status = registry::tree().with(
        [&](registry::Tree&) { return registry::set(*key, name ? name : u"", type, data, size); });
    if (NT_SUCCESS(status)) registry::notify(key, true);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtldeleteregistryvalue
NTSTATUS NTAPI RtlDeleteRegistryValue(ULONG relative_to, PCWSTR path, PCWSTR name) {
    registry::KeyRef key;
    NTSTATUS status = find_key(relative_to, path, false, key);
    if (!NT_SUCCESS(status)) return status;
    status = registry::tree().with(
        [&](registry::Tree&) { return registry::remove_value(*key, name ? name : u""); });
    if (NT_SUCCESS(status)) registry::notify(key, true);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlcheckregistrykey
NTSTATUS NTAPI RtlCheckRegistryKey(ULONG relative_to, PWSTR path) {
    registry::KeyRef key;
    return find_key(relative_to, path, false, key);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlcreateregistrykey
NTSTATUS NTAPI RtlCreateRegistryKey(ULONG relative_to, PWSTR path) {
    registry::KeyRef key;
    return find_key(relative_to, path, true, key);
}

// The value of the first key that has it. `size` is the buffer's.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlqueryregistryvaluewithfallback
NTSTATUS NTAPI RtlQueryRegistryValueWithFallback(HANDLE primary, HANDLE fallback, PUNICODE_STRING name,
                                                 ULONG size, PULONG type, PVOID data, PULONG needed) {
    for (const HANDLE handle : {primary, fallback}) {
        if (!handle) continue;
        registry::KeyRef key;
        if (const NTSTATUS status = registry::key_of(handle, key); !NT_SUCCESS(status)) return status;
        const auto value = registry::tree().with([&](registry::Tree&) -> std::optional<registry::Value> {
            const registry::Value* const found = key->find_value(view_of(name));
            return found ? std::optional(*found) : std::nullopt;
        });
        if (!value) continue;
        if (type) *type = value->type;
        *needed = static_cast<ULONG>(value->data.size());
        if (value->data.size() > size) return STATUS_BUFFER_OVERFLOW;
        std::memcpy(data, value->data.data(), value->data.size());
        return STATUS_SUCCESS;
    }
    return STATUS_OBJECT_NAME_NOT_FOUND;
}

}  // extern "C"
