// What exceptions and bug checks need to know of the machine at the moment of a fault. All of it can be asked
// on any host thread, also one that runs no NT thread, and in the middle of a crash.
#pragma once

#include <cstdint>
#include <string>

namespace ndiskit::nt::exception {

uint8_t machine_irql();
// What `mov cr8, reg` does: raises or lowers.
void set_machine_irql(uint8_t irql);

struct ThreadView {
    bool is_nt_thread = false;
    uint32_t processor = 0;
    uint64_t thread = 0;  // address of the thread object
    std::string name;
};
ThreadView current_thread_view();

}  // namespace ndiskit::nt::exception
