// The names that programs know volumes and files by: the drive letter that leads to a device. And the name of
// a file object, when a driver gives it another.
#include <cstring>

#include "nt/object/name_space.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit::nt;

namespace {

constexpr uint32_t name_tag = 0x4E446F49;  // 'IoDN' in memory order

// "C:", or empty when no letter leads there.
std::u16string letter_of(const DEVICE_OBJECT* device) {
    const std::u16string target = object::name_of(device);
    if (target.empty()) return {};
    for (const std::u16string& path : object::list(u"\\??")) {
        const std::u16string name = path.substr(path.rfind(u'\\') + 1);
        if (name.size() != 2 || name[1] != u':') continue;
        const object::Found link = object::lookup(path, false);
        if (!NT_SUCCESS(link.status)) continue;
        const bool leads = same_text(object::link_target(link.body), target);
        object::dereference(link.body);
        if (leads) return name;
    }
    return {};
}

// Behind `room` bytes, with a terminating character; `text` is where it stands.
void* allocate_text(size_t room, std::u16string_view from, PUNICODE_STRING text, const void* caller) {
    const size_t bytes = from.size() * sizeof(WCHAR);
    auto* const memory = static_cast<uint8_t*>(
        pool_allocate_zeroed(PoolKind::paged, room + bytes + sizeof(WCHAR), name_tag, caller));
    if (!memory) return nullptr;
    std::memcpy(memory + room, from.data(), bytes);
    *text = {static_cast<USHORT>(bytes), static_cast<USHORT>(bytes + sizeof(WCHAR)),
             reinterpret_cast<PWCH>(memory + room)};
    return memory;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iovolumedevicetodosname
NTSTATUS NTAPI IoVolumeDeviceToDosName(PVOID volume, PUNICODE_STRING name) {
    const std::u16string letter = letter_of(static_cast<PDEVICE_OBJECT>(volume));
    if (letter.empty()) return STATUS_OBJECT_NAME_NOT_FOUND;
    return allocate_text(0, letter, name, __builtin_return_address(0)) ? STATUS_SUCCESS
                                                                       : STATUS_INSUFFICIENT_RESOURCES;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ioqueryfiledosdevicename
NTSTATUS NTAPI IoQueryFileDosDeviceName(PFILE_OBJECT file, POBJECT_NAME_INFORMATION* result) {
    const std::u16string letter = letter_of(file->DeviceObject);
    if (letter.empty()) return STATUS_OBJECT_NAME_NOT_FOUND;
    UNICODE_STRING name;
    auto* const information = static_cast<POBJECT_NAME_INFORMATION>(
        allocate_text(sizeof(OBJECT_NAME_INFORMATION), letter + std::u16string(view_of(file->FileName)),
                      &name, __builtin_return_address(0)));
    if (!information) return STATUS_INSUFFICIENT_RESOURCES;
    information->Name = name;
    *result = information;
    return STATUS_SUCCESS;
}

// The name's buffer is the I/O manager's, before and after.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ioreplacefileobjectname
NTSTATUS NTAPI IoReplaceFileObjectName(PFILE_OBJECT file, PWSTR text, USHORT bytes) {
    if (!file->FileName.Buffer) return STATUS_INVALID_PARAMETER;
    auto* const buffer = static_cast<PWCH>(pool_allocate_zeroed(PoolKind::nonpaged, bytes + sizeof(WCHAR),
                                                                name_tag, __builtin_return_address(0)));
    if (!buffer) return STATUS_INSUFFICIENT_RESOURCES;
    std::memcpy(buffer, text, bytes);
    pool_free(file->FileName.Buffer);
    file->FileName = {bytes, static_cast<USHORT>(bytes + sizeof(WCHAR)), buffer};
    return STATUS_SUCCESS;
}

}  // extern "C"
