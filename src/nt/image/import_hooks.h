// Who sees the crossings between drivers and the kit. Checkers, traces and sim's switch points are observers;
// they are added while the machine is set up, before the first driver is loaded. With none, imports are bound
// straight to the functions and callbacks are called straight (call_gate.h).
#pragma once

#include <cstdint>
#include <string>

#include "nt/export_table.h"
#include "nt/image/image.h"

namespace ndiskit::nt::image {

// One import of one image; lives as long as the process.
struct ImportSite {
    const Image* image = nullptr;
    std::string module;
    std::string name;
    const void* target = nullptr;
    const Export* row = nullptr;  // null when another image exports it
};

// What a driver passed. Registers that the function has no use for hold whatever the driver left in them.
struct CallArguments {
    uint64_t rcx, rdx, r8, r9;
    const uint64_t* stack;  // the fifth argument and on
    const void* caller;     // return address in the driver
};

class CallObserver {
  public:
    virtual ~CallObserver() = default;

    // A driver is about to enter a kit function, or has come out of it with `result` in rax.
    virtual void before_import(const ImportSite& site, const CallArguments& arguments) {}
    virtual void after_import(const ImportSite& site, uint64_t result) {}
    // The kit is about to enter a driver's function, or it has come back. `irql` is for after_driver: what it
    // was before.
    virtual void before_driver(const void* function) {}
    virtual void after_driver(const void* function, uint8_t irql) {}

    // Asked once an import: after_import costs a frame and a copy of the stack arguments.
    virtual bool wants_after_import(const ImportSite& site) const { return false; }
};

// Observers are called in the order of adding, on the calling thread, at its IRQL. They must outlive the
// machine.
void add_observer(CallObserver& observer);
bool observed();
// For tests.
void remove_observers();

// Sim: a switch point before each kit call, and around each call into a driver.
CallObserver& switch_points();
// Each kit call's IRQL against the function's page, and each callback's IRQL at return against that at its
// call. A breach is a bug check that names the function (see import_rules.cpp for the codes).
CallObserver& irql_rules();

}  // namespace ndiskit::nt::image
