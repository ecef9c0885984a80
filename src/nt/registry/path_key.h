// What the functions that take a registry path work with: the key that it names, open, and its values.
#pragma once

#include <string>
#include <vector>

#include "nt/abi.h"

namespace ndiskit::nt::registry {

// A key by what RtlQueryRegistryValues and its kin take; closed with this, unless the caller gave a handle.
class PathKey {
  public:
    PathKey() = default;
    ~PathKey() { use(nullptr, false); }
    PathKey(const PathKey&) = delete;
    PathKey& operator=(const PathKey&) = delete;

    NTSTATUS open(ULONG relative_to, PCWSTR path, bool create, ACCESS_MASK access);
    NTSTATUS open_below(HANDLE top, PCWSTR path, ACCESS_MASK access);
    void use(HANDLE handle, bool ours);
    HANDLE handle() const { return handle_; }

  private:
    HANDLE handle_ = nullptr;
    bool ours_ = false;
};

// KEY_VALUE_FULL_INFORMATION of a value, whatever its size.
class FullValue {
  public:
    NTSTATUS query(HANDLE key, UNICODE_STRING name);
    NTSTATUS enumerate(HANDLE key, ULONG index);
    const KEY_VALUE_FULL_INFORMATION* operator->() const {
        return reinterpret_cast<const KEY_VALUE_FULL_INFORMATION*>(buffer_.data());
    }
    std::u16string name() const { return {(*this)->Name, (*this)->NameLength / sizeof(WCHAR)}; }
    const uint8_t* data() const {
        return reinterpret_cast<const uint8_t*>(buffer_.data()) + (*this)->DataOffset;
    }

  private:
    std::vector<uint64_t> buffer_;
};

}  // namespace ndiskit::nt::registry
