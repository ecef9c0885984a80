// fuzz: setup
// The reader of machine files on any text: a description or an Error that names the file, never a fault, and what
// it accepts is consistent.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "canary.h"
#include "setup/machine_file.h"

using namespace ndiskit::setup;

namespace {

void require(bool promise) {
    if (!promise) abort();
}

void check_promises(const Description& machine) {
    require(check(machine).has_value());
    require(!machine.nics.empty());
    require(bottom_up(machine).size() == machine.virtuals.size());
    for (const Virtual& item : machine.virtuals) {
        require(machine.find_driver(item.driver) != nullptr);
        for (const std::string& lower : item.over) require(machine.has_adapter(lower));
    }
    for (const Transport& transport : machine.transports) require(machine.has_adapter(transport.over));
    ndiskit::fuzz::canary(!machine.virtuals.empty() && !machine.transports.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto machine = parse_machine({reinterpret_cast<const char*>(data), size}, "fuzz.toml", false);
    if (machine)
        check_promises(*machine);
    else
        require(machine.error().text().starts_with("fuzz.toml"));
    return 0;
}
