// One decoded instruction, and the operands of it in a thread's registers.
#pragma once

#include <Zydis/Zydis.h>

#include <optional>

#include "nt/exception/context_abi.h"

namespace ndiskit::nt::exception {

struct Instruction {
    ZydisDecodedInstruction decoded;
    ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
};

std::optional<Instruction> decode_at(uint64_t address);

// A general register of 1 to 8 bytes. Writing 4 bytes clears the upper half, as the processor does.
uint64_t read_register(const Context& context, ZydisRegister reg);
void write_register(Context& context, ZydisRegister reg, uint64_t value);

}  // namespace ndiskit::nt::exception
