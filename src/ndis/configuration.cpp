// Configuration: the registry as drivers read it. A configuration handle is an open key; which key depends on what
// kind of handle the driver opens it with. What reads return lives until the handle is closed.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisopenconfigurationex
#include <algorithm>
#include <cstring>
#include <deque>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/configuration.h"
#include "ndis/driver.h"
#include "ndis/filter.h"
#include "ndis/library_state.h"
#include "ndis/misuse.h"
#include "ndis/registry_key.h"

namespace ndiskit::ndis {

namespace {

// A value that a driver was given, with the memory that it points to.
struct ReadValue {
    NDIS_CONFIGURATION_PARAMETER parameter{};
    std::vector<uint64_t> data;
};

struct Configuration : Handle {
    static constexpr HandleKind handle_kind = HandleKind::configuration;
    Configuration(RegistryKey k, std::u16string p, std::string o, Adapter* a)
        : Handle(handle_kind), key(std::move(k)), path(std::move(p)), owner(std::move(o)), adapter(a) {}

    RegistryKey key;
    const std::u16string path;
    const std::string owner;
    Adapter* const adapter;             // whose parameters these are; null when they are no adapter's
    std::deque<ReadValue> values;       // addresses stay
    std::vector<uint8_t> network_address;
};

Guarded<std::vector<std::unique_ptr<Configuration>>, LockRank::ndis_leaf>& open_configurations() {
    static Guarded<std::vector<std::unique_ptr<Configuration>>, LockRank::ndis_leaf> list;
    return list;
}

std::u16string view(const UNICODE_STRING& string) {
    return std::u16string(string.Buffer, string.Length / sizeof(WCHAR));
}

using Place = ConfigurationPlace;

Place place_of(NDIS_HANDLE handle, ULONG flags) {
    const auto* header = static_cast<const NDIS_OBJECT_HEADER*>(handle);
    if (header != nullptr && header->Type == NDIS_OBJECT_TYPE_BIND_PARAMETERS) {
        const auto* parameters = static_cast<const NDIS_BIND_PARAMETERS*>(handle);
        return {service_key(view(*parameters->ProtocolSection)), "a bind operation"};
    }
    if (is_handle_of<Adapter>(handle)) {
        const auto& adapter = resolve<Adapter>(handle, "NdisOpenConfigurationEx");
        return {adapter.config.key, adapter.driver.name};
    }
    if (is_handle_of<Binding>(handle)) {
        const auto& binding = resolve<Binding>(handle, "NdisOpenConfigurationEx");
        return {binding_key(binding.protocol.service, binding.adapter.config.guid), binding.protocol.name};
    }
    if (is_handle_of<MiniportDriver>(handle)) {
        const auto& driver = resolve<MiniportDriver>(handle, "NdisOpenConfigurationEx");
        return {service_key(driver.service) + u"\\Parameters", driver.name};
    }
    if (is_handle_of<ProtocolDriver>(handle)) {
        const auto& driver = resolve<ProtocolDriver>(handle, "NdisOpenConfigurationEx");
        return {service_key(driver.service) + u"\\Parameters", driver.name};
    }
    if (is_handle_of<FilterDriver>(handle)) {
        const auto& driver = resolve<FilterDriver>(handle, "NdisOpenConfigurationEx");
        return {service_key(driver.service) + u"\\Parameters", driver.name};
    }
    if (is_handle_of<FilterModule>(handle))
        return filter_place(resolve<FilterModule>(handle, "NdisOpenConfigurationEx"),
                            flags & NDIS_CONFIG_FLAG_FILTER_INSTANCE_CONFIGURATION);
    bad_handle(handle, HandleKind::adapter, "NdisOpenConfigurationEx");
}

NDIS_STATUS open_path(std::u16string path, std::string owner, NDIS_HANDLE& handle, Adapter* adapter = nullptr) {
    auto key = RegistryKey::open(path);
    if (!key)
        return NDIS_STATUS_FAILURE;
    auto configuration = std::make_unique<Configuration>(std::move(*key), std::move(path), std::move(owner), adapter);
    handle = configuration.get();
    open_configurations().with([&](auto& list) { list.push_back(std::move(configuration)); });
    return NDIS_STATUS_SUCCESS;
}

void close(Configuration& configuration) {
    auto taken = open_configurations().with([&](auto& list) {
        const auto it = std::ranges::find_if(list, [&](const auto& c) { return c.get() == &configuration; });
        std::unique_ptr<Configuration> found = std::move(*it);
        list.erase(it);
        return found;
    });
    taken->key.close();
    library().bury(std::move(taken));
}

void* keep_data(ReadValue& value, const void* data, size_t size) {
    value.data.assign((size + 2 * sizeof(WCHAR) + 7) / 8, 0);
    std::memcpy(value.data.data(), data, size);
    return value.data.data();
}

// Numbers that an INF wrote as text are converted, in the base that the driver asks for. The base is all that asking
// for a hexadecimal number decides: what comes back is an integer.
uint32_t parse_number(std::u16string_view text, uint32_t base) {
    if (text.starts_with(u"0x") || text.starts_with(u"0X")) {
        text.remove_prefix(2);
        base = 16;
    }
    uint32_t number = 0;
    for (const char16_t c : text) {
        uint32_t digit = 99;
        if (c >= u'0' && c <= u'9')
            digit = c - u'0';
        else if (c >= u'a' && c <= u'f')
            digit = c - u'a' + 10;
        else if (c >= u'A' && c <= u'F')
            digit = c - u'A' + 10;
        if (digit >= base)
            break;
        number = number * base + digit;
    }
    return number;
}

void convert(const RegistryValue& from, NDIS_PARAMETER_TYPE wanted, ReadValue& to) {
    auto& p = to.parameter;
    const bool wants_number = wanted == NdisParameterInteger || wanted == NdisParameterHexInteger;
    const auto text = text_of(from);
    if (text && wants_number) {
        p.ParameterType = NdisParameterInteger;
        p.ParameterData.IntegerData = parse_number(*text, wanted == NdisParameterHexInteger ? 16 : 10);
        return;
    }
    if (from.type == REG_DWORD && from.data.size() >= sizeof(ULONG)) {
        p.ParameterType = NdisParameterInteger;
        std::memcpy(&p.ParameterData.IntegerData, from.data.data(), sizeof(ULONG));
        return;
    }
    void* data = keep_data(to, from.data.data(), from.data.size());
    if (text || from.type == REG_MULTI_SZ) {
        p.ParameterType = from.type == REG_MULTI_SZ ? NdisParameterMultiString : NdisParameterString;
        const size_t length = text ? text->size() * sizeof(WCHAR) : from.data.size();
        p.ParameterData.StringData.Buffer = static_cast<WCHAR*>(data);
        p.ParameterData.StringData.Length = static_cast<USHORT>(length);
        p.ParameterData.StringData.MaximumLength = static_cast<USHORT>(length + sizeof(WCHAR));
        return;
    }
    p.ParameterType = NdisParameterBinary;
    p.ParameterData.BinaryData.Length = static_cast<USHORT>(from.data.size());
    p.ParameterData.BinaryData.Buffer = data;
}

// NdisProcessorAmd64 of the documentation; the enumeration is not in the headers of NDIS 6.
constexpr uint32_t processor_amd64 = 8;

// Two keywords are answered from the machine, not from the registry.
bool predefined(std::u16string_view keyword, ReadValue& to) {
    to.parameter.ParameterType = NdisParameterInteger;
    if (same_name(keyword, u"NdisVersion")) {
        const Version version = machine_version();
        to.parameter.ParameterData.IntegerData = uint32_t{version.major} << 16 | version.minor;
        return true;
    }
    if (same_name(keyword, u"ProcessorType")) {
        to.parameter.ParameterData.IntegerData = processor_amd64;
        return true;
    }
    return false;
}

NDIS_STATUS read(Configuration& configuration, const std::u16string& keyword, NDIS_PARAMETER_TYPE type,
                 PNDIS_CONFIGURATION_PARAMETER& result) {
    ReadValue value;
    if (!predefined(keyword, value)) {
        const auto found = configuration.key.value(keyword);
        if (!found)
            return NDIS_STATUS_FAILURE;
        convert(*found, type, value);
    }
    configuration.values.push_back(std::move(value));
    result = &configuration.values.back().parameter;
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS write(Configuration& configuration, const std::u16string& keyword,
                  const NDIS_CONFIGURATION_PARAMETER& parameter) {
    const auto& data = parameter.ParameterData;
    switch (parameter.ParameterType) {
    case NdisParameterInteger:
    case NdisParameterHexInteger:
        return configuration.key.set(keyword, REG_DWORD, &data.IntegerData, sizeof(ULONG)) ? NDIS_STATUS_SUCCESS
                                                                                           : NDIS_STATUS_FAILURE;
    case NdisParameterString:
    case NdisParameterMultiString: {
        std::u16string text = view(data.StringData);
        if (parameter.ParameterType == NdisParameterString)
            text.push_back(u'\0');
        const uint32_t type = parameter.ParameterType == NdisParameterString ? REG_SZ : REG_MULTI_SZ;
        return configuration.key.set(keyword, type, text.data(), text.size() * sizeof(WCHAR)) ? NDIS_STATUS_SUCCESS
                                                                                             : NDIS_STATUS_FAILURE;
    }
    case NdisParameterBinary:
        return configuration.key.set(keyword, REG_BINARY, data.BinaryData.Buffer, data.BinaryData.Length)
                   ? NDIS_STATUS_SUCCESS
                   : NDIS_STATUS_FAILURE;
    }
    return NDIS_STATUS_NOT_SUPPORTED;
}

int hex_digit(char16_t c) {
    if (c >= u'0' && c <= u'9')
        return c - u'0';
    if (c >= u'a' && c <= u'f')
        return c - u'a' + 10;
    if (c >= u'A' && c <= u'F')
        return c - u'A' + 10;
    return -1;
}

NDIS_STATUS read_network_address(Configuration& configuration) {
    if (configuration.adapter != nullptr)
        configuration.adapter->reads_network_address = true;
    const auto text = configuration.key.string(u"NetworkAddress");
    if (!text)
        return NDIS_STATUS_FAILURE;
    configuration.network_address.clear();
    int high = -1;
    for (const char16_t c : *text) {
        if (c == u'-')
            continue;
        const int digit = hex_digit(c);
        if (digit < 0)
            break;
        if (high < 0) {
            high = digit;
            continue;
        }
        configuration.network_address.push_back(static_cast<uint8_t>(high << 4 | digit));
        high = -1;
    }
    return configuration.network_address.empty() ? NDIS_STATUS_FAILURE : NDIS_STATUS_SUCCESS;
}

}  // namespace

std::vector<std::string> configuration_leaks() {
    return open_configurations().with([](const auto& list) {
        std::vector<std::string> lines;
        for (const auto& c : list)
            lines.push_back("driver " + c->owner + ": configuration " + narrow(c->path) + " is still open");
        return lines;
    });
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisopenconfigurationex
extern "C" NDIS_STATUS NTAPI NdisOpenConfigurationEx(PNDIS_CONFIGURATION_OBJECT ConfigObject,
                                                     PNDIS_HANDLE ConfigurationHandle) {
    const NDIS_HANDLE of = ConfigObject->NdisHandle;
    Place place = place_of(of, ConfigObject->Flags);
    Adapter* adapter = is_handle_of<Adapter>(of) ? &resolve<Adapter>(of, "NdisOpenConfigurationEx") : nullptr;
    return open_path(std::move(place.path), std::move(place.owner), *ConfigurationHandle, adapter);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiscloseconfiguration
extern "C" void NTAPI NdisCloseConfiguration(NDIS_HANDLE ConfigurationHandle) {
    close(resolve<Configuration>(ConfigurationHandle, "NdisCloseConfiguration"));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisreadconfiguration
extern "C" void NTAPI NdisReadConfiguration(PNDIS_STATUS Status, PNDIS_CONFIGURATION_PARAMETER* ParameterValue,
                                            NDIS_HANDLE ConfigurationHandle, PNDIS_STRING Keyword,
                                            NDIS_PARAMETER_TYPE ParameterType) {
    *Status = read(resolve<Configuration>(ConfigurationHandle, "NdisReadConfiguration"), view(*Keyword), ParameterType,
                   *ParameterValue);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiswriteconfiguration
extern "C" void NTAPI NdisWriteConfiguration(PNDIS_STATUS Status, NDIS_HANDLE ConfigurationHandle, PNDIS_STRING Keyword,
                                             PNDIS_CONFIGURATION_PARAMETER ParameterValue) {
    *Status = write(resolve<Configuration>(ConfigurationHandle, "NdisWriteConfiguration"), view(*Keyword),
                    *ParameterValue);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisopenconfigurationkeybyname
extern "C" void NTAPI NdisOpenConfigurationKeyByName(PNDIS_STATUS Status, NDIS_HANDLE ConfigurationHandle,
                                                     PNDIS_STRING SubKeyName, PNDIS_HANDLE SubKeyHandle) {
    auto& parent = resolve<Configuration>(ConfigurationHandle, "NdisOpenConfigurationKeyByName");
    *Status = open_path(parent.path + u'\\' + view(*SubKeyName), parent.owner, *SubKeyHandle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisopenconfigurationkeybyindex
extern "C" void NTAPI NdisOpenConfigurationKeyByIndex(PNDIS_STATUS Status, NDIS_HANDLE ConfigurationHandle, ULONG Index,
                                                      PNDIS_STRING KeyName, PNDIS_HANDLE KeyHandle) {
    auto& parent = resolve<Configuration>(ConfigurationHandle, "NdisOpenConfigurationKeyByIndex");
    const auto names = parent.key.subkeys();
    if (Index >= names.size()) {
        *Status = NDIS_STATUS_FAILURE;
        return;
    }
    *Status = open_path(parent.path + u'\\' + names[Index], parent.owner, *KeyHandle);
    if (*Status != NDIS_STATUS_SUCCESS || KeyName == nullptr)
        return;
    // The name's memory belongs to the handle, as what reads return does.
    auto& child = resolve<Configuration>(*KeyHandle, "NdisOpenConfigurationKeyByIndex");
    ReadValue name;
    KeyName->Buffer = static_cast<WCHAR*>(keep_data(name, names[Index].data(), names[Index].size() * sizeof(WCHAR)));
    KeyName->Length = static_cast<USHORT>(names[Index].size() * sizeof(WCHAR));
    KeyName->MaximumLength = static_cast<USHORT>(KeyName->Length + sizeof(WCHAR));
    child.values.push_back(std::move(name));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisreadnetworkaddress
extern "C" void NTAPI NdisReadNetworkAddress(PNDIS_STATUS Status, PVOID* NetworkAddress, PUINT NetworkAddressLength,
                                             NDIS_HANDLE ConfigurationHandle) {
    auto& configuration = resolve<Configuration>(ConfigurationHandle, "NdisReadNetworkAddress");
    *Status = read_network_address(configuration);
    if (*Status != NDIS_STATUS_SUCCESS)
        return;
    *NetworkAddress = configuration.network_address.data();
    *NetworkAddressLength = static_cast<UINT>(configuration.network_address.size());
}
