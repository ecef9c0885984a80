#include "nt/exception/crash_report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "engine/engine.h"
#include "nt/exception/machine_view.h"
#include "nt/exception/stack_walk_x64.h"
#include "nt/exception/symbols.h"
#include "nt/image/image.h"

namespace ndiskit::nt::exception {
namespace {

constexpr size_t max_frames = 64;

// Everything that is told, gathered once for both forms.
struct Report {
    const Crash& crash;
    std::vector<StackFrame> frames;
    std::vector<Symbol> symbols;
    size_t culprit = SIZE_MAX;  // index of the first driver frame
    ThreadView thread;
    uint8_t irql = 0;

    const Symbol* driver() const { return culprit == SIZE_MAX ? nullptr : &symbols[culprit]; }
};

engine::Time machine_time() { return engine::is_installed() ? engine::the().now() : 0; }

Report gather(const Crash& crash) {
    Report report{crash,         walk_stack(crash.context, max_frames), {}, SIZE_MAX, current_thread_view(),
                  machine_irql()};
    std::vector<AddressQuery> queries;
    for (const StackFrame& frame : report.frames) queries.push_back({frame.address, !frame.exact});
    report.symbols = symbolize(queries);
    for (size_t n = 0; n < report.frames.size() && report.culprit == SIZE_MAX; ++n)
        if (image_of(reinterpret_cast<void*>(report.frames[n].address))) report.culprit = n;
    return report;
}

std::string irql_name(uint8_t irql) {
    switch (irql) {
        case 0:
            return "PASSIVE_LEVEL";
        case 1:
            return "APC_LEVEL";
        case 2:
            return "DISPATCH_LEVEL";
        case 15:
            return "HIGH_LEVEL";
        default:
            return fmt::format("DIRQL {}", irql);
    }
}

void add_parameters(std::string& text, const Crash& crash) {
    const StopCode* row = find_stop_code(crash.code);
    for (int n = 0; n < 4; ++n) {
        text += fmt::format("  {}: {:#018x}", n + 1, crash.parameters[n]);
        if (row && !row->parameters[n].empty()) text += fmt::format("  {}", row->parameters[n]);
        if (const auto place = place_text(reinterpret_cast<void*>(crash.parameters[n])); !place.empty())
            text += fmt::format(" = {}", place);
        text += '\n';
    }
}

void add_registers(std::string& text, const Context& context) {
    constexpr std::string_view names[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                          "r8 ", "r9 ", "r10", "r11", "r12", "r13", "r14", "r15"};
    for (unsigned n = 0; n < 16; ++n)
        text += fmt::format("  {}={:016x}{}", names[n], context.general(n), n % 4 == 3 ? "\n" : "");
    text += fmt::format("  rip={:016x}  eflags={:08x}\n", context.rip, context.eflags);
}

std::string as_text(const Report& report) {
    const Crash& crash = report.crash;
    const std::string_view name = stop_code_name(crash.code);
    std::string text =
        fmt::format("\n*** STOP: {:#010x} {} ({:#x}, {:#x}, {:#x}, {:#x})\n", crash.code, name,
                    crash.parameters[0], crash.parameters[1], crash.parameters[2], crash.parameters[3]);
    if (!crash.because.empty()) text += fmt::format("{}\n", crash.because);
    add_parameters(text, crash);
    if (const Symbol* driver = report.driver())
        text += fmt::format("Driver: {}+{:#x}  {}\n", driver->module, driver->offset, driver->text());
    text +=
        fmt::format("IRQL: {} ({})  processor: {}  thread: {:#x} {}\n", report.irql, irql_name(report.irql),
                    report.thread.processor, report.thread.thread, report.thread.name);
    text += fmt::format("Machine time: {} ns", machine_time());
    if (!crash_options().seed.empty()) text += fmt::format("  seed: {}", crash_options().seed);
    text += "\nRegisters:\n";
    add_registers(text, crash.context);
    text += "Stack:\n";
    for (size_t n = 0; n < report.frames.size(); ++n)
        text += fmt::format("  {:2} {:016x} {}\n", n, report.frames[n].address, report.symbols[n].text());
    return text;
}

std::string json_text(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            result += {'\\', c};
        else if (static_cast<unsigned char>(c) < 0x20)
            result += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            result += c;
    }
    return result + '"';
}

// Addresses are strings: a reader's numbers may be doubles.
std::string as_json(const Report& report) {
    const Crash& crash = report.crash;
    std::string json = fmt::format(
        "{{\"stop\":\"{:#x}\",\"name\":{},\"parameters\":[\"{:#x}\",\"{:#x}\",\"{:#x}\",\"{:#x}\"],"
        "\"because\":{},"
        "\"irql\":{},\"processor\":{},\"thread\":{},\"time_ns\":{},\"seed\":{}",
        crash.code, json_text(stop_code_name(crash.code)), crash.parameters[0], crash.parameters[1],
        crash.parameters[2], crash.parameters[3], json_text(crash.because), report.irql,
        report.thread.processor, json_text(report.thread.name), machine_time(),
        json_text(crash_options().seed));
    if (const Symbol* driver = report.driver())
        json += fmt::format(",\"driver\":{},\"offset\":\"{:#x}\"", json_text(driver->module), driver->offset);
    json += ",\"stack\":[";
    for (size_t n = 0; n < report.frames.size(); ++n) {
        const Symbol& symbol = report.symbols[n];
        json += fmt::format(
            "{}{{\"address\":\"{:#x}\",\"module\":{},\"offset\":\"{:#x}\",\"function\":{},"
            "\"file\":{},\"line\":{}}}",
            n == 0 ? "" : ",", report.frames[n].address, json_text(symbol.module), symbol.offset,
            json_text(symbol.function), json_text(symbol.file), symbol.line);
    }
    return json + "]}\n";
}

void write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(file, text.data(), text.size());
        if (written <= 0) return;
        text.remove_prefix(static_cast<size_t>(written));
    }
}

}  // namespace

CrashOptions& crash_options() {
    static CrashOptions options;
    return options;
}

void report_crash(const Crash& crash) {
    const Report report = gather(crash);
    write_all(STDERR_FILENO, as_text(report));
    const std::string& file = crash_options().json_file;
    if (file.empty()) return;
    if (const auto written = write_text_file(file, as_json(report)); !written)
        write_all(STDERR_FILENO, written.error().text() + "\n");
}

}  // namespace ndiskit::nt::exception
