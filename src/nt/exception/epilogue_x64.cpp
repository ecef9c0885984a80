#include "nt/exception/epilogue_x64.h"

#include <algorithm>
#include <cstring>
#include <span>

#include "nt/exception/unwind_x64.h"

namespace ndiskit::nt::exception {
namespace {

// The rest of the function's bytes from rip on, and the registers as they change.
class EpilogueReader {
  public:
    EpilogueReader(const image::Image& image, std::span<const uint8_t> code, const Context& context)
        : image_(image), code_(code), context_(context) {}

    bool run(uint8_t frame_register, uint32_t rva, const RuntimeFunction& function) {
        take_deallocation(frame_register);
        while (take_pop()) {
        }
        return take_exit(rva, function);
    }
    const Context& context() const { return context_; }
    const SavedRegisters& saved() const { return saved_; }

  private:
    uint8_t at(size_t n) const { return at_ + n < code_.size() ? code_[at_ + n] : 0; }

    int32_t signed_at(size_t n, size_t size) const {
        if (size == 1) return static_cast<int8_t>(at(n));
        int32_t value = 0;
        if (at_ + n + 4 <= code_.size()) std::memcpy(&value, code_.data() + at_ + n, 4);
        return value;
    }

    void take_deallocation(uint8_t frame_register) {
        if (at(0) == 0x48 && at(1) == 0x83 && at(2) == 0xC4) {  // add rsp, imm8
            context_.rsp += static_cast<int64_t>(signed_at(3, 1));
            at_ += 4;
        } else if (at(0) == 0x48 && at(1) == 0x81 && at(2) == 0xC4) {  // add rsp, imm32
            context_.rsp += static_cast<int64_t>(signed_at(3, 4));
            at_ += 7;
        } else if ((at(0) & 0xFE) == 0x48 && at(1) == 0x8D && frame_register != 0) {  // lea rsp, [frame + n]
            const uint8_t mode = at(2) >> 6;
            const uint8_t base = (at(2) & 7) | (at(0) & 1) << 3;
            if ((at(2) >> 3 & 7) != 4 || base != frame_register || (mode != 1 && mode != 2)) return;
            const size_t sib = (base & 7) == 4 ? 1 : 0;
            const size_t size = mode == 1 ? 1 : 4;
            context_.rsp = context_.general(base) + static_cast<int64_t>(signed_at(3 + sib, size));
            at_ += 3 + sib + size;
        }
    }

    bool take_pop() {
        const bool extended = at(0) == 0x41;
        const uint8_t opcode = at(extended ? 1 : 0);
        if (opcode < 0x58 || opcode > 0x5F) return false;
        const auto value = read_value<uint64_t>(context_.rsp);
        if (!value) return false;
        const unsigned number = (opcode - 0x58u) + (extended ? 8u : 0u);
        context_.general(number) = *value;
        saved_.general[number] = reinterpret_cast<uint64_t*>(context_.rsp);
        context_.rsp += 8;
        at_ += extended ? 2 : 1;
        return true;
    }

    // ret, rep ret, ret n, or a jump that leaves the function.
    bool take_exit(uint32_t rva, const RuntimeFunction& function) {
        const bool is_return = at(0) == 0xC3 || at(0) == 0xC2 || (at(0) == 0xF3 && at(1) == 0xC3);
        const bool indirect_jump = (at(0) == 0xFF && at(1) == 0x25) || (at(0) == 0x48 && at(1) == 0xFF);
        bool leaves = is_return || indirect_jump;
        if (at(0) == 0xE9 || at(0) == 0xEB) {
            const size_t size = at(0) == 0xEB ? 1 : 4;
            const int64_t target = int64_t{rva} + static_cast<int64_t>(at_ + 1 + size) + signed_at(1, size);
            // A jump into the middle of another entry goes on in a separated part of the same function.
            leaves = (target < function.begin || target >= function.end) && is_entry(target);
        }
        if (!leaves) return false;
        const auto rip = read_value<uint64_t>(context_.rsp);
        if (!rip) return false;
        context_.rip = *rip;
        context_.rsp += 8;
        return true;
    }

    bool is_entry(int64_t rva) const {
        const FunctionAt found =
            find_function(reinterpret_cast<uint64_t>(image_.base) + static_cast<uint64_t>(rva));
        return found && (!found.function || found.function->begin == rva);
    }

    const image::Image& image_;
    std::span<const uint8_t> code_;
    Context context_;
    SavedRegisters saved_ = {};
    size_t at_ = 0;
};

}  // namespace

bool finish_epilogue(const image::Image& image, const RuntimeFunction& function, uint8_t frame_register,
                     Context& context, SavedRegisters* saved) {
    const auto rva = static_cast<uint32_t>(context.rip - reinterpret_cast<uint64_t>(image.base));
    if (rva < function.begin || rva >= function.end || function.end > image.size) return false;
    // The code may be discarded or not readable; read a copy of the few bytes that an epilogue can have.
    uint8_t code[64];
    const size_t size = std::min<size_t>(sizeof(code), function.end - rva);
    if (!read_memory(context.rip, code, size)) return false;
    EpilogueReader reader(image, {code, size}, context);
    if (!reader.run(frame_register, rva, function)) return false;
    context = reader.context();
    if (saved) *saved = reader.saved();
    return true;
}

}  // namespace ndiskit::nt::exception
