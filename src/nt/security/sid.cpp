#include "nt/security/sid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "nt/abi.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::security {

namespace {

constexpr uint32_t sid_tag = 0x69536553;  // 'SeSi' in memory order

struct Code {
    std::u16string_view code;
    uint64_t authority;
    uint32_t first, second;  // sub-authorities; `second` 0: none
};

// Those that mean the same on every machine.
constexpr Code codes[] = {
    {u"WD", 1, 0, 0},       {u"CO", 3, 0, 0},       {u"CG", 3, 1, 0},       {u"OW", 3, 4, 0},
    {u"NU", 5, 2, 0},       {u"IU", 5, 4, 0},       {u"SU", 5, 6, 0},       {u"AN", 5, 7, 0},
    {u"ED", 5, 9, 0},       {u"PS", 5, 10, 0},      {u"AU", 5, 11, 0},      {u"RC", 5, 12, 0},
    {u"SY", 5, 18, 0},      {u"LS", 5, 19, 0},      {u"NS", 5, 20, 0},      {u"WR", 5, 33, 0},
    {u"BA", 5, 32, 544},    {u"BU", 5, 32, 545},    {u"BG", 5, 32, 546},    {u"PU", 5, 32, 547},
    {u"AO", 5, 32, 548},    {u"SO", 5, 32, 549},    {u"PO", 5, 32, 550},    {u"BO", 5, 32, 551},
    {u"RE", 5, 32, 552},    {u"RU", 5, 32, 554},    {u"RD", 5, 32, 555},    {u"NO", 5, 32, 556},
    {u"MU", 5, 32, 558},    {u"LU", 5, 32, 559},    {u"IS", 5, 32, 568},    {u"CY", 5, 32, 569},
    {u"ER", 5, 32, 573},    {u"CD", 5, 32, 574},    {u"HA", 5, 32, 578},    {u"AA", 5, 32, 579},
    {u"RM", 5, 32, 580},    {u"AC", 15, 2, 1},      {u"LW", 16, 0x1000, 0}, {u"ME", 16, 0x2000, 0},
    {u"MP", 16, 0x2100, 0}, {u"HI", 16, 0x3000, 0}, {u"SI", 16, 0x4000, 0},
};

// A number at the start of the text, which it takes off; decimal, or hexadecimal with 0x.
std::optional<uint64_t> take_number(std::u16string_view& text, uint64_t most) {
    const bool hex = text.starts_with(u"0x") || text.starts_with(u"0X");
    if (hex) text.remove_prefix(2);
    const uint64_t base = hex ? 16 : 10;
    uint64_t value = 0;
    size_t digits = 0;
    for (; digits < text.size(); ++digits) {
        const char16_t c = upcase(text[digits]);
        const uint64_t digit = c >= '0' && c <= '9' ? c - u'0' : c >= 'A' && c <= 'F' ? c - u'A' + 10u : 99u;
        if (digit >= base) break;
        value = value * base + digit;
        if (value > most) return std::nullopt;
    }
    if (!digits) return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

}  // namespace

bool valid_sid(const void* sid) {
    return sid && sid_of(sid).Revision == SID_REVISION &&
           sid_of(sid).SubAuthorityCount <= SID_MAX_SUB_AUTHORITIES;
}

bool valid_sid_in(const void* sid, size_t size) {
    return size >= sid_size(0) && valid_sid(sid) && size_of_sid(sid) <= size;
}

bool same_sid(const void* a, const void* b) {
    return size_of_sid(a) == size_of_sid(b) && !std::memcmp(a, b, size_of_sid(a));
}

std::u16string sid_text(const void* sid) {
    uint64_t authority = 0;
    for (const UCHAR byte : sid_of(sid).IdentifierAuthority.Value) authority = authority << 8 | byte;
    std::string text = authority >> 32 ? fmt::format("S-{}-0x{:X}", sid_of(sid).Revision, authority)
                                       : fmt::format("S-{}-{}", sid_of(sid).Revision, authority);
    const ULONG* const sub_authorities = sid_of(sid).SubAuthority;
    for (size_t i = 0; i < sid_of(sid).SubAuthorityCount; ++i) text += fmt::format("-{}", sub_authorities[i]);
    return to_utf16(text);
}

Sid::Sid(uint64_t authority, std::initializer_list<uint32_t> sub_authorities)
    : bytes_(sid_size(sub_authorities.size())) {
    bytes_[0] = SID_REVISION;
    bytes_[1] = static_cast<uint8_t>(sub_authorities.size());
    for (size_t i = 0; i < 6; ++i) bytes_[2 + i] = static_cast<uint8_t>(authority >> (8 * (5 - i)));
    for (size_t at = sid_size(0); const uint32_t value : sub_authorities) {
        std::memcpy(&bytes_[at], &value, sizeof value);
        at += sizeof value;
    }
}

Sid::Sid(const void* sid)
    : bytes_(static_cast<const uint8_t*>(sid), static_cast<const uint8_t*>(sid) + size_of_sid(sid)) {}

std::optional<Sid> Sid::parse(std::u16string_view text) {
    if (text.size() == 2) return sid_of_code(text);
    if (!text.starts_with(u"S-1-") && !text.starts_with(u"s-1-")) return std::nullopt;
    text.remove_prefix(4);
    const auto authority = take_number(text, 0xFFFFFFFFFFFF);
    if (!authority) return std::nullopt;
    Sid sid(*authority, {});
    while (!text.empty()) {
        if (text[0] != '-' || sid.bytes_[1] == SID_MAX_SUB_AUTHORITIES) return std::nullopt;
        text.remove_prefix(1);
        const auto sub_authority = take_number(text, 0xFFFFFFFF);
        if (!sub_authority) return std::nullopt;
        const auto value = static_cast<uint32_t>(*sub_authority);
        const auto* const bytes = reinterpret_cast<const uint8_t*>(&value);
        sid.bytes_.insert(sid.bytes_.end(), bytes, bytes + sizeof value);
        ++sid.bytes_[1];
    }
    if (!sid.bytes_[1]) return std::nullopt;
    return sid;
}

std::optional<Sid> sid_of_code(std::u16string_view code) {
    const auto* const found = std::find_if(std::begin(codes), std::end(codes),
                                           [&](const Code& c) { return same_text(c.code, code); });
    if (found == std::end(codes)) return std::nullopt;
    return found->second ? Sid(found->authority, {found->first, found->second})
                         : Sid(found->authority, {found->first});
}

namespace well_known {
// clang-format off
const Sid& null() { static const Sid sid(0, {0}); return sid; }
const Sid& world() { static const Sid sid(1, {0}); return sid; }
const Sid& creator_owner() { static const Sid sid(3, {0}); return sid; }
const Sid& creator_group() { static const Sid sid(3, {1}); return sid; }
const Sid& owner_rights() { static const Sid sid(3, {4}); return sid; }
const Sid& interactive() { static const Sid sid(5, {4}); return sid; }
const Sid& network() { static const Sid sid(5, {2}); return sid; }
const Sid& authenticated_users() { static const Sid sid(5, {11}); return sid; }
const Sid& local_system() { static const Sid sid(5, {18}); return sid; }
const Sid& local_service() { static const Sid sid(5, {19}); return sid; }
const Sid& administrators() { static const Sid sid(5, {32, 544}); return sid; }
const Sid& users() { static const Sid sid(5, {32, 545}); return sid; }
const Sid& medium_integrity() { static const Sid sid(16, {0x2000}); return sid; }
const Sid& high_integrity() { static const Sid sid(16, {0x3000}); return sid; }
const Sid& system_integrity() { static const Sid sid(16, {0x4000}); return sid; }
// clang-format on
}  // namespace well_known

}  // namespace ndiskit::nt::security

using namespace ndiskit::nt;
using namespace ndiskit::nt::security;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtllengthrequiredsid
ULONG NTAPI RtlLengthRequiredSid(ULONG sub_authorities) {
    return static_cast<ULONG>(sid_size(sub_authorities));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtllengthsid
ULONG NTAPI RtlLengthSid(PSID sid) { return static_cast<ULONG>(size_of_sid(sid)); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlvalidsid
BOOLEAN NTAPI RtlValidSid(PSID sid) { return valid_sid(sid); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlinitializesid
NTSTATUS NTAPI RtlInitializeSid(PSID sid, PSID_IDENTIFIER_AUTHORITY authority, UCHAR sub_authorities) {
    if (sub_authorities > SID_MAX_SUB_AUTHORITIES) return STATUS_INVALID_PARAMETER;
    auto& target = *static_cast<PISID>(sid);
    target.Revision = SID_REVISION;
    target.SubAuthorityCount = sub_authorities;
    target.IdentifierAuthority = *authority;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlcopysid
NTSTATUS NTAPI RtlCopySid(ULONG size, PSID to, PSID from) {
    if (size_of_sid(from) > size) return STATUS_BUFFER_TOO_SMALL;
    std::memmove(to, from, size_of_sid(from));
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlequalsid
BOOLEAN NTAPI RtlEqualSid(PSID a, PSID b) { return same_sid(a, b); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlsubauthoritycountsid
PUCHAR NTAPI RtlSubAuthorityCountSid(PSID sid) { return &static_cast<PISID>(sid)->SubAuthorityCount; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlsubauthoritysid
PULONG NTAPI RtlSubAuthoritySid(PSID sid, ULONG index) {
    return static_cast<PISID>(sid)->SubAuthority + index;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlconvertsidtounicodestring
NTSTATUS NTAPI RtlConvertSidToUnicodeString(PUNICODE_STRING string, PSID sid, BOOLEAN allocate) {
    if (!valid_sid(sid)) return STATUS_INVALID_SID;
    const std::u16string text = sid_text(sid);
    if (allocate) return RtlCreateUnicodeString(string, text.c_str()) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
    if (text.size() * sizeof(WCHAR) > string->MaximumLength) return STATUS_BUFFER_OVERFLOW;
    const UNICODE_STRING source = unicode_string(text);
    RtlCopyUnicodeString(string, &source);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlcopyluid
void NTAPI RtlCopyLuid(PLUID to, PLUID from) { *to = *from; }

BOOLEAN NTAPI RtlEqualLuid(PLUID a, PLUID b) {
    return a->LowPart == b->LowPart && a->HighPart == b->HighPart;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlidentifierauthoritysid
PSID_IDENTIFIER_AUTHORITY NTAPI RtlIdentifierAuthoritySid(PSID sid) {
    return &static_cast<PISID>(sid)->IdentifierAuthority;
}

// All but the last sub-authority.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlequalprefixsid
BOOLEAN NTAPI RtlEqualPrefixSid(PSID a, PSID b) {
    const size_t size = size_of_sid(a);
    if (size != size_of_sid(b)) return FALSE;
    return !std::memcmp(a, b, size > sid_size(0) ? size - sizeof(ULONG) : size);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlinitializesidex
NTSTATUS NTAPI RtlInitializeSidEx(PSID sid, PSID_IDENTIFIER_AUTHORITY authority, ULONG given, ...) {
    const auto count = static_cast<UCHAR>(given);  // a UCHAR, of which the register has more
    const NTSTATUS status = RtlInitializeSid(sid, authority, count);
    if (!NT_SUCCESS(status)) return status;
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, given);
    for (UCHAR i = 0; i < count; ++i)
        static_cast<PISID>(sid)->SubAuthority[i] = __builtin_va_arg(arguments, ULONG);
    __builtin_ms_va_end(arguments);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlallocateandinitializesid
NTSTATUS NTAPI RtlAllocateAndInitializeSid(PSID_IDENTIFIER_AUTHORITY authority, UCHAR count, ULONG a, ULONG b,
                                           ULONG c, ULONG d, ULONG e, ULONG f, ULONG g, ULONG h, PSID* sid) {
    constexpr UCHAR most = 8;
    if (count > most) return STATUS_INVALID_SID;
    auto* const made = static_cast<PISID>(
        pool_allocate_zeroed(PoolKind::paged, sid_size(most), sid_tag, __builtin_return_address(0)));
    if (!made) return STATUS_NO_MEMORY;
    RtlInitializeSid(made, authority, count);
    const ULONG all[most] = {a, b, c, d, e, f, g, h};
    std::memcpy(made->SubAuthority, all, count * sizeof(ULONG));
    *sid = made;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlfreesid
PVOID NTAPI RtlFreeSid(PSID sid) {
    pool_free(sid, sid_tag);
    return nullptr;
}

}  // extern "C"
