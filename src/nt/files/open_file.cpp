#include "nt/files/open_file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <map>

#include "nt/abi.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::files {

namespace {

using Id = std::pair<uint64_t, uint64_t>;

// How often a file is open in each way. Opens that neither read, write nor delete share with everybody.
struct Shares {
    int opens = 0;
    int counted = 0, readers = 0, writers = 0, deleters = 0;
    int shared_read = 0, shared_write = 0, shared_delete = 0;
    bool delete_pending = false;
};
Guarded<std::map<Id, Shares>, LockRank::nt_leaf> open_files;
// How many sections each file has; they may outlive the handles to it.
Guarded<std::map<Id, int>, LockRank::nt_leaf> sections;

struct Wanted {
    bool read, write, remove;
    Wanted(ACCESS_MASK access)
        : read(access & (FILE_READ_DATA | FILE_EXECUTE)),
          write(access & (FILE_WRITE_DATA | FILE_APPEND_DATA)),
          remove(access & DELETE) {}
    bool counts() const { return read || write || remove; }
};

void count(Shares& shares, ACCESS_MASK access, ULONG share, int step) {
    shares.opens += step;
    const Wanted wanted(access);
    if (!wanted.counts()) return;
    shares.counted += step;
    if (wanted.read) shares.readers += step;
    if (wanted.write) shares.writers += step;
    if (wanted.remove) shares.deleters += step;
    if (share & FILE_SHARE_READ) shares.shared_read += step;
    if (share & FILE_SHARE_WRITE) shares.shared_write += step;
    if (share & FILE_SHARE_DELETE) shares.shared_delete += step;
}

NTSTATUS begin_sharing(const Id& id, ACCESS_MASK access, ULONG share) {
    return open_files.with([&](auto& all) -> NTSTATUS {
        Shares& s = all[id];
        if (s.delete_pending) return STATUS_DELETE_PENDING;
        const Wanted wanted(access);
        const bool refused =
            (wanted.read && s.shared_read < s.counted) || (wanted.write && s.shared_write < s.counted) ||
            (wanted.remove && s.shared_delete < s.counted) || (s.readers && !(share & FILE_SHARE_READ)) ||
            (s.writers && !(share & FILE_SHARE_WRITE)) || (s.deleters && !(share & FILE_SHARE_DELETE));
        if (wanted.counts() && refused) return STATUS_SHARING_VIOLATION;
        count(s, access, share, 1);
        return STATUS_SUCCESS;
    });
}

bool needs_write(ACCESS_MASK access) {
    return access & (FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_ATTRIBUTES);
}

Id id_of(const struct stat& info) { return {info.st_dev, info.st_ino}; }

Handle open_at(const Place& place, int flags, mode_t mode = 0666) {
    return Handle(
        openat(place.parent.get(), place.name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode));
}

// Opens what is there: to write when that is asked for, and only then, so that read-only files can be read.
Handle open_existing(const Place& place, ACCESS_MASK access, bool overwrite) {
    if (S_ISDIR(place.info.st_mode)) return open_at(place, O_RDONLY | O_DIRECTORY);
    const bool data = access & (FILE_WRITE_DATA | FILE_APPEND_DATA);
    if (data || overwrite) return open_at(place, O_RDWR);
    Handle handle = needs_write(access) ? open_at(place, O_RDWR) : Handle();
    return handle ? std::move(handle) : open_at(place, O_RDONLY);
}

Handle create_new(const Place& place, const CreateRequest& request) {
    if (!(request.options & FILE_DIRECTORY_FILE)) {
        const mode_t mode = request.attributes & FILE_ATTRIBUTE_READONLY ? 0444 : 0666;
        return open_at(place, O_RDWR | O_CREAT | O_EXCL, mode);
    }
    if (mkdirat(place.parent.get(), place.name.c_str(), 0777) != 0) return Handle();
    return open_at(place, O_RDONLY | O_DIRECTORY);
}

// With a backslash at its end a name is a directory's.
bool names_directory(const CreateRequest& request) {
    return request.path.size() > 1 && request.path.back() == u'\\';
}

// What the disposition says about a file that is there, and the kind that the caller wants.
NTSTATUS may_open_existing(const Place& place, const CreateRequest& request) {
    const bool directory = S_ISDIR(place.info.st_mode);
    if (request.disposition == FILE_CREATE) return STATUS_OBJECT_NAME_COLLISION;
    if (directory && request.options & FILE_NON_DIRECTORY_FILE) return STATUS_FILE_IS_A_DIRECTORY;
    if (!directory && request.options & FILE_DIRECTORY_FILE) return STATUS_NOT_A_DIRECTORY;
    if (!directory && names_directory(request)) return STATUS_OBJECT_NAME_INVALID;
    const bool replaces = request.disposition != FILE_OPEN && request.disposition != FILE_OPEN_IF;
    if (directory && replaces)
        return request.options & FILE_DIRECTORY_FILE ? STATUS_INVALID_PARAMETER
                                                     : STATUS_OBJECT_NAME_COLLISION;
    const bool read_only = !(place.info.st_mode & S_IWUSR);
    if (!directory && read_only && (replaces || request.access & (FILE_WRITE_DATA | FILE_APPEND_DATA)))
        return STATUS_ACCESS_DENIED;
    if (read_only && request.options & FILE_DELETE_ON_CLOSE) return STATUS_CANNOT_DELETE;
    return STATUS_SUCCESS;
}

NTSTATUS check_request(const CreateRequest& request) {
    constexpr ULONG both = FILE_DIRECTORY_FILE | FILE_NON_DIRECTORY_FILE;
    if (request.disposition > FILE_OVERWRITE_IF || (request.options & both) == both)
        return STATUS_INVALID_PARAMETER;
    // A directory is made or opened; nothing takes its place.
    const bool replaces = request.disposition == FILE_SUPERSEDE || request.disposition == FILE_OVERWRITE ||
                          request.disposition == FILE_OVERWRITE_IF;
    if (request.options & FILE_DIRECTORY_FILE && replaces) return STATUS_INVALID_PARAMETER;
    if (request.options & FILE_NON_DIRECTORY_FILE && names_directory(request))
        return STATUS_OBJECT_NAME_INVALID;
    if (request.options & FILE_OPEN_BY_FILE_ID) return STATUS_NOT_SUPPORTED;
    if (request.options & FILE_DELETE_ON_CLOSE && !(request.access & DELETE)) return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

bool creates(ULONG disposition) { return disposition != FILE_OPEN && disposition != FILE_OVERWRITE; }

ULONG information_of(bool existed, ULONG disposition) {
    if (!existed) return FILE_CREATED;
    if (disposition == FILE_SUPERSEDE) return FILE_SUPERSEDED;
    return disposition == FILE_OVERWRITE || disposition == FILE_OVERWRITE_IF ? 3u /* FILE_OVERWRITTEN */
                                                                             : FILE_OPENED;
}

NTSTATUS status_of(int result) { return result == 0 ? STATUS_SUCCESS : status_of_errno(errno); }

}  // namespace

OpenFile::OpenFile(Handle handle, Place&& place, const CreateRequest& request)
    : handle_(std::move(handle)),
      id_(id_of(place.info)),
      access_(request.access),
      share_(request.share),
      directory_(S_ISDIR(place.info.st_mode)),
      delete_on_close_(request.options & FILE_DELETE_ON_CLOSE) {
    where_.with([&](Where& where) {
        where.parent = std::move(place.parent);
        where.name = std::move(place.name);
        where.path = request.path.empty() ? u"\\" : std::u16string(request.path);
    });
}

NTSTATUS OpenFile::create(const Folder& folder, const CreateRequest& request, std::unique_ptr<OpenFile>& file,
                          ULONG& information) {
    if (const NTSTATUS status = check_request(request); !NT_SUCCESS(status)) return status;
    Place place = folder.find(request.path);
    const bool existed = place.exists();
    information = existed ? FILE_EXISTS : FILE_DOES_NOT_EXIST;
    if (!existed && (place.status != STATUS_OBJECT_NAME_NOT_FOUND || !creates(request.disposition)))
        return place.status;
    if (!existed && names_directory(request) && !(request.options & FILE_DIRECTORY_FILE))
        return STATUS_OBJECT_NAME_INVALID;
    if (existed) {
        const NTSTATUS status = may_open_existing(place, request);
        if (!NT_SUCCESS(status)) return status;
    }
    const bool replaces = existed && request.disposition != FILE_OPEN && request.disposition != FILE_OPEN_IF;
    Handle handle = existed ? open_existing(place, request.access, replaces) : create_new(place, request);
    if (!handle || fstat(handle.get(), &place.info) != 0) return status_of_errno(errno);
    if (!S_ISREG(place.info.st_mode) && !S_ISDIR(place.info.st_mode)) return STATUS_ACCESS_DENIED;
    if (const NTSTATUS status = begin_sharing(id_of(place.info), request.access, request.share);
        !NT_SUCCESS(status))
        return status;
    file.reset(new OpenFile(std::move(handle), std::move(place), request));
    information = information_of(existed, request.disposition);
    const NTSTATUS status = replaces ? file->set_size(0) : STATUS_SUCCESS;
    if (!NT_SUCCESS(status)) file->close();
    return status;
}

void OpenFile::close() {
    if (std::exchange(closed_, true)) return;
    const bool remove = open_files.with([&](auto& all) {
        const auto found = all.find(id_);
        Shares& shares = found->second;
        count(shares, access_, share_, -1);
        shares.delete_pending |= delete_on_close_;
        if (shares.opens) return false;
        const bool pending = shares.delete_pending;
        all.erase(found);
        return pending;
    });
    if (remove)
        where_.with([&](Where& where) {
            unlinkat(where.parent.get(), where.name.c_str(), directory_ ? AT_REMOVEDIR : 0);
        });
}

std::u16string OpenFile::path() const {
    return const_cast<OpenFile*>(this)->where_.with([](Where& where) { return where.path; });
}

NTSTATUS OpenFile::info(struct stat& info) const { return status_of(fstat(handle_.get(), &info)); }

bool OpenFile::delete_pending() const {
    return open_files.with([&](auto& all) {
        const auto found = all.find(id_);
        return found != all.end() && found->second.delete_pending;
    });
}

void OpenFile::count_sections(int step) const {
    sections.with([&](auto& all) {
        if ((all[id_] += step) == 0) all.erase(id_);
    });
}

NTSTATUS OpenFile::read(int64_t offset, void* buffer, size_t size, size_t& done) const {
    done = 0;
    if (directory_) return STATUS_INVALID_DEVICE_REQUEST;
    if (offset < 0) return STATUS_INVALID_PARAMETER;
    while (done < size) {
        const ssize_t n = pread(handle_.get(), static_cast<char*>(buffer) + done, size - done,
                                offset + static_cast<int64_t>(done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return status_of_errno(errno);
        if (n == 0) break;
        done += static_cast<size_t>(n);
    }
    return size && !done ? STATUS_END_OF_FILE : STATUS_SUCCESS;
}

NTSTATUS OpenFile::write(int64_t offset, const void* buffer, size_t size, size_t& done) const {
    done = 0;
    if (directory_) return STATUS_INVALID_DEVICE_REQUEST;
    if (offset < 0) return STATUS_INVALID_PARAMETER;
    while (done < size) {
        const ssize_t n = pwrite(handle_.get(), static_cast<const char*>(buffer) + done, size - done,
                                 offset + static_cast<int64_t>(done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return n ? status_of_errno(errno) : STATUS_DISK_FULL;
        done += static_cast<size_t>(n);
    }
    return STATUS_SUCCESS;
}

NTSTATUS OpenFile::flush() const { return status_of(fsync(handle_.get())); }

NTSTATUS OpenFile::set_size(int64_t size) const {
    if (directory_ || size < 0) return STATUS_INVALID_PARAMETER;
    struct stat now;
    if (const NTSTATUS status = info(now); !NT_SUCCESS(status)) return status;
    if (size < now.st_size && sections.with([&](auto& all) { return all.contains(id_); }))
        return STATUS_USER_MAPPED_FILE;
    return status_of(ftruncate(handle_.get(), size));
}

NTSTATUS OpenFile::set_times(int64_t access, int64_t write) const {
    auto time = [](int64_t value) { return value > 0 ? host_time(value) : timespec{0, UTIME_OMIT}; };
    const timespec times[] = {time(access), time(write)};
    return status_of(futimens(handle_.get(), times));
}

NTSTATUS OpenFile::set_read_only(bool read_only) const {
    struct stat now;
    if (directory_) return STATUS_SUCCESS;
    if (const NTSTATUS status = info(now); !NT_SUCCESS(status)) return status;
    const mode_t mode = read_only ? now.st_mode & ~0222u : now.st_mode | S_IWUSR;
    return status_of(fchmod(handle_.get(), mode & 07777));
}

NTSTATUS OpenFile::set_delete(bool wanted) const {
    struct stat now;
    if (const NTSTATUS status = info(now); !NT_SUCCESS(status)) return status;
    const bool root =
        const_cast<OpenFile*>(this)->where_.with([](Where& where) { return where.name == "."; });
    if (wanted && (root || (!directory_ && !(now.st_mode & S_IWUSR)))) return STATUS_CANNOT_DELETE;
    if (wanted && directory_) {
        std::vector<Entry> entries;
        if (const NTSTATUS status = list(handle_.get(), entries); !NT_SUCCESS(status)) return status;
        if (!entries.empty()) return STATUS_DIRECTORY_NOT_EMPTY;
    }
    open_files.with([&](auto& all) { all[id_].delete_pending = wanted; });
    return STATUS_SUCCESS;
}

NTSTATUS OpenFile::rename(const Folder& folder, std::u16string_view path, bool replace) {
    std::u16string whole(path);
    if (path.find(u'\\') == path.npos) {
        const std::u16string own = this->path();
        whole = own.substr(0, own.rfind(u'\\') + 1) + whole;
    }
    Place target = folder.find(whole);
    if (!target.exists() && target.status != STATUS_OBJECT_NAME_NOT_FOUND) return target.status;
    if (target.exists() && id_of(target.info) != id_) {
        if (!replace) return STATUS_OBJECT_NAME_COLLISION;
        const Id id = id_of(target.info);
        const bool in_use = open_files.with([&](auto& all) { return all.contains(id); });
        if (S_ISDIR(target.info.st_mode) || in_use) return STATUS_ACCESS_DENIED;
    } else if (target.exists()) {
        target.name = to_utf8(whole.substr(whole.rfind(u'\\') + 1));  // only the case changes
    }
    return where_.with([&](Where& where) -> NTSTATUS {
        if (where.name == ".") return STATUS_ACCESS_DENIED;
        if (renameat(where.parent.get(), where.name.c_str(), target.parent.get(), target.name.c_str()) != 0)
            return errno == EXDEV ? STATUS_NOT_SAME_DEVICE : status_of_errno(errno);
        where = {std::move(target.parent), std::move(target.name), std::move(whole)};
        return STATUS_SUCCESS;
    });
}

void OpenFile::begin_listing(std::u16string_view pattern, bool restart) {
    std::vector<Entry> entries;
    const bool fresh = listing_.with([&](Listing& listing) { return restart || !listing.began; });
    if (!fresh) return;
    list(handle_.get(), entries);
    listing_.with([&](Listing& listing) {
        if (!listing.began) listing.pattern = pattern.empty() ? u"*" : pattern;
        listing.began = true;
        listing.entries = std::move(entries);
        listing.next = 0;
    });
}

bool OpenFile::listing_began() const {
    return const_cast<OpenFile*>(this)->listing_.with([](Listing& listing) { return listing.any; });
}

NTSTATUS OpenFile::next_entry(Entry& entry) {
    return listing_.with([&](Listing& listing) -> NTSTATUS {
        while (listing.next < listing.entries.size()) {
            entry = listing.entries[listing.next++];
            if (!matches(listing.pattern, entry.name)) continue;
            listing.any = true;
            return STATUS_SUCCESS;
        }
        return listing.any ? STATUS_NO_MORE_FILES : STATUS_NO_SUCH_FILE;
    });
}

void OpenFile::put_back() {
    listing_.with([](Listing& listing) { --listing.next; });
}

}  // namespace ndiskit::nt::files
