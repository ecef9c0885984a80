// Keys renamed, saved to files and restored from them, and what is set about a key itself. All at
// PASSIVE_LEVEL.
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/file.h"
#include "nt/registry/hive.h"
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

// A file of the host that is there as long as this.
class Scratch {
  public:
    Scratch() {
        std::string pattern = (std::filesystem::temp_directory_path() / "ndiskit-hive-XXXXXX").string();
        const int file = ::mkstemp(pattern.data());
        if (file < 0) return;
        ::close(file);
        path_ = pattern;
    }
    ~Scratch() {
        std::error_code error;
        if (!path_.empty()) std::filesystem::remove(path_, error);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

std::string path_of(void* object) {
    const KeyRef& key = static_cast<KeyBody*>(object)->key;
    return to_utf8(tree().with([&](Tree&) { return key->path(); }));
}

NTSTATUS save(void* object, HANDLE file) {
    const Scratch scratch;
    if (scratch.path().empty() || !save_hive(scratch.path(), path_of(object)))
        return STATUS_REGISTRY_IO_FAILED;
    const auto bytes = read_file(scratch.path());
    if (!bytes) return STATUS_REGISTRY_IO_FAILED;
    IO_STATUS_BLOCK block = {};
    LARGE_INTEGER start = {.QuadPart = 0};
    return ZwWriteFile(file, nullptr, nullptr, nullptr, &block, const_cast<std::byte*>(bytes->data()),
                       static_cast<ULONG>(bytes->size()), &start, nullptr);
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

void drop_below(Key& key) {
    for (const auto& [name, subkey] : key.subkeys) {
        drop_below(*subkey);
        subkey->deleted = true;
        subkey->parent = nullptr;
    }
    key.subkeys.clear();
    key.values.clear();
}

NTSTATUS restore(void* object, HANDLE file) {
    std::vector<std::byte> bytes;
    if (const NTSTATUS status = read_all(file, bytes); !NT_SUCCESS(status)) return status;
    const Scratch scratch;
    if (scratch.path().empty() || !write_file(scratch.path(), bytes)) return STATUS_REGISTRY_IO_FAILED;
    if (!is_hive(scratch.path())) return STATUS_NOT_REGISTRY_FILE;
    const NTSTATUS status = change_key(object, registry::Change::values, [](Key& key) -> NTSTATUS {
        drop_below(key);
        ++key.changes;
        return STATUS_SUCCESS;
    });
    if (!NT_SUCCESS(status)) return status;
    return load_hive(scratch.path(), path_of(object)) ? STATUS_SUCCESS : STATUS_NOT_REGISTRY_FILE;
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

// The standard format and the one without compression are the same file here.
NTSTATUS NTAPI ZwSaveKeyEx(HANDLE handle, HANDLE file, ULONG format) {
    constexpr ULONG standard = 1, latest = 2, no_compression = 4;
    if (format != standard && format != latest && format != no_compression) return STATUS_INVALID_PARAMETER;
    const REG_SAVE_KEY_INFORMATION information = {nullptr, file, format, nullptr, nullptr, nullptr};
    return registry::operate(handle, RegNtPreSaveKey, RegNtPostSaveKey, information,
                             [&](void* o) { return save(o, file); });
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
