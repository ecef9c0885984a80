// What the kit exports to drivers: one explicit row an export, in the tables of exports.cpp of each layer and
// family (no self-registration, which linkers drop). The image loader binds a driver's imports by module and
// name from these rows; `ndiskit imports` and the support lists print them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace ndiskit::nt {

enum class Support : uint8_t {
    full,     // does what its page says
    partial,  // `note` says what is missing
    refuses,  // returns a documented status; `note` says why
};

// The highest IRQL at which the documentation lets the function be called.
enum class MaxIrql : uint8_t { passive = 0, apc = 1, dispatch = 2, any = 15 };

struct Export {
    std::string_view name;
    const void* address;  // a function of the ms_abi, or a variable (then `is_data`)
    MaxIrql max_irql = MaxIrql::any;
    Support support = Support::full;
    std::string_view note = {};
    bool is_data = false;
    // For functions that must not be called below this IRQL (the Dpr and DpcLevel variants).
    uint8_t min_irql = 0;
    // The function can raise an exception in the driver that called it (nt/exception/raise.h).
    bool raises = false;
};

// The rows of one module ("ntoskrnl.exe", "hal.dll", "ndis.sys"), possibly from several tables.
void add_exports(std::string_view module, std::span<const Export> rows);
// Null when the module has no such export. Module names compare without case.
const Export* find_export(std::string_view module, std::string_view name);
// Calls `visit(module, row)` for every row, in order of registration.
void for_each_export(void (*visit)(std::string_view module, const Export& row, void* context), void* context);

}  // namespace ndiskit::nt
