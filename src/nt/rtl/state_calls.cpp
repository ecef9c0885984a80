// Where a driver's lasting state is, and triggers that nobody waits for.
#include <cstring>
#include <string>

#include "nt/abi.h"
#include "nt/abi/files.h"
#include "nt/rtl/dos_names.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit::nt;

extern "C" {

// State is not separated on this machine, so that nothing is redirected: all is where it is by default.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlgetpersistedstatelocation
NTSTATUS NTAPI RtlGetPersistedStateLocation(PCWSTR source, PCWSTR, PCWSTR default_path,
                                            STATE_LOCATION_TYPE type, PWCHAR target, ULONG size,
                                            PULONG needed) {
    if (!source || static_cast<ULONG>(type) >= LocationTypeMaximum) return STATUS_INVALID_PARAMETER;
    if (!default_path) return STATUS_OBJECT_NAME_NOT_FOUND;
    const auto bytes = static_cast<ULONG>((std::u16string_view(default_path).size() + 1) * sizeof(char16_t));
    if (needed) *needed = bytes;
    if (size < bytes) return STATUS_BUFFER_OVERFLOW;
    std::memcpy(target, default_path, bytes);
    return STATUS_SUCCESS;
}

// No program of this machine subscribes to triggers.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlraisecustomsystemeventtrigger
NTSTATUS NTAPI RtlRaiseCustomSystemEventTrigger(PVOID config) {
    return config ? STATUS_INSTANCE_NOT_AVAILABLE : STATUS_INVALID_PARAMETER;
}

// The drive keeps no descriptors of its files: the volume's own judges who opens the folder.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlcreatesystemvolumeinformationfolder
NTSTATUS NTAPI RtlCreateSystemVolumeInformationFolder(PCUNICODE_STRING root) {
    std::u16string path(view_of(*root));
    if (!path.ends_with(u'\\')) path += u'\\';
    path += u"System Volume Information";
    UNICODE_STRING name = unicode_string(path);
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, nullptr,
                               nullptr);
    HANDLE folder = nullptr;
    IO_STATUS_BLOCK block = {};
    constexpr ULONG hidden = 2, system = 4;
    const NTSTATUS status =
        ZwCreateFile(&folder, FILE_LIST_DIRECTORY | SYNCHRONIZE, &attributes, &block, nullptr,
                     hidden | system, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_OPEN_IF,
                     FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT, nullptr, 0);
    if (NT_SUCCESS(status)) ZwClose(folder);
    return status;
}

}  // extern "C"
