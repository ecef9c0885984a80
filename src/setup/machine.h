// One machine of a description, from nothing to running and back: registry, built-in and loaded drivers,
// devices, bindings; then all of it taken down again, with what is left told. Used by the commands, by tests
// on both engines and by benchmarks.
//
//     run_machine(description, options, [&](Machine& machine) {
//         if (auto started = machine.start(); !started) ...
//         ... traffic ...
//         leaks = machine.stop();
//     });
//
// The order is that of Windows: drivers that are not asked for by a device (intermediate, protocol, filter)
// load first and register; then devices start, lower ones first, and NDIS binds as the registry says. stop
// goes the other way: adapters from the top, then drivers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "setup/description.h"
#include "setup/events.h"

namespace ndiskit::setup {

class Machine {
  public:
    explicit Machine(const Description& description) : description_(description) {}
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    const Description& description() const { return description_; }

    // Loads the drivers and brings all adapters and bindings up. On an error, whatever is up stays so until
    // stop().
    Result<> start();
    // Takes everything down and unloads. Returns what is left that should be gone, a line each; empty is
    // good.
    std::vector<std::string> stop();
    // What the events of the description did; whole after stop().
    const std::vector<EventReport>& events() const { return event_reports_; }

  private:
    Result<> plug_devices();
    Result<> load_drivers();
    Result<> check_running() const;
    std::string hint_of_protocol(const Virtual& item) const;
    std::string hint_of_filter(const Driver& driver) const;
    void unload(const std::string& service, std::vector<std::string>& leaks);

    const Description& description_;
    std::vector<std::string> loaded_;  // services, in order
    std::unique_ptr<Events> events_;
    std::vector<EventReport> event_reports_;
};

struct EngineOptions {
    bool sim = false;
    uint64_t seed = 1;
    std::string trace_file;
};

// What the description asks for.
EngineOptions engine_options(const Description& description);

// Runs `body` on the first NT thread of a machine whose kernel is up and whose registry is written; nothing
// is loaded yet. Returns when the kernel has stopped. Gives sim's trace hash, 0 on live. One at a time in a
// process.
uint64_t run_machine(const Description& description, const EngineOptions& options,
                     const std::function<void(Machine&)>& body);

// Adds the exports of the kit and what the loader needs, once a process. run_machine does it.
void register_kit();

}  // namespace ndiskit::setup
