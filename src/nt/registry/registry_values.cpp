// RtlQueryRegistryValues: values of keys by a table, without handles of the caller's. What it does with keys
// goes through the Zw functions, so that registry callbacks see it.
#include <algorithm>
#include <cstring>

#include "nt/bugcheck.h"
#include "nt/exception/status.h"
#include "nt/image/call_gate.h"
#include "nt/pool/pool.h"
#include "nt/registry/path_key.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt {

using namespace registry;

namespace {

constexpr ULONG string_tag = 0x72745352;  // 'RStr' in memory order
constexpr ULONG system_root_length = 12;
constexpr uint64_t unsafe_registry_access = 9;  // of KERNEL_SECURITY_CHECK_FAILURE

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

NTSTATUS call_routine(const RTL_QUERY_REGISTRY_TABLE& row, PVOID context, const char16_t* name, uint32_t type,
                      const void* data, size_t size) {
    const NTSTATUS status =
        call_driver(row.QueryRoutine, const_cast<PWSTR>(name), type, const_cast<PVOID>(data),
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
            const NTSTATUS status = call_routine(row, context, value.name.c_str(), string, one.c_str(),
                                                 (one.size() + 1) * sizeof(WCHAR));
            if (!NT_SUCCESS(status)) return status;
            at += one.size() + 1;
        }
        return STATUS_SUCCESS;
    }
    if (value.type == expand_string && expand) {
        const auto data = data_of(expanded(text_of(value)));
        return call_routine(row, context, value.name.c_str(), string, data.data(), data.size());
    }
    return call_routine(row, context, value.name.c_str(), value.type, value.data.data(), value.data.size());
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

// Only the hives of the system are trusted to hold values of the types that a driver expects.
bool is_trusted(HANDLE key) {
    constexpr std::u16string_view machine = u"\\Registry\\Machine\\";
    alignas(KEY_NAME_INFORMATION) char buffer[2048];
    ULONG needed = 0;
    if (!NT_SUCCESS(ZwQueryKey(key, KeyNameInformation, buffer, sizeof buffer, &needed))) return true;
    const auto& name = *reinterpret_cast<KEY_NAME_INFORMATION*>(buffer);
    std::u16string_view path(name.Name, name.NameLength / sizeof(WCHAR));
    if (path.size() < machine.size() || !same_text(path.substr(0, machine.size()), machine)) return false;
    path.remove_prefix(machine.size());
    const std::u16string_view hive = path.substr(0, path.find(u'\\'));
    return std::ranges::any_of(
        std::initializer_list<std::u16string_view>{u"Hardware", u"Software", u"System", u"Security", u"SAM"},
        [&](std::u16string_view trusted) { return same_text(hive, trusted); });
}

NTSTATUS give(const RTL_QUERY_REGISTRY_TABLE& row, PVOID context, HANDLE key, const FullValue& found) {
    const bool checked = row.Flags & RTL_QUERY_REGISTRY_TYPECHECK;
    if (checked && (row.DefaultType >> RTL_QUERY_REGISTRY_TYPECHECK_SHIFT) != found->Type)
        return STATUS_OBJECT_TYPE_MISMATCH;
    if (row.Flags & RTL_QUERY_REGISTRY_DIRECT && !checked && !is_trusted(key))
        bug_check_because(
            "RTL_QUERY_REGISTRY_DIRECT without RTL_QUERY_REGISTRY_TYPECHECK on a hive that is "
            "not the system's",
            exception::stop_kernel_security_check_failure, unsafe_registry_access);
    const Value value{found.name(), found->Type, {found.data(), found.data() + found->DataLength}};
    const NTSTATUS status = deliver(row, context, value);
    if (!NT_SUCCESS(status) || !(row.Flags & RTL_QUERY_REGISTRY_DELETE)) return status;
    UNICODE_STRING name = unicode_string(value.name);
    return ZwDeleteValueKey(key, &name);
}

NTSTATUS query_all(const RTL_QUERY_REGISTRY_TABLE& row, PVOID context, HANDLE key) {
    FullValue value;
    ULONG given = 0;
    for (ULONG index = 0;; ++given) {
        NTSTATUS status = value.enumerate(key, index);
        if (status == STATUS_NO_MORE_ENTRIES) break;
        if (NT_SUCCESS(status)) status = give(row, context, key, value);
        if (!NT_SUCCESS(status)) return status;
        if (!(row.Flags & RTL_QUERY_REGISTRY_DELETE)) ++index;
    }
    const bool missing = given == 0 && row.Flags & RTL_QUERY_REGISTRY_REQUIRED;
    return missing ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_SUCCESS;
}

NTSTATUS query_row(const RTL_QUERY_REGISTRY_TABLE& row, PVOID context, HANDLE key) {
    if (row.Flags & RTL_QUERY_REGISTRY_DIRECT && (!row.Name || row.QueryRoutine))
        return STATUS_INVALID_PARAMETER;
    if (!row.Name && row.Flags & RTL_QUERY_REGISTRY_NOVALUE)
        return call_routine(row, context, nullptr, none, nullptr, 0);
    if (!row.Name) return query_all(row, context, key);
    FullValue value;
    const NTSTATUS status = value.query(key, unicode_string(row.Name));
    if (status == STATUS_OBJECT_NAME_NOT_FOUND) return deliver_default(row, context);
    return NT_SUCCESS(status) ? give(row, context, key, value) : status;
}

// A row for a subkey: it is the key of what follows, and a routine gets all of its values.
NTSTATUS enter_subkey(const RTL_QUERY_REGISTRY_TABLE*& table, PVOID context, HANDLE top, PathKey& key) {
    constexpr ULONG other_key = RTL_QUERY_REGISTRY_SUBKEY | RTL_QUERY_REGISTRY_TOPKEY;
    if (!table->Name || table->Flags & RTL_QUERY_REGISTRY_DIRECT) return STATUS_INVALID_PARAMETER;
    const NTSTATUS status = key.open_below(top, table->Name, MAXIMUM_ALLOWED);
    if (NT_SUCCESS(status)) {
        RTL_QUERY_REGISTRY_TABLE all = *table;
        all.Name = nullptr;
        return all.QueryRoutine ? query_all(all, context, key.handle()) : STATUS_SUCCESS;
    }
    if (status != STATUS_OBJECT_NAME_NOT_FOUND || table->Flags & RTL_QUERY_REGISTRY_REQUIRED) return status;
    // What follows is for that key: up to the next change of key there is nothing.
    while ((table[1].QueryRoutine || table[1].Flags & RTL_QUERY_REGISTRY_DIRECT) &&
           !(table[1].Flags & other_key))
        ++table;
    return STATUS_SUCCESS;
}

template <class Ask>
NTSTATUS fill(std::vector<uint64_t>& buffer, Ask ask) {
    buffer.resize(std::max<size_t>(buffer.size(), 32));
    for (;;) {
        ULONG needed = 0;
        const auto size = static_cast<ULONG>(buffer.size() * sizeof(uint64_t));
        const NTSTATUS status = ask(buffer.data(), size, &needed);
        if (status != STATUS_BUFFER_OVERFLOW && status != STATUS_BUFFER_TOO_SMALL) return status;
        buffer.resize(needed / sizeof(uint64_t) + 1);
    }
}

}  // namespace

NTSTATUS FullValue::query(HANDLE key, UNICODE_STRING name) {
    return fill(buffer_, [&](PVOID out, ULONG size, PULONG needed) {
        return ZwQueryValueKey(key, &name, KeyValueFullInformation, out, size, needed);
    });
}

NTSTATUS FullValue::enumerate(HANDLE key, ULONG index) {
    return fill(buffer_, [&](PVOID out, ULONG size, PULONG needed) {
        return ZwEnumerateValueKey(key, index, KeyValueFullInformation, out, size, needed);
    });
}

}  // namespace ndiskit::nt

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlqueryregistryvalues
NTSTATUS NTAPI RtlQueryRegistryValues(ULONG relative_to, PCWSTR path, PRTL_QUERY_REGISTRY_TABLE first,
                                      PVOID context, PVOID) {
    registry::PathKey top, key;
    NTSTATUS status = top.open(relative_to, path, false, MAXIMUM_ALLOWED | GENERIC_READ);
    const bool absent = status == STATUS_OBJECT_NAME_NOT_FOUND;
    if (!NT_SUCCESS(status)) return absent && relative_to & RTL_REGISTRY_OPTIONAL ? STATUS_SUCCESS : status;
    key.use(top.handle(), false);
    const RTL_QUERY_REGISTRY_TABLE* table = first;
    for (; table->QueryRoutine || (table->Flags & (RTL_QUERY_REGISTRY_SUBKEY | RTL_QUERY_REGISTRY_DIRECT));
         ++table) {
        if (table->Flags & RTL_QUERY_REGISTRY_TOPKEY) key.use(top.handle(), false);
        status = table->Flags & RTL_QUERY_REGISTRY_SUBKEY ? enter_subkey(table, context, top.handle(), key)
                                                          : query_row(*table, context, key.handle());
        if (!NT_SUCCESS(status)) return status;
    }
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlqueryregistryvalues
NTSTATUS NTAPI RtlQueryRegistryValuesEx(ULONG relative_to, PCWSTR path, PRTL_QUERY_REGISTRY_TABLE table,
                                        PVOID context, PVOID environment) {
    return RtlQueryRegistryValues(relative_to, path, table, context, environment);
}

}  // extern "C"
