// NdisOpenFile and its family: a file is read whole when it is opened, and mapped by at most one caller at a
// time. Names are those of one folder, compared without case; a name with a path in it is not found.

#include "ndis/services/file.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>

#include "base/file.h"
#include "ndis/nbl/abi.h"
#include "ndis/nbl/fault.h"

using namespace ndiskit;

namespace {

// What a file handle is. The data is on a page boundary, as a mapping of Windows would be.
struct OpenFile {
    static constexpr uint32_t live = 0x656c6966;

    uint32_t mark = live;
    std::atomic<bool> mapped = false;
    std::vector<std::byte> storage;

    void* data() {
        const auto start = reinterpret_cast<uintptr_t>(storage.data());
        return reinterpret_cast<void*>((start + PAGE_SIZE - 1) & ~uintptr_t{PAGE_SIZE - 1});
    }
};

// Set before drivers run.
std::filesystem::path& folder() {
    static std::filesystem::path path;
    return path;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

// Empty when there is none.
std::filesystem::path find_file(const NDIS_STRING& name) {
    std::string wanted;
    for (size_t i = 0; i < name.Length / sizeof(WCHAR); i++) {
        const WCHAR c = name.Buffer[i];
        if (c == '\\' || c == '/' || c == ':' || c > 0x7e) return {};
        wanted += static_cast<char>(c);
    }
    if (folder().empty()) return {};
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder(), error))
        if (entry.is_regular_file(error) && lower(entry.path().filename().string()) == lower(wanted))
            return entry.path();
    return {};
}

OpenFile& file_of(NDIS_HANDLE handle) {
    auto* file = static_cast<OpenFile*>(handle);
    if (!file || file->mark != OpenFile::live)
        ndis::misuse("a handle that is no open file is used as one", handle);
    return *file;
}

}  // namespace

namespace ndiskit::ndis {

void set_driver_files_folder(std::filesystem::path path) { folder() = std::move(path); }

}  // namespace ndiskit::ndis

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisopenfile
void NTAPI NdisOpenFile(PNDIS_STATUS Status, PNDIS_HANDLE FileHandle, PUINT FileLength, PNDIS_STRING FileName,
                        NDIS_PHYSICAL_ADDRESS HighestAcceptableAddress) {
    *FileHandle = nullptr;
    *FileLength = 0;
    const std::filesystem::path path = find_file(*FileName);
    if (path.empty()) {
        *Status = NDIS_STATUS_FILE_NOT_FOUND;
        return;
    }
    auto content = read_file(path);
    if (!content || content->size() > UINT32_MAX - 2 * PAGE_SIZE) {
        *Status = NDIS_STATUS_ERROR_READING_FILE;
        return;
    }
    auto file = std::make_unique<OpenFile>();
    file->storage.resize(content->size() + PAGE_SIZE);
    std::ranges::copy(*content, static_cast<std::byte*>(file->data()));
    *FileLength = static_cast<UINT>(content->size());
    *FileHandle = file.release();
    *Status = NDIS_STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismapfile
void NTAPI NdisMapFile(PNDIS_STATUS Status, PVOID* MappedBuffer, NDIS_HANDLE FileHandle) {
    OpenFile& file = file_of(FileHandle);
    const bool taken = file.mapped.exchange(true);
    *MappedBuffer = taken ? nullptr : file.data();
    *Status = taken ? NDIS_STATUS_ALREADY_MAPPED : NDIS_STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisunmapfile
void NTAPI NdisUnmapFile(NDIS_HANDLE FileHandle) { file_of(FileHandle).mapped = false; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisclosefile
void NTAPI NdisCloseFile(NDIS_HANDLE FileHandle) {
    OpenFile& file = file_of(FileHandle);
    file.mark = 0;
    delete &file;
}

}  // extern "C"
