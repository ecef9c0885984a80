#include "setup/machine.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <ranges>

#include "base/log.h"
#include "engine/engine.h"
#include "ndis/library.h"
#include "ndis/nbl/report.h"
#include "ndis/registry_layout.h"
#include "nic/adapter.h"
#include "nic/device/devices.h"
#include "nt/exception/crash_report.h"
#include "nt/exception/raise.h"
#include "nt/exports.h"
#include "nt/files/file_system.h"
#include "nt/hal/bus.h"
#include "nt/image/image.h"
#include "nt/image/import_hooks.h"
#include "nt/io/driver.h"
#include "nt/ke/machine.h"
#include "nt/machine.h"
#include "nt/pool/pool.h"
#include "setup/network_configuration.h"
#include "setup/pnp_device.h"
#include "setup/watch.h"
#include "transport/binding.h"
#include "wire/interface.h"

namespace ndiskit::setup {
namespace {

constexpr int deadlock_exit_status = 1;

Result<nt::io::LoadedImage> load_image(const std::string& path) {
    nt::image::Image* image = TRY(nt::image::load(path));
    return nt::io::LoadedImage{
        image, image->base, image->size,
        reinterpret_cast<PDRIVER_INITIALIZE>(reinterpret_cast<uintptr_t>(image->entry))};
}

std::string owner_of_code(const void* address) {
    const nt::Place place = nt::image_of(address);
    return place ? place.image->name : std::string();
}

void set_machine_options(const Description& description, const EngineOptions& options) {
    nt::MachineOptions& machine = nt::machine_options();
    machine.processors = description.processors;
    if (!description.windows.empty())
        if (const auto release = nt::find_windows_release(description.windows)) machine.release = *release;
    if (options.sim) nt::exception::crash_options().seed = std::to_string(options.seed);
}

std::unique_ptr<engine::Engine> make_engine(const EngineOptions& options) {
    if (!options.sim) return engine::make_live_engine({.seed = options.seed});
    return engine::make_sim_engine(
        {.seed = options.seed, .trace_file = options.trace_file, .on_deadlock = [](const std::string& who) {
             log_error("sim", "the machine hangs: every task waits: {}", who);
             for (const ndis::UnderWay& item : ndis::under_way())
                 log_error("sim", "under way: {}", item.text);
             engine::the().flush_trace();
             _exit(deadlock_exit_status);
         }});
}

// Once a process: a second machine of the same process must run as the first did.
void add_switch_points() {
    static bool added = false;
    if (!std::exchange(added, true)) nt::image::add_observer(nt::image::switch_points());
}

const ndis::AdapterView* find_view(const std::vector<ndis::AdapterView>& views, const std::string& guid) {
    const auto found = std::ranges::find(views, guid, &ndis::AdapterView::guid);
    return found == views.end() ? nullptr : &*found;
}

}  // namespace

void register_kit() {
    static bool registered = false;
    if (std::exchange(registered, true)) return;
    nt::register_nt_exports();
    ndis::register_exports();
    nt::io::set_image_loader(
        {.load = load_image,
         .initialized = [](void* image) { nt::image::discard_init(*static_cast<nt::image::Image*>(image)); },
         .unload = [](void* image) { nt::image::unload(*static_cast<nt::image::Image*>(image)); }});
    nt::io::register_builtin(nic::builtin_name, nic::NicDriverEntry);
    nt::io::register_builtin(transport::builtin_name, transport::TransportDriverEntry);
    register_pnp_driver();
    nt::set_pool_owner_lookup(owner_of_code);
    nt::exception::install_fault_handlers();
}

EngineOptions engine_options(const Description& description) {
    const bool sim = description.engine == "sim";
    return {.sim = sim, .seed = description.seed.value_or(sim ? 1 : 0), .trace_file = {}};
}

uint64_t run_machine(const Description& description, const EngineOptions& options,
                     const std::function<void(Machine&)>& body) {
    set_machine_options(description, options);
    register_kit();
    engine::install(make_engine(options));
    if (options.sim) add_switch_points();
    uint64_t hash = 0;
    engine::the().run([&] {
        nt::ke::start({.processors = description.processors});
        write_network_configuration(description);
        {
            std::optional<Watch> watch;
            if (!options.sim) watch.emplace();
            Machine machine(description);
            body(machine);
        }
        nt::ke::stop();
    });
    hash = engine::the().trace_hash();
    engine::uninstall();
    return hash;
}

Result<> Machine::load_drivers() {
    const auto load = [&](const std::string& service) -> Result<> {
        TRY(nt::io::start_service(service));
        loaded_.push_back(service);
        return {};
    };
    for (const Driver& driver : description_.drivers) {
        const std::string* service = nullptr;
        switch (driver.kind) {
            // One image, one load; the service of its devices is the one that is started.
            case DriverKind::intermediate:
                service = &driver.miniport_service;
                break;
            case DriverKind::protocol:
                service = &driver.protocol_service;
                break;
            case DriverKind::filter:
                service = &driver.filter_service;
                break;
            case DriverKind::miniport:
                continue;  // its device loads it
        }
        if (Result<> loaded = load(*service); !loaded) {
            Error error = std::move(loaded).error();
            if (error.where.empty()) error.where = driver.where;
            return std::unexpected(std::move(error));
        }
    }
    return load(std::string(builtin_transport_service));
}

// NDIS binds a protocol by the name that its driver registers; a service of another name is never bound.
std::string Machine::hint_of_protocol(const Virtual& item) const {
    const auto driver = std::ranges::find(description_.drivers, item.driver, &Driver::name);
    if (driver == description_.drivers.end()) return {};
    std::string registered;
    for (const ndis::DriverView& view : ndis::drivers()) {
        if (view.kind != ndis::DriverView::Kind::protocol || view.name == transport::protocol_name) continue;
        if (view.name == driver->protocol_service) return {};
        registered += (registered.empty() ? "'" : ", '") + view.name + "'";
    }
    if (registered.empty()) return "its driver registered no protocol";
    return fmt::format(
        "no driver registered the protocol '{}', there is {}: set protocol_service of the driver '{}'",
        driver->protocol_service, registered, driver->name);
}

// NDIS attaches a filter by the GUID that its driver registers.
std::string Machine::hint_of_filter(const Driver& driver) const {
    for (const ndis::DriverView& view : ndis::drivers())
        if (view.kind == ndis::DriverView::Kind::filter && view.name == driver.filter_service)
            return "its driver does not attach, or registers another UniqueName than 'guid' says";
    return fmt::format("no driver registered a filter of the service '{}'", driver.filter_service);
}

Result<> Machine::check_running() const {
    const auto views = ndis::adapters();
    const auto check = [&](const std::string& name, const std::string& where, const char* what,
                           std::string hint = {}) -> Result<> {
        const auto* view = find_view(views, adapter_guid(description_, name));
        if (!view) return fail(fmt::format("the {} '{}' did not start", what, name), where);
        if (view->state != ndis::AdapterState::running)
            return fail(
                fmt::format("the {} '{}' is {}, not running", what, name, ndis::state_name(view->state)),
                where, std::move(hint));
        return {};
    };
    for (const Nic& nic : description_.nics) TRY(check(nic.name, nic.where, "adapter"));
    for (const Driver& driver : description_.drivers) {
        if (driver.kind != DriverKind::filter) continue;
        for (const std::string& adapter : driver.over) {
            const auto* view = find_view(views, adapter_guid(description_, adapter));
            if (!view || std::ranges::none_of(view->filters, [&](const ndis::FilterView& filter) {
                    return filter.driver == driver.filter_service;
                }))
                return fail(fmt::format("the filter '{}' is not on '{}'", driver.name, adapter), driver.where,
                            hint_of_filter(driver));
        }
    }
    for (const Virtual& item : description_.virtuals)
        TRY(check(item.name, item.where, "virtual miniport", hint_of_protocol(item)));
    for (const Transport& transport : description_.transports) {
        const auto* view = find_view(views, adapter_guid(description_, transport.over));
        const bool bound = view && std::ranges::any_of(view->bindings, [](const ndis::BindingView& binding) {
                               return binding.protocol == transport::protocol_name &&
                                      binding.state == ndis::BindingState::running;
                           });
        if (!bound)
            return fail(
                fmt::format("the transport '{}' is not bound to '{}'", transport.name, transport.over),
                transport.where);
    }
    return {};
}

Result<> Machine::plug_devices() {
    uint8_t number = 0;
    for (const Nic& nic : description_.nics) {
        if (nic.device.empty()) continue;
        wire::MacAddress mac = {0x02, 0x4e, 0x44, 0x4b, 0x01, ++number};
        if (!nic.mac.empty()) mac = TRY(wire::parse_mac(nic.mac));
        const nic::DeviceOptions options{.kind = nic.device,
                                         .cable = nic.type,
                                         .cable_name = nic.interface,
                                         .mac = mac,
                                         .mtu = static_cast<uint16_t>(nic.mtu),
                                         .line_interrupt = nic.line_interrupt};
        if (auto plugged = nic::plug_device(device_instance(description_, nic), options); !plugged) {
            Error error = std::move(plugged).error();
            if (error.where.empty()) error.where = nic.where;
            return std::unexpected(std::move(error));
        }
    }
    return {};
}

Result<> Machine::start() {
    if (!description_.files.empty()) TRY(nt::files::mount(description_.files));
    TRY(plug_devices());
    TRY(load_drivers());
    for (const Nic& nic : description_.nics) {
        const std::string service = nic_service(description_, nic);
        if (std::ranges::find(loaded_, service) == loaded_.end()) loaded_.insert(loaded_.begin(), service);
    }
    TRY(ndis::start_all_adapters());
    TRY(check_running());
    events_ = std::make_unique<Events>(description_);
    return {};
}

void Machine::unload(const std::string& service, std::vector<std::string>& leaks) {
    if (!nt::io::find_service(service)) return;
    ndis::uninstall_protocol(ndis::widen(service));
    if (const Result<> stopped = nt::io::stop_service(service); !stopped)
        leaks.push_back(stopped.error().text());
}

std::vector<std::string> Machine::stop() {
    std::vector<std::string> leaks;
    if (events_) event_reports_ = events_->stop();
    events_.reset();
    ndis::remove_all_adapters();
    for (const std::string& service : loaded_ | std::views::reverse) unload(service, leaks);
    loaded_.clear();
    if (const Result<> gone = nt::files::unmount(); !gone) leaks.push_back(gone.error().text());
    nt::hal::unplug_all();
    for (std::string& line : ndis::leak_report()) leaks.push_back(std::move(line));
    for (std::string& line : ndis::nbl_leaks()) leaks.push_back(std::move(line));
    for (const nt::PoolUse& use : nt::pool_report())
        if (!use.owner.empty())
            leaks.push_back(fmt::format("{}: {} pool blocks ({} bytes) of tag '{}' not freed", use.owner,
                                        use.blocks, use.bytes, nt::pool_tag_text(use.tag)));
    return leaks;
}

}  // namespace ndiskit::setup
