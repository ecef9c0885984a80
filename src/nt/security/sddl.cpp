// The security descriptor definition language: "O:SYG:SYD:P(A;;GA;;;SY)(A;CIOI;0x1f01ff;;;S-1-5-11)". Texts
// come from INF files, registry values and drivers, so that whatever they hold gives a descriptor or nothing.
// Object entries and conditional ones, which no device has, are not understood.
// https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format
#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "nt/rtl/unicode.h"
#include "nt/security/descriptor.h"

namespace ndiskit::nt::security {

namespace {

using Text = std::u16string_view;

struct Word {
    Text text;
    ULONG value;
};

constexpr Word rights[] = {
    {u"GA", 0x10000000}, {u"GR", 0x80000000}, {u"GW", 0x40000000}, {u"GX", 0x20000000}, {u"RC", 0x00020000},
    {u"SD", 0x00010000}, {u"WD", 0x00040000}, {u"WO", 0x00080000}, {u"CC", 0x00000001}, {u"DC", 0x00000002},
    {u"LC", 0x00000004}, {u"SW", 0x00000008}, {u"RP", 0x00000010}, {u"WP", 0x00000020}, {u"DT", 0x00000040},
    {u"LO", 0x00000080}, {u"CR", 0x00000100}, {u"FA", 0x001F01FF}, {u"FR", 0x00120089}, {u"FW", 0x00120116},
    {u"FX", 0x001200A0}, {u"KA", 0x000F003F}, {u"KR", 0x00020019}, {u"KW", 0x00020006}, {u"KX", 0x00020019},
    {u"NW", 0x00000001}, {u"NR", 0x00000002}, {u"NX", 0x00000004},
};
constexpr Word entry_types[] = {
    {u"A", ACCESS_ALLOWED_ACE_TYPE}, {u"D", ACCESS_DENIED_ACE_TYPE},           {u"AU", SYSTEM_AUDIT_ACE_TYPE},
    {u"AL", SYSTEM_ALARM_ACE_TYPE},  {u"ML", SYSTEM_MANDATORY_LABEL_ACE_TYPE},
};
constexpr Word entry_flags[] = {
    {u"CI", CONTAINER_INHERIT_ACE},  {u"OI", OBJECT_INHERIT_ACE}, {u"NP", NO_PROPAGATE_INHERIT_ACE},
    {u"IO", INHERIT_ONLY_ACE},       {u"ID", INHERITED_ACE},      {u"SA", SUCCESSFUL_ACCESS_ACE_FLAG},
    {u"FA", FAILED_ACCESS_ACE_FLAG},
};
constexpr Word list_flags[] = {
    {u"P", SE_DACL_PROTECTED},
    {u"AR", SE_DACL_AUTO_INHERIT_REQ},
    {u"AI", SE_DACL_AUTO_INHERITED},
};

Text trimmed(Text text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

const Word* word_at(std::span<const Word> words, Text text) {
    for (const Word& word : words)
        if (text.size() >= word.text.size() && same_text(text.substr(0, word.text.size()), word.text))
            return &word;
    return nullptr;
}

// Words one behind the other, whose bits come together; nothing when something else stands there.
std::optional<ULONG> bits_of(std::span<const Word> words, Text text) {
    ULONG bits = 0;
    while (!text.empty()) {
        const Word* const word = word_at(words, text);
        if (!word) return std::nullopt;
        bits |= word->value;
        text.remove_prefix(word->text.size());
    }
    return bits;
}

std::optional<ULONG> mask_of_text(Text text) {
    if (text.empty() || text[0] < '0' || text[0] > '9') return bits_of(rights, text);
    const bool hex = text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const ULONG base = hex ? 16 : text[0] == '0' ? 8 : 10;
    uint64_t value = 0;
    for (const char16_t unit : text.substr(hex ? 2 : 0)) {
        const char16_t c = upcase(unit);
        const ULONG digit = c >= '0' && c <= '9' ? c - u'0' : c >= 'A' && c <= 'F' ? c - u'A' + 10u : 99u;
        if (digit >= base) return std::nullopt;
        value = value * base + digit;
        if (value > 0xFFFFFFFF) return std::nullopt;
    }
    return static_cast<ULONG>(value);
}

// "A;CI;GA;;;SY"
bool add_entry(AclBuilder& acl, Text text, bool system) {
    std::array<Text, 6> fields;
    for (size_t i = 0; i < fields.size(); ++i) {
        const size_t end = text.find(u';');
        if ((end == Text::npos) != (i + 1 == fields.size())) return false;
        fields[i] = trimmed(text.substr(0, end));
        text.remove_prefix(end == Text::npos ? text.size() : end + 1);
    }
    ULONG type = ~0u;
    for (const Word& word : entry_types)
        if (same_text(word.text, fields[0])) type = word.value;
    const auto flags = bits_of(entry_flags, fields[1]);
    const auto mask = mask_of_text(fields[2]);
    const auto sid = Sid::parse(fields[5]);
    const bool of_system = type != ACCESS_ALLOWED_ACE_TYPE && type != ACCESS_DENIED_ACE_TYPE;
    if (type == ~0u || of_system != system || !flags || !mask || !sid) return false;
    if (!fields[3].empty() || !fields[4].empty()) return false;
    acl.add(static_cast<UCHAR>(type), static_cast<UCHAR>(*flags), *mask, sid->data());
    return true;
}

struct List {
    ULONG control = 0;  // as of a DACL; a SACL's bits are one to the left
    std::optional<Bytes> acl;
};

// "P(A;;GA;;;SY)(A;;GR;;;WD)", of which it takes all.
std::optional<List> parse_list(Text text, bool system) {
    List list{.control = SE_DACL_PRESENT, .acl = {}};
    constexpr Text open_to_all = u"NO_ACCESS_CONTROL";
    const size_t first = std::min(text.find(u'('), text.size());
    Text flags = trimmed(text.substr(0, first));
    text.remove_prefix(first);
    const bool no_list = flags.size() >= open_to_all.size() &&
                         same_text(flags.substr(flags.size() - open_to_all.size()), open_to_all);
    if (no_list) flags.remove_suffix(open_to_all.size());
    const auto bits = bits_of(list_flags, flags);
    if (!bits || (no_list && !text.empty())) return std::nullopt;
    list.control |= *bits;
    if (no_list) return list;
    AclBuilder acl;
    size_t size = sizeof(ACL);
    for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
        const size_t end = text.find(u')');
        if (text[0] != '(' || end == Text::npos) return std::nullopt;
        if (!add_entry(acl, text.substr(1, end - 1), system)) return std::nullopt;
        size += sizeof(ACE_HEADER) + sizeof(ACCESS_MASK) + largest_sid;
        if (size > 0xFFFF) return std::nullopt;
        text.remove_prefix(end + 1);
    }
    list.acl = acl.take();
    return list;
}

struct Parsed {
    std::optional<Sid> owner, group;
    std::optional<List> dacl, sacl;
};

// Takes one part with its letter: what goes on to the letter of the next.
bool take_part(Text& text, Parsed& parsed) {
    if (text.size() < 2 || text[1] != ':') return false;
    const char16_t letter = upcase(text[0]);
    text.remove_prefix(2);
    const size_t colon = text.find(u':');
    const size_t end = colon == Text::npos ? text.size() : colon ? colon - 1 : 0;
    const Text part = trimmed(text.substr(0, end));
    text.remove_prefix(end);
    switch (letter) {
        case 'O':
            return !parsed.owner && (parsed.owner = Sid::parse(part));
        case 'G':
            return !parsed.group && (parsed.group = Sid::parse(part));
        case 'D':
            return !parsed.dacl && (parsed.dacl = parse_list(part, false));
        case 'S':
            return !parsed.sacl && (parsed.sacl = parse_list(part, true));
        default:
            return false;
    }
}

}  // namespace

std::optional<Bytes> parse_sddl(std::u16string_view text) {
    Parsed parsed;
    text = trimmed(text);
    if (text.empty()) return std::nullopt;
    while (!text.empty())
        if (!take_part(text, parsed)) return std::nullopt;
    Parts parts;
    if (parsed.owner) parts.owner = parsed.owner->data();
    if (parsed.group) parts.group = parsed.group->data();
    if (parsed.dacl) parts.control = static_cast<USHORT>(parts.control | parsed.dacl->control);
    if (parsed.sacl)
        parts.control = static_cast<USHORT>(parts.control | (parsed.sacl->control & ~SE_DACL_PRESENT) << 1 |
                                            SE_SACL_PRESENT);
    if (parsed.dacl && parsed.dacl->acl) parts.dacl = reinterpret_cast<const ACL*>(parsed.dacl->acl->data());
    if (parsed.sacl && parsed.sacl->acl) parts.sacl = reinterpret_cast<const ACL*>(parsed.sacl->acl->data());
    return self_relative(parts);
}

}  // namespace ndiskit::nt::security
