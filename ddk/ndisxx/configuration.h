// An open configuration handle, closed at the end of its scope.
#pragma once

#include <ndis.h>

namespace ndisxx {

class Configuration {
  public:
    Configuration() = default;
    Configuration(const Configuration&) = delete;
    Configuration& operator=(const Configuration&) = delete;
    ~Configuration() {
        if (handle_) NdisCloseConfiguration(handle_);
    }

    // By the NDIS handle of a miniport adapter (its instance's parameters), of a binding (what the protocol
    // keeps for that adapter), or of a driver.
    NDIS_STATUS open(NDIS_HANDLE ndis_handle) noexcept {
        NDIS_CONFIGURATION_OBJECT object = {};
        object.Header.Type = NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT;
        object.Header.Revision = NDIS_CONFIGURATION_OBJECT_REVISION_1;
        object.Header.Size = NDIS_SIZEOF_CONFIGURATION_OBJECT_REVISION_1;
        object.NdisHandle = ndis_handle;
        return NdisOpenConfigurationEx(&object, &handle_);
    }

    // The value, or null; it lives as long as the handle.
    const NDIS_CONFIGURATION_PARAMETER* read(const WCHAR* name, NDIS_PARAMETER_TYPE type) noexcept {
        NDIS_STRING keyword;
        RtlInitUnicodeString(&keyword, name);
        NDIS_STATUS status;
        NDIS_CONFIGURATION_PARAMETER* value = nullptr;
        NdisReadConfiguration(&status, &value, handle_, &keyword, type);
        return status == NDIS_STATUS_SUCCESS ? value : nullptr;
    }

    NDIS_HANDLE get() const noexcept { return handle_; }

  private:
    NDIS_HANDLE handle_ = nullptr;
};

}  // namespace ndisxx
