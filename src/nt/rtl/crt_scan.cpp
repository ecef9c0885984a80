// sscanf_s and its kin: the formats of Microsoft's C run-time without floating point, which the kernel's does
// not read either. A text target is followed by its size in characters; what does not fit empties it and ends
// the scan.
#include <optional>

#include "nt/rtl/crt.h"
#include "nt/rtl/printf.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::crt {

namespace {

enum class Width { byte, half, word32, word64 };

struct Directive {
    bool suppressed = false;
    SIZE_T most = ~SIZE_T{0};
    Width width = Width::word32;
    std::optional<bool> wide_text;  // when a size letter says so
    char16_t conversion = 0;
};

template <class C>
class Scanner {
  public:
    Scanner(const C* text, SIZE_T count, const C* format, FormatArguments arguments)
        : at_(text), left_(count), format_(format), arguments_(arguments), start_(text) {}

    int run() {
        while (*format_) {
            if (is_space(*format_)) {
                ++format_;
                skip_spaces();
                continue;
            }
            if (*format_ != '%' || format_[1] == '%') {
                format_ += *format_ == '%';
                if (*format_ == '%') skip_spaces();
                if (peek() != *format_) return ended();
                take();
                ++format_;
                continue;
            }
            ++format_;
            const Directive directive = parse();
            if (!convert(directive)) return ended();
        }
        return assigned_;
    }

  private:
    static constexpr bool is_wide = sizeof(C) == 2;

    static bool is_space(C c) { return c == ' ' || (c >= 9 && c <= 13); }
    C peek() const { return left_ ? *at_ : C{0}; }
    bool at_end() const { return !left_ || !*at_; }
    C take() { return --left_, *at_++; }
    void skip_spaces() {
        while (!at_end() && is_space(peek())) take();
    }
    int ended() const { return assigned_ == 0 && !converted_ && at_end() ? -1 : assigned_; }

    Directive parse() {
        Directive d;
        if (*format_ == '*') d.suppressed = true, ++format_;
        if (*format_ >= '0' && *format_ <= '9')
            for (d.most = 0; *format_ >= '0' && *format_ <= '9'; ++format_)
                d.most = d.most * 10 + static_cast<SIZE_T>(*format_ - '0');
        parse_size(d);
        d.conversion = static_cast<char16_t>(*format_);
        if (*format_) ++format_;
        return d;
    }

    void parse_size(Directive& d) {
        switch (*format_) {
            case 'h':
                d.wide_text = false;
                d.width = Width::half;
                if (*++format_ == 'h') d.width = Width::byte, ++format_;
                return;
            case 'l':
                d.wide_text = true;
                if (*++format_ == 'l') d.width = Width::word64, ++format_;
                return;
            case 'w':
                d.wide_text = true;
                ++format_;
                return;
            case 'I':
                ++format_;
                d.width = Width::word64;
                if (format_[0] == '3' && format_[1] == '2') d.width = Width::word32, format_ += 2;
                if (format_[0] == '6' && format_[1] == '4') format_ += 2;
                return;
            default:
                return;
        }
    }

    bool convert(const Directive& d) {
        switch (d.conversion) {
            case 'd':
            case 'u':
                return integer(d, 10);
            case 'i':
                return integer(d, 0);
            case 'o':
                return integer(d, 8);
            case 'p':
            case 'x':
            case 'X':
                return integer(d, 16);
            case 'c':
            case 'C':
                return characters(d);
            case 's':
            case 'S':
                skip_spaces();
                return text(d, [](C c) { return !is_space(c); });
            case '[':
                return set(d);
            case 'n':
                if (!d.suppressed) store(d, static_cast<uint64_t>(at_ - start_));
                return true;
            default:
                return false;
        }
    }

    void store(const Directive& d, uint64_t value) {
        auto* const target = arguments_.next<void*>();
        constexpr size_t sizes[] = {1, 2, 4, 8};
        const bool whole = d.conversion == 'p';
        __builtin_memcpy(target, &value, whole ? sizeof value : sizes[static_cast<size_t>(d.width)]);
    }

    static unsigned digit_of(C c) {
        return c >= '0' && c <= '9'   ? static_cast<unsigned>(c - '0')
               : c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a' + 10)
               : c >= 'A' && c <= 'F' ? static_cast<unsigned>(c - 'A' + 10)
                                      : 99;
    }

    bool integer(const Directive& d, unsigned base) {
        skip_spaces();
        SIZE_T most = d.most;
        bool negative = false;
        if (most && (peek() == '-' || peek() == '+')) negative = take() == '-', --most;
        bool any = false;
        if ((base == 0 || base == 16) && most && peek() == '0') {
            take(), --most, any = true;
            if (most && (peek() == 'x' || peek() == 'X')) take(), --most, base = 16, any = false;
            if (base == 0) base = 8;
        }
        if (base == 0) base = 10;
        uint64_t value = 0;
        for (; most && !at_end() && digit_of(peek()) < base; --most, any = true)
            value = value * base + digit_of(take());
        if (!any) return false;
        converted_ = true;
        if (!d.suppressed) store(d, negative ? 0 - value : value), ++assigned_;
        return true;
    }

    bool to_wide(const Directive& d) const {
        if (d.wide_text) return *d.wide_text;
        return is_wide != (d.conversion == 'S' || d.conversion == 'C');
    }

    // Puts a unit of the input into the target of whichever width.
    static void put(void* target, SIZE_T index, C c, bool wide) {
        const auto unit = is_wide ? static_cast<char16_t>(c) : ansi_to_unit(static_cast<unsigned char>(c));
        if (wide)
            static_cast<char16_t*>(target)[index] = unit;
        else
            static_cast<unsigned char*>(target)[index] =
                is_wide ? unit_to_ansi(unit) : static_cast<unsigned char>(c);
    }

    bool characters(const Directive& d) {
        const SIZE_T count = d.most == ~SIZE_T{0} ? 1 : d.most;
        void* const target = d.suppressed ? nullptr : arguments_.next<void*>();
        const SIZE_T size = d.suppressed ? count : arguments_.next<ULONG>();
        if (at_end() || size < count) return false;
        for (SIZE_T i = 0; i < count && !at_end(); ++i) {
            const C c = take();
            if (target) put(target, i, c, to_wide(d));
        }
        converted_ = true;
        assigned_ += target != nullptr;
        return true;
    }

    template <class Wanted>
    bool text(const Directive& d, Wanted wanted) {
        void* const target = d.suppressed ? nullptr : arguments_.next<void*>();
        const SIZE_T size = d.suppressed ? ~SIZE_T{0} : arguments_.next<ULONG>();
        SIZE_T n = 0;
        for (; n < d.most && !at_end() && wanted(peek()); ++n) {
            if (n + 1 >= size) {
                if (target && size) put(target, 0, C{0}, to_wide(d));
                converted_ = true;
                return false;
            }
            const C c = take();
            if (target) put(target, n, c, to_wide(d));
        }
        if (!n) return false;
        converted_ = true;
        if (target) put(target, n, C{0}, to_wide(d)), ++assigned_;
        return true;
    }

    // "%[a-z]", "%[^]x]": a bracket that comes first is one of the characters.
    bool set(const Directive& d) {
        const bool inverted = *format_ == '^';
        if (inverted) ++format_;
        const C* const first = format_;
        const C* end = first;
        if (*end) ++end;
        while (*end && *end != ']') ++end;
        if (!*end) return false;
        format_ = end + 1;
        return text(d, [&](C c) {
            bool in = false;
            for (const C* at = first; at < end; ++at) {
                if (at + 2 < end && at[1] == '-') {
                    in |= at[0] <= c && c <= at[2];
                    at += 2;
                } else {
                    in |= *at == c;
                }
            }
            return in != inverted;
        });
    }

    const C* at_;
    SIZE_T left_;
    const C* format_;
    FormatArguments arguments_;
    const C* start_;
    int assigned_ = 0;
    bool converted_ = false;
};

}  // namespace

template <class C>
int NTAPI Scan<C>::all(const C* text, const C* format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const int result = Scanner<C>(text, ~SIZE_T{0}, format, FormatArguments(arguments)).run();
    __builtin_ms_va_end(arguments);
    return result;
}

template <class C>
int NTAPI Scan<C>::counted(const C* text, SIZE_T count, const C* format, ...) {
    __builtin_ms_va_list arguments;
    __builtin_ms_va_start(arguments, format);
    const int result = Scanner<C>(text, count, format, FormatArguments(arguments)).run();
    __builtin_ms_va_end(arguments);
    return result;
}

template struct Scan<char>;
template struct Scan<WCHAR>;

}  // namespace ndiskit::nt::crt
