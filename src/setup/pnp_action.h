// What is done to a machine that runs, as people and machine files say it in a line: "sleep", "pause lan",
// "unbind mux lan". What Windows does when a lid closes, a cable is pulled or Device Manager is used.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "setup/description.h"

namespace ndiskit::setup {

// What an action is carried out on; what it does not need is empty.
struct PnpTarget {
    std::u16string adapter;   // NetCfgInstanceId
    std::u16string protocol;  // as it is registered
};

struct PnpVerb {
    const char* words;  // "unbind PROTOCOL ADAPTER"
    const char* help;
    Result<> (*perform)(const PnpTarget&);
};
std::span<const PnpVerb> pnp_verbs();

class PnpAction {
  public:
    // The error says which words there are, or which names.
    static Result<PnpAction> parse(const Description& description, std::string_view text);

    // Waits until it is done; a machine does one at a time. On an NT thread at PASSIVE_LEVEL.
    Result<> perform() const;

    const std::string& text() const { return text_; }

  private:
    std::string text_;
    const PnpVerb* verb_ = nullptr;
    PnpTarget target_;
};

}  // namespace ndiskit::setup
