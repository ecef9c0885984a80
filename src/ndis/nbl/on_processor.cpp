#include "ndis/nbl/on_processor.h"

namespace ndiskit::ndis {

KIRQL NTAPI OnProcessor::raise() noexcept { return nt::raise_irql_to_dispatch(); }

void NTAPI OnProcessor::lower(KIRQL irql) noexcept { nt::lower_irql(irql); }

}  // namespace ndiskit::ndis
