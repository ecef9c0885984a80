#include "nt/image/privileged_x64.h"

#include <Zydis/Zydis.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>

#include "nt/exception/machine_view.h"
#include "nt/image/image.h"
#include "nt/image/thunk_area_x64.h"

namespace ndiskit::nt::image {
namespace {

constexpr size_t jump_size = 5;
constexpr size_t thunk_estimate = 1024;
constexpr uint8_t unwind_flag_exception_handler = 1;

struct Instruction {
    Rva at = 0;
    ZydisDecodedInstruction decoded;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

// A CR8 access: `reg` is the general register.
struct Cr8Access {
    bool writes_cr8 = false;
    Reg reg = Reg::rax;
};

[[gnu::ms_abi]] uint64_t read_cr8() { return exception::machine_irql(); }
[[gnu::ms_abi]] void write_cr8(uint64_t irql) { exception::set_machine_irql(static_cast<uint8_t>(irql)); }

std::optional<Cr8Access> cr8_access(const Instruction& i) {
    if (i.decoded.mnemonic != ZYDIS_MNEMONIC_MOV || i.decoded.length != 4) return std::nullopt;
    const auto is_cr8 = [&](int n) { return i.operands[n].reg.value == ZYDIS_REGISTER_CR8; };
    if (!is_cr8(0) && !is_cr8(1)) return std::nullopt;
    const int general = is_cr8(0) ? 1 : 0;
    const auto id = ZydisRegisterGetId(i.operands[general].reg.value);
    return Cr8Access{is_cr8(0), static_cast<Reg>(id)};
}

// What is known of one function of .pdata.
struct Function {
    std::vector<Instruction> code;
    std::set<Rva> targets;  // of direct branches inside it
    bool certain = true;    // decoded wholly, no computed jump
};

bool is_branch(const Instruction& i) {
    switch (i.decoded.meta.category) {
        case ZYDIS_CATEGORY_COND_BR:
        case ZYDIS_CATEGORY_UNCOND_BR:
        case ZYDIS_CATEGORY_CALL:
        case ZYDIS_CATEGORY_RET:
        case ZYDIS_CATEGORY_INTERRUPT:
        case ZYDIS_CATEGORY_SYSCALL:
        case ZYDIS_CATEGORY_SYSRET:
            return true;
        default:
            return false;
    }
}

Function decode(const Image& image, const FunctionEntry& entry) {
    static const ZydisDecoder decoder = [] {
        ZydisDecoder d;
        ZydisDecoderInit(&d, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
        return d;
    }();
    Function function;
    for (Rva at = entry.begin; at < entry.end;) {
        Instruction i;
        i.at = at;
        if (!ZYAN_SUCCESS(
                ZydisDecoderDecodeFull(&decoder, image.base + at, entry.end - at, &i.decoded, i.operands))) {
            function.certain = false;
            return function;
        }
        if (is_branch(i) && i.operands[0].type == ZYDIS_OPERAND_TYPE_IMMEDIATE &&
            i.operands[0].imm.is_relative)
            function.targets.insert(static_cast<Rva>(at + i.decoded.length + i.operands[0].imm.value.s));
        // A jump through a register is a jump table; one through rip-relative memory is a tail call of an
        // import.
        if (i.decoded.meta.category == ZYDIS_CATEGORY_UNCOND_BR &&
            (i.operands[0].type == ZYDIS_OPERAND_TYPE_REGISTER ||
             (i.operands[0].type == ZYDIS_OPERAND_TYPE_MEMORY &&
              i.operands[0].mem.base != ZYDIS_REGISTER_RIP)))
            function.certain = false;
        function.code.push_back(i);
        at += i.decoded.length;
    }
    return function;
}

// How many instructions from `first` on make room for a jump; 0 when they cannot be moved.
size_t movable(const Function& function, size_t first) {
    size_t size = 0;
    for (size_t n = first; n < function.code.size(); ++n) {
        const Instruction& i = function.code[n];
        if (n != first && (function.targets.contains(i.at) || is_branch(i))) return 0;
        size += i.decoded.length;
        if (size >= jump_size) return n - first + 1;
    }
    return 0;
}

// Copies an instruction to where the emitter is; a rip-relative operand keeps its target.
bool emit_moved(Emitter& emit, const Image& image, const Instruction& i) {
    uint8_t copy[ZYDIS_MAX_INSTRUCTION_LENGTH];
    std::memcpy(copy, image.base + i.at, i.decoded.length);
    if (i.decoded.attributes & ZYDIS_ATTRIB_IS_RELATIVE) {
        if (i.decoded.raw.disp.size != 32) return false;
        int32_t displacement;
        std::memcpy(&displacement, copy + i.decoded.raw.disp.offset, 4);
        displacement += static_cast<int32_t>(image.base + i.at - emit.here());
        std::memcpy(copy + i.decoded.raw.disp.offset, &displacement, 4);
    }
    emit.raw(copy, i.decoded.length);
    return true;
}

constexpr Reg volatile_registers[] = {Reg::rax, Reg::rcx, Reg::rdx, Reg::r8, Reg::r9, Reg::r10, Reg::r11};

// Where the thunk's frame keeps a register, relative to its rbp; 0 when the register still has its value.
int32_t saved_offset(Reg reg) {
    if (reg == Reg::rbp) return 0;
    for (int32_t n = 0; n < 7; ++n)
        if (volatile_registers[n] == reg) return 8 + (6 - n) * 8;
    return 0;
}

// Calls read_cr8 or write_cr8 with every register and flag but the result as it was. Returns the address
// after the call.
std::byte* emit_access(Emitter& emit, const Cr8Access& access) {
    constexpr int32_t area = 6 * 16 + 32;
    emit.byte(0x9C);  // pushfq
    for (const Reg r : volatile_registers) emit.push(r);
    emit.push(Reg::rbp);
    emit.move(Reg::rbp, Reg::rsp);
    emit.align_rsp();
    emit.add_rsp(-area);
    for (uint8_t i = 0; i < 6; ++i) emit.store_xmm_rsp(32 + i * 16, i);
    if (access.writes_cr8) {
        if (access.reg == Reg::rbp)
            emit.load_rbp(Reg::rcx, 0);
        else if (const int32_t offset = saved_offset(access.reg))
            emit.load_rbp(Reg::rcx, offset);
        else
            emit.move(Reg::rcx, access.reg);
        emit.call_through_rax(reinterpret_cast<const void*>(&write_cr8));
    } else {
        emit.call_through_rax(reinterpret_cast<const void*>(&read_cr8));
    }
    std::byte* after = emit.here();
    if (!access.writes_cr8) {
        const int32_t offset = saved_offset(access.reg);
        if (offset || access.reg == Reg::rbp)
            emit.store_rbp(offset, Reg::rax);
        else
            emit.move(access.reg, Reg::rax);
    }
    for (uint8_t i = 0; i < 6; ++i) emit.load_xmm_rsp(i, 32 + i * 16);
    emit.move(Reg::rsp, Reg::rbp);
    emit.pop(Reg::rbp);
    for (size_t n = std::size(volatile_registers); n > 0; --n) emit.pop(volatile_registers[n - 1]);
    emit.byte(0x9D);  // popfq
    return after;
}

void patch(Image& image, Rva at, size_t size, const std::byte* thunk) {
    const auto distance = static_cast<int32_t>(thunk - (image.base + at + jump_size));
    image.base[at] = std::byte{0xE9};
    std::memcpy(image.base + at + 1, &distance, 4);
    std::memset(image.base + at + jump_size, 0xCC, size - jump_size);
}

// Returns how many instructions the jump stands for; 0 when the site must stay.
size_t rewrite_site(Image& image, const Function& function, size_t first, std::vector<Moved>& moved) {
    const size_t count = movable(function, first);
    if (count == 0 || image.thunks_->room() < thunk_estimate) return 0;
    const auto offset_of = [&](const std::byte* at) {
        return static_cast<uint32_t>(at - image.thunks_->start());
    };
    Emitter emit(*image.thunks_);
    const Rva site = function.code[first].at;
    std::vector<Moved> here;
    Rva end = site;
    for (size_t n = first; n < first + count; ++n) {
        const Instruction& i = function.code[n];
        if (const auto access = cr8_access(i)) {
            if (access->reg == Reg::rsp) return 0;
            here.push_back({offset_of(emit_access(emit, *access)), i.at, true});
        } else {
            here.push_back({offset_of(emit.here()), i.at, false});
            if (!emit_moved(emit, image, i)) return 0;
        }
        end = i.at + i.decoded.length;
    }
    emit.jump_to(image.base + end);
    patch(image, site, end - site, emit.code());
    moved.insert(moved.end(), here.begin(), here.end());
    return count;
}

bool has_handler(const Image& image, const FunctionEntry& entry) {
    if (entry.unwind & 1) return true;  // chained to another entry: leave it alone
    return static_cast<uint8_t>(image.base[entry.unwind]) >> 3 & unwind_flag_exception_handler;
}

}  // namespace

Cr8Rewrite rewrite_cr8(Image& image) {
    Cr8Rewrite result;
    for (const FunctionEntry& entry : image.functions()) {
        const Section* section = image.pe().section_at(entry.begin);
        if (!section || !section->executable || entry.end > section->rva + section->size) continue;
        const Function function = decode(image, entry);
        const bool untouchable = !function.certain || has_handler(image, entry);
        for (size_t n = 0; n < function.code.size();) {
            if (!cr8_access(function.code[n])) {
                ++n;
                continue;
            }
            const size_t replaced = untouchable ? 0 : rewrite_site(image, function, n, result.moved);
            const auto begin = function.code.begin() + static_cast<std::ptrdiff_t>(n);
            result.trapped += replaced == 0;
            result.rewritten += std::count_if(begin, begin + static_cast<std::ptrdiff_t>(replaced),
                                              [](const Instruction& i) { return cr8_access(i).has_value(); });
            n += std::max<size_t>(replaced, 1);
        }
    }
    std::ranges::sort(result.moved, {}, &Moved::offset);
    return result;
}

const Moved* moved_at(const Image& image, const void* address) {
    if (!image.thunks_ || !image.thunks_->contains(address)) return nullptr;
    const auto offset =
        static_cast<uint32_t>(static_cast<const std::byte*>(address) - image.thunks_->start());
    const auto found = std::ranges::lower_bound(image.cr8_.moved, offset, {}, &Moved::offset);
    return found != image.cr8_.moved.end() && found->offset == offset ? &*found : nullptr;
}

}  // namespace ndiskit::nt::image
