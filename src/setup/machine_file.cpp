#include "setup/machine_file.h"

#include <fmt/format.h>

#include "base/file.h"
#include "nic/device/devices.h"
#include "nt/machine.h"
#include "setup/filter_order.h"
#include "setup/guid.h"
#include "setup/toml_section.h"

namespace ndiskit::setup {
namespace {

constexpr uint64_t max_processors = 64;
constexpr uint64_t max_times = 1'000'000'000;
constexpr size_t max_interface_name = 15;

std::string read_interface(Section& section, bool host) {
    std::string name = section.text("interface");
    if (host && name.size() > max_interface_name)
        section.complain(fmt::format("'{}' is too long for an interface of Linux", name), "interface",
                         "use up to 15 characters");
    return name;
}

class Reader {
  public:
    Reader(const std::filesystem::path& file, bool files)
        : reading_{file.string(), {}}, file_(file), files_(files) {}

    Result<Description> read(const toml::table& root) {
        Section top(root, "", reading_);
        if (const toml::table* machine = top.table("machine"))
            read_machine(Section(*machine, "machine", reading_));
        for (const auto* table : top.tables("driver")) read_driver(Section(*table, "driver", reading_));
        for (const auto* table : top.tables("nic")) read_nic(Section(*table, "nic", reading_));
        for (const auto* table : top.tables("virtual")) read_virtual(Section(*table, "virtual", reading_));
        for (const auto* table : top.tables("transport"))
            read_transport(Section(*table, "transport", reading_));
        for (const auto* table : top.tables("traffic")) read_traffic(Section(*table, "traffic", reading_));
        for (const auto* table : top.tables("event")) read_event(Section(*table, "event", reading_));
        if (const toml::table* run = top.table("run")) read_run(Section(*run, "run", reading_));
        top.finish();
        if (!reading_.error && result_.nics.empty())
            reading_.complain("the machine has no adapter", reading_.file, "add a [[nic]]");
        if (reading_.error) return std::unexpected(*reading_.error);
        TRY(check(result_));
        return std::move(result_);
    }

  private:
    void read_machine(Section section) {
        result_.name = section.name("name", "machine");
        result_.windows = section.text("windows");
        if (!result_.windows.empty() && !nt::find_windows_release(result_.windows)) {
            std::vector<std::string> releases;
            for (const auto& release : nt::windows_releases()) releases.emplace_back(release.name);
            section.choice("windows", releases, "");
        }
        result_.engine = section.choice("engine", {"live", "sim"}, "live");
        if (section.has("seed")) result_.seed = section.number("seed", 0, 0, INT64_MAX);
        result_.processors = static_cast<uint32_t>(section.number("processors", 2, 1, max_processors));
        if (const std::string files = section.text("files"); !files.empty())
            result_.files = (file_.parent_path() / files).lexically_normal();
        section.finish();
    }

    void read_driver(Section section) {
        Driver driver;
        driver.where = section.where();
        driver.name = section.name("name");
        const std::string image = section.required("image");
        driver.image = files_ && !image.empty() ? find_image(section, image) : file_.parent_path() / image;
        const std::string kind =
            section.choice("kind", {"intermediate", "protocol", "miniport", "filter"}, "intermediate");
        driver.kind = kind == "protocol"   ? DriverKind::protocol
                      : kind == "miniport" ? DriverKind::miniport
                      : kind == "filter"   ? DriverKind::filter
                                           : DriverKind::intermediate;
        read_services(section, driver);
        if (driver.kind == DriverKind::protocol || driver.kind == DriverKind::filter)
            driver.over = section.texts("over");
        driver.parameters = section.parameters("parameters");
        section.finish();
        result_.drivers.push_back(std::move(driver));
    }

    // Relative to this file; a bare name also stands for one of the drivers that were built with the kit.
    std::filesystem::path find_image(Section& section, const std::filesystem::path& image) {
        const std::filesystem::path given = (file_.parent_path() / image).lexically_normal();
        std::error_code ignored;
        if (std::filesystem::is_regular_file(given, ignored)) return given;
        const bool bare = !image.has_parent_path();
        const std::filesystem::path ours = program_file().parent_path() / "drivers" / image;
        if (bare && std::filesystem::is_regular_file(ours, ignored)) return ours;
        section.complain(fmt::format("there is no file '{}'{}", given.string(),
                                     bare ? fmt::format(", nor '{}'", ours.string()) : ""),
                         "image", "build it with `ndiskit build`, or correct the path");
        return given;
    }

    void read_services(Section& section, Driver& driver) {
        switch (driver.kind) {
            case DriverKind::intermediate:
                driver.protocol_service = section.name("protocol_service", driver.name);
                driver.miniport_service = section.name("miniport_service", driver.name + "mp");
                break;
            case DriverKind::protocol:
                driver.protocol_service = section.name("service", driver.name);
                break;
            case DriverKind::miniport:
                driver.miniport_service = section.name("service", driver.name);
                break;
            case DriverKind::filter:
                driver.filter_service = section.name("service", driver.name);
                driver.guid = section.required("guid");
                if (!driver.guid.empty() && !is_guid(driver.guid))
                    section.complain(fmt::format("'{}' is not a GUID", driver.guid), "guid",
                                     "write NetCfgInstanceId of the filter's INF, with its braces");
                driver.monitoring =
                    section.choice("filter_type", {"modifying", "monitoring"}, "modifying") == "monitoring";
                driver.mandatory =
                    section.choice("filter_run_type", {"optional", "mandatory"}, "optional") == "mandatory";
                // A monitoring filter's INF has no class.
                if (!driver.monitoring)
                    driver.filter_class = section.choice("filter_class", filter_classes(), "custom");
                break;
        }
    }

    void read_device(Section& section, Nic& nic) {
        nic.device = section.choice("device", nic::device_kinds(), "");
        nic.type = section.choice("type", {"memory", "tap"}, "memory");
        nic.interface = read_interface(section, nic.type != "memory");
        if (nic.interface.empty()) nic.interface = nic.name;
        nic.line_interrupt = section.choice("interrupts", {"message", "line"}, "message") == "line";
        nic.mtu = static_cast<uint32_t>(section.number("mtu", 1500, 576, 65521));
    }

    void read_nic(Section section) {
        Nic nic;
        nic.where = section.where();
        nic.name = section.name("name");
        if (section.has("driver")) {
            nic.driver = section.name("driver");
            if (section.has("device")) read_device(section, nic);
        } else {
            nic.type = section.choice("type", {"memory", "tap", "af_packet"}, "");
            if (!section.has("type"))
                reading_.complain("has no 'type'", section.where(), "write memory, tap or af_packet");
            nic.interface = read_interface(section, nic.type != "memory");
            if (nic.interface.empty() && nic.type == "memory") nic.interface = nic.name;
            if (nic.interface.empty())
                reading_.complain("has no 'interface'", section.where(), "name the host's interface");
            nic.offload = section.flag("offload", true);
            nic.buffers = static_cast<uint32_t>(section.number("buffers", 1024, 16, 65536));
            nic.mtu = static_cast<uint32_t>(section.number("mtu", 1500, 576, 65521));
        }
        nic.mac = section.mac("mac");
        nic.parameters = section.parameters("parameters");
        section.finish();
        result_.nics.push_back(std::move(nic));
    }

    void read_virtual(Section section) {
        Virtual item;
        item.where = section.where();
        item.name = section.name("name");
        item.driver = section.name("driver");
        item.over = section.texts("over");
        if (item.over.empty() && !reading_.error)
            reading_.complain("has no 'over'", section.where(), "name the adapter that it stands on");
        item.mac = section.mac("mac");
        item.parameters = section.parameters("parameters");
        section.finish();
        result_.virtuals.push_back(std::move(item));
    }

    void read_transport(Section section) {
        Transport transport;
        transport.where = section.where();
        transport.name = section.name("name");
        transport.type = section.choice("type", {"tap", "memory"}, "tap");
        transport.over = section.name("over");
        const bool tap = transport.type == "tap";
        transport.interface = read_interface(section, tap);
        if (transport.interface.empty()) transport.interface = transport.name;
        if (tap) transport.addresses = section.texts("addresses");
        transport.buffers = static_cast<uint32_t>(section.number("buffers", 512, 16, 65536));
        transport.chain = static_cast<uint32_t>(section.number("chain", 32, 1, 256));
        section.finish();
        result_.transports.push_back(std::move(transport));
    }

    void read_traffic(Section section) {
        Traffic traffic;
        traffic.where = section.where();
        traffic.from = section.name("from");
        traffic.to = section.name("to");
        traffic.frames = static_cast<uint32_t>(section.number("frames", 1000, 1, 1'000'000'000));
        traffic.min_size = static_cast<uint32_t>(section.number("min_size", 64, 60, 65535));
        traffic.max_size = static_cast<uint32_t>(section.number("max_size", 1514, 60, 65535));
        if (traffic.min_size > traffic.max_size) section.complain("is more than max_size", "min_size");
        traffic.loss = section.flag("loss", false);
        traffic.seconds = section.seconds("seconds").value_or(0);
        section.finish();
        result_.traffic.push_back(std::move(traffic));
    }

    void read_event(Section section) {
        Event event;
        event.where = section.where();
        event.at = section.seconds("at").value_or(0);
        event.every = section.seconds("every");
        event.gap = section.seconds("gap").value_or(0);
        event.spread = section.seconds("spread").value_or(0);
        if (event.every && *event.every <= 0)
            section.complain("is no time between two events", "every", "write seconds, as 10 or 0.5");
        if (section.has("times") && !event.every)
            section.complain("needs 'every'", "times", "say how many seconds lie between two of them");
        event.times = section.number("times", event.every ? UINT64_MAX : 1, 1, max_times);
        event.actions = section.texts("do");
        if (event.actions.empty())
            reading_.complain("has no 'do'", section.where(), "say what happens: \"sleep\", \"pause lan\" ...");
        section.finish();
        result_.events.push_back(std::move(event));
    }

    void read_run(Section section) {
        result_.run.seconds = section.seconds("seconds");
        result_.run.command = section.texts("command");
        section.finish();
    }

    FileReading reading_;
    const std::filesystem::path& file_;
    const bool files_;
    Description result_;
};

}  // namespace

namespace {

// The line where the parser gave up without a word: the shortest start of the text at which it does.
size_t line_of_surrender(std::string_view text) {
    size_t line = 1;
    for (size_t end = text.find('\n'); end != std::string_view::npos;
         end = text.find('\n', end + 1), ++line) {
        try {
            const toml::table ignored = toml::parse(text.substr(0, end + 1));
        } catch (const toml::parse_error&) {
        } catch (const TomlParserGaveUp&) {
            return line;
        }
    }
    return line;
}

}  // namespace

Result<Description> parse_machine(std::string_view text, const std::filesystem::path& file, bool files) {
    constexpr const char* hint = "the format is described in docs/machine-toml.md";
    try {
        return Reader(file, files).read(toml::parse(text, file.string()));
    } catch (const toml::parse_error& error) {
        const auto& at = error.source().begin;
        return fail(std::string(error.description()),
                    fmt::format("{}:{}:{}", file.string(), at.line, at.column), hint);
    } catch (const TomlParserGaveUp&) {
        return fail("is no TOML", fmt::format("{}:{}", file.string(), line_of_surrender(text)), hint);
    }
}

Result<Description> read_machine_file(const std::filesystem::path& file) {
    return parse_machine(TRY(read_text_file(file)), file);
}

}  // namespace ndiskit::setup
