#include "nt/exception/stack_walk_x64.h"

#include <unwind.h>

#include <cstring>

#include "nt/exception/frames_x64.h"
#include "nt/exception/leaf_code.h"
#include "nt/exception/unwind_x64.h"
#include "nt/image/image_list.h"
#include "nt/image/privileged_x64.h"

namespace ndiskit::nt::exception {
namespace {

constexpr size_t max_host_frames = 256;

// A walk by libgcc over host frames, until it meets code that has no DWARF: a driver's or a thunk's.
struct HostWalk {
    const Context* start = nullptr;
    std::vector<StackFrame>* frames = nullptr;
    size_t limit = 0;
    size_t seen = 0;
    Context driver = {};
    bool reached_driver = false;
    bool leaf_code_only = true;  // every frame before the driver's
};

// DWARF's register numbers in the order of Context (rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 ...).
constexpr int dwarf_numbers[] = {0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr unsigned rsp_number = 4;

_Unwind_Reason_Code on_host_frame(_Unwind_Context* unwinder, void* argument) {
    auto& walk = *static_cast<HostWalk*>(argument);
    int is_exact = 0;
    const uint64_t address = _Unwind_GetIPInfo(unwinder, &is_exact);
    ++walk.seen;
    if (walk.seen <= 2) return _URC_NO_REASON;  // the walker itself and ndiskit_walk_from
    if (image::slot_owner(reinterpret_cast<const void*>(address))) {
        walk.driver = *walk.start;
        walk.driver.rip = address;
        for (unsigned n = 0; n < 16; ++n)
            if (n != rsp_number) walk.driver.general(n) = _Unwind_GetGR(unwinder, dwarf_numbers[n]);
        walk.driver.rsp = _Unwind_GetCFA(unwinder);
        walk.reached_driver = true;
        return _URC_END_OF_STACK;
    }
    // A return address may be the first behind its function.
    walk.leaf_code_only &= in_leaf_code(walk.seen == 3 || is_exact ? address : address - 1);
    if (walk.frames) walk.frames->push_back({address, _Unwind_GetCFA(unwinder), walk.seen == 3 || is_exact});
    if (walk.seen >= max_host_frames || (walk.frames && walk.frames->size() >= walk.limit))
        return _URC_END_OF_STACK;
    return _URC_NO_REASON;
}

void walk_host(HostWalk& walk, const Context& start) {
    walk.start = &start;
    ndiskit_walk_from(
        &start, [](void* argument) { _Unwind_Backtrace(on_host_frame, argument); }, &walk);
}

bool in_images(uint64_t address) {
    return image::slot_owner(reinterpret_cast<const void*>(address)) != nullptr;
}

// The frame that a CR8 thunk leaves below its rbp (see privileged_x64.cpp): rbp, seven registers, flags.
bool leave_cr8_call(const image::Moved& moved, const image::Image& image, Context& context) {
    const auto rbp = read_value<uint64_t>(context.rbp);
    if (!rbp) return false;
    context.rsp = context.rbp + 9 * 8;
    context.rbp = *rbp;
    context.rip = reinterpret_cast<uint64_t>(image.base) + moved.original;
    return true;
}

}  // namespace

void apply_thunk_frame(const image::ThunkFrame& frame, Context& context) {
    context.rbx = frame.rbx;
    context.rbp = frame.rbp;
    context.rsi = frame.rsi;
    context.rdi = frame.rdi;
    context.r12 = frame.r12;
    context.r13 = frame.r13;
    context.r14 = frame.r14;
    context.r15 = frame.r15;
    std::memcpy(context.flt_save.xmm[6], frame.xmm6to15, sizeof(frame.xmm6to15));
    context.rcx = frame.rcx;
    context.rdx = frame.rdx;
    context.r8 = frame.r8;
    context.r9 = frame.r9;
    context.rip = reinterpret_cast<uint64_t>(frame.return_address);
    context.rsp = reinterpret_cast<uint64_t>(&frame + 1);
}

bool leave_thunk(Context& context) {
    const auto* address = reinterpret_cast<const void*>(context.rip);
    const image::Image* image = image::slot_owner(address);
    if (!image || image->contains(address)) return false;
    if (const image::Moved* moved = image::moved_at(*image, address)) {
        if (moved->is_call) return leave_cr8_call(*moved, *image, context);
        context.rip = reinterpret_cast<uint64_t>(image->base) + moved->original;
        return true;
    }
    if (!read_value<image::ThunkFrame>(context.rsp)) return false;
    if (const image::ThunkFrame* frame = image::thunk_frame_at(address, context.rsp)) {
        apply_thunk_frame(*frame, context);
        return true;
    }
    return false;
}

bool leave_bad_address(Context& context) {
    if (in_images(context.rip) || read_value<uint8_t>(context.rip)) return false;
    const auto caller = read_value<uint64_t>(context.rsp);
    if (!caller) return false;
    context.rip = *caller;
    context.rsp += 8;
    return true;
}

bool called_by_driver(const Context& start) {
    for (const StackFrame& frame : walk_stack(start, 128))
        if (in_images(frame.address)) return true;
    return false;
}

bool find_driver_call(const Context& start, Context& driver) {
    HostWalk walk;
    walk_host(walk, start);
    if (!walk.reached_driver) return false;
    driver = walk.driver;
    const auto* address = reinterpret_cast<const void*>(driver.rip);
    if (image::thunk_frame_at(address, driver.rsp) != nullptr) return leave_thunk(driver);
    return walk.leaf_code_only;
}

std::vector<StackFrame> walk_stack(const Context& start, size_t limit) {
    std::vector<StackFrame> frames;
    Context context = start;
    bool exact = true;
    if (leave_bad_address(context)) {
        frames.push_back({start.rip, start.rsp, true});
        exact = false;
    }
    while (frames.size() < limit && context.rip != 0) {
        if (in_images(context.rip)) {
            leave_thunk(context);
            const FunctionAt at = find_function(context.rip);
            if (!at) break;
            frames.push_back({context.rip, context.rsp, exact});
            const uint64_t before = context.rsp;
            if (!virtual_unwind(at, context, 0).good || context.rsp <= before) break;
        } else {
            // libgcc's unwinder looks at the code itself.
            if (!read_value<uint64_t>(context.rip)) break;
            HostWalk walk;
            walk.frames = &frames;
            walk.limit = limit;
            const Context from = context;
            const size_t before = frames.size();
            walk_host(walk, from);
            if (!walk.reached_driver) break;
            if (!exact && before < frames.size()) frames[before].exact = false;
            context = walk.driver;
        }
        exact = false;
    }
    return frames;
}

}  // namespace ndiskit::nt::exception
