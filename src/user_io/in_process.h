// A client's link that stays inside the machine: the same Connection serves it, and its threads are NT
// threads which wait as the engine has it. What tests on sim use, where nothing outside the machine exists.
//
//     auto machine = client::Machine::over(user_io::in_process_link());
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "client/link.h"

namespace ndiskit::user_io {

// `stuck` gets what did not come back when the client hung up.
std::unique_ptr<client::Link> in_process_link(client::Account most = client::Account::system,
                                              std::vector<std::string>* stuck = nullptr);

}  // namespace ndiskit::user_io
