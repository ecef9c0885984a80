#include "build/msbuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <optional>

namespace ndiskit::build {
namespace {

constexpr size_t longest_value = 1 << 18;

char lower(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view trim(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// The end of a reference that starts with "$(" at `begin`: the parenthesis that closes it.
size_t closing(std::string_view text, size_t begin) {
    int depth = 0;
    for (size_t i = begin + 1; i < text.size(); ++i) {
        if (text[i] == '(')
            ++depth;
        else if (text[i] == ')' && --depth == 0)
            return i;
    }
    return std::string_view::npos;
}

// Recursive descent over: or := and ("or" and)*; and := not ("and" not)*; not := "!" not | primary;
// primary := "(" or ")" | function "(" value ")" | value [operator value].
class ConditionParser {
  public:
    ConditionParser(std::string_view text, const Properties& properties, const fs::path& folder,
                    const Values* metadata)
        : text_(text), properties_(properties), folder_(folder), metadata_(metadata) {}

    Result<bool> parse() {
        const bool value = TRY(alternatives());
        skip_blanks();
        if (at_ != text_.size()) return wrong("something follows it");
        return value;
    }

  private:
    std::unexpected<Error> wrong(std::string_view why) const {
        return fail(
            fmt::format("cannot understand the condition \"{}\" at position {}: {}", text_, at_ + 1, why));
    }
    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    }
    bool accept(std::string_view token) {
        skip_blanks();
        if (!equal_caseless(text_.substr(at_, token.size()), token)) return false;
        const size_t end = at_ + token.size();
        if (std::isalpha(static_cast<unsigned char>(token[0])) && end < text_.size() &&
            (std::isalnum(static_cast<unsigned char>(text_[end])) || text_[end] == '_'))
            return false;
        at_ = end;
        return true;
    }

    Result<bool> alternatives() {
        bool value = TRY(conjunction());
        while (accept("or")) {
            const bool other = TRY(conjunction());
            value = value || other;
        }
        return value;
    }
    Result<bool> conjunction() {
        bool value = TRY(negation());
        while (accept("and")) {
            const bool other = TRY(negation());
            value = value && other;
        }
        return value;
    }
    Result<bool> negation() {
        if (++depth_ > 100) return wrong("it is nested too deeply");
        skip_blanks();
        bool value = false;
        if (at_ < text_.size() && text_[at_] == '!' && text_.substr(at_, 2) != "!=") {
            ++at_;
            value = !TRY(negation());
        } else if (accept("(")) {
            value = TRY(alternatives());
            if (!accept(")")) return wrong("a ) is missing");
        } else {
            value = TRY(primary());
        }
        --depth_;
        return value;
    }

    Result<bool> primary() {
        if (accept("exists")) {
            const std::string name = TRY(argument());
            std::error_code error;
            return !name.empty() && fs::exists(resolve_path(folder_, name), error);
        }
        if (accept("hastrailingslash")) {
            const std::string name = TRY(argument());
            return !name.empty() && (name.back() == '\\' || name.back() == '/');
        }
        const std::string left = TRY(value());
        for (const char* operation : {"==", "!=", "<=", ">=", "<", ">"})
            if (accept(operation)) return compare(left, operation, TRY(value()));
        if (equal_caseless(left, "true") || equal_caseless(left, "yes") || equal_caseless(left, "on"))
            return true;
        if (equal_caseless(left, "false") || equal_caseless(left, "no") || equal_caseless(left, "off") ||
            left.empty())
            return false;
        return wrong("this is neither true nor false");
    }

    Result<std::string> argument() {
        if (!accept("(")) return wrong("a ( is missing");
        std::string text = TRY(value());
        if (!accept(")")) return wrong("a ) is missing");
        return text;
    }

    Result<std::string> value() {
        skip_blanks();
        if (at_ >= text_.size()) return wrong("a value is missing");
        size_t begin = at_;
        if (text_[at_] == '\'') {
            const size_t end = text_.find('\'', at_ + 1);
            if (end == std::string_view::npos) return wrong("a ' is missing");
            at_ = end + 1;
            return properties_.expand(text_.substr(begin + 1, end - begin - 1), metadata_);
        }
        while (at_ < text_.size() && !is_blank(text_[at_]) && !std::strchr("=!<>')", text_[at_])) {
            const bool reference =
                (text_[at_] == '$' || text_[at_] == '%') && text_.substr(at_ + 1, 1) == "(";
            const size_t end = reference ? closing(text_, at_) : at_;
            if (end == std::string_view::npos) return wrong("a ) is missing");
            at_ = end + 1;
        }
        if (at_ == begin) return wrong("a value is missing");
        return properties_.expand(text_.substr(begin, at_ - begin), metadata_);
    }

    // Numbers and versions (10.0.22000) compare part by part.
    Result<bool> compare(const std::string& left, std::string_view operation, const std::string& right) {
        if (operation == "==") return equal_caseless(left, right);
        if (operation == "!=") return !equal_caseless(left, right);
        const std::vector<uint64_t> a = TRY(numbers(left)), b = TRY(numbers(right));
        const auto order = std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end());
        if (operation == "<") return order < 0;
        if (operation == "<=") return order <= 0;
        return operation == ">" ? order > 0 : order >= 0;
    }
    Result<std::vector<uint64_t>> numbers(std::string_view text) {
        std::vector<uint64_t> parts;
        const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
        if (hexadecimal) text.remove_prefix(2);
        for (const char *at = text.data(), *end = at + text.size();;) {
            uint64_t part = 0;
            const auto [next, error] = std::from_chars(at, end, part, hexadecimal ? 16 : 10);
            if (error != std::errc()) return wrong("what is compared is not a number");
            parts.push_back(part);
            if (next == end) return parts;
            if (*next != '.') return wrong("what is compared is not a number");
            at = next + 1;
        }
    }

    std::string_view text_;
    const Properties& properties_;
    const fs::path& folder_;
    const Values* metadata_;
    size_t at_ = 0;
    int depth_ = 0;
};

// $(VisualStudioVersion.Split('.')[0]): one part of a value; the only function of a value that is known.
// https://learn.microsoft.com/visualstudio/msbuild/property-functions#string-property-functions
std::optional<std::string> part_of_value(const Properties& properties, std::string_view expression) {
    constexpr std::string_view call = ".Split('";
    const size_t at = expression.find(call);
    if (at == std::string_view::npos) return {};
    std::string_view rest = expression.substr(at + call.size());
    if (rest.size() < 5 || rest.substr(1, 3) != "')[" || rest.back() != ']') return {};
    const char separator = rest[0];
    rest = rest.substr(4, rest.size() - 5);
    size_t index = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), index);
    if (error != std::errc() || end != rest.data() + rest.size()) return {};
    std::string_view value = properties.get(trim(expression.substr(0, at)));
    for (; index > 0; --index) {
        const size_t next = value.find(separator);
        if (next == std::string_view::npos) return {};
        value.remove_prefix(next + 1);
    }
    return std::string(value.substr(0, value.find(separator)));
}

}  // namespace

bool CaselessLess::operator()(std::string_view a, std::string_view b) const {
    return std::ranges::lexicographical_compare(a, b, {}, lower, lower);
}

bool equal_caseless(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

void Properties::fix(std::string name, std::string value) { fixed_[std::move(name)] = std::move(value); }

void Properties::set(std::string_view name, std::string value) {
    values_[std::string(name)] = std::move(value);
}

std::string_view Properties::get(std::string_view name) const {
    if (const auto fixed = fixed_.find(name); fixed != fixed_.end()) return fixed->second;
    const auto found = values_.find(name);
    return found == values_.end() ? std::string_view() : std::string_view(found->second);
}

Result<std::string> Properties::expand(std::string_view text, const Values* metadata) const {
    std::string out;
    for (size_t i = 0; i < text.size();) {
        const bool property = text.substr(i, 2) == "$(";
        const bool item = metadata && text.substr(i, 2) == "%(";
        const size_t end = property || item ? closing(text, i) : std::string_view::npos;
        if (end == std::string_view::npos) {
            out += text[i++];
            continue;
        }
        const std::string_view name = trim(text.substr(i + 2, end - i - 2));
        if (property) {
            out += part_of_value(*this, name).value_or(std::string(get(name)));
        } else if (const auto found = metadata->find(name); found != metadata->end()) {
            out += found->second;
        }
        if (out.size() > longest_value)
            return fail(fmt::format("a value grows beyond {} characters", longest_value));
        i = end + 1;
    }
    return out;
}

Result<bool> condition_holds(std::string_view condition, const Properties& properties, const fs::path& folder,
                             const Values* metadata) {
    condition = trim(condition);
    if (condition.empty()) return true;
    return ConditionParser(condition, properties, folder, metadata).parse();
}

fs::path resolve_path(const fs::path& folder, std::string_view text) {
    std::string slashed(trim(text));
    std::ranges::replace(slashed, '\\', '/');
    const fs::path wanted = (folder / slashed).lexically_normal();
    std::error_code error;
    if (fs::exists(wanted, error)) return wanted;
    fs::path found;
    for (const fs::path& part : wanted) {
        fs::path next = found / part;
        if (!fs::exists(next, error))
            for (const fs::directory_entry& entry : fs::directory_iterator(found, error))
                if (equal_caseless(entry.path().filename().string(), part.string())) {
                    next = entry.path();
                    break;
                }
        found = next;
    }
    return found;
}

std::vector<std::string> split_list(std::string_view list) {
    std::vector<std::string> parts;
    while (!list.empty()) {
        const size_t end = std::min(list.find(';'), list.size());
        const std::string_view part = trim(list.substr(0, end));
        if (!part.empty()) parts.emplace_back(part);
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return parts;
}

}  // namespace ndiskit::build
