// Where the network configuration stands in the registry: what setup writes, and all that NDIS reads to know
// which adapters there are and what is bound to what. The names are Windows' own. <Class> is
// \Registry\Machine\System\CurrentControlSet\Control\Class\{4D36E972-E325-11CE-BFC1-08002BE10318}, <Services> is
// ...\CurrentControlSet\Services, <Enum> is ...\CurrentControlSet\Enum.
//
//   <Class>\NNNN                     an adapter ("instance key"; NNNN counts from 0000)
//       NetCfgInstanceId   SZ        "{GUID}": its name everywhere
//       DriverDesc         SZ        what a person reads
//       ComponentId        SZ        hardware id of its INF
//       Characteristics    DWORD     NCF_*: 0x1 virtual, 0x4 physical
//       DeviceInstanceID   SZ        "ROOT\NET\0001": its key under <Enum>
//       *IfType, *MediaType, *PhysicalMediaType   DWORD   without them a miniport is not initialised
//       IMMiniport         DWORD     1: of a driver that is miniport and intermediate, initialised as the latter
//       NetLuidIndex       DWORD     kept by NDIS from one start to the next
//       *RssBaseProcNumber, *RssMaxProcNumber, *MaxRssProcessors, *RSSProfile   DWORD or SZ   processors for RSS
//       ...                          the INF's own parameters (NdisOpenConfigurationEx of the adapter reads here)
//   <Class>\NNNN\Linkage
//       Export             MULTI_SZ  "\Device\{GUID}"
//       RootDevice         MULTI_SZ  "{GUID}"
//       UpperBind          MULTI_SZ  services of the protocols bound to it, in binding order
//       FilterList         MULTI_SZ  "{GUID}-{filter GUID}-0000", top first
//   <Enum>\<DeviceInstanceID>
//       Service            SZ        service of the miniport driver
//       Driver             SZ        "{4D36E972-...}\NNNN"
//   <Services>\<protocol>\Linkage
//       Bind               MULTI_SZ  "\Device\{GUID}" of each adapter that it binds to, in order
//       Route, Export      MULTI_SZ  as Windows keeps them
//   <Services>\<protocol>\Parameters\Adapters\{GUID}      parameters of one binding (UpperBindings of a MUX ...)
//   <Services>\<filter>\Parameters\Adapters\{GUID}        parameters of a filter on an adapter
//   <Services>\<filter>\Parameters\NdisAdapters\{GUID}\{filter GUID}-0000   ... of one filter module
//   ...\Control\Network\{4D36E974-...}\{filter GUID}\Ndi   a filter as its INF describes it
//       Service            SZ
//       FilterType         DWORD     1 monitoring, 2 modifying
//       FilterRunType      DWORD     1 mandatory, 2 optional
//       FilterClass        SZ        of a modifying filter: where it stands among the others
//   <Services>\<service>\Parameters  parameters of a miniport or protocol driver
//
// A protocol is bound to an adapter when the adapter's device is in the protocol's Bind; UpperBind only orders
// protocols among each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ndiskit::ndis {

namespace layout {
inline constexpr std::u16string_view net_class = u"{4D36E972-E325-11CE-BFC1-08002BE10318}";
inline constexpr std::u16string_view class_key =
    u"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\Class\\{4D36E972-E325-11CE-BFC1-08002BE10318}";
inline constexpr std::u16string_view services_key = u"\\Registry\\Machine\\System\\CurrentControlSet\\Services";
inline constexpr std::u16string_view enum_key = u"\\Registry\\Machine\\System\\CurrentControlSet\\Enum";
inline constexpr std::u16string_view filters_key =
    u"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\Network\\{4D36E974-E325-11CE-BFC1-08002BE10318}";
inline constexpr uint32_t ncf_virtual = 0x1;
inline constexpr uint32_t ncf_physical = 0x4;
}  // namespace layout

// The keywords of RSS that NDIS itself obeys.
struct RssKeywords {
    uint32_t base_processor = 0;               // *RssBaseProcNumber
    uint32_t highest_processor = UINT32_MAX;   // *RssMaxProcNumber
    uint32_t most_processors = UINT32_MAX;     // *MaxRssProcessors
    uint32_t profile = 1;                      // *RSSProfile: the closest processors
};

struct AdapterConfig {
    std::u16string instance;     // "0001"
    std::u16string key;          // the whole path of the instance key
    std::u16string guid;         // "{...}"
    std::u16string description;
    std::u16string component_id;
    std::u16string device_instance;
    std::u16string service;
    uint32_t characteristics = 0;
    uint32_t if_type = 0;
    uint32_t media_type = 0;
    uint32_t physical_media_type = 0;
    bool has_media = false;  // *IfType, *MediaType and *PhysicalMediaType are all there
    std::optional<uint32_t> luid_index;
    RssKeywords rss;
    bool im_miniport = false;  // of a driver that registered twice: the one for virtual miniports
};

// The adapter with this NetCfgInstanceId or instance ("0001"), if the registry has it whole.
std::optional<AdapterConfig> read_adapter_config(std::u16string_view name);
// All adapters, by instance.
std::vector<AdapterConfig> read_adapter_configs();
// The services of the adapter's UpperBind as it is now.
std::vector<std::u16string> read_upper_bind(const AdapterConfig& adapter);
// The adapter's FilterList as it is now, top first.
std::vector<std::u16string> read_filter_list(const AdapterConfig& adapter);

// A filter as its INF describes it; a modifying and optional one when the registry does not know it.
struct FilterConfig {
    static constexpr uint32_t monitoring = 1, modifying = 2;
    static constexpr uint32_t mandatory = 1, optional = 2;
    uint32_t type = modifying;
    uint32_t run_type = optional;
    std::u16string filter_class;
};
FilterConfig read_filter_config(std::u16string_view guid);

// The devices in a protocol's Bind.
std::vector<std::u16string> read_bind_list(std::u16string_view service);
void write_luid_index(const AdapterConfig& adapter, uint32_t index);

std::u16string service_key(std::u16string_view service);
// The protocol's parameters of one binding.
std::u16string binding_key(std::u16string_view service, std::u16string_view guid);

// Registry names compare without case.
bool same_name(std::u16string_view a, std::u16string_view b);
std::string narrow(std::u16string_view text);
std::u16string widen(std::string_view text);

}  // namespace ndiskit::ndis
