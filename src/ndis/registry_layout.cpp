// Reading the network configuration.
#include "ndis/registry_layout.h"

#include <algorithm>

#include "ndis/registry_key.h"

namespace ndiskit::ndis {

namespace {

char16_t upper(char16_t c) { return c >= u'a' && c <= u'z' ? static_cast<char16_t>(c - 32) : c; }

std::u16string child(std::u16string_view parent, std::u16string_view name) {
    std::u16string path(parent);
    path += u'\\';
    path += name;
    return path;
}

RssKeywords read_rss_keywords(const RegistryKey& key) {
    constexpr uint32_t last_profile = 5;
    RssKeywords rss;
    rss.base_processor = key.number(u"*RssBaseProcNumber").value_or(rss.base_processor);
    rss.highest_processor = key.number(u"*RssMaxProcNumber").value_or(rss.highest_processor);
    rss.most_processors = key.number(u"*MaxRssProcessors").value_or(rss.most_processors);
    if (const auto profile = key.number(u"*RSSProfile"); profile && *profile >= 1 && *profile <= last_profile)
        rss.profile = *profile;
    return rss;
}

std::optional<AdapterConfig> read_instance(std::u16string_view instance) {
    AdapterConfig config;
    config.instance = instance;
    config.key = child(layout::class_key, instance);
    const auto key = RegistryKey::open(config.key);
    if (!key)
        return std::nullopt;
    config.guid = key->string(u"NetCfgInstanceId").value_or(u"");
    config.device_instance = key->string(u"DeviceInstanceID").value_or(u"");
    if (config.guid.empty() || config.device_instance.empty())
        return std::nullopt;
    config.description = key->string(u"DriverDesc").value_or(config.guid);
    config.component_id = key->string(u"ComponentId").value_or(u"");
    config.characteristics = key->number(u"Characteristics").value_or(0);
    const auto if_type = key->number(u"*IfType");
    const auto media = key->number(u"*MediaType");
    const auto physical = key->number(u"*PhysicalMediaType");
    config.has_media = if_type && media && physical;
    config.if_type = if_type.value_or(0);
    config.media_type = media.value_or(0);
    config.physical_media_type = physical.value_or(0);
    config.luid_index = key->number(u"NetLuidIndex");
    config.rss = read_rss_keywords(*key);
    config.im_miniport = key->number(u"IMMiniport") == 1;
    if (const auto device = RegistryKey::open(child(layout::enum_key, config.device_instance)))
        config.service = device->string(u"Service").value_or(u"");
    if (config.service.empty())
        return std::nullopt;
    return config;
}

}  // namespace

bool same_name(std::u16string_view a, std::u16string_view b) {
    return std::ranges::equal(a, b, [](char16_t x, char16_t y) { return upper(x) == upper(y); });
}

std::string narrow(std::u16string_view text) {
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size(); i++) {
        uint32_t c = text[i];
        if (c >= 0xd800 && c < 0xdc00 && i + 1 < text.size() && text[i + 1] >= 0xdc00 && text[i + 1] < 0xe000)
            c = 0x10000 + ((c - 0xd800) << 10) + (text[++i] - 0xdc00u);
        if (c < 0x80) {
            out += static_cast<char>(c);
        } else if (c < 0x800) {
            out += static_cast<char>(0xc0 | (c >> 6));
            out += static_cast<char>(0x80 | (c & 0x3f));
        } else if (c < 0x10000) {
            out += static_cast<char>(0xe0 | (c >> 12));
            out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
            out += static_cast<char>(0x80 | (c & 0x3f));
        } else {
            out += static_cast<char>(0xf0 | (c >> 18));
            out += static_cast<char>(0x80 | ((c >> 12) & 0x3f));
            out += static_cast<char>(0x80 | ((c >> 6) & 0x3f));
            out += static_cast<char>(0x80 | (c & 0x3f));
        }
    }
    return out;
}

std::u16string widen(std::string_view text) {
    // Names that reach this are ASCII (services, guids); anything else stays recognisable.
    std::u16string out;
    out.reserve(text.size());
    for (const char c : text)
        out += static_cast<char16_t>(static_cast<unsigned char>(c));
    return out;
}

std::vector<AdapterConfig> read_adapter_configs() {
    std::vector<AdapterConfig> configs;
    const auto key = RegistryKey::open(layout::class_key);
    if (!key)
        return configs;
    std::vector<std::u16string> instances = key->subkeys();
    std::ranges::sort(instances);
    for (const auto& instance : instances)
        if (auto config = read_instance(instance))
            configs.push_back(std::move(*config));
    return configs;
}

std::optional<AdapterConfig> read_adapter_config(std::u16string_view name) {
    if (name.find(u'{') == std::u16string_view::npos)
        return read_instance(name);
    for (AdapterConfig& config : read_adapter_configs())
        if (same_name(config.guid, name))
            return std::move(config);
    return std::nullopt;
}

std::vector<std::u16string> read_upper_bind(const AdapterConfig& adapter) {
    const auto key = RegistryKey::open(child(adapter.key, u"Linkage"));
    return key ? key->multi_string(u"UpperBind") : std::vector<std::u16string>{};
}

std::vector<std::u16string> read_filter_list(const AdapterConfig& adapter) {
    const auto key = RegistryKey::open(child(adapter.key, u"Linkage"));
    return key ? key->multi_string(u"FilterList") : std::vector<std::u16string>{};
}

FilterConfig read_filter_config(std::u16string_view guid) {
    FilterConfig config;
    const auto key = RegistryKey::open(child(child(layout::filters_key, guid), u"Ndi"));
    if (!key)
        return config;
    config.type = key->number(u"FilterType").value_or(config.type);
    config.run_type = key->number(u"FilterRunType").value_or(config.run_type);
    config.filter_class = key->string(u"FilterClass").value_or(u"");
    return config;
}

std::u16string service_key(std::u16string_view service) { return child(layout::services_key, service); }

std::u16string binding_key(std::u16string_view service, std::u16string_view guid) {
    return child(child(service_key(service), u"Parameters\\Adapters"), guid);
}

std::vector<std::u16string> read_bind_list(std::u16string_view service) {
    const auto key = RegistryKey::open(child(service_key(service), u"Linkage"));
    return key ? key->multi_string(u"Bind") : std::vector<std::u16string>{};
}

void write_luid_index(const AdapterConfig& adapter, uint32_t index) {
    if (auto key = RegistryKey::open(adapter.key))
        key->set(u"NetLuidIndex", REG_DWORD, &index, sizeof(index));
}

}  // namespace ndiskit::ndis
