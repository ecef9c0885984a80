// WMI providers: devices whose drivers offer blocks of data, methods and events, each known by a GUID. What a
// driver registers with IoWMIRegistrationControl stands in one table; consumers (block.cpp) find it there by
// the GUID. Requests go to the top of the device's stack as IRP_MJ_SYSTEM_CONTROL; the driver whose device
// is the request's provider answers. One who ends its registration waits for the requests on their way.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/windows-management-instrumentation
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "nt/wmi/abi.h"

namespace ndiskit::nt::wmi {

struct Block {
    GUID guid;
    ULONG flags;                        // WMIREG_FLAG_...
    std::vector<std::u16string> names;  // of its instances, when they are static
    bool is_static = false;
    bool collecting = false, events = false;  // what its driver was told to do
};

// Its blocks are guarded by the table's lock.
struct Provider {
    PDEVICE_OBJECT device;  // referenced
    ULONG id;               // what stands in WNODE_HEADER for it
    EX_RUNDOWN_REF running;
    std::vector<Block> blocks;
};
using ProviderRef = std::shared_ptr<Provider>;

// A provider and a copy of its block of one GUID.
struct Offer {
    ProviderRef provider;
    Block block;
};
std::vector<Offer> offers_of(const GUID& guid);
// Of all GUIDs, by provider in the order of registration.
std::vector<Offer> all_offers();
// The one of an ID; null when it is gone.
ProviderRef provider_of(ULONG id);

// Sends a request to the provider, unless it is gone. The buffer is the driver's to read and write; `used`
// receives how much of it the answer takes. STATUS_WMI_GUID_NOT_FOUND when no driver answers.
NTSTATUS send(Provider& provider, UCHAR minor, PVOID data_path, std::span<uint8_t> buffer,
              ULONG* used = nullptr);

// What consumers want of a GUID's blocks; providers are told when it begins and when it ends.
void want(const GUID& guid, bool data, bool events);
void want_no_more(const GUID& guid, bool data, bool events);

}  // namespace ndiskit::nt::wmi
