// Virtual miniports of intermediate drivers. Such an adapter is initialised when two things have come together, in
// any order: PnP has started its device, and the driver has asked for it with NdisIMInitializeDeviceInstanceEx. Until
// then the request can be cancelled; afterwards NdisIMDeInitializeDeviceInstance undoes it.
//
// These calls come from ProtocolBindAdapterEx and ProtocolUnbindAdapterEx, with the lower adapter's PnP lock held;
// they take the virtual adapter's own, which is the documented order from low to high (wait.h).
#include <algorithm>

#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/intermediate.h"
#include "ndis/library_state.h"

namespace ndiskit::ndis {

namespace {

// Requests for virtual miniports whose device is not there yet.
struct Waiting {
    MiniportDriver* driver;
    std::u16string name;  // as the driver gave it: \Device\{GUID}
    NDIS_HANDLE device_context;
};
Guarded<std::vector<Waiting>, LockRank::ndis_driver>& waiting() {
    static Guarded<std::vector<Waiting>, LockRank::ndis_driver> list;
    return list;
}

std::u16string to_u16(const UNICODE_STRING& string) {
    std::u16string text(string.Buffer, string.Length / sizeof(WCHAR));
    while (!text.empty() && text.back() == u'\0')
        text.pop_back();
    return text;
}

bool take_back(MiniportDriver& driver, const std::u16string& name) {
    return waiting().with([&](auto& list) {
        return std::erase_if(list, [&](const Waiting& w) { return w.driver == &driver && same_name(w.name, name); }) != 0;
    });
}

NDIS_STATUS initialize_on(Adapter& adapter, NDIS_HANDLE device_context) {
    PnpHold hold(adapter.pnp);
    if (adapter.instance_request.wanted)
        return NDIS_STATUS_NOT_ACCEPTED;
    adapter.instance_request = {.wanted = true, .device_context = device_context};
    if (adapter.device_started && bring_up(adapter) != NDIS_STATUS_SUCCESS)
        adapter.instance_request = {};
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS initialize_instance(MiniportDriver& driver, const std::u16string& name, NDIS_HANDLE device_context) {
    const auto find = [&]() -> Adapter* {
        Adapter* adapter = library().find_adapter(name);
        return adapter != nullptr && adapter->driver.object == driver.object ? adapter : nullptr;
    };
    if (Adapter* adapter = find())
        return initialize_on(*adapter, device_context);
    const bool added = waiting().with([&](auto& list) {
        for (const Waiting& w : list)
            if (w.driver == &driver && same_name(w.name, name))
                return false;
        list.push_back({&driver, name, device_context});
        return true;
    });
    if (!added)
        return NDIS_STATUS_NOT_ACCEPTED;
    // The device may have come between the look and the entry.
    if (Adapter* adapter = find(); adapter != nullptr && take_back(driver, name))
        return initialize_on(*adapter, device_context);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS cancel_instance(MiniportDriver& driver, const std::u16string& name) {
    if (take_back(driver, name))
        return NDIS_STATUS_SUCCESS;
    Adapter* adapter = library().find_adapter(name);
    if (adapter == nullptr)
        return NDIS_STATUS_FAILURE;
    // An initialisation that runs now cannot be stopped; the caller waits for it by its own means, so this must not.
    if (adapter->state() != AdapterState::halted)
        return NDIS_STATUS_FAILURE;
    PnpHold hold(adapter->pnp);
    if (!adapter->instance_request.wanted || adapter->state() != AdapterState::halted)
        return NDIS_STATUS_FAILURE;
    adapter->instance_request = {};
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS deinitialize_instance(Adapter& adapter) {
    PnpHold hold(adapter.pnp);
    if (!adapter.initialized())
        return NDIS_STATUS_FAILURE;
    bring_down(adapter, NdisHaltDeviceInstanceDeInitialized);
    adapter.instance_request = {};
    return NDIS_STATUS_SUCCESS;
}

}  // namespace

void take_waiting_request(Adapter& adapter) {
    waiting().with([&](auto& list) {
        const auto it = std::ranges::find_if(list, [&](const Waiting& w) {
            return w.driver->object == adapter.driver.object &&
                   (same_name(w.name, adapter.device_name) || same_name(w.name, adapter.config.guid));
        });
        if (it == list.end())
            return;
        adapter.instance_request = {.wanted = true, .device_context = it->device_context};
        list.erase(it);
    });
}

void forget_waiting_requests(const MiniportDriver& driver) {
    waiting().with([&](auto& list) { std::erase_if(list, [&](const Waiting& w) { return w.driver == &driver; }); });
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisiminitializedeviceinstanceex
extern "C" NDIS_STATUS NTAPI NdisIMInitializeDeviceInstanceEx(NDIS_HANDLE DriverHandle, PNDIS_STRING DriverInstance,
                                                              NDIS_HANDLE DeviceContext) {
    return initialize_instance(resolve<MiniportDriver>(DriverHandle, "NdisIMInitializeDeviceInstanceEx"),
                               to_u16(*DriverInstance), DeviceContext);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisimcancelinitializedeviceinstance
extern "C" NDIS_STATUS NTAPI NdisIMCancelInitializeDeviceInstance(NDIS_HANDLE DriverHandle,
                                                                  PNDIS_STRING DeviceInstance) {
    return cancel_instance(resolve<MiniportDriver>(DriverHandle, "NdisIMCancelInitializeDeviceInstance"),
                           to_u16(*DeviceInstance));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisimdeinitializedeviceinstance
extern "C" NDIS_STATUS NTAPI NdisIMDeInitializeDeviceInstance(NDIS_HANDLE NdisMiniportHandle) {
    if (!is_handle_of<Adapter>(NdisMiniportHandle))
        return NDIS_STATUS_FAILURE;
    return deinitialize_instance(resolve<Adapter>(NdisMiniportHandle, "NdisIMDeInitializeDeviceInstance"));
}

// The device context that the IM driver below this binding gave for its virtual miniport.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisimgetbindingcontext
extern "C" NDIS_HANDLE NTAPI NdisIMGetBindingContext(NDIS_HANDLE NdisBindingHandle) {
    return resolve<Binding>(NdisBindingHandle, "NdisIMGetBindingContext").adapter.instance_request.device_context;
}
