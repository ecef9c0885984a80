// Opening and making files for drivers, with what the callers of each function may ask for.
#include "nt/io/file.h"
#include "nt/object/object.h"

using namespace ndiskit::nt;

namespace {

constexpr ULONG io_force_access_check = 0x0001, io_ignore_share_access_check = 0x0800;

// IO_DRIVER_CREATE_CONTEXT.
struct CreateContext {
    CSHORT size;
    PECP_LIST extra;
    PVOID hint;
    PVOID transaction;
    PVOID silo;
};

NTSTATUS create(PHANDLE handle, POBJECT_ATTRIBUTES attributes, PIO_STATUS_BLOCK block,
                io::OpenOptions options) {
    std::u16string path;
    if (const NTSTATUS status = object::path_of(*attributes, path); !NT_SUCCESS(status)) return status;
    if (attributes->Attributes & OBJ_FORCE_ACCESS_CHECK) options.force_check = true;
    ACCESS_MASK granted = options.access;
    options.granted = &granted;  // without generic rights
    FILE_OBJECT* file = nullptr;
    const NTSTATUS status = io::open_file(path, options, &file, block);
    if (!NT_SUCCESS(status)) return block->Status = status;
    *handle = object::open_handle(file, granted, attributes->Attributes & OBJ_KERNEL_HANDLE);
    object::dereference(file);
    return status;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwcreatefile
NTSTATUS NTAPI ZwCreateFile(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes,
                            PIO_STATUS_BLOCK block, PLARGE_INTEGER, ULONG file_attributes, ULONG share,
                            ULONG disposition, ULONG options, PVOID, ULONG) {
    return create(handle, attributes, block,
                  {.access = access,
                   .share = share,
                   .disposition = disposition,
                   .create_options = options,
                   .attributes = file_attributes});
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwopenfile
NTSTATUS NTAPI ZwOpenFile(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes,
                          PIO_STATUS_BLOCK block, ULONG share, ULONG options) {
    return ZwCreateFile(handle, access, attributes, block, nullptr, 0, share, FILE_OPEN, options, nullptr, 0);
}

// Named pipes and mailslots have no drivers here.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iocreatefileex
NTSTATUS NTAPI IoCreateFileEx(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes,
                              PIO_STATUS_BLOCK block, PLARGE_INTEGER, ULONG file_attributes, ULONG share,
                              ULONG disposition, ULONG create_options, PVOID, ULONG, CREATE_FILE_TYPE type,
                              PVOID, ULONG options, PIO_DRIVER_CREATE_CONTEXT driver_context) {
    if (type != CreateFileTypeNone) return STATUS_INVALID_PARAMETER;
    const auto* const context = reinterpret_cast<const CreateContext*>(driver_context);
    if (context && context->size < static_cast<CSHORT>(offsetof(CreateContext, silo)))
        return STATUS_INVALID_PARAMETER;
    return create(handle, attributes, block,
                  {.access = access,
                   .share = share,
                   .disposition = disposition,
                   .create_options = create_options,
                   .attributes = file_attributes,
                   .force_check = (options & io_force_access_check) != 0,
                   .ignore_sharing = (options & io_ignore_share_access_check) != 0,
                   .hint = context ? static_cast<PDEVICE_OBJECT>(context->hint) : nullptr,
                   .extra = context ? context->extra : nullptr});
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocreatefile
NTSTATUS NTAPI IoCreateFile(PHANDLE handle, ACCESS_MASK access, POBJECT_ATTRIBUTES attributes,
                            PIO_STATUS_BLOCK block, PLARGE_INTEGER size, ULONG file_attributes, ULONG share,
                            ULONG disposition, ULONG create_options, PVOID ea, ULONG ea_size,
                            CREATE_FILE_TYPE type, PVOID parameters, ULONG options) {
    return IoCreateFileEx(handle, access, attributes, block, size, file_attributes, share, disposition,
                          create_options, ea, ea_size, type, parameters, options, nullptr);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iocreatefilespecifydeviceobjecthint
NTSTATUS NTAPI IoCreateFileSpecifyDeviceObjectHint(PHANDLE handle, ACCESS_MASK access,
                                                   POBJECT_ATTRIBUTES attributes, PIO_STATUS_BLOCK block,
                                                   PLARGE_INTEGER size, ULONG file_attributes, ULONG share,
                                                   ULONG disposition, ULONG create_options, PVOID ea,
                                                   ULONG ea_size, CREATE_FILE_TYPE type, PVOID parameters,
                                                   ULONG options, PVOID device) {
    CreateContext context = {sizeof(CreateContext), nullptr, device, nullptr, nullptr};
    return IoCreateFileEx(handle, access, attributes, block, size, file_attributes, share, disposition,
                          create_options, ea, ea_size, type, parameters, options,
                          reinterpret_cast<PIO_DRIVER_CREATE_CONTEXT>(&context));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iosetfileobjectignoresharing
NTSTATUS NTAPI IoSetFileObjectIgnoreSharing(PFILE_OBJECT file) { return io::ignore_sharing(*file); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioisfileobjectignoringsharing
BOOLEAN NTAPI IoIsFileObjectIgnoringSharing(PFILE_OBJECT file) { return io::ignores_sharing(*file); }

// There are no transactions on this machine.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iogettransactionparameterblock
PVOID NTAPI IoGetTransactionParameterBlock(PFILE_OBJECT) { return nullptr; }

// And no containers.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iogetsiloparameters
PVOID NTAPI IoGetSiloParameters(PFILE_OBJECT) { return nullptr; }

}  // extern "C"
