// The registry values of an adapter or a binding, read as a driver reads them, in words of the host.
#pragma once

#include <ndis.h>

#include <cstdint>
#include <string>

namespace ndiskit::edge {

// Opens the configuration of an NDIS handle; closed at the end of its scope. At PASSIVE_LEVEL.
class RegistryValues {
  public:
    explicit RegistryValues(NDIS_HANDLE ndis_handle);
    RegistryValues(const RegistryValues&) = delete;
    RegistryValues& operator=(const RegistryValues&) = delete;
    ~RegistryValues();

    // The value, or `otherwise` when there is none of that kind.
    std::string text(const char* name, const std::string& otherwise);
    uint32_t number(const char* name, uint32_t otherwise);

  private:
    NDIS_CONFIGURATION_PARAMETER* read(const char* name, NDIS_PARAMETER_TYPE type);

    NDIS_HANDLE handle_ = nullptr;
};

}  // namespace ndiskit::edge
