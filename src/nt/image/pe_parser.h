// The parser behind Pe::parse; private to pe.cpp and pe_directories.cpp.
#pragma once

#include <fmt/core.h>

#include <array>
#include <cstring>
#include <functional>

#include "nt/image/pe.h"

namespace ndiskit::nt::image {

class PeParser {
  public:
    explicit PeParser(Pe& pe) : pe_(pe) {}

    Result<> headers();
    Result<> directories();

  private:
    struct Directory {
        Rva rva = 0;
        uint32_t size = 0;
    };

    std::unexpected<Error> bad(std::string what, std::string field, std::string hint = {}) const;

    // Bytes of the file.
    Result<std::span<const std::byte>> raw(uint64_t offset, uint64_t size, std::string_view field) const;
    template <class T>
    Result<T> field(uint64_t offset, std::string_view name) const {
        T value;
        std::memcpy(&value, TRY(raw(offset, sizeof(T), name)).data(), sizeof(T));
        return value;
    }

    // Bytes of the image that come from the file. What a section has beyond its raw data is not reachable.
    Result<std::span<const std::byte>> mapped(uint64_t rva, uint64_t size, std::string_view field) const;
    template <class T>
    Result<T> mapped_field(uint64_t rva, std::string_view name) const {
        T value;
        std::memcpy(&value, TRY(mapped(rva, sizeof(T), name)).data(), sizeof(T));
        return value;
    }
    Result<std::string> mapped_text(uint64_t rva, std::string_view field) const;
    // That a 64-bit slot at `rva` lies inside one writable or read-only section's memory.
    Result<> check_slot(uint64_t rva, std::string_view field) const;

    Result<> optional_header(uint64_t at, uint32_t size);
    Result<> sections(uint64_t at, uint32_t count);
    Result<Section> section(uint64_t at);

    Result<> imports(const Directory& directory);
    Result<> delayed_imports(const Directory& directory);
    Result<> import_names(const std::string& module, uint64_t names, uint64_t slots, bool delayed);
    Result<> exports(const Directory& directory);
    Result<> relocations(const Directory& directory);
    Result<> relocation_block(uint64_t at, uint32_t page, uint32_t entries);
    Result<> functions(const Directory& directory);
    Result<> load_config(const Directory& directory);
    Result<> debug(const Directory& directory);
    Result<Rva> configured_slot(const Directory& directory, uint32_t size, uint32_t offset,
                                std::string_view field);

    Pe& pe_;
    std::array<Directory, 16> directories_ = {};
};

}  // namespace ndiskit::nt::image
