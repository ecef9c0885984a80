// Keys renamed, saved to files and restored from them, and what is set about a key itself. All at
// PASSIVE_LEVEL.
#include <cstring>

#include "nt/registry/hive_tree.h"
#include "nt/registry/key_operation.h"
#include "nt/rtl/unicode.h"

extern "C" void NTAPI KeQuerySystemTimePrecise(PLARGE_INTEGER);

namespace ndiskit::nt {

using namespace registry;

namespace {

NTSTATUS rename(Key& key, std::u16string_view name) {
    constexpr size_t longest_name = 255;
    if (name.empty() || name.size() > longest_name || name.find(u'\\') != name.npos)
        return STATUS_INVALID_PARAMETER;
    if (!key.parent || !key.parent->parent) return STATUS_ACCESS_DENIED;
    Key& parent = *key.parent;
    const auto self = parent.subkeys.find(key.name);
    const auto other = parent.subkeys.find(name);
    if (other != parent.subkeys.end() && other != self) return STATUS_CANNOT_DELETE;
    const KeyRef keep = self->second;
    parent.subkeys.erase(self);
    key.name = name;
    parent.subkeys.emplace(key.name, keep);
    ++parent.changes;
    return STATUS_SUCCESS;
}

NTSTATUS save(void* object, HANDLE file, HiveFormat format) {
    const security::Token& system = security::system_token();
    HiveKey copy;
    NTSTATUS status = with_key(object, [&](Key& key) -> NTSTATUS {
        copy = copy_of(key, system);
        return STATUS_SUCCESS;
    });
    if (!NT_SUCCESS(status)) return status;
    std::vector<std::byte> bytes = write_hive(copy, format, system_time());
    IO_STATUS_BLOCK block = {};
    LARGE_INTEGER size = {.QuadPart = static_cast<LONGLONG>(bytes.size())};
    LARGE_INTEGER start = {.QuadPart = 0};
    status = ZwWriteFile(file, nullptr, nullptr, nullptr, &block, bytes.data(),
                         static_cast<ULONG>(bytes.size()), &start, nullptr);
    if (!NT_SUCCESS(status)) return status;
    // What the file had behind is no part of the hive.
    return ZwSetInformationFile(file, &block, &size, sizeof size, FileEndOfFileInformation);
}

NTSTATUS read_all(HANDLE file, std::vector<std::byte>& bytes) {
    constexpr ULONG piece = 65536;
    LARGE_INTEGER at = {.QuadPart = 0};
    for (;;) {
        IO_STATUS_BLOCK block = {};
        bytes.resize(static_cast<size_t>(at.QuadPart) + piece);
        const NTSTATUS status = ZwReadFile(file, nullptr, nullptr, nullptr, &block,
                                           bytes.data() + at.QuadPart, piece, &at, nullptr);
        if (!NT_SUCCESS(status) && status != STATUS_END_OF_FILE) return status;
        at.QuadPart += NT_SUCCESS(status) ? static_cast<LONGLONG>(block.Information) : 0;
        bytes.resize(static_cast<size_t>(at.QuadPart));
        if (status == STATUS_END_OF_FILE) return STATUS_SUCCESS;
    }
}

NTSTATUS restore(void* object, HANDLE file) {
    std::vector<std::byte> bytes;
    if (const NTSTATUS status = read_all(file, bytes); !NT_SUCCESS(status)) return status;
    if (!is_hive(bytes)) return STATUS_NOT_REGISTRY_FILE;
    const auto hive = read_hive(bytes);
    if (!hive) return STATUS_REGISTRY_CORRUPT;
    const NTSTATUS status = with_key(object, [&](Key& key) -> NTSTATUS {
        replace(key, *hive);
        return STATUS_SUCCESS;
    });
    if (!NT_SUCCESS(status)) return status;
    const KeyRef& key = static_cast<KeyBody*>(object)->key;
    notify(key, Change::values);
    return STATUS_SUCCESS;
}

// There are no transactions, so that no handle is one's.
NTSTATUS no_transaction(HANDLE transaction) {
    void* body = nullptr;
    const NTSTATUS status = object::reference_by_handle(transaction, 0, nullptr, false, &body);
    if (!NT_SUCCESS(status)) return status;
    object::dereference(body);
    return STATUS_OBJECT_TYPE_MISMATCH;
}

}  // namespace

int64_t registry::system_time() {
    LARGE_INTEGER now;
    KeQuerySystemTimePrecise(&now);
    return now.QuadPart;
}

}  // namespace ndiskit::nt

using namespace ndiskit::nt;

extern "C" {

NTSTATUS NTAPI ZwRenameKey(HANDLE handle, PUNICODE_STRING name) {
    const REG_RENAME_KEY_INFORMATION information = {nullptr, name, nullptr, nullptr, nullptr};
    return registry::operate(handle, RegNtPreRenameKey, RegNtPostRenameKey, information, [&](void* o) {
        return registry::change_key(o, registry::Change::names,
                                    [&](registry::Key& key) { return rename(key, view_of(name)); });
    });
}

NTSTATUS NTAPI ZwSetInformationKey(HANDLE handle, ULONG what, PVOID value, ULONG size) {
    constexpr ULONG write_time = 0, user_flags = 1, control_flags = 2, debug_information = 4;
    const REG_SET_INFORMATION_KEY_INFORMATION information = {
        nullptr, static_cast<KEY_SET_INFORMATION_CLASS>(what), value, size, nullptr, nullptr, nullptr};
    return registry::operate(
        handle, RegNtPreSetInformationKey, RegNtPostSetInformationKey, information, [&](void* o) {
            return registry::with_key(o, [&](registry::Key& key) -> NTSTATUS {
                // Flags for the 32-bit view and for virtualization decide nothing here.
                if (what == user_flags || what == control_flags || what == debug_information)
                    return size == sizeof(ULONG) ? STATUS_SUCCESS : STATUS_INFO_LENGTH_MISMATCH;
                if (what != write_time) return STATUS_INVALID_INFO_CLASS;
                if (size != sizeof(KEY_WRITE_TIME_INFORMATION)) return STATUS_INFO_LENGTH_MISMATCH;
                key.last_write =
                    static_cast<const KEY_WRITE_TIME_INFORMATION*>(value)->LastWriteTime.QuadPart;
                return STATUS_SUCCESS;
            });
        });
}

// What is saved without compression is as the standard format has it: it is never compressed here.
NTSTATUS NTAPI ZwSaveKeyEx(HANDLE handle, HANDLE file, ULONG format) {
    constexpr ULONG standard = 1, latest = 2, no_compression = 4;
    if (format != standard && format != latest && format != no_compression) return STATUS_INVALID_PARAMETER;
    const REG_SAVE_KEY_INFORMATION information = {nullptr, file, format, nullptr, nullptr, nullptr};
    return registry::operate(handle, RegNtPreSaveKey, RegNtPostSaveKey, information, [&](void* o) {
        return save(o, file,
                    format == latest ? registry::HiveFormat::latest : registry::HiveFormat::standard);
    });
}

NTSTATUS NTAPI ZwSaveKey(HANDLE handle, HANDLE file) { return ZwSaveKeyEx(handle, file, 1); }

NTSTATUS NTAPI ZwRestoreKey(HANDLE handle, HANDLE file, ULONG flags) {
    const REG_RESTORE_KEY_INFORMATION information = {nullptr, file, flags, nullptr, nullptr, nullptr};
    return registry::operate(handle, RegNtPreRestoreKey, RegNtPostRestoreKey, information,
                             [&](void* o) { return restore(o, file); });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwcreatekeytransacted
NTSTATUS NTAPI ZwCreateKeyTransacted(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, ULONG, PUNICODE_STRING, ULONG,
                                     HANDLE transaction, PULONG) {
    return no_transaction(transaction);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwopenkeytransacted
NTSTATUS NTAPI ZwOpenKeyTransacted(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, HANDLE transaction) {
    return no_transaction(transaction);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwopenkeytransactedex
NTSTATUS NTAPI ZwOpenKeyTransactedEx(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES, ULONG, HANDLE transaction) {
    return no_transaction(transaction);
}

}  // extern "C"
