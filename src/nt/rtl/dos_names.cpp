// Short names of files, eight characters and an extension of three: whether a name is one, and one for a long
// name. Names are made of the capitals of the OEM code page.
#include <algorithm>
#include <array>
#include <string>

#include "nt/abi.h"
#include "nt/rtl/dos_names.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit::nt;

namespace {

constexpr size_t longest_base = 8, longest_extension = 3, longest_name = 12;
constexpr std::u16string_view replaced = u":;,+=[]", dropped = u" .\"*/<>?\\|\x7F";
constexpr std::string_view illegal = "\"*+,/:;<=>?[\\]|";
constexpr ULONG most_attempts = 1'000'000, attempts_without_checksum = 4;

// The characters of a long name that a short one keeps, at most `most` of them.
std::u16string kept(std::u16string_view text, bool extended, size_t most) {
    std::u16string name;
    for (const char16_t c : text) {
        if (name.size() == most) break;
        if (c < u' ' || dropped.find(c) != dropped.npos) continue;
        const char16_t capital = upcase(c);
        const bool mapped = unit_to_ansi(capital) != '?';
        const bool allowed = capital < 0x80 || (extended && mapped);
        name += replaced.find(c) != replaced.npos || !allowed ? u'_' : capital;
    }
    return name;
}

void begin(std::u16string_view name, bool extended, GENERATE_NAME_CONTEXT& context) {
    const size_t start = std::min(name.find_first_not_of(u'.'), name.size());
    name.remove_prefix(start);
    const size_t dot = name.rfind(u'.');
    const bool has_extension = dot != name.npos && dot + 1 < name.size();
    constexpr size_t room = 6;  // for the tilde and a digit
    const std::u16string base = kept(name.substr(0, has_extension ? dot : name.size()), extended, room);
    std::u16string extension;
    if (has_extension) extension = kept(name.substr(dot + 1), extended, longest_extension);
    if (!extension.empty()) extension.insert(extension.begin(), u'.');
    context.NameLength = static_cast<UCHAR>(base.size());
    std::ranges::copy(base, context.NameBuffer);
    context.ExtensionLength = static_cast<ULONG>(extension.size());
    std::ranges::copy(extension, context.ExtensionBuffer);
    USHORT checksum = 0;
    for (const char16_t c : name) checksum = static_cast<USHORT>(checksum * 37 + c);
    context.Checksum = checksum;
}

// Names that begin alike are many: after some attempts, and for bases of one or two characters at once, what
// the whole long name sums up to becomes a part of the short one.
void insert_checksum(GENERATE_NAME_CONTEXT& context) {
    constexpr std::u16string_view digits = u"0123456789ABCDEF";
    const size_t start = std::min<size_t>(context.NameLength, 2);
    for (size_t i = 0; i < 4; ++i)
        context.NameBuffer[start + i] = digits[(context.Checksum >> (12 - 4 * i)) & 15];
    context.NameLength = static_cast<UCHAR>(start + 4);
    context.CheckSumInserted = TRUE;
}

bool legal(std::string_view name, bool& spaces) {
    spaces = false;
    if (name == "." || name == "..") return true;
    const size_t dot = name.find('.');
    const auto base = name.substr(0, dot),
               extension = dot == name.npos ? std::string_view() : name.substr(dot + 1);
    if (base.empty() || base.size() > longest_base || extension.size() > longest_extension) return false;
    if (dot != name.npos && extension.empty()) return false;
    if (base.back() == ' ' || (!extension.empty() && extension.back() == ' ')) return false;
    spaces = name.find(' ') != name.npos;
    return name.front() != ' ' &&
           std::ranges::none_of(base,
                                [](char c) {
                                    return static_cast<unsigned char>(c) < 0x20 ||
                                           illegal.find(c) != illegal.npos;
                                }) &&
           std::ranges::none_of(extension, [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == '.' || illegal.find(c) != illegal.npos;
           });
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlgenerate8dot3name
NTSTATUS NTAPI RtlGenerate8dot3Name(PCUNICODE_STRING name, BOOLEAN extended, PGENERATE_NAME_CONTEXT context,
                                    PUNICODE_STRING short_name) {
    if (context->LastIndexValue == 0) begin(view_of(*name), extended, *context);
    if (++context->LastIndexValue > most_attempts) return STATUS_FILE_SYSTEM_LIMITATION;
    const bool ambiguous = context->NameLength <= 2 || context->LastIndexValue > attempts_without_checksum;
    if (!context->CheckSumInserted && ambiguous) {
        insert_checksum(*context);
        context->LastIndexValue = 1;
    }
    const std::string index = std::to_string(context->LastIndexValue);
    std::u16string made(context->NameBuffer,
                        std::min<size_t>(context->NameLength, longest_base - 1 - index.size()));
    made += u'~';
    made.append(index.begin(), index.end());
    made.append(context->ExtensionBuffer, context->ExtensionLength);
    std::ranges::copy(made, short_name->Buffer);
    short_name->Length = static_cast<USHORT>(made.size() * sizeof(char16_t));
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlisnamelegaldos8dot3
BOOLEAN NTAPI RtlIsNameLegalDOS8Dot3(PCUNICODE_STRING name, POEM_STRING oem_name, PBOOLEAN contains_spaces) {
    std::array<char, longest_name> own;
    STRING text = {0, longest_name, own.data()};
    POEM_STRING to = oem_name ? oem_name : &text;
    if (name->Length > longest_name * sizeof(char16_t)) return FALSE;
    if (!NT_SUCCESS(RtlUpcaseUnicodeStringToCountedOemString(to, name, FALSE))) return FALSE;
    bool spaces = false;
    const bool is_legal = legal({to->Buffer, to->Length}, spaces);
    if (is_legal && contains_spaces) *contains_spaces = spaces;
    return is_legal;
}

}  // extern "C"
