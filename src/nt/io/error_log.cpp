// Error log entries: what Windows keeps in the system's event log goes to the kit's log here, as a warning
// with the driver's name.
#include <fmt/format.h>

#include <string>

#include "base/log.h"
#include "nt/io/driver.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit;
using namespace ndiskit::nt;

namespace {

constexpr ULONG entry_tag = 0x6C456F49;  // 'IoEl' in memory order
constexpr UCHAR largest_entry = 240;     // ERROR_LOG_MAXIMUM_SIZE

// What stands in front of the packet.
struct alignas(16) Entry {
    PVOID object;
    UCHAR size;
};

Entry& entry_of(PVOID packet) { return static_cast<Entry*>(packet)[-1]; }

std::string name_of(PVOID object) {
    if (object::type_of(object) == &object::driver_type)
        return io::service_of(*static_cast<PDRIVER_OBJECT>(object));
    const auto& device = *static_cast<PDEVICE_OBJECT>(object);
    return io::service_of(*device.DriverObject) + " " + to_utf8(object::name_of(&device));
}

// The strings that are to stand in the event's text; they end within the entry or are left out.
std::string strings_of(const IO_ERROR_LOG_PACKET& packet, size_t size) {
    const auto* const bytes = reinterpret_cast<const char*>(&packet);
    std::string text;
    size_t at = packet.StringOffset;
    for (USHORT i = 0; i < packet.NumberOfStrings; ++i) {
        std::u16string one;
        for (; at + sizeof(WCHAR) <= size; at += sizeof(WCHAR)) {
            WCHAR unit;
            __builtin_memcpy(&unit, bytes + at, sizeof unit);
            if (unit == 0) break;
            one += unit;
        }
        at += sizeof(WCHAR);
        text += " " + to_utf8(one);
    }
    return text;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioallocateerrorlogentry
PVOID NTAPI IoAllocateErrorLogEntry(PVOID object, UCHAR size) {
    if (!object || size < sizeof(IO_ERROR_LOG_PACKET) || size > largest_entry) return nullptr;
    auto* const entry = static_cast<Entry*>(pool_allocate_zeroed(PoolKind::nonpaged, sizeof(Entry) + size,
                                                                 entry_tag, __builtin_return_address(0)));
    if (!entry) return nullptr;
    *entry = {object, size};
    object::reference(object);
    return entry + 1;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iofreeerrorlogentry
void NTAPI IoFreeErrorLogEntry(PVOID packet) {
    object::dereference(entry_of(packet).object);
    pool_free(&entry_of(packet), entry_tag);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iowriteerrorlogentry
void NTAPI IoWriteErrorLogEntry(PVOID packet) {
    const auto& what = *static_cast<PIO_ERROR_LOG_PACKET>(packet);
    const Entry& entry = entry_of(packet);
    log_warning("event log", "{}: event 0x{:08X}, status 0x{:08X}, value {}{}", name_of(entry.object),
                static_cast<uint32_t>(what.ErrorCode), static_cast<uint32_t>(what.FinalStatus),
                what.UniqueErrorValue, strings_of(what, entry.size));
    IoFreeErrorLogEntry(packet);
}

}  // extern "C"
