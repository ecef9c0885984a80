#include "nt/files/information.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "nt/abi.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::files {

namespace {

constexpr ULONG sector = 512;
constexpr std::u16string_view label = u"ndiskit", file_system = u"NTFS";

LARGE_INTEGER large(int64_t value) { return {.QuadPart = value}; }

ULONG attributes_of(const struct stat& info) {
    if (S_ISDIR(info.st_mode)) return FILE_ATTRIBUTE_DIRECTORY;
    return FILE_ATTRIBUTE_ARCHIVE | (info.st_mode & S_IWUSR ? 0u : FILE_ATTRIBUTE_READONLY);
}
int64_t size_of(const struct stat& info) { return S_ISDIR(info.st_mode) ? 0 : info.st_size; }
int64_t allocated(const struct stat& info) {
    return S_ISDIR(info.st_mode) ? 0 : int64_t{info.st_blocks} * 512;
}

FILE_BASIC_INFORMATION basic(const struct stat& info) {
    return {large(nt_time(
                std::min(info.st_mtim, info.st_ctim,
                         [](const timespec& a, const timespec& b) { return nt_time(a) < nt_time(b); }))),
            large(nt_time(info.st_atim)), large(nt_time(info.st_mtim)), large(nt_time(info.st_ctim)),
            attributes_of(info)};
}

FILE_STANDARD_INFORMATION standard(const OpenFile& file, const struct stat& info) {
    return {large(allocated(info)), large(size_of(info)),
            file.is_directory() ? 1u : static_cast<ULONG>(info.st_nlink), file.delete_pending(),
            file.is_directory()};
}

FILE_NETWORK_OPEN_INFORMATION network_open(const struct stat& info);

FILE_STAT_INFORMATION stat_of(const OpenFile& file, const struct stat& info) {
    const FILE_NETWORK_OPEN_INFORMATION open = network_open(info);
    return {large(static_cast<int64_t>(info.st_ino)),
            open.CreationTime,
            open.LastAccessTime,
            open.LastWriteTime,
            open.ChangeTime,
            open.AllocationSize,
            open.EndOfFile,
            open.FileAttributes,
            0,
            static_cast<ULONG>(info.st_nlink),
            file.access()};
}

FILE_NETWORK_OPEN_INFORMATION network_open(const struct stat& info) {
    const FILE_BASIC_INFORMATION b = basic(info);
    return {b.CreationTime,         b.LastAccessTime,     b.LastWriteTime, b.ChangeTime,
            large(allocated(info)), large(size_of(info)), b.FileAttributes};
}

template <class T>
NTSTATUS give(const T& value, void* buffer, ULONG size, ULONG_PTR& done) {
    if (size < sizeof value) return STATUS_INFO_LENGTH_MISMATCH;
    std::memcpy(buffer, &value, sizeof value);
    done = sizeof value;
    return STATUS_SUCCESS;
}

// A name behind the fixed part of an answer, which is there already: its length goes to `length_at`, as much
// of it as fits to `name_at`.
NTSTATUS give_name(std::u16string_view name, size_t length_at, size_t name_at, void* buffer, ULONG size,
                   ULONG_PTR& done) {
    // The whole structure, with its first letter and what is behind that to its end.
    if (size < (name_at + sizeof(WCHAR) + 3) / 4 * 4) return STATUS_INFO_LENGTH_MISMATCH;
    const auto bytes = static_cast<ULONG>(name.size() * sizeof(WCHAR));
    const ULONG fit = std::min<ULONG>(bytes, (size - static_cast<ULONG>(name_at)) & ~1u);
    auto* const at = static_cast<char*>(buffer);
    std::memcpy(at + length_at, &bytes, sizeof bytes);
    std::memcpy(at + name_at, name.data(), fit);
    done = name_at + fit;
    return fit < bytes ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

NTSTATUS give_all(const OpenFile& file, const struct stat& info, void* buffer, ULONG size, ULONG_PTR& done) {
    constexpr size_t name_at = offsetof(FILE_ALL_INFORMATION, NameInformation.FileName);
    if (size < sizeof(FILE_ALL_INFORMATION)) return STATUS_INFO_LENGTH_MISMATCH;
    FILE_ALL_INFORMATION all = {};
    all.BasicInformation = basic(info);
    all.StandardInformation = standard(file, info);
    all.IndexNumber = large(static_cast<int64_t>(info.st_ino));
    // Access, position, mode and alignment are the I/O manager's, which has put them there.
    const auto& given = *static_cast<const FILE_ALL_INFORMATION*>(buffer);
    all.AccessFlags = given.AccessFlags;
    all.CurrentByteOffset = given.CurrentByteOffset;
    all.Mode = given.Mode;
    all.AlignmentRequirement = given.AlignmentRequirement;
    std::memcpy(buffer, &all, name_at);
    return give_name(file.path(), offsetof(FILE_ALL_INFORMATION, NameInformation), name_at, buffer, size,
                     done);
}

// How each kind of directory entry is laid out; all but names have the same start.
struct Layout {
    FILE_INFORMATION_CLASS information;
    size_t name_at, id_at;  // id_at 0: none
};
constexpr Layout layouts[] = {
    {FileDirectoryInformation, offsetof(FILE_DIRECTORY_INFORMATION, FileName), 0},
    {FileFullDirectoryInformation, offsetof(FILE_FULL_DIR_INFORMATION, FileName), 0},
    {FileBothDirectoryInformation, offsetof(FILE_BOTH_DIR_INFORMATION, FileName), 0},
    {FileIdBothDirectoryInformation, offsetof(FILE_ID_BOTH_DIR_INFORMATION, FileName),
     offsetof(FILE_ID_BOTH_DIR_INFORMATION, FileId)},
    {FileIdFullDirectoryInformation, offsetof(FILE_ID_FULL_DIR_INFORMATION, FileName),
     offsetof(FILE_ID_FULL_DIR_INFORMATION, FileId)},
    {FileNamesInformation, offsetof(FILE_NAMES_INFORMATION, FileName), 0},
};

// One entry at `at`, which has at least name_at bytes; as much of the name as fits.
void put_entry(const Layout& layout, const Entry& entry, char* at, size_t name_bytes) {
    std::memset(at, 0, layout.name_at);
    const auto length = static_cast<ULONG>(entry.name.size() * sizeof(WCHAR));
    if (layout.information == FileNamesInformation) {
        reinterpret_cast<PFILE_NAMES_INFORMATION>(at)->FileNameLength = length;
    } else {
        auto& common = *reinterpret_cast<PFILE_DIRECTORY_INFORMATION>(at);
        const FILE_BASIC_INFORMATION b = basic(entry.info);
        common.CreationTime = b.CreationTime;
        common.LastAccessTime = b.LastAccessTime;
        common.LastWriteTime = b.LastWriteTime;
        common.ChangeTime = b.ChangeTime;
        common.EndOfFile = large(size_of(entry.info));
        common.AllocationSize = large(allocated(entry.info));
        common.FileAttributes = b.FileAttributes;
        common.FileNameLength = length;
    }
    if (layout.id_at) std::memcpy(at + layout.id_at, &entry.info.st_ino, 8);
    std::memcpy(at + layout.name_at, entry.name.data(), name_bytes);
}

NTSTATUS rename(OpenFile& file, const Folder& folder, const void* buffer, ULONG size) {
    const auto& request = *static_cast<const FILE_RENAME_INFORMATION*>(buffer);
    constexpr size_t name_at = offsetof(FILE_RENAME_INFORMATION, FileName);
    if (size < name_at || request.FileNameLength > size - name_at) return STATUS_INVALID_PARAMETER;
    if (!(file.access() & DELETE)) return STATUS_ACCESS_DENIED;
    const std::u16string_view name(request.FileName, request.FileNameLength / sizeof(WCHAR));
    if (request.RootDirectory) return STATUS_NOT_SUPPORTED;
    if (name.empty()) return STATUS_INVALID_PARAMETER;
    if (name[0] != '\\') return file.rename(folder, name, request.ReplaceIfExists);
    // A whole path goes through the names of objects: it must lead back to this volume.
    const object::Found found = object::lookup(name);
    if (!NT_SUCCESS(found.status)) return found.status;
    const bool here = same_text(object::name_of(found.body), u"\\Device\\HarddiskVolume1");
    object::dereference(found.body);
    return here ? file.rename(folder, found.remaining, request.ReplaceIfExists) : STATUS_NOT_SAME_DEVICE;
}

NTSTATUS set_basic(OpenFile& file, const FILE_BASIC_INFORMATION& wanted) {
    if (const NTSTATUS status = file.set_times(wanted.LastAccessTime.QuadPart, wanted.LastWriteTime.QuadPart);
        !NT_SUCCESS(status))
        return status;
    if (!wanted.FileAttributes) return STATUS_SUCCESS;
    if (wanted.FileAttributes & FILE_ATTRIBUTE_DIRECTORY && !file.is_directory())
        return STATUS_INVALID_PARAMETER;
    return file.set_read_only(wanted.FileAttributes & FILE_ATTRIBUTE_READONLY);
}

template <class T>
const T* as(const void* buffer, ULONG size) {
    return size >= sizeof(T) ? static_cast<const T*>(buffer) : nullptr;
}

}  // namespace

NTSTATUS query_file(const OpenFile& file, FILE_INFORMATION_CLASS information, void* buffer, ULONG size,
                    ULONG_PTR& done) {
    struct stat info;
    if (const NTSTATUS status = file.info(info); !NT_SUCCESS(status)) return status;
    switch (information) {
        case FileBasicInformation:
            return give(basic(info), buffer, size, done);
        case FileStandardInformation:
            return give(standard(file, info), buffer, size, done);
        case FileInternalInformation:
            return give(large(static_cast<int64_t>(info.st_ino)), buffer, size, done);
        case FileEaInformation:
            return give(ULONG{0}, buffer, size, done);
        case FileNetworkOpenInformation:
            return give(network_open(info), buffer, size, done);
        case FileStatInformation:
            return give(stat_of(file, info), buffer, size, done);
        case FileAttributeTagInformation:
            return give(FILE_ATTRIBUTE_TAG_INFORMATION{attributes_of(info), 0}, buffer, size, done);
        case FileNameInformation:
            return give_name(file.path(), 0, offsetof(FILE_NAME_INFORMATION, FileName), buffer, size, done);
        case FileAllInformation:
            return give_all(file, info, buffer, size, done);
        default:
            return STATUS_INVALID_INFO_CLASS;
    }
}

NTSTATUS query_volume(const OpenFile&, const Folder& folder, FS_INFORMATION_CLASS information, void* buffer,
                      ULONG size, ULONG_PTR& done) {
    struct statvfs info;
    if (fstatvfs(folder.root(), &info) != 0) return STATUS_UNSUCCESSFUL;
    const auto total = large(static_cast<int64_t>(info.f_blocks)),
               free = large(static_cast<int64_t>(info.f_bavail));
    const auto sectors = static_cast<ULONG>(info.f_frsize / sector);
    switch (information) {
        case FileFsVolumeInformation:
            if (size < offsetof(FILE_FS_VOLUME_INFORMATION, VolumeLabel)) return STATUS_INFO_LENGTH_MISMATCH;
            std::memset(buffer, 0, offsetof(FILE_FS_VOLUME_INFORMATION, VolumeLabel));
            static_cast<PFILE_FS_VOLUME_INFORMATION>(buffer)->VolumeSerialNumber =
                static_cast<ULONG>(info.f_fsid);
            return give_name(label, offsetof(FILE_FS_VOLUME_INFORMATION, VolumeLabelLength),
                             offsetof(FILE_FS_VOLUME_INFORMATION, VolumeLabel), buffer, size, done);
        case FileFsSizeInformation:
            return give(FILE_FS_SIZE_INFORMATION{total, free, sectors, sector}, buffer, size, done);
        case FileFsFullSizeInformation:
            return give(FILE_FS_FULL_SIZE_INFORMATION{total, free, large(static_cast<int64_t>(info.f_bfree)),
                                                      sectors, sector},
                        buffer, size, done);
        case FileFsAttributeInformation:
            if (size < offsetof(FILE_FS_ATTRIBUTE_INFORMATION, FileSystemName))
                return STATUS_INFO_LENGTH_MISMATCH;
            *static_cast<ULONG*>(buffer) = FILE_CASE_PRESERVED_NAMES | FILE_UNICODE_ON_DISK;
            static_cast<PFILE_FS_ATTRIBUTE_INFORMATION>(buffer)->MaximumComponentNameLength = 255;
            return give_name(file_system, offsetof(FILE_FS_ATTRIBUTE_INFORMATION, FileSystemNameLength),
                             offsetof(FILE_FS_ATTRIBUTE_INFORMATION, FileSystemName), buffer, size, done);
        default:
            return STATUS_INVALID_INFO_CLASS;
    }
}

NTSTATUS query_directory(OpenFile& file, FILE_INFORMATION_CLASS information, bool single, void* buffer,
                         ULONG size, ULONG_PTR& done) {
    const auto* const layout =
        std::find_if(std::begin(layouts), std::end(layouts),
                     [&](const Layout& candidate) { return candidate.information == information; });
    if (layout == std::end(layouts)) return STATUS_INVALID_INFO_CLASS;
    auto* const start = static_cast<char*>(buffer);
    char* last = nullptr;
    size_t at = 0;
    Entry entry;
    for (NTSTATUS status; NT_SUCCESS(status = file.next_entry(entry)) || !last;) {
        if (!NT_SUCCESS(status)) return status;
        const size_t name = entry.name.size() * sizeof(WCHAR);
        const size_t room = size > at ? size - at : 0;
        if (room < layout->name_at + (last ? name : 0)) {
            file.put_back();
            if (last) return STATUS_SUCCESS;
            return STATUS_INFO_LENGTH_MISMATCH;
        }
        const size_t fit = std::min(name, (room - layout->name_at) & ~size_t{1});
        put_entry(*layout, entry, start + at, fit);
        if (last) *reinterpret_cast<ULONG*>(last) = static_cast<ULONG>(start + at - last);
        last = start + at;
        done = at + layout->name_at + fit;
        at = (done + 7) & ~size_t{7};
        if (fit < name) return STATUS_BUFFER_OVERFLOW;
        if (single) break;
    }
    return STATUS_SUCCESS;
}

NTSTATUS set_file(OpenFile& file, const Folder& folder, FILE_INFORMATION_CLASS information,
                  const void* buffer, ULONG size) {
    switch (information) {
        case FileBasicInformation: {
            const auto* const wanted = as<FILE_BASIC_INFORMATION>(buffer, size);
            return wanted ? set_basic(file, *wanted) : STATUS_INFO_LENGTH_MISMATCH;
        }
        case FileEndOfFileInformation: {
            const auto* const end = as<FILE_END_OF_FILE_INFORMATION>(buffer, size);
            if (!end) return STATUS_INFO_LENGTH_MISMATCH;
            return file.access() & FILE_WRITE_DATA ? file.set_size(end->EndOfFile.QuadPart)
                                                   : STATUS_ACCESS_DENIED;
        }
        case FileAllocationInformation: {
            // Room is the host's matter; what is less than the size cuts the file.
            const auto* const end = as<LARGE_INTEGER>(buffer, size);
            struct stat info;
            if (!end) return STATUS_INFO_LENGTH_MISMATCH;
            if (!(file.access() & FILE_WRITE_DATA)) return STATUS_ACCESS_DENIED;
            if (const NTSTATUS status = file.info(info); !NT_SUCCESS(status)) return status;
            return end->QuadPart < info.st_size ? file.set_size(end->QuadPart) : STATUS_SUCCESS;
        }
        case FileDispositionInformation: {
            const auto* const disposition = as<FILE_DISPOSITION_INFORMATION>(buffer, size);
            if (!disposition) return STATUS_INFO_LENGTH_MISMATCH;
            return file.access() & DELETE ? file.set_delete(disposition->DeleteFile) : STATUS_ACCESS_DENIED;
        }
        case FileRenameInformation:
            return rename(file, folder, buffer, size);
        default:
            return STATUS_INVALID_INFO_CLASS;
    }
}

}  // namespace ndiskit::nt::files
