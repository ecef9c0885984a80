// Registry keys over the Zw functions.
#include "ndis/registry_key.h"

#include <cstring>
#include <utility>

namespace ndiskit::ndis {

namespace {

UNICODE_STRING counted(std::u16string_view text) {
    UNICODE_STRING string{};
    string.Buffer = const_cast<WCHAR*>(text.data());
    string.Length = static_cast<USHORT>(text.size() * sizeof(WCHAR));
    string.MaximumLength = string.Length;
    return string;
}

HANDLE open_handle(std::u16string_view path, bool create) {
    UNICODE_STRING name = counted(path);
    OBJECT_ATTRIBUTES attributes{};
    attributes.Length = sizeof(attributes);
    attributes.ObjectName = &name;
    attributes.Attributes = OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE;
    HANDLE handle = nullptr;
    const NTSTATUS status =
        create ? ZwCreateKey(&handle, KEY_ALL_ACCESS, &attributes, 0, nullptr, REG_OPTION_NON_VOLATILE, nullptr)
               : ZwOpenKey(&handle, KEY_ALL_ACCESS, &attributes);
    return NT_SUCCESS(status) ? handle : nullptr;
}

}  // namespace

std::optional<RegistryKey> RegistryKey::open(std::u16string_view path) {
    HANDLE handle = open_handle(path, false);
    if (handle == nullptr)
        return std::nullopt;
    return RegistryKey(handle);
}

std::optional<RegistryKey> RegistryKey::create(std::u16string_view path) {
    // ZwCreateKey makes the last part only.
    for (size_t end = path.find(u'\\', 1); end != std::u16string_view::npos; end = path.find(u'\\', end + 1)) {
        if (HANDLE parent = open_handle(path.substr(0, end), true))
            ZwClose(parent);
    }
    HANDLE handle = open_handle(path, true);
    if (handle == nullptr)
        return std::nullopt;
    return RegistryKey(handle);
}

RegistryKey::~RegistryKey() {
    close();
}

void RegistryKey::close() {
    if (handle_ != nullptr)
        ZwClose(std::exchange(handle_, nullptr));
}

std::optional<RegistryValue> RegistryKey::value(std::u16string_view name) const {
    UNICODE_STRING value_name = counted(name);
    ULONG needed = 0;
    NTSTATUS status = ZwQueryValueKey(handle_, &value_name, KeyValuePartialInformation, nullptr, 0, &needed);
    if (status != STATUS_BUFFER_TOO_SMALL && status != STATUS_BUFFER_OVERFLOW)
        return std::nullopt;
    std::vector<uint64_t> buffer((needed + 7) / 8);
    status = ZwQueryValueKey(handle_, &value_name, KeyValuePartialInformation, buffer.data(), needed, &needed);
    if (!NT_SUCCESS(status))
        return std::nullopt;
    const auto* information = reinterpret_cast<const KEY_VALUE_PARTIAL_INFORMATION*>(buffer.data());
    RegistryValue value{.type = information->Type, .data = {}};
    const auto* bytes = reinterpret_cast<const std::byte*>(information->Data);
    value.data.assign(bytes, bytes + information->DataLength);
    return value;
}

bool RegistryKey::set(std::u16string_view name, uint32_t type, const void* data, size_t size) {
    UNICODE_STRING value_name = counted(name);
    return NT_SUCCESS(ZwSetValueKey(handle_, &value_name, 0, type, const_cast<void*>(data), static_cast<ULONG>(size)));
}

std::optional<std::u16string> text_of(const RegistryValue& value) {
    if (value.type != REG_SZ && value.type != REG_EXPAND_SZ)
        return std::nullopt;
    std::u16string text(value.data.size() / sizeof(char16_t), u'\0');
    std::memcpy(text.data(), value.data.data(), text.size() * sizeof(char16_t));
    if (const size_t end = text.find(u'\0'); end != std::u16string::npos)
        text.resize(end);
    return text;
}

std::vector<std::u16string> split_multi_string(const RegistryValue& value) {
    std::vector<std::u16string> strings;
    std::u16string all(value.data.size() / sizeof(char16_t), u'\0');
    std::memcpy(all.data(), value.data.data(), all.size() * sizeof(char16_t));
    size_t at = 0;
    while (at < all.size() && all[at] != u'\0') {
        const size_t end = std::min(all.find(u'\0', at), all.size());
        strings.push_back(all.substr(at, end - at));
        at = end + 1;
    }
    return strings;
}

std::optional<std::u16string> RegistryKey::string(std::u16string_view name) const {
    const auto found = value(name);
    return found ? text_of(*found) : std::nullopt;
}

std::vector<std::u16string> RegistryKey::multi_string(std::u16string_view name) const {
    const auto found = value(name);
    if (!found || (found->type != REG_MULTI_SZ && found->type != REG_SZ))
        return {};
    return split_multi_string(*found);
}

std::optional<uint32_t> RegistryKey::number(std::u16string_view name) const {
    const auto found = value(name);
    if (!found)
        return std::nullopt;
    if (found->type == REG_DWORD && found->data.size() == sizeof(uint32_t)) {
        uint32_t number = 0;
        std::memcpy(&number, found->data.data(), sizeof(number));
        return number;
    }
    const auto text = text_of(*found);
    if (!text || text->empty())
        return std::nullopt;
    uint32_t number = 0;
    for (const char16_t c : *text) {
        if (c < u'0' || c > u'9')
            return std::nullopt;
        number = number * 10 + (c - u'0');
    }
    return number;
}

std::vector<std::u16string> RegistryKey::subkeys() const {
    std::vector<std::u16string> names;
    std::vector<uint64_t> buffer(128);
    for (ULONG index = 0;; index++) {
        ULONG needed = 0;
        NTSTATUS status = ZwEnumerateKey(handle_, index, KeyBasicInformation, buffer.data(),
                                         static_cast<ULONG>(buffer.size() * 8), &needed);
        if (status == STATUS_BUFFER_TOO_SMALL || status == STATUS_BUFFER_OVERFLOW) {
            buffer.resize((needed + 7) / 8);
            status = ZwEnumerateKey(handle_, index, KeyBasicInformation, buffer.data(),
                                    static_cast<ULONG>(buffer.size() * 8), &needed);
        }
        if (!NT_SUCCESS(status))
            return names;
        const auto* information = reinterpret_cast<const KEY_BASIC_INFORMATION*>(buffer.data());
        names.emplace_back(information->Name, information->NameLength / sizeof(WCHAR));
    }
}

}  // namespace ndiskit::ndis
