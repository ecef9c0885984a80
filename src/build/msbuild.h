// The language of MSBuild files as far as driver projects use it: named properties, $(Name) in texts, and the
// conditions of elements. Names are case-insensitive. Values are expanded when they are set, so there is no
// recursion; a value that grows beyond all sense is an error, not a full memory.
//
// https://learn.microsoft.com/visualstudio/msbuild/msbuild-conditions
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ndiskit::build {

namespace fs = std::filesystem;

struct CaselessLess {
    bool operator()(std::string_view a, std::string_view b) const;
    using is_transparent = void;
};
bool equal_caseless(std::string_view a, std::string_view b);

using Values = std::map<std::string, std::string, CaselessLess>;

class Properties {
  public:
    // A fixed property keeps its value whatever the file says (Configuration, Platform).
    void fix(std::string name, std::string value);
    void set(std::string_view name, std::string value);
    std::string_view get(std::string_view name) const;

    // `text` with each $(Name) replaced by its value and, when `metadata` is given, each %(Name) by the value
    // there. An unknown name gives nothing; so do property functions, $([...]) and $(registry:...), but for
    // $(Name.Split('.')[0]).
    Result<std::string> expand(std::string_view text, const Values* metadata = nullptr) const;

  private:
    Values values_;
    Values fixed_;
};

// The truth of a condition such as "'$(Configuration)|$(Platform)'=='Release|x64' and !exists('a.props')".
// An empty condition is true. Relative names in exists() start at `folder`.
Result<bool> condition_holds(std::string_view condition, const Properties& properties, const fs::path& folder,
                             const Values* metadata = nullptr);

// A path as Windows writes it (backslashes, any case) as the file it means here; relative ones start at
// `folder`. A part that does not exist stays as it is written.
fs::path resolve_path(const fs::path& folder, std::string_view text);

// The parts of a list "a;b; c", blanks trimmed, empty ones dropped.
std::vector<std::string> split_list(std::string_view list);

}  // namespace ndiskit::build
