#include "edge/poll_thread.h"

#include "base/assert.h"

namespace ndiskit::edge {
namespace {

constexpr ULONG thread_all_access = 0x1fffff;

}  // namespace

bool PollThread::start(int descriptor, std::function<Found()> poll) {
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
    wake();
    PVOID object = nullptr;
    if (NT_SUCCESS(ObReferenceObjectByHandle(thread_, SYNCHRONIZE, nullptr, KernelMode, &object, nullptr))) {
        KeWaitForSingleObject(object, Executive, KernelMode, FALSE, nullptr);
        ObfDereferenceObject(object);
    }
    ZwClose(thread_);
    thread_ = nullptr;
}

void PollThread::resume() {
    if (blocked_.load()) wake();
}

void PollThread::wake() {
    if (engine::Task* task = task_.load()) engine::the().unpark(*task);
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
        Found found = Found::work;
        for (int i = 0; found == Found::work && i < rounds; ++i) found = poll_();
        KeLowerIrql(irql);
        if (stopping_.load()) break;
        // Who is blocked says so and looks once more before it sleeps, so that no resume is lost.
        if (found == Found::blocked && !blocked_.load()) {
            blocked_.store(true);
            continue;
        }
        if (found == Found::nothing) engine::the().wait_readable(descriptor_, engine::never);
        if (found == Found::blocked) engine::the().park(engine::never);
        blocked_.store(false);
    }
    task_.store(nullptr);
}

}  // namespace ndiskit::edge
