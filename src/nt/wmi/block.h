// Data blocks that consumers have open (IoWMIOpenBlock): objects of a type of their own.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "nt/wmi/provider.h"

namespace ndiskit::nt::wmi {

struct DataBlock {
    GUID guid;
    ACCESS_MASK access;
    WMI_NOTIFICATION_CALLBACK callback;
    PVOID context;
};

// Null unless the object is a data block that was opened for what is asked.
DataBlock* block_for(PVOID object, ACCESS_MASK access);
// Calls back whoever waits for events of the GUID.
void tell_event(WNODE_HEADER& event);

// WNODE_ALL_DATA or WNODE_SINGLE_INSTANCE of what answers, one after the other.
using Node = std::vector<uint8_t>;
NTSTATUS query_all(const GUID& guid, std::vector<Node>& nodes);
NTSTATUS query_instance(const GUID& guid, std::u16string_view name, Node& node);

// What the requests about one instance have in common (WNODE_SINGLE_INSTANCE, _SINGLE_ITEM, _METHOD_ITEM).
struct InstanceRequest {
    UCHAR minor;
    ULONG flag;                    // WNODE_FLAG_...
    std::optional<ULONG> id = {};  // of the item or method
    ULONG version = 0;
    std::span<const uint8_t> data = {};
    size_t room = 0;  // for what comes back
};
// Asks every provider that may have the instance, until one has it. `node` receives its answer, whose data
// are `data`.
NTSTATUS ask_instance(const GUID& guid, std::u16string_view name, const InstanceRequest& request, Node& node,
                      std::span<const uint8_t>& data);

}  // namespace ndiskit::nt::wmi
