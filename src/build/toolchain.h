// Where the tools and headers are. The compiler is one version on purpose: the host's sanitizer runtimes must
// match the instrumentation of the drivers.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace ndiskit::build {

namespace fs = std::filesystem;

struct Toolchain {
    std::string clang, clangxx, lld_link, dlltool, rc;
    fs::path ddk;            // the kit's include/ and lib/
    fs::path mingw_include;  // the NT base headers of mingw-w64
    fs::path clang_include;  // clang's own headers
    fs::path cache;          // import libraries and start-up code, named by content
};

// NDISKIT_DDK and NDISKIT_CACHE in the environment override the folders.
Result<Toolchain> find_toolchain();

// The library `name` (ntoskrnl, hal, ndis ...) out of ddk/lib/NAME.def, or made of the sources in
// ddk/lib/NAME/, or both as two files. Kept in the cache under a name with the hash of what it is made from.
Result<std::vector<fs::path>> library(const Toolchain& tools, const std::string& name);

// Whether ddk/lib knows `name`.
bool has_library(const Toolchain& tools, const std::string& name);

// Options that choose target and headers, common to all compilations for the kernel.
std::vector<std::string> target_options(const Toolchain& tools, bool cxx);

// 16 hexadecimal digits that stand for a text's content.
std::string content_hash(std::string_view text);

}  // namespace ndiskit::build
