// The rows of ndis.sys over a miniport's hardware.
#pragma once

namespace ndiskit::ndis {

void add_hardware_exports();

}  // namespace ndiskit::ndis
