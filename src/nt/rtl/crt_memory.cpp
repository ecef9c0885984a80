// Memory functions. Drivers call them per packet: they copy with registers that the Microsoft convention does
// not keep, because a call into the host's libc would have to save ten vector registers first. A fault in
// those that are leaf code is an exception of the driver's.
#include <emmintrin.h>

#include <cstring>
#include <utility>

#include "nt/exception/leaf_code.h"
#include "nt/rtl/crt.h"

namespace {

constexpr INT einval = 22, erange = 34;
// From here on the processor's own string copy is the fastest.
constexpr SIZE_T long_copy = 1024;

[[gnu::always_inline]] inline __m128i load(const char* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
[[gnu::always_inline]] inline void store(char* at, __m128i value) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(at), value);
}
template <class T>
[[gnu::always_inline]] inline void copy_ends(char* to, const char* from, SIZE_T length) {
    T first, last;
    __builtin_memcpy(&first, from, sizeof(T));
    __builtin_memcpy(&last, from + length - sizeof(T), sizeof(T));
    __builtin_memcpy(to, &first, sizeof(T));
    __builtin_memcpy(to + length - sizeof(T), &last, sizeof(T));
}

// At most 32 bytes: everything is read before anything is written, so overlap does not matter.
[[gnu::always_inline]] inline void copy_short(char* to, const char* from, SIZE_T length) {
    if (length >= 16) {
        const __m128i first = load(from), last = load(from + length - 16);
        store(to, first);
        store(to + length - 16, last);
    } else if (length >= 8) {
        copy_ends<uint64_t>(to, from, length);
    } else if (length >= 4) {
        copy_ends<uint32_t>(to, from, length);
    } else if (length >= 2) {
        copy_ends<uint16_t>(to, from, length);
    } else if (length) {
        *to = *from;
    }
}

[[gnu::always_inline]] inline void copy_up(char* to, const char* from, SIZE_T length) {
    if (length >= long_copy) {
        asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(length) : : "memory");
        return;
    }
    const __m128i tail_low = load(from + length - 32), tail_high = load(from + length - 16);
    char* const end = to + length;
    for (; length > 32; length -= 32, to += 32, from += 32) {
        const __m128i low = load(from), high = load(from + 16);
        store(to, low);
        store(to + 16, high);
    }
    store(end - 32, tail_low);
    store(end - 16, tail_high);
}

[[gnu::always_inline]] inline void copy_down(char* to, const char* from, SIZE_T length) {
    const __m128i head_low = load(from), head_high = load(from + 16);
    for (SIZE_T at = length; at > 32; at -= 32) {
        const __m128i low = load(from + at - 32), high = load(from + at - 16);
        store(to + at - 32, low);
        store(to + at - 16, high);
    }
    store(to, head_low);
    store(to + 16, head_high);
}

}  // namespace

extern "C" {

NDISKIT_LEAF_CODE void* NTAPI nt_memmove(void* to, const void* from, SIZE_T length) {
    auto* target = static_cast<char*>(to);
    const auto* source = static_cast<const char*>(from);
    if (length <= 32)
        copy_short(target, source, length);
    else if (static_cast<SIZE_T>(target - source) >= length)
        copy_up(target, source, length);
    else
        copy_down(target, source, length);
    return to;
}

// Drivers' memcpy with overlap is well defined on Windows x64, where both names are one function.
NDISKIT_LEAF_CODE void* NTAPI nt_memcpy(void* to, const void* from, SIZE_T length) {
    return nt_memmove(to, from, length);
}

NDISKIT_LEAF_CODE void* NTAPI nt_memset(void* to, int value, SIZE_T length) {
    auto* at = static_cast<char*>(to);
    if (length < 16) {
        for (SIZE_T i = 0; i < length; ++i) {
            at[i] = static_cast<char>(value);
            asm volatile("" ::: "memory");  // keeps the loop from becoming a call of memset
        }
        return to;
    }
    if (length >= long_copy) {
        asm volatile("rep stosb" : "+D"(at), "+c"(length) : "a"(value) : "memory");
        return to;
    }
    const __m128i pattern = _mm_set1_epi8(static_cast<char>(value));
    for (SIZE_T i = 0; i + 16 <= length; i += 16) store(at + i, pattern);
    store(at + length - 16, pattern);
    return to;
}

NDISKIT_LEAF_CODE int NTAPI nt_memcmp(const void* a, const void* b, SIZE_T length) {
    const auto *x = static_cast<const unsigned char*>(a), *y = static_cast<const unsigned char*>(b);
    SIZE_T i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t p, q;
        __builtin_memcpy(&p, x + i, 8);
        __builtin_memcpy(&q, y + i, 8);
        if (p != q) return __builtin_bswap64(p) < __builtin_bswap64(q) ? -1 : 1;
    }
    for (; i < length; ++i)
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    return 0;
}

NDISKIT_LEAF_CODE void* NTAPI nt_memchr(const void* memory, int value, SIZE_T length) {
    const auto* const bytes = static_cast<const unsigned char*>(memory);
    const auto wanted = static_cast<unsigned char>(value);
    for (SIZE_T i = 0; i < length; ++i) {
        if (bytes[i] == wanted) return const_cast<unsigned char*>(bytes + i);
        asm volatile("" ::: "memory");  // keeps the loop from becoming a call of memchr
    }
    return nullptr;
}

NDISKIT_LEAF_CODE INT NTAPI nt_memmove_s(void* to, SIZE_T size, const void* from, SIZE_T length) {
    if (length == 0) return 0;
    if (!to || !from) return einval;
    if (length > size) return erange;
    nt_memmove(to, from, length);
    return 0;
}

NDISKIT_LEAF_CODE INT NTAPI nt_memcpy_s(void* to, SIZE_T size, const void* from, SIZE_T length) {
    // Unlike memmove_s it clears the target when the source does not fit.
    if (to && size && length && (!from || length > size)) nt_memset(to, 0, size);
    return nt_memmove_s(to, size, from, length);
}

// Heap sort: no memory, no recursion, n log n in the worst case.
void NTAPI nt_qsort(void* base, SIZE_T count, SIZE_T size, INT(NTAPI* compare)(const void*, const void*)) {
    auto* items = static_cast<char*>(base);
    auto swap = [&](SIZE_T a, SIZE_T b) {
        for (SIZE_T i = 0; i < size; ++i) std::swap(items[a * size + i], items[b * size + i]);
    };
    auto sift = [&](SIZE_T root, SIZE_T end) {
        for (SIZE_T child; (child = 2 * root + 1) < end; root = child) {
            if (child + 1 < end && compare(items + child * size, items + (child + 1) * size) < 0) ++child;
            if (compare(items + root * size, items + child * size) >= 0) return;
            swap(root, child);
        }
    };
    for (SIZE_T root = count / 2; root-- > 0;) sift(root, count);
    for (SIZE_T end = count; end > 1;) {
        swap(0, --end);
        sift(0, end);
    }
}

void* NTAPI nt_bsearch(const void* key, const void* base, SIZE_T count, SIZE_T size,
                       INT(NTAPI* compare)(const void*, const void*)) {
    const auto* items = static_cast<const char*>(base);
    for (SIZE_T low = 0, high = count; low < high;) {
        const SIZE_T middle = low + (high - low) / 2;
        const int order = compare(key, items + middle * size);
        if (order == 0) return const_cast<char*>(items + middle * size);
        (order < 0 ? high : low) = order < 0 ? middle : middle + 1;
    }
    return nullptr;
}

}  // extern "C"
