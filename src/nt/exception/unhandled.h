// The bug check that Windows gives for an exception that nobody handled.
#pragma once

#include "nt/exception/context_abi.h"

namespace ndiskit::nt::exception {

[[noreturn]] void bug_check_unhandled(const ExceptionRecord& record, const Context& context);

// Of a page fault: what the processor said.
struct PageFault {
    uint64_t address = 0;
    bool write = false;
    bool execute = false;
    bool present = false;  // the page is there; its protection forbids the access
};
// Bug checks when Windows would do so at once, without asking any handler: at DISPATCH_LEVEL, in system
// space, writing to read-only memory, executing data, in an unloaded driver. Otherwise comes back.
void bug_check_page_fault(const PageFault& fault, const Context& context);

}  // namespace ndiskit::nt::exception
