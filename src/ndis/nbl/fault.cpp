#include "ndis/nbl/fault.h"

#include <fmt/format.h>

#include "nt/bugcheck.h"

namespace ndiskit::ndis {
namespace {

constexpr uint32_t ndis_internal_error = 0x4F;
constexpr uint32_t bad_pool_caller = 0xC2;
constexpr uint32_t freed_twice = 0x07;
constexpr uint32_t freed_no_pool = 0x46;
constexpr uint32_t bugcode_ndis_driver = 0x7C;
constexpr uint32_t leaked_nbl = 0x27;

const char* name_of(SlabKind kind) {
    switch (kind) {
        case SlabKind::nbl:
            return "NET_BUFFER_LIST";
        case SlabKind::net_buffer:
            return "NET_BUFFER";
        case SlabKind::mdl:
            return "MDL of a retreat";
        case SlabKind::context:
            return "NET_BUFFER_LIST_CONTEXT";
    }
    return "packet structure";
}

uint64_t address_of(const void* object) { return reinterpret_cast<uintptr_t>(object); }

}  // namespace

void NTAPI bad_free(const void* object, SlabKind kind) noexcept {
    const uint32_t state = SlabHeader::of(object)->state;
    if (state == SlabHeader::free(kind))
        nt::bug_check_because(fmt::format("{} {} is freed a second time", name_of(kind), object),
                              bad_pool_caller, freed_twice, 0, 0, address_of(object));
    if (state == SlabHeader::part(kind))
        misuse(fmt::format("{} {} was allocated with its NET_BUFFER_LIST and is freed with it, not alone",
                           name_of(kind), object),
               object);
    nt::bug_check_because(
        fmt::format("{} is freed as a {}, but did not come from a pool of them", object, name_of(kind)),
        bad_pool_caller, freed_no_pool, address_of(object));
}

void NTAPI misuse(const std::string& because, const void* object) noexcept {
    nt::bug_check_because(because, ndis_internal_error, address_of(object));
}

void NTAPI bad_pool_handle(const void* handle, const char* kind) noexcept {
    misuse(fmt::format("{} is not the handle of a {} pool (or the pool was freed)", handle, kind), handle);
}

void NTAPI leaked(const std::string& pool, uint64_t outstanding, const void* first) noexcept {
    nt::bug_check_because(fmt::format("{} is freed while {} of its structures are not; the oldest is {}",
                                      pool, outstanding, first),
                          bugcode_ndis_driver, leaked_nbl, 0, address_of(first), outstanding);
}

}  // namespace ndiskit::ndis
