// A folder of the host as the root of a volume: NT paths in it, names without regard to case, and nothing
// outside it. Each component is looked up in the directory that the one before has opened, and links of the
// host are never followed, so that no path leads out. This file knows nothing of IRPs.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "nt/abi/types.h"

namespace ndiskit::nt::files {

class Handle {
  public:
    Handle() = default;
    explicit Handle(int fd) : fd_(fd) {}
    Handle(Handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Handle();
    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    Handle duplicate() const;

  private:
    int fd_ = -1;
};

NTSTATUS status_of_errno(int error);
// 100 ns since 1601.
int64_t nt_time(const timespec& time);
timespec host_time(int64_t nt_time);

// What a path names: the directory that holds it, and its name there as the host spells it.
struct Place {
    NTSTATUS status = 0;  // STATUS_OBJECT_NAME_NOT_FOUND: only the last name is not there
    Handle parent;
    std::string name;  // "." for the root
    struct stat info = {};

    bool exists() const { return status == 0; }
    bool is_root() const { return name == "."; }
};

struct Entry {
    std::u16string name;
    struct stat info;
};

class Folder {
  public:
    static Result<Folder> open(const std::filesystem::path& path);

    // "\\Windows\\System32"; empty and "\\" are the root.
    Place find(std::u16string_view path) const;
    int root() const { return root_.get(); }

  private:
    explicit Folder(Handle root) : root_(std::move(root)) {}

    Handle root_;
};

// What is in an open directory, in the order of names without regard to case; links of the host are left out.
NTSTATUS list(int directory, std::vector<Entry>& entries);
// The pattern of a directory query: * and ?, and < > " as their like in names of DOS.
bool matches(std::u16string_view pattern, std::u16string_view name);

}  // namespace ndiskit::nt::files
