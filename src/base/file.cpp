#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ndiskit {
namespace {

struct Descriptor {
    int fd;
    ~Descriptor() {
        if (fd >= 0) ::close(fd);
    }
};

template <class Buffer>
Result<Buffer> read_into(const std::filesystem::path& path) {
    Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (file.fd < 0) return fail_errno("cannot open the file", path.string());
    struct stat status {};
    if (::fstat(file.fd, &status) != 0) return fail_errno("cannot examine the file", path.string());
    if (S_ISDIR(status.st_mode)) return fail("is a folder, not a file", path.string());
    Buffer content;
    content.resize(static_cast<size_t>(status.st_size));
    size_t have = 0;
    for (;;) {
        if (have == content.size()) content.resize(have + 4096);
        const ssize_t got = ::read(file.fd, content.data() + have, content.size() - have);
        if (got < 0) return fail_errno("cannot read the file", path.string());
        if (got == 0) break;
        have += static_cast<size_t>(got);
    }
    content.resize(have);
    return content;
}

}  // namespace

Result<std::vector<std::byte>> read_file(const std::filesystem::path& path) {
    return read_into<std::vector<std::byte>>(path);
}

Result<std::string> read_text_file(const std::filesystem::path& path) { return read_into<std::string>(path); }

std::filesystem::path program_file() {
    std::error_code ignored;
    return std::filesystem::read_symlink("/proc/self/exe", ignored);
}

Result<> write_file(const std::filesystem::path& path, std::span<const std::byte> content) {
    const std::string temporary = path.string() + ".new";
    {
        Descriptor file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
        if (file.fd < 0) return fail_errno("cannot create the file", temporary);
        size_t done = 0;
        while (done < content.size()) {
            const ssize_t put = ::write(file.fd, content.data() + done, content.size() - done);
            if (put < 0) return fail_errno("cannot write the file", temporary);
            done += static_cast<size_t>(put);
        }
    }
    if (::rename(temporary.c_str(), path.c_str()) != 0)
        return fail_errno("cannot replace the file", path.string());
    return {};
}

Result<> write_text_file(const std::filesystem::path& path, std::string_view content) {
    return write_file(path, std::as_bytes(std::span(content)));
}

}  // namespace ndiskit
