// What handles are called in reports, and the end of drivers that pass wrong ones.
#include "ndis/handle.h"

#include <fmt/core.h>

#include "ndis/library_state.h"
#include "ndis/misuse.h"

namespace ndiskit::ndis {

namespace {

const char* kind_name(HandleKind kind) {
    switch (kind) {
    case HandleKind::none: return "nothing";
    case HandleKind::miniport_driver: return "a miniport driver";
    case HandleKind::protocol_driver: return "a protocol driver";
    case HandleKind::filter_driver: return "a filter driver";
    case HandleKind::adapter: return "a miniport adapter";
    case HandleKind::binding: return "a binding";
    case HandleKind::filter_module: return "a filter module";
    case HandleKind::bind_operation: return "a bind operation";
    case HandleKind::unbind_operation: return "an unbind operation";
    case HandleKind::configuration: return "a configuration";
    case HandleKind::control_device: return "a control device";
    case HandleKind::interface_provider: return "an interface provider";
    case HandleKind::interrupt: return "an interrupt";
    case HandleKind::dma: return "a DMA channel";
    case HandleKind::shared_memory: return "shared memory";
    case HandleKind::log: return "a log";
    }
    return "no NDIS handle";
}

template <class Object>
const Object& as(const Handle* handle) {
    return static_cast<const Object&>(*handle);
}

}  // namespace

std::string describe_handle(NDIS_HANDLE handle) {
    const auto* h = static_cast<const Handle*>(handle);
    if (h == nullptr)
        return "a null handle";
    if (h->mark == Handle::retired)
        return fmt::format("{} that is gone", kind_name(h->kind));
    if (h->mark != Handle::live)
        return "no NDIS handle";
    const std::string owner = handle_owner(handle);
    return owner.empty() ? kind_name(h->kind) : fmt::format("{} of {}", kind_name(h->kind), owner);
}

std::string handle_owner(NDIS_HANDLE handle) {
    const auto* h = static_cast<const Handle*>(handle);
    if (h == nullptr || h->mark != Handle::live)
        return {};
    switch (h->kind) {
    case HandleKind::miniport_driver: return as<MiniportDriver>(h).name;
    case HandleKind::protocol_driver: return as<ProtocolDriver>(h).name;
    case HandleKind::filter_driver: return as<FilterDriver>(h).name;
    case HandleKind::adapter: return as<Adapter>(h).driver.name;
    case HandleKind::binding: return as<Binding>(h).protocol.name;
    case HandleKind::bind_operation: return as<BindOperation>(h).binding.protocol.name;
    case HandleKind::unbind_operation: return as<UnbindOperation>(h).binding.protocol.name;
    default: return {};
    }
}

void bad_handle(NDIS_HANDLE handle, HandleKind expected, const char* caller) {
    misuse(Misuse::invalid_object_header,
           fmt::format("{} was given {} where {} belongs", caller, describe_handle(handle), kind_name(expected)),
           reinterpret_cast<uint64_t>(handle));
}

}  // namespace ndiskit::ndis
