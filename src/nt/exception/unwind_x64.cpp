#include "nt/exception/unwind_x64.h"

#include <algorithm>
#include <cstring>

#include "nt/exception/epilogue_x64.h"
#include "nt/image/pe.h"

namespace ndiskit::nt::exception {
namespace {

enum Operation : uint8_t {
    push_nonvolatile = 0,
    allocate_large = 1,
    allocate_small = 2,
    set_frame_register = 3,
    save_nonvolatile = 4,
    save_nonvolatile_far = 5,
    epilogue = 6,  // version 2
    spare = 7,
    save_xmm128 = 8,
    save_xmm128_far = 9,
    push_machine_frame = 10,
};

constexpr uint8_t flag_chained = 4;
constexpr unsigned max_chain = 32;

static_assert(sizeof(RuntimeFunction) == sizeof(image::FunctionEntry));

// UNWIND_INFO of one function (or of a part that it is chained to), read out of the mapped image.
struct UnwindInfo {
    uint8_t flags = 0, prologue_size = 0, count = 0, frame_register = 0;
    uint32_t frame_offset = 0;
    const uint8_t* codes = nullptr;
    const uint8_t* after_codes = nullptr;  // handler or chained entry
    size_t after_size = 0;

    uint8_t offset(unsigned n) const { return codes[n * 2]; }
    uint8_t operation(unsigned n) const { return codes[n * 2 + 1] & 0xF; }
    uint8_t info(unsigned n) const { return codes[n * 2 + 1] >> 4; }
    uint32_t operand16(unsigned n) const { return codes[n * 2] | codes[n * 2 + 1] << 8; }
    uint32_t operand32(unsigned n) const { return operand16(n) | operand16(n + 1) << 16; }
};

std::optional<UnwindInfo> read_info(const image::Image& image, uint32_t rva) {
    if (rva > image.size - 4) return std::nullopt;
    const auto* bytes = reinterpret_cast<const uint8_t*>(image.base) + rva;
    UnwindInfo info;
    info.flags = bytes[0] >> 3;
    info.prologue_size = bytes[1];
    info.count = bytes[2];
    info.frame_register = bytes[3] & 0xF;
    info.frame_offset = (bytes[3] >> 4) * 16u;
    const size_t codes_size = (info.count + 1u & ~1u) * 2;
    if (image.size - rva < 4 + codes_size) return std::nullopt;
    info.codes = bytes + 4;
    info.after_codes = info.codes + codes_size;
    info.after_size = image.size - rva - 4 - codes_size;
    return info;
}

// How many 16-bit slots a code takes.
unsigned slots_of(uint8_t operation, uint8_t info) {
    switch (operation) {
        case allocate_large:
            return info == 0 ? 2 : 3;
        case save_nonvolatile:
        case save_xmm128:
            return 2;
        case save_nonvolatile_far:
        case save_xmm128_far:
        case spare:
            return operation == spare ? 2 : 3;
        default:
            return 1;
    }
}

class Frame {
  public:
    Frame(Context& context, uint64_t base, SavedRegisters* saved)
        : context_(context), base_(base), saved_(saved) {}

    bool pop(unsigned reg) {
        const auto value = read_value<uint64_t>(context_.rsp);
        if (!value) return false;
        if (saved_) saved_->general[reg] = reinterpret_cast<uint64_t*>(context_.rsp);
        context_.rsp += 8;
        context_.general(reg) = *value;
        return true;
    }
    // Undoes one code; false when the stack cannot be read or the code is unknown.
    bool undo(const UnwindInfo& info, unsigned n) {
        const uint8_t extra = info.info(n);
        switch (info.operation(n)) {
            case push_nonvolatile:
                return pop(extra);
            case allocate_large:
                context_.rsp += extra == 0 ? info.operand16(n + 1) * 8 : info.operand32(n + 1);
                return true;
            case allocate_small:
                context_.rsp += extra * 8u + 8;
                return true;
            case set_frame_register:
                context_.rsp = context_.general(info.frame_register) - info.frame_offset;
                return true;
            case save_nonvolatile:
                return load(extra, info.operand16(n + 1) * 8);
            case save_nonvolatile_far:
                return load(extra, info.operand32(n + 1));
            case save_xmm128:
                return load_xmm(extra, info.operand16(n + 1) * 16);
            case save_xmm128_far:
                return load_xmm(extra, info.operand32(n + 1));
            case epilogue:
            case spare:
                return true;
            case push_machine_frame:
                return machine_frame(extra);
            default:
                return false;
        }
    }
    bool return_address() { return machine_frame_ || pop_rip(); }

  private:
    bool load(unsigned reg, uint32_t offset) {
        const auto value = read_value<uint64_t>(base_ + offset);
        if (value) context_.general(reg) = *value;
        if (value && saved_) saved_->general[reg] = reinterpret_cast<uint64_t*>(base_ + offset);
        return value.has_value();
    }
    bool load_xmm(unsigned reg, uint32_t offset) {
        if (saved_) saved_->xmm[reg] = reinterpret_cast<void*>(base_ + offset);
        return read_memory(base_ + offset, context_.flt_save.xmm[reg], 16);
    }
    bool pop_rip() {
        const auto value = read_value<uint64_t>(context_.rsp);
        if (!value) return false;
        context_.rip = *value;
        context_.rsp += 8;
        return true;
    }
    bool machine_frame(bool has_error_code) {
        const uint64_t at = context_.rsp + (has_error_code ? 8 : 0);
        const auto rip = read_value<uint64_t>(at);
        const auto rsp = read_value<uint64_t>(at + 24);
        if (!rip || !rsp) return false;
        context_.rip = *rip;
        context_.rsp = *rsp;
        machine_frame_ = true;
        return true;
    }

    Context& context_;
    const uint64_t base_;
    SavedRegisters* const saved_;
    bool machine_frame_ = false;
};

// The frame's address as handlers and other codes use it: rsp after the prologue, or where the frame register
// says.
uint64_t frame_address(const UnwindInfo& info, const Context& context, uint32_t offset_in_function,
                       bool is_chained) {
    if (info.frame_register == 0) return context.rsp;
    const uint64_t by_register = context.general(info.frame_register) - info.frame_offset;
    if (offset_in_function >= info.prologue_size || is_chained) return by_register;
    for (unsigned n = 0; n < info.count; n += slots_of(info.operation(n), info.info(n)))
        if (info.operation(n) == set_frame_register && info.offset(n) <= offset_in_function)
            return by_register;
    return context.rsp;
}

// Follows chained entries, undoing each part's prologue. False when something could not be read.
bool undo_prologues(const image::Image& image, UnwindInfo info, uint32_t offset_in_function, Context& context,
                    SavedRegisters* saved) {
    bool first = true;
    Frame* frame = nullptr;
    std::optional<Frame> storage;
    for (unsigned depth = 0; depth < max_chain; ++depth) {
        const uint32_t done = first ? offset_in_function : UINT32_MAX;
        storage.emplace(context, frame_address(info, context, done, !first), saved);
        frame = &*storage;
        for (unsigned n = 0; n < info.count;) {
            const unsigned slots = slots_of(info.operation(n), info.info(n));
            if (n + slots > info.count) return false;
            // A code takes effect at the end of its instruction.
            if (info.offset(n) <= done && !frame->undo(info, n)) return false;
            n += slots;
        }
        if (!(info.flags & flag_chained)) return frame->return_address();
        if (info.after_size < sizeof(RuntimeFunction)) return false;
        RuntimeFunction parent;
        std::memcpy(&parent, info.after_codes, sizeof(parent));
        const auto next = read_info(image, parent.unwind & ~1u);
        if (!next) return false;
        info = *next;
        first = false;
    }
    return false;
}

}  // namespace

FunctionAt find_function(uint64_t address) {
    const Place place = image_of(reinterpret_cast<const void*>(address));
    if (!place) return {};
    if (place.image->unloaded) return {place.image, nullptr};
    const auto rows = place.image->functions();
    auto found = std::ranges::upper_bound(rows, place.offset, {}, &image::FunctionEntry::begin);
    if (found == rows.begin()) return {place.image, nullptr};
    --found;
    if (place.offset >= found->end) return {place.image, nullptr};
    const auto* function = reinterpret_cast<const RuntimeFunction*>(&*found);
    // An odd unwind address names another row that has the information.
    if (function->unwind & 1)
        function = reinterpret_cast<const RuntimeFunction*>(place.image->base + (function->unwind & ~1u));
    return {place.image, function};
}

Unwound virtual_unwind(const FunctionAt& at, Context& context, uint8_t handler_kinds, SavedRegisters* saved) {
    Unwound result;
    if (!at.function) {  // a leaf: it has not moved rsp
        result.establisher_frame = context.rsp;
        const auto rip = read_value<uint64_t>(context.rsp);
        result.good = rip.has_value();
        context.rip = rip.value_or(0);
        context.rsp += 8;
        return result;
    }
    const auto info = read_info(*at.image, at.function->unwind & ~1u);
    if (!info) return result;
    const auto base = reinterpret_cast<uint64_t>(at.image->base);
    const uint32_t offset = static_cast<uint32_t>(context.rip - base) - at.function->begin;
    result.establisher_frame = frame_address(*info, context, offset, info->flags & flag_chained);

    const bool in_prologue = offset < info->prologue_size && !(info->flags & flag_chained);
    if (!in_prologue && finish_epilogue(*at.image, *at.function, info->frame_register, context, saved)) {
        result.good = true;
        return result;
    }
    if (!in_prologue && !(info->flags & flag_chained) && (info->flags & handler_kinds) &&
        info->after_size >= 4) {
        uint32_t handler;
        std::memcpy(&handler, info->after_codes, 4);
        if (handler < at.image->size) {
            result.handler = reinterpret_cast<LanguageHandler>(at.image->base + handler);
            result.handler_data = info->after_codes + 4;
        }
    }
    result.good = undo_prologues(*at.image, *info, offset, context, saved);
    return result;
}

}  // namespace ndiskit::nt::exception
