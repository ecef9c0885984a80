#include "setup/network_configuration.h"

#include <fmt/format.h>

#include <algorithm>

#include "nic/adapter.h"
#include "nic/device/devices.h"
#include "nt/registry/registry.h"
#include "setup/filter_order.h"
#include "setup/guid.h"
#include "transport/binding.h"

namespace ndiskit::setup {
namespace {

namespace registry = nt::registry;

constexpr std::string_view services_key = "HKLM\\System\\CurrentControlSet\\Services";
constexpr std::string_view enum_key = "HKLM\\System\\CurrentControlSet\\Enum";
constexpr std::string_view net_class = "{4D36E972-E325-11CE-BFC1-08002BE10318}";
constexpr std::string_view service_class = "{4D36E974-E325-11CE-BFC1-08002BE10318}";
constexpr std::string_view network_key = "HKLM\\System\\CurrentControlSet\\Control\\Network";
constexpr std::string_view class_key = "HKLM\\System\\CurrentControlSet\\Control\\Class";
constexpr uint32_t ncf_virtual = 0x1, ncf_physical = 0x4;
constexpr uint32_t service_kernel_driver = 1, start_on_demand = 3, error_control_normal = 1;
constexpr uint32_t filter_monitoring = 1, filter_modifying = 2, filter_mandatory = 1, filter_optional = 2;
constexpr uint32_t ethernet_interface = 6, medium_802_3 = 0, physical_unspecified = 0, physical_802_3 = 14;
constexpr uint32_t ethernet_header_size = 14;

void write_parameters(const std::string& key, const Parameters& parameters) {
    for (const Parameter& parameter : parameters) {
        if (const auto* number = std::get_if<uint32_t>(&parameter.value))
            registry::set_dword(key, parameter.name, *number);
        else if (const auto* text = std::get_if<std::string>(&parameter.value))
            registry::set_string(key, parameter.name, *text);
        else
            registry::set_multi_string(key, parameter.name, std::get<2>(parameter.value));
    }
}

std::string device_of(const std::string& guid) { return "\\Device\\" + guid; }

class Writer {
  public:
    explicit Writer(const Description& description) : description_(description) {}

    // Over whatever an earlier machine of the same process left.
    void write() {
        registry::delete_key(fmt::format("{}\\{}", class_key, net_class));
        registry::delete_key(fmt::format("{}\\ROOT\\NET", enum_key));
        service(builtin_nic_service, fmt::format("builtin:{}", nic::builtin_name), "NDIS");
        service(builtin_transport_service, fmt::format("builtin:{}", transport::builtin_name), "NDIS");
        for (const Driver& driver : description_.drivers) write_driver(driver);
        for (const Nic& nic : description_.nics) write_nic(nic);
        for (const Virtual* item : bottom_up(description_)) write_virtual(*item);
        for (const Driver& driver : description_.drivers) bind_driver(driver);
        for (const std::string& adapter : instances_) attach_filters(adapter);
        for (const Transport& transport : description_.transports) write_transport(transport);
    }

  private:
    static std::string service_key(std::string_view name) {
        return fmt::format("{}\\{}", services_key, name);
    }
    std::string binding_key(std::string_view protocol, const std::string& guid) const {
        return fmt::format("{}\\Parameters\\Adapters\\{}", service_key(protocol), guid);
    }
    std::string instance_key(const std::string& adapter) const {
        const auto found = std::ranges::find(instances_, adapter);
        return fmt::format("{}\\{}\\{:04}", class_key, net_class, found - instances_.begin());
    }
    std::string guid(std::string_view adapter) const { return adapter_guid(description_, adapter); }

    void service(std::string_view name, const std::string& image_path, std::string_view group) {
        const std::string key = service_key(name);
        registry::delete_key(key);
        registry::set_dword(key, "Type", service_kernel_driver);
        registry::set_dword(key, "Start", start_on_demand);
        registry::set_dword(key, "ErrorControl", error_control_normal);
        registry::set_string(key, "ImagePath", image_path);
        registry::set_string(key, "DisplayName", std::string(name));
        registry::set_string(key, "Group", std::string(group));
        registry::create_key(key + "\\Parameters");
    }

    void write_driver(const Driver& driver) {
        const std::string image = std::filesystem::absolute(driver.image).lexically_normal().string();
        for (const auto* name :
             {&driver.protocol_service, &driver.miniport_service, &driver.filter_service}) {
            if (name->empty()) continue;
            service(*name, image, name == &driver.protocol_service ? "PNP_TDI" : "NDIS");
            write_parameters(service_key(*name) + "\\Parameters", driver.parameters);
        }
    }

    // What every adapter has; the instance key is where its driver reads its parameters.
    std::string write_adapter(const std::string& name, const std::string& driver_service,
                              std::string_view component, uint32_t characteristics, const std::string& mac,
                              const std::string& enumerator = "ROOT\\NET") {
        instances_.push_back(name);
        const size_t number = instances_.size() - 1;
        const std::string key = instance_key(name), id = guid(name);
        const std::string device = fmt::format("{}\\{:04}", enumerator, number);
        registry::set_string(key, "NetCfgInstanceId", id);
        registry::set_string(key, "DriverDesc", name);
        registry::set_string(key, "ComponentId", std::string(component));
        registry::set_string(key, "MatchingDeviceId", std::string(component));
        registry::set_dword(key, "Characteristics", characteristics);
        registry::set_string(key, "DeviceInstanceID", device);
        registry::set_dword(key, "*IfType", ethernet_interface);
        registry::set_dword(key, "*MediaType", medium_802_3);
        registry::set_dword(key, "*PhysicalMediaType",
                            (characteristics & ncf_virtual) ? physical_unspecified : physical_802_3);
        if (!mac.empty()) registry::set_string(key, "NetworkAddress", mac);
        registry::set_multi_string(key + "\\Linkage", "Export", {device_of(id)});
        registry::set_multi_string(key + "\\Linkage", "RootDevice", {id});
        const std::string device_key = fmt::format("{}\\{}", enum_key, device);
        registry::set_string(device_key, "Service", driver_service);
        registry::set_string(device_key, "Driver", fmt::format("{}\\{:04}", net_class, number));
        registry::set_string(device_key, "ClassGUID", std::string(net_class));
        registry::set_string(device_key, "DeviceDesc", name);
        registry::set_multi_string(device_key, "HardwareID", {std::string(component)});
        const std::string connection = fmt::format("{}\\{}\\{}\\Connection", network_key, net_class, id);
        registry::set_string(connection, "Name", name);
        registry::set_string(connection, "PnPInstanceId", device);
        return key;
    }

    void write_nic(const Nic& nic) {
        const std::string service = nic_service(description_, nic);
        const std::string key =
            nic.device.empty()
                ? write_adapter(nic.name, service, "ndiskit\\" + service, ncf_physical, nic.mac)
                : write_adapter(nic.name, service, nic::hardware_id(nic.device), ncf_physical, "",
                                nic::hardware_id(nic.device));
        if (nic.driver.empty()) {
            registry::set_string(key, "FriendlyName", nic.name);
            registry::set_string(key, "NicType", nic.type);
            registry::set_string(key, "HostInterface", nic.interface);
            registry::set_dword(key, "HostOffload", nic.offload);
            registry::set_string(key, "*JumboPacket", std::to_string(nic.mtu + ethernet_header_size));
            registry::set_string(key, "*ReceiveBuffers", std::to_string(nic.buffers));
        }
        write_parameters(key, nic.parameters);
    }

    void write_virtual(const Virtual& item) {
        const Driver& driver = *description_.find_driver(item.driver);
        const std::string& service = driver.miniport_service;
        const std::string key =
            write_adapter(item.name, service, "ndiskit\\" + service, ncf_virtual, item.mac);
        registry::set_dword(key, "IMMiniport", 1);
        write_parameters(key, item.parameters);
        for (const std::string& lower : item.over) {
            const std::string binding = binding_key(driver.protocol_service, guid(lower));
            auto bindings = registry::get_multi_string(binding, "UpperBindings");
            bindings.push_back(device_of(guid(item.name)));
            registry::set_multi_string(binding, "UpperBindings", bindings);
            bind(driver.protocol_service, lower);
        }
    }

    void bind_driver(const Driver& driver) {
        if (driver.kind == DriverKind::filter) write_filter(driver);
        if (driver.kind != DriverKind::protocol) return;
        for (const std::string& adapter : driver.over) bind(driver.protocol_service, adapter);
    }

    // Both ends of a binding: the protocol's list of adapters and the adapter's list of protocols.
    void bind(std::string_view protocol, const std::string& adapter) {
        const std::string id = guid(adapter), linkage = service_key(protocol) + "\\Linkage";
        auto devices = registry::get_multi_string(linkage, "Bind");
        if (std::ranges::find(devices, device_of(id)) != devices.end()) return;
        const auto append = [](const std::string& key, const char* name, std::string text) {
            auto list = registry::get_multi_string(key, name);
            list.push_back(std::move(text));
            registry::set_multi_string(key, name, list);
        };
        append(linkage, "Bind", device_of(id));
        append(linkage, "Route", "\"" + id + "\"");
        append(linkage, "Export", fmt::format("\\Device\\{}_{}", protocol, id));
        append(instance_key(adapter) + "\\Linkage", "UpperBind", std::string(protocol));
        registry::create_key(binding_key(protocol, id));
    }

    // What its INF would put under the Ndi key.
    void write_filter(const Driver& driver) {
        const std::string key = fmt::format("{}\\{}\\{}\\Ndi", network_key, service_class, driver.guid);
        registry::set_string(key, "Service", driver.filter_service);
        registry::set_dword(key, "FilterType", driver.monitoring ? filter_monitoring : filter_modifying);
        registry::set_dword(key, "FilterRunType", driver.mandatory ? filter_mandatory : filter_optional);
        if (!driver.monitoring) registry::set_string(key, "FilterClass", driver.filter_class);
    }

    void attach_filters(const std::string& adapter) {
        const std::string id = guid(adapter);
        std::vector<std::string> list;
        for (const FilterPlace& place : filter_places(description_, adapter)) {
            const std::string instance = fmt::format("{}-{:04}", place.driver->guid, place.instance);
            list.push_back(id + "-" + instance);
            const std::string& service = place.driver->filter_service;
            registry::create_key(binding_key(service, id));
            registry::create_key(
                fmt::format("{}\\Parameters\\NdisAdapters\\{}\\{}", service_key(service), id, instance));
        }
        if (!list.empty())
            registry::set_multi_string(instance_key(adapter) + "\\Linkage", "FilterList", list);
    }

    void write_transport(const Transport& transport) {
        bind(builtin_transport_service, transport.over);
        const std::string key = binding_key(builtin_transport_service, guid(transport.over));
        registry::set_string(key, "FriendlyName", transport.name);
        registry::set_string(key, "TransportType", transport.type);
        registry::set_string(key, "HostInterface", transport.interface);
        registry::set_dword(key, "SendBuffers", transport.buffers);
        registry::set_dword(key, "SendChain", transport.chain);
    }

    const Description& description_;
    std::vector<std::string> instances_;  // adapters by the number of their instance key
};

}  // namespace

void write_network_configuration(const Description& description) { Writer(description).write(); }

std::string adapter_guid(const Description& description, std::string_view name) {
    return guid_of(description.name, "adapter", name);
}

std::string device_instance(const Description& description, const Nic& nic) {
    // NICs are written first, in their order.
    return fmt::format("{}\\{:04}", nic::hardware_id(nic.device), &nic - description.nics.data());
}

std::string nic_service(const Description& description, const Nic& nic) {
    if (nic.driver.empty()) return std::string(builtin_nic_service);
    return description.find_driver(nic.driver)->miniport_service;
}

}  // namespace ndiskit::setup
