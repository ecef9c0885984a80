// Keys and values by path, without handles of the caller's: RtlCheckRegistryKey and its kin. They open what
// they need with the Zw functions, as Windows does, so that registry callbacks see them.
#include <cstring>

#include "nt/registry/key_handle.h"
#include "nt/registry/path_key.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt {

using namespace registry;

namespace {

constexpr std::u16string_view bases[RTL_REGISTRY_MAXIMUM] = {
    u"",
    u"\\Registry\\Machine\\System\\CurrentControlSet\\Services",
    u"\\Registry\\Machine\\System\\CurrentControlSet\\Control",
    u"\\Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion",
    u"\\Registry\\Machine\\Hardware\\DeviceMap",
    u"\\Registry\\User\\.Default",
};

NTSTATUS open_or_create(std::u16string_view path, bool create, ACCESS_MASK access, HANDLE* handle) {
    UNICODE_STRING name = unicode_string(path);
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, nullptr,
                               nullptr);
    return create ? ZwCreateKey(handle, access, &attributes, 0, nullptr, 0, nullptr)
                  : ZwOpenKey(handle, access, &attributes);
}

}  // namespace

NTSTATUS PathKey::open(ULONG relative_to, PCWSTR path, bool create, ACCESS_MASK access) {
    if (relative_to & RTL_REGISTRY_HANDLE) {
        handle_ = reinterpret_cast<HANDLE>(const_cast<PWSTR>(path));
        return STATUS_SUCCESS;
    }
    const ULONG base = relative_to & ~RTL_REGISTRY_OPTIONAL;
    if (base >= RTL_REGISTRY_MAXIMUM) return STATUS_INVALID_PARAMETER;
    std::u16string full(bases[base]);
    if (path && *path) full += (full.empty() ? u"" : u"\\") + std::u16string(path);
    const NTSTATUS status = open_or_create(full, create, access, &handle_);
    ours_ = NT_SUCCESS(status);
    return status;
}

NTSTATUS PathKey::open_below(HANDLE top, PCWSTR path, ACCESS_MASK access) {
    UNICODE_STRING name = unicode_string(path);
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE | OBJ_KERNEL_HANDLE, top, nullptr);
    HANDLE opened = nullptr;
    const NTSTATUS status = ZwOpenKey(&opened, access, &attributes);
    if (NT_SUCCESS(status)) use(opened, true);
    return status;
}

void PathKey::use(HANDLE handle, bool ours) {
    if (ours_) ZwClose(handle_);
    handle_ = handle;
    ours_ = ours;
}

NTSTATUS registry::open_path(std::u16string_view path, bool create, ACCESS_MASK access, HANDLE* handle) {
    NTSTATUS status = open_or_create(path, create, access, handle);
    const size_t parent = path.rfind(u'\\');
    if (status != STATUS_OBJECT_NAME_NOT_FOUND || !create || parent == 0 || parent == path.npos)
        return status;
    HANDLE above = nullptr;
    status = open_path(path.substr(0, parent), true, access, &above);
    if (!NT_SUCCESS(status)) return status;
    ZwClose(above);
    return open_or_create(path, true, access, handle);
}

}  // namespace ndiskit::nt

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlwriteregistryvalue
NTSTATUS NTAPI RtlWriteRegistryValue(ULONG relative_to, PCWSTR path, PCWSTR name, ULONG type, PVOID data,
                                     ULONG size) {
    registry::PathKey key;
    const NTSTATUS status = key.open(relative_to, path, true, GENERIC_WRITE);
    if (!NT_SUCCESS(status)) return status;
    UNICODE_STRING value = unicode_string(name ? name : u"");
    return ZwSetValueKey(key.handle(), &value, 0, type, data, size);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtldeleteregistryvalue
NTSTATUS NTAPI RtlDeleteRegistryValue(ULONG relative_to, PCWSTR path, PCWSTR name) {
    registry::PathKey key;
    const NTSTATUS status = key.open(relative_to, path, false, GENERIC_WRITE);
    if (!NT_SUCCESS(status)) return status;
    UNICODE_STRING value = unicode_string(name ? name : u"");
    return ZwDeleteValueKey(key.handle(), &value);
}

// A handle is closed by this, as the page warns.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlcheckregistrykey
NTSTATUS NTAPI RtlCheckRegistryKey(ULONG relative_to, PWSTR path) {
    registry::PathKey key;
    const NTSTATUS status = key.open(relative_to, path, false, KEY_READ);
    if (NT_SUCCESS(status) && relative_to & RTL_REGISTRY_HANDLE) return ZwClose(key.handle());
    return status;
}

// The last name alone: keys above it must be there.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlcreateregistrykey
NTSTATUS NTAPI RtlCreateRegistryKey(ULONG relative_to, PWSTR path) {
    registry::PathKey key;
    return key.open(relative_to, path, true, GENERIC_WRITE);
}

// The value of the first key that has it. `size` is the buffer's.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlqueryregistryvaluewithfallback
NTSTATUS NTAPI RtlQueryRegistryValueWithFallback(HANDLE primary, HANDLE fallback, PUNICODE_STRING name,
                                                 ULONG size, PULONG type, PVOID data, PULONG needed) {
    for (const HANDLE handle : {primary, fallback}) {
        if (!handle) continue;
        registry::FullValue value;
        const NTSTATUS status = value.query(handle, *name);
        if (status == STATUS_OBJECT_NAME_NOT_FOUND) continue;
        if (!NT_SUCCESS(status)) return status;
        if (type) *type = value->Type;
        *needed = value->DataLength;
        if (value->DataLength > size) return STATUS_BUFFER_OVERFLOW;
        std::memcpy(data, value.data(), value->DataLength);
        return STATUS_SUCCESS;
    }
    return STATUS_OBJECT_NAME_NOT_FOUND;
}

}  // extern "C"
