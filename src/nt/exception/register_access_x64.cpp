// Instructions that reach a register of a simulated device, carried out one by one: moves of each width, arithmetic
// with its flags as `register |= bit` and `if (register & bit)` compile to it, string copies, and port instructions.
// The device is called on the thread of the driver, which sees the access as one instruction.
#include <fmt/core.h>

#include "nt/bugcheck.h"
#include "nt/exception/crash_report.h"
#include "nt/exception/decode_x64.h"
#include "nt/exception/frames_x64.h"
#include "nt/exception/register_access.h"
#include "nt/exception/status.h"
#include "nt/hal/bus.h"

namespace ndiskit::nt::exception {
namespace {

using hal::Register;

constexpr uint32_t carry = 1, parity = 4, auxiliary = 0x10, zero = 0x40, sign = 0x80, direction = 0x400,
                   overflow = 0x800;
constexpr uint32_t arithmetic_flags = carry | parity | auxiliary | zero | sign | overflow;

uint64_t read(const Register& at, unsigned size) { return at.device->read(at.bar, at.offset, size); }
void write(const Register& at, unsigned size, uint64_t value) {
    at.device->write(at.bar, at.offset, size, value);
}

uint64_t sign_extend(uint64_t value, unsigned bits) {
    const unsigned shift = 64 - bits;
    return static_cast<uint64_t>(static_cast<int64_t>(value << shift) >> shift);
}

// Result and flags of an operation of `bits` bits; null for one that is none of these.
struct Outcome {
    uint64_t value = 0;
    uint32_t flags = 0;
    bool stores = true;
    bool keeps_carry = false;
};
std::optional<Outcome> compute(ZydisMnemonic mnemonic, uint64_t a, uint64_t b, unsigned bits) {
    Outcome out;
    // At the top of 64 bits, carry and sign fall where the processor takes them from.
    const unsigned shift = 64 - bits;
    const uint64_t x = a << shift, y = b << shift;
    uint64_t r;
    bool adds = false, subtracts = false;
    switch (mnemonic) {
        case ZYDIS_MNEMONIC_AND:
            r = x & y;
            break;
        case ZYDIS_MNEMONIC_TEST:
            r = x & y;
            out.stores = false;
            break;
        case ZYDIS_MNEMONIC_OR:
            r = x | y;
            break;
        case ZYDIS_MNEMONIC_XOR:
            r = x ^ y;
            break;
        case ZYDIS_MNEMONIC_INC:
            out.keeps_carry = true;
            [[fallthrough]];
        case ZYDIS_MNEMONIC_ADD:
            r = x + y;
            adds = true;
            break;
        case ZYDIS_MNEMONIC_DEC:
            out.keeps_carry = true;
            [[fallthrough]];
        case ZYDIS_MNEMONIC_SUB:
            r = x - y;
            subtracts = true;
            break;
        case ZYDIS_MNEMONIC_CMP:
            r = x - y;
            subtracts = true;
            out.stores = false;
            break;
        default:
            return std::nullopt;
    }
    out.value = r >> shift;
    if (r == 0) out.flags |= zero;
    if (r >> 63) out.flags |= sign;
    if (!(__builtin_popcountll(out.value & 0xff) & 1)) out.flags |= parity;
    if ((adds && r < x) || (subtracts && x < y)) out.flags |= carry;
    if ((adds && (~(x ^ y) & (x ^ r)) >> 63) || (subtracts && ((x ^ y) & (x ^ r)) >> 63))
        out.flags |= overflow;
    if ((adds || subtracts) && ((a ^ b ^ out.value) & 0x10)) out.flags |= auxiliary;
    return out;
}

void set_flags(Context& context, const Outcome& outcome) {
    const uint32_t changed = outcome.keeps_carry ? arithmetic_flags & ~carry : arithmetic_flags;
    context.eflags = (context.eflags & ~changed) | (outcome.flags & changed);
}

[[noreturn]] void refuse(const Fault& fault, const Instruction& i) {
    set_crash_context(fault.context);
    bug_check_because(
        fmt::format("`{}` is no way to reach a register of a device that the kit knows; use READ_REGISTER_X "
                    "and WRITE_REGISTER_X",
                    ZydisMnemonicGetString(i.decoded.mnemonic)),
        stop_kmode_exception_not_handled, sign_extended(status_access_violation), fault.context.rip, 0,
        fault.address);
}

// The value of an operand that is no memory.
uint64_t value_of(const Context& context, const ZydisDecodedOperand& operand) {
    return operand.type == ZYDIS_OPERAND_TYPE_IMMEDIATE ? operand.imm.value.u
                                                        : read_register(context, operand.reg.value);
}

// One string instruction, with its repetitions: memory that is a register is accessed as one, the rest
// plainly.
void copy_string(Fault& fault, const Instruction& i) {
    Context& context = fault.context;
    const unsigned size = i.operands[0].size / 8;
    const bool repeats = (i.decoded.attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE)) != 0;
    const int64_t step =
        context.eflags & direction ? -static_cast<int64_t>(size) : static_cast<int64_t>(size);
    const bool stores =
        i.decoded.mnemonic == ZYDIS_MNEMONIC_STOSB || i.decoded.mnemonic == ZYDIS_MNEMONIC_STOSW ||
        i.decoded.mnemonic == ZYDIS_MNEMONIC_STOSD || i.decoded.mnemonic == ZYDIS_MNEMONIC_STOSQ;
    const auto get = [&](uint64_t address) {
        if (const auto at = hal::find_register(address)) return read(*at, size);
        uint64_t value = 0;
        __builtin_memcpy(&value, reinterpret_cast<const void*>(address), size);
        return value;
    };
    for (uint64_t left = repeats ? context.rcx : 1; left > 0; --left) {
        const uint64_t value = stores ? context.rax : get(context.rsi);
        if (const auto at = hal::find_register(context.rdi))
            write(*at, size, value);
        else
            __builtin_memcpy(reinterpret_cast<void*>(context.rdi), &value, size);
        context.rdi += static_cast<uint64_t>(step);
        if (!stores) context.rsi += static_cast<uint64_t>(step);
        if (repeats) --context.rcx;
    }
}

bool is_string(ZydisMnemonic mnemonic) {
    switch (mnemonic) {
        case ZYDIS_MNEMONIC_MOVSB:
        case ZYDIS_MNEMONIC_MOVSW:
        case ZYDIS_MNEMONIC_MOVSD:
        case ZYDIS_MNEMONIC_MOVSQ:
        case ZYDIS_MNEMONIC_STOSB:
        case ZYDIS_MNEMONIC_STOSW:
        case ZYDIS_MNEMONIC_STOSD:
        case ZYDIS_MNEMONIC_STOSQ:
            return true;
        default:
            return false;
    }
}

// mov and its kin, with memory as source (operand 1) or destination (operand 0). False for other
// instructions.
bool move(Context& context, const Instruction& i, const Register& at) {
    const ZydisDecodedOperand &to = i.operands[0], &from = i.operands[1];
    const bool stores = to.type == ZYDIS_OPERAND_TYPE_MEMORY;
    const unsigned size = (stores ? to : from).size / 8;
    switch (i.decoded.mnemonic) {
        case ZYDIS_MNEMONIC_MOV:
        case ZYDIS_MNEMONIC_MOVNTI:
            if (stores)
                write(at, size, value_of(context, from));
            else
                write_register(context, to.reg.value, read(at, size));
            return true;
        case ZYDIS_MNEMONIC_MOVZX:
            write_register(context, to.reg.value, read(at, size));
            return true;
        case ZYDIS_MNEMONIC_MOVSX:
        case ZYDIS_MNEMONIC_MOVSXD:
            write_register(context, to.reg.value, sign_extend(read(at, size), size * 8));
            return true;
        case ZYDIS_MNEMONIC_XCHG: {
            const ZydisRegister reg = (stores ? from : to).reg.value;
            const uint64_t old = read(at, size);
            write(at, size, read_register(context, reg));
            write_register(context, reg, old);
            return true;
        }
        default:
            return false;
    }
}

bool calculate(Context& context, const Instruction& i, const Register& at) {
    const ZydisDecodedOperand &first = i.operands[0], &second = i.operands[1];
    const bool memory_first = first.type == ZYDIS_OPERAND_TYPE_MEMORY;
    const unsigned size = (memory_first ? first : second).size / 8;
    const bool alone = i.decoded.mnemonic == ZYDIS_MNEMONIC_INC || i.decoded.mnemonic == ZYDIS_MNEMONIC_DEC;
    const uint64_t value = read(at, size);
    const uint64_t a = memory_first ? value : read_register(context, first.reg.value);
    const uint64_t b = alone ? 1 : memory_first ? value_of(context, second) : value;
    const auto outcome = compute(i.decoded.mnemonic, a, b, size * 8);
    if (!outcome) return false;
    set_flags(context, *outcome);
    if (outcome->stores && memory_first) write(at, size, outcome->value);
    if (outcome->stores && !memory_first) write_register(context, first.reg.value, outcome->value);
    return true;
}

bool has_general_operands(const Instruction& i) {
    for (unsigned n = 0; n < i.decoded.operand_count_visible; ++n) {
        const ZydisDecodedOperand& operand = i.operands[n];
        if (operand.type == ZYDIS_OPERAND_TYPE_REGISTER &&
            ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, operand.reg.value) >
                ZYDIS_REGISTER_R15)
            return false;
    }
    return true;
}

void port_string(Context& context, const Instruction& i, const Register& at, bool in, unsigned size) {
    const int64_t step =
        context.eflags & direction ? -static_cast<int64_t>(size) : static_cast<int64_t>(size);
    const bool repeats = (i.decoded.attributes & (ZYDIS_ATTRIB_HAS_REP | ZYDIS_ATTRIB_HAS_REPE)) != 0;
    uint64_t& address = in ? context.rdi : context.rsi;
    for (uint64_t left = repeats ? context.rcx : 1; left > 0; --left) {
        uint64_t value = 0;
        if (in) value = read(at, size);
        void* const memory = reinterpret_cast<void*>(address);
        if (in)
            __builtin_memcpy(memory, &value, size);
        else
            __builtin_memcpy(&value, memory, size);
        if (!in) write(at, size, value);
        address += static_cast<uint64_t>(step);
        if (repeats) --context.rcx;
    }
}

}  // namespace

void emulate_register_access(Fault& fault) {
    const auto at = hal::find_register(fault.address);
    if (!at) return;
    const auto i = decode_at(fault.context.rip);
    if (!i) return;
    Context& context = fault.context;
    if (is_string(i->decoded.mnemonic))
        copy_string(fault, *i);
    else if (!has_general_operands(*i) || !(move(context, *i, *at) || calculate(context, *i, *at)))
        refuse(fault, *i);
    context.rip += i->decoded.length;
    ndiskit_restore(&context);
}

void emulate_port_access(Fault& fault) {
    const auto i = decode_at(fault.context.rip);
    if (!i) return;
    Context& context = fault.context;
    const ZydisMnemonic mnemonic = i->decoded.mnemonic;
    const bool string_in =
        mnemonic == ZYDIS_MNEMONIC_INSB || mnemonic == ZYDIS_MNEMONIC_INSW || mnemonic == ZYDIS_MNEMONIC_INSD;
    const bool string_out = mnemonic == ZYDIS_MNEMONIC_OUTSB || mnemonic == ZYDIS_MNEMONIC_OUTSW ||
                            mnemonic == ZYDIS_MNEMONIC_OUTSD;
    const bool in = mnemonic == ZYDIS_MNEMONIC_IN || string_in,
               out = mnemonic == ZYDIS_MNEMONIC_OUT || string_out;
    if (!in && !out) return;
    const bool string = string_in || string_out;
    const uint64_t port = string ? context.rdx : value_of(context, i->operands[in ? 1 : 0]);
    const auto at = hal::find_port(static_cast<uint16_t>(port));
    if (!at) return;
    const unsigned size = i->operands[in ? 0 : 1].size / 8;
    if (string)
        port_string(context, *i, *at, in, size);
    else if (in)
        write_register(context, i->operands[0].reg.value, read(*at, size));
    else
        write(*at, size, read_register(context, i->operands[1].reg.value));
    context.rip += i->decoded.length;
    ndiskit_restore(&context);
}

}  // namespace ndiskit::nt::exception
