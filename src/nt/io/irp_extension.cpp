// What goes with an IRP beside it: its activity ID, the extra parameters of a create.
#include "nt/io/irp.h"

#include "nt/pool/pool.h"

namespace ndiskit::nt::io {

namespace {

constexpr uint32_t extension_tag = 0x65707249;  // 'Irpe' in memory order

}  // namespace

IrpExtension* make_extension(IRP& irp) {
    if (!irp.Tail.Overlay.IrpExtension)
        irp.Tail.Overlay.IrpExtension = pool_allocate_zeroed(PoolKind::nonpaged, sizeof(IrpExtension),
                                                             extension_tag, __builtin_return_address(0));
    return extension_of(irp);
}

void drop_extension(IRP& irp) {
    if (IrpExtension* const extension = extension_of(irp)) pool_free(extension, extension_tag);
    irp.Tail.Overlay.IrpExtension = nullptr;
}

}  // namespace ndiskit::nt::io

using namespace ndiskit::nt;

extern "C" {

// The extra parameters are the caller's: they must outlive the create.
NTSTATUS NTAPI IoSetIrpExtraCreateParameter(PIRP irp, PECP_LIST list) {
    if (!(irp->Flags & IRP_CREATE_OPERATION)) return STATUS_INVALID_PARAMETER;
    io::IrpExtension* const extension = io::make_extension(*irp);
    if (!extension) return STATUS_INSUFFICIENT_RESOURCES;
    extension->extra_create_parameters = list;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI IoGetIrpExtraCreateParameter(PIRP irp, PECP_LIST* list) {
    if (!(irp->Flags & IRP_CREATE_OPERATION)) return STATUS_INVALID_PARAMETER;
    const io::IrpExtension* const extension = io::extension_of(*irp);
    *list = extension ? extension->extra_create_parameters : nullptr;
    return STATUS_SUCCESS;
}

void NTAPI IoClearIrpExtraCreateParameter(PIRP irp) {
    if (io::IrpExtension* const extension = io::extension_of(*irp))
        extension->extra_create_parameters = nullptr;
}

}  // extern "C"
