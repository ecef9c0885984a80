#include "nt/exception/machine_view.h"

#include "nt/image/call_gate.h"
#include "nt/ke/irql.h"
#include "nt/ke/pcr_x64.h"
#include "nt/ke/thread.h"

namespace ndiskit::nt::exception {

uint8_t machine_irql() { return ke::gs_base() ? nt::current_irql() : 0; }

void set_machine_irql(uint8_t irql) { write_irql(irql); }

ThreadView current_thread_view() {
    ThreadView view;
    const ke::Pcr* pcr = ke::gs_base();
    if (!pcr) return view;
    view.is_nt_thread = true;
    view.processor = pcr->number;
    view.thread = reinterpret_cast<uint64_t>(pcr->current_thread);
    if (pcr->current_thread) view.name = pcr->current_thread->name;
    return view;
}

}  // namespace ndiskit::nt::exception

namespace ndiskit::nt::image {

uint8_t current_irql() { return exception::machine_irql(); }

}  // namespace ndiskit::nt::image
