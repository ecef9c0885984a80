// Filter drivers: registration, and what a driver's coming and going does to running stacks.
// https://learn.microsoft.com/windows-hardware/drivers/network/initializing-a-filter-driver
#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "ndis/callbacks.h"
#include "ndis/driver.h"
#include "ndis/filter.h"
#include "ndis/library.h"
#include "ndis/library_state.h"
#include "ndis/set_options.h"
#include "ndis/lists.h"
#include "ndis/pnp_work.h"

namespace ndiskit::ndis {

namespace {

std::u16string to_u16(const UNICODE_STRING& string) {
    return std::u16string(string.Buffer, string.Length / sizeof(WCHAR));
}

bool is_guid(std::u16string_view text) { return text.size() == 38 && text.starts_with(u'{') && text.ends_with(u'}'); }

// Only these four are not optional; everything else may be bypassed.
bool handlers_complete(const NDIS_FILTER_DRIVER_CHARACTERISTICS& h) {
    return h.AttachHandler && h.DetachHandler && h.RestartHandler && h.PauseHandler;
}

size_t least_size(UCHAR revision) {
    switch (revision) {
    case NDIS_FILTER_CHARACTERISTICS_REVISION_1: return NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_1;
    case NDIS_FILTER_CHARACTERISTICS_REVISION_2: return NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_2;
    default: return NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_3;
    }
}

bool is_registered(std::u16string_view unique_name) {
    return std::ranges::any_of(library().filter_drivers(),
                               [&](const FilterDriver* d) { return same_name(d->unique_name, unique_name); });
}

NDIS_STATUS check(const NDIS_FILTER_DRIVER_CHARACTERISTICS& given) {
    if (given.Header.Type != NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS || given.Header.Revision == 0 ||
        given.Header.Size < least_size(given.Header.Revision) || given.ServiceName.Length == 0 ||
        !is_guid(to_u16(given.UniqueName)) || !handlers_complete(given))
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    if (!is_known_version({given.MajorNdisVersion, given.MinorNdisVersion}))
        return NDIS_STATUS_BAD_VERSION;
    return is_registered(to_u16(given.UniqueName)) ? NDIS_STATUS_FAILURE : NDIS_STATUS_SUCCESS;
}

NDIS_STATUS register_filter(PDRIVER_OBJECT object, NDIS_HANDLE context,
                            const NDIS_FILTER_DRIVER_CHARACTERISTICS& given, NDIS_HANDLE& handle) {
    if (const NDIS_STATUS status = check(given); status != NDIS_STATUS_SUCCESS)
        return status;
    auto driver = std::make_unique<FilterDriver>();
    std::memcpy(&driver->handlers, &given, std::min<size_t>(given.Header.Size, sizeof(driver->handlers)));
    driver->service = to_u16(given.ServiceName);
    driver->unique_name = to_u16(given.UniqueName);
    driver->name = narrow(driver->service);
    driver->object = object;
    driver->context = context;
    driver->version = {given.MajorNdisVersion, given.MinorNdisVersion};
    bind_callbacks(driver->handlers);
    FilterDriver& kept = library().add(std::move(driver));
    const NDIS_STATUS status = set_options(kept, handle, context);
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    log_debug("ndis", "driver {} registers a filter, NDIS {}.{}", kept.name, kept.version.major, kept.version.minor);
    queue_pnp_work([driver = &kept] {
        if (contains(library().filter_drivers(), driver))
            reconcile_filters_of(*driver);
    });
    return NDIS_STATUS_SUCCESS;
}

void deregister_filter(FilterDriver& driver) {
    driver.deregistering.store(true, std::memory_order_seq_cst);
    reconcile_filters_of(driver);
    library().remove(driver);
}

}  // namespace

void reconcile_filters_of(const FilterDriver& driver) {
    for (Adapter* adapter : library().adapters()) {
        PnpHold hold(adapter->pnp);
        const bool stands_on_it =
            std::ranges::any_of(adapter->filters(), [&](const FilterModule* m) { return &m->driver == &driver; });
        const bool is_listed =
            std::ranges::any_of(read_filter_list(adapter->config), [&](const std::u16string& entry) {
                return entry.size() > driver.unique_name.size() &&
                       std::ranges::search(entry, driver.unique_name, [](char16_t a, char16_t b) {
                           return same_name({&a, 1}, {&b, 1});
                       }).size() != 0;
            });
        if (stands_on_it || is_listed)
            reconcile_filters(*adapter);
    }
}

void reconcile_filters() {
    settle();
    for (Adapter* adapter : library().adapters()) {
        PnpHold hold(adapter->pnp);
        reconcile_filters(*adapter);
    }
    settle();
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfregisterfilterdriver
extern "C" NDIS_STATUS NTAPI NdisFRegisterFilterDriver(PDRIVER_OBJECT DriverObject, NDIS_HANDLE FilterDriverContext,
                                                       PNDIS_FILTER_DRIVER_CHARACTERISTICS Characteristics,
                                                       PNDIS_HANDLE NdisFilterDriverHandle) {
    return register_filter(DriverObject, FilterDriverContext, *Characteristics, *NdisFilterDriverHandle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfderegisterfilterdriver
extern "C" void NTAPI NdisFDeregisterFilterDriver(NDIS_HANDLE NdisFilterDriverHandle) {
    deregister_filter(resolve<FilterDriver>(NdisFilterDriverHandle, "NdisFDeregisterFilterDriver"));
}
