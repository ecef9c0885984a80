// Files and directories that are open: who shares them how, what is to be deleted when the last open of it
// ends. One entry a file of the host (its device and inode) stands in a table; the opens of a file count
// there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "nt/abi/files.h"
#include "nt/files/folder.h"

namespace ndiskit::nt::files {

struct CreateRequest {
    std::u16string_view path;
    ACCESS_MASK access = 0;  // without generic rights
    ULONG share = 0;
    ULONG disposition = FILE_OPEN;
    ULONG options = 0;
    ULONG attributes = 0;
};

class OpenFile {
  public:
    // `information` receives FILE_OPENED, FILE_CREATED ...
    static NTSTATUS create(const Folder& folder, const CreateRequest& request,
                           std::unique_ptr<OpenFile>& file, ULONG& information);
    // The handle is closed: shares end, and a file that is to be deleted goes with its last open.
    void close();

    bool is_directory() const { return directory_; }
    const std::pair<uint64_t, uint64_t>& id() const { return id_; }
    ACCESS_MASK access() const { return access_; }
    std::u16string path() const;
    NTSTATUS info(struct stat& info) const;
    bool delete_pending() const;
    // What sections of the file map. While it has some it does not become shorter.
    int host_handle() const { return handle_.get(); }
    void count_sections(int step) const;

    // At most `size` bytes from `offset`; STATUS_END_OF_FILE behind the last.
    NTSTATUS read(int64_t offset, void* buffer, size_t size, size_t& done) const;
    NTSTATUS write(int64_t offset, const void* buffer, size_t size, size_t& done) const;
    NTSTATUS flush() const;
    NTSTATUS set_size(int64_t size) const;
    // 0 leaves a time as it is.
    NTSTATUS set_times(int64_t access, int64_t write) const;
    NTSTATUS set_read_only(bool read_only) const;
    NTSTATUS set_delete(bool wanted) const;
    NTSTATUS rename(const Folder& folder, std::u16string_view path, bool replace);

    // The next entries of a directory query. `pattern` counts at the first call, or when there was none;
    // `restart` begins again.
    void begin_listing(std::u16string_view pattern, bool restart);
    bool listing_began() const;
    NTSTATUS next_entry(Entry& entry);
    void put_back();  // the last one did not fit

  private:
    struct Where {
        Handle parent;
        std::string name;
        std::u16string path;
    };
    struct Listing {
        std::u16string pattern;
        std::vector<Entry> entries;
        size_t next = 0;
        bool began = false, any = false;
    };
    OpenFile(Handle handle, Place&& place, const CreateRequest& request);

    Handle handle_;
    Guarded<Where, LockRank::nt_leaf> where_;
    Guarded<Listing, LockRank::nt_leaf> listing_;
    std::pair<uint64_t, uint64_t> id_;
    ACCESS_MASK access_;
    ULONG share_;
    bool directory_;
    bool delete_on_close_;
    bool closed_ = false;
};

}  // namespace ndiskit::nt::files
