// Loads the fixture drivers of tests/drivers on a machine that exports just what they import.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "nt/abi.h"
#include "nt/exception/exports.h"
#include "nt/exception/raise.h"
#include "nt/export_table.h"
#include "nt/image/call_gate.h"
#include "nt/image/image.h"
#include "nt/image/pe.h"
#include "nt/ke/irql.h"
#include "nt/ke/thread.h"
#include "support/nt_machine.h"

namespace ndiskit::test {

inline std::string driver_path(const std::string& name) {
    return std::string(NDISKIT_BUILD_DIR) + "/drivers/" + name + ".sys";
}

// Stand-ins for the kernel functions that fixtures call.
struct Standins {
    static KIRQL NTAPI raise(KIRQL irql) { return nt::raise_irql(irql); }
    static void NTAPI lower(KIRQL irql) { nt::lower_irql(irql); }
    static ULONG NTAPI print(const char*, ...) { return 0; }
    static void NTAPI initialize_event(void*, ULONG, BOOLEAN) {}
    static NTSTATUS NTAPI wait(void*, ULONG, ULONG, BOOLEAN, int64_t*) { return 0; }
    static void NTAPI probe(const volatile void* address, SIZE_T, ULONG alignment) {
        if (reinterpret_cast<uint64_t>(address) % alignment != 0) nt::exception::raise_status(0x80000002);
        (void)*static_cast<const volatile char*>(address);
    }
};

inline void add_fixture_exports() {
    static const nt::Export rows[] = {
        {"KfRaiseIrql", reinterpret_cast<const void*>(Standins::raise)},
        {"KeLowerIrql", reinterpret_cast<const void*>(Standins::lower)},
        {"DbgPrint", reinterpret_cast<const void*>(Standins::print)},
        {"KeInitializeEvent", reinterpret_cast<const void*>(Standins::initialize_event)},
        {"KeWaitForSingleObject", reinterpret_cast<const void*>(Standins::wait), nt::MaxIrql::dispatch},
        {.name = "ProbeForRead", .address = reinterpret_cast<const void*>(Standins::probe), .raises = true},
    };
    nt::add_exports("ntoskrnl.exe", rows);
    nt::add_exports("ntoskrnl.exe", nt::exception::exports());
}

inline nt::image::Image& load_driver(const std::string& name) {
    auto image = nt::image::load(driver_path(name));
    if (!image) throw std::runtime_error(image.error().text());
    return **image;
}

// An exported function of a fixture.
template <class R, class... P>
auto exported(const nt::image::Image& image, std::string_view name) {
    const nt::image::ExportedName* row = image.pe().find_export(name);
    if (!row) throw std::runtime_error("no export " + std::string(name));
    return reinterpret_cast<R(NTAPI*)(P...)>(image.base + row->rva);
}

// Calls DriverEntry with a driver object that holds nothing but what the entry may write.
inline NTSTATUS call_entry(const nt::image::Image& image) {
    DRIVER_OBJECT object = {};
    object.DriverStart = image.base;
    object.DriverSize = image.size;
    const auto entry =
        reinterpret_cast<NTSTATUS(NTAPI*)(PDRIVER_OBJECT, PUNICODE_STRING)>(const_cast<void*>(image.entry));
    UNICODE_STRING path = {};
    return nt::call_driver(entry, &object, &path);
}

// The body on a machine with the fixtures' exports.
inline void with_drivers(const std::function<void()>& body) {
    add_fixture_exports();
    on_sim(body);
}

}  // namespace ndiskit::test
