// Headers and sections. The directories (imports, relocations ...) are in pe_directories.cpp.
#include "nt/image/pe.h"

#include <algorithm>

#include "base/file.h"
#include "nt/image/pe_parser.h"

namespace ndiskit::nt::image {
namespace {

constexpr uint16_t dos_magic = 0x5A4D;
constexpr uint32_t pe_magic = 0x00004550;
constexpr uint16_t optional_magic_64 = 0x20B;
constexpr uint16_t machine_x64 = 0x8664;
constexpr uint16_t subsystem_native = 1;
constexpr uint16_t flag_relocations_stripped = 0x0001;
constexpr uint16_t flag_executable = 0x0002;
constexpr uint32_t max_image_size = 256u << 20;

constexpr uint32_t section_code = 0x00000020;
constexpr uint32_t section_discardable = 0x02000000;
constexpr uint32_t section_execute = 0x20000000;
constexpr uint32_t section_read = 0x40000000;
constexpr uint32_t section_write = 0x80000000;

std::string machine_name(uint16_t machine) {
    switch (machine) {
        case 0x014C:
            return "x86 (32 bits)";
        case 0xAA64:
            return "ARM64";
        case 0x01C4:
            return "ARM (32 bits)";
        default:
            return fmt::format("machine {:#06x}", machine);
    }
}

uint32_t round_up_to_page(uint32_t size) { return (size + page_size - 1) & ~(page_size - 1); }

}  // namespace

Result<Pe> Pe::parse(std::string name, std::vector<std::byte> file) {
    Pe pe;
    pe.name_ = std::move(name);
    pe.file_ = std::move(file);
    PeParser parser(pe);
    TRY(parser.headers());
    TRY(parser.directories());
    return pe;
}

Result<Pe> Pe::read(const std::filesystem::path& path) { return parse(path.string(), TRY(read_file(path))); }

const Section* Pe::section_at(Rva at) const {
    const auto found = std::ranges::find_if(sections_, [&](const Section& s) { return s.contains(at); });
    return found == sections_.end() ? nullptr : &*found;
}

const ExportedName* Pe::find_export(std::string_view name) const {
    const auto found = std::ranges::find(exports_, name, &ExportedName::name);
    return found == exports_.end() ? nullptr : &*found;
}

std::unexpected<Error> PeParser::bad(std::string what, std::string field, std::string hint) const {
    return fail(std::move(what), pe_.name_ + ": " + field, std::move(hint));
}

Result<std::span<const std::byte>> PeParser::raw(uint64_t offset, uint64_t size,
                                                 std::string_view field) const {
    if (offset > pe_.file_.size() || size > pe_.file_.size() - offset)
        return bad(fmt::format("{} bytes at {:#x} are beyond the end of the file ({} bytes)", size, offset,
                               pe_.file_.size()),
                   std::string(field));
    return std::span(pe_.file_).subspan(offset, size);
}

Result<> PeParser::headers() {
    if (TRY(field<uint16_t>(0, "DOS header")) != dos_magic)
        return bad("not a PE file", "DOS header", "a driver is built with `ndiskit build`");
    const uint32_t at = TRY(field<uint32_t>(0x3C, "DOS header e_lfanew"));
    if (TRY(field<uint32_t>(at, "PE signature")) != pe_magic)
        return bad("not a PE file: no PE signature", "PE signature");
    const uint16_t machine = TRY(field<uint16_t>(at + 4, "Machine"));
    if (machine != machine_x64)
        return bad("the image is for " + machine_name(machine) + ", not x64", "Machine", "build it for x64");
    const uint16_t section_count = TRY(field<uint16_t>(at + 6, "NumberOfSections"));
    pe_.time_stamp_ = TRY(field<uint32_t>(at + 8, "TimeDateStamp"));
    const uint16_t optional_size = TRY(field<uint16_t>(at + 20, "SizeOfOptionalHeader"));
    const uint16_t flags = TRY(field<uint16_t>(at + 22, "Characteristics"));
    if (!(flags & flag_executable))
        return bad("the image is not executable: it did not link", "Characteristics");
    if (flags & flag_relocations_stripped)
        return bad("the image has no relocations and cannot be moved", "Characteristics",
                   "link without /FIXED");
    const uint64_t optional = uint64_t{at} + 24;
    TRY(optional_header(optional, optional_size));
    return sections(optional + optional_size, section_count);
}

Result<> PeParser::optional_header(uint64_t at, uint32_t size) {
    if (TRY(field<uint16_t>(at, "optional header Magic")) != optional_magic_64)
        return bad("not a 64-bit image (PE32+)", "optional header Magic");
    if (size < 112) return bad("too small for a 64-bit image", "SizeOfOptionalHeader");
    pe_.entry_ = TRY(field<uint32_t>(at + 16, "AddressOfEntryPoint"));
    pe_.preferred_base_ = TRY(field<uint64_t>(at + 24, "ImageBase"));
    const uint32_t alignment = TRY(field<uint32_t>(at + 32, "SectionAlignment"));
    if (alignment < page_size || alignment % page_size != 0)
        return bad(fmt::format("sections are aligned to {} bytes; page protections need 4096", alignment),
                   "SectionAlignment", "link with /ALIGN:4096");
    const uint32_t image_size = TRY(field<uint32_t>(at + 56, "SizeOfImage"));
    if (image_size == 0 || image_size > max_image_size)
        return bad(fmt::format("{} bytes; 1 to {} are supported", image_size, max_image_size), "SizeOfImage");
    pe_.size_ = round_up_to_page(image_size);
    pe_.header_size_ = TRY(field<uint32_t>(at + 60, "SizeOfHeaders"));
    TRY(raw(0, pe_.header_size_, "SizeOfHeaders"));
    if (pe_.header_size_ > pe_.size_) return bad("larger than the image", "SizeOfHeaders");
    const uint16_t subsystem = TRY(field<uint16_t>(at + 68, "Subsystem"));
    if (subsystem != subsystem_native)
        return bad(fmt::format("subsystem {} is not a kernel driver's (1, native)", subsystem), "Subsystem",
                   "link with /SUBSYSTEM:NATIVE /DRIVER");
    const uint32_t count = TRY(field<uint32_t>(at + 108, "NumberOfRvaAndSizes"));
    if (count > 16 || 112 + uint64_t{count} * 8 > size)
        return bad(fmt::format("{} directories do not fit in the optional header", count),
                   "NumberOfRvaAndSizes");
    for (uint32_t i = 0; i < count; ++i) {
        directories_[i].rva = TRY(field<uint32_t>(at + 112 + i * 8, "data directory"));
        directories_[i].size = TRY(field<uint32_t>(at + 116 + i * 8, "data directory"));
    }
    return {};
}

Result<> PeParser::sections(uint64_t at, uint32_t count) {
    if (count == 0 || count > 96)
        return bad(fmt::format("{} sections; 1 to 96 are allowed", count), "NumberOfSections");
    uint64_t end_of_last = pe_.header_size_;
    for (uint32_t i = 0; i < count; ++i) {
        Section section = TRY(this->section(at + uint64_t{i} * 40));
        if (section.rva < end_of_last || section.rva % page_size != 0)
            return bad(
                fmt::format("starts at {:#x}, inside what stands before it, or not on a page", section.rva),
                "section " + section.name);
        end_of_last = uint64_t{section.rva} + section.size;
        if (end_of_last > pe_.size_) return bad("reaches beyond SizeOfImage", "section " + section.name);
        pe_.sections_.push_back(std::move(section));
    }
    if (pe_.entry_ != 0) {
        const Section* code = pe_.section_at(pe_.entry_);
        if (!code || !code->executable)
            return bad(fmt::format("{:#x} is not in a code section", pe_.entry_), "AddressOfEntryPoint");
    }
    return {};
}

Result<Section> PeParser::section(uint64_t at) {
    const auto header = TRY(raw(at, 40, "section header"));
    const char* name = reinterpret_cast<const char*>(header.data());
    Section section;
    section.name = std::string(name, strnlen(name, 8));
    const uint32_t virtual_size = TRY(field<uint32_t>(at + 8, "section VirtualSize"));
    section.rva = TRY(field<uint32_t>(at + 12, "section VirtualAddress"));
    const uint32_t raw_size = TRY(field<uint32_t>(at + 16, "section SizeOfRawData"));
    section.raw_offset = TRY(field<uint32_t>(at + 20, "section PointerToRawData"));
    const uint32_t flags = TRY(field<uint32_t>(at + 36, "section Characteristics"));
    section.size = virtual_size != 0 ? virtual_size : raw_size;
    if (section.size > max_image_size) return bad("larger than an image may be", "section " + section.name);
    section.raw_size = std::min(raw_size, section.size);
    if (section.raw_size == 0) section.raw_offset = 0;
    TRY(raw(section.raw_offset, section.raw_size, "section " + section.name));
    section.readable = flags & section_read;
    section.writable = flags & section_write;
    section.executable = flags & (section_execute | section_code);
    section.discardable = flags & section_discardable;
    return section;
}

}  // namespace ndiskit::nt::image
