#include "nt/image/import_thunks_x64.h"

#include <fmt/core.h>

#include <cstring>

#include "nt/bugcheck.h"
#include "nt/exception/raise.h"
#include "nt/image/call_gate.h"
#include "nt/image/image_list.h"

namespace ndiskit::nt::image {
namespace {

constexpr int32_t frame_size = offsetof(ThunkFrame, return_address);
static_assert((frame_size + 8) % 16 == 0, "calls out of a thunk need an aligned stack");
static_assert(sizeof(ThunkFrame) == frame_size + 8);

std::vector<CallObserver*>& observers() {
    static std::vector<CallObserver*> list;
    return list;
}

// What the thunks call. ms_abi, so that the compiler keeps what the driver expects to be kept.
[[gnu::ms_abi]] void before_import(ThunkFrame* frame) {
    const CallArguments arguments = {
        frame->rcx, frame->rdx, frame->r8, frame->r9, frame->caller_stack() + 4, frame->return_address};
    for (CallObserver* observer : observers()) observer->before_import(*frame->site, arguments);
}

[[gnu::ms_abi]] void after_import(ThunkFrame* frame) {
    for (CallObserver* observer : observers()) observer->after_import(*frame->site, frame->result);
}

[[gnu::ms_abi, noreturn]] void missing_import(ThunkFrame* frame) {
    const ImportSite& site = *frame->site;
    const std::string because = fmt::format(
        "{} called {}!{}, which the kit does not export; Windows would have refused to load a driver with an "
        "import that it does not know. `ndiskit imports {}` lists what is missing.",
        place_text(frame->return_address), site.module, site.name, site.image->name);
    constexpr uint32_t kmode_exception_not_handled = 0x1E;
    constexpr uint64_t status_driver_entrypoint_not_found = 0xFFFFFFFFC0000263;
    bug_check_because(because, kmode_exception_not_handled, status_driver_entrypoint_not_found,
                      reinterpret_cast<uint64_t>(frame->return_address));
}

constexpr struct {
    Reg reg;
    int32_t offset;
} arguments[] = {{Reg::rcx, offsetof(ThunkFrame, rcx)},
                 {Reg::rdx, offsetof(ThunkFrame, rdx)},
                 {Reg::r8, offsetof(ThunkFrame, r8)},
                 {Reg::r9, offsetof(ThunkFrame, r9)}},
  kept[] = {{Reg::rbx, offsetof(ThunkFrame, rbx)}, {Reg::rbp, offsetof(ThunkFrame, rbp)},
            {Reg::rsi, offsetof(ThunkFrame, rsi)}, {Reg::rdi, offsetof(ThunkFrame, rdi)},
            {Reg::r12, offsetof(ThunkFrame, r12)}, {Reg::r13, offsetof(ThunkFrame, r13)},
            {Reg::r14, offsetof(ThunkFrame, r14)}, {Reg::r15, offsetof(ThunkFrame, r15)}};

void emit_frame(Emitter& emit, const ImportSite& site) {
    emit.add_rsp(-frame_size);
    for (const auto& [reg, offset] : arguments) emit.store_rsp(offset, reg);
    for (const auto& [reg, offset] : kept) emit.store_rsp(offset, reg);
    for (uint8_t i = 0; i < 4; ++i) emit.store_xmm_rsp(offsetof(ThunkFrame, xmm0to3) + i * 16, i);
    for (uint8_t i = 0; i < 10; ++i) emit.store_xmm_rsp(offsetof(ThunkFrame, xmm6to15) + i * 16, 6 + i);
    emit.move_imm64(Reg::rax, ThunkFrame::expected_mark);
    emit.store_rsp(offsetof(ThunkFrame, mark), Reg::rax);
    emit.move_imm64(Reg::rax, reinterpret_cast<uint64_t>(&site));
    emit.store_rsp(offsetof(ThunkFrame, site), Reg::rax);
}

void emit_hook(Emitter& emit, const void* hook) {
    emit.move(Reg::rcx, Reg::rsp);
    emit.call_through_rax(hook);
}

void emit_restore_arguments(Emitter& emit) {
    for (const auto& [reg, offset] : arguments) emit.load_rsp(reg, offset);
    for (uint8_t i = 0; i < 4; ++i) emit.load_xmm_rsp(i, offsetof(ThunkFrame, xmm0to3) + i * 16);
}

void emit_framed_call(Emitter& emit, const void* target) {
    constexpr int32_t callers = sizeof(ThunkFrame) + 4 * 8;
    for (int32_t i = 0; i < static_cast<int32_t>(ThunkFrame::stack_arguments); ++i) {
        emit.load_rsp(Reg::rax, callers + i * 8);
        emit.store_rsp(static_cast<int32_t>(offsetof(ThunkFrame, stack)) + i * 8, Reg::rax);
    }
    emit.call_through_rax(target);
}

}  // namespace

void add_observer(CallObserver& observer) {
    observers().push_back(&observer);
    driver_calls_observed = true;
}
bool observed() { return !observers().empty(); }
void remove_observers() {
    observers().clear();
    driver_calls_observed = false;
}

bool is_drivers(const void* function) { return slot_owner(function) != nullptr; }
void tell_before_driver(const void* function) {
    for (CallObserver* observer : observers()) observer->before_driver(function);
}
void tell_after_driver(const void* function, uint8_t irql) {
    for (CallObserver* observer : observers()) observer->after_driver(function, irql);
}

const void* bind_target(ThunkArea& area, const ImportSite& site) {
    const bool hooked = observed();
    const bool tail_only = exception::reads_its_caller(site.target);
    bool framed = site.row && site.row->raises;
    for (CallObserver* observer : observers()) framed |= observer->wants_after_import(site);
    framed &= !tail_only;
    if (!hooked && !framed) return site.target;

    Emitter emit(area);
    emit_frame(emit, site);
    if (hooked) {
        emit_hook(emit, reinterpret_cast<const void*>(&before_import));
        emit_restore_arguments(emit);
    }
    if (!framed) {
        emit.add_rsp(frame_size);
        emit.jump_to(site.target);
        return emit.code();
    }
    emit_framed_call(emit, site.target);
    if (hooked) {
        emit.store_rsp(offsetof(ThunkFrame, result), Reg::rax);
        emit.store_xmm_rsp(offsetof(ThunkFrame, result_xmm), 0);
        emit_hook(emit, reinterpret_cast<const void*>(&after_import));
        emit.load_rsp(Reg::rax, offsetof(ThunkFrame, result));
        emit.load_xmm_rsp(0, offsetof(ThunkFrame, result_xmm));
    }
    emit.add_rsp(frame_size);
    emit.byte(0xC3);
    return emit.code();
}

const void* bind_missing(ThunkArea& area, const ImportSite& site) {
    Emitter emit(area);
    emit_frame(emit, site);
    emit_hook(emit, reinterpret_cast<const void*>(&missing_import));
    emit.byte(0xCC);
    return emit.code();
}

const void* bind_system_v(ThunkArea& area, const void* target) {
    // rsi, rdi and xmm6 to xmm15 survive a call of the driver's convention, not one of the host's.
    constexpr int32_t size = 10 * 16 + 8 + 16;
    Emitter emit(area);
    emit.add_rsp(-size);
    emit.store_rsp(160, Reg::rsi);
    emit.store_rsp(168, Reg::rdi);
    for (uint8_t i = 0; i < 10; ++i) emit.store_xmm_rsp(i * 16, 6 + i);
    emit.move(Reg::rdi, Reg::rcx);
    emit.move(Reg::rsi, Reg::rdx);
    emit.move(Reg::rdx, Reg::r8);
    emit.move(Reg::rcx, Reg::r9);
    emit.load_rsp(Reg::r8, size + 8 + 32);
    emit.load_rsp(Reg::r9, size + 8 + 40);
    emit.call_through_rax(target);
    for (uint8_t i = 0; i < 10; ++i) emit.load_xmm_rsp(6 + i, i * 16);
    emit.load_rsp(Reg::rsi, 160);
    emit.load_rsp(Reg::rdi, 168);
    emit.add_rsp(size);
    emit.byte(0xC3);
    return emit.code();
}

ThunkFrame* thunk_frame_at(const void* address, uint64_t stack) {
    const Image* image = slot_owner(address);
    if (!image || !image->thunks_ || !image->thunks_->contains(address)) return nullptr;
    auto* frame = reinterpret_cast<ThunkFrame*>(stack);
    return frame->mark == ThunkFrame::expected_mark ? frame : nullptr;
}

}  // namespace ndiskit::nt::image
