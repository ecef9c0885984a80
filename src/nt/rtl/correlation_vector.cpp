// Correlation vectors: a base of random characters, then numbers, each of a step below the last:
// "base.1.0.3". A vector of version 1 has a base of 16 characters and 63 in all, one of version 2 a base of
// 22 and 127 in all. https://github.com/microsoft/CorrelationVector
#include "nt/rtl/correlation_vector.h"

#include <cstring>
#include <string>
#include <string_view>

#include "nt/abi.h"

namespace {

struct Form {
    size_t base, longest;
};
bool form_of(CHAR version, Form& form) {
    if (version == 1) form = {16, 63};
    if (version == 2) form = {22, 127};
    return version == 1 || version == 2;
}

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// As many characters as ask for no more than the bits that there are.
std::string base64(const GUID& guid, size_t characters) {
    unsigned char bytes[17] = {};
    std::memcpy(bytes, &guid, sizeof guid);
    std::string text;
    for (size_t bit = 0; text.size() < characters; bit += 6) {
        const unsigned pair = static_cast<unsigned>(bytes[bit / 8] << 8 | bytes[bit / 8 + 1]);
        text += alphabet[pair >> (10 - bit % 8) & 0x3F];
    }
    return text;
}

bool put(PCORRELATION_VECTOR vector, const std::string& text, const Form& form) {
    if (text.size() > form.longest) return false;
    std::memcpy(vector->Vector, text.c_str(), text.size() + 1);
    return true;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlinitializecorrelationvector
ULONG NTAPI RtlInitializeCorrelationVector(PCORRELATION_VECTOR vector, int version, const GUID* guid) {
    Form form;
    if (!vector || !guid || !form_of(static_cast<CHAR>(version), form))
        return static_cast<ULONG>(STATUS_INVALID_PARAMETER);
    *vector = {};
    vector->Version = static_cast<CHAR>(version);
    put(vector, base64(*guid, form.base) + ".0", form);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlvalidatecorrelationvector
ULONG NTAPI RtlValidateCorrelationVector(PCORRELATION_VECTOR vector) {
    constexpr auto bad = static_cast<ULONG>(STATUS_INVALID_PARAMETER);
    Form form;
    if (!vector || !form_of(vector->Version, form)) return bad;
    const std::string_view text(vector->Vector, strnlen(vector->Vector, sizeof vector->Vector));
    if (text.size() > form.longest || text.size() < form.base + 2 || text[form.base] != '.') return bad;
    if (text.substr(0, form.base).find_first_not_of(alphabet) != text.npos) return bad;
    bool digit_before = true;
    for (const char c : text.substr(form.base)) {
        const bool digit = c >= '0' && c <= '9';
        if (!digit && (c != '.' || !digit_before)) return bad;
        digit_before = digit;
    }
    return digit_before ? static_cast<ULONG>(STATUS_SUCCESS) : bad;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlincrementcorrelationvector
ULONG NTAPI RtlIncrementCorrelationVector(PCORRELATION_VECTOR vector) {
    if (const ULONG status = RtlValidateCorrelationVector(vector)) return status;
    Form form;
    form_of(vector->Version, form);
    const std::string text = vector->Vector;
    const size_t dot = text.rfind('.');
    uint64_t number = 0;
    for (const char c : text.substr(dot + 1)) {
        number = number * 10 + static_cast<uint64_t>(c - '0');
        if (number >= 0x7FFFFFFF) return static_cast<ULONG>(STATUS_BUFFER_OVERFLOW);
    }
    const bool fits = put(vector, text.substr(0, dot + 1) + std::to_string(number + 1), form);
    return fits ? static_cast<ULONG>(STATUS_SUCCESS) : static_cast<ULONG>(STATUS_BUFFER_OVERFLOW);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlextendcorrelationvector
ULONG NTAPI RtlExtendCorrelationVector(PCORRELATION_VECTOR vector) {
    if (const ULONG status = RtlValidateCorrelationVector(vector)) return status;
    Form form;
    form_of(vector->Version, form);
    const bool fits = put(vector, std::string(vector->Vector) + ".0", form);
    return fits ? static_cast<ULONG>(STATUS_SUCCESS) : static_cast<ULONG>(STATUS_INVALID_PARAMETER);
}

}  // extern "C"
