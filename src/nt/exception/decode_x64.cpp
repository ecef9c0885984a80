#include "nt/exception/decode_x64.h"

#include "nt/exception/unwind_x64.h"

namespace ndiskit::nt::exception {
namespace {

struct Place {
    unsigned number;
    unsigned shift;  // 8 for ah, ch, dh, bh
    unsigned bits;
};

Place place_of(ZydisRegister reg) {
    const ZydisRegister whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, reg);
    const bool high = reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH;
    return {static_cast<unsigned>(ZydisRegisterGetId(whole)), high ? 8u : 0u,
            ZydisRegisterGetWidth(ZYDIS_MACHINE_MODE_LONG_64, reg)};
}

uint64_t mask_of(unsigned bits) { return bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1; }

}  // namespace

std::optional<Instruction> decode_at(uint64_t address) {
    uint8_t code[ZYDIS_MAX_INSTRUCTION_LENGTH];
    size_t size = sizeof(code);
    // The last instruction of a mapping has fewer bytes behind it than the longest instruction is.
    while (size > 0 && !read_memory(address, code, size)) --size;
    ZydisDecoder decoder;
    ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
    Instruction i;
    if (!ZYAN_SUCCESS(ZydisDecoderDecodeFull(&decoder, code, size, &i.decoded, i.operands)))
        return std::nullopt;
    return i;
}

uint64_t read_register(const Context& context, ZydisRegister reg) {
    const Place place = place_of(reg);
    return context.general(place.number) >> place.shift & mask_of(place.bits);
}

void write_register(Context& context, ZydisRegister reg, uint64_t value) {
    const Place place = place_of(reg);
    uint64_t& whole = context.general(place.number);
    const uint64_t mask = place.bits == 32 ? ~uint64_t{0} : mask_of(place.bits) << place.shift;
    whole = (whole & ~mask) | (value & mask_of(place.bits)) << place.shift;
}

}  // namespace ndiskit::nt::exception
