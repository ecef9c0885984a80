#include "nt/rtl/printf.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "nt/rtl/unicode.h"

namespace ndiskit::nt {

namespace {

enum class Size { none, byte, half, word32, word64, pointer, wide };

struct Directive {
    bool left = false, zero = false, plus = false, space = false, alternate = false;
    int width = 0;
    int precision = -1;
    Size size = Size::none;
    char16_t conversion = 0;
};

template <class C>
class Formatter {
  public:
    Formatter(const C* format, FormatArguments arguments) : at_(format), arguments_(arguments) {}

    std::basic_string<C> run() {
        while (*at_) {
            if (*at_ != '%') {
                out_ += *at_++;
                continue;
            }
            ++at_;
            const Directive directive = parse();
            if (!directive.conversion) break;
            convert(directive);
        }
        return std::move(out_);
    }

  private:
    static constexpr bool is_wide = sizeof(C) == 2;

    int number() {
        if (*at_ == '*') {
            ++at_;
            return arguments_.next<int>();
        }
        int value = 0;
        while (*at_ >= '0' && *at_ <= '9') value = value * 10 + (*at_++ - '0');
        return value;
    }

    Directive parse() {
        Directive d;
        for (;; ++at_) {
            if (*at_ == '-')
                d.left = true;
            else if (*at_ == '0')
                d.zero = true;
            else if (*at_ == '+')
                d.plus = true;
            else if (*at_ == ' ')
                d.space = true;
            else if (*at_ == '#')
                d.alternate = true;
            else
                break;
        }
        d.width = number();
        if (d.width < 0) {
            d.left = true;
            d.width = -d.width;
        }
        if (*at_ == '.') {
            ++at_;
            d.precision = number();
        }
        d.size = parse_size();
        d.conversion = static_cast<char16_t>(*at_);
        if (*at_) ++at_;
        return d;
    }

    Size parse_size() {
        switch (*at_) {
            case 'h':
                return ++at_, *at_ == 'h' ? (++at_, Size::byte) : Size::half;
            case 'l':
                return ++at_, *at_ == 'l' ? (++at_, Size::word64) : Size::word32;
            case 'w':
                return ++at_, Size::wide;
            case 'j':
            case 'z':
            case 't':
                return ++at_, Size::pointer;
            case 'I':
                if (at_[1] == '6' && at_[2] == '4') return at_ += 3, Size::word64;
                if (at_[1] == '3' && at_[2] == '2') return at_ += 3, Size::word32;
                return ++at_, Size::pointer;
            default:
                return Size::none;
        }
    }

    void convert(const Directive& d) {
        switch (d.conversion) {
            case 'd':
            case 'i':
                return integer(d, 10, true);
            case 'u':
                return integer(d, 10, false);
            case 'x':
            case 'X':
                return integer(d, 16, false);
            case 'o':
                return integer(d, 8, false);
            case 'p':
                return pointer(d);
            case 'c':
            case 'C':
                return character(d);
            case 's':
            case 'S':
                return text(d);
            case 'Z':
                return counted(d);
            case 'e':
            case 'E':
            case 'f':
            case 'F':
            case 'g':
            case 'G':
            case 'a':
            case 'A':
                return real(d);
            case 'n':
                arguments_.next<void*>();
                return;  // Windows has it switched off
            default:
                out_ += static_cast<C>(d.conversion);
        }
    }

    // Whether %s, %c and %Z of this directive name wide text.
    bool wants_wide(const Directive& d) const {
        if (d.size == Size::half) return false;
        if (d.size == Size::wide || d.size == Size::word32) return true;
        return is_wide != (d.conversion == 'S' || d.conversion == 'C');
    }

    void put(const Directive& d, std::basic_string_view<C> prefix, std::basic_string_view<C> body,
             bool may_zero) {
        const auto length = static_cast<int>(prefix.size() + body.size());
        const auto padding = static_cast<size_t>(std::max(0, d.width - length));
        const bool zeros = d.zero && !d.left && may_zero;
        if (!d.left && !zeros) out_.append(padding, ' ');
        out_ += prefix;
        if (zeros) out_.append(padding, '0');
        out_ += body;
        if (d.left) out_.append(padding, ' ');
    }

    void integer(const Directive& d, unsigned base, bool is_signed) {
        int64_t value = arguments_.next<int64_t>();
        switch (d.size) {
            case Size::word64:
            case Size::pointer:
                break;
            case Size::half:
                value = is_signed ? int64_t{int16_t(value)} : int64_t{uint16_t(value)};
                break;
            case Size::byte:
                value = is_signed ? int64_t{int8_t(value)} : int64_t{uint8_t(value)};
                break;
            default:
                value = is_signed ? int64_t{int32_t(value)} : int64_t{uint32_t(value)};
        }
        const bool negative = is_signed && value < 0;
        digits(d, negative ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value), base,
               negative               ? "-"
               : is_signed && d.plus  ? "+"
               : is_signed && d.space ? " "
                                      : "");
    }

    void digits(const Directive& d, uint64_t value, unsigned base, std::string_view sign) {
        const char* const symbols =
            d.conversion == 'X' || d.conversion == 'p' ? "0123456789ABCDEF" : "0123456789abcdef";
        std::basic_string<C> body;
        for (uint64_t rest = value; rest; rest /= base)
            body.insert(body.begin(), static_cast<C>(symbols[rest % base]));
        const size_t least = d.precision < 0 ? 1 : static_cast<size_t>(d.precision);
        if (body.size() < least) body.insert(0, least - body.size(), '0');
        std::basic_string<C> prefix(sign.begin(), sign.end());
        if (d.alternate && value && base == 16) prefix += {C('0'), static_cast<C>(d.conversion)};
        if (d.alternate && base == 8 && (body.empty() || body[0] != '0')) body.insert(body.begin(), '0');
        put(d, prefix, body, d.precision < 0);
    }

    void pointer(Directive d) {
        d.precision = 16;
        digits(d, arguments_.next<uint64_t>(), 16, "");
    }

    void character(const Directive& d) {
        const auto value = arguments_.next<int>();
        const C c = static_cast<C>(narrow_or_widen(static_cast<char16_t>(value), wants_wide(d)));
        put(d, {}, std::basic_string_view<C>(&c, 1), false);
    }

    // A unit of text of the given width, in the output's.
    static char16_t narrow_or_widen(char16_t c, bool from_wide) {
        if (from_wide) return is_wide ? c : unit_to_ansi(c);
        return is_wide ? ansi_to_unit(static_cast<unsigned char>(c)) : c & 0xFF;
    }

    template <class From>
    void units(const Directive& d, const From* from, size_t length) {
        std::basic_string<C> body;
        for (size_t i = 0; i < length; ++i)
            body += static_cast<C>(narrow_or_widen(
                static_cast<char16_t>(static_cast<std::make_unsigned_t<From>>(from[i])), sizeof(From) == 2));
        put(d, {}, body, false);
    }

    template <class From>
    void terminated(const Directive& d, const From* from) {
        size_t length = 0;
        while ((d.precision < 0 || length < static_cast<size_t>(d.precision)) && from[length]) ++length;
        units(d, from, length);
    }

    void text(const Directive& d) {
        const auto* pointer = arguments_.next<const void*>();
        if (!pointer) return terminated(d, "(null)");
        if (wants_wide(d))
            terminated(d, static_cast<const char16_t*>(pointer));
        else
            terminated(d, static_cast<const char*>(pointer));
    }

    void counted(const Directive& d) {
        const auto* string = arguments_.next<const UNICODE_STRING*>();
        if (!string || !string->Buffer) return terminated(d, "(null)");
        const bool wide = d.size == Size::wide || d.size == Size::word32;
        size_t length = wide ? string->Length / sizeof(char16_t) : string->Length;
        if (d.precision >= 0) length = std::min(length, static_cast<size_t>(d.precision));
        if (wide)
            units(d, string->Buffer, length);
        else
            units(d, reinterpret_cast<const char*>(string->Buffer), length);
    }

    void real(const Directive& d) {
        char format[] = {'%', d.plus ? '+' : d.space ? ' ' : '-', '.',
                         '*', static_cast<char>(d.conversion),    0};
        char buffer[512];
        const int precision = std::min(d.precision < 0 ? 6 : d.precision, 100);
        const int length = std::snprintf(buffer, sizeof buffer, format, precision, arguments_.next<double>());
        put(d, {}, std::basic_string<C>(buffer, buffer + std::min<int>(length, sizeof buffer - 1)), true);
    }

    const C* at_;
    FormatArguments arguments_;
    std::basic_string<C> out_;
};

}  // namespace

std::string format_narrow(const char* format, FormatArguments arguments) {
    return Formatter<char>(format, arguments).run();
}

std::u16string format_wide(const char16_t* format, FormatArguments arguments) {
    return Formatter<char16_t>(format, arguments).run();
}

}  // namespace ndiskit::nt
