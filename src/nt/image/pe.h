// The reader of driver images: x64 PE files of the native subsystem, as the "PE Format" page documents them
// (https://learn.microsoft.com/windows/win32/debug/pe-format). It is the one place that trusts nothing: every
// offset, count and string of the file is checked before it is used, and a fault is an Error that names the
// file and the field. What comes out (class Pe) is plain data whose addresses all lie inside the image.
//
// It maps and patches nothing: load.h does. `ndiskit imports` and the fuzz target use it alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace ndiskit::nt::image {

// An address relative to the image base.
using Rva = uint32_t;

constexpr uint32_t page_size = 4096;

struct Section {
    std::string name;
    Rva rva = 0;
    uint32_t size = 0;  // in memory; what is beyond raw_size is zeros
    uint32_t raw_offset = 0;
    uint32_t raw_size = 0;  // at most size
    bool readable = false;
    bool writable = false;
    bool executable = false;
    bool discardable = false;

    bool contains(Rva at) const { return at >= rva && at - rva < size; }
};

struct Import {
    std::string module;  // as the file spells it
    std::string name;
    Rva slot = 0;  // 8 bytes that receive the address
    bool delayed = false;
};

struct ExportedName {
    std::string name;
    Rva rva = 0;
    std::string forwarder;  // "module.name" when it is not in this image
};

// A row of .pdata.
struct FunctionEntry {
    Rva begin = 0;
    Rva end = 0;
    Rva unwind = 0;
};

// Slots of the load configuration that the loader fills; 0 when the image has none.
struct LoadConfig {
    Rva security_cookie = 0;
    Rva guard_check = 0;         // called with the target in rcx, returns
    Rva guard_dispatch = 0;      // jumps to rax
    Rva guard_xfg_check = 0;     // as guard_check
    Rva guard_xfg_dispatch = 0;  // as guard_dispatch
    Rva guard_xfg_table_dispatch = 0;
};

struct DebugEntry {
    uint32_t type = 0;
    uint32_t size = 0;
    std::string pdb;  // for CodeView entries: the path of the program database
};

class Pe {
  public:
    // `name` stands in error texts.
    static Result<Pe> parse(std::string name, std::vector<std::byte> file);
    static Result<Pe> read(const std::filesystem::path& path);

    const std::string& name() const { return name_; }
    uint64_t preferred_base() const { return preferred_base_; }
    uint32_t size() const { return size_; }  // in memory, a multiple of the page size
    Rva entry() const { return entry_; }
    uint32_t time_stamp() const { return time_stamp_; }

    const std::vector<Section>& sections() const { return sections_; }
    const std::vector<Import>& imports() const { return imports_; }
    const std::vector<ExportedName>& exports() const { return exports_; }
    const std::vector<FunctionEntry>& functions() const { return functions_; }  // ascending, disjoint
    const std::vector<Rva>& relocations() const { return relocations_; }        // each of 64 bits
    const LoadConfig& load_config() const { return load_config_; }
    const std::vector<DebugEntry>& debug() const { return debug_; }

    const Section* section_at(Rva at) const;
    // The header bytes that are mapped at the base.
    std::span<const std::byte> headers() const { return std::span(file_).first(header_size_); }
    std::span<const std::byte> content(const Section& section) const {
        return std::span(file_).subspan(section.raw_offset, section.raw_size);
    }
    const ExportedName* find_export(std::string_view name) const;

  private:
    friend class PeParser;

    std::string name_;
    std::vector<std::byte> file_;
    uint64_t preferred_base_ = 0;
    uint32_t size_ = 0;
    uint32_t header_size_ = 0;
    Rva entry_ = 0;
    uint32_t time_stamp_ = 0;
    std::vector<Section> sections_;
    std::vector<Import> imports_;
    std::vector<ExportedName> exports_;
    std::vector<FunctionEntry> functions_;
    std::vector<Rva> relocations_;
    LoadConfig load_config_;
    std::vector<DebugEntry> debug_;
};

}  // namespace ndiskit::nt::image
