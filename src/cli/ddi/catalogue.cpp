#include "cli/ddi/catalogue.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "nt/export_table.h"
#include "nt/image/image.h"

extern "C" {
extern const char ndiskit_ddi_exports_begin[];
extern const char ndiskit_ddi_exports_end[];
}

namespace ndiskit::cli::ddi {
namespace {

struct Kind {
    std::string_view name;
    std::string_view meaning;
};

// In the order in which a reader cares for them.
constexpr Kind kinds[] = {
    {"documented", "has a page in the documentation of drivers"},
    {"c-library", "of the C library, as the kernel exports it"},
    {"file-system", "for file systems: FsRtl, cache manager, transactions"},
    {"disk-display", "for drivers of disks, partitions, removable media and displays"},
    {"reserved", "has a page, which says that it is for the system's use and not for drivers"},
    {"wlan", "for Wi-Fi drivers of the WDI model"},
    {"connection-oriented", "CoNDIS and WAN"},
    {"chimney", "TCP chimney offload, taken out of Windows"},
    {"ndis5", "taken out of use by NDIS 6, with NetDMA and TDI"},
    {"undocumented", "has no page"},
};

constexpr std::string_view modules[] = {"ndis.sys", "ntoskrnl.exe", "hal.dll", "wmilib.sys"};

template <class Range, class Projection>
size_t place_of(const Range& range, std::string_view name, Projection projection) {
    return static_cast<size_t>(std::ranges::find(range, name, projection) - std::ranges::begin(range));
}

// The part before the separator, which is taken off with it.
std::string_view cut(std::string_view& text, char separator) {
    const size_t at = std::min(text.find(separator), text.size());
    const std::string_view part = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return part;
}

State state_of(nt::Support support) {
    switch (support) {
        case nt::Support::full:
            return State::implemented;
        case nt::Support::partial:
            return State::partial;
        case nt::Support::refuses:
            return State::refuses;
    }
    return State::absent;
}

Entry parse(std::string_view line) {
    Entry entry;
    for (std::string_view* field : {&entry.module, &entry.name, &entry.kind, &entry.irql, &entry.page})
        *field = cut(line, '\t');
    if (const nt::Export* row = nt::image::find_kit_export(entry.module, entry.name)) {
        entry.state = state_of(row->support);
        entry.note = row->note;
        entry.is_data = row->is_data;
    }
    return entry;
}

}  // namespace

std::string_view name_of(State state) {
    constexpr std::array<std::string_view, std::size(states)> names = {"implemented", "partial", "refuses",
                                                                       "absent"};
    return names[static_cast<size_t>(state)];
}

std::vector<Entry> catalogue() {
    std::vector<Entry> entries;
    std::string_view text(ndiskit_ddi_exports_begin,
                          static_cast<size_t>(ndiskit_ddi_exports_end - ndiskit_ddi_exports_begin));
    while (!text.empty()) {
        const std::string_view line = cut(text, '\n');
        if (!line.empty() && line.front() != '#') entries.push_back(parse(line));
    }
    std::ranges::sort(entries, {}, [](const Entry& entry) {
        return std::pair(place_of(modules, entry.module, std::identity{}), entry.name);
    });
    return entries;
}

std::string link_of(const Entry& entry) {
    if (entry.page.empty()) return {};
    return "https://learn.microsoft.com/windows-hardware/drivers/ddi/" + std::string(entry.page);
}

std::vector<Count> count(const std::vector<Entry>& entries) {
    std::vector<Count> counts;
    for (const std::string_view module : modules)
        for (const Kind& kind : kinds) {
            Count one{module, kind.name};
            for (const Entry& entry : entries)
                if (entry.module == module && entry.kind == kind.name)
                    ++one.of[static_cast<size_t>(entry.state)];
            if (one.all() > 0) counts.push_back(one);
        }
    return counts;
}

std::string_view explain_kind(std::string_view kind) {
    const size_t place = place_of(kinds, kind, &Kind::name);
    return place < std::size(kinds) ? kinds[place].meaning : std::string_view();
}

bool fits(std::string_view name, std::string_view pattern) {
    const auto same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    };
    if (pattern.empty()) return name.empty();
    if (pattern.front() == '*')
        return fits(name, pattern.substr(1)) || (!name.empty() && fits(name.substr(1), pattern));
    if (name.empty()) return false;
    return (pattern.front() == '?' || same(name.front(), pattern.front())) &&
           fits(name.substr(1), pattern.substr(1));
}

}  // namespace ndiskit::cli::ddi
