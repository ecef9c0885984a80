// fuzz: nt
// The PE reader on any bytes: an answer or an Error, never a fault, and what it accepts keeps its promises.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "canary.h"
#include "nt/image/pe.h"

using namespace ndiskit::nt::image;

namespace {

void require(bool promise) {
    if (!promise) abort();
}

void check(const Pe& pe) {
    require(pe.headers().size() <= pe.size());
    for (const Section& section : pe.sections()) {
        require(uint64_t{section.rva} + section.size <= pe.size());
        require(pe.content(section).size() <= section.size);
    }
    for (const Import& import : pe.imports()) require(uint64_t{import.slot} + 8 <= pe.size());
    for (const Rva at : pe.relocations()) require(uint64_t{at} + 8 <= pe.size());
    Rva last = 0;
    for (const FunctionEntry& function : pe.functions()) {
        require(function.begin >= last && function.begin < function.end && function.end <= pe.size());
        require((function.unwind & ~1u) + uint64_t{4} <= pe.size());
        last = function.end;
    }
    for (const ExportedName& row : pe.exports()) require(row.rva < pe.size());
    require(pe.entry() == 0 || pe.section_at(pe.entry()) != nullptr);
    ndiskit::fuzz::canary(!pe.imports().empty() && !pe.functions().empty() && !pe.relocations().empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    const auto pe = Pe::parse("fuzz.sys", std::vector(bytes, bytes + size));
    if (pe)
        check(*pe);
    else
        require(pe.error().text().starts_with("fuzz.sys: "));
    return 0;
}
