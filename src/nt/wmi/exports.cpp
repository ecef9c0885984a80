// The table of wmilib.sys.
#include "nt/wmi/library.h"

namespace ndiskit::nt::wmi {

static const Export rows[] = {
    {"WmiSystemControl", reinterpret_cast<const void*>(WmiSystemControl), MaxIrql::passive},
    {"WmiCompleteRequest", reinterpret_cast<const void*>(WmiCompleteRequest), MaxIrql::dispatch},
    {"WmiFireEvent", reinterpret_cast<const void*>(WmiFireEvent), MaxIrql::dispatch},
};

std::span<const Export> library_exports() { return rows; }

}  // namespace ndiskit::nt::wmi
