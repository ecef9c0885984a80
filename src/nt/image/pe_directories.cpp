// The data directories of an image: imports, exports, relocations, .pdata, load configuration, debug.
#include <algorithm>

#include "nt/image/pe_parser.h"

namespace ndiskit::nt::image {
namespace {

enum DirectoryIndex {
    dir_export = 0,
    dir_import = 1,
    dir_exception = 3,
    dir_relocation = 5,
    dir_debug = 6,
    dir_load_config = 10,
    dir_delay_import = 13
};

constexpr uint32_t max_text = 1024;
constexpr uint64_t import_by_ordinal = uint64_t{1} << 63;
constexpr uint16_t relocation_absolute = 0;
constexpr uint16_t relocation_dir64 = 10;
constexpr uint32_t debug_codeview = 2;
constexpr uint32_t codeview_rsds = 0x53445352;

// More of these than a driver of 256 MB could hold means a broken file; the bound keeps broken files quick.
constexpr size_t max_imports = 65'536;
constexpr uint32_t max_exports = 65'536;

}  // namespace

Result<std::span<const std::byte>> PeParser::mapped(uint64_t rva, uint64_t size,
                                                    std::string_view field) const {
    if (rva + size <= pe_.header_size_ && rva + size >= rva) return std::span(pe_.file_).subspan(rva, size);
    const Section* section = rva <= UINT32_MAX ? pe_.section_at(static_cast<Rva>(rva)) : nullptr;
    if (!section || rva - section->rva > section->raw_size || size > section->raw_size - (rva - section->rva))
        return bad(fmt::format("{} bytes at address {:#x} are not in the file's sections", size, rva),
                   std::string(field));
    return pe_.content(*section).subspan(rva - section->rva, size);
}

Result<std::string> PeParser::mapped_text(uint64_t rva, std::string_view field) const {
    std::string text;
    for (uint32_t i = 0; i < max_text; ++i) {
        const char c = TRY(mapped_field<char>(rva + i, field));
        if (c == 0) return text;
        if (c < 0x20 || c > 0x7E)
            return bad("a name has a character that is not printable", std::string(field));
        text += c;
    }
    return bad(fmt::format("a name is longer than {} characters", max_text), std::string(field));
}

Result<> PeParser::check_slot(uint64_t rva, std::string_view field) const {
    const Section* section = rva <= UINT32_MAX ? pe_.section_at(static_cast<Rva>(rva)) : nullptr;
    if (!section || section->size - (rva - section->rva) < 8)
        return bad(fmt::format("8 bytes at address {:#x} are not in a section", rva), std::string(field));
    return {};
}

Result<> PeParser::directories() {
    TRY(imports(directories_[dir_import]));
    TRY(delayed_imports(directories_[dir_delay_import]));
    TRY(exports(directories_[dir_export]));
    TRY(relocations(directories_[dir_relocation]));
    TRY(functions(directories_[dir_exception]));
    TRY(load_config(directories_[dir_load_config]));
    return debug(directories_[dir_debug]);
}

Result<> PeParser::imports(const Directory& directory) {
    if (directory.rva == 0) return {};
    for (uint64_t at = directory.rva;; at += 20) {
        const uint32_t names = TRY(mapped_field<uint32_t>(at, "import directory OriginalFirstThunk"));
        const uint32_t module = TRY(mapped_field<uint32_t>(at + 12, "import directory Name"));
        const uint32_t slots = TRY(mapped_field<uint32_t>(at + 16, "import directory FirstThunk"));
        if (module == 0 && slots == 0) return {};
        const std::string name = TRY(mapped_text(module, "import directory Name"));
        if (name.empty()) return bad("a module without a name", "import directory Name");
        TRY(import_names(name, names != 0 ? names : slots, slots, false));
    }
}

Result<> PeParser::delayed_imports(const Directory& directory) {
    if (directory.rva == 0) return {};
    for (uint64_t at = directory.rva;; at += 32) {
        const uint32_t attributes = TRY(mapped_field<uint32_t>(at, "delay import Attributes"));
        const uint32_t module = TRY(mapped_field<uint32_t>(at + 4, "delay import Name"));
        const uint32_t slots = TRY(mapped_field<uint32_t>(at + 12, "delay import address table"));
        const uint32_t names = TRY(mapped_field<uint32_t>(at + 16, "delay import name table"));
        if (module == 0) return {};
        // Bit 0 says that the other fields are relative to the image base, which is all that x64 has.
        if (!(attributes & 1)) return bad("absolute addresses are not supported", "delay import Attributes");
        TRY(import_names(TRY(mapped_text(module, "delay import Name")), names, slots, true));
    }
}

Result<> PeParser::import_names(const std::string& module, uint64_t names, uint64_t slots, bool delayed) {
    const std::string where = "imports from " + module;
    for (uint64_t i = 0;; ++i) {
        const uint64_t entry = TRY(mapped_field<uint64_t>(names + i * 8, where));
        if (entry == 0) return {};
        if (entry & import_by_ordinal)
            return bad(fmt::format("ordinal {} instead of a name; kernel modules are imported by name",
                                   entry & 0xFFFF),
                       where, "rebuild the import library with names");
        if (entry > UINT32_MAX) return bad(fmt::format("entry {:#x} is not an address", entry), where);
        if (pe_.imports_.size() >= max_imports) return bad("more imports than an image can have", where);
        Import import{module, TRY(mapped_text(entry + 2, where)), static_cast<Rva>(slots + i * 8), delayed};
        if (import.name.empty()) return bad("an import without a name", where);
        TRY(check_slot(slots + i * 8, where));
        pe_.imports_.push_back(std::move(import));
    }
}

Result<> PeParser::exports(const Directory& directory) {
    if (directory.rva == 0) return {};
    const uint64_t at = directory.rva;
    const uint32_t functions = TRY(mapped_field<uint32_t>(at + 20, "export NumberOfFunctions"));
    const uint32_t names = TRY(mapped_field<uint32_t>(at + 24, "export NumberOfNames"));
    const uint64_t addresses = TRY(mapped_field<uint32_t>(at + 28, "export AddressOfFunctions"));
    const uint64_t name_table = TRY(mapped_field<uint32_t>(at + 32, "export AddressOfNames"));
    const uint64_t ordinals = TRY(mapped_field<uint32_t>(at + 36, "export AddressOfNameOrdinals"));
    if (names > max_exports || functions > max_exports)
        return bad("too many exports", "export NumberOfNames");
    for (uint64_t i = 0; i < names; ++i) {
        ExportedName row;
        const uint32_t name = TRY(mapped_field<uint32_t>(name_table + i * 4, "export AddressOfNames"));
        row.name = TRY(mapped_text(name, "export name"));
        const uint16_t ordinal =
            TRY(mapped_field<uint16_t>(ordinals + i * 2, "export AddressOfNameOrdinals"));
        if (ordinal >= functions)
            return bad(fmt::format("{} has ordinal {} of {}", row.name, ordinal, functions), "exports");
        row.rva = TRY(mapped_field<uint32_t>(addresses + uint64_t{ordinal} * 4, "export AddressOfFunctions"));
        if (row.rva >= pe_.size_) return bad(row.name + " is outside the image", "exports");
        if (row.rva >= directory.rva && row.rva - directory.rva < directory.size)
            row.forwarder = TRY(mapped_text(row.rva, "export forwarder"));
        pe_.exports_.push_back(std::move(row));
    }
    return {};
}

Result<> PeParser::relocations(const Directory& directory) {
    if (directory.rva == 0) return {};
    uint64_t at = directory.rva;
    const uint64_t end = at + directory.size;
    while (at + 8 <= end) {
        const uint32_t page = TRY(mapped_field<uint32_t>(at, "relocation VirtualAddress"));
        const uint32_t size = TRY(mapped_field<uint32_t>(at + 4, "relocation SizeOfBlock"));
        if (size < 8 || size > end - at)
            return bad(fmt::format("a block of {} bytes does not fit", size), "relocation SizeOfBlock");
        TRY(relocation_block(at + 8, page, (size - 8) / 2));
        at += size;
    }
    return {};
}

Result<> PeParser::relocation_block(uint64_t at, uint32_t page, uint32_t entries) {
    for (uint32_t i = 0; i < entries; ++i) {
        const uint16_t entry = TRY(mapped_field<uint16_t>(at + uint64_t{i} * 2, "relocation entry"));
        const uint16_t type = entry >> 12;
        if (type == relocation_absolute) continue;  // padding
        if (type != relocation_dir64)
            return bad(fmt::format("type {} is not one of x64 images (10, DIR64)", type), "relocation entry");
        const uint64_t target = uint64_t{page} + (entry & 0xFFF);
        TRY(check_slot(target, "relocation entry"));
        pe_.relocations_.push_back(static_cast<Rva>(target));
    }
    return {};
}

Result<> PeParser::functions(const Directory& directory) {
    if (directory.rva == 0) return {};
    if (directory.size % 12 != 0) return bad("not a whole number of 12-byte rows", "exception directory");
    Rva last_end = 0;
    for (uint32_t i = 0; i < directory.size / 12; ++i) {
        const uint64_t at = uint64_t{directory.rva} + uint64_t{i} * 12;
        const FunctionEntry row{TRY(mapped_field<uint32_t>(at, "exception directory")),
                                TRY(mapped_field<uint32_t>(at + 4, "exception directory")),
                                TRY(mapped_field<uint32_t>(at + 8, "exception directory"))};
        // Linkers may leave zero rows at the end.
        if (row.begin == 0 && row.end == 0) continue;
        if (row.begin >= row.end || row.end > pe_.size_ || row.begin < last_end)
            return bad(fmt::format("row {} ({:#x} to {:#x}) is out of order or outside the image", i,
                                   row.begin, row.end),
                       "exception directory");
        TRY(mapped(row.unwind & ~1u, row.unwind & 1 ? 12 : 4, "unwind information"));
        last_end = row.end;
        pe_.functions_.push_back(row);
    }
    return {};
}

Result<Rva> PeParser::configured_slot(const Directory& directory, uint32_t size, uint32_t offset,
                                      std::string_view field) {
    if (offset + 8 > size) return 0;  // an older, shorter structure
    const uint64_t address = TRY(mapped_field<uint64_t>(uint64_t{directory.rva} + offset, field));
    if (address == 0) return 0;
    if (address < pe_.preferred_base_)
        return bad(fmt::format("{:#x} is outside the image", address), std::string(field));
    TRY(check_slot(address - pe_.preferred_base_, field));
    return static_cast<Rva>(address - pe_.preferred_base_);
}

Result<> PeParser::load_config(const Directory& directory) {
    if (directory.rva == 0) return {};
    const uint32_t size = TRY(mapped_field<uint32_t>(directory.rva, "load configuration Size"));
    LoadConfig& config = pe_.load_config_;
    config.security_cookie = TRY(configured_slot(directory, size, 0x58, "load configuration SecurityCookie"));
    config.guard_check =
        TRY(configured_slot(directory, size, 0x70, "load configuration GuardCFCheckFunctionPointer"));
    config.guard_dispatch =
        TRY(configured_slot(directory, size, 0x78, "load configuration GuardCFDispatchFunctionPointer"));
    config.guard_xfg_check =
        TRY(configured_slot(directory, size, 0x118, "load configuration GuardXFGCheckFunctionPointer"));
    config.guard_xfg_dispatch =
        TRY(configured_slot(directory, size, 0x120, "load configuration GuardXFGDispatchFunctionPointer"));
    config.guard_xfg_table_dispatch = TRY(
        configured_slot(directory, size, 0x128, "load configuration GuardXFGTableDispatchFunctionPointer"));
    return {};
}

Result<> PeParser::debug(const Directory& directory) {
    if (directory.rva == 0) return {};
    for (uint32_t i = 0; i < directory.size / 28; ++i) {
        const uint64_t at = uint64_t{directory.rva} + uint64_t{i} * 28;
        DebugEntry entry;
        entry.type = TRY(mapped_field<uint32_t>(at + 12, "debug directory Type"));
        entry.size = TRY(mapped_field<uint32_t>(at + 16, "debug directory SizeOfData"));
        const uint32_t offset = TRY(mapped_field<uint32_t>(at + 24, "debug directory PointerToRawData"));
        const auto content = TRY(raw(offset, entry.size, "debug directory PointerToRawData"));
        uint32_t signature = 0;
        if (entry.type == debug_codeview && entry.size > 24) std::memcpy(&signature, content.data(), 4);
        if (signature == codeview_rsds) {
            const char* path = reinterpret_cast<const char*>(content.data()) + 24;
            entry.pdb = std::string(path, strnlen(path, entry.size - 24));
        }
        pe_.debug_.push_back(std::move(entry));
    }
    return {};
}

}  // namespace ndiskit::nt::image
