// Where a driver starts: GsDriverEntry is the entry point of the image. It makes sure of the security cookie,
// runs the constructors of C++ globals, and calls DriverEntry.
//
// The cookie is one word that functions with buffers put below their return address. The compiler's target
// calls it __stack_chk_guard and reports a changed one by __stack_chk_fail; Windows' names are
// __security_cookie and __report_gsfailure. The linker makes one of the two names (link.cpp). The load
// configuration tells the image loader where the cookie is, so that a loader that knows of it (Windows 8 and
// later) gives it a random value before the driver runs; when the loader did not, this code does.
#include <stddef.h>
#include <stdint.h>

typedef int32_t status_t;
struct driver_object;
struct unicode_string;

status_t DriverEntry(struct driver_object* driver, struct unicode_string* registry_path);
__declspec(dllimport) __attribute__((noreturn)) void KeBugCheckEx(uint32_t code, uintptr_t p1, uintptr_t p2,
                                                                  uintptr_t p3, uintptr_t p4);

enum { bugcheck_driver_overran_stack_buffer = 0xF7 };

// The value that linkers give a cookie by convention: a loader recognises it as "not yet set".
#define DEFAULT_COOKIE 0x00002B992DDFA232ull

uintptr_t __security_cookie = DEFAULT_COOKIE;

// The x64 load configuration directory up to the fields that a loader needs for the cookie; the rest is zero.
// https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-image_load_config_directory64
struct load_config {
    uint32_t size;
    uint8_t unused_to_cookie[0x54];
    uint64_t security_cookie;
    uint8_t unused_to_guard_flags[0x94 - 0x60];
};
_Static_assert(offsetof(struct load_config, security_cookie) == 0x58, "layout of the load configuration");

const struct load_config _load_config_used = {.size = 0x94, .security_cookie = (uint64_t)&__security_cookie};

void __security_init_cookie(void) {
    if (__security_cookie != DEFAULT_COOKIE && __security_cookie != 0)
        return;
    uintptr_t value = __builtin_ia32_rdtsc() * 0x9E3779B97F4A7C15ull ^ (uintptr_t)&__security_cookie;
    // The upper 16 bits stay zero, so that a string operation that runs over the cookie is stopped by it.
    value &= 0x0000FFFFFFFFFFFFull;
    __security_cookie = value == DEFAULT_COOKIE || value == 0 ? DEFAULT_COOKIE + 1 : value;
}

// https://learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-0xf7--driver-overran-stack-buffer
__attribute__((noreturn)) void __report_gsfailure(uintptr_t found) {
    KeBugCheckEx(bugcheck_driver_overran_stack_buffer, found, __security_cookie, ~__security_cookie, 0);
}

// The compiler does not tell the value that it found.
__attribute__((noreturn)) void __stack_chk_fail(void) { __report_gsfailure(0); }

// What Microsoft's compiler calls at the end of a function with a buffer.
void __security_check_cookie(uintptr_t found) {
    if (found != __security_cookie)
        __report_gsfailure(found);
}

// Constructors of C++ globals: the compiler puts pointers into .ctors, in the order that is run backwards.
// lld sorts by the full section name: `.ctors` of this file, the first linked, comes first.
typedef void (*constructor_t)(void);
// Writable as the compiler's own are: lld keeps sections of one name apart when their rights differ.
static constructor_t constructors_begin[1] __attribute__((section(".ctors"), used)) = {0};
static constructor_t constructors_end[1] __attribute__((section(".ctors.zzzzz"), used)) = {0};

static void run_constructors(void) {
    const volatile constructor_t* at = constructors_end;
    while (at != constructors_begin) {
        --at;
        if (*at)
            (*at)();
    }
}

// Hooks that run after DriverEntry; atexit.c adds one when the driver has destructors of globals.
typedef void (*entry_hook_t)(struct driver_object* driver, status_t status);
static const entry_hook_t hooks_begin[1] __attribute__((section(".rdata$ndiskit_hook_a"), used)) = {0};
static const entry_hook_t hooks_end[1] __attribute__((section(".rdata$ndiskit_hook_z"), used)) = {0};

status_t GsDriverEntry(struct driver_object* driver, struct unicode_string* registry_path) {
    __security_init_cookie();
    run_constructors();
    const status_t status = DriverEntry(driver, registry_path);
    for (const volatile entry_hook_t* hook = hooks_begin + 1; hook < hooks_end; ++hook)
        if (*hook)
            (*hook)(driver, status);
    return status;
}
