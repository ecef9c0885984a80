// `ndiskit wmi ACTION [GUID] [INSTANCE]`: what a WMI client does, with a machine that runs. The GUIDs of NDIS have
// names here, and where NDIS wants a header before the data, the verb puts it there.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>

#include <CLI/CLI.hpp>

#include "cli/hex.h"
#include "cli/verbs.h"
#include "client/device.h"
#include "ndis/wmi_guids.h"
#include "nt/rtl/unicode.h"
#include "nt/wmi/data_device.h"

namespace ndiskit::cli {
namespace {

using Bytes = std::vector<uint8_t>;
using nt::operator==;
using nt::wmi::DataCode;

constexpr size_t most_answer = 1 << 20;

struct Options {
    std::string action, guid, instance, hex, machine, account;
    uint32_t method = NDIS_WMI_DEFAULT_METHOD_ID, port = 0;
    std::optional<uint32_t> count;
    std::optional<double> seconds;
    bool json = false;
};

int complain(const Error& error, int status) {
    fmt::print(stderr, "error: {}\n", error.text());
    return status;
}

const ndis::WmiGuid* standard_of(const GUID& guid) {
    const auto all = ndis::standard_wmi_guids();
    const auto found = std::ranges::find_if(all, [&](const ndis::WmiGuid& one) { return one.guid == guid; });
    return found == all.end() ? nullptr : &*found;
}

std::string text_of(const GUID& g) {
    return fmt::format("{{{:08X}-{:04X}-{:04X}-{:02X}{:02X}-{:02X}{:02X}{:02X}{:02X}{:02X}{:02X}}}", g.Data1, g.Data2,
                       g.Data3, g.Data4[0], g.Data4[1], g.Data4[2], g.Data4[3], g.Data4[4], g.Data4[5], g.Data4[6],
                       g.Data4[7]);
}

// A name of NDIS, with or without GUID_NDIS_ in front, or the digits.
Result<GUID> guid_of(std::string_view text) {
    for (const ndis::WmiGuid& one : ndis::standard_wmi_guids()) {
        const std::string_view name = one.name;
        if (name == text || (name.starts_with("GUID_NDIS_") && name.substr(10) == text)) return one.guid;
    }
    std::string digits;
    for (const char c : text)
        if (c != '{' && c != '}' && c != '-') digits += c;
    const auto bytes = bytes_of_hex(digits);
    if (!bytes || bytes->size() != sizeof(GUID))
        return fail("no GUID, and no name of one", std::string(text), "`ndiskit wmi list` shows what there is");
    GUID guid;
    const Bytes& b = *bytes;
    guid.Data1 = static_cast<ULONG>(b[0]) << 24 | static_cast<ULONG>(b[1]) << 16 | static_cast<ULONG>(b[2]) << 8 | b[3];
    guid.Data2 = static_cast<USHORT>(b[4] << 8 | b[5]);
    guid.Data3 = static_cast<USHORT>(b[6] << 8 | b[7]);
    std::copy_n(b.begin() + 8, 8, guid.Data4);
    return guid;
}

Bytes make_request(const GUID& guid, ULONG method, std::string_view instance, const Bytes& data) {
    const std::u16string name = nt::to_utf16(instance);
    const nt::wmi::DataRequest head = {guid, method, static_cast<ULONG>(name.size() * sizeof(char16_t)),
                                       static_cast<ULONG>(data.size())};
    Bytes bytes(sizeof head + head.name_bytes);
    std::memcpy(bytes.data(), &head, sizeof head);
    std::memcpy(bytes.data() + sizeof head, name.data(), head.name_bytes);
    bytes.insert(bytes.end(), data.begin(), data.end());
    return bytes;
}

// NDIS_WMI_METHOD_HEADER and NDIS_WMI_SET_HEADER differ in their type alone.
Bytes with_header(const ndis::WmiGuid& guid, uint32_t port, const Bytes& data) {
    NDIS_WMI_METHOD_HEADER head = {};
    const bool sets = guid.use == ndis::WmiUse::set;
    head.Header.Type = sets ? NDIS_WMI_OBJECT_TYPE_SET : NDIS_WMI_OBJECT_TYPE_METHOD;
    head.Header.Revision = NDIS_WMI_METHOD_HEADER_REVISION_1;
    head.Header.Size = sizeof head;
    head.PortNumber = port;
    Bytes bytes(sizeof head);
    std::memcpy(bytes.data(), &head, sizeof head);
    bytes.insert(bytes.end(), data.begin(), data.end());
    return bytes;
}

struct Instance {
    GUID guid;
    ULONG flags;
    std::string name;
};
std::vector<Instance> parse_list(std::span<const uint8_t> bytes) {
    std::vector<Instance> all;
    nt::wmi::ListRecord record;
    while (bytes.size() >= sizeof record) {
        std::memcpy(&record, bytes.data(), sizeof record);
        bytes = bytes.subspan(sizeof record);
        std::u16string name(std::min<size_t>(record.name_bytes, bytes.size()) / sizeof(char16_t), u'\0');
        std::memcpy(name.data(), bytes.data(), name.size() * sizeof(char16_t));
        bytes = bytes.subspan(std::min<size_t>(record.name_bytes, bytes.size()));
        all.push_back({record.guid, record.flags, nt::to_utf8(name)});
    }
    return all;
}

const char* kind_of(const Instance& instance) {
    if (instance.flags & WMIREG_FLAG_EVENT_ONLY_GUID) return "event";
    const ndis::WmiGuid* const known = standard_of(instance.guid);
    if (known && known->use == ndis::WmiUse::method) return "method";
    return known && known->use == ndis::WmiUse::set ? "set" : "data";
}

class Client {
  public:
    Client(const Options& options, client::Machine machine, client::Device device)
        : options_(options), machine_(std::move(machine)), device_(std::move(device)) {
        if (options.seconds) time_ = client::Milliseconds(static_cast<int64_t>(*options.seconds * 1000));
    }

    int run(const GUID& guid, const Bytes& data) {
        if (options_.action == "list") return list();
        if (options_.action == "watch") return watch(guid);
        const ndis::WmiGuid* const known = standard_of(guid);
        const bool headed = known && (known->use == ndis::WmiUse::method || known->use == ndis::WmiUse::set);
        // What NDIS serves by a method is got by running it.
        DataCode code = options_.action == "set" ? DataCode::set : DataCode::get;
        if (options_.action == "call" || (headed && known->use == ndis::WmiUse::method)) code = DataCode::call;
        const Bytes body = headed ? with_header(*known, options_.port, data) : data;
        const client::Completion done = ask(code, make_request(guid, options_.method, options_.instance, body));
        if (!done.good()) return failed(done);
        tell(guid, options_.instance);
        return exit_good;
    }

  private:
    client::Completion ask(DataCode code, const Bytes& request) {
        answer_.assign(most_answer, 0);
        const client::Completion done = device_.control(static_cast<uint32_t>(code), request, answer_, time_);
        answer_.resize(done.good() ? std::min<size_t>(done.bytes, answer_.size()) : 0);
        return done;
    }

    int failed(const client::Completion& done) {
        if (const auto stop_code = machine_.stop_code()) {
            fmt::print(stderr, "error: the machine bug checked with stop code {:#x}\n", *stop_code);
            return exit_bug_check;
        }
        fmt::print(stderr, "error: {} {}: {}\n", options_.guid, options_.instance, client::status_text(done.status));
        return exit_failed;
    }

    void tell(const GUID& guid, const std::string& instance) {
        if (options_.json) {
            nlohmann::json line = {{"guid", text_of(guid)}, {"data", hex_of(answer_)}};
            if (!instance.empty()) line["instance"] = instance;
            if (const ndis::WmiGuid* known = standard_of(guid)) line["name"] = known->name;
            fmt::print("{}\n", line.dump());
        } else {
            dump(answer_);
        }
        std::fflush(stdout);
    }

    int list() {
        const client::Completion done = ask(DataCode::list, {});
        if (!done.good()) return failed(done);
        for (const Instance& one : parse_list(answer_)) {
            const ndis::WmiGuid* const known = standard_of(one.guid);
            const std::string name = known ? known->name : "";
            if (options_.json)
                fmt::print("{}\n", nlohmann::json{{"guid", text_of(one.guid)},
                                                  {"name", name},
                                                  {"kind", kind_of(one)},
                                                  {"instance", one.name}}
                                       .dump());
            else
                fmt::print("{}  {:<6}  {:<20}  {}\n", text_of(one.guid), kind_of(one), one.name, name);
        }
        return exit_good;
    }

    int watch(const GUID& guid) {
        client::Completion done = ask(DataCode::watch, make_request(guid, 0, {}, {}));
        if (!done.good()) return failed(done);
        fmt::print(stderr, "waiting for events of {}\n", text_of(guid));
        for (uint32_t seen = 0; !options_.count || seen < *options_.count; ++seen) {
            done = ask(DataCode::next, {});
            if (!done.good()) return failed(done);
            nt::wmi::EventRecord record = {};
            std::memcpy(&record, answer_.data(), std::min(sizeof record, answer_.size()));
            answer_.erase(answer_.begin(), answer_.begin() + static_cast<ptrdiff_t>(std::min(sizeof record, answer_.size())));
            if (record.lost) fmt::print(stderr, "warning: {} events were lost\n", record.lost);
            tell(record.guid, {});
        }
        return exit_good;
    }

    const Options& options_;
    client::Machine machine_;
    client::Device device_;
    std::optional<client::Milliseconds> time_;
    Bytes answer_;
};

Result<> check(const Options& options) {
    if (options.action == "list") return {};
    if (options.guid.empty()) return fail("say which GUID", {}, "`ndiskit wmi list` shows what there is");
    if (options.action != "watch" && options.instance.empty())
        return fail("say which instance", options.guid, "`ndiskit wmi list` shows what there is");
    if (options.action == "get" && !options.hex.empty()) return fail("only set and call take data", "--hex");
    return {};
}

int wmi_verb(const Options& options) {
    if (const Result<> good = check(options); !good) return complain(good.error(), exit_usage);
    GUID guid = {};
    if (options.action != "list") {
        const auto parsed = guid_of(options.guid);
        if (!parsed) return complain(parsed.error(), exit_usage);
        guid = *parsed;
    }
    const auto data = bytes_of_hex(options.hex);
    if (!data) return complain(data.error(), exit_usage);
    client::Account account = client::Account::own;
    if (options.account == "user") account = client::Account::user;
    if (options.account == "administrator") account = client::Account::administrator;
    if (options.account == "system") account = client::Account::system;
    auto machine = client::Machine::connect(options.machine, account);
    if (!machine) return complain({machine.error(), {}, {}}, exit_usage);
    auto device = machine->open(nt::wmi::data_device_link);
    if (!device) return complain({client::status_text(device.error()), "WMIDataDevice", {}}, exit_failed);
    return Client(options, std::move(*machine), std::move(*device)).run(guid, *data);
}

}  // namespace

void add_wmi(CLI::App& root, int* exit_status) {
    CLI::App* verb = root.add_subcommand("wmi", "Asks a machine that runs as a WMI client does");
    verb->footer(
        "A GUID is its digits or a name of NDIS, with or without GUID_NDIS_. What NDIS serves by a method, get runs.\n"
        "Example: ndiskit wmi get GEN_LINK_STATE left");
    const auto options = std::make_shared<Options>();
    verb->add_option("action", options->action, "list, get, set, call or watch")
        ->required()
        ->check(CLI::IsMember({"list", "get", "set", "call", "watch"}));
    verb->add_option("guid", options->guid, "The block, method or event");
    verb->add_option("instance", options->instance, "Which one; of NDIS: the adapter's name");
    verb->add_option("--hex", options->hex, "The data of set and call as hexadecimal digits");
    verb->add_option("--method", options->method, "Which method of the GUID call runs")->capture_default_str();
    verb->add_option("--port", options->port, "The NDIS port, where NDIS takes one")->capture_default_str();
    verb->add_option("--count", options->count, "End watch after so many events; default: never");
    verb->add_option("--machine", options->machine, "The machine's name, or the path of its socket");
    verb->add_option("--as", options->account, "Ask with the rights of this account, which is at most your own")
        ->check(CLI::IsMember({"user", "administrator", "system"}));
    verb->add_option("--timeout", options->seconds, "Seconds until a request is cancelled; default: for ever")
        ->check(CLI::NonNegativeNumber);
    verb->add_flag("--json", options->json, "Answer with lines of JSON");
    verb->callback([options, exit_status] { *exit_status = wmi_verb(*options); });
}

}  // namespace ndiskit::cli
