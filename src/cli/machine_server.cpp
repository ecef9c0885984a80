#include "cli/machine_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "cli/report_json.h"
#include "cli/verbs.h"
#include "engine/engine.h"
#include "nt/io/driver.h"
#include "nt/wmi/data_device.h"
#include "setup/capture.h"
#include "setup/pnp_device.h"
#include "user_io/server.h"

namespace ndiskit::cli {
namespace {

using nlohmann::json;

constexpr engine::Time first_packet_patience = 3 * engine::second;
constexpr engine::Time first_packet_period = 200 * engine::microsecond;

json error_json(const Error& error) {
    return {{"failed", error.what}, {"where", error.where}, {"hint", error.hint}};
}

class Server {
  public:
    Server(const MachineRun& run, setup::Machine& machine, int socket)
        : run_(run), machine_(machine), socket_(socket) {}

    // Returns the exit status.
    int serve() {
        if (const Result<> started = start(); !started) {
            say(error_json(started.error()));
            stop();
            return exit_usage;
        }
        say({{"ready", true}, {"programs", programs_ ? programs_->path() : ""}});
        for (;;) {
            const json request = next();
            if (request.is_null()) break;
            const std::string what = request.value("do", "");
            if (what == "stop") {
                leaks_ = stop();
                return leaks_.empty() ? exit_good : exit_failed;
            }
            say(answer(what, request));
        }
        stop();
        return exit_failed;
    }

    const std::vector<std::string>& leaks() const { return leaks_; }
    void say(const json& message) {
        const std::string line = message.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
        for (size_t at = 0; at < line.size();) {
            const ssize_t sent = ::send(socket_, line.data() + at, line.size() - at, MSG_NOSIGNAL);
            if (sent <= 0) return;
            at += static_cast<size_t>(sent);
        }
    }

  private:
    Result<> start() {
        // The first frames may come while the stack is still coming up.
        if (!run_.pcap.empty()) capture_ = TRY(setup::Capture::start(run_.pcap));
        TRY(machine_.start());
        return serve_programs();
    }

    // A machine works without them too, unless somebody said where their socket is to be.
    Result<> serve_programs() {
        if (run_.programs.empty() || engine::the().deterministic()) return {};
        TRY(nt::wmi::start_data_device());
        wmi_ = true;
        TRY(setup::start_pnp_device(machine_.description()));
        auto server = user_io::Server::start(run_.programs);
        if (server)
            programs_ = std::move(*server);
        else if (run_.programs.find('/') != std::string::npos)
            return std::unexpected(std::move(server).error());
        else
            log_warning("io", "programs cannot reach the machine's devices: {}", server.error().text());
        return {};
    }

    std::vector<std::string> stop() {
        std::vector<std::string> leaks;
        // Devices that are open keep their drivers.
        if (programs_) leaks = programs_->stop();
        if (wmi_)
            if (const Result<> stopped = nt::io::stop_service(nt::wmi::data_service); !stopped)
                leaks.push_back(stopped.error().text());
        if (const Result<> stopped = setup::stop_pnp_device(); !stopped) leaks.push_back(stopped.error().text());
        if (capture_)
            if (const Result<> written = capture_->finish(); !written)
                leaks.push_back(written.error().text());
        std::ranges::move(machine_.stop(), std::back_inserter(leaks));
        capture_.reset();
        return leaks;
    }

    json answer(const std::string& what, const json& request) {
        const setup::Description& description = machine_.description();
        if (what == "edges") return {{"edges", to_json(setup::report_edges(description))}};
        if (what == "stack") return {{"stack", setup::stack_text(description)}};
        if (what == "traffic") {
            const auto flows = setup::run_traffic(description);
            return flows ? json{{"flows", to_json(*flows)}} : error_json(flows.error());
        }
        if (what == "pass") {
            const engine::Time until = engine::the().now() + request.value("ns", int64_t{0});
            while (engine::the().now() < until) engine::the().park(until);
            return json::object();
        }
        if (what == "first") return first_packet();
        return error_json({"the machine does not know what '" + what + "' is", {}, {}});
    }

    // The engine's clock began with the machine's process.
    json first_packet() {
        const engine::Time until = engine::the().now() + first_packet_patience;
        for (;;) {
            const auto edges = setup::report_edges(machine_.description());
            const engine::Time now = engine::the().now();
            const bool came = std::ranges::any_of(edges, [](const setup::EdgeReport& edge) {
                return edge.kind == "transport" && edge.up.packets != 0;
            });
            if (came) return {{"ms", static_cast<double>(now) / 1e6}};
            if (now > until) return error_json({"no frame came up through the driver", {}, {}});
            engine::the().park(now + first_packet_period);
        }
    }

    // Null when the command is gone. On sim the machine's time stands still meanwhile.
    json next() {
        for (;;) {
            if (const size_t end = buffer_.find('\n'); end != std::string::npos) {
                const json request = json::parse(buffer_.substr(0, end), nullptr, false);
                buffer_.erase(0, end + 1);
                return request.is_discarded() ? json::object() : request;
            }
            if (!engine::the().deterministic()) engine::the().wait_readable(socket_, engine::never);
            char bytes[4096];
            const ssize_t got =
                recv(socket_, bytes, sizeof bytes, engine::the().deterministic() ? 0 : MSG_DONTWAIT);
            if (got > 0)
                buffer_.append(bytes, static_cast<size_t>(got));
            else if (got == 0 || (errno != EAGAIN && errno != EINTR))
                return json();
        }
    }

    const MachineRun& run_;
    setup::Machine& machine_;
    const int socket_;
    std::string buffer_;
    std::unique_ptr<setup::Capture> capture_;
    std::unique_ptr<user_io::Server> programs_;
    bool wmi_ = false;
    std::vector<std::string> leaks_;
};

}  // namespace

int serve_machine(const MachineRun& run, int socket) {
    int status = exit_failed;
    std::vector<std::string> leaks;
    std::vector<setup::EventReport> events;
    const uint64_t hash = setup::run_machine(run.description, run.engine, [&](setup::Machine& machine) {
        Server server(run, machine, socket);
        status = server.serve();
        leaks = server.leaks();
        events = machine.events();
    });
    if (status == exit_usage) return status;
    const std::string line = json{{"leaks", leaks}, {"hash", hash}, {"events", to_json(events)}}.dump() + "\n";
    const ssize_t sent = send(socket, line.data(), line.size(), MSG_NOSIGNAL);
    return sent == static_cast<ssize_t>(line.size()) ? status : exit_failed;
}

}  // namespace ndiskit::cli
