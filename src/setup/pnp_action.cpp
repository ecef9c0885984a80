#include "setup/pnp_action.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "ndis/library.h"
#include "nt/rtl/unicode.h"
#include "setup/network_configuration.h"
#include "setup/suggest.h"
#include "transport/binding.h"

namespace ndiskit::setup {
namespace {

template <uint32_t d_state>
Result<> set_power(const PnpTarget& target) {
    return ndis::set_adapter_power(target.adapter, d_state);
}

template <nt::io::PowerSource source>
Result<> set_source(const PnpTarget&) {
    ndis::change_power_source(source);
    return {};
}

constexpr PnpVerb verbs[] = {
    {"sleep", "the system sleeps: protocols are asked, then adapters go to D3, the highest first",
     [](const PnpTarget&) { return ndis::sleep_system(); }},
    {"wake", "the system is back: adapters go to D0, the lowest first",
     [](const PnpTarget&) -> Result<> {
         ndis::wake_system();
         return {};
     }},
    {"battery", "the system runs on its battery", set_source<nt::io::PowerSource::battery>},
    {"mains", "the system runs on mains power", set_source<nt::io::PowerSource::mains>},
    {"allow-wake ADAPTER", "the user lets an adapter wake the system",
     [](const PnpTarget& on) { return ndis::allow_wake(on.adapter, true); }},
    {"forbid-wake ADAPTER", "or forbids it",
     [](const PnpTarget& on) { return ndis::allow_wake(on.adapter, false); }},
    {"pause ADAPTER", "the stack of an adapter is paused",
     [](const PnpTarget& on) { return ndis::pause_adapter(on.adapter); }},
    {"restart ADAPTER", "and restarted",
     [](const PnpTarget& on) { return ndis::restart_adapter(on.adapter); }},
    {"d0 ADAPTER", "an adapter goes to the device power state D0", set_power<0>},
    {"d1 ADAPTER", "to D1", set_power<1>},
    {"d2 ADAPTER", "to D2", set_power<2>},
    {"d3 ADAPTER", "to D3", set_power<3>},
    {"disable ADAPTER", "an adapter is removed; protocols are asked, and may refuse",
     [](const PnpTarget& on) { return ndis::remove_adapter(on.adapter); }},
    {"enable ADAPTER", "it is started, and bindings follow",
     [](const PnpTarget& on) { return ndis::start_adapter(on.adapter); }},
    {"surprise-remove ADAPTER", "an adapter is gone, and nobody was asked",
     [](const PnpTarget& on) { return ndis::surprise_remove_adapter(on.adapter); }},
    {"unbind PROTOCOL ADAPTER", "a protocol is unbound from an adapter",
     [](const PnpTarget& on) { return ndis::unbind(on.protocol, on.adapter); }},
    {"bind PROTOCOL ADAPTER", "and bound to it",
     [](const PnpTarget& on) { return ndis::bind(on.protocol, on.adapter); }},
    {"reconfigure PROTOCOL ADAPTER", "a protocol hears that a binding's configuration has changed",
     [](const PnpTarget& on) { return ndis::reconfigure(on.protocol, on.adapter); }},
};

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    for (size_t at = 0; at < text.size();) {
        const size_t begin = text.find_first_not_of(" \t", at);
        if (begin == std::string_view::npos) break;
        at = std::min(text.find_first_of(" \t", begin), text.size());
        words.emplace_back(text.substr(begin, at - begin));
    }
    return words;
}

Result<std::u16string> find_adapter(const Description& description, const std::string& name) {
    if (description.has_adapter(name)) return nt::to_utf16(adapter_guid(description, name));
    return fail(fmt::format("there is no adapter '{}'", name), {}, suggest(name, description.adapter_names()));
}

// A transport's protocol is the kit's own.
Result<std::u16string> find_protocol(const Description& description, const std::string& name) {
    std::vector<std::string> known;
    for (const Driver& driver : description.drivers) {
        if (driver.protocol_service.empty()) continue;
        if (driver.name == name) return nt::to_utf16(driver.protocol_service);
        known.push_back(driver.name);
    }
    for (const Transport& transport : description.transports) {
        if (transport.name == name) return nt::to_utf16(transport::protocol_name);
        known.push_back(transport.name);
    }
    return fail(fmt::format("there is no protocol '{}'", name), {}, suggest(name, known));
}

// The thread that has its turn stays at PASSIVE_LEVEL, which drivers' routines expect.
class Turn {
  public:
    Turn() { KeWaitForSingleObject(&bell().event, Executive, KernelMode, FALSE, nullptr); }
    ~Turn() { KeSetEvent(&bell().event, 0, FALSE); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

  private:
    struct Bell {
        Bell() { KeInitializeEvent(&event, SynchronizationEvent, TRUE); }
        KEVENT event;
    };
    static Bell& bell() {
        static Bell one;
        return one;
    }
};

}  // namespace

std::span<const PnpVerb> pnp_verbs() { return verbs; }

Result<PnpAction> PnpAction::parse(const Description& description, std::string_view text) {
    const std::vector<std::string> words = words_of(text);
    PnpAction action;
    action.text_ = fmt::format("{}", fmt::join(words, " "));
    std::vector<std::string> known;
    for (const PnpVerb& verb : verbs) {
        const std::vector<std::string> shape = words_of(verb.words);
        known.push_back(shape[0]);
        if (words.empty() || words[0] != shape[0]) continue;
        if (words.size() != shape.size())
            return fail(fmt::format("'{}' is not whole, or too long", action.text_), {},
                        fmt::format("write '{}'", verb.words));
        action.verb_ = &verb;
        if (shape.size() > 1) action.target_.adapter = TRY(find_adapter(description, words.back()));
        if (shape.size() > 2) action.target_.protocol = TRY(find_protocol(description, words[1]));
        return action;
    }
    return fail(fmt::format("there is no action '{}'", words.empty() ? "" : words[0]), {},
                suggest(words.empty() ? "" : words[0], known));
}

Result<> PnpAction::perform() const {
    const Turn turn;
    return verb_->perform(target_);
}

}  // namespace ndiskit::setup
