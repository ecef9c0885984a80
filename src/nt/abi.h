// The NT kernel ABI for host code: every type, constant and prototype that the kernel and NDIS layers share
// with drivers. Pull in single headers of nt/abi/ where only few are needed.
#pragma once

#include "nt/abi/io.h"
#include "nt/abi/registry.h"
#include "nt/abi/status.h"

#include "nt/abi/ex_functions.h"
#include "nt/abi/hal_functions.h"
#include "nt/abi/io_functions.h"
#include "nt/abi/ke_functions.h"
#include "nt/abi/mm_functions.h"
#include "nt/abi/ob_functions.h"
#include "nt/abi/po_functions.h"
#include "nt/abi/registry_functions.h"
#include "nt/abi/rtl_functions.h"
#include "nt/abi/se_functions.h"
