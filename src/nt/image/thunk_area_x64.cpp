#include "nt/image/thunk_area_x64.h"

#include <sys/mman.h>

namespace ndiskit::nt::image {
namespace {

uint8_t low(Reg r) { return static_cast<uint8_t>(r) & 7; }
uint8_t high(Reg r) { return static_cast<uint8_t>(r) >> 3; }

}  // namespace

void ThunkArea::make_writable() {
    const int failed = mprotect(start_, static_cast<size_t>(end_ - start_), PROT_READ | PROT_WRITE);
    ASSERT_THAT(failed == 0, "cannot make the thunk area writable");
}

void ThunkArea::make_executable() {
    const int failed = mprotect(start_, static_cast<size_t>(end_ - start_), PROT_READ | PROT_EXEC);
    ASSERT_THAT(failed == 0, "cannot make the thunk area executable");
}

Emitter::Emitter(ThunkArea& area) : area_(area) {
    while (reinterpret_cast<uintptr_t>(area_.next_) % 16 != 0) byte(0xCC);
    code_ = area_.next_;
}

void Emitter::rex_w(Reg reg, Reg base) { byte(static_cast<uint8_t>(0x48 | high(reg) << 2 | high(base))); }

void Emitter::push(Reg r) {
    if (high(r)) byte(0x41);
    byte(0x50 + low(r));
}

void Emitter::pop(Reg r) {
    if (high(r)) byte(0x41);
    byte(0x58 + low(r));
}

void Emitter::move(Reg to, Reg from) {
    rex_w(from, to);
    bytes({0x89, static_cast<uint8_t>(0xC0 | low(from) << 3 | low(to))});
}

void Emitter::move_imm64(Reg to, uint64_t value) {
    byte(static_cast<uint8_t>(0x48 | high(to)));
    byte(0xB8 + low(to));
    raw(&value, 8);
}

// ModRM with disp32 and the SIB byte that a base of rsp needs.
void Emitter::rsp_operand(uint8_t reg, int32_t displacement) {
    bytes({static_cast<uint8_t>(0x84 | (reg & 7) << 3), 0x24});
    raw(&displacement, 4);
}

void Emitter::store_rsp(int32_t displacement, Reg r) {
    rex_w(r, Reg::rsp);
    byte(0x89);
    rsp_operand(low(r), displacement);
}

void Emitter::load_rsp(Reg r, int32_t displacement) {
    rex_w(r, Reg::rsp);
    byte(0x8B);
    rsp_operand(low(r), displacement);
}

void Emitter::store_rbp(int32_t displacement, Reg r) {
    rex_w(r, Reg::rbp);
    bytes({0x89, static_cast<uint8_t>(0x85 | low(r) << 3)});
    raw(&displacement, 4);
}

void Emitter::load_rbp(Reg r, int32_t displacement) {
    rex_w(r, Reg::rbp);
    bytes({0x8B, static_cast<uint8_t>(0x85 | low(r) << 3)});
    raw(&displacement, 4);
}

void Emitter::store_xmm_rsp(int32_t displacement, uint8_t xmm) {
    if (xmm >= 8) byte(0x44);
    bytes({0x0F, 0x11});
    rsp_operand(xmm, displacement);
}

void Emitter::load_xmm_rsp(uint8_t xmm, int32_t displacement) {
    if (xmm >= 8) byte(0x44);
    bytes({0x0F, 0x10});
    rsp_operand(xmm, displacement);
}

void Emitter::add_rsp(int32_t value) {
    bytes({0x48, 0x81, 0xC4});
    raw(&value, 4);
}

void Emitter::align_rsp() { bytes({0x48, 0x83, 0xE4, 0xF0}); }

void Emitter::lea_rsp(Reg to, int32_t displacement) {
    rex_w(to, Reg::rsp);
    byte(0x8D);
    rsp_operand(low(to), displacement);
}

void Emitter::call(Reg r) {
    if (high(r)) byte(0x41);
    bytes({0xFF, static_cast<uint8_t>(0xD0 | low(r))});
}

void Emitter::jump(Reg r) {
    if (high(r)) byte(0x41);
    bytes({0xFF, static_cast<uint8_t>(0xE0 | low(r))});
}

void Emitter::jump_to(const void* target) {
    bytes({0xFF, 0x25, 0, 0, 0, 0});
    const uint64_t address = reinterpret_cast<uint64_t>(target);
    raw(&address, 8);
}

void Emitter::call_through_rax(const void* target) {
    move_imm64(Reg::rax, reinterpret_cast<uint64_t>(target));
    call(Reg::rax);
}

}  // namespace ndiskit::nt::image
