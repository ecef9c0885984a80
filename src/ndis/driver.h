// Drivers as they registered themselves: a miniport driver (which may be the upper edge of an intermediate driver),
// a protocol driver (which may be its lower edge), a filter driver. Registration copies the characteristics into
// the newest form of their structure, with zeros where the driver's revision ends, so that nobody else needs to
// look at revisions of characteristics.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "ndis/abi.h"
#include "ndis/bind_list.h"
#include "ndis/handle.h"
#include "ndis/versions.h"
#include "ndis/wait.h"

namespace ndiskit::ndis {

struct ProtocolDriver;

struct MiniportDriver : Handle {
    static constexpr HandleKind handle_kind = HandleKind::miniport_driver;
    MiniportDriver() : Handle(handle_kind) {}

    std::string name;               // of its service
    std::u16string service;         // the same, as the registry has it
    std::u16string registry_path;   // \Registry\Machine\...\Services\<service>
    DRIVER_OBJECT* object = nullptr;
    NDIS_HANDLE context = nullptr;  // MiniportDriverContext
    Version version;
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS handlers{};
    NDIS_MINIPORT_PNP_CHARACTERISTICS pnp{};  // zero when not registered
    NDIS_MINIPORT_SS_CHARACTERISTICS suspend{};  // as well
    bool is_intermediate = false;
    ProtocolDriver* associated = nullptr;     // by NdisIMAssociateMiniport
    PDRIVER_UNLOAD previous_unload = nullptr;
    std::unique_ptr<NDIS_SHARED_MEMORY_PROVIDER_CHARACTERISTICS> shared_memory_provider;  // when it is one
};

struct ProtocolDriver : Handle {
    static constexpr HandleKind handle_kind = HandleKind::protocol_driver;
    ProtocolDriver() : Handle(handle_kind) {}

    std::string name;
    std::u16string service;         // the protocol's name, which is its service's
    NDIS_HANDLE context = nullptr;  // ProtocolDriverContext
    Version version;
    NDIS_PROTOCOL_DRIVER_CHARACTERISTICS handlers{};
    MiniportDriver* associated = nullptr;
    std::atomic<bool> deregistering = false;
    bool binds_complete_sent = false;
    BindList bind_list;
};

struct FilterDriver : Handle {
    static constexpr HandleKind handle_kind = HandleKind::filter_driver;
    FilterDriver() : Handle(handle_kind) {}

    std::string name;
    std::u16string service;
    std::u16string unique_name;     // the {GUID} of the filter class instance
    DRIVER_OBJECT* object = nullptr;
    NDIS_HANDLE context = nullptr;  // FilterDriverContext
    Version version;
    std::atomic<bool> deregistering = false;
    NDIS_FILTER_DRIVER_CHARACTERISTICS handlers{};
};

}  // namespace ndiskit::ndis
