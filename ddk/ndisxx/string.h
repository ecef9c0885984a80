// Counted UTF-16 strings as the kernel keeps them: an owned copy, and the walk over a REG_MULTI_SZ.
#pragma once

#include <ndis.h>

namespace ndisxx {

// A copy of a string in nonpaged pool.
class String {
  public:
    String() = default;
    String(const String&) = delete;
    String& operator=(const String&) = delete;
    ~String() {
        if (text_.Buffer) NdisFreeMemory(text_.Buffer, 0, 0);
    }

    NDIS_STATUS assign(NDIS_HANDLE owner, ULONG tag, const UNICODE_STRING& other) noexcept {
        auto* buffer = static_cast<WCHAR*>(
            NdisAllocateMemoryWithTagPriority(owner, other.Length + sizeof(WCHAR), tag, NormalPoolPriority));
        if (!buffer) return NDIS_STATUS_RESOURCES;
        NdisMoveMemory(buffer, other.Buffer, other.Length);
        buffer[other.Length / sizeof(WCHAR)] = 0;
        if (text_.Buffer) NdisFreeMemory(text_.Buffer, 0, 0);
        text_.Buffer = buffer;
        text_.Length = other.Length;
        text_.MaximumLength = static_cast<USHORT>(other.Length + sizeof(WCHAR));
        return NDIS_STATUS_SUCCESS;
    }

    UNICODE_STRING* get() noexcept { return &text_; }
    const UNICODE_STRING& operator*() const noexcept { return text_; }

  private:
    UNICODE_STRING text_ = {};
};

// Calls `visit(const UNICODE_STRING&)` for each string of a REG_MULTI_SZ value until it returns a failure,
// which is returned. A value that lacks its last terminators is read to its end.
template <class Visit>
NDIS_STATUS for_each_string(const NDIS_CONFIGURATION_PARAMETER& value, Visit&& visit) noexcept {
    const UNICODE_STRING& all = value.ParameterData.StringData;
    const USHORT characters = all.Length / sizeof(WCHAR);
    USHORT start = 0;
    while (start < characters && all.Buffer[start] != 0) {
        USHORT end = start;
        while (end < characters && all.Buffer[end] != 0) ++end;
        UNICODE_STRING one;
        one.Buffer = &all.Buffer[start];
        one.Length = one.MaximumLength = static_cast<USHORT>((end - start) * sizeof(WCHAR));
        const NDIS_STATUS status = visit(static_cast<const UNICODE_STRING&>(one));
        if (status != NDIS_STATUS_SUCCESS) return status;
        start = static_cast<USHORT>(end + 1);
    }
    return NDIS_STATUS_SUCCESS;
}

}  // namespace ndisxx
