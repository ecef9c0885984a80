// Instructions of ring 0 that the loader left in place: CR8 is emulated here, reads of the page that Windows
// shares with user mode too (drivers read the time in it inline), all else ends the machine with the
// instruction's name.
#include <Zydis/Zydis.h>
#include <fmt/core.h>
#include <sys/mman.h>

#include <cstring>
#include <optional>
#include <unordered_map>

#include "base/guarded.h"
#include "nt/bugcheck.h"
#include "nt/exception/crash_report.h"
#include "nt/exception/decode_x64.h"
#include "nt/exception/fault.h"
#include "nt/exception/frames_x64.h"
#include "nt/exception/machine_view.h"
#include "nt/exception/shared_data.h"
#include "nt/exception/status.h"
#include "nt/exception/unwind_x64.h"

namespace ndiskit::nt::exception {
namespace {

void emulate_cr8(Fault& fault, const Instruction& i) {
    if (i.decoded.mnemonic != ZYDIS_MNEMONIC_MOV) return;
    const bool writes = i.operands[0].reg.value == ZYDIS_REGISTER_CR8;
    if (!writes && i.operands[1].reg.value != ZYDIS_REGISTER_CR8) return;
    uint64_t& general = fault.context.general(
        static_cast<unsigned>(ZydisRegisterGetId(i.operands[writes ? 1 : 0].reg.value)));
    fault.context.rip += i.decoded.length;
    if (writes)
        set_machine_irql(static_cast<uint8_t>(general));
    else
        general = machine_irql();
    ndiskit_restore(&fault.context);
}

bool needs_ring_0(const Instruction& i) {
    if (i.decoded.attributes & ZYDIS_ATTRIB_IS_PRIVILEGED) return true;
    switch (i.decoded.mnemonic) {
        case ZYDIS_MNEMONIC_CLI:
        case ZYDIS_MNEMONIC_STI:
        case ZYDIS_MNEMONIC_HLT:
        case ZYDIS_MNEMONIC_IN:
        case ZYDIS_MNEMONIC_OUT:
        case ZYDIS_MNEMONIC_INSB:
        case ZYDIS_MNEMONIC_INSW:
        case ZYDIS_MNEMONIC_INSD:
        case ZYDIS_MNEMONIC_OUTSB:
        case ZYDIS_MNEMONIC_OUTSW:
        case ZYDIS_MNEMONIC_OUTSD:
        case ZYDIS_MNEMONIC_RDPMC:
        case ZYDIS_MNEMONIC_SWAPGS:
        case ZYDIS_MNEMONIC_SGDT:
        case ZYDIS_MNEMONIC_SIDT:
        case ZYDIS_MNEMONIC_SLDT:
        case ZYDIS_MNEMONIC_STR:
            return true;
        default:
            return false;
    }
}

// A copy of an instruction with another address in its memory operand, and the way back.
struct Substitute {
    const void* code = nullptr;  // instruction; pop `reg`; jump to the next one
    unsigned reg = 0;
};

constexpr ZydisRegister candidates[] = {ZYDIS_REGISTER_RBX, ZYDIS_REGISTER_RSI, ZYDIS_REGISTER_RDI,
                                        ZYDIS_REGISTER_RCX, ZYDIS_REGISTER_RDX, ZYDIS_REGISTER_RAX};

bool uses(const Instruction& i, ZydisRegister reg) {
    const auto is = [&](ZydisRegister r) {
        return ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, r) == reg;
    };
    for (unsigned n = 0; n < i.decoded.operand_count; ++n) {
        const ZydisDecodedOperand& operand = i.operands[n];
        if (operand.type == ZYDIS_OPERAND_TYPE_REGISTER && is(operand.reg.value)) return true;
    }
    return false;
}

std::optional<Substitute> make_substitute(const Instruction& i, uint64_t next) {
    const ZydisRegister* reg = nullptr;
    for (const ZydisRegister& candidate : candidates)
        if (!reg && !uses(i, candidate)) reg = &candidate;
    ZydisEncoderRequest request;
    if (!reg || !ZYAN_SUCCESS(ZydisEncoderDecodedInstructionToEncoderRequest(
                    &i.decoded, i.operands, i.decoded.operand_count_visible, &request)))
        return std::nullopt;
    unsigned memory_operands = 0;
    for (unsigned n = 0; n < request.operand_count; ++n) {
        if (request.operands[n].type != ZYDIS_OPERAND_TYPE_MEMORY) continue;
        ++memory_operands;
        request.operands[n].mem.base = *reg;
        request.operands[n].mem.index = ZYDIS_REGISTER_NONE;
        request.operands[n].mem.scale = 0;
        request.operands[n].mem.displacement = 0;
    }
    uint8_t code[64];
    ZyanUSize size = sizeof(code);
    if (memory_operands != 1 || !ZYAN_SUCCESS(ZydisEncoderEncodeInstruction(&request, code, &size)))
        return std::nullopt;
    const auto number = static_cast<unsigned>(ZydisRegisterGetId(*reg));
    code[size++] = static_cast<uint8_t>(0x58 + number);
    for (const uint8_t byte : {0xFF, 0x25, 0, 0, 0, 0}) code[size++] = byte;
    std::memcpy(code + size, &next, 8);
    size += 8;
    void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return std::nullopt;
    std::memcpy(page, code, size);
    mprotect(page, 4096, PROT_READ | PROT_EXEC);
    return Substitute{page, number};
}

// By the address of the instruction; a driver has a handful of these.
Guarded<std::unordered_map<uint64_t, Substitute>, LockRank::nt_leaf>& substitutes() {
    static Guarded<std::unordered_map<uint64_t, Substitute>, LockRank::nt_leaf> all;
    return all;
}

void emulate_shared_data(Fault& fault, const Instruction& i) {
    constexpr uint32_t error_write = 2;
    if (fault.trap != trap_page_fault || fault.address - shared_data_address >= 4096 ||
        fault.error & error_write)
        return;
    Context& context = fault.context;
    const uint64_t next = context.rip + i.decoded.length;
    const auto substitute = substitutes().with([&](auto& all) -> std::optional<Substitute> {
        if (const auto found = all.find(context.rip); found != all.end()) return found->second;
        const auto made = make_substitute(i, next);
        if (made) all.emplace(context.rip, *made);
        return made;
    });
    if (!substitute) return;
    context.rsp -= 8;
    *reinterpret_cast<uint64_t*>(context.rsp) = context.general(substitute->reg);
    context.general(substitute->reg) =
        reinterpret_cast<uint64_t>(current_shared_data()) + (fault.address - shared_data_address);
    context.rip = reinterpret_cast<uint64_t>(substitute->code);
    ndiskit_restore(&context);
}

}  // namespace

void emulate_privileged(Fault& fault) {
    if (fault.trap != trap_page_fault && fault.trap != trap_general_protection &&
        fault.trap != trap_invalid_opcode)
        return;
    const auto i = decode_at(fault.context.rip);
    if (!i) return;
    emulate_shared_data(fault, *i);
    if (fault.trap == trap_page_fault) return;
    emulate_cr8(fault, *i);
    if (!needs_ring_0(*i)) return;
    set_crash_context(fault.context);
    bug_check_because(
        fmt::format("the instruction `{}` works in ring 0 only, and this machine runs drivers in user "
                    "mode; of these, the kit carries out CR8 accesses and "
                    "the ports of simulated devices alone",
                    ZydisMnemonicGetString(i->decoded.mnemonic)),
        stop_kmode_exception_not_handled, sign_extended(status_privileged_instruction), fault.context.rip);
}

}  // namespace ndiskit::nt::exception
