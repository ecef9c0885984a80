// What an NDIS_HANDLE is here: a pointer to one of the library's objects, each of which begins with a Handle.
//
// The first four bytes look like an NDIS_OBJECT_HEADER, because NdisOpenConfigurationEx also takes a pointer to an
// NDIS_BIND_PARAMETERS structure as a "handle" and must tell them apart; our kinds are none of Windows' object
// types. `mark` is `live` until the object retires. A driver that passes a handle of the wrong kind, or one that
// is gone, is stopped at the call (bug check 0x7C, subcode 0x21), where Windows would follow a wild pointer.
#pragma once

#include <cstdint>
#include <string>

#include "ndis/abi.h"

namespace ndiskit::ndis {

enum class HandleKind : uint8_t {
    none = 0,
    miniport_driver = 0x11,
    protocol_driver = 0x12,
    filter_driver = 0x13,
    adapter = 0x14,
    binding = 0x15,
    filter_module = 0x16,
    bind_operation = 0x17,
    unbind_operation = 0x18,
    configuration = 0x19,
    control_device = 0x1a,
    interface_provider = 0x1b,
    interrupt = 0x1c,
    dma = 0x1d,
    shared_memory = 0x1e,
    log = 0x1f,
};

struct Handle {
    explicit constexpr Handle(HandleKind k) : kind(k) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    static constexpr uint32_t live = 0x4c41'4e44;     // "DNAL"
    static constexpr uint32_t retired = 0x4544'4e44;  // "DNDE"

    // From here on every use of the handle by a driver is a bug check.
    void retire() { mark = retired; }

    const HandleKind kind;
    const uint8_t revision = 1;
    const uint16_t size = 16;
    uint32_t mark = live;
};

// "the adapter \Device\{...}", "a binding that is closed", "nothing": for reports.
std::string describe_handle(NDIS_HANDLE handle);
// The name of the driver that a handle belongs to, or "" when it has none. Any kind of handle, also null.
std::string handle_owner(NDIS_HANDLE handle);

[[noreturn, gnu::cold]] void bad_handle(NDIS_HANDLE handle, HandleKind expected, const char* caller);

template <class Object>
bool is_handle_of(NDIS_HANDLE handle) {
    const auto* h = static_cast<const Handle*>(handle);
    return h != nullptr && h->mark == Handle::live && h->kind == Object::handle_kind;
}

// The object behind a handle that a driver passed to the function named `caller`.
template <class Object>
[[gnu::always_inline]] inline Object& resolve(NDIS_HANDLE handle, const char* caller) {
    if (!is_handle_of<Object>(handle)) [[unlikely]]
        bad_handle(handle, Object::handle_kind, caller);
    return *static_cast<Object*>(static_cast<Handle*>(handle));
}

}  // namespace ndiskit::ndis
