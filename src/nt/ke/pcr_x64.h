// The processor control region as drivers see it through GS.
//
// On Windows GS points at the KPCR of the processor that runs. Here every NT thread has a page of its own
// with that layout, and GS of the host thread (or fiber) points at it while the NT thread runs; the page
// carries the number of the virtual processor that the thread is on. Code of drivers reads gs:[0x188]
// (current thread), gs:[0x184] and gs:[0x1a4] (processor number), gs:[0x18] and gs:[0x20]; the kit reads the
// fields through the accessors below, each of which is one instruction.
//
// IRQL stands in the Irql byte of the region (CR8 of real x64 cannot be reached from user mode).
#pragma once

#include <cstddef>
#include <cstdint>

#include "nt/abi.h"

namespace ndiskit::nt::ke {

class Processor;
struct ThreadObject;

struct alignas(4096) Pcr {
    void* gdt_base;
    void* tss_base;
    uint64_t user_rsp;
    Pcr* self;           // 0x18
    void* current_prcb;  // 0x20
    void* lock_array;
    void* used_self;
    void* idt_base;
    uint64_t unused[2];
    uint8_t irql;  // 0x50
    uint8_t second_level_cache_associativity;
    uint8_t obsolete_number;
    uint8_t fill;
    uint32_t unused0[3];
    uint16_t major_version;
    uint16_t minor_version;
    uint8_t reserved[0x180 - 0x64];
    // KPRCB
    uint32_t mxcsr;         // 0x180
    uint8_t legacy_number;  // 0x184
    uint8_t must_be_zero;
    uint8_t interrupt_request;
    uint8_t idle_halt;
    ThreadObject* current_thread;  // 0x188
    ThreadObject* next_thread;
    ThreadObject* idle_thread;
    uint32_t nesting_level;
    uint32_t number;  // 0x1a4
    uint8_t prcb_rest[0x800 - 0x1a8];
    // The kit's own.
    Processor* home;     // 0x800: the virtual processor that the thread is on
    uint32_t dpc_depth;  // 0x808: above 0 while a DPC routine runs on this thread
};

constexpr size_t pcr_irql = 0x50;
constexpr size_t pcr_current_thread = 0x188;
constexpr size_t pcr_number = 0x1a4;
constexpr size_t pcr_home = 0x800;
constexpr size_t pcr_dpc_depth = 0x808;
static_assert(offsetof(Pcr, self) == 0x18 && offsetof(Pcr, current_prcb) == 0x20);
static_assert(offsetof(Pcr, irql) == pcr_irql && offsetof(Pcr, mxcsr) == 0x180);
static_assert(offsetof(Pcr, legacy_number) == 0x184 && offsetof(Pcr, number) == pcr_number);
static_assert(offsetof(Pcr, current_thread) == pcr_current_thread && offsetof(Pcr, home) == pcr_home);
static_assert(offsetof(Pcr, dpc_depth) == pcr_dpc_depth);
static_assert(sizeof(Pcr) == 4096);

template <class T, size_t offset>
[[gnu::always_inline]] inline T gs_read() {
    return *reinterpret_cast<const volatile T __attribute__((address_space(256)))*>(offset);
}
template <class T, size_t offset>
[[gnu::always_inline]] inline void gs_write(T value) {
    *reinterpret_cast<volatile T __attribute__((address_space(256)))*>(offset) = value;
}

// Makes GS of the calling host thread point at `pcr`; null when no NT thread runs.
void set_gs_base(Pcr* pcr);
// What GS points at, also when that is nothing: for signal handlers and reports.
Pcr* gs_base();

}  // namespace ndiskit::nt::ke
