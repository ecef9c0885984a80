#include "nic/poll_thread.h"

#include "base/assert.h"

namespace ndiskit::nic {
namespace {

constexpr ULONG thread_all_access = 0x1fffff;

}  // namespace

bool PollThread::start(int descriptor, std::function<bool()> poll) {
    ASSERT_THAT(!thread_);
    descriptor_ = descriptor;
    poll_ = std::move(poll);
    stopping_.store(false);
    task_.store(nullptr);
    return NT_SUCCESS(
        PsCreateSystemThread(&thread_, thread_all_access, nullptr, nullptr, nullptr, &PollThread::run, this));
}

void PollThread::stop() {
    if (!thread_) return;
    stopping_.store(true);
    if (engine::Task* task = task_.load()) engine::the().unpark(*task);
    PVOID object = nullptr;
    if (NT_SUCCESS(ObReferenceObjectByHandle(thread_, SYNCHRONIZE, nullptr, KernelMode, &object, nullptr))) {
        KeWaitForSingleObject(object, Executive, KernelMode, FALSE, nullptr);
        ObfDereferenceObject(object);
    }
    ZwClose(thread_);
    thread_ = nullptr;
}

void NTAPI PollThread::run(void* self) {
    static_cast<PollThread*>(self)->loop();
    PsTerminateSystemThread(STATUS_SUCCESS);
}

void PollThread::loop() {
    task_.store(&engine::the().current());
    while (!stopping_.load()) {
        const KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
        // At most this many rounds before the processor is offered to others.
        constexpr int rounds = 64;
        bool more = true;
        for (int i = 0; more && i < rounds; ++i) more = poll_();
        KeLowerIrql(irql);
        if (!more && !stopping_.load()) engine::the().wait_readable(descriptor_, engine::never);
    }
    // From here nobody unparks the task.
    task_.store(nullptr);
}

}  // namespace ndiskit::nic
