// Loaded driver images: the list of them, and what every part of the kit asks about an address in one.
//
// All images live in one reserved region of the address space, in slots of 2 MB that are given out in order
// and never again, so that an address inside it names its image for the machine's whole life: also after an
// unload, when a late call into the driver must be told by name. A slot holds the image, then the thunks that
// were generated for it (import hooks, CR8), which rel32 jumps reach.
//
// Looking up is lock-free and safe in a signal handler. Loading and unloading are done by one task at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nt/export_table.h"
#include "nt/image/privileged_x64.h"

namespace ndiskit::nt::image {

class Pe;
struct FunctionEntry;
class ThunkArea;
struct ImportSite;

struct Image {
    std::string name;  // "mux.sys"
    std::string path;  // of the file on the host
    std::byte* base = nullptr;
    uint32_t size = 0;
    const void* entry = nullptr;  // DriverEntry; null when the image has none
    std::ptrdiff_t slide = 0;     // base minus the base it was linked for
    bool unloaded = false;

    const Pe& pe() const { return *pe_; }
    std::span<const FunctionEntry> functions() const;
    bool contains(const void* address) const {
        const auto* at = static_cast<const std::byte*>(address);
        return at >= base && at < base + size;
    }

    // The loader's own.
    const Pe* pe_ = nullptr;
    std::shared_ptr<ThunkArea> thunks_;
    std::vector<std::shared_ptr<const ImportSite>> sites_;  // thunks refer to them
    Cr8Rewrite cr8_;
};

// Maps, relocates, binds and protects a driver. An Error names the file and the field. An import that nobody
// exports does not stop the load: it is bound to a stub that bug checks with its name. Needs the engine.
Result<Image*> load(const std::filesystem::path& path);
// Unmaps the discardable sections (INIT); to be called when DriverEntry has returned.
void discard_init(Image& image);
// Unmaps the image. Calls into it from then on bug check (0xCE) and name it.
void unload(Image& image);

// In order of loading, the unloaded ones too.
const std::vector<Image*>& images();
// The loaded image of that file name, without regard to case; null when there is none.
Image* find_image(std::string_view name);

// An import of a driver file and who serves it.
struct ImportRow {
    std::string module;
    std::string name;
    const Export* served_by = nullptr;  // null: nobody, or another image
    std::string provider;               // the image or "sanitizer runtime" when served_by is null
    bool delayed = false;

    bool missing() const { return served_by == nullptr && provider.empty(); }
};
// What `ndiskit imports X.sys` prints, in the file's order; loads nothing.
Result<std::vector<ImportRow>> list_imports(const std::filesystem::path& path);
// As find_export, over all names that a module has had: ntkrnlmp.exe and its like are ntoskrnl.exe, and what
// moved between hal.dll and ntoskrnl.exe is found in either.
const Export* find_kit_export(std::string_view module, std::string_view name);

// gdb's command that loads the symbols of an image; empty when the image is gone.
std::string gdb_symbols_command(const Image& image);

}  // namespace ndiskit::nt::image

namespace ndiskit::nt {

// Where an address is. `image` is null when it belongs to no driver.
struct Place {
    const image::Image* image = nullptr;
    uint64_t offset = 0;

    explicit operator bool() const { return image != nullptr; }
};
Place image_of(const void* address);
// "mux.sys+0x1234", or "" for an address outside all images.
std::string place_text(const void* address);

}  // namespace ndiskit::nt

extern "C" {
// Called with each image once it is mapped, before its DriverEntry: a debugger puts a breakpoint here to load
// the driver's symbols (`add-symbol-file path -o slide`) and so gets its breakpoints in time.
void ndiskit_image_loaded(const char* path, std::ptrdiff_t slide);
void ndiskit_image_unloaded(const char* path);
}
