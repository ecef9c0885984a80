// Raising NT exceptions from the kit.
//
// A kit function whose page says that it raises (ProbeForRead ...) sets Export::raises in its row. Drivers
// then reach it through a thunk that keeps their registers, and it may call raise_status at any depth: the
// exception is raised in the driver, at the call. Host frames in between are left without running
// destructors, so nothing that owns something may be alive in them. A page fault in such a function (a copy
// from a bad user buffer) is raised in the driver likewise.
#pragma once

#include <cstdint>
#include <span>

namespace ndiskit::nt::exception {

struct Context;
struct ExceptionRecord;

// Raises `status` in the driver that called the exported function that is running; noncontinuable. When no
// driver called, or no handler of the driver takes it, the machine bug checks.
[[noreturn]] void raise_status(uint32_t status);
[[noreturn]] void raise_status(uint32_t status, std::span<const uint64_t> parameters);

// Exported functions that look at their caller's registers or unwind to it; no frame may stand in between.
bool reads_its_caller(const void* function);

// Signal handlers for faults. Called once, when the machine is set up.
void install_fault_handlers();
// A stack for the signal handlers of the calling host thread, so that a stack overflow can be reported;
// called when a thread of the host begins to run NT code, and before it ends. Sim needs it once, for its one
// thread.
void prepare_host_thread();
void release_host_thread();

}  // namespace ndiskit::nt::exception
