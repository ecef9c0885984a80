// What others may rely on: the names and registry values of the MUX driver. Included by the driver, by its
// notify object and by tests.
#pragma once

// The service of the protocol edge, which is also the protocol's name, and the service of the virtual
// miniports.
#define MUX_PROTOCOL_SERVICE L"ndkmux"
#define MUX_MINIPORT_SERVICE L"ndkmuxmp"

// REG_MULTI_SZ of the binding (Services\ndkmux\Parameters\Adapters\{lower}): the device names of the virtual
// miniports over that adapter, in order. The first takes the adapter's own MAC address.
#define MUX_VALUE_UPPER_BINDINGS L"UpperBindings"
