#include "engine/sim/fiber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

#include "base/assert.h"
#include "engine/sim/sanitizers.h"

extern "C" {
void ndiskit_fiber_switch(void** save_here, void* go_on_there);
void ndiskit_fiber_begin();
}

namespace ndiskit::engine {
namespace {

size_t page_size() {
    static const size_t size = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
    return size;
}

// What ndiskit_fiber_switch pops, lowest address first.
struct SavedContext {
    uint32_t mxcsr = 0x1f80;  // all exceptions masked, round to nearest: what a new thread has
    uint16_t x87_control = 0x037f;
    uint16_t unused = 0;
    void* r15 = nullptr;
    void* r14 = nullptr;
    void* r13 = nullptr;
    void* r12 = nullptr;
    void* rbx = nullptr;
    void* rbp = nullptr;
    void* return_address = nullptr;
};
static_assert(sizeof(SavedContext) == 64);

#ifdef NDISKIT_ASAN
// Whom the switch under way leaves; ASan tells its successor where its stack lies.
Fiber* leaving = nullptr;
#endif

}  // namespace

StackPool::StackPool(size_t stack_size)
    : stack_size_((stack_size + page_size() - 1) / page_size() * page_size()) {}

StackPool::~StackPool() {
    for (const Stack& stack : all_) ::munmap(stack.bottom - page_size(), stack.size + page_size());
}

Stack StackPool::take() {
    if (free_.empty()) {
        void* memory = ::mmap(nullptr, stack_size_ + page_size(), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
        ASSERT_THAT(memory != MAP_FAILED, "no memory for a stack; {} stacks exist", all_.size());
        ASSERT_THAT(::mprotect(memory, page_size(), PROT_NONE) == 0);
        const Stack stack{static_cast<std::byte*>(memory) + page_size(), stack_size_};
        all_.push_back(stack);
        return stack;
    }
    const Stack stack = free_.back();
    free_.pop_back();
#ifdef NDISKIT_ASAN
    // The frames that were left for good had poisoned their surroundings.
    ASAN_UNPOISON_MEMORY_REGION(stack.bottom, stack.size);
#endif
    return stack;
}

Fiber::~Fiber() {
#ifdef NDISKIT_TSAN
    if (tsan_owned_) __tsan_destroy_fiber(tsan_fiber_);
#endif
}

void Fiber::prepare(Stack stack, void (*entry)(void*), void* argument) {
    stack_ = stack;
    SavedContext context;
    context.r12 = argument;
    context.r13 = reinterpret_cast<void*>(entry);
    context.return_address = reinterpret_cast<void*>(&ndiskit_fiber_begin);
    // ndiskit_fiber_begin finds the stack pointer at the top, aligned as before a call.
    auto* place = reinterpret_cast<SavedContext*>(stack.bottom + stack.size - sizeof(SavedContext));
    *place = context;
    stack_pointer_ = place;
    asan_fake_stack_ = nullptr;
#ifdef NDISKIT_TSAN
    if (tsan_owned_) __tsan_destroy_fiber(tsan_fiber_);
    tsan_fiber_ = __tsan_create_fiber(0);
    tsan_owned_ = true;
#endif
}

NDISKIT_NOT_FOR_TSAN void Fiber::switch_to(Fiber& from, Fiber& to, [[maybe_unused]] bool for_good) {
#ifdef NDISKIT_ASAN
    leaving = &from;
    __sanitizer_start_switch_fiber(for_good ? nullptr : &from.asan_fake_stack_, to.stack_.bottom,
                                   to.stack_.size);
#endif
#ifdef NDISKIT_TSAN
    if (for_good) TsanLooksAway::stop();
    if (from.tsan_fiber_ == nullptr) from.tsan_fiber_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(to.tsan_fiber_, switches_order_ ? 0 : __tsan_switch_to_fiber_no_sync);
#endif
    ndiskit_fiber_switch(&from.stack_pointer_, to.stack_pointer_);
    arrived(from);
}

void Fiber::arrived([[maybe_unused]] Fiber& self) {
#ifdef NDISKIT_ASAN
    const void* bottom = nullptr;
    size_t size = 0;
    __sanitizer_finish_switch_fiber(self.asan_fake_stack_, &bottom, &size);
    leaving->stack_ = {static_cast<std::byte*>(const_cast<void*>(bottom)), size};
#endif
}

}  // namespace ndiskit::engine
