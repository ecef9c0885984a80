// The region of images, its slots, and the look-ups over it.
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "base/assert.h"
#include "nt/image/image.h"
#include "nt/image/image_list.h"
#include "nt/image/pe.h"

namespace ndiskit::nt::image {
namespace {

constexpr size_t slot_size = size_t{2} << 20;
constexpr size_t slot_count = 4096;
// An address that the address-space layouts of ASan and TSan both leave to programs, far from what the system
// gives out; the same in each process, so that a run of a seed sees the same addresses.
constexpr uintptr_t region_base = 0x5800'0000'0000;

// Which image owns each slot. Written under the loader, read from anywhere.
std::array<std::atomic<Image*>, slot_count> owners = {};
size_t next_slot = 0;
std::vector<Image*> all;

Image* owner_of(uintptr_t address) {
    if (address - region_base >= slot_count * slot_size) return nullptr;
    return owners[(address - region_base) / slot_size].load(std::memory_order_acquire);
}

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b,
                              [](unsigned char x, unsigned char y) { return tolower(x) == tolower(y); });
}

}  // namespace

Result<std::byte*> take_slots(size_t size) {
    static bool reserved = false;
    if (!reserved) {
        void* region = mmap(reinterpret_cast<void*>(region_base), slot_count * slot_size, PROT_NONE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
        if (region == MAP_FAILED) return fail_errno("cannot reserve the address space of driver images");
        reserved = true;
    }
    const size_t count = (size + slot_size - 1) / slot_size;
    if (count > slot_count - next_slot)
        return fail("no address space left: too many driver images were loaded");
    auto* start = reinterpret_cast<std::byte*>(region_base + next_slot * slot_size);
    next_slot += count;
    return start;
}

void publish(Image& image, size_t size) {
    const size_t first = (reinterpret_cast<uintptr_t>(image.base) - region_base) / slot_size;
    const size_t count = (size + slot_size - 1) / slot_size;
    for (size_t i = first; i < first + count; ++i) owners[i].store(&image, std::memory_order_release);
    all.push_back(&image);
}

Image* slot_owner(const void* address) { return owner_of(reinterpret_cast<uintptr_t>(address)); }

const std::vector<Image*>& images() { return all; }

Image* find_image(std::string_view name) {
    for (Image* image : all)
        if (!image->unloaded && same_name(image->name, name)) return image;
    return nullptr;
}

std::span<const FunctionEntry> Image::functions() const { return pe_->functions(); }

std::string gdb_symbols_command(const Image& image) {
    if (image.unloaded) return {};
    return fmt::format("add-symbol-file '{}' -o {:#x}", image.path, static_cast<uint64_t>(image.slide));
}

}  // namespace ndiskit::nt::image

namespace ndiskit::nt {

Place image_of(const void* address) {
    image::Image* image = image::slot_owner(address);
    if (!image || !image->contains(address)) return {};
    return {image, static_cast<uint64_t>(static_cast<const std::byte*>(address) - image->base)};
}

std::string place_text(const void* address) {
    const Place place = image_of(address);
    return place ? fmt::format("{}+{:#x}", place.image->name, place.offset) : std::string();
}

}  // namespace ndiskit::nt

// Empty on purpose, and kept out of line with its arguments alive: only a debugger looks at the call.
extern "C" [[gnu::noinline]] void ndiskit_image_loaded(const char* path, std::ptrdiff_t slide) {
    asm volatile("" ::"r"(path), "r"(slide) : "memory");
}
extern "C" [[gnu::noinline]] void ndiskit_image_unloaded(const char* path) {
    asm volatile("" ::"r"(path) : "memory");
}
