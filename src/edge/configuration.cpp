#include "edge/configuration.h"

namespace ndiskit::edge {
namespace {

// Names and values of the built-in drivers are ASCII; anything else becomes '?'.
std::string narrow(const UNICODE_STRING& text) {
    std::string result;
    for (size_t i = 0; i < text.Length / sizeof(WCHAR) && text.Buffer[i] != 0; ++i)
        result += text.Buffer[i] < 0x80 ? static_cast<char>(text.Buffer[i]) : '?';
    return result;
}

}  // namespace

RegistryValues::RegistryValues(NDIS_HANDLE ndis_handle) {
    NDIS_CONFIGURATION_OBJECT object{};
    object.Header.Type = NDIS_OBJECT_TYPE_CONFIGURATION_OBJECT;
    object.Header.Revision = NDIS_CONFIGURATION_OBJECT_REVISION_1;
    object.Header.Size = NDIS_SIZEOF_CONFIGURATION_OBJECT_REVISION_1;
    object.NdisHandle = ndis_handle;
    if (NdisOpenConfigurationEx(&object, &handle_) != NDIS_STATUS_SUCCESS) handle_ = nullptr;
}

RegistryValues::~RegistryValues() {
    if (handle_) NdisCloseConfiguration(handle_);
}

NDIS_CONFIGURATION_PARAMETER* RegistryValues::read(const char* name, NDIS_PARAMETER_TYPE type) {
    if (!handle_) return nullptr;
    std::u16string wide(name, name + std::char_traits<char>::length(name));
    UNICODE_STRING keyword{.Length = static_cast<USHORT>(wide.size() * sizeof(WCHAR)),
                           .MaximumLength = static_cast<USHORT>(wide.size() * sizeof(WCHAR)),
                           .Buffer = wide.data()};
    NDIS_STATUS status;
    NDIS_CONFIGURATION_PARAMETER* value = nullptr;
    NdisReadConfiguration(&status, &value, handle_, &keyword, type);
    return status == NDIS_STATUS_SUCCESS ? value : nullptr;
}

std::string RegistryValues::text(const char* name, const std::string& otherwise) {
    const NDIS_CONFIGURATION_PARAMETER* value = read(name, NdisParameterString);
    return value && value->ParameterType == NdisParameterString ? narrow(value->ParameterData.StringData)
                                                                : otherwise;
}

uint32_t RegistryValues::number(const char* name, uint32_t otherwise) {
    const NDIS_CONFIGURATION_PARAMETER* value = read(name, NdisParameterInteger);
    return value && value->ParameterType == NdisParameterInteger ? value->ParameterData.IntegerData
                                                                 : otherwise;
}

}  // namespace ndiskit::edge
