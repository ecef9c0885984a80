// The packet structures of NDIS for host code.
#pragma once

#include "nt/abi.h"

#include <ndis.h>
