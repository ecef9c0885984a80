#include "nt/wmi/provider.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "base/guarded.h"
#include "base/log.h"
#include "nt/io/device.h"
#include "nt/io/irp.h"
#include "nt/ke/thread.h"
#include "nt/ke/work_queue.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"
#include "nt/wmi/registration.h"

namespace ndiskit::nt::wmi {

namespace {

constexpr size_t first_answer = 4096, largest_answer = 1 << 20;

struct Wanted {
    GUID guid;
    int data = 0, events = 0;  // consumers
};

struct Table {
    std::vector<ProviderRef> providers;
    std::vector<Wanted> wanted;
    ULONG next_id = 1;
};
Guarded<Table, LockRank::nt_leaf>& table() {
    static auto* const it = new Guarded<Table, LockRank::nt_leaf>();
    return *it;
}

Wanted& wanted_of(Table& t, const GUID& guid) {
    const auto found = std::ranges::find_if(t.wanted, [&](const Wanted& one) { return one.guid == guid; });
    if (found != t.wanted.end()) return *found;
    return t.wanted.emplace_back(Wanted{guid});
}

ProviderRef provider_of_device(const DEVICE_OBJECT* device) {
    return table().with([&](Table& t) -> ProviderRef {
        for (const ProviderRef& one : t.providers)
            if (one->device == device) return one;
        return nullptr;
    });
}

struct Order {
    ProviderRef provider;
    UCHAR minor;
};

// Notes what the blocks of the GUID are to do, and returns who has to be told.
std::vector<Order> orders(Table& t, const GUID& guid) {
    const Wanted wanted = wanted_of(t, guid);
    std::vector<Order> list;
    for (const ProviderRef& provider : t.providers)
        for (Block& block : provider->blocks) {
            if (!(block.guid == guid)) continue;
            const bool collect = wanted.data > 0 && (block.flags & WMIREG_FLAG_EXPENSIVE);
            if (std::exchange(block.collecting, collect) != collect)
                list.push_back({provider, static_cast<UCHAR>(collect ? IRP_MN_ENABLE_COLLECTION
                                                                     : IRP_MN_DISABLE_COLLECTION)});
            const bool events = wanted.events > 0;
            if (std::exchange(block.events, events) != events)
                list.push_back(
                    {provider, static_cast<UCHAR>(events ? IRP_MN_ENABLE_EVENTS : IRP_MN_DISABLE_EVENTS)});
        }
    return list;
}

void carry_out(const std::vector<Order>& list, GUID guid) {
    for (const Order& order : list) {
        WNODE_HEADER header = {};
        header.BufferSize = sizeof header;
        header.ProviderId = order.provider->id;
        header.Guid = guid;
        send(*order.provider, order.minor, &guid, {reinterpret_cast<uint8_t*>(&header), sizeof header});
    }
}

void change_wishes(const GUID& guid, int data, int events) {
    const auto list = table().with([&](Table& t) {
        Wanted& wanted = wanted_of(t, guid);
        wanted.data += data;
        wanted.events += events;
        return orders(t, guid);
    });
    carry_out(list, guid);
}

// New blocks replace those of their GUID; `update` may also take some out.
void merge(Provider& provider, std::vector<Block> fresh, bool update) {
    std::vector<GUID> guids;
    table().with([&](Table&) {
        if (!update) provider.blocks.clear();
        for (Block& block : fresh) {
            guids.push_back(block.guid);
            bool collecting = false, events = false;
            std::erase_if(provider.blocks, [&](const Block& old) {
                if (!(old.guid == block.guid)) return false;
                collecting = old.collecting;
                events = old.events;
                return true;
            });
            if (block.flags & WMIREG_FLAG_REMOVE_GUID) continue;
            block.collecting = collecting;
            block.events = events;
            provider.blocks.push_back(std::move(block));
        }
    });
    for (const GUID& guid : guids) carry_out(table().with([&](Table& t) { return orders(t, guid); }), guid);
}

// Asks the driver for what it offers; on a system thread.
void ask_registration(Provider& provider, ULONG_PTR what) {
    std::vector<uint8_t> buffer(first_answer);
    ULONG used = 0;
    NTSTATUS status;
    for (;;) {
        std::ranges::fill(buffer, uint8_t{0});
        status = send(provider, IRP_MN_REGINFO_EX, reinterpret_cast<PVOID>(what), buffer, &used);
        if (status != STATUS_BUFFER_TOO_SMALL) break;
        ULONG needed = 0;
        std::memcpy(&needed, buffer.data(), sizeof needed);
        if (needed <= buffer.size() || needed > largest_answer) break;
        buffer.resize(needed);
    }
    if (!NT_SUCCESS(status)) return;
    auto blocks = parse_registration(std::span(buffer).first(std::min<size_t>(used, buffer.size())));
    if (!blocks) {
        log_warning("wmi", "a driver answered IRP_MN_REGINFO_EX with structures that lie outside its buffer");
        return;
    }
    merge(provider, std::move(*blocks), what == WMIUPDATE);
}

NTSTATUS add(PDEVICE_OBJECT device) {
    auto fresh = std::make_shared<Provider>();
    fresh->device = device;
    ExInitializeRundownProtection(&fresh->running);
    const bool added = table().with([&](Table& t) {
        if (std::ranges::find(t.providers, device, [](const auto& one) { return one->device; }) !=
            t.providers.end())
            return false;
        fresh->id = t.next_id++;
        t.providers.push_back(fresh);
        return true;
    });
    if (!added) return STATUS_OBJECT_NAME_EXISTS;
    object::reference(device);
    ke::run_later([fresh] { ask_registration(*fresh, WMIREGISTER); });
    return STATUS_SUCCESS;
}

NTSTATUS take_out(PDEVICE_OBJECT device) {
    const ProviderRef gone = table().with([&](Table& t) -> ProviderRef {
        const auto found =
            std::ranges::find(t.providers, device, [](const auto& one) { return one->device; });
        if (found == t.providers.end()) return nullptr;
        ProviderRef one = *found;
        t.providers.erase(found);
        return one;
    });
    if (!gone) return STATUS_INVALID_PARAMETER;
    ExWaitForRundownProtectionRelease(&gone->running);
    object::dereference(device);
    return STATUS_SUCCESS;
}

}  // namespace

std::vector<Offer> offers_of(const GUID& guid) {
    return table().with([&](Table& t) {
        std::vector<Offer> found;
        for (const ProviderRef& provider : t.providers)
            for (const Block& block : provider->blocks)
                if (block.guid == guid) found.push_back({provider, block});
        return found;
    });
}

std::vector<Offer> all_offers() {
    return table().with([](Table& t) {
        std::vector<Offer> found;
        for (const ProviderRef& provider : t.providers)
            for (const Block& block : provider->blocks) found.push_back({provider, block});
        return found;
    });
}

ProviderRef provider_of(ULONG id) {
    return table().with([&](Table& t) -> ProviderRef {
        for (const ProviderRef& one : t.providers)
            if (one->id == id) return one;
        return nullptr;
    });
}

NTSTATUS send(Provider& provider, UCHAR minor, PVOID data_path, std::span<uint8_t> buffer, ULONG* used) {
    if (!ExAcquireRundownProtection(&provider.running)) return STATUS_WMI_GUID_DISCONNECTED;
    DEVICE_OBJECT* const top = io::top_of_stack(*provider.device);
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    if (IRP* irp = io::make_irp(top->StackSize)) {
        irp->Tail.Overlay.Thread = reinterpret_cast<PETHREAD>(ke::kthread(ke::current_thread()));
        irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
        IO_STACK_LOCATION& stack = *IoGetNextIrpStackLocation(irp);
        stack.MajorFunction = IRP_MJ_SYSTEM_CONTROL;
        stack.MinorFunction = minor;
        stack.Parameters.WMI = {reinterpret_cast<ULONG_PTR>(provider.device), data_path,
                                static_cast<ULONG>(buffer.size()), buffer.data()};
        IO_STATUS_BLOCK block = {};
        status = io::send_and_wait(*top, *irp, &block);
        if (used) *used = static_cast<ULONG>(block.Information);
    }
    object::dereference(top);
    ExReleaseRundownProtection(&provider.running);
    // What a driver says that does not know WMI, or a bus that nobody stopped the request above.
    if (status == STATUS_NOT_SUPPORTED || status == STATUS_INVALID_DEVICE_REQUEST)
        return STATUS_WMI_GUID_NOT_FOUND;
    return status;
}

void want(const GUID& guid, bool data, bool events) { change_wishes(guid, data, events); }
void want_no_more(const GUID& guid, bool data, bool events) { change_wishes(guid, -int{data}, -int{events}); }

}  // namespace ndiskit::nt::wmi

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmiregistrationcontrol
NTSTATUS NTAPI IoWMIRegistrationControl(PDEVICE_OBJECT device, ULONG action) {
    switch (action) {
        case WMIREG_ACTION_REGISTER:
            return wmi::add(device);
        case WMIREG_ACTION_DEREGISTER:
            return wmi::take_out(device);
        case WMIREG_ACTION_REREGISTER: {
            const NTSTATUS status = wmi::take_out(device);
            return NT_SUCCESS(status) ? wmi::add(device) : status;
        }
        case WMIREG_ACTION_UPDATE_GUIDS: {
            const wmi::ProviderRef provider = wmi::provider_of_device(device);
            if (!provider) return STATUS_INVALID_PARAMETER;
            ke::run_later([provider] { wmi::ask_registration(*provider, WMIUPDATE); });
            return STATUS_SUCCESS;
        }
        default:
            return STATUS_INVALID_PARAMETER;
    }
}

// 0 when the device's driver has not registered it.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowmideviceobjecttoproviderid
ULONG NTAPI IoWMIDeviceObjectToProviderId(PDEVICE_OBJECT device) {
    const wmi::ProviderRef provider = wmi::provider_of_device(device);
    return provider ? provider->id : 0;
}

}  // extern "C"
