#include "nt/image/bind.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/log.h"
#include "nt/image/image.h"
#include "nt/image/import_thunks_x64.h"
#include "nt/image/pe.h"

namespace ndiskit::nt::image {
namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
    return result;
}

// Names that one module has had, and where to look besides: the HAL has been part of the kernel for years,
// and old images still import from both.
std::array<std::string_view, 2> modules_of(std::string_view module) {
    const std::string name = lower(module);
    constexpr std::string_view kernels[] = {"ntoskrnl.exe", "ntoskrnl",     "ntkrnlmp.exe",
                                            "ntkrnlpa.exe", "ntkrpamp.exe", "ntoskrnl.sys"};
    if (std::ranges::find(kernels, name) != std::end(kernels)) return {"ntoskrnl.exe", "hal.dll"};
    if (name == "hal.dll" || name == "hal") return {"hal.dll", "ntoskrnl.exe"};
    if (name == "ndis.sys" || name == "ndis") return {"ndis.sys", ""};
    return {module, ""};
}

struct SanitizerName {
    bool is_one = false;
    const char* build = "";  // the build option of the host that has it
};

SanitizerName sanitizer_of(std::string_view name) {
    if (name.starts_with("__asan_")) return {true, "address"};
    if (name.starts_with("__tsan_")) return {true, "thread"};
    if (name.starts_with("__sanitizer_cov_") || name.starts_with("__sanitizer_")) return {true, "address"};
    return {};
}

// The runtime that is linked into this process. Kernel-mode instrumentation adds _noabort to the names of
// checks that, by the host's default, do abort; both are the same check.
const void* sanitizer_function(const std::string& name) {
    if (const void* found = dlsym(RTLD_DEFAULT, name.c_str())) return found;
    constexpr std::string_view suffix = "_noabort";
    if (name.ends_with(suffix))
        return dlsym(RTLD_DEFAULT, name.substr(0, name.size() - suffix.size()).c_str());
    return nullptr;
}

const void* exported_by_image(std::string_view module, std::string_view name) {
    const Image* provider = find_image(module);
    if (!provider) return nullptr;
    const ExportedName* row = provider->pe().find_export(name);
    return row && row->forwarder.empty() ? provider->base + row->rva : nullptr;
}

// The slot's value.
Result<const void*> resolve(Image& image, const Import& import) {
    const auto site = std::make_shared<ImportSite>(&image, import.module, import.name, nullptr, nullptr);
    image.sites_.push_back(site);
    if (const Export* row = find_kit_export(import.module, import.name)) {
        if (row->is_data) return row->address;
        site->row = row;
        site->target = row->address;
        return bind_target(*image.thunks_, *site);
    }
    if (const void* address = exported_by_image(import.module, import.name)) return address;
    if (const SanitizerName sanitizer = sanitizer_of(import.name); sanitizer.is_one) {
        const void* function = sanitizer_function(import.name);
        if (!function)
            return fail(
                "the driver is instrumented, but this ndiskit has no runtime for it (" + import.name + ")",
                image.path,
                std::string("build ndiskit with -DNDISKIT_SANITIZE=") + sanitizer.build +
                    ", or the driver without the sanitizer");
        return bind_system_v(*image.thunks_, function);
    }
    log_debug("loader", "{}: nobody exports {}!{}", image.name, import.module, import.name);
    return bind_missing(*image.thunks_, *site);
}

}  // namespace

const Export* find_kit_export(std::string_view module, std::string_view name) {
    for (const std::string_view candidate : modules_of(module)) {
        if (candidate.empty()) continue;
        if (const Export* row = find_export(candidate, name)) return row;
    }
    return nullptr;
}

Result<> bind_imports(Image& image) {
    for (const Import& import : image.pe().imports()) {
        const void* address = TRY(resolve(image, import));
        std::memcpy(image.base + import.slot, &address, sizeof(address));
    }
    return {};
}

Result<std::vector<ImportRow>> list_imports(const std::filesystem::path& path) {
    const Pe pe = TRY(Pe::read(path));
    std::vector<ImportRow> rows;
    for (const Import& import : pe.imports()) {
        ImportRow row{
            import.module, import.name, find_kit_export(import.module, import.name), {}, import.delayed};
        if (!row.served_by) {
            if (exported_by_image(import.module, import.name))
                row.provider = import.module;
            else if (sanitizer_of(import.name).is_one && sanitizer_function(import.name))
                row.provider = "sanitizer runtime";
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace ndiskit::nt::image
