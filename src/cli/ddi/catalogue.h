// The support list: each function that a Windows machine exports to network drivers, and what the kit makes
// of it. What Windows has stands in exports.tsv beside this file (module, name, class, IRQL, documentation
// page), what the kit has in its export tables; here they are joined. Nothing else states what is supported.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ndiskit::cli::ddi {

enum class State : uint8_t {
    implemented,  // does what its page says
    partial,      // `note` says what is missing
    refuses,      // returns a documented status; `note` says why
    absent,       // a call of it bug checks with its name
};
constexpr State states[] = {State::implemented, State::partial, State::refuses, State::absent};

std::string_view name_of(State state);

struct Entry {
    std::string_view module;
    std::string_view name;
    std::string_view kind;  // the class of exports.tsv: "documented", "ndis5" ...
    std::string_view irql;  // as the page says it; empty when the page tells it case by case
    std::string_view page;  // under the documentation's root; empty when there is none
    State state = State::absent;
    std::string_view note = {};
    bool is_data = false;
};

// By module (ndis.sys, ntoskrnl.exe, hal.dll, wmilib.sys) and name. The exports of the kit must have been
// registered.
std::vector<Entry> catalogue();

// The link of the documentation page; empty when there is none.
std::string link_of(const Entry& entry);

// What a module's functions of one class come to.
struct Count {
    std::string_view module;
    std::string_view kind;
    size_t of[std::size(states)] = {};

    size_t all() const { return of[0] + of[1] + of[2] + of[3]; }
};

// In the order of modules; within one, classes by the order in which a reader cares for them.
std::vector<Count> count(const std::vector<Entry>& entries);

// What a class is, in a few words.
std::string_view explain_kind(std::string_view kind);

// Whether a name fits a pattern of letters, * and ?, without case.
bool fits(std::string_view name, std::string_view pattern);

}  // namespace ndiskit::cli::ddi
