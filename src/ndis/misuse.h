// Bug checks of NDIS: 0x7C with the subcode that Windows documents for a fault of a driver.
// https://learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-0x7c--bugcode-ndis-driver
#pragma once

#include <cstdint>
#include <string_view>

#include "nt/bugcheck.h"

namespace ndiskit::ndis {

constexpr uint32_t bugcode_ndis_driver = 0x7c;

enum class Misuse : uint64_t {
    allocate_shared_memory_high_irql = 0x01,
    free_invalid_shared_memory = 0x03,
    halt_without_interrupt_deregister = 0x08,
    driver_unload_unexpected = 0x0a,
    init_failed_without_interrupt_deregister = 0x0b,
    reset_complete_unexpected = 0x0f,
    invalid_open_in_bind_context = 0x16,
    interface_provider_deregister_unexpected = 0x17,
    interface_stack_loop = 0x1b,
    failed_oid_which_must_succeed = 0x1c,
    oid_invalid_buffer = 0x1d,
    refcount_imbalance = 0x1e,
    illegal_state_transition = 0x1f,
    status_invalid_buffer = 0x20,
    invalid_object_header = 0x21,
    illegal_net_pnp_event = 0x22,
    invalid_oid_completion = 0x26,
    leaked_nbl = 0x27,
};

// Ends the machine: a driver did what the documentation of the subcode says. `because` is for the report.
[[noreturn]] inline void misuse(Misuse what, std::string_view because, uint64_t p2 = 0, uint64_t p3 = 0,
                                uint64_t p4 = 0) {
    nt::bug_check_because(because, bugcode_ndis_driver, static_cast<uint64_t>(what), p2, p3, p4);
}

}  // namespace ndiskit::ndis
