#include "nt/files/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "nt/abi.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::files {

namespace {

constexpr int64_t ticks_a_second = 10'000'000, seconds_to_1970 = 11'644'473'600;
constexpr size_t longest_name = 255;

bool is_kept(const struct stat& info) { return S_ISREG(info.st_mode) || S_ISDIR(info.st_mode); }

// A name that can stand in a path of Windows; "." and ".." are none, and nothing that the host reads as more
// than a name.
bool valid_name(std::u16string_view name) {
    if (name.empty() || name == u"." || name == u"..") return false;
    return std::all_of(name.begin(), name.end(), [](char16_t c) {
        return c >= 0x20 && std::u16string_view(u"\"*/:<>?|\\").find(c) == std::u16string_view::npos;
    });
}

struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
};

// Calls `visit(name)` for each name in the directory but . and ..; false when it cannot be read.
template <class Visit>
bool for_each_name(int directory, Visit visit) {
    const int own = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own < 0) return false;
    const std::unique_ptr<DIR, CloseDirectory> stream(fdopendir(own));
    if (!stream) return ::close(own), false;
    while (const dirent* entry = readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") visit(name);
    }
    return true;
}

// The host's spelling of a name in a directory; the first in the order of bytes when several differ in case
// only.
NTSTATUS look_up(int directory, std::u16string_view name, std::string& found, struct stat& info) {
    found = to_utf8(name);
    if (found.size() > longest_name) return STATUS_OBJECT_NAME_INVALID;
    if (fstatat(directory, found.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno != ENOENT) return status_of_errno(errno);
        std::string best;
        for_each_name(directory, [&](std::string_view other) {
            if ((best.empty() || other < best) && same_text(to_utf16(other), name)) best = other;
        });
        if (best.empty()) return STATUS_OBJECT_NAME_NOT_FOUND;
        found = best;
        if (fstatat(directory, found.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return status_of_errno(errno);
    }
    return is_kept(info) ? STATUS_SUCCESS : STATUS_ACCESS_DENIED;
}

}  // namespace

Handle::~Handle() {
    if (fd_ >= 0) ::close(fd_);
}

Handle Handle::duplicate() const { return Handle(fcntl(fd_, F_DUPFD_CLOEXEC, 0)); }

NTSTATUS status_of_errno(int error) {
    switch (error) {
        case ENOENT:
            return STATUS_OBJECT_NAME_NOT_FOUND;
        case ENOTDIR:
            return STATUS_OBJECT_PATH_NOT_FOUND;
        case EEXIST:
            return STATUS_OBJECT_NAME_COLLISION;
        case EACCES:
        case EPERM:
        case ELOOP:
            return STATUS_ACCESS_DENIED;
        case EROFS:
            return STATUS_MEDIA_WRITE_PROTECTED;
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return STATUS_DISK_FULL;
        case ENOTEMPTY:
            return STATUS_DIRECTORY_NOT_EMPTY;
        case EISDIR:
            return STATUS_FILE_IS_A_DIRECTORY;
        case ENAMETOOLONG:
            return STATUS_OBJECT_NAME_INVALID;
        case EMFILE:
        case ENFILE:
        case ENOMEM:
            return STATUS_INSUFFICIENT_RESOURCES;
        default:
            return STATUS_UNSUCCESSFUL;
    }
}

int64_t nt_time(const timespec& time) {
    return (time.tv_sec + seconds_to_1970) * ticks_a_second + time.tv_nsec / 100;
}

timespec host_time(int64_t nt_time) {
    return {nt_time / ticks_a_second - seconds_to_1970, (nt_time % ticks_a_second) * 100};
}

Result<Folder> Folder::open(const std::filesystem::path& path) {
    Handle root(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) return fail_errno("cannot open the folder of the machine's files", path.string());
    return Folder(std::move(root));
}

Place Folder::find(std::u16string_view path) const {
    Place place;
    place.parent = root_.duplicate();
    if (!place.parent) place.status = status_of_errno(errno);
    if (path.starts_with(u'\\')) path.remove_prefix(1);
    if (path.ends_with(u'\\')) path.remove_suffix(1);
    if (path.empty() && place.exists()) {
        place.name = ".";
        if (fstat(root_.get(), &place.info) != 0) place.status = status_of_errno(errno);
    }
    while (!path.empty() && place.exists()) {
        const size_t end = std::min(path.find(u'\\'), path.size());
        const std::u16string_view name = path.substr(0, end);
        const bool last = end == path.size();
        path.remove_prefix(last ? end : end + 1);
        place.status = valid_name(name) ? look_up(place.parent.get(), name, place.name, place.info)
                                        : STATUS_OBJECT_NAME_INVALID;
        if (last) break;
        if (place.status == STATUS_OBJECT_NAME_NOT_FOUND) place.status = STATUS_OBJECT_PATH_NOT_FOUND;
        if (!place.exists()) break;
        Handle below(
            openat(place.parent.get(), place.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!below) place.status = status_of_errno(errno);
        place.parent = std::move(below);
    }
    return place;
}

NTSTATUS list(int directory, std::vector<Entry>& entries) {
    const bool read = for_each_name(directory, [&](std::string_view name) {
        Entry entry{to_utf16(name), {}};
        const std::string own(name);
        if (fstatat(directory, own.c_str(), &entry.info, AT_SYMLINK_NOFOLLOW) == 0 && is_kept(entry.info) &&
            valid_name(entry.name))
            entries.push_back(std::move(entry));
    });
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        const int order = compare_text(a.name, b.name, true);
        return order ? order < 0 : a.name < b.name;
    });
    return read ? STATUS_SUCCESS : status_of_errno(errno);
}

bool matches(std::u16string_view pattern, std::u16string_view name) {
    // Two places: after the last star the rest of the pattern is tried at each later place of the name.
    size_t p = 0, n = 0, star = std::u16string_view::npos, from = 0;
    while (n < name.size()) {
        const char16_t c = p < pattern.size() ? pattern[p] : u'\0';
        if (c == '*' || c == '<') {
            star = p++;
            from = n;
        } else if (c == '?' || c == '>' || (c == '"' && name[n] == '.') ||
                   (c && upcase(c) == upcase(name[n]))) {
            ++p;
            ++n;
        } else if (star != std::u16string_view::npos) {
            p = star + 1;
            n = ++from;
        } else {
            return false;
        }
    }
    // What is left may stand for nothing: stars, and ".*" behind a name without extension.
    while (p < pattern.size() && (pattern[p] == '*' || pattern[p] == '<' || pattern[p] == '>')) ++p;
    const auto rest = pattern.substr(p);
    return rest.empty() || rest == u"\"" ||
           ((rest == u".*" || rest == u"\"*") && name.find(u'.') == name.npos);
}

}  // namespace ndiskit::nt::files
