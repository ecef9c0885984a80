// What C++ classes need from a library: `delete` (virtual destructors refer to it) and the report of a call to
// a pure virtual function. There is no `operator new` here on purpose: a driver says from which pool and with
// which tag it allocates, as the Windows kit demands too.
#include <ntddk.h>

void operator delete(void* memory) noexcept {
    if (memory)
        ExFreePool(memory);
}
void operator delete[](void* memory) noexcept { operator delete(memory); }
void operator delete(void* memory, unsigned long long) noexcept { operator delete(memory); }
void operator delete[](void* memory, unsigned long long) noexcept { operator delete(memory); }

extern "C" [[noreturn]] void __cxa_pure_virtual() {
    constexpr ULONG kernel_security_check_failure = 0x139, fast_fail_fatal_exit = 7;
    KeBugCheckEx(kernel_security_check_failure, fast_fail_fatal_exit, 0, 0, 0);
}
