#include "build/redeclaration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>

#include "base/file.h"

namespace ndiskit::build {
namespace {

struct Place {
    fs::path file;
    size_t line = 0, column = 0;
};

// "miniport.c:50:1: error: ..." gives the place and leaves the message in `line`.
std::optional<Place> take_place(std::string_view& line, std::string_view kind) {
    const size_t at = line.find(fmt::format(": {}: ", kind));
    if (at == std::string_view::npos) return {};
    const std::string_view place = line.substr(0, at);
    const size_t last = place.rfind(':');
    const size_t first = last == std::string_view::npos ? last : place.rfind(':', last - 1);
    if (first == std::string_view::npos || first == 0) return {};
    Place found{fs::path(place.substr(0, first))};
    std::from_chars(place.data() + first + 1, place.data() + last, found.line);
    std::from_chars(place.data() + last + 1, place.data() + place.size(), found.column);
    line.remove_prefix(at + kind.size() + 4);
    return found.line && found.column ? std::optional(found) : std::nullopt;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

// Colours off: the messages are read by a program.
std::string plain(const std::string& text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\x1b')
            i = std::min(text.find('m', i), text.size() - 1);
        else
            out += text[i];
    }
    return out;
}

size_t offset_of(const std::string& text, size_t line, size_t column) {
    size_t at = 0;
    while (--line > 0 && at != std::string::npos) at = text.find('\n', at + (at ? 1 : 0));
    if (at == std::string::npos) return text.size();
    return std::min(at + (at ? 1 : 0) + column - 1, text.size());
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

std::string without_comments(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        const std::string_view two = text.substr(i, 2);
        if (two == "/*") {
            i = std::min(text.find("*/", i + 2), text.size() - 1) + 1;
        } else if (two == "//") {
            i = std::min(text.find('\n', i), text.size()) - 1;
        } else {
            out += std::isspace(static_cast<unsigned char>(text[i])) ? ' ' : text[i];
        }
    }
    return out;
}

// A parameter's type: annotations such as _In_reads_bytes_(n), IN, OUT and the name itself taken away.
std::string type_of(std::string_view parameter) {
    std::vector<std::string> words;
    for (size_t i = 0; i < parameter.size();) {
        size_t end = i;
        while (end < parameter.size() && is_word(parameter[end])) ++end;
        if (end == i) {
            if (parameter[i] == '(')
                i = std::min(parameter.find(')', i), parameter.size() - 1);
            else if (parameter[i] == '*')
                words.emplace_back("*");
            ++i;
            continue;
        }
        const std::string word(parameter.substr(i, end - i));
        i = end;
        const bool annotation = (word.size() > 2 && word[0] == '_' && word.back() == '_') ||
                                word.starts_with("__") || word == "IN" || word == "OUT" ||
                                word == "OPTIONAL" || word == "struct" || word == "const" || word == "CONST";
        if (!annotation) words.push_back(word);
    }
    if (words.size() > 1 && words.back() != "*") words.pop_back();  // the name
    std::string type;
    for (const std::string& word : words) type += (type.empty() ? "" : " ") + word;
    return type;
}

bool looks_like_pointer(const std::string& type) {
    if (type.find('*') != std::string::npos) return true;
    return type.ends_with("HANDLE") || type.starts_with("LP") ||
           (type.size() > 1 && type[0] == 'P' && std::isupper(static_cast<unsigned char>(type[1])));
}

}  // namespace

std::vector<Redeclaration> redeclarations(const std::string& output) {
    std::vector<Redeclaration> all;
    const std::string text = plain(output);
    constexpr std::string_view conflict = "conflicting types for '";
    bool open = false;
    for (std::string_view line : lines_of(text)) {
        if (const auto place = take_place(line, "error")) {
            if (!line.starts_with(conflict)) return {};
            const std::string_view rest = line.substr(conflict.size());
            all.push_back({.function = std::string(rest.substr(0, rest.find('\''))),
                           .again_file = place->file,
                           .again_line = place->line,
                           .again_column = place->column});
            open = true;
        } else if (line.find("error:") != std::string_view::npos) {
            return {};
        } else if (const auto note = take_place(line, "note"); note && open) {
            all.back().file = note->file;
            all.back().line = note->line;
            all.back().column = note->column;
            open = !line.starts_with("previous declaration");
        }
    }
    if (open) return {};
    return all;
}

std::vector<std::string> declared_parameters(const std::string& text, size_t line, size_t column) {
    const size_t begin = text.find('(', offset_of(text, line, column));
    if (begin == std::string::npos) return {};
    const std::string list = without_comments(std::string_view(text).substr(begin, 8192));
    std::vector<std::string> parameters(1);
    int depth = 0;
    for (char c : list) {
        depth += (c == '(') - (c == ')');
        if (depth == 0) break;
        if (c == ',' && depth == 1)
            parameters.emplace_back();
        else if (depth > 1 || c != '(')
            parameters.back() += c;
    }
    for (std::string& parameter : parameters) parameter = type_of(parameter);
    return parameters;
}

bool differ_in_pointers(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return !a.empty() && std::ranges::equal(a, b, [](const std::string& x, const std::string& y) {
        return x == y || (looks_like_pointer(x) && looks_like_pointer(y));
    });
}

std::string without_prototype(const std::string& text, size_t line, size_t column) {
    std::string out = text;
    const size_t begin = text.find('(', offset_of(text, line, column));
    int depth = 0;
    for (size_t i = begin; i < text.size(); ++i) {
        depth += (text[i] == '(') - (text[i] == ')');
        if (depth == 0) return out;
        if (i != begin && out[i] != '\n' && out[i] != '\r') out[i] = ' ';
    }
    return text;
}

Result<std::optional<Command>> without_redeclarations(const Command& command, const std::string& output,
                                                      const fs::path& folder,
                                                      std::vector<std::string>& notes) {
    std::map<fs::path, std::string> patched;
    for (const Redeclaration& r : redeclarations(output)) {
        std::string& text = patched[r.file];
        if (text.empty()) text = TRY(read_text_file(r.file));
        const std::string again = TRY(read_text_file(r.again_file));
        if (!differ_in_pointers(declared_parameters(text, r.line, r.column),
                                declared_parameters(again, r.again_line, r.again_column)))
            return std::nullopt;
        text = without_prototype(text, r.line, r.column);
        notes.push_back(
            fmt::format("{} is declared with other pointers in {}:{} than it is defined "
                        "with; the parameters of that declaration are not checked",
                        r.function, r.file.string(), r.line));
    }
    if (patched.empty()) return std::nullopt;
    Command again = command;
    again.arguments.emplace_back("-Wno-deprecated-non-prototype");
    std::error_code error;
    fs::create_directories(folder, error);
    for (const auto& [file, text] : patched) {
        const fs::path copy = folder / file.filename();
        TRY(write_text_file(copy, text));
        again.arguments.insert(again.arguments.end(), {"-Xclang", "-remap-file", "-Xclang",
                                                       fmt::format("{};{}", file.string(), copy.string())});
    }
    return again;
}

}  // namespace ndiskit::build
