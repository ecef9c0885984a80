// `ndiskit ioctl DEVICE CODE [INPUT]`: what a program does with a device of a machine that runs, from the
// shell.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "cli/control_code.h"
#include "cli/hex.h"
#include "cli/verbs.h"
#include "client/device.h"

namespace ndiskit::cli {
namespace {

using Bytes = std::vector<uint8_t>;

struct Options {
    std::string device, code, input, hex, write, out, machine, account;
    std::optional<uint32_t> read;
    uint32_t size = 4096;
    std::optional<double> seconds;
    bool json = false;
};

int complain(const Error& error, int status) {
    fmt::print(stderr, "error: {}\n", error.text());
    return status;
}

Result<Bytes> content_of(const std::string& path) {
    const auto content = TRY(read_file(path == "-" ? "/dev/stdin" : path));
    const auto* const first = reinterpret_cast<const uint8_t*>(content.data());
    return Bytes(first, first + content.size());
}

// What to do, all of it known to be good before a machine is asked.
struct Work {
    enum { control, read, write } what = control;
    uint32_t code = 0;
    Bytes input, output;
    client::Account account = client::Account::own;
};

Result<Work> prepare(const Options& options) {
    Work work;
    const int ways = !options.code.empty() + options.read.has_value() + !options.write.empty();
    if (ways != 1) return fail("say one of CODE, --read and --write", {}, "see `ndiskit ioctl --help`");
    if (options.code.empty() && (!options.input.empty() || !options.hex.empty()))
        return fail("input goes with a control code", {}, "--write takes a file of its own");
    if (options.read) {
        work.what = Work::read;
        work.output.resize(*options.read);
    } else if (!options.write.empty()) {
        work.what = Work::write;
        work.input = TRY(content_of(options.write));
    } else {
        work.code = TRY(parse_control_code(options.code));
        if (!options.input.empty() && !options.hex.empty()) return fail("say one of INPUT and --hex");
        work.input = options.input.empty() ? TRY(bytes_of_hex(options.hex)) : TRY(content_of(options.input));
        work.output.resize(options.size);
    }
    if (options.account == "user") work.account = client::Account::user;
    if (options.account == "administrator") work.account = client::Account::administrator;
    if (options.account == "system") work.account = client::Account::system;
    return work;
}

client::Completion run(client::Device& device, Work& work, std::optional<client::Milliseconds> time) {
    switch (work.what) {
        case Work::read:
            return device.read(work.output, time);
        case Work::write:
            return device.write(work.input, time);
        default:
            return device.control(work.code, work.input, work.output, time);
    }
}

Result<> tell(const Options& options, const client::Completion& done, std::span<const uint8_t> answer) {
    if (!options.out.empty()) TRY(write_file(options.out, std::as_bytes(answer)));
    if (options.json) {
        nlohmann::json line = {{"status", fmt::format("0x{:08X}", static_cast<uint32_t>(done.status))},
                               {"text", client::status_text(done.status)},
                               {"information", done.bytes}};
        if (options.out.empty()) line["output"] = hex_of(answer);
        fmt::print("{}\n", line.dump());
        return {};
    }
    if (!done.good())
        fmt::print(stderr, "error: {}: {}\n", options.device, client::status_text(done.status));
    else if (options.out.empty() && !answer.empty())
        dump(answer);
    else
        fmt::print("{}, {} bytes\n", client::status_text(done.status), done.bytes);
    return {};
}

int ioctl_verb(const Options& options) {
    auto work = prepare(options);
    if (!work) return complain(work.error(), exit_usage);
    auto machine = client::Machine::connect(options.machine, work->account);
    if (!machine) return complain({machine.error(), {}, {}}, exit_usage);
    auto device = machine->open(options.device);
    client::Completion done;
    if (device) {
        std::optional<client::Milliseconds> time;
        if (options.seconds) time = client::Milliseconds(static_cast<int64_t>(*options.seconds * 1000));
        done = run(*device, *work, time);
    } else {
        done.status = device.error();
    }
    if (const auto stop_code = machine->stop_code()) {
        if (options.json)
            fmt::print("{}\n", nlohmann::json{{"stop_code", fmt::format("{:#x}", *stop_code)}}.dump());
        fmt::print(stderr, "error: {}: the machine bug checked with stop code {:#x}\n", options.device,
                   *stop_code);
        return exit_bug_check;
    }
    // What lies behind the driver's answer is not the driver's.
    const size_t size = work->what == Work::write ? 0 : std::min<size_t>(work->output.size(), done.bytes);
    const auto told = tell(options, done, std::span(work->output).first(size));
    if (!told) return complain(told.error(), exit_usage);
    return done.good() ? exit_good : exit_failed;
}

}  // namespace

void add_ioctl(CLI::App& root, int* exit_status) {
    CLI::App* verb = root.add_subcommand("ioctl", "Asks a device of a machine that runs, as a program would");
    verb->footer(
        "docs/programs.md tells how programs reach devices.\n"
        "Example: ndiskit ioctl '\\\\.\\NdisProt' network,0x204,buffered,read+write --hex 00000000 --size "
        "512");
    const auto options = std::make_shared<Options>();
    verb->add_option("device", options->device, "\\\\.\\Name, \\Device\\Name or Name")->required();
    verb->add_option("code", options->code, "Control code: a number, or TYPE,FUNCTION,METHOD,ACCESS");
    verb->add_option("input", options->input, "File with the input buffer; - is standard input");
    verb->add_option("--hex", options->hex, "The input buffer as hexadecimal digits");
    verb->add_option("--size", options->size, "Size of the output buffer")
        ->capture_default_str()
        ->check(CLI::Range(8u << 20));
    verb->add_option("--read", options->read, "Read up to so many bytes instead")
        ->check(CLI::Range(8u << 20));
    verb->add_option("--write", options->write, "Write this file instead; - is standard input");
    verb->add_option("--out", options->out, "Put what comes back into this file, as it is");
    verb->add_option("--machine", options->machine, "The machine's name, or the path of its socket");
    verb->add_option("--as", options->account,
                     "Ask with the rights of this account, which is at most your own")
        ->check(CLI::IsMember({"user", "administrator", "system"}));
    verb->add_option("--timeout", options->seconds,
                     "Seconds until the request is cancelled; default: for ever")
        ->check(CLI::NonNegativeNumber);
    verb->add_flag("--json", options->json, "Answer with one line of JSON");
    verb->callback([options, exit_status] { *exit_status = ioctl_verb(*options); });
}

}  // namespace ndiskit::cli
