// The I/O system as a whole: request helpers.
#pragma once

#include "nt/abi/callbacks.h"
#include "nt/abi/irp.h"
