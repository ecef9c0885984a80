// fuzz: nt
// A registry hive of any bytes behind a header that is right: keys that can be written again and are then the
// same, or an error.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "fuzz/canary.h"
#include "nt/registry/hive.h"

using namespace ndiskit::nt::registry;

namespace {

void require(bool promise) {
    if (!promise) abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const auto* const first = reinterpret_cast<const std::byte*>(data);
    std::vector<std::byte> bytes(first, first + size);
    bytes.shrink_to_fit();
    if (bytes.size() > hive::page) {
        const uint32_t sum = hive::checksum(bytes.data());
        std::memcpy(bytes.data() + 0x1FC, &sum, sizeof sum);
    }
    const auto read = read_hive(bytes);
    if (!read) return 0;
    const auto written = write_hive(*read, HiveFormat::latest, 0);
    const auto again = read_hive(written);
    ndiskit::fuzz::canary(again.has_value());
    require(again && write_hive(*again, HiveFormat::latest, 0) == written);
    return 0;
}
