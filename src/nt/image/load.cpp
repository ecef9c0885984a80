// Loading: file to mapped, relocated, bound and protected image. Addresses are the same in each process that
// loads the same drivers in the same order.
#include <fmt/core.h>
#include <sys/mman.h>

#include <cstring>

#include "base/assert.h"
#include "base/log.h"
#include "engine/engine.h"
#include "nt/image/bind.h"
#include "nt/image/callback_stubs.h"
#include "nt/image/image.h"
#include "nt/image/image_list.h"
#include "nt/image/pe.h"
#include "nt/image/privileged_x64.h"
#include "nt/image/thunk_area_x64.h"

// Control-flow guard's dispatchers for images that were built with it: every target is a good one.
asm(R"(
    .text
    .globl ndiskit_guard_check, ndiskit_guard_dispatch
    .p2align 4
    .type ndiskit_guard_check, @function
ndiskit_guard_check:
    ret
    .size ndiskit_guard_check, . - ndiskit_guard_check
    .p2align 4
    .type ndiskit_guard_dispatch, @function
ndiskit_guard_dispatch:
    jmp *%rax
    .size ndiskit_guard_dispatch, . - ndiskit_guard_dispatch
)");
extern "C" {
extern const std::byte ndiskit_guard_check[];
extern const std::byte ndiskit_guard_dispatch[];
}

namespace ndiskit::nt::image {
namespace {

void write64(Image& image, Rva at, uint64_t value) { std::memcpy(image.base + at, &value, 8); }
uint64_t read64(const Image& image, Rva at) {
    uint64_t value;
    std::memcpy(&value, image.base + at, 8);
    return value;
}

size_t round_up_to_page(size_t size) { return (size + page_size - 1) & ~size_t{page_size - 1}; }

Result<> map(Image& image, size_t total) {
    image.base = TRY(take_slots(total));
    void* memory =
        mmap(image.base, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (memory == MAP_FAILED) return fail_errno("cannot map the driver image", image.path);
    const Pe& pe = image.pe();
    std::memcpy(image.base, pe.headers().data(), pe.headers().size());
    for (const Section& section : pe.sections()) {
        const auto content = pe.content(section);
        if (!content.empty()) std::memcpy(image.base + section.rva, content.data(), content.size());
    }
    return {};
}

void relocate(Image& image) {
    const Pe& pe = image.pe();
    const auto delta = static_cast<uint64_t>(image.slide);
    for (const Rva at : pe.relocations()) write64(image, at, read64(image, at) + delta);
}

// https://learn.microsoft.com/windows/win32/debug/pe-format#the-load-configuration-structure-image-only
void configure(Image& image) {
    const LoadConfig& config = image.pe().load_config();
    // The cookie keeps its upper 16 bits zero: a copy overrun by a string then cannot reproduce it.
    if (config.security_cookie) {
        const uint64_t drawn = engine::the().draw(uint64_t{1} << 48);
        write64(image, config.security_cookie, drawn < 0x10000 ? drawn + 0x2B99'0000 : drawn);
    }
    const auto check = reinterpret_cast<uint64_t>(ndiskit_guard_check);
    const auto dispatch = reinterpret_cast<uint64_t>(ndiskit_guard_dispatch);
    if (config.guard_check) write64(image, config.guard_check, check);
    if (config.guard_dispatch) write64(image, config.guard_dispatch, dispatch);
    if (config.guard_xfg_check) write64(image, config.guard_xfg_check, check);
    if (config.guard_xfg_dispatch) write64(image, config.guard_xfg_dispatch, dispatch);
    if (config.guard_xfg_table_dispatch) write64(image, config.guard_xfg_table_dispatch, dispatch);
}

// No page is ever writable and executable. Code sections that ask for both (INIT of older linkers does) are
// code.
Result<> protect(Image& image) {
    const auto set = [&](std::byte* at, size_t size, int protection) -> Result<> {
        if (mprotect(at, round_up_to_page(size), protection) != 0)
            return fail_errno("cannot set the protection of a section", image.path);
        return {};
    };
    TRY(set(image.base, image.size, PROT_READ));
    for (const Section& section : image.pe().sections()) {
        int protection = PROT_READ;
        if (section.executable)
            protection |= PROT_EXEC;
        else if (section.writable)
            protection |= PROT_WRITE;
        if (section.executable && section.writable)
            log_warning("loader", "{}: section {} is writable code; it is mapped as code, not writable",
                        image.name, section.name);
        if (section.size != 0) TRY(set(image.base + section.rva, section.size, protection));
    }
    image.thunks_->make_executable();
    return {};
}

// Room for the thunks of every import and of CR8 accesses; what CR8 does not find room for is trapped
// instead.
size_t thunk_room(const Pe& pe) { return round_up_to_page(pe.imports().size() * 768 + 64 * 1024); }

}  // namespace

Result<Image*> load(const std::filesystem::path& path) {
    auto pe = std::make_unique<Pe>(TRY(Pe::read(path)));
    auto image = std::make_unique<Image>();
    image->name = path.filename().string();
    image->path = std::filesystem::absolute(path).string();
    image->size = pe->size();
    image->pe_ = pe.get();
    const size_t room = thunk_room(*pe);
    const size_t total = image->size + room;
    TRY(map(*image, total));
    image->slide = image->base - reinterpret_cast<std::byte*>(pe->preferred_base());
    if (pe->entry() != 0) image->entry = image->base + pe->entry();
    image->thunks_ = std::make_shared<ThunkArea>(image->base + image->size, room);

    relocate(*image);
    configure(*image);
    TRY(bind_imports(*image));
    image->cr8_ = rewrite_cr8(*image);
    TRY(protect(*image));

    // From here on the image is never freed: addresses in it stay explainable after an unload.
    pe.release();
    Image& loaded = *image.release();
    publish(loaded, total);
    log_debug("loader", "{} at {} ({} bytes)", loaded.name, fmt::ptr(loaded.base), loaded.size);
    ndiskit_image_loaded(loaded.path.c_str(), loaded.slide);
    return &loaded;
}

void discard_init(Image& image) {
    for (const Section& section : image.pe().sections()) {
        // Relocations and resources are discardable too; only INIT is of use to nobody later. .reloc stays
        // for tools.
        if (!section.discardable || !section.executable) continue;
        const int failed = mprotect(image.base + section.rva, round_up_to_page(section.size), PROT_NONE);
        ASSERT_THAT(failed == 0, "cannot discard section {} of {}", section.name, image.name);
    }
}

void unload(Image& image) {
    ASSERT_THAT(!image.unloaded, "{} is unloaded twice", image.name);
    image.unloaded = true;
    ndiskit_image_unloaded(image.path.c_str());
    forget_callbacks(image.base, image.size);
    const size_t total = static_cast<size_t>(image.thunks_->start() - image.base) + image.thunks_->size();
    void* memory =
        mmap(image.base, total, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    ASSERT_THAT(memory != MAP_FAILED, "cannot unmap {}", image.name);
}

}  // namespace ndiskit::nt::image
