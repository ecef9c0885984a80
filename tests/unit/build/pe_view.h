// Reads the headers of a PE32+ image by the format's documentation, with no code of the kit, so that the
// tests judge the linker's work and not our loader's opinion of it.
//
// https://learn.microsoft.com/windows/win32/debug/pe-format
#pragma once

#include <cstdint>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace ndiskit::build::test {

struct PeSection {
    std::string name;
    uint32_t size, address, raw_size, raw_offset, flags;
    bool writable() const { return flags & 0x80000000; }
    bool executable() const { return flags & 0x20000000; }
    bool discardable() const { return flags & 0x02000000; }
};

class PeView {
  public:
    explicit PeView(const std::string& path) {
        std::ifstream in(path, std::ios::binary);
        bytes.assign(std::istreambuf_iterator<char>(in), {});
        if (bytes.size() < 0x40) return;
        header = at<uint32_t>(0x3C);
        const auto count = at<uint16_t>(header + 6);
        const size_t optional = header + 24, table = optional + at<uint16_t>(header + 20);
        const size_t symbols = at<uint32_t>(header + 8 + 4);
        const size_t strings = symbols + 18ul * at<uint32_t>(header + 8 + 8);
        for (size_t i = 0; i < count; ++i) {
            const size_t entry = table + 40 * i;
            std::string name(&bytes[entry], strnlen(&bytes[entry], 8));
            if (name[0] == '/') name = &bytes[strings + std::stoul(name.substr(1))];
            sections.push_back({name, at<uint32_t>(entry + 8), at<uint32_t>(entry + 12),
                                at<uint32_t>(entry + 16), at<uint32_t>(entry + 20),
                                at<uint32_t>(entry + 36)});
        }
    }

    template <class T>
    T at(size_t offset) const {
        T value{};
        if (offset + sizeof value <= bytes.size()) std::memcpy(&value, &bytes[offset], sizeof value);
        return value;
    }
    uint16_t subsystem() const { return at<uint16_t>(header + 24 + 68); }
    uint16_t dll_characteristics() const { return at<uint16_t>(header + 24 + 70); }
    uint32_t entry() const { return at<uint32_t>(header + 24 + 16); }
    uint64_t base() const { return at<uint64_t>(header + 24 + 24); }
    uint32_t checksum() const { return at<uint32_t>(header + 24 + 64); }
    uint32_t directory(int index) const { return at<uint32_t>(header + 24 + 112 + 8 * index); }
    uint32_t directory_size(int index) const { return at<uint32_t>(header + 24 + 116 + 8 * index); }

    // The sum over all 16-bit words with end-around carry, the field itself as zero, plus the length.
    uint32_t computed_checksum() const {
        uint64_t sum = 0;
        for (size_t i = 0; i < bytes.size(); i += 2) {
            if (i == header + 24 + 64 || i == header + 24 + 66) continue;
            sum += i + 1 < bytes.size() ? at<uint16_t>(i) : static_cast<unsigned char>(bytes[i]);
            sum = (sum & 0xFFFF) + (sum >> 16);
        }
        return static_cast<uint32_t>(sum + bytes.size());
    }

    size_t offset_of(uint32_t address) const {
        for (const PeSection& s : sections)
            if (address >= s.address && address < s.address + s.raw_size)
                return s.raw_offset + (address - s.address);
        return 0;
    }
    std::string text(uint32_t address) const {
        const size_t offset = offset_of(address);
        return offset ? std::string(&bytes[offset]) : std::string();
    }
    // "ntoskrnl.exe!DbgPrint"
    std::vector<std::string> imports() const {
        std::vector<std::string> names;
        for (size_t d = offset_of(directory(1)); at<uint32_t>(d + 12); d += 20)
            for (size_t t = offset_of(at<uint32_t>(d)); at<uint64_t>(t); t += 8)
                names.push_back(text(at<uint32_t>(d + 12)) + "!" + text(at<uint32_t>(t) + 2));
        return names;
    }
    const PeSection* section(const std::string& name) const {
        for (const PeSection& s : sections)
            if (s.name == name) return &s;
        return nullptr;
    }

    std::vector<char> bytes;
    size_t header = 0;
    std::vector<PeSection> sections;
};

}  // namespace ndiskit::build::test
