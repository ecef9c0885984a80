// https://learn.microsoft.com/windows/win32/api/ip2string/
#include "nt/rtl/net_addresses.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "nt/abi.h"

namespace ndiskit::nt {

namespace {

template <class C>
int digit_of(C c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : 99;
}

// A number that begins here, which moves `at` behind it; nothing when there is no digit or it is too large.
template <class C>
std::optional<uint64_t> take_number(const C*& at, int base, uint64_t most, size_t most_digits = 32) {
    uint64_t value = 0;
    size_t digits = 0;
    for (int digit; (digit = digit_of(*at)) < base; ++at, ++digits) {
        value = value * static_cast<uint64_t>(base) + static_cast<uint64_t>(digit);
        if (value > most || digits == most_digits) return std::nullopt;
    }
    return digits ? std::optional(value) : std::nullopt;
}

// Decimal, or octal and hexadecimal with their prefixes, which strict text must not have.
template <class C>
std::optional<uint64_t> take_any_number(const C*& at, uint64_t most, bool strict = false) {
    int base = 10;
    if (*at == '0' && (at[1] == 'x' || at[1] == 'X')) {
        at += 2;
        base = 16;
    } else if (*at == '0' && digit_of(at[1]) < 10) {
        ++at;
        base = 8;
    }
    if (strict && base != 10) return std::nullopt;
    return take_number(at, base, most);
}

uint16_t group(const Ipv6& a, size_t i) {
    return static_cast<uint16_t>(a.bytes[2 * i] << 8 | a.bytes[2 * i + 1]);
}

std::string dotted(const uint8_t* b) { return fmt::format("{}.{}.{}.{}", b[0], b[1], b[2], b[3]); }
std::string text_of(const Ipv4& address) { return dotted(address.bytes); }

// Whether the last four bytes are an IPv4 address: compatible, mapped, translated, ISATAP.
bool ends_in_ipv4(const Ipv6& a) {
    const bool first_four = !group(a, 0) && !group(a, 1) && !group(a, 2) && !group(a, 3);
    const bool isatap = (group(a, 4) & 0xFDFF) == 0 && group(a, 5) == 0x5EFE;
    if (isatap) return true;
    if (!first_four || !group(a, 6)) return false;
    return (!group(a, 4) && (!group(a, 5) || group(a, 5) == 0xFFFF)) ||
           (group(a, 4) == 0xFFFF && !group(a, 5));
}

struct Run {
    size_t start = 8, length = 0;
};
// The longest run of more than one zero group, the first of equal ones.
Run longest_run(const Ipv6& a, size_t groups) {
    Run best;
    for (size_t i = 0; i < groups; ++i) {
        size_t length = 0;
        while (i + length < groups && !group(a, i + length)) ++length;
        if (length > 1 && length > best.length) best = {i, length};
        i += length;
    }
    return best;
}

std::string text_of(const Ipv6& address) {
    const bool ipv4 = ends_in_ipv4(address);
    const size_t groups = ipv4 ? 6 : 8;
    const Run run = longest_run(address, groups);
    std::string text;
    for (size_t i = 0; i < groups;) {
        if (i == run.start) {
            text += "::";
            i += run.length;
            continue;
        }
        if (!text.empty() && text.back() != ':') text += ':';
        text += fmt::format("{:x}", group(address, i++));
    }
    if (ipv4) {
        if (text.empty() || text.back() != ':') text += ':';
        text += dotted(address.bytes + 12);
    }
    return text;
}

std::string text_of(const Ethernet& a) {
    return fmt::format("{:02X}-{:02X}-{:02X}-{:02X}-{:02X}-{:02X}", a.bytes[0], a.bytes[1], a.bytes[2],
                       a.bytes[3], a.bytes[4], a.bytes[5]);
}

uint16_t swapped(USHORT port) { return __builtin_bswap16(port); }

template <class C>
C* write(const std::string& text, C* to) {
    C* const end = std::copy(text.begin(), text.end(), to);
    *end = 0;
    return end;
}

template <class C>
NTSTATUS write_into(const std::string& text, C* to, PULONG size) {
    if (!size || (!to && *size)) return STATUS_INVALID_PARAMETER;
    const bool fits = text.size() < *size;
    *size = static_cast<ULONG>(text.size() + 1);
    if (!fits) return STATUS_INVALID_PARAMETER;
    write(text, to);
    return STATUS_SUCCESS;
}

// The groups before and behind "::", which stands for one at least. What comes when there is no room for more
// groups is not the address's.
template <class C>
class Ipv6Parser {
  public:
    explicit Ipv6Parser(const C* text) : at_(text) {}

    bool parse(Ipv6& address) {
        if (*at_ == ':' && !take_gap()) return false;
        for (bool behind_gap = gap_ != none; count_ < most();) {
            // What separates announces a group; "::" need not.
            if (digit_of(*at_) >= 16) {
                if (behind_gap) break;
                return false;
            }
            if (!take_group()) return false;
            if (ended_ || count_ == most() || *at_ != ':') break;
            behind_gap = at_[1] == ':';
            if (!behind_gap)
                ++at_;
            else if (!take_gap())
                break;  // a second one
        }
        return finish(address);
    }
    const C* end() const { return at_; }

  private:
    static constexpr size_t none = 99;

    size_t most() const { return gap_ == none ? 8 : 7; }
    bool take_gap() {
        if (at_[1] != ':' || gap_ != none) return false;
        gap_ = count_;
        at_ += 2;
        return true;
    }
    bool take_group() {
        const C* after = at_;
        bool decimal = true;
        uint32_t value = 0;
        for (; digit_of(*after) < 16; ++after) {
            decimal &= digit_of(*after) < 10;
            value = value << 4 | static_cast<uint32_t>(digit_of(*after));
        }
        const bool too_long = after - at_ > 4;
        if (!too_long && *after == '.' && decimal && count_ + 2 <= most()) return take_ipv4();
        at_ = after;
        if (too_long) return false;
        groups_[count_++] = static_cast<uint16_t>(value);
        return true;
    }
    // Four decimal parts of one to three digits; an address ends with them.
    bool take_ipv4() {
        uint32_t value = 0;
        for (int i = 0; i < 4; ++i) {
            if (i && *at_ != '.') return false;
            if (i) ++at_;
            const auto part = take_number(at_, 10, 0xFF, 3);
            if (!part) return false;
            value = value << 8 | static_cast<uint32_t>(*part);
        }
        groups_[count_++] = static_cast<uint16_t>(value >> 16);
        groups_[count_++] = static_cast<uint16_t>(value);
        return ended_ = true;
    }

    bool finish(Ipv6& address) const {
        if (gap_ == none && count_ != 8) return false;
        address = {};
        for (size_t i = 0; i < count_; ++i) {
            const size_t place = i < gap_ ? i : 8 - count_ + i;
            address.bytes[2 * place] = static_cast<uint8_t>(groups_[i] >> 8);
            address.bytes[2 * place + 1] = static_cast<uint8_t>(groups_[i]);
        }
        return true;
    }

    const C* at_;
    uint16_t groups_[9] = {};
    size_t count_ = 0;
    size_t gap_ = none;
    bool ended_ = false;
};

}  // namespace

template <class C>
C* NTAPI NetAddress<C>::ipv4_text(const Ipv4* address, C* text) {
    return write(text_of(*address), text);
}
template <class C>
C* NTAPI NetAddress<C>::ipv6_text(const Ipv6* address, C* text) {
    return write(text_of(*address), text);
}
template <class C>
C* NTAPI NetAddress<C>::ethernet_text(const Ethernet* address, C* text) {
    return write(text_of(*address), text);
}

template <class C>
NTSTATUS NTAPI NetAddress<C>::ipv4_text_ex(const Ipv4* address, USHORT port, C* text, PULONG size) {
    std::string all = text_of(*address);
    if (port) all += fmt::format(":{}", swapped(port));
    return write_into(all, text, size);
}
template <class C>
NTSTATUS NTAPI NetAddress<C>::ipv6_text_ex(const Ipv6* address, ULONG scope, USHORT port, C* text,
                                           PULONG size) {
    std::string all = text_of(*address);
    if (scope) all += fmt::format("%{}", scope);
    if (port) all = fmt::format("[{}]:{}", all, swapped(port));
    return write_into(all, text, size);
}

// Strict text has four decimal parts; other text one to four, of which the last fills what is left.
template <class C>
NTSTATUS NTAPI NetAddress<C>::ipv4_of(const C* text, BOOLEAN strict, const C** end, Ipv4* address) {
    const C* at = text;
    uint64_t parts[4] = {};
    size_t count = 0;
    bool good = true;
    do {
        if (count) ++at;
        const C* const start = at;
        const auto part = take_any_number(at, 0xFFFFFFFF, strict);
        good = part.has_value();
        if (good) parts[count++] = *part;
        if (!good && at == start && *at == '.') ++at;
    } while (good && count < 4 && *at == '.');
    *end = at;
    const bool too_many = good && *at == '.';
    if (!good || too_many || (strict && count != 4)) return STATUS_INVALID_PARAMETER;
    uint64_t value = 0;
    for (size_t i = 0; i + 1 < count; ++i) {
        if (parts[i] > 0xFF) return STATUS_INVALID_PARAMETER;
        value |= parts[i] << (24 - 8 * i);
    }
    if (parts[count - 1] >> (8 * (5 - count))) return STATUS_INVALID_PARAMETER;
    value |= parts[count - 1];
    for (size_t i = 0; i < 4; ++i) address->bytes[i] = static_cast<uint8_t>(value >> (24 - 8 * i));
    return STATUS_SUCCESS;
}

template <class C>
NTSTATUS NTAPI NetAddress<C>::ipv6_of(const C* text, const C** end, Ipv6* address) {
    Ipv6Parser<C> parser(text);
    Ipv6 found;
    const bool good = parser.parse(found);
    *end = parser.end();
    if (!good) return STATUS_INVALID_PARAMETER;
    *address = found;
    return STATUS_SUCCESS;
}

template <class C>
NTSTATUS NTAPI NetAddress<C>::ethernet_of(const C* text, const C** end, Ethernet* address) {
    const C* at = text;
    Ethernet found;
    for (size_t i = 0; i < 6; ++i) {
        const bool separated = i == 0 || *at == '-' || *at == ':';
        if (separated && i) ++at;
        const C* const start = at;
        const auto byte = separated ? take_number(at, 16, 0xFF, 2) : std::nullopt;
        if (!byte || at != start + 2) {
            *end = at;
            return STATUS_INVALID_PARAMETER;
        }
        found.bytes[i] = static_cast<uint8_t>(*byte);
    }
    *end = at;
    *address = found;
    return STATUS_SUCCESS;
}

template <class C>
NTSTATUS NTAPI NetAddress<C>::ipv4_of_ex(const C* text, BOOLEAN strict, Ipv4* address, PUSHORT port) {
    if (!text || !address || !port) return STATUS_INVALID_PARAMETER;
    const C* at = text;
    Ipv4 found;
    if (const NTSTATUS status = ipv4_of(text, strict, &at, &found); !NT_SUCCESS(status)) return status;
    uint64_t number = 0;
    if (*at == ':') {
        const auto given = take_any_number(++at, 0xFFFF);
        if (!given || !*given) return STATUS_INVALID_PARAMETER;
        number = *given;
    }
    if (*at) return STATUS_INVALID_PARAMETER;
    *address = found;
    *port = swapped(static_cast<USHORT>(number));
    return STATUS_SUCCESS;
}

template <class C>
NTSTATUS NTAPI NetAddress<C>::ipv6_of_ex(const C* text, Ipv6* address, PULONG scope, PUSHORT port) {
    if (!text || !address || !scope || !port) return STATUS_INVALID_PARAMETER;
    const bool bracketed = *text == '[';
    const C* at = text + (bracketed ? 1 : 0);
    Ipv6 found;
    if (const NTSTATUS status = ipv6_of(at, &at, &found); !NT_SUCCESS(status)) return status;
    uint64_t number = 0, zone = 0;
    if (*at == '%') {
        const auto given = take_number(++at, 10, 0xFFFFFFFF);
        if (!given) return STATUS_INVALID_PARAMETER;
        zone = *given;
    }
    if (bracketed && *at++ != ']') return STATUS_INVALID_PARAMETER;
    if (bracketed && *at == ':') {
        const auto given = take_any_number(++at, 0xFFFF);
        if (!given) return STATUS_INVALID_PARAMETER;
        number = *given;
    }
    if (*at) return STATUS_INVALID_PARAMETER;
    *address = found;
    *scope = static_cast<ULONG>(zone);
    *port = swapped(static_cast<USHORT>(number));
    return STATUS_SUCCESS;
}

template struct NetAddress<char>;
template struct NetAddress<WCHAR>;

}  // namespace ndiskit::nt
