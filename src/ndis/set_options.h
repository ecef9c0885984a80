// What registration of every kind of driver ends with: the driver gets its handle and sets its optional handlers.
#pragma once

#include "ndis/library_state.h"

namespace ndiskit::ndis {

// A driver that fails at it has no handle and is forgotten.
template <class Driver>
NDIS_STATUS set_options(Driver& driver, NDIS_HANDLE& handle, NDIS_HANDLE context) {
    handle = &driver;
    if (driver.handlers.SetOptionsHandler == nullptr)
        return NDIS_STATUS_SUCCESS;
    const NDIS_STATUS status = driver.handlers.SetOptionsHandler(&driver, context);
    if (status != NDIS_STATUS_SUCCESS) {
        handle = nullptr;
        library().remove(driver);
    }
    return status;
}

}  // namespace ndiskit::ndis
