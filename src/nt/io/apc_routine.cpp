// The routine that the caller of ZwReadFile and its like gives, to be called when the request has ended: a
// normal kernel APC of the thread that made the request.
#include "nt/io/irp.h"
#include "nt/ke/apc.h"
#include "nt/ke/thread.h"
#include "nt/pool/pool.h"

namespace ndiskit::nt::io {
namespace {

constexpr uint32_t apc_tag = 0x70416F49;  // 'IoAp' in memory order

void NTAPI free_irp(PKAPC apc) { IoFreeIrp(CONTAINING_RECORD(apc, IRP, Tail.Apc)); }
void NTAPI before_routine(PKAPC apc, PKNORMAL_ROUTINE*, PVOID*, PVOID*, PVOID*) { free_irp(apc); }
void NTAPI before_own(PKAPC apc, PKNORMAL_ROUTINE*, PVOID*, PVOID*, PVOID*) { pool_free(apc, apc_tag); }

}  // namespace

// A thread that has ended is not told.
void queue_routine(IRP& irp) {
    auto& thread = *ke::thread_object(irp.Tail.Overlay.Thread);
    const auto& wanted = irp.Overlay.AsynchronousParameters;
    drop_extension(irp);
    KeInitializeApc(&irp.Tail.Apc, ke::kthread(&thread), CurrentApcEnvironment, before_routine, free_irp,
                    ke::as_normal(wanted.UserApcRoutine), KernelMode, wanted.UserApcContext);
    irp.Tail.Overlay.IrpExtension = nullptr;
    if (!KeInsertQueueApc(&irp.Tail.Apc, irp.UserIosb, nullptr, 0)) free_irp(&irp.Tail.Apc);
    ke::dereference_thread(thread);
}

void call_routine(PIO_APC_ROUTINE routine, PVOID context, PIO_STATUS_BLOCK block) {
    if (!routine) return;
    auto* const apc = static_cast<PKAPC>(pool_allocate(PoolKind::nonpaged, sizeof(KAPC), apc_tag, nullptr));
    if (!apc) return;
    KeInitializeApc(apc, ke::kthread(ke::current_thread()), CurrentApcEnvironment, before_own, nullptr,
                    ke::as_normal(routine), KernelMode, context);
    KeInsertQueueApc(apc, block, nullptr, 0);
}

}  // namespace ndiskit::nt::io
