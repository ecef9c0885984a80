// What a machine is made of, in plain words: the result of reading a machine file (machine_file.h), and all
// that network_configuration.h needs to write the registry. docs/machine-toml.md tells people what each key
// means.
//
// Names are unique across adapters (NICs and virtual miniports) and among drivers and transports. What refers
// to another by name refers to one that is there; nothing stands on itself. machine_file.h holds that; who
// builds a description in code calls `check`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"

namespace ndiskit::setup {

// A registry value that the file gives to a driver: REG_DWORD, REG_SZ or REG_MULTI_SZ.
struct Parameter {
    std::string name;
    std::variant<uint32_t, std::string, std::vector<std::string>> value;
};
using Parameters = std::vector<Parameter>;

enum class DriverKind : uint8_t { intermediate, protocol, miniport, filter };

struct Driver {
    std::string name;
    std::filesystem::path image;
    DriverKind kind = DriverKind::intermediate;
    // An intermediate driver has both; a protocol, miniport or filter driver has the one of its kind.
    std::string protocol_service;
    std::string miniport_service;
    std::string filter_service;
    std::string guid;  // of a filter: the name that it registers, "{...}"
    std::string filter_class = "custom";  // of a modifying filter: where it stands (filter_order.h)
    bool monitoring = false;
    bool mandatory = false;  // without it no protocol is bound
    // Adapters that a protocol is bound to, or that a filter is on. An intermediate driver's protocol is
    // bound to what its virtual miniports stand on.
    std::vector<std::string> over;
    Parameters parameters;  // of its services
    std::string where;      // "machine.toml:12 driver"
};

// A physical adapter: one of the kit's own kinds, or one that a loaded miniport driver drives.
struct Nic {
    std::string name;
    std::string type;    // "memory", "tap", "af_packet"; empty with a driver
    std::string driver;  // of kind miniport; empty with a type of its own
    // A simulated device that the driver drives ("virtio-net"): `type` and `interface` are what its cable is in.
    std::string device;
    bool line_interrupt = false;  // of the device: its line, not its messages
    std::string interface;
    std::string mac;  // "02-00-00-00-00-01", or empty
    uint32_t mtu = 1500;
    bool offload = true;
    uint32_t buffers = 1024;
    Parameters parameters;
    std::string where;
};

// A virtual miniport of an intermediate driver.
struct Virtual {
    std::string name;
    std::string driver;
    std::vector<std::string> over;  // one adapter, or the members of a team
    std::string mac;
    Parameters parameters;
    std::string where;
};

// An upper edge: hands an adapter's traffic to the host or to a workload.
struct Transport {
    std::string name;
    std::string type;  // "tap", "memory"
    std::string over;
    std::string interface;
    std::vector<std::string> addresses;  // "10.0.0.1/24"
    uint32_t buffers = 512;              // for frames on their way down
    uint32_t chain = 32;                 // the most NBLs that one send hands down
    std::string where;
};

// Frames that the kit itself makes, for machines without a network: from one memory edge to another, each
// with its sequence number and a payload that the receiver compares.
struct Traffic {
    std::string from;
    std::string to;
    uint32_t frames = 1000;
    uint32_t min_size = 64;
    uint32_t max_size = 1514;
    bool loss = false;   // frames may be lost, as they are where adapters come and go
    double seconds = 0;  // over which they are spread; 0: as fast as they are taken
    std::string where;
};

// What the machine meets while it runs: actions (pnp_action.h), at their time.
struct Event {
    double at = 0;               // seconds from the moment at which the machine runs
    std::optional<double> every;  // and again
    uint64_t times = 1;          // how many times
    double gap = 0;              // seconds between its actions
    double spread = 0;           // seconds by which it may be later, as the seed decides
    std::vector<std::string> actions;
    std::string where;
};

struct Run {
    std::optional<double> seconds;     // until stopped, when neither is there
    std::vector<std::string> command;  // runs beside the machine; the machine ends with it
};

struct Description {
    std::string name = "machine";
    std::string windows;  // empty: the newest
    std::string engine = "live";
    std::optional<uint64_t> seed;
    uint32_t processors = 2;
    std::filesystem::path files;  // the folder that is the machine's C: drive; empty: it has none
    std::vector<Driver> drivers;
    std::vector<Nic> nics;
    std::vector<Virtual> virtuals;
    std::vector<Transport> transports;
    std::vector<Traffic> traffic;
    std::vector<Event> events;
    Run run;

    const Driver* find_driver(std::string_view name) const;
    bool has_adapter(std::string_view name) const;
    std::vector<std::string> adapter_names() const;
};

// That all names are unique, all references lead somewhere, and each thing fits the kind of its driver. The
// error names the first breach.
Result<> check(const Description& description);

// Virtual miniports so that each comes after what it stands on. `check` has passed.
std::vector<const Virtual*> bottom_up(const Description& description);

}  // namespace ndiskit::setup
