#include "nt/exception/unhandled.h"

#include <fmt/core.h>

#include "nt/bugcheck.h"
#include "nt/exception/crash_report.h"
#include "nt/exception/machine_view.h"
#include "nt/exception/status.h"
#include "nt/image/image_list.h"
#include "nt/image/pe.h"

namespace ndiskit::nt::exception {
namespace {

constexpr uint64_t first_system_address = 0xFFFF'8000'0000'0000;
constexpr uint8_t dispatch_level = 2;

uint64_t access_kind(const PageFault& fault) { return fault.execute ? 8 : fault.write ? 1 : 0; }

const void* pointer(uint64_t address) { return reinterpret_cast<const void*>(address); }

// What lies at the address, when the kit knows.
std::string describe(uint64_t address) {
    if (address < 0x10000) return address == 0 ? "the address is null" : "the address is null plus an offset";
    const Place place = image_of(pointer(address));
    if (!place) return {};
    const image::Section* section = place.image->pe().section_at(static_cast<image::Rva>(place.offset));
    const std::string_view discarded = section && section->discardable && section->executable
                                           ? ", which is discarded after DriverEntry"
                                           : "";
    return fmt::format("the address is {}+{:#x}, section {}{}", place.image->name, place.offset,
                       section ? section->name : "(headers)", discarded);
}

}  // namespace

// Windows asks handlers only about faults that a pageable access could have; the others end the machine on
// the spot.
// https://learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-0xd1--driver-irql-not-less-or-equal
void bug_check_page_fault(const PageFault& fault, const Context& context) {
    const auto stop = [&](std::string because, uint32_t code, uint64_t p2 = 0, uint64_t p3 = 0,
                          uint64_t p4 = 0) {
        set_crash_context(context);
        bug_check_because(because, code, fault.address, p2, p3, p4);
    };
    const image::Image* owner = image::slot_owner(pointer(fault.address));
    if (owner && owner->unloaded)
        stop(fmt::format(
                 "{} was unloaded and is still in use; a timer, work item, thread, callback or completion of "
                 "it was left behind",
                 owner->name),
             stop_driver_unloaded, fault.write ? 1 : 0, context.rip);
    const uint8_t irql = machine_irql();
    if (irql >= dispatch_level)
        stop(describe(fault.address), stop_driver_irql_not_less_or_equal, irql, access_kind(fault),
             context.rip);
    if (fault.present && fault.execute)
        stop(describe(fault.address), stop_attempted_execute_of_noexecute_memory);
    if (owner && fault.write && fault.present)
        stop(describe(fault.address), stop_attempted_write_to_readonly_memory);
    if (owner || fault.address >= first_system_address)
        stop(describe(fault.address), stop_page_fault_in_nonpaged_area, access_kind(fault), context.rip, 2);
}

// Below DISPATCH_LEVEL every thread of this machine is a system thread; above, there is only the processor.
void bug_check_unhandled(const ExceptionRecord& record, const Context& context) {
    set_crash_context(context);
    set_crash_exception(record);
    std::string because;
    if (record.code == status_access_violation && record.parameter_count >= 2)
        because = describe(record.information[1]);
    if (record.code == status_breakpoint || machine_irql() >= dispatch_level) {
        if (record.code == status_breakpoint)
            because = "a breakpoint, and no debugger; `ndiskit debug` runs one";
        bug_check_because(because, stop_kmode_exception_not_handled, sign_extended(record.code),
                          record.address, record.information[0], record.information[1]);
    }
    bug_check_because(because, stop_system_thread_exception_not_handled, sign_extended(record.code),
                      record.address, reinterpret_cast<uint64_t>(&record),
                      reinterpret_cast<uint64_t>(&context));
}

}  // namespace ndiskit::nt::exception
