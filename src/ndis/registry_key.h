// A registry key, opened by path, for the library's own reading and for NdisOpenConfigurationEx. Thin over the
// Zw functions. PASSIVE_LEVEL.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ndis/abi.h"

namespace ndiskit::ndis {

struct RegistryValue {
    uint32_t type = 0;
    std::vector<std::byte> data;
};

class RegistryKey {
  public:
    // Empty when there is no such key.
    static std::optional<RegistryKey> open(std::u16string_view path);
    // Makes the key, and what is missing above it.
    static std::optional<RegistryKey> create(std::u16string_view path);
    ~RegistryKey();
    RegistryKey(RegistryKey&& other) noexcept : handle_(other.handle_) { other.handle_ = nullptr; }
    RegistryKey& operator=(RegistryKey&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }

    void close();  // nothing else may be asked of it then

    std::optional<RegistryValue> value(std::u16string_view name) const;
    bool set(std::u16string_view name, uint32_t type, const void* data, size_t size);

    // SZ and EXPAND_SZ without the end; empty also when there is none.
    std::optional<std::u16string> string(std::u16string_view name) const;
    std::vector<std::u16string> multi_string(std::u16string_view name) const;
    std::optional<uint32_t> number(std::u16string_view name) const;  // DWORD, or SZ in decimal

    std::vector<std::u16string> subkeys() const;

  private:
    explicit RegistryKey(HANDLE handle) : handle_(handle) {}
    HANDLE handle_ = nullptr;
};

std::vector<std::u16string> split_multi_string(const RegistryValue& value);
std::optional<std::u16string> text_of(const RegistryValue& value);

}  // namespace ndiskit::ndis
